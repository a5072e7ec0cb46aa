"""Changes to JSON that bytes changed at random would hardly ever be: still JSON, or nearly."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.lossless import Number, Pairs, parsed

__all__ = ["mutated", "written"]

_TOKENS = [
    "null", "true", "false", "0", "-0.0", "1e999", "NaN", "-Infinity", "9" * 40, "1" * 5000, "1.10",
    '""', '"\\ud83d"', '"\\u0000"', '"},{\\"eventName\\":"', '"2026-06-01T09:00:00"', '"9999-12-31T23:59:59-01:00"',
    '"0001-01-01T00:00:00Z"', '"2026-13-45T00:00:00Z"', '"../../etc"', '"aws:s3"', '"\\u001b[31m"', '"=1+1"',
    "[]", "{}", '{"Records":[]}', "[" * 60 + "]" * 60, '"[1]"', '"{}"',
]  # fmt: skip
_KEYS = [
    "Records", "Events", "CloudTrailEvent", "events", "logEvents", "message", "eventJson", "QueryResultRows",
    "detail", "detail-type", "digestS3Bucket", "insightDetails", "eventName", "eventSource", "eventTime",
    "eventID", "eventVersion", "userIdentity", "sessionContext", "attributes", "sessionIssuer", "awsRegion",
    "errorCode", "errorMessage", "requestParameters", "resources", "recipientAccountId", "readOnly", "invented",
    "Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "Condition", "Version", "Bool",
]  # fmt: skip


class _Token(str):
    """Text that is written as it is."""

    __slots__ = ()


def mutated(text: bytes, seed: int) -> bytes | None:
    """Return JSON text with some changes; None where it is no JSON."""
    try:
        value = parsed(text)
    except (RecursionError, ValueError):
        return None
    chance = Random(seed)  # noqa: S311
    for _ in range(chance.choice((1, 1, 2, 4))):
        value = _changed(value, chance)
    return written(value, chance.choice((",:", ",:", ", :", " ,\n:"))).encode("utf-8", "replace")


def written(value: Any, marks: str = ",:") -> str:
    """Write a value as `parsed` has it."""
    if isinstance(value, _Token):
        return value
    if isinstance(value, Number):
        return value.digits
    comma, colon = marks[:-1], marks[-1]
    if isinstance(value, Pairs):
        pairs = (f"{json.dumps(key)}{colon}{written(item, marks)}" for key, item in value)
        return "{" + comma.join(pairs) + "}"
    if isinstance(value, list):
        return "[" + comma.join(written(item, marks) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _changed(value: Any, chance: Random) -> Any:
    """Change one place in a value."""
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        more = list(value)
        action = chance.randrange(8)
        if action < 5:
            item = value[at]
            more[at] = (
                (item[0], _changed(item[1], chance))
                if isinstance(value, Pairs)
                else _changed(item, chance)
            )
        elif action == 5:
            del more[at]
        elif action == 6:
            more.insert(chance.randrange(len(more) + 1), more[at])
        elif isinstance(value, Pairs):
            more.insert(at, (chance.choice(_KEYS), _Token(chance.choice(_TOKENS))))
        else:
            more.insert(at, _Token(chance.choice(_TOKENS)))
        return type(value)(more)
    return _replaced(value, chance)


def _replaced(value: Any, chance: Random) -> Any:
    action = chance.randrange(6)
    if action == 0:
        return [value]
    if action == 1:
        return Pairs([(chance.choice(_KEYS), value)])
    if action == 2:
        return written(value)  # JSON in a text
    return _Token(chance.choice(_TOKENS))
