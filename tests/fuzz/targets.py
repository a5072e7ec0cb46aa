"""What is fuzzed: each target takes bytes, and fails where they break a promise.

An exception that the library declares is an answer; any other one is a finding.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import pytest
from msgspec import Raw

from cloudtrail_mfa import PolicyError, ScopeError
from cloudtrail_mfa.iam import Caller, Context, Policies, Policy, Request, evaluate, lint, repair
from cloudtrail_mfa.output import FORMATS, write
from cloudtrail_mfa.queries import connect, select
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.identities import plain
from tests.lossless import check_file
from tests.records import MFA_FORCED, call, denied, refusal, role, session, user

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


def _policies(data: bytes) -> None:
    """Read a policy document, evaluate it and look for mistakes in it."""
    source = data[1:] if data[:1] < b"\x80" else data[1:].decode("utf-8", "replace")
    try:
        policy = Policy.parse(source)
    except PolicyError:
        return
    again = Policy.parse(json.dumps(policy.document))
    assert again.statements == policy.statements
    for request in _REQUESTS:
        for policies in (Policies(identity=[policy]), Policies(resource=[policy], scps=[[policy]])):
            assert evaluate(request, policies).allowed in (True, False, None)
    lint(source)
    repair(source)


_REQUESTS = [
    Request(caller, action, resource, context)
    for caller in (
        Caller.of_arn("arn:aws:iam::111122223333:user/alice"),
        Caller.of_arn("arn:aws:sts::111122223333:assumed-role/Deploy/carol"),
    )
    for action, resource in (("s3:GetObject", "arn:aws:s3:::b/k"), ("iam:GetUser", None))
    for context in (Context(), Context({"aws:MultiFactorAuthPresent": ("true",)}))
]
_STATEMENT = {
    "Sid": "NoMFA",
    "Effect": "Deny",
    "NotAction": ["iam:*", "sts:GetSessionToken"],
    "Resource": "arn:aws:s3:::${aws:username}/*",
    "Condition": {
        "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
        "NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"},
        "DateLessThan": {"aws:CurrentTime": "2026-06-01T00:00:00Z"},
        "IpAddress": {"aws:SourceIp": ["198.51.100.0/24"]},
        "ForAllValues:StringLike": {"aws:TagKeys": ["a*", "?"]},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/${aws:username}"},
        "Null": {"aws:MultiFactorAuthAge": True},
    },
}
_POLICIES = [
    {"Version": "2012-10-17", "Statement": [_STATEMENT]},
    {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": "*"}}},
    {"Version": "2012-10-17", "Statement": [_STATEMENT | {"Effect": "Allow", "Principal": "*"}]},
]


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return connect(())


def _messages(data: bytes) -> None:
    """Read an error message, a name and filters, and write what comes of them in every format."""
    text = data[1:].decode("utf-8", "replace")
    record = denied("PutObject", message=text, by=user(text), event_id="one", userAgent=text)
    table = to_table([Raw(json.dumps(record).encode())], "file")
    con = _connection()
    con.from_arrow(plain(table)).create_view("events", replace=True)
    for name in ("since", "until", "region", "account"):
        with contextlib.suppress(ScopeError):
            Scope.parse(**{name: text})  # type: ignore[arg-type]
    with contextlib.suppress(ScopeError):
        select(con, "denials", Scope.parse(principal=text, event=text))
    rows = select(con, "denials", Scope())
    assert rows["error_message"].tolist() == [text]
    for format_ in FORMATS:
        stream = io.BytesIO()
        write(rows, format_, stream)
        if format_ != "parquet":
            assert "\x1b" not in stream.getvalue().decode()


_MESSAGES = [
    "Access Denied",
    refusal(
        "s3:PutObject",
        on='"arn:aws:s3:::b/k"',
        why="because no identity-based policy allows the s3:PutObject action",
    ),
    refusal(
        "sts:AssumeRole",
        on=MFA_FORCED,
        why=f"with an explicit deny in a service control policy: {MFA_FORCED}",
    ),
    "You are not authorized to perform this operation. "
    + refusal("ec2:RunInstances", why="Encoded authorization failure message: AbC-_.1"),
    "2026-06-01T09:30:00+09:00",
    "*alice?[a]",
]

TARGETS = {
    "files": Target(
        _files,
        [bytes([how]) + text.encode() for text in _TEXTS for how in (0x30, 0x61, 0xA2)],
        ("cloudtrail_mfa.archive", "cloudtrail_mfa.store"),
    ),
    "policies": Target(
        _policies,
        [how + json.dumps(policy).encode() for policy in _POLICIES for how in (b"\0", b"\xff")],
        ("cloudtrail_mfa.iam",),
    ),
    "messages": Target(
        _messages,
        [b"\0" + text.encode() for text in _MESSAGES],
        ("cloudtrail_mfa.output", "cloudtrail_mfa.scope", "cloudtrail_mfa.printable"),
    ),
}
