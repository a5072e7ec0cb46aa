"""What is fuzzed: each target takes bytes, and fails where they break a promise.

An exception that the library declares is an answer; any other one is a finding.
"""

from __future__ import annotations

import atexit
import contextlib
import gzip
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from msgspec import Raw

from cloudtrail_mfa import Evidence, EvidenceError, PolicyError, ScopeError, verify
from cloudtrail_mfa.archive.signatures import PublicKeys
from cloudtrail_mfa.demo import sample_evidence
from cloudtrail_mfa.errors import PublicKeyError
from cloudtrail_mfa.iam import Caller, Context, Policies, Policy, Request, evaluate, lint, repair
from cloudtrail_mfa.output import FORMATS, write
from cloudtrail_mfa.queries import connect, select
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.identities import plain
from tests.lossless import check_file
from tests.records import MFA_FORCED, call, denied, refusal, role, session, user
from tests.signed_archive import write_keys

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """What is fuzzed, with texts to begin from and the packages that are watched for coverage.

    What stands `between` parts of an input makes each of them one to be changed.
    """

    check: Callable[[bytes], None]
    seeds: list[bytes]
    watched: tuple[str, ...]
    between: bytes = b""


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


_MOST_TEXTS = 100
# Never in UTF-8: one question is then asked of many texts, since it is what takes the time.
_BETWEEN = b"\xff"


def _messages(data: bytes) -> None:
    """Read error messages, names and filters, and write what comes of them in every format."""
    parts = data[1:].split(_BETWEEN)[:_MOST_TEXTS]
    texts = [part.decode("utf-8", "replace") for part in parts]
    records = [
        denied("PutObject", message=text, by=user(text), event_id=f"{number:03}", userAgent=text)
        for number, text in enumerate(texts)
    ]
    con = _connection()
    table = to_table([Raw(json.dumps(record).encode()) for record in records], "file")
    con.from_arrow(plain(table)).create_view("events", replace=True)
    for text in texts:
        for name in ("since", "until", "region", "account", "principal", "event"):
            with contextlib.suppress(ScopeError):
                Scope.parse(**{name: text})  # type: ignore[arg-type]
    rows = select(con, "denials", Scope())
    assert rows["error_message"].tolist() == texts
    said = rows[["principal_name", "error_message", "resource_arn", "user_agent"]]
    for format_ in FORMATS:
        stream = io.BytesIO()
        write(said, format_, stream)
        if format_ != "parquet":
            assert "\x1b" not in stream.getvalue().decode()
    named = [text for text in texts if text.strip()]
    with contextlib.suppress(ScopeError):
        found = select(con, "denials", Scope.parse(principal=named)) if named else rows
        assert set(found["error_message"]) >= set(named)


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


@cache
def _folder(name: str) -> Path:
    """Return an empty folder, which goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


_EXPORTS = {
    "account-authorization-details.json": Path(
        sample_evidence(), "account-authorization-details.json"
    ).read_bytes(),
    "credential-report.csv": Path(sample_evidence(), "credential-report.csv").read_bytes(),
    "resource-policies.json": json.dumps(
        {"arn:aws:s3:::b": _POLICIES[1], "arn:aws:s3:::c": None}
    ).encode(),
    "scp/one.json": json.dumps(_POLICIES[1]).encode(),
    "rcp/one.json": json.dumps(_POLICIES[1]).encode(),
}


def _exports(data: bytes) -> None:
    """Load evidence of which one file, as the first byte says, is what was given; and use it."""
    folder = _folder("exports")
    changed = [*_EXPORTS][data[0] % len(_EXPORTS)] if data else ""
    for name, content in _EXPORTS.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        if name in (changed, *_EXPORTS)[:2]:  # the export is there always, the others by turns
            path.write_bytes(data[1:] if name == changed else content)
    try:
        evidence = Evidence.load(folder)
    except EvidenceError:
        return
    for arn, credentials in evidence.credentials.items():
        assert credentials.arn == arn
    for account in evidence.accounts.values():
        for policy in account.policies():
            assert Policy.parse(policy.document).statements == policy.statements
        for request in _REQUESTS:
            bound = account.binding(request, session=(), vpc_endpoint=())
            assert evaluate(request, bound).allowed in (True, False, None)


_DIGEST = "111122223333_CloudTrail-Digest_us-east-1_main_us-east-1_20260601T090000Z.json"
_SIGNED = [
    json.dumps(
        {
            "awsAccountId": "111122223333",
            "digestStartTime": "2026-06-01T08:00:00Z",
            "digestEndTime": "2026-06-01T09:00:00Z",
            "digestS3Bucket": "example-trail",
            "digestS3Object": f"AWSLogs/111122223333/CloudTrail-Digest/{_DIGEST}.gz",
            "digestPublicKeyFingerprint": "00",
            "digestSignatureAlgorithm": "SHA256withRSA",
            "previousDigestS3Bucket": "example-trail",
            "previousDigestS3Object": "AWSLogs/111122223333/CloudTrail-Digest/before.json.gz",
            "previousDigestHashValue": "00",
            "previousDigestHashAlgorithm": "SHA-256",
            "previousDigestSignature": "00",
            "logFiles": [
                {
                    "s3Bucket": "example-trail",
                    "s3Object": "AWSLogs/111122223333/CloudTrail/log.json.gz",
                    "hashValue": "00",
                    "hashAlgorithm": "SHA-256",
                }
            ],
        }
    ).encode(),
    write_keys(Path(_folder("keys"), "keys.json"), "aws").read_bytes(),
]


def _digests(data: bytes) -> None:
    """Verify a digest, or use a list of public keys, as the first byte says."""
    folder = _folder("digests")
    path = folder / (_DIGEST, "keys.json")[data[0] % 2 if data else 0]
    path.write_bytes(data[1:])
    if path.name == _DIGEST:
        told = verify(path)
        assert not told.intact
        assert "\x1b" not in str(told)
        return
    with contextlib.suppress(PublicKeyError):
        keys = PublicKeys.load([path])
        assert not any(keys.fits(fingerprint, b"text", "00") for fingerprint in keys._keys)


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
        [b"\0" + _BETWEEN.join(text.encode() for text in _MESSAGES * 6)],
        ("cloudtrail_mfa.output", "cloudtrail_mfa.scope", "cloudtrail_mfa.printable"),
        _BETWEEN,
    ),
    "exports": Target(
        _exports,
        [bytes([which]) + text for which, text in enumerate(_EXPORTS.values())],
        ("cloudtrail_mfa.evidence", "cloudtrail_mfa.iam", "cloudtrail_mfa.texts"),
    ),
    "digests": Target(
        _digests,
        [bytes([which]) + text for which, text in enumerate(_SIGNED)],
        ("cloudtrail_mfa.archive",),
    ),
}
