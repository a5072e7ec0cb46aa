"""What losslessness means, told by a reader that shares nothing with the library.

JSON is compared as what was written: a key that stands twice counts twice, a number is its digits.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from cloudtrail_mfa.archive.decode import NotEvents, Unreadable, decompress, unwrap
from cloudtrail_mfa.archive.pieces import OtherForm, Stored
from cloudtrail_mfa.store import load
from cloudtrail_mfa.store.columns import Usual, spread, to_table
from cloudtrail_mfa.store.identities import plain
from cloudtrail_mfa.store.originals import restore

__all__ = [
    "Number",
    "Pairs",
    "Text",
    "canonical",
    "careful",
    "check_file",
    "delivered",
    "fast",
    "parsed",
]

Text = str | bytes


class Pairs(list[Any]):
    """An object, as its pairs."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as its digits."""

    digits: str


def parsed(text: Text, *, in_order: bool = True) -> Any:
    """Return JSON as values that keep all of it.

    Parameters
    ----------
    in_order
        Whether an object's pairs stay as they are written; else they are in order of their keys.
    """

    def pairs(found: list[tuple[str, Any]]) -> Pairs:
        return Pairs(
            found if in_order else sorted(found, key=lambda pair: (pair[0], repr(pair[1])))
        )

    return json.loads(
        text, object_pairs_hook=pairs, parse_int=Number, parse_float=Number, parse_constant=Number
    )


def canonical(text: Text) -> Any:
    """Return JSON as a value that is equal for equal JSON, and for no other."""
    try:
        return parsed(text, in_order=False)
    except RecursionError:  # too deep to be compared but as the text it is
        return text if isinstance(text, str) else text.decode()


def fast(stored: bytes) -> list[str] | None:
    """Return the records as the fast way gives them back; None where it leaves the file alone."""
    found: list[str] = []
    try:
        for some in load._as_delivered(Stored(io.BytesIO(stored)), "file"):
            found += _back(spread([(some, "file")]) if isinstance(some, Usual) else some)
    except OtherForm:
        return None
    return found


def careful(stored: bytes) -> tuple[list[str], list[str]] | str:
    """Return the records as the careful way gives them back, and its problems; or why there is none."""
    try:
        found = unwrap(decompress(stored))
    except (NotEvents, Unreadable) as error:
        return str(error)
    for record in found.records:
        canonical(bytes(record))  # every record is JSON
    return _back(to_table(found.records, "file")), found.problems + found.notes


def _back(rows: pa.Table) -> list[str]:
    return list(restore(plain(rows)))


def delivered(stored: bytes) -> list[Any] | None:
    """Return the records of what is beyond doubt a delivered file, each as `canonical` has it."""
    try:
        text = gzip.decompress(stored) if stored.startswith(b"\x1f\x8b") else stored
        value = canonical(text.decode("utf-8"))
    except (EOFError, OSError, RecursionError, ValueError, zlib.error):
        return None
    if not isinstance(value, Pairs) or [key for key, _ in value] != ["Records"]:
        return None
    records = value[0][1]
    if not isinstance(records, list) or isinstance(records, Pairs):
        return None
    return records if all(map(_is_beyond_doubt, records)) else None


def _is_beyond_doubt(record: Any) -> bool:
    if not isinstance(record, Pairs):
        return False
    keys = [key for key, _ in record]
    sources = [value for key, value in record if key == "eventSource"]
    return (
        {"eventID", "eventName", "eventTime"} <= {*keys}
        and "insightDetails" not in keys
        and not any(isinstance(source, str) and source.startswith("aws:") for source in sources)
    )


def check_file(stored: bytes) -> None:
    """Fail where a file is neither given back as it was nor rejected by name."""
    quick, slow = fast(stored), careful(stored)
    if quick is not None:
        assert not isinstance(slow, str), f"only the fast way reads it: {slow}"
        assert slow[1] == [], slow[1]
        assert _canonicals(quick) == _canonicals(slow[0])
    expected = delivered(stored)
    if expected is None:
        return
    if isinstance(slow, str):
        assert slow.startswith(("broken JSON", "empty")), slow
    else:
        assert _canonicals(slow[0]) == expected


def _canonicals(texts: list[str]) -> list[Any]:
    return list(map(canonical, texts))
