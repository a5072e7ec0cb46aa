"""What is fuzzed: each target takes bytes, and fails where they break a promise.

An exception that the library declares is an answer; any other one is a finding.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lossless import check_file
from tests.records import call, denied, role, session, user

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """What is fuzzed, with texts to begin from and the packages that are watched for coverage."""

    check: Callable[[bytes], None]
    seeds: list[bytes]
    watched: tuple[str, ...]


_PACKINGS: list[Callable[[bytes], bytes]] = [
    bytes,
    gzip.compress,
    lambda text: gzip.compress(text[: len(text) // 2]) + gzip.compress(text[len(text) // 2 :]),
    lambda text: b"\xef\xbb\xbf" + text,
    lambda text: text.decode("utf-8", "replace").encode("utf-16", "replace"),
]


def _files(data: bytes) -> None:
    """Read a file the fast way and the careful way: packed and cut as the first byte says."""
    how, text = data[0] if data else 0, data[1:]
    pack = _PACKINGS[how % len(_PACKINGS)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cloudtrail_mfa.archive.pieces._BLOCK", 16 << (how >> 4))
        patch.setattr("cloudtrail_mfa.archive.pieces._BUFFER", 64)
        check_file(pack(text))


_ONE = denied(event_id="one", by=user(), requestParameters={"a": [1, {"b": "},{"}]})
_TWO = call(event_id="two", by=role(), resources=[{"ARN": "arn:aws:s3:::b"}], invented=1)
_THREE = call(event_id="three", by=session(mfa=True), eventTime="soon", errorMessage={"a": 1})
_RECORDS = [_ONE, _TWO, _THREE]
_SHAPES: list[Any] = [
    {"Records": _RECORDS},
    {"Records": [_ONE, _ONE]},
    _RECORDS,
    _ONE,
    {"Events": [{"EventId": "x", "CloudTrailEvent": json.dumps(one)} for one in _RECORDS]},
    {"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": _TWO},
    {"events": [{"timestamp": 1, "message": json.dumps(_ONE)}]},
    {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": json.dumps(_TWO)}]},
    {"QueryResultRows": [[{"eventID": "x"}, {"eventJson": json.dumps(_ONE)}]]},
]
_TEXTS = [json.dumps(shape, separators=(",", ":")) for shape in _SHAPES]
_TEXTS += [
    "\n".join(map(json.dumps, _RECORDS)),
    f"2026-06-01T09:00:00.000Z {json.dumps(_ONE)}\n" * 2,
]

TARGETS = {
    "files": Target(
        _files,
        [bytes([how]) + text.encode() for text in _TEXTS for how in (0x30, 0x61, 0xA2)],
        ("cloudtrail_mfa.archive", "cloudtrail_mfa.store"),
    ),
}
