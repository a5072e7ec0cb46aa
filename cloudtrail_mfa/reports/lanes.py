"""The story of a principal, as geometry: a lane for each credential, a mark for calls by outcome.

Places are in per cent of the width, so that the figure fits a page and a telephone alike, and its
writing stays as large as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from cloudtrail_mfa.figures import PLAUSIBLE, label, lanes_of
from cloudtrail_mfa.output import records

__all__ = ["Figure", "Lane", "Mark", "Opening", "figure_of"]

OUTCOMES = ("allowed", "failed", "denied")
# Room for a mark at either end.
_FIRST, _LAST = 3.0, 97.0
# Marks nearer than this to each other would lie upon each other, and become one.
_NEAREST = 1.5
# As many characters as a telephone shows on a line.
_LABEL = 46


@dataclass(frozen=True, slots=True)
class Mark:
    """Calls of one outcome, near each other in time.

    Attributes
    ----------
    outcome
        ``allowed``, ``failed`` or ``denied``.
    calls
        How many they are.
    at, until
        Where the first and the last of them stand, in per cent.
    """

    outcome: str
    calls: int
    at: float
    until: float

    @property
    def size(self) -> float:
        """The mark's, where one call is 1: a hundred are more, not a hundred times as much."""
        return round(min(math.pow(self.calls, 0.15), 2.0), 2)


@dataclass(frozen=True, slots=True)
class Lane:
    """The calls of one credential.

    Attributes
    ----------
    label
        What it is called: a text out of a log, made short.
    marks
        Those that matter most last, so that they lie above others.
    """

    label: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A session that was opened: from which lane at what place, and which lane is its own."""

    at: float
    lane: int
    opened: int


@dataclass(frozen=True, slots=True)
class Figure:
    """Lanes over one axis of time.

    Attributes
    ----------
    first, last
        Of the first and the last call, UTC.
    lanes
        In the order in which they begin.
    openings
        The sessions that were opened.
    calls
        How many there are of each outcome.
    lanes_left_out, calls_left_out
        Credentials that have no lane, and calls without a plausible time.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    lanes: tuple[Lane, ...]
    openings: tuple[Opening, ...]
    calls: dict[str, int]
    lanes_left_out: int
    calls_left_out: int


def figure_of(story: pd.DataFrame) -> Figure | None:
    """Return a story as lanes; None where no call has a plausible time.

    Parameters
    ----------
    story
        Of `Lake.timeline`.
    """
    is_placed = story["first_time"].between(*PLAUSIBLE) & story["last_time"].between(*PLAUSIBLE)
    rows = story[is_placed]
    if rows.empty:
        return None
    first, last = rows["first_time"].min(), rows["last_time"].max()
    scale = (_LAST - _FIRST) / ((last - first) / pd.Timedelta(seconds=1) or 1)
    start = _FIRST if last > first else (_FIRST + _LAST) / 2
    rows = rows.assign(
        at=start + (rows["first_time"] - first).dt.total_seconds() * scale,
        until=start + (rows["last_time"] - first).dt.total_seconds() * scale,
    )
    names = lanes_of(rows)
    places = {name: place for place, name in enumerate(names)}
    lanes = [Lane(label(name, _LABEL), tuple(_marks(rows[rows["lane"] == name]))) for name in names]
    calls = rows.groupby("outcome")["calls"].sum()
    return Figure(
        first,
        last,
        tuple(lanes),
        tuple(_openings(rows, places)),
        {name: int(calls.get(name, 0)) for name in OUTCOMES},
        int(rows["lane"].nunique()) - len(names),
        int(story.loc[~is_placed, "calls"].sum()),
    )


def _marks(rows: pd.DataFrame) -> Iterator[Mark]:
    for outcome in OUTCOMES:
        near: list[tuple[float, float, int]] = []
        for row in records(rows[rows["outcome"] == outcome].sort_values("at")):
            if near and row["at"] - near[-1][0] < _NEAREST:
                at, until, calls = near.pop()
                near.append((at, max(until, row["until"]), calls + row["calls"]))
            else:
                near.append((row["at"], row["until"], row["calls"]))
        for at, until, calls in near:
            yield Mark(outcome, int(calls), round(at, 2), round(until, 2))


def _openings(rows: pd.DataFrame, places: dict[str, int]) -> Iterator[Opening]:
    lane_of = dict(zip(rows["access_key_id"], rows["lane"], strict=True))
    for row in records(rows[rows["opens"].notna()]):
        source, target = places.get(row["lane"]), places.get(lane_of.get(row["opens"], ""))
        if source is not None and target is not None and source != target:
            yield Opening(round(row["at"], 2), source, target)
