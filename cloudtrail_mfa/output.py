"""Frames as text or files: the formats in which the command line hands rows on.

What came out of a log is data: control characters are shown as escapes, and a spreadsheet is
given no formula. JSON and Parquet hold the very texts.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cloudtrail_mfa.errors import QueryError
from cloudtrail_mfa.printable import printable, printable_json, shown

__all__ = [
    "CALLS",
    "CHECKS",
    "COVERAGE",
    "CREDENTIALS",
    "DENIALS",
    "EXPOSURE",
    "FORMATS",
    "POSTURE",
    "REPLAYED",
    "SESSIONS",
    "SUMMARY",
    "TIMELINE",
    "Format",
    "Layout",
    "records",
    "save",
    "save_bytes",
    "write",
]

Format = Literal["table", "csv", "json", "jsonl", "parquet", "markdown"]
"""The names of the formats."""

# Where nobody looks, or the lines are a file's, a row is a line.
_UNLIMITED = 100_000
# A wider cell is folded before a column is left out.
_FOLDED = 32
_GAP = 3
_UUID_TAIL = re.compile(r"(?<=^[0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"^[=+\-@＝＋－＠]")


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


DENIALS = Layout(
    (
        "event_time",
        "event_id",
        "principal_name",
        "credential_kind",
        "mfa_present",
        "iam_action",
        "cause",
        "certainty",
    ),
    ("mfa_present", "credential_kind", "event_id", "certainty"),
)
SUMMARY = Layout(
    (
        "caller",
        "principal_name",
        "credential_kind",
        "cause",
        "certainty",
        "mfa_would_allow",
        "denials",
        "actions",
    ),
    ("actions", "mfa_would_allow", "caller", "credential_kind", "certainty"),
)
POSTURE = Layout(
    (
        "caller",
        "principal_name",
        "calls",
        "mfa_share",
        "with_long_term_key",
        "writes_without_mfa",
        "permissions_without_mfa",
        "sign_ins_without_mfa",
        "federated_sign_ins",
    ),
    ("federated_sign_ins", "with_long_term_key", "caller", "permissions_without_mfa", "calls"),
)
COVERAGE = Layout(
    (
        "account_id",
        "region",
        "first_time",
        "last_time",
        "events",
        "data_events",
        "rejected_files",
        "remarks",
    ),
    ("rejected_files", "data_events", "first_time", "last_time"),
)
CREDENTIALS = Layout(
    (
        "access_key_id",
        "status",
        "owner_name",
        "last_used",
        "days_used",
        "calls",
        "denials",
        "service_count",
        "owner_used_mfa",
    ),
    ("service_count", "days_used", "denials", "status"),
)


SESSIONS = Layout(
    (
        "first_seen",
        "principal_name",
        "credential_kind",
        "access_key_id",
        "issued_by",
        "mfa_used",
        "calls",
        "denials",
        "origin",
    ),
    ("origin", "first_seen", "issued_by", "credential_kind"),
)
TIMELINE = Layout(
    ("first_time", "calls", "lane", "outcome", "event_id", "words"),
    ("outcome", "event_id", "calls", "lane"),
)
REPLAYED = Layout(
    ("change", "principal_name", "credential_kind", "access_level", "calls", "actions"),
    ("access_level", "credential_kind"),
)
CALLS = Layout(
    (
        "event_time",
        "event_id",
        "principal_name",
        "credential_kind",
        "iam_action",
        "outcome",
        "change",
        "reasons",
    ),
    ("reasons", "event_time", "event_id", "credential_kind"),
)
CHECKS = Layout(("outcome", "kind", "path", "place", "reason"), ())
EXPOSURE = Layout(
    (
        "access_level",
        "principal_name",
        "credential",
        "iam_action",
        "resource_arn",
        "certain",
        "calls",
    ),
    ("resource_arn", "certain", "credential"),
)


def write(
    rows: pd.DataFrame, format_: Format, stream: BinaryIO, *, layout: Layout | None = None
) -> None:
    """Write rows to a binary stream.

    Parameters
    ----------
    format_
        ``table``, ``csv``, ``json`` (a list), ``jsonl``, ``parquet`` or ``markdown``. Text is
        UTF-8; times are ISO 8601 in UTC.
    layout
        What a table for people shows; the other formats hold every column.
    """
    if layout and format_ in ("table", "markdown"):
        rows = rows[list(layout.columns)]
    if format_ == "table":
        _table(rows, stream, layout)
    else:
        FORMATS[format_](rows, stream)


def records(rows: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Return rows as dicts, in which what is null is None."""
    present = rows.astype(object).where(rows.notna(), None)
    return present.to_dict("records")


def _json_default(value: Any) -> object:
    if isinstance(value, dt.datetime):
        return _plain(value)
    return value.tolist() if hasattr(value, "tolist") else str(value)


_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_NON_STR_KEYS


def _dump(value: object, options: int = 0) -> bytes:
    text = orjson.dumps(value, default=_json_default, option=_OPTIONS | options)
    plain = text.isascii() and b"\x7f" not in text
    return text if plain else printable_json(text.decode()).encode()


def _json(rows: pd.DataFrame, stream: BinaryIO) -> None:
    stream.write(_dump(records(rows), orjson.OPT_INDENT_2) + b"\n")


