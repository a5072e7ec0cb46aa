"""An archive in which somebody tries everything: each trick in each field of a record.

A file is a trick; each of its records has it in another field. All but `REJECTED` have to come back
as they were written.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cloudtrail_mfa.store.schema import STORED, Column
from tests.records import denied, role, user

__all__ = ["FIELDS", "REJECTED", "TRICKS", "TWICE", "records", "write_hostile"]

TRICKS = {
    "colour": '"\\u001b[31mred\\u001b[0m"',
    "colour-c1": '"\\u009b31mred"',
    "title": '"\\u001b]0;owned\\u0007"',
    "delete": '"a\\u007f\\b\\r\\n"',
    "turned": '"\\u202egpj.exe"',
    "turned-mark": '"\\u061c\\u2067"',
    "line-ends": '"a\\u2028b\\u2029c\\u0085d"',
    "nothing": '"\\u0000"',
    "mark": '"\\ufeff"',
    "half": '"cut \\ud83d"',
    "formula": "\"=cmd|' /C calc'!A0\"",
    "formula-plus": '"+1+1"',
    "formula-minus": '"-1+1"',
    "formula-at": '"@SUM(1)"',
    "formula-tab": '"\\t=1+1"',
    "formula-wide": '"\\uff1d1+1"',
    "html": '"<script>alert(1)</script>"',
    "markdown": '"| a | [b](javascript:c) |\\n|---|"',
    "rich": '"[red]x[/red] [link=http://x]y[/link]"',
    "mathematics": '"$\\\\frac{$"',
    "sql": "\"'; drop view events; select '\"",
    "sql-quoted": '"\\"; attach \'/nowhere/x\' as y; --"',
    "up": '"../../../etc/passwd"',
    "partition": '"account_id=1/../.."',
    "glob": '"*?[a-z]{x,y}"',
    "format": '"{0.__class__} %s %n ${x} $(x) `x`"',
    "long": json.dumps("x" * 5000),
    "empty": '""',
    "object": '{"a":{"b":[1]}}',
    "empty-object": "{}",
    "list": '["x",1]',
    "number": "7",
    "digits": "9" * 40,
    "many-digits": "9" * 5000,
    "huge": "1e999",
    "zero": "-0.0",
    "flag": "true",
    "null": "null",
    "first-year": '"0001-01-01T00:00:00Z"',
    "last-year": '"9999-12-31T23:59:59Z"',
    "after-the-last": '"9999-12-31T23:59:59-01:00"',
    "no-zone": '"2026-06-01T09:00:00"',
    "other-zone": '"2026-06-01T09:00:00.123+09:00"',
    "no-day": '"2026-02-30T09:00:00Z"',
    "deep": "[" * 300 + "]" * 300,
    "json": '"{\\"Records\\":[]}"',
    "record-end": '"},{\\"eventVersion\\":"',
    "not-a-number": "NaN",
    "infinity": "-Infinity",
}
"""JSON texts that stand for a value, by name."""

TWICE = ("colour", "object", "null")
"""Those that also stand beside the usual value, under the same key."""

REJECTED = {"not-a-number": "broken JSON", "infinity": "broken JSON"}
"""Those that are no JSON, each with the beginning of the reason."""


def _paths(columns: tuple[Column, ...], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for column in columns:
        if column.key:
            yield (*above, column.key)
            yield from _paths(column.fields, (*above, column.key))


FIELDS = [*_paths(STORED), ("invented",), ("requestParameters", "bucketName")]
"""Every field that has a column, one that has none, and one inside a body."""


def records(trick: str, *, twice: bool = False) -> list[str]:
    """Return the text of a record for each field, in which the trick stands instead of the value.

    Parameters
    ----------
    twice
        Whether the usual value stands there, too: before it, under the same key.
    """
    return [
        _record(f"{trick}{'-twice' * twice}-{number:03}", path, TRICKS[trick], twice)
        for number, path in enumerate(FIELDS)
    ]


def _record(event_id: str, path: tuple[str, ...], token: str, twice: bool) -> str:
    message = (
        "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:PutObject"
    )
    record = denied(
        "PutObject",
        message=message,
        by=role(sourceIdentity="alice") if int(event_id[-3:]) % 2 else user(),
        event_id=event_id,
        requestParameters={"bucketName": "example-reports"},
    )
    return _with(record, path, token, twice)


def _with(value: dict[str, Any], path: tuple[str, ...], token: str, twice: bool) -> str:
    """Write an object in which a text stands instead of a value, however deep."""
    key, *below = path
    inner = value.get(key)
    if below:
        new = _with(inner if isinstance(inner, dict) else {}, tuple(below), token, twice)
    else:
        new = token
    pairs = [(name, json.dumps(item)) for name, item in value.items() if twice or name != key]
    if below and twice:
        pairs = [(name, item) for name, item in pairs if name != key]
    pairs.append((key, new))
    return "{" + ",".join(f"{json.dumps(name)}:{item}" for name, item in pairs) + "}"


def write_hostile(folder: Path) -> list[str]:
    """Write the archive; return the texts of the records that have to come back."""
    folder.mkdir(parents=True)
    kept: list[str] = []
    for trick in TRICKS:
        for twice in {False, trick in TWICE}:
            texts = records(trick, twice=twice)
            text = f'{{"Records":[{",".join(texts)}]}}'
            name = f"{trick}{'-twice' * twice}.json.gz"
            (folder / name).write_bytes(gzip.compress(text.encode(), mtime=0))
            kept += [] if trick in REJECTED else texts
    return kept
