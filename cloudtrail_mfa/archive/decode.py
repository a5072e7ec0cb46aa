"""From stored bytes to raw records, whatever people wrapped them in.

A record is kept as the JSON text it was: nothing is interpreted here. The shapes:

- ``{"Records": […]}``, CloudTrail's own files and the console's event-history download
- a list of records, one record a line, one record alone
- ``{"Events": [{"CloudTrailEvent": "…"}]}``, what ``aws cloudtrail lookup-events`` prints
- ``{"detail-type": …, "detail": {…}}``, EventBridge
- ``{"events"|"logEvents": [{"message": "…"}]}``, what ``aws logs filter-log-events`` prints and
  what CloudWatch Logs sends to subscribers; its exports to S3 (a time stamp before each line)
- ``{"QueryResultRows": [[{"eventJson": "…"}]]}``, CloudTrail Lake, where the event was selected
"""

from __future__ import annotations

import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

import msgspec
from isal import igzip, isal_zlib
from msgspec import Raw

__all__ = [
    "BROKEN_GZIP",
    "LARGEST",
    "NotEvents",
    "Unreadable",
    "Unwrapped",
    "broken_gzip",
    "decompress",
    "too_large",
    "unwrap",
]


BROKEN_GZIP: tuple[type[Exception], ...] = (EOFError, OSError, isal_zlib.error, zlib.error)  # type: ignore[assignment]
"""What isal raises where a gzip stream is damaged."""


class Unreadable(Exception):
    """The bytes hold no CloudTrail events; the text says why."""


class NotEvents(Exception):
    """The bytes are CloudTrail's, but of a kind that holds no events; the text says which."""


@dataclass(slots=True)
class Unwrapped:
    """What a file held.

    Attributes
    ----------
    records
        The JSON text of each record.
    problems
        A sentence for each part that is no CloudTrail record.
    notes
        A sentence for what was left out with good reason.
    """

    records: list[Raw] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def decompress(stored: bytes) -> bytes:
    """Return a file's text as UTF-8 without byte order mark, gunzipped where it was gzipped.

    The content decides, not the name. UTF-16 is taken where a byte order mark announces it:
    PowerShell's ``>`` writes it.

    Raises
    ------
    Unreadable
        If the gzip stream is broken or the text is not UTF-8, or there is none.
    """
    if stored.startswith(b"\x1f\x8b"):
        try:
            stored = _gunzip(stored)
        except BROKEN_GZIP as error:
            raise broken_gzip(error) from None
    if stored.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return stored.decode("utf-16").encode()
        except UnicodeDecodeError as error:
            raise Unreadable(f"broken UTF-16 at byte {error.start}") from None
    text = stored.removeprefix(b"\xef\xbb\xbf")
    if not text.strip():
        raise Unreadable("empty: there is nothing in it")
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"not UTF-8: the byte at {error.start} belongs to no character"
            ) from None
    return text


LARGEST = 2 << 30
"""Bytes: what unfolds to more is not CloudTrail's, whose files hold some tens of megabytes."""

_HIGHEST_RATIO = 1100  # deflate cannot do better: https://zlib.net/zlib_tech.html


def _gunzip(stored: bytes) -> bytes:
    if len(stored) * _HIGHEST_RATIO <= LARGEST:
        return bytes(igzip.decompress(stored))  # type: ignore[no-untyped-call]
    with igzip.open(io.BytesIO(stored)) as stream:  # type: ignore[no-untyped-call]
        text: bytes = stream.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise too_large(LARGEST)
    return text


def broken_gzip(error: Exception) -> Unreadable:
    """Return what to say where isal raised one of `BROKEN_GZIP`."""
    if isinstance(error, EOFError):
        return Unreadable("truncated gzip: the end of the stream is missing")
    return Unreadable(f"broken gzip: {error}")


def too_large(largest: int) -> Unreadable:
    """Return what to say of a file that unfolds to more than so many bytes."""
    return Unreadable(f"too large: it unfolds to more than {largest >> 20:,} MiB")


def unwrap(text: bytes) -> Unwrapped:
    """Find the records in a file's text.

    Raises
    ------
    Unreadable
        If there is no record in it: broken JSON, or another kind of it.
    NotEvents
        If it holds nothing but a digest or Insights.
    """
    try:
        return _unwrap(text)
    except RecursionError:
        raise Unreadable("broken JSON: nested too deeply") from None


