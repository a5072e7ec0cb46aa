"""Records to Arrow columns, and back.

A record whose every field is known and of its usual type is spread over the columns, from which
it can be given back. Any other record is also kept as the text it was, in the column ``record``,
and the columns hold what could be read of it: nothing is dropped because it is unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import UNSET, Raw, UnsetType

from cloudtrail_mfa.store.schema import SCHEMA, STORED, Column

__all__ = ["parse", "restore", "to_table"]

_KEYED = tuple(column for column in STORED if column.key)


def _struct(name: str, columns: Sequence[Column], *, identity: Any = None) -> type[Any]:
    """Return a msgspec Struct that accepts just these columns' keys, each of its usual type."""
    types: dict[str, Any] = {"text": str, "time": str, "flag": bool, "json": Raw}

    def type_of(column: Column) -> Any:
        if column.kind == "group":
            return identity or _struct(column.name, column.fields)
        return types[column.kind]

    fields = [(column.name, type_of(column) | UnsetType, UNSET) for column in columns]
    return msgspec.defstruct(
        name,
        fields,
        rename={column.name: column.key for column in columns},
        forbid_unknown_fields=True,
        gc=False,
    )


_IDENTITY = next(column for column in STORED if column.key == "userIdentity")
# Few identities make many calls: each distinct text is decoded once, so here it stays raw.
_RECORD = msgspec.json.Decoder(_struct("Record", _KEYED, identity=Raw))
_USER = msgspec.json.Decoder(_struct("UserIdentity", _IDENTITY.fields))

_TIME = re.compile(r"[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


def to_table(records: Sequence[Raw], files: Sequence[str]) -> pa.Table:
    """Spread records over the columns of ``events``.

    Parameters
    ----------
    records
        The JSON text of each record, valid JSON objects.
    files
        For each record, the file in which it was found.

    Returns
    -------
    pyarrow.Table
        A row a record, in order, with the schema `SCHEMA`.
    """
    rows: dict[str, list[Any]] = {column.name: [] for column in _KEYED}
    originals: list[str | None] = []
    users = _Users()
    for raw in records:
        text = bytes(raw)
        values = _usual(text, users)
        originals.append(text.decode() if values is None else None)
        for column, value in zip(rows.values(), values or _best_effort(text, users), strict=True):
            column.append(value)
    arrays = {name: _array(name, values, users) for name, values in rows.items()}
    arrays["record"] = pa.array(originals, pa.string())
    arrays["source_file"] = pa.array(files, pa.string())
    arrays["account_id"] = pa.array(map(_account, rows["recipient_account_id"]), pa.string())
    arrays["date"] = arrays["event_time"].cast(pa.date32())
    return pa.table([arrays[name] for name in SCHEMA.names], schema=SCHEMA)


class _Users:
    """The distinct user identities, each decoded once and then known by its number."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int | None] = {}
        self.found: list[dict[str, Any]] = []

    def number(self, raw: bytes) -> int | None:
        """Return the number of an identity whose every field is known, else None."""
        if raw not in self._numbers:
            try:
                self._numbers[raw] = self.add(_fields(_USER.decode(raw)))
            except (msgspec.DecodeError, RecursionError):
                self._numbers[raw] = None
        return self._numbers[raw]

    def add(self, fields: dict[str, Any]) -> int:
        self.found.append(fields)
        return len(self.found) - 1


def _fields(value: Any) -> Any:
    """Return a Struct as a dict of what was set."""
    if isinstance(value, msgspec.Struct):
        pairs = ((name, getattr(value, name)) for name in value.__struct_fields__)
        return {name: _fields(field) for name, field in pairs if field is not UNSET}
    return bytes(value).decode() if isinstance(value, Raw) else value


def _usual(text: bytes, users: _Users) -> list[Any] | None:
    """Return a value for each column, or None where they could not give the record back."""
    try:
        record = _RECORD.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    values: list[Any] = [None if value is UNSET else value for value in _ASTUPLE(record)]
    if values[_USER_AT] is not None:
        values[_USER_AT] = users.number(bytes(values[_USER_AT]))
        if values[_USER_AT] is None:
            return None
    if values[_TIME_AT] is not None:
        values[_TIME_AT] = _canonical_time(values[_TIME_AT])
        if values[_TIME_AT] is None:
            return None
    return values


_ASTUPLE = msgspec.structs.astuple
_USER_AT = _KEYED.index(_IDENTITY)
_TIME_AT = next(at for at, column in enumerate(_KEYED) if column.kind == "time")


def _canonical_time(text: str) -> datetime | None:
    """Return a time that is written just as CloudTrail writes times, else None."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _best_effort(text: bytes, users: _Users) -> list[Any]:
    """Return for each column what can be read of an unusual record."""
    try:
        record = json.loads(text, parse_int=_printed)
    except RecursionError:
        record = {}
    values = [_coerce(column, record.get(column.key)) for column in _KEYED]
    if values[_USER_AT] is not None:
        values[_USER_AT] = users.add(values[_USER_AT])
    return values


def parse(text: str | bytes) -> Any:
    """Return JSON as Python values: numbers of thousands of digits too, which `json` refuses."""
    return json.loads(text, parse_int=_integer)


_MOST_DIGITS = 4000


def _integer(digits: str) -> int:
    if len(digits) <= _MOST_DIGITS:
        return int(digits)
    shift: int = 10**_MOST_DIGITS
    head, tail = _integer(digits[:-_MOST_DIGITS]), int(digits[-_MOST_DIGITS:])
    return head * shift + (-tail if digits.startswith("-") else tail)


def _printed(digits: str) -> int | str:
    # Nor can Python write such a number.
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


def _coerce(column: Column, value: Any) -> Any:  # noqa: PLR0911
    if column.kind == "json":
        return None if value is None else _json_text(value)
    if column.kind == "group":
        if not isinstance(value, dict):
            return None
        return {field.name: _coerce(field, value.get(field.key)) for field in column.fields}
    if column.kind == "flag":
        return value if isinstance(value, bool) else None
    if column.kind == "time":
        return _any_time(value)
    if value is None or isinstance(value, str):
        return value and value.encode("utf-8", "replace").decode()
    return _json_text(value)


def _json_text(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can write it, UTF-8 cannot
        return json.dumps(value, separators=(",", ":"), default=str)
    return text


def _any_time(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _account(recipient: str | None) -> str | None:
    """Return an account id that is safe as a folder's name, else None."""
    return recipient if recipient is not None and _ACCOUNT.fullmatch(recipient) else None


def _array(name: str, values: list[Any], users: _Users) -> pa.Array:
    type_ = SCHEMA.field(name).type
    if name == _IDENTITY.name:
        return pa.array(users.found, type_).take(pa.array(values, pa.int64()))
    if _KINDS[name] == "json":
        values = [bytes(value) if isinstance(value, Raw) else value for value in values]
    return pa.array(values, type_)


_KINDS = {column.name: column.kind for column in STORED}


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
