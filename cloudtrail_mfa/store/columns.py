"""Records to Arrow columns.

A record whose every field is known and of its usual type is spread over the columns, from which
`cloudtrail_mfa.store.originals` gives it back. Any other record is also kept as the text it was, in
the column ``record``, and the columns hold what could be read of it: nothing is dropped because it is
unknown.

Usual records go together: one call decodes some hundred of them, one more makes each column of
them, and an identity that made many of these calls is spread once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, chain
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Raw
from msgspec.structs import astuple

from cloudtrail_mfa.store.identities import ROW_SCHEMA, numbered, plain, renumbered
from cloudtrail_mfa.store.originals import MOST_DIGITS
from cloudtrail_mfa.store.schema import STORED, Column, arrow_type

__all__ = ["Usual", "spread", "to_table", "usual"]

_KEYED = tuple(column for column in STORED if column.key)
_TYPES: dict[str, Any] = {"text": str, "time": str, "flag": bool, "json": Raw}


def _struct(columns: Sequence[Column], *, only: bool = True, identity: Any = None) -> Any:
    """Return a Struct that accepts these columns' keys, each of its usual type or absent.

    And `only` these, or others, too.
    """

    def type_of(column: Column) -> Any:
        if column.kind == "group":
            return identity or _struct(column.fields, only=only)
        return _TYPES[column.kind]

    return msgspec.defstruct(
        "Fields",
        # None stands for an absent field: a field that is null is not of its usual type.
        [(column.name, type_of(column), None) for column in columns],
        rename={column.name: column.key for column in columns},
        forbid_unknown_fields=only,
        omit_defaults=True,
        gc=False,
    )


_NAMES = [column.name for column in _KEYED]
_ID, _TIME, _IDENTITY, _SOURCE, _EVENT = map(
    _NAMES.index, ("event_id", "event_time", "user_identity", "event_source", "event_name")
)


@dataclass(frozen=True, slots=True)
class _Decoders:
    """Of a list of records, and of the identities in that.

    Few identities make many calls: each distinct text is decoded once, so at first it stays raw.
    """

    records: msgspec.json.Decoder[list[Any]]
    identities: msgspec.json.Decoder[list[Any]]


def _decoders(*, only: bool) -> _Decoders:
    return _Decoders(
        msgspec.json.Decoder(list[_struct(_KEYED, only=only, identity=Raw)]),  # type: ignore[misc]
        msgspec.json.Decoder(list[_struct(_KEYED[_IDENTITY].fields, only=only)]),  # type: ignore[misc]
    )


_RECORD = msgspec.json.Decoder(_struct(_KEYED))
_USUAL, _WITH_MORE = _decoders(only=True), _decoders(only=False)

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_TIME_TYPE = arrow_type(_KEYED[_TIME])


@dataclass(frozen=True, slots=True)
class Usual:
    """Some records whose every field is known and of its usual type, in columns.

    Attributes
    ----------
    columns
        For each column that has a key, the value of each record; None where it is absent.
        Identities are their places in `identities`.
    identities
        The distinct ones.
    moments
        The times.
    """

    columns: list[Sequence[Any]]
    identities: list[msgspec.Struct]
    moments: pa.TimestampArray

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.columns[_ID])


def usual(text: bytes) -> Usual | None:
    """Decode some records, if all of them are usual.

    Parameters
    ----------
    text
        A list of records; UTF-8, but not yet known to be JSON.

    Returns
    -------
    Usual or None
        None if the text is no such list, or one of the records is not usual, or may be none of
        CloudTrail's.
    """
    found = _decoded(text, _USUAL, whole=True)
    if found is None or any(None in found.columns[at] for at in (_ID, _EVENT, _SOURCE)):
        return None
    # Notifications of S3 look like records, but for their source.
    if any(source.startswith("aws:") for source in set(found.columns[_SOURCE])):
        return None
    return found


def _decoded(text: bytes, decoders: _Decoders, *, whole: bool = False) -> Usual | None:
    """Decode some records, if their known fields are of their usual types.

    And if, where the `whole` text is to be in them, no key stands twice.
    """
    try:
        records = decoders.records.decode(text)
        if whole and not _holds(records, text):
            return None
        columns: list[Sequence[Any]] = [*zip(*map(astuple, records), strict=True)]
        columns = columns or [()] * len(_KEYED)
        columns[_IDENTITY], distinct = _numbered(columns[_IDENTITY])
        listed = b"[%b]" % b",".join(distinct)
        identities = decoders.identities.decode(listed)
        if whole and not _holds(identities, listed):
            return None
    except (msgspec.DecodeError, RecursionError):
        return None
    moments = _moments(columns[_TIME])
    return None if moments is None else Usual(columns, identities, moments)


def _holds(decoded: Any, text: bytes) -> bool:
    """Whether all of a JSON text is in what was decoded of it: no key stands twice in an object.

    Of a key that stands twice the last value is decoded. Nothing is written shorter than it is
    written here, so a text of the same length holds nothing else.
    """
    if len(_ENCODER.encode(decoded)) == len(text):
        return True
    try:
        json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise ValueError


_ENCODER = msgspec.json.Encoder()


def _numbered(raws: Sequence[Raw | None]) -> tuple[list[int | None], list[bytes]]:
    """Return the number of each identity, and the texts of the distinct ones."""
    texts = [None if raw is None else bytes(raw) for raw in raws]
    distinct: dict[Any, None] = dict.fromkeys(texts)
    distinct.pop(None, None)
    numbers: dict[bytes | None, int | None] = {text: at for at, text in enumerate(distinct)}
    numbers[None] = None
    return list(map(numbers.__getitem__, texts)), list(distinct)


def _moments(times: Sequence[str | None]) -> pa.TimestampArray | None:
    """Return times that are all written just as CloudTrail writes them, else None."""
    present = [time for time in times if time is not None] if None in times else times
    letters = np.frombuffer("".join(present).encode(), np.uint8)  # type: ignore[arg-type]
    if {*map(len, present)} - {_TIME_LENGTH} or len(letters) != len(present) * _TIME_LENGTH:  # type: ignore[arg-type]
        return None
    letters = letters.reshape(-1, _TIME_LENGTH)
    # Of what Arrow takes for a time of this length only this remains: 2026-06-01T09:05:00Z.
    if (letters[:, _MARKS] != _MARK).any() or (letters[:, 0] == ord("0")).any():
        return None
    try:
        return pa.array(times, pa.string()).cast(_TIME_TYPE)
    except pa.ArrowInvalid:
        return None


_TIME_LENGTH = len("2026-06-01T09:05:00Z")
_MARKS, _MARK = [4, 7, 10, 13, 16, 19], np.frombuffer(b"--T::Z", np.uint8)


def spread(found: Sequence[tuple[Usual, str]]) -> pa.Table:
    """Spread usual records over the columns of ``events``.

    Parameters
    ----------
    found
        Records, and the file in which they were found.

    Returns
    -------
    pyarrow.Table
        A row a record, in order, with the schema `ROW_SCHEMA`.
    """
    columns = {
        name: _MAKERS[at](_joined([records.columns[at] for records, _ in found]))
        for at, name in enumerate(_NAMES)
        if at not in (_IDENTITY, _TIME)
    }
    columns[_NAMES[_TIME]] = pa.concat_arrays([records.moments for records, _ in found])
    columns[_NAMES[_IDENTITY]] = _identities([records for records, _ in found])
    counts = [len(records) for records, _ in found]
    files = pa.array([file for _, file in found], pa.string())
    return _table(columns, files.take(pa.array(np.repeat(np.arange(len(found)), counts))))


def _identities(found: Sequence[Usual]) -> pa.DictionaryArray:
    firsts = accumulate((len(records.identities) for records in found), initial=0)
    # One less: the last of the firsts is the end of all.
    places = [
        pc.add(pa.array(records.columns[_IDENTITY], pa.int64()), first)
        for records, first in zip(found, firsts, strict=False)
    ]
    distinct = _MAKERS[_IDENTITY](_joined([records.identities for records in found]))
    return numbered(distinct, pa.concat_arrays(places))


def _joined(lists: Sequence[Sequence[Any]]) -> Sequence[Any]:
    return lists[0] if len(lists) == 1 else list(chain.from_iterable(lists))


def to_table(records: Sequence[Raw], file: str) -> pa.Table:
    """Spread any records over the columns of ``events``.

    Parameters
    ----------
    records
        The JSON text of each record, valid JSON objects.
    file
        The file in which they were found.

    Returns
    -------
    pyarrow.Table
        A row a record, in order, with the schema `ROW_SCHEMA`.
    """
    texts = [bytes(record) for record in records]
    rows = _with_more(texts, file)
    if rows is None:  # each by itself, in the order of the file
        known = np.array([_with_more([text], file) is not None for text in texts], bool)
        good = [text for text, yes in zip(texts, known, strict=True) if yes]
        odd = [text for text, yes in zip(texts, known, strict=True) if not yes]
        places = np.argsort(np.concatenate([np.flatnonzero(known), np.flatnonzero(~known)]))
        tables = [_with_more(good, file), plain(_as_far_as_possible(odd, file))]
        rows = pa.concat_tables(tables).take(pa.array(places))
    return renumbered(rows)


def _with_more(texts: Sequence[bytes], file: str) -> pa.Table | None:
    """Spread records whose known fields are of their usual types, None where one's are not.

    A field that AWS has added costs a record its copy, but not the short way.
    """
    found = _decoded(b"[%b]" % b",".join(texts), _WITH_MORE)
    if found is None:
        return None
    copies = [None if _has_no_more(text) else text.decode() for text in texts]
    at = ROW_SCHEMA.get_field_index("record")
    rows = spread([(found, file)])
    return plain(rows.set_column(at, ROW_SCHEMA.field(at), pa.array(copies, pa.string())))


def _has_no_more(text: bytes) -> bool:
    """Whether every field of a record is known, and there once."""
    try:
        return _holds(_RECORD.decode(text), text)
    except (msgspec.DecodeError, RecursionError):
        return False


def _table(columns: dict[str, pa.Array], files: pa.Array) -> pa.Table:
    """Add the columns that the library fills."""
    columns.setdefault("record", pa.nulls(len(files), pa.string()))
    columns["source_file"] = files
    columns["account_id"] = _accounts(columns["recipient_account_id"])
    columns["date"] = columns["event_time"].cast(pa.date32())
    return pa.Table.from_arrays([columns[name] for name in ROW_SCHEMA.names], schema=ROW_SCHEMA)


def _accounts(recipients: pa.Array) -> pa.Array:
    """Return account ids that are safe as a folder's name, else null."""
    distinct = recipients.unique()
    safe = pa.array(
        [account is None or bool(_ACCOUNT.fullmatch(account)) for account in distinct.to_pylist()],
        pa.bool_(),
    )
    if pc.all(safe).as_py() is not False:
        return recipients
    return pc.if_else(pc.is_in(recipients, distinct.filter(safe)), recipients, None)