def _unwrap(text: bytes) -> Unwrapped:
    found = Unwrapped()
    others: Counter[_Other] = Counter()
    for where, value in _values(text):
        for item in [f"{where}broken JSON"] if value is None else _items(value, where):
            if isinstance(item, str):
                found.problems.append(item)
            elif isinstance(item, _Other):
                others[item] += 1
            else:
                found.records.append(item)
    if others and not found.records and not found.problems:
        raise NotEvents("; ".join(other.value for other in others))
    found.notes += [f"left out, {count} times: {other.value}" for other, count in others.items()]
    if found.problems and not found.records:
        raise Unreadable(found.problems[0])
    return found


_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_LIST = msgspec.json.Decoder(list[Raw])
_ANY = msgspec.json.Decoder(Raw)


class _Other(Enum):
    """What CloudTrail delivers beside events."""

    DIGEST = "a CloudTrail digest: it proves log files, it holds no events"
    INSIGHT = "CloudTrail Insights: they are no calls"


_Item = Raw | _Other | str
"""A record, something else of CloudTrail's, or a sentence on what is neither."""


# Fields that only a CloudTrail record has beside its eventName or eventSource. One is enough: a
# record that lacks others is still evidence.
_RECORD_FIELDS = frozenset({"awsRegion", "eventID", "eventTime", "eventVersion", "userIdentity"})
# Where the next layer is, by the wrapper's key.
_LAYERS = (
    "Records",
    "Events",
    "CloudTrailEvent",
    "events",
    "logEvents",
    "message",
    "eventJson",
    "QueryResultRows",
)
# Nobody wraps deeper than CloudWatch Logs around EventBridge around a list; attackers might.
_DEEPEST = 8


def _values(text: bytes) -> Iterator[tuple[str, Raw | None]]:
    """Yield each JSON value of the text and where it stands: one as a rule, else one a line."""
    try:
        value = _json(text)
    except msgspec.DecodeError as error:
        yield from _lines(text, error)
    else:
        yield "", value


def _lines(text: bytes, whole: Exception) -> Iterator[tuple[str, Raw | None]]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    parsed = {number: values for number, line in lines if (values := _line(line))}
    if not parsed:
        lines, parsed = [(1, text)], {1: _in_a_row(text)}
    if not any(parsed.values()):
        raise Unreadable(_what_else(text, whole))
    for number, _ in lines:
        for value in parsed.get(number, [None]):
            yield f"line {number}: ", value


# Half a surrogate pair, as an escape: JSON's grammar allows it, no text can hold it.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _json(text: bytes) -> Raw:
    """Return the text as one JSON value, or raise `msgspec.DecodeError`.

    Half a surrogate pair, which one caller's cut user agent may hold, is read by Python's own
    reader alone, which so keeps the other records of the file.
    """
    try:
        _ANY.decode(text)
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None
    except msgspec.DecodeError:
        if not _SURROGATE.search(text) or not _is_json(text):
            raise
    return Raw(text.strip())


def _is_json(text: bytes) -> bool:
    decoded = text.decode().strip(_WHITE)
    try:
        return _READER.raw_decode(decoded)[1] == len(decoded)
    except (ValueError, RecursionError):
        return False


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_READER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_number)
_WHITE = " \t\n\r"
_JOINT = re.compile(rb"}\s*{")
_MARK = re.compile(rf"[{_WHITE}]*[,:]?[{_WHITE}]*")


def _members(value: Raw | bytes) -> list[Raw]:
    """Return the members of a list, or the keys and values of an object by turns, as they stand."""
    text = bytes(value).decode()
    members: list[Raw] = []
    at = _MARK.match(text, 1).end()  # type: ignore[union-attr]
    while at < len(text) - 1:
        _, end = _READER.raw_decode(text, at)
        members.append(Raw(text[at:end].encode()))
        at = _MARK.match(text, end).end()  # type: ignore[union-attr]
    return members


def _listed(value: Raw) -> list[Raw]:
    """Return the members of a list."""
    try:
        return _LIST.decode(value)
    except msgspec.DecodeError:  # half a surrogate pair
        return _members(value)


def _fields(value: Raw) -> dict[str, Raw]:
    """Return the fields of an object; of a key that stands twice the last."""
    try:
        return _OBJECT.decode(value)
    except msgspec.DecodeError:  # half a surrogate pair
        return dict(_pairs(value))


def _pairs(value: Raw) -> list[tuple[str, Raw]]:
    """Return the fields of an object, also those whose key stands twice."""
    members = _members(value)
    return [(json.loads(bytes(key)), item) for key, item in zip(*[iter(members)] * 2, strict=True)]


