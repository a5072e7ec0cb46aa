"""The way from a long-term key over MFA to temporary keys and what was called with each, drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from cloudtrail_mfa.figures import MARKS, canvas, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_path"]

_WORDS = {
    "long_term_key": "long-term key",
    "root_key": "root's long-term key",
    "session_token": "temporary key",
    "console": "console session",
    "assumed_role": "role session",
    "workload_role": "machine's role",
    "federated": "federated session",
    "forwarded": "session used by a service",
    "aws_service": "service",
}
_LONG_TERM = (_WORDS["long_term_key"], _WORDS["root_key"])
_TOLD = {"allowed": "passed", "denied": "refused", "failed": "failed"}
_MFA = {True: " with MFA", False: " without MFA", None: ""}
_MOST_KEYS, _MOST_GROUPS = 12, 6
# In units of the axes: a row is one high.
_BOX, _HALF, _STEP, _GAP, _CALLS = 2.9, 0.8, 4.4, 0.9, 5.2
_INCHES = 0.82, 0.3


@dataclass(slots=True)
class _Key:
    """A credential, how it came about, and what was called with it."""

    name: str
    words: str
    opener: str | None = None
    how: str = ""
    with_mfa: bool | None = None
    opened: Any = pd.NaT
    groups: list[tuple[str, str]] = field(default_factory=list)
    calls: int = 0
    refused: int = 0

    @property
    def rows(self) -> int:
        """How many rows it takes: its box has two lines."""
        return max(len(self.groups), 2)

    @property
    def is_session(self) -> bool:
        """Whether somebody opened it, recorded or not."""
        return self.words not in _LONG_TERM


def draw_path(
    calls: pd.DataFrame,
    sessions: pd.DataFrame,
    *,
    service: str = "s3",
    title: str | None = None,
) -> Figure:
    """Draw which keys were opened by which, with MFA or without, and what became of the calls of each.

    Parameters
    ----------
    calls
        What `Lake.requests` returned for a principal: also of roles that it opened, where these
        are to be told.
    sessions
        What `Lake.sessions` returned for it.
    service
        First word of the actions that are told one by one (``s3``); other calls are counted.
    title
        Stands above; else the principals.

    Returns
    -------
    matplotlib.figure.Figure
        From left to right: long-term keys, the temporary keys that were opened with them, and the
        calls of each, refused and passed, with counts and times, in the zone of `calls`. Of more
        than 12 keys those with the most refused calls and then the most calls are drawn, and the
        figure says how many are not.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    """
    known = _keys(calls, sessions, service)
    shown = _chosen(known)
    places = [*_placed(shown)]
    deepest = max([depth for _, depth, _ in places], default=0)
    height = sum(key.rows + _GAP for key in shown) + 1.5
    width = (deepest + 1) * _STEP + _CALLS
    figure, axes = canvas(width * _INCHES[0], height * _INCHES[1] + 0.9)
    axes.set(xlim=(-0.1, width), ylim=(-height, 0.6))
    axes.set_axis_off()
    _draw(axes, places, (deepest + 1) * _STEP)
    names = calls["principal_name"].dropna().unique()
    axes.set_title(
        label(title or ", ".join(map(str, names[:3])) or "no calls"), loc="left", parse_math=False
    )
    more = f"; {len(known) - len(shown)} more keys are not shown" if len(known) > len(shown) else ""
    axes.text(0, -height + 0.2, f"{_when(calls)}{more}", fontsize=8, color="#555555")
    return figure


def _keys(calls: pd.DataFrame, sessions: pd.DataFrame, service: str) -> list[_Key]:
    """Return every key of the story, in the order in which they begin."""
    signed = calls[calls["access_key_id"].notna()].sort_values("event_time")
    opened = sessions[sessions["access_key_id"].notna()].drop_duplicates("access_key_id")
    own = {*opened["access_key_id"], *opened["opener_key"].dropna()}
    long_term = signed["credential_kind"].isin(["long_term_key", "root_key"])
    signed = signed[long_term | signed["access_key_id"].isin(own)]
    found = {
        name: _Key(name, _WORDS.get(str(kind), "key"))
        for name, kind in zip(signed["access_key_id"], signed["credential_kind"], strict=True)
    }
    columns = opened[["access_key_id", "opener_key", "issued_by", "mfa_used", "started"]]
    columns = columns.astype(object).where(columns.notna(), None)
    for name, opener, how, with_mfa, started in columns.itertuples(index=False):
        key = found.setdefault(name, _Key(name, "temporary key, not used"))
        key.opener, key.how, key.with_mfa, key.opened = opener, how or "", with_mfa, started
    # A request for a session is the way to it, and told there.
    told = signed[~signed["event_id"].isin(opened["issued_in"].dropna())]
    several = len(told["event_time"].dt.date.unique()) > 1
    for name, rows in told.groupby("access_key_id", sort=False):
        key = found[str(name)]
        key.groups = _groups(rows, service, "%m-%d %H:%M" if several else "%H:%M")
        key.calls, key.refused = len(rows), int(rows["outcome"].eq("denied").sum())
    return list(found.values())


def _groups(rows: pd.DataFrame, service: str, form: str) -> list[tuple[str, str]]:
    """Return what is told of a key's calls, each with its outcome: those of the service one by one."""
    action = rows["iam_action"].astype("str").fillna("an unnamed action")
    theirs = action.str.startswith(f"{service}:")
    what = action.where(theirs, "other services")
    frame = pd.DataFrame({"what": what, "last": ~theirs, "outcome": rows["outcome"].astype("str")})
    frame["time"] = rows["event_time"]
    counted = frame.groupby(["last", "what", "outcome"], as_index=False).agg(
        calls=("what", "size"), first=("time", "min"), until=("time", "max")
    )
    counted = counted.sort_values(["last", "first"], kind="stable")
    each: Any = counted[["calls", "what", "outcome", "first", "until"]].itertuples(index=False)
    told = [
        (f"{calls:,} × {label(what)} {_TOLD[outcome]}, {_span(first, last, form)}", str(outcome))
        for calls, what, outcome, first, last in each
    ]
    if len(told) > _MOST_GROUPS:
        rest = counted.iloc[_MOST_GROUPS - 1 :]
        words = f"{rest['calls'].sum():,} × {len(rest)} other kinds of calls"
        told[_MOST_GROUPS - 1 :] = [(words, "failed")]
    return told


