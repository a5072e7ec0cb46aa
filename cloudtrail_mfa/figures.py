"""Figures of what a lake's methods return; matplotlib draws them, and is asked for only here."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cloudtrail_mfa.errors import MissingPackageError
from cloudtrail_mfa.printable import printable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MARKS", "PLAUSIBLE", "canvas", "draw_timeline", "label", "lanes_of", "png"]

# Form and colour both tell the outcome; the colours are those of Okabe and Ito, which people with
# any colour vision tell apart (https://jfly.uni-koeln.de/color/).
MARKS = {
    "allowed": ("o", "#009E73"),
    "failed": ("s", "#999999"),
    "denied": ("X", "#D55E00"),
}
"""What stands for an outcome: a form and a colour."""

_MOST_LANES = 24
PLAUSIBLE = datetime(2006, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""The times that are drawn: one call of another age would leave no room for the others."""
_LABEL, _TAIL = 60, 21


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of so many inches, and its axes.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        raise MissingPackageError("matplotlib", "notebook") from None
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def draw_timeline(rows: pd.DataFrame, *, title: str | None = None) -> Figure:
    """Draw a timeline: a lane for each credential, a mark for each run of calls by its outcome.

    Parameters
    ----------
    rows
        What `Lake.timeline` returned.
    title
        Stands above; else the principals of the story.

    Returns
    -------
    matplotlib.figure.Figure
        Times are in the zone of `rows`, which is UTC as the lake gives them. A line joins the first and the last call of a run; an arrow leads from the
        call that opened a session to the session's lane. Of more than 24 credentials, those with
        the most denials and then the most calls have lanes, and the figure says how many have not.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    """
    plausible = rows["first_time"].between(*PLAUSIBLE) & rows["last_time"].between(*PLAUSIBLE)
    timeless = int(rows.loc[~plausible, "calls"].sum())
    rows = rows[plausible]
    lanes = lanes_of(rows)
    figure, axes = canvas(11, 1.6 + 0.42 * max(len(lanes), 1))
    places = {lane: len(lanes) - 1 - number for number, lane in enumerate(lanes)}
    shown = rows[rows["lane"].isin(lanes)]
    for outcome in MARKS:
        _draw(axes, shown[shown["outcome"] == outcome], places, outcome)
    _draw_openings(axes, shown, places)
    axes.set_yticks(list(places.values()), [label(lane) for lane in places], parse_math=False)
    axes.set_ylim(-0.7, max(len(lanes) - 0.3, 0.3))
    axes.grid(axis="y", alpha=0.25)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    left_out = rows["lane"].nunique() - len(lanes)
    more = f"; {left_out} more credentials are not shown" if left_out else ""
    more += f"; {timeless} calls of no plausible time are not shown" if timeless else ""
    zone = rows["first_time"].dt.tz
    axes.set_xlabel(f"time, {zone}{more}")
    axes.set_title(label(title or _names(rows)), loc="left", parse_math=False)
    if not shown.empty:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415

        locator = AutoDateLocator(zone, minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, zone))  # type: ignore[no-untyped-call]
        figure.legend(loc="outside lower left", ncols=3, frameon=False)
    return figure


def png(figure: Figure) -> bytes:
    """Return a figure as PNG, of 150 dots an inch."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=150)
    return out.getvalue()


def lanes_of(rows: pd.DataFrame) -> list[str]:
    """Return the lanes that are drawn, in the order in which they begin."""
    found = (
        rows.assign(denied=rows["outcome"].eq("denied") * rows["calls"])
        .groupby("lane", sort=False)
        .agg(first=("first_time", "min"), denied=("denied", "sum"), calls=("calls", "sum"))
    )
    kept = found.sort_values(["denied", "calls"], ascending=False).head(_MOST_LANES)
    return list(kept.sort_values("first").index)


def _draw(axes: Any, rows: pd.DataFrame, places: dict[str, int], outcome: str) -> None:
    if rows.empty:
        return
    mark, color = MARKS[outcome]
    heights = rows["lane"].map(places)
    axes.hlines(heights, rows["first_time"], rows["last_time"], colors=color, alpha=0.5, lw=3)
    axes.scatter(
        rows["first_time"],
        heights,
        # A hundred calls are more than one, not a hundred times as much.
        s=rows["calls"].astype(float).pow(0.3) * 45,
        marker=mark,
        c=color,
        edgecolors="white",
        linewidths=0.6,
        label=outcome,
        zorder=3,
    )


def _draw_openings(axes: Any, rows: pd.DataFrame, places: dict[str, int]) -> None:
    """Draw an arrow from each call that opened a session to its lane."""
    lane_of = dict(zip(rows["access_key_id"], rows["lane"], strict=True))
    opened = rows[rows["opens"].notna()]
    for time, lane, key in zip(opened["first_time"], opened["lane"], opened["opens"], strict=True):
        target = lane_of.get(key)
        if target is not None and target != lane:
            axes.annotate(
                "",
                xy=(time, places[target] + 0.12),
                xytext=(time, places[lane] - 0.15),
                arrowprops={"arrowstyle": "->", "color": "#555555", "lw": 1},
            )


def _names(rows: pd.DataFrame) -> str:
    names = [str(name) for name in rows["principal_name"].dropna().unique()]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004
    return ", ".join(names[:3]) + more or "no calls"


def label(text: str, most: int = _LABEL) -> str:
    """Return a text from a log for a figure: one line, of bounded length, with its key whole."""
    plain = printable(text)
    return plain if len(plain) <= most else f"{plain[: most - _TAIL - 1]}…{plain[-_TAIL:]}"
