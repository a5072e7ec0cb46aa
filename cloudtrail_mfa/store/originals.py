"""The records as they were, back from the columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from cloudtrail_mfa.store.schema import STORED, Column

__all__ = ["MOST_DIGITS", "parse", "restore"]


def parse(text: str | bytes, pairs: Callable[[list[tuple[str, Any]]], Any] = dict) -> Any:
    """Return JSON as Python values: numbers of thousands of digits too, which `json` refuses.

    Parameters
    ----------
    pairs
        What makes an object of its keys and values, of which a key may stand twice.
    """
    return json.loads(text, parse_int=_integer, object_pairs_hook=pairs)


MOST_DIGITS = 4000
"""Of a number that Python reads and writes as digits."""


def _integer(digits: str) -> int:
    if len(digits) <= MOST_DIGITS:
        return int(digits)
    shift: int = 10**MOST_DIGITS
    head, tail = _integer(digits[:-MOST_DIGITS]), int(digits[-MOST_DIGITS:])
    return head * shift + (-tail if digits.startswith("-") else tail)


_KEYED = tuple(column for column in STORED if column.key)


def restore(table: pa.Table | pa.RecordBatch) -> Iterator[str]:
    """Give the records back, each as JSON text equal to what was in its file.

    Parameters
    ----------
    table
        Rows with the columns of `STORED`.

    Yields
    ------
    str
        The JSON text of a record, on one line; fields are in the order of the columns.
    """
    for row in table.select([column.name for column in STORED]).to_pylist():
        text = row["record"] if row["record"] is not None else _object(row, _KEYED)
        # Between tokens only: inside a text JSON has no line ends. One record is one line.
        yield text.replace("\n", " ").replace("\r", " ")


def _object(row: Mapping[str, Any], columns: Sequence[Column]) -> str:
    present = ((column, row[column.name]) for column in columns)
    return (
        "{"
        + ",".join(
            f'"{column.key}":{_WRITE[column.kind](value, column)}'
            for column, value in present
            if value is not None
        )
        + "}"
    )


_WRITE: dict[str, Any] = {
    "text": lambda value, _: json.dumps(value, ensure_ascii=False),
    "flag": lambda value, _: "true" if value else "false",
    "time": lambda value, _: f'"{value:%Y-%m-%dT%H:%M:%SZ}"',
    "json": lambda value, _: value,
    "group": lambda value, column: _object(value, column.fields),
}