def _span(first: Any, last: Any, form: str) -> str:
    if pd.isna(first):
        return "at no known time"
    told = [f"{time:{form}}" for time in (first, last)]
    return "–".join(dict.fromkeys(told))


def _chosen(keys: Sequence[_Key]) -> list[_Key]:
    """Return the keys that are drawn, in their order, each with those that opened it."""
    by_name = {key.name: key for key in keys}
    wanted: set[str] = set()
    for key in sorted(keys, key=lambda key: (-key.refused, -key.calls)):
        line = {key.name}
        while key.opener in by_name and key.opener not in line:
            key = by_name[key.opener]  # noqa: PLW2901 - from a key to what opened it
            line.add(key.name)
        if len(wanted | line) <= _MOST_KEYS:
            wanted |= line
    return [key for key in keys if key.name in wanted]


def _placed(keys: Sequence[_Key]) -> Iterator[tuple[_Key, int, float]]:
    """Yield keys from above, each with how many openings led to it and where it begins."""
    names = {key.name for key in keys}
    begin = 0.0
    waiting = [(key, 0) for key in reversed(keys) if key.opener not in names - {key.name}]
    seen: set[str] = set()
    while waiting:
        key, depth = waiting.pop()
        if key.name in seen:
            continue
        seen.add(key.name)
        yield key, depth, begin
        begin -= key.rows + _GAP
        opened = [(each, depth + 1) for each in keys if each.opener == key.name]
        waiting += sorted(opened, key=lambda one: str(one[0].opened), reverse=True)