_Maker = Callable[[Sequence[Any]], pa.Array]


def _maker(column: Column) -> _Maker:
    """Return what makes a column of the values of its records."""
    type_ = arrow_type(column)
    make = _group_maker(column, type_) if column.fields else _MAKE[column.kind]

    def array(values: Sequence[Any]) -> pa.Array:
        # Most columns are empty most of the time, which is seen sooner than converted.
        if not any(values) and values.count(None) == len(values):
            return pa.nulls(len(values), type_)
        return make(values).view(type_) if column.kind == "json" else make(values)

    return array


_MAKE: dict[str, _Maker] = {
    "text": lambda texts: pa.array(texts, pa.string()),
    "flag": lambda flags: pa.array(flags, pa.bool_()),
    # The text they are parts of is UTF-8, so they are: it need not be checked again.
    "json": lambda raws: pa.array(
        [None if raw is None else bytes(raw) for raw in raws], pa.binary()
    ),
}


def _group_maker(column: Column, type_: pa.DataType) -> _Maker:
    makers = [_maker(field) for field in column.fields]

    def group(values: Sequence[msgspec.Struct | None]) -> pa.Array:
        present = [value for value in values if value is not None]
        fields = zip(*map(astuple, present), strict=True)
        arrays = [make(some) for make, some in zip(makers, fields, strict=True)]
        made = pa.StructArray.from_arrays(arrays, fields=list(type_))
        if len(present) == len(values):
            return made
        places = iter(range(len(present)))
        return made.take(
            pa.array([None if value is None else next(places) for value in values], pa.int64())
        )

    return group


# Times are made where they are checked.
_MAKERS = {at: _maker(column) for at, column in enumerate(_KEYED) if column.kind != "time"}


def _as_far_as_possible(texts: Sequence[bytes], file: str) -> pa.Table:
    """Spread what can be read of records with fields of unusual types, each beside its copy."""
    rows = [_best_effort(text) for text in texts]
    arrays = {
        column.name: pa.array([row[column.name] for row in rows], arrow_type(column))
        for column in _KEYED
    }
    name = _NAMES[_IDENTITY]
    arrays[name] = numbered(arrays[name], pa.array(range(len(texts)), pa.int64()))
    arrays["record"] = pa.array([text.decode() for text in texts], pa.string())
    return _table(arrays, pa.repeat(file, len(texts)))


def _best_effort(text: bytes) -> dict[str, Any]:
    try:
        record = json.loads(text, parse_int=_printed)
    except RecursionError:
        record = {}
    return {column.name: _coerce(column, record.get(column.key)) for column in _KEYED}


def _printed(digits: str) -> int | str:
    # Python neither reads nor writes a longer number.
    return int(digits) if len(digits) <= MOST_DIGITS else digits


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