def _jsonl(rows: pd.DataFrame, stream: BinaryIO) -> None:
    stream.writelines(_dump(row) + b"\n" for row in records(rows))


def _csv(rows: pd.DataFrame, stream: BinaryIO) -> None:
    cells = pd.DataFrame({name: rows[name].map(_plain) for name in rows.columns}, dtype=object)
    # A pivot makes names of what stands in a log.
    names = [_harmless(str(name)) for name in rows.columns]
    text = io.StringIO()
    cells.map(_harmless).to_csv(text, index=False, header=names, lineterminator="\n")
    stream.write(text.getvalue().encode())


def _parquet(rows: pd.DataFrame, stream: BinaryIO) -> None:
    try:
        table = pa.Table.from_pandas(rows, preserve_index=False)
        pq.write_table(table, stream, compression="zstd")
    except pa.ArrowException as error:
        raise QueryError(
            f"this result is not for Parquet ({error}): choose another format"
        ) from None


def _table(rows: pd.DataFrame, stream: BinaryIO, layout: Layout | None = None) -> None:
    cells = _cells(rows)
    if "event_id" in cells:  # the beginning of an id is enough to name it
        cells["event_id"] = cells["event_id"].str.replace(_UUID_TAIL, "", regex=True)
    width = shutil.get_terminal_size().columns if stream.isatty() else _UNLIMITED
    for name in layout.optional if layout else ():
        if _natural_width(cells) > width:
            cells = cells.drop(columns=name)
    _grid(cells, _numbers(rows), stream, box.SIMPLE_HEAD, width)


def save(rows: pd.DataFrame, format_: Format, path: Path, *, layout: Layout | None = None) -> None:
    """Write rows to a file that is whole or not there; a device or a pipe is written to.

    Raises
    ------
    OSError
        If that cannot be done; then what was there still is.
    """
    _save(lambda stream: write(rows, format_, stream, layout=layout), path)


def save_bytes(content: bytes, path: Path) -> None:
    """Write bytes to a file, as `save` does rows."""
    _save(lambda stream: stream.write(content), path)


def _save(put: Callable[[BinaryIO], object], path: Path) -> None:
    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            put(stream)
        return
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as draft:
        try:
            put(draft)  # type: ignore[arg-type]
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
    umask = os.umask(0)
    os.umask(umask)
    Path(draft.name).chmod(0o666 & ~umask)
    try:
        Path(draft.name).replace(target)
    except OSError:
        Path(draft.name).unlink(missing_ok=True)
        raise


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Return every cell as people read it; texts, even where there are no rows."""
    cells = {str(name): rows[name].astype(object).map(_plain) for name in rows.columns}
    return pd.DataFrame(cells, dtype=object).map(shown).astype("str")


def _natural_width(cells: pd.DataFrame) -> int:
    longest = (max([len(name), *cells[name].str.len()]) for name in cells.columns)
    return sum(min(length, _FOLDED) + _GAP for length in longest)


def _markdown(rows: pd.DataFrame, stream: BinaryIO) -> None:
    escaped = _cells(rows).apply(lambda column: column.str.replace("|", "\\|"))
    escaped.columns = escaped.columns.str.replace("|", "\\|")
    _grid(escaped, _numbers(rows), stream, box.MARKDOWN, _UNLIMITED)


def _grid(
    cells: pd.DataFrame, numbers: set[str], stream: BinaryIO, style: box.Box, width: int
) -> None:
    table = Table(box=style, header_style="bold", pad_edge=style is box.MARKDOWN)
    for name in cells.columns:
        justify: Literal["left", "right"] = "right" if name in numbers else "left"
        table.add_column(Text(shown(str(name))), overflow="fold", justify=justify)
    for row in cells.itertuples(index=False):
        table.add_row(*map(Text, row))
    text = io.StringIO()
    Console(file=text, width=width, force_terminal=stream.isatty()).print(table)
    stream.writelines(
        f"{line.rstrip()}\n".encode() for line in text.getvalue().rstrip("\n").split("\n")
    )


def _numbers(rows: pd.DataFrame) -> set[str]:
    """Return the columns that hold numbers (pandas counts flags among them)."""
    return {
        name
        for name in rows.columns
        if pd.api.types.is_numeric_dtype(rows[name]) and not pd.api.types.is_bool_dtype(rows[name])
    }


def _plain(cell: Any) -> str:
    """Return a cell as people read it."""
    if not pd.api.types.is_scalar(cell):
        return "; ".join(map(str, cell)) if isinstance(cell, list) else str(cell)
    if pd.isna(cell):
        return ""
    if isinstance(cell, dt.datetime):
        return (
            f"{cell.isoformat(timespec='seconds').removesuffix('+00:00')}{'Z' * bool(cell.tzinfo)}"
        )
    if pd.api.types.is_bool(cell):
        return str(cell).lower()
    return str(cell)


def _harmless(cell: str) -> str:
    """Return a text that a spreadsheet takes for text, on one line."""
    cell = printable(cell)
    return f"'{cell}" if _FORMULA.match(cell) else cell


FORMATS: dict[Format, Callable[[pd.DataFrame, BinaryIO], None]] = {
    "table": _table,
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "parquet": _parquet,
    "markdown": _markdown,
}
"""The formats, each with what writes it."""