def _draw(axes: Axes, places: Sequence[tuple[_Key, int, float]], right: float) -> None:
    bottoms = {
        key.name: (depth * _STEP + 0.4, begin - key.rows / 2 - _HALF)
        for key, depth, begin in places
    }
    labelled: set[str] = set()
    for key, depth, begin in places:
        left, middle = depth * _STEP, begin - key.rows / 2
        _draw_box(axes, key, left, middle)
        if key.opener in bottoms and depth:
            _draw_opening(axes, key, bottoms[key.opener], (left, middle))
        elif key.is_session:
            where = left, middle + _HALF
            axes.text(*where, _opening(key), fontsize=7, va="bottom", parse_math=False)
        for number, (words, outcome) in enumerate(key.groups):
            row = begin - (key.rows - len(key.groups)) / 2 - number - 0.5
            mark, color = MARKS[outcome]
            joint = left + _BOX + 0.4
            style = "--" if outcome == "denied" else "-"
            axes.plot((left + _BOX, joint), (middle, middle), color="#555555", lw=1.2, zorder=1)
            way = (joint, joint, right), (middle, row, row)
            axes.plot(*way, color=color, lw=1.2, ls=style, zorder=1)
            name = "" if outcome in labelled else _TOLD[outcome]
            labelled.add(outcome)
            axes.scatter([right], [row], marker=mark, c=color, s=50, label=name, zorder=3)
            axes.text(right + 0.2, row, words, va="center", fontsize=8.5, parse_math=False)
    if labelled:
        axes.figure.legend(loc="outside lower left", ncols=3, frameon=False)


def _draw_box(axes: Axes, key: _Key, left: float, middle: float) -> None:
    from matplotlib.patches import FancyBboxPatch  # noqa: PLC0415

    edge = {True: "#009E73", False: "#D55E00", None: "#555555"}[key.with_mfa]
    box = FancyBboxPatch(
        (left, middle - _HALF),
        _BOX,
        2 * _HALF,
        boxstyle="round,pad=0,rounding_size=0.2",
        facecolor="white",
        edgecolor=edge,
        zorder=2,
    )
    axes.add_patch(box)
    text = f"{key.words}\n{label(key.name)}"
    where = left + _BOX / 2, middle
    axes.text(*where, text, ha="center", va="center", fontsize=8, parse_math=False, zorder=3)


def _draw_opening(
    axes: Axes, key: _Key, start: tuple[float, float], end: tuple[float, float]
) -> None:
    """Draw the way from the key that signed the request to the key that it handed out."""
    (x, y), (left, middle) = start, end
    style = "--" if key.with_mfa is False else "-"
    axes.plot((x, x), (y, middle), color="#555555", lw=1.2, ls=style, zorder=1)
    axes.annotate(
        "",
        xy=(left, middle),
        xytext=(x, middle),
        arrowprops={"arrowstyle": "->", "color": "#555555", "lw": 1.2, "ls": style},
    )
    axes.text(x + 0.15, middle + 0.1, _opening(key), fontsize=8, va="bottom", parse_math=False)


def _opening(key: _Key) -> str:
    time = "" if pd.isna(key.opened) else f", {key.opened:%H:%M:%S}"
    return label(f"{key.how or 'opened, by whom is not recorded,'}{_MFA[key.with_mfa]}{time}")


def _when(calls: pd.DataFrame) -> str:
    times = calls["event_time"].dropna()
    zone = f"times in {calls['event_time'].dt.tz}"
    if times.empty:
        return zone
    first, last = f"{times.min():%Y-%m-%d}", f"{times.max():%Y-%m-%d}"
    return f"{zone}, {first if first == last else f'{first} to {last}'}"
