"""Real-looking CloudTrail records; a test states only what it is about.

One alice, one account and one bucket carry the tests, the sample logs and the notebook.
"""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"
BUCKET = "example-reports"
MFA_FORCED = f"arn:aws:iam::{ACCOUNT}:policy/MFA_Forced"
TIME = "2026-06-01T09:00:00Z"

Record = dict[str, Any]


def user(name: str = "alice", key: str | None = "AKIAIOSFODNN7ALICE00") -> Record:
    """Return the identity of an IAM user who signs with a long-term key."""
    identity = {
        "type": "IAMUser",
        "principalId": f"AIDA{name.upper():0<17.17}",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "userName": name,
    }
    return {field: value for field, value in identity.items() if value is not None}


def session(
    name: str = "alice", key: str = "ASIAIOSFODNN7ALICE00", *, mfa: bool | None, since: str = TIME
) -> Record:
    """Return the identity of an IAM user who signs with a temporary key."""
    return user(name, key) | {"sessionContext": _context(mfa, since)}


def root(key: str = "AKIAIOSFODNN7ROOT000") -> Record:
    """Return the identity of the account's root user."""
    return {
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT,
        "accessKeyId": key,
    }


def role(
    name: str = "Deploy",
    session_name: str = "carol",
    key: str = "ASIAIOSFODNN7ROLE000",
    *,
    mfa: bool = False,
    since: str = TIME,
    path: str = "/",
    **context: Any,
) -> Record:
    """Return the identity of a role session."""
    principal = f"AROA{name.upper():0<17.17}"
    issuer = {
        "type": "Role",
        "principalId": principal,
        "arn": f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
        "accountId": ACCOUNT,
        "userName": name,
    }
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session_name}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session_name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "sessionContext": {"sessionIssuer": issuer, **_context(mfa, since), **context},
    }


def service(name: str = "delivery.logs.amazonaws.com") -> Record:
    """Return the identity of an AWS service on its own behalf."""
    return {"type": "AWSService", "invokedBy": name}


def _context(mfa: bool | None, since: str) -> Record:
    attributes = {"creationDate": since}
    if mfa is not None:
        attributes["mfaAuthenticated"] = str(mfa).lower()
    return {"attributes": attributes}


def call(
    name: str = "ListBuckets",
    source: str = "s3",
    *,
    by: Mapping[str, Any] | None = None,
    time: str = TIME,
    event_id: str | None = None,
    **fields: Any,
) -> Record:
    """Return the record of a call that passed; `fields` are top-level fields that differ."""
    event_id = event_id or str(uuid.uuid4())
    return {
        "eventVersion": "1.11",
        "userIdentity": dict(user() if by is None else by),
        "eventTime": time,
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.23",
        "userAgent": "aws-cli/2.27.0 md/awscrt#0.26.1 ua/2.1 os/linux command/s3.ls",
        "requestParameters": None,
        "responseElements": None,
        "requestID": event_id[:8].upper(),
        "eventID": event_id,
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    } | fields


def denied(
    name: str = "ListBuckets",
    source: str = "s3",
    *,
    message: str | None = "Access Denied",
    code: str = "AccessDenied",
    **fields: Any,
) -> Record:
    """Return the record of a call that was refused."""
    error = {"errorCode": code} | ({} if message is None else {"errorMessage": message})
    return call(name, source, **fields) | error


def refusal(
    action: str, *, to: str = f"arn:aws:iam::{ACCOUNT}:user/alice", on: str = "", why: str = ""
) -> str:
    """Return AWS's message for a refused action."""
    resource = f" on resource: {on}" if on else ""
    reason = f" {why}" if why else ""
    return f"User: {to} is not authorized to perform: {action}{resource}{reason}"


def issued(
    name: str, key: str, *, by: Mapping[str, Any], request: Mapping[str, Any], **fields: Any
) -> Record:
    """Return the record of an STS call that handed out a temporary key."""
    credentials = {"accessKeyId": key, "expiration": "Jun 1, 2026, 9:00:00 PM"}
    return call(
        name,
        "sts",
        by=by,
        requestParameters=dict(request),
        responseElements={"credentials": credentials},
        **fields,
    )


def file_name(minute: str = "20260601T0905Z", unique: str = "0123456789abcdef") -> str:
    """Return the name of a file as CloudTrail delivers it."""
    return f"{ACCOUNT}_CloudTrail_us-east-1_{minute}_{unique}.json.gz"


def write_log(path: Path, records: Iterable[Record]) -> Path:
    """Write a file as CloudTrail delivers it: gzipped, all records on one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"Records": list(records)}, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path
