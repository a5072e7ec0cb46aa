"""Causes over time, as geometry: a strip of bars for each cause, each with a scale of its own.

On one scale ten thousand refused requests of a service would hide the four of a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from cloudtrail_mfa.attribution.causes import CAUSES
from cloudtrail_mfa.figures import PLAUSIBLE
from cloudtrail_mfa.output import records

__all__ = ["Bar", "Chart", "Strip", "chart_of"]

# As many bars as can be told apart on a telephone.
_MOST_BARS = 60
_STEPS = {
    "1 minute": pd.Timedelta(minutes=1),
    "5 minutes": pd.Timedelta(minutes=5),
    "15 minutes": pd.Timedelta(minutes=15),
    "1 hour": pd.Timedelta(hours=1),
    "6 hours": pd.Timedelta(hours=6),
    "1 day": pd.Timedelta(days=1),
    "1 week": pd.Timedelta(weeks=1),
    "4 weeks": pd.Timedelta(weeks=4),
    "26 weeks": pd.Timedelta(weeks=26),
    "104 weeks": pd.Timedelta(weeks=104),
}
# A Monday: weeks begin with it.
_ORIGIN = pd.Timestamp("1970-01-05", tz="UTC")
_WHOLE = 100
_GAP = 0.15


@dataclass(frozen=True, slots=True)
class Bar:
    """The calls of one span of time.

    Attributes
    ----------
    start
        When it begins, UTC.
    calls
        How many were refused.
    event_id
        The first of them.
    left, width, height
        In per cent of the strip.
    """

    start: pd.Timestamp
    calls: int
    event_id: str
    left: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Strip:
    """The calls of one cause.

    Attributes
    ----------
    cause
        Its name.
    calls
        How many there are.
    highest
        What the highest bar stands for.
    bars
        In order of time; spans without a call have none.
    """

    cause: str
    calls: int
    highest: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Strips over one axis of time.

    Attributes
    ----------
    step
        How long the span of a bar is, in words.
    first, last
        When the first span begins, and the last ends, UTC.
    strips
        In the order in which causes are declared.
    left_out
        Denials without a plausible time, which have no place.
    """

    step: str
    first: pd.Timestamp
    last: pd.Timestamp
    strips: tuple[Strip, ...]
    left_out: int


def chart_of(denials: pd.DataFrame) -> Chart | None:
    """Return the causes of some denials over time; None where none has a plausible time.

    Parameters
    ----------
    denials
        Of `Lake.denials`.
    """
    placed = denials[denials["event_time"].between(*PLAUSIBLE)]
    if placed.empty:
        return None
    times = placed["event_time"]
    step = _step(times.max() - times.min())
    length = _STEPS[step]
    numbers = (times - _ORIGIN) // length
    first, count = int(numbers.min()), int(numbers.max() - numbers.min()) + 1
    spans = pd.DataFrame(
        {"cause": placed["cause"].astype("str"), "span": numbers, "event_id": placed["event_id"]}
    )
    found = spans.groupby(["cause", "span"], as_index=False).agg(
        calls=("event_id", "size"), event_id=("event_id", "first")
    )
    strips = [
        _strip(cause, rows, first, count, length)
        for cause in CAUSES
        if len(rows := found[found["cause"] == cause])
    ]
    return Chart(
        step,
        _ORIGIN + first * length,
        _ORIGIN + (first + count) * length,
        tuple(strips),
        len(denials) - len(placed),
    )


def _step(whole: pd.Timedelta) -> str:
    """Return the shortest span of which there are not too many."""
    return next(
        (name for name, length in _STEPS.items() if whole / length < _MOST_BARS), list(_STEPS)[-1]
    )


def _strip(cause: str, rows: pd.DataFrame, first: int, count: int, length: pd.Timedelta) -> Strip:
    highest = int(rows["calls"].max())
    return Strip(
        cause, int(rows["calls"].sum()), highest, tuple(_bars(rows, first, count, length, highest))
    )


def _bars(
    rows: pd.DataFrame, first: int, count: int, length: pd.Timedelta, highest: int
) -> Iterator[Bar]:
    width = _WHOLE / count
    for row in records(rows):
        yield Bar(
            _ORIGIN + row["span"] * length,
            int(row["calls"]),
            str(row["event_id"]),
            round((row["span"] - first + _GAP / 2) * width, 2),
            round((1 - _GAP) * width, 2),
            round(_WHOLE * row["calls"] / highest, 2),
        )
