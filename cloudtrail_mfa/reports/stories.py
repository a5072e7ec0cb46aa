"""The stories of principals: why each was refused, what to do, and what happened in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cloudtrail_mfa.output import records
from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.lanes import Figure, figure_of

__all__ = ["Refusal", "Story", "refusals_of", "stories_of"]

_MOST_ROWS = 40
_MOST_REFUSALS = 12


@dataclass(frozen=True, slots=True)
class Refusal:
    """Denials of one principal with one cause.

    Attributes
    ----------
    group
        The row of the summary.
    first
        The first of the denials, with its evidence and remedy.
    """

    group: dict[Any, Any]
    first: dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """A principal's story.

    Attributes
    ----------
    person
        The row of `Contents.people`.
    refusals
        Why, the most frequent first.
    refusals_left_out
        How many rows of the summary more there are.
    figure
        What is drawn; None where no time can be.
    rows
        What happened, in order of time.
    rows_left_out
        How many rows more the timeline has.
    """

    person: dict[Any, Any]
    refusals: list[Refusal]
    refusals_left_out: int
    figure: Figure | None
    rows: list[dict[Any, Any]]
    rows_left_out: int


def stories_of(contents: Contents) -> list[Story]:
    """Return the stories that are told, the most important first."""
    return [*_stories(contents)]


def _stories(contents: Contents) -> Iterator[Story]:
    told = contents.people[contents.people["told"]]
    for person in records(told):
        rows = contents.stories[contents.stories["who"] == person["who"]]
        refusals = refusals_of(contents, person["who"])
        kept = _that_matter(rows)
        yield Story(
            person,
            refusals[:_MOST_REFUSALS],
            max(0, len(refusals) - _MOST_REFUSALS),
            figure_of(rows),
            records(kept),
            len(rows) - len(kept),
        )


def refusals_of(contents: Contents, who: int) -> list[Refusal]:
    """Return why a principal was refused, each reason with the first denial that it has."""
    groups = records(contents.groups[contents.groups["who"] == who])
    denials = contents.denials
    return [
        Refusal(group, records(denials[denials["group"] == group["group"]].head(1))[0])
        for group in groups
    ]


def _that_matter(rows: pd.DataFrame) -> pd.DataFrame:
    """Return refusals and sessions that were opened before other rows, in order of time."""
    is_telling = rows["outcome"].eq("denied") | rows["opens"].notna()
    chosen = is_telling.sort_values(ascending=False, kind="stable").index[:_MOST_ROWS]
    return rows.loc[chosen.sort_values()]
