"""Frames as text or files: the formats in which the command line hands rows on.

What came out of a log is data: control characters are shown as escapes, and a spreadsheet is
given no formula. JSON and Parquet hold the very texts.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import tempfile
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from cloudtrail_mfa.errors import QueryError
from cloudtrail_mfa.later import Later
from cloudtrail_mfa.printable import printable, printable_json
from cloudtrail_mfa.tables import Layout, TextTable, in_zone, plain, text_table, title

if TYPE_CHECKING:
    import orjson
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    # A command's help writes no rows.
    orjson, pd, pa, pq = map(Later, ("orjson", "pandas", "pyarrow", "pyarrow.parquet"))

__all__ = ["FORMATS", "Format", "records", "save", "save_bytes", "write"]

Format = Literal["table", "csv", "json", "jsonl", "parquet", "markdown"]
"""The names of the formats."""

# Programs that read the others compare moments; their times are always UTC.
_FOR_PEOPLE: tuple[Format, ...] = ("table", "csv", "markdown")
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"^[=+\-@＝＋－＠]")


def write(
    rows: pd.DataFrame,
    format_: Format,
    stream: BinaryIO,
    *,
    layout: Layout | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> None:
    """Write rows to a binary stream.

    Parameters
    ----------
    format_
        ``table``, ``csv``, ``json`` (a list), ``jsonl``, ``parquet`` or ``markdown``. Text is
        UTF-8; times are ISO 8601.
    layout
        What tables for people show, in Markdown too; the other formats hold every column.
    zone
        In which a table, CSV and Markdown tell times, each with its offset: heads of columns name
        it, but in CSV that of UTC, so that programs find a column by its name. JSON and Parquet are
        always in UTC.
    """
    if layout and format_ in ("table", "markdown"):
        rows = rows[list(layout.columns)]
    if format_ in _FOR_PEOPLE:
        rows = in_zone(rows, zone)
    FORMATS[format_](rows, stream)


def records(rows: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Return rows as dicts, in which what is null is None."""
    present = rows.astype(object).where(rows.notna(), None)
    return present.to_dict("records")


def _json_default(value: Any) -> object:
    if isinstance(value, dt.datetime):
        return plain(value)
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _dump(value: object, options: int = 0) -> bytes:
    options |= orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_NON_STR_KEYS
    written = orjson.dumps(value, default=_json_default, option=options)
    harmless = written.isascii() and b"\x7f" not in written
    return written if harmless else printable_json(written.decode()).encode()


def _json(rows: pd.DataFrame, stream: BinaryIO) -> None:
    stream.write(_dump(records(rows), orjson.OPT_INDENT_2) + b"\n")


def _jsonl(rows: pd.DataFrame, stream: BinaryIO) -> None:
    stream.writelines(_dump(row) + b"\n" for row in records(rows))


def _csv(rows: pd.DataFrame, stream: BinaryIO) -> None:
    cells = pd.DataFrame({name: rows[name].map(plain) for name in rows.columns}, dtype=object)
    # A pivot makes names of what stands in a log.
    names = [_harmless(title(rows[name]).removesuffix(" (UTC)")) for name in rows.columns]
    lines = io.StringIO()
    cells.map(_harmless).to_csv(lines, index=False, header=names, lineterminator="\n")
    stream.write(lines.getvalue().encode())


def _parquet(rows: pd.DataFrame, stream: BinaryIO) -> None:
    try:
        written = pa.Table.from_pandas(rows, preserve_index=False)
        pq.write_table(written, stream, compression="zstd")
    except pa.ArrowException as error:
        raise QueryError(
            f"this result is not for Parquet ({error}): choose another format"
        ) from None


def _table(rows: pd.DataFrame, stream: BinaryIO) -> None:
    _text(text_table(rows), stream)


def _markdown(rows: pd.DataFrame, stream: BinaryIO) -> None:
    _text(text_table(rows, markdown=True), stream)


def _text(table: TextTable, stream: BinaryIO) -> None:
    stream.writelines(f"{line}\n".encode() for line in table.lines)


def save(
    rows: pd.DataFrame,
    format_: Format,
    path: Path,
    *,
    layout: Layout | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> None:
    """Write rows, as `write` does, to a file that is whole or not there; a device or a pipe is written to.

    Raises
    ------
    OSError
        If that cannot be done; then what was there still is.
    """
    _save(lambda stream: write(rows, format_, stream, layout=layout, zone=zone), path)


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
