"""policy_changes: who changed which policy or device of whom, as far as a write tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from tests.evidence.writes import FORCED, document, write
from tests.records import ACCOUNT, Record, denied, role, user

DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/alice"


@pytest.fixture
def told(lake_of: Callable[..., Lake]) -> Callable[[Record], dict[str, Any]]:
    """Return a function that gives what is not null of the one row for a record."""

    def found(record: Record) -> dict[str, Any]:
        (row,) = lake_of(record).sql("select * from policy_changes").to_dict("records")
        always = {"event_id", "event_time", "account_id", "event_name", "principal_arn"}
        return {
            str(name): value
            for name, value in row.items()
            if name not in always and not (pd.api.types.is_scalar(value) and pd.isna(value))
        }

    return found


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            write("AttachUserPolicy", "09:00:00", userName="alice", policyArn=FORCED),
            {"user_name": "alice", "policy_arn": FORCED},
        ),
        (
            write("AddUserToGroup", "09:00:00", userName="alice", groupName="team"),
            {"user_name": "alice", "group_name": "team"},
        ),
        (
            write(
                "PutRolePolicy",
                "09:00:00",
                roleName="Deploy",
                policyName="p",
                policyDocument=document(),
            ),
            {"role_name": "Deploy", "policy_name": "p", "policy_document": document()},
        ),
        (
            write("CreateRole", "09:00:00", roleName="Deploy", assumeRolePolicyDocument=document()),
            {"role_name": "Deploy", "policy_document": document()},
        ),
        (
            write("UpdateUser", "09:00:00", userName="alice", newUserName="alicia"),
            {"user_name": "alice", "new_name": "alicia"},
        ),
        (
            write("TagUser", "09:00:00", userName="alice", tags=[{"key": "team", "value": "data"}]),
            {"user_name": "alice", "tags": '[{"key":"team","value":"data"}]'},
        ),
        (
            write("EnableMFADevice", "09:00:00", serialNumber=DEVICE),
            {"user_name": "bob", "serial_number": DEVICE},
        ),
    ],
)
def test_what_a_write_tells(
    told: Callable[[Record], dict[str, Any]], record: Record, expected: dict[str, Any]
) -> None:
    """The names that the call gives; a device is the caller's own where it names nobody."""
    assert told(record) == expected


@pytest.mark.parametrize(
    ("parameters", "answer", "version", "default"),
    [
        ({"setAsDefault": True}, {"versionId": "v3"}, "v3", True),
        ({"setAsDefault": False}, {"versionId": "v3"}, "v3", False),
        ({}, {"versionId": "v3"}, "v3", False),
        ({}, {"versionId": "v3", "isDefaultVersion": True}, "v3", True),
        ({"setAsDefault": "perhaps"}, None, None, False),
    ],
)
def test_a_new_version(
    told: Callable[[Record], dict[str, Any]],
    parameters: dict[str, Any],
    answer: dict[str, Any] | None,
    version: str | None,
    default: bool,
) -> None:
    """Its number is in the answer; whether it is in force, in either."""
    answered = {"policyVersion": answer} if answer else None
    record = write(
        "CreatePolicyVersion", "09:00:00", answer=answered, policyArn=FORCED, **parameters
    )
    row = told(record)
    assert (row.get("version_id"), row.get("is_default")) == (version, default)


def test_a_new_policy(told: Callable[[Record], dict[str, Any]]) -> None:
    """Its ARN is in the answer."""
    answer = {"policy": {"arn": FORCED, "defaultVersionId": "v1"}}
    parameters = {"policyName": "MFA_Forced", "policyDocument": document()}
    row = told(write("CreatePolicy", "09:00:00", answer=answer, **parameters))
    assert row["policy_arn"] == FORCED
    assert (row["version_id"], row["is_default"]) == ("v1", True)


@pytest.mark.parametrize(
    "record",
    [
        denied("AttachUserPolicy", "iam", requestParameters={"userName": "alice"}),
        write("ListUsers", "09:00:00"),
        write("AttachUserPolicy", "09:00:00") | {"eventSource": "example.amazonaws.com"},
        write("AttachUserPolicy", "09:00:00") | {"errorMessage": "no"},
    ],
)
def test_what_changes_nothing(lake_of: Callable[..., Lake], record: Record) -> None:
    """What was refused, what only reads, what is not IAM's."""
    assert lake_of(record).sql("select * from policy_changes").empty


@pytest.mark.parametrize("parameters", [None, "HIDDEN_DUE_TO_SECURITY_REASONS", [1], {}])
def test_odd_parameters(told: Callable[[Record], dict[str, Any]], parameters: Any) -> None:
    """The row is there, and tells that something was changed."""
    record = write("AttachUserPolicy", "09:00:00") | {
        "requestParameters": parameters,
        "userIdentity": role() if parameters is None else user(),
    }
    assert told(record) == {}