def _line(line: bytes) -> list[Raw]:
    """Return the JSON values of a line, one as a rule; none where it is broken."""
    # Exports of CloudWatch Logs put "2026-06-01T09:00:00.000Z " before the event.
    start = line.find(b"{") if line[:2].isdigit() else 0
    try:
        return [_json(line[start:])]
    except msgspec.DecodeError:
        return _in_a_row(line[start:])


def _in_a_row(text: bytes) -> list[Raw]:
    """Return JSON values of which one begins where another ended: files that somebody joined."""
    if not _JOINT.search(text):
        return []
    try:
        return _members(b"[%b]" % text)
    except (ValueError, RecursionError):
        return []


def _what_else(text: bytes, error: Exception) -> str:
    head = text.lstrip()[:200]
    if head[:1] in (b"{", b"["):
        return f"broken JSON: {error}"
    if b"Event name" in head or b"eventName" in head:
        return "CSV, which lacks most of an event's fields: download the event history as JSON"
    return "not JSON"


def _items(value: Raw, where: str, depth: int = 0) -> Iterator[_Item]:
    """Yield the records inside a JSON value, and a sentence for what is none."""
    first = _first(value)
    if depth > _DEEPEST:
        yield f"{where}wrapped more than {_DEEPEST} layers deep"
    elif first == b"[":
        for number, item in enumerate(_listed(value), 1):
            here = where if "item" in where else f"{where}item {number}: "
            yield from _items(item, here, depth + 1)
    elif first == b'"':
        yield from _quoted(value, where, depth)
    elif first == b"{":
        yield from _object(value, where, depth)
    else:
        yield f"{where}not a CloudTrail record but {bytes(value)[:40].decode(errors='replace')}"


def _quoted(value: Raw, where: str, depth: int) -> Iterator[_Item]:
    try:
        inner = _json(json.loads(bytes(value)).encode())
    except (msgspec.DecodeError, UnicodeEncodeError):
        yield f"{where}a text that is no JSON where a CloudTrail record should be"
        return
    yield from _items(inner, where, depth + 1)


def _object(value: Raw, where: str, depth: int) -> Iterator[_Item]:
    fields = _fields(value)
    if _is_record(fields):
        yield _Other.INSIGHT if "insightDetails" in fields else value
    elif layers := list(_layers(value, fields)):
        for key, layer in layers:
            if key == "QueryResultRows":
                yield from _lake_rows(layer, where, depth)
            else:
                yield from _items(layer, where, depth + 1)
    elif "digestS3Bucket" in fields:
        yield _Other.DIGEST
    elif "insightDetails" in fields:
        yield _Other.INSIGHT
    else:
        keys = ", ".join(list(fields)[:5]) or "none"
        yield f"{where}another kind of JSON: not a CloudTrail record (its keys: {keys})"


def _layers(value: Raw, fields: dict[str, Raw]) -> Iterator[tuple[str, Raw]]:
    """Yield what is wrapped in an object: all of it, should there be several or a key stand twice."""
    names = {*_LAYERS, *(["detail"] if "detail-type" in fields else [])}
    if names.isdisjoint(fields):
        return
    # Where a field was dropped, for its key stands twice, what is left is shorter.
    whole = len(msgspec.json.encode(fields)) == len(memoryview(value))
    for key, layer in fields.items() if whole else _pairs(value):
        if key in names:
            yield key, layer


def _is_record(fields: dict[str, Raw]) -> bool:
    # Notifications of S3, SQS and DynamoDB look alike, but for "eventSource": "aws:s3".
    source = bytes(fields.get("eventSource", b""))
    return (
        ("eventName" in fields or bool(source))
        and not _RECORD_FIELDS.isdisjoint(fields)
        and not source.startswith(b'"aws:')
    )


def _lake_rows(rows: Raw, where: str, depth: int) -> Iterator[_Item]:
    table = [_cells(row) for row in _listed(rows)] if _first(rows) == b"[" else [None]
    for number, events in enumerate(table, 1):
        if events is None:
            yield f"{where}QueryResultRows that are no rows of CloudTrail Lake"
        elif not events:
            yield f"{where}row {number}: CloudTrail Lake columns without the event: select eventJson"
        else:
            for event in events:
                yield from _items(event, where, depth + 1)


def _cells(row: Raw) -> list[Raw] | None:
    """Return the events of a row of CloudTrail Lake; None where it is no row."""
    cells = _listed(row) if _first(row) == b"[" else []
    if not cells or any(_first(cell) != b"{" for cell in cells):
        return None
    return [field for cell in cells for key, field in _pairs(cell) if key == "eventJson"]


def _first(value: Raw) -> bytes:
    return bytes(memoryview(value)[:1])
