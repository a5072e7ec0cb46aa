"""IAM's writes: as records, and as rows of the query ``policy_changes``."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from cloudtrail_mfa.queries import RELATIONS
from tests.evidence.rows import NOW
from tests.records import ACCOUNT, Record, call, user

IAM = f"arn:aws:iam::{ACCOUNT}"
ALICE, BOB = f"{IAM}:user/alice", f"{IAM}:user/bob"
FORCED = f"{IAM}:policy/MFA_Forced"

_COLUMNS = {
    "userName": "user_name",
    "groupName": "group_name",
    "roleName": "role_name",
    "path": "path",
    "policyArn": "policy_arn",
    "policyName": "policy_name",
    "policyDocument": "policy_document",
    "versionId": "version_id",
    "setAsDefault": "is_default",
    "permissionsBoundary": "boundary_arn",
    "newUserName": "new_name",
    "tags": "tags",
    "tagKeys": "tag_keys",
    "serialNumber": "serial_number",
}


def document(action: str = "s3:*", effect: str = "Deny", **elements: Any) -> str:
    """Return the text of a policy of one statement."""
    statement = {"Effect": effect, "Action": action, "Resource": "*"} | elements
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def write(name: str, time: str, *, answer: Record | None = None, **parameters: Any) -> Record:
    """Return the record of bob's call to IAM; `time` is a clock time of the day."""
    return call(
        name,
        "iam",
        by=user("bob"),
        time=f"2026-06-01T{time}Z",
        requestParameters=parameters,
        responseElements=answer,
        readOnly=False,
    )


def row(event: str, second: int | None = 0, **parameters: Any) -> dict[str, Any]:
    """Return the row of bob's call to IAM, some seconds from now."""
    told = {_COLUMNS[name]: value for name, value in parameters.items()}
    if event == "CreatePolicy":
        told = {"is_default": True, "version_id": "v1"} | told
    time = None if second is None else NOW + pd.Timedelta(seconds=second)
    known = {
        "event_id": f"{event} {second}",
        "event_time": time,
        "account_id": ACCOUNT,
        "event_name": event,
        "principal_arn": BOB,
    }
    return dict.fromkeys(RELATIONS["policy_changes"].columns) | known | told


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return rows as the query gives them."""
    frame = pd.DataFrame(rows, columns=list(RELATIONS["policy_changes"].columns))
    frame["event_time"] = pd.to_datetime(frame["event_time"], utc=True)
    return frame.astype({"is_default": "boolean"})
