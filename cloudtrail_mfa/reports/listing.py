"""The denials behind each number of a summary, with their event ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from cloudtrail_mfa.output import records

__all__ = ["MOST_LISTED", "Listed", "listed"]

MOST_LISTED = 1000
"""How many denials a page lists, people's first."""

# Of one row of the summary, by caller: what services were refused is alike, and much.
_MOST_OF_GROUP = {"person": 100, "workload": 50, "outsider": 50, "service": 20}
_COLUMNS = [
    "event_time",
    "event_id",
    "event_name",
    "iam_action",
    "resource_arn",
    "source_ip",
    "user_agent",
    "access_key_id",
    "error_code",
    "error_message",
]


@dataclass(frozen=True, slots=True)
class Listed:
    """The denials that one row of the summary counts.

    Attributes
    ----------
    number
        The row's.
    group
        The row.
    rows
        The first of the denials, in order of time.
    left_out
        How many more there are.
    """

    number: int
    group: dict[Any, Any]
    rows: list[dict[Any, Any]]
    left_out: int


def listed(denials: pd.DataFrame, groups: pd.DataFrame) -> list[Listed]:
    """Return the denials of each row of a summary, as many as a page holds.

    Parameters
    ----------
    denials, groups
        Of `Contents`.
    """
    found, room = [], MOST_LISTED
    by_group = denials.groupby("group", sort=False)[_COLUMNS]
    for group in records(groups):
        most = min(_MOST_OF_GROUP[group["caller"]], room)
        if not most:
            break
        rows = records(by_group.get_group(group["group"]).head(most))
        room -= len(rows)
        found.append(Listed(group["group"], group, rows, group["denials"] - len(rows)))
    return found
