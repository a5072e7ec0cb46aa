"""Frames as tables for people: what fits a terminal, in lines that come as they are read."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cloudtrail_mfa.later import Later
from cloudtrail_mfa.printable import shown

if TYPE_CHECKING:
    import pandas as pd
    from rich import box, cells, console, table, text
else:
    # A command's help lays out no table.
    pd = Later("pandas")
    box, cells, console, table, text = (
        Later(f"rich.{name}") for name in ("box", "cells", "console", "table", "text")
    )

__all__ = ["Layout", "TextTable", "in_zone", "plain", "text_table", "title"]

# A wider cell is folded before a column is left out.
_FOLDED = 32
# No column of words is narrower, unless nothing else is left.
_NARROWEST = 10
_GAP = 3
# Rows that are laid out at once: the first screen is there before the last row is.
_AT_ONCE = 500
_UUID_TAIL = re.compile(r"(?<=^[0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
# What is copied from a table stays in one piece.
_WHOLE = ("event_id", "access_key_id", "account_id")
# Colour repeats what the word says; nothing is told by colour alone.
_STYLES = {
    "outcome": {
        "allowed": "green",
        "denied": "red",
        "changed": "red",
        "invalid": "red",
        "missing": "red",
        "foreign": "red",
    },
    "change": {"newly_allowed": "yellow", "newly_denied": "red"},
    "certainty": {"proven": "green", "observed": "green", "stated": "green", "unknown": "dim"},
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What a table for people shows.

    Attributes
    ----------
    columns
        From left to right.
    optional
        What is left out where the terminal is too narrow, the first first.
    """

    columns: tuple[str, ...]
    optional: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table, laid out.

    Attributes
    ----------
    lines
        Its lines without line ends; they are made as they are asked for, once.
    left_out
        The columns for which there was no room.
    """

    lines: Iterator[str]
    left_out: tuple[str, ...]


def text_table(
    rows: pd.DataFrame,
    layout: Layout | None = None,
    *,
    width: int | None = None,
    styled: bool = False,
    markdown: bool = False,
) -> TextTable:
    """Lay rows out as a table of text, times in the zone that they have.

    Parameters
    ----------
    layout
        What it shows; without one every column, and where there is no room the first ones.
    width
        Columns of the terminal; None where nothing limits them.
    styled
        Whether escapes for colours and bold letters are in it.
    markdown
        Whether it is a table of Markdown, whose ids stay whole.
    """
    if layout:
        rows = rows[list(layout.columns)]
    style = box.MARKDOWN if markdown else box.SIMPLE_HEAD
    columns = [_Column(rows[name], markdown=markdown) for name in rows.columns]
    # The first two of a result that nobody laid out tell what the others are about.
    optional = layout.optional if layout else [column.name for column in columns[:1:-1]]
    shown, widths = _fitted(columns, optional, width)
    left_out = tuple(column.name for column in columns if column not in shown)
    return TextTable(_lines(shown, widths, style, styled=styled), left_out)


def in_zone(rows: pd.DataFrame, zone: dt.tzinfo) -> pd.DataFrame:
    """Return rows, in UTC as the lake gives them, with their times in a zone; the moments stay."""
    if zone is dt.UTC:
        return rows
    rows = rows.copy(deep=False)
    for name in rows.columns:
        if _is_time(rows[name]):
            rows[name] = rows[name].dt.tz_convert(zone)
    return rows


def title(column: pd.Series) -> str:
    """Return the head of a column: of times it names the zone."""
    name = str(column.name)
    return f"{name} ({column.dt.tz})" if _is_time(column) else name


def plain(cell: Any) -> str:
    """Return a cell as people read it."""
    if not pd.api.types.is_scalar(cell):
        # SQL's lists come as arrays.
        listed = cell.tolist() if hasattr(cell, "tolist") else cell
        return "; ".join(map(str, listed)) if isinstance(listed, list) else str(listed)
    if pd.isna(cell):
        return ""
    if isinstance(cell, dt.datetime):
        return re.sub(r"\+00:00$", "Z", cell.isoformat(timespec="seconds"))
    if pd.api.types.is_bool(cell):
        return str(cell).lower()
    return str(cell)


def _is_time(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.DatetimeTZDtype)


class _Column:
    """A column as it is shown: its head, its cells, and the room that they take."""

    def __init__(self, column: pd.Series, *, markdown: bool) -> None:
        self.name = str(column.name)
        self.cells = [shown(plain(cell)) for cell in column.astype(object)]
        self.head = shown(title(column))
        if markdown:
            self.cells = [cell.replace("|", "\\|") for cell in self.cells]
            self.head = self.head.replace("|", "\\|")
        elif self.name == "event_id":  # the beginning of an id is enough to name it
            self.cells = [_UUID_TAIL.sub("", cell) for cell in self.cells]
        # pandas counts flags among the numbers.
        self.is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(
            column
        )
        self.is_whole = self.is_number or _is_time(column) or self.name in _WHOLE
        self.longest = max(map(cells.cell_len, {*self.cells, ""}))

    def width(self, head: str) -> int:
        """Return the room that the cells take below a head of one or of two lines."""
        return max(self.longest, *map(cells.cell_len, head.split("\n")))

    def styled(self, cell: str) -> text.Text:
        """Return a cell in its colour, if its word has one."""
        return text.Text(cell, _STYLES.get(self.name, {}).get(cell, ""))

    @property
    def folded_head(self) -> str:
        """The head on two lines, as narrow as that can be, where the cells are narrower than it."""
        if cells.cell_len(self.head) <= self.longest:
            return self.head
        breaks = [found.end() for found in re.finditer("[_ ]", self.head)]
        heads = [f"{self.head[:place].rstrip(' ')}\n{self.head[place:]}" for place in breaks]
        return min([self.head, *heads], key=lambda head: max(map(cells.cell_len, head.split("\n"))))


def _fitted(
    columns: Sequence[_Column], optional: Sequence[str], width: int | None
) -> tuple[list[_Column], list[int]]:
    """Return the columns for which there is room, and how wide each is.

    Heads are broken before a column is left out, and columns are left out before short words are
    folded.
    """
    shown = list(columns)
    if width is None:
        return shown, [column.width(column.head) for column in shown]
    for name in ("", *optional):
        shown = [column for column in shown if column.name != name]
        room = width - _GAP * len(shown)
        for folded in (False, True):
            heads = [column.folded_head if folded else column.head for column in shown]
            widths = [column.width(head) for column, head in zip(shown, heads, strict=True)]
            if sum(_floors(shown, widths, _FOLDED)) <= room:
                return _headed(shown, heads), _squeezed(widths, _floors(shown, widths, 1), room)
    widths = _squeezed(widths, _floors(shown, widths, _NARROWEST), room)
    return _headed(shown, heads), _squeezed(widths, [1] * len(shown), room)


def _headed(columns: list[_Column], heads: Sequence[str]) -> list[_Column]:
    for column, head in zip(columns, heads, strict=True):
        column.head = head
    return columns


def _floors(columns: Sequence[_Column], widths: Sequence[int], floor: int) -> list[int]:
    """Return how narrow each column may be: what is copied, counted or compared stays whole."""
    return [
        width if column.is_whole else min(width, floor)
        for column, width in zip(columns, widths, strict=True)
    ]


def _squeezed(widths: Sequence[int], floors: Sequence[int], room: int) -> list[int]:
    """Return widths for which there is room: the widest gives way first, as far as its floor."""
    found = list(widths)
    while sum(found) > room:
        able = [number for number, floor in enumerate(floors) if found[number] > floor]
        if not able:
            break
        found[max(able, key=found.__getitem__)] -= 1
    return found


def _lines(
    columns: Sequence[_Column], widths: Sequence[int], style: box.Box, *, styled: bool
) -> Iterator[str]:
    count = len(columns[0].cells) if columns else 0
    width = sum(widths) + (_GAP + 1) * (len(widths) + 1)
    for start in range(0, max(count, 1), _AT_ONCE):
        grid = table.Table(
            box=style,
            header_style="bold",
            pad_edge=style is box.MARKDOWN,
            show_header=start == 0,
        )
        for column, room in zip(columns, widths, strict=True):
            justify: Literal["left", "right"] = "right" if column.is_number else "left"
            grid.add_column(text.Text(column.head), overflow="fold", justify=justify, width=room)
        parts = (
            [*map(column.styled, column.cells[start : start + _AT_ONCE])] for column in columns
        )
        for row in zip(*parts, strict=True):
            grid.add_row(*row)
        written = io.StringIO()
        printer = console.Console(
            file=written,
            width=width,
            force_terminal=styled,
            color_system="standard" if styled else None,
        )
        printer.print(grid)
        # Each part has an edge above and below, which only the whole table is to have.
        lines = written.getvalue().removesuffix("\n").split("\n")
        first, last = start == 0, start + _AT_ONCE >= count
        for line in lines[0 if first else 1 : None if last else -1]:
            yield line.rstrip()
