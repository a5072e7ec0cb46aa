"""Changes: what each of IAM's writes does to whom, and what it does not tell."""

from __future__ import annotations

from typing import Any

import pytest

from cloudtrail_mfa.evidence.changes import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    Change,
    Owner,
    Text,
    changes_of,
    owner_of,
)
from tests.evidence.writes import FORCED, IAM, document, row
from tests.records import ACCOUNT

LIMIT = f"{IAM}:policy/Limit"
TEXT = document()
P = Text("p (inline, alice)", TEXT)


def told(event: str, second: int | None = 0, **parameters: Any) -> list[Change]:
    return [*changes_of([row(event, second, **parameters)])]


@pytest.mark.parametrize(
    ("event", "parameters", "expected"),
    [
        ("CreateUser", {}, [("life", "", PRESENT)]),
        (
            "CreateUser",
            {"permissionsBoundary": LIMIT, "tags": '[{"key":"Team","value":"data"}]'},
            [("life", "", PRESENT), ("boundary", "", LIMIT), ("tag", "team", "Team=data")],
        ),
        ("DeleteUser", {}, [("life", "", ABSENT)]),
        ("UpdateUser", {"newUserName": "Alicia"}, [("name", "", "alicia")]),
        ("UpdateUser", {}, []),
        ("PutUserPolicy", {"policyName": "p", "policyDocument": TEXT}, [("inline", "p", P)]),
        ("PutUserPolicy", {"policyName": "p"}, [("inline", "p", UNKNOWN)]),
        ("DeleteUserPolicy", {"policyName": "p"}, [("inline", "p", ABSENT)]),
        ("AttachUserPolicy", {"policyArn": FORCED}, [("attached", FORCED, PRESENT)]),
        ("DetachUserPolicy", {"policyArn": FORCED}, [("attached", FORCED, ABSENT)]),
        ("AddUserToGroup", {"groupName": "Team"}, [("member", "team", PRESENT)]),
        ("RemoveUserFromGroup", {"groupName": "Team"}, [("member", "team", ABSENT)]),
        ("PutUserPermissionsBoundary", {"permissionsBoundary": LIMIT}, [("boundary", "", LIMIT)]),
        ("PutUserPermissionsBoundary", {}, [("boundary", "", UNKNOWN)]),
        ("DeleteUserPermissionsBoundary", {}, [("boundary", "", ABSENT)]),
        ("TagUser", {"tags": "nonsense"}, [("tag", "", UNKNOWN)]),
        ("UntagUser", {"tagKeys": '["Team"]'}, [("tag", "team", ABSENT)]),
        ("UntagUser", {"tagKeys": "["}, [("tag", "", UNKNOWN)]),
        ("CreateVirtualMFADevice", {}, []),
        ("EnableMFADevice", {"serialNumber": "GAHT1"}, [("device", "GAHT1", PRESENT)]),
        ("DeactivateMFADevice", {"serialNumber": "GAHT1"}, [("device", "GAHT1", ABSENT)]),
    ],
)
def test_a_users(event: str, parameters: dict[str, Any], expected: list[Any]) -> None:
    """What of the user is changed, and to what."""
    found = told(event, userName="Alice" if event != "PutUserPolicy" else "alice", **parameters)
    assert [(change.what, change.which, change.value) for change in found] == expected
    assert {change.owner for change in found} <= {Owner("user", ACCOUNT, "alice")}


def test_a_roles_trust_policy() -> None:
    """It is there from the beginning, and may be changed."""
    name = Text("trust policy of role Deploy", TEXT)
    (_, made) = told("CreateRole", roleName="Deploy", policyDocument=TEXT)
    (changed,) = told("UpdateAssumeRolePolicy", roleName="Deploy", policyDocument=TEXT)
    assert made.value == changed.value == name


@pytest.mark.parametrize(
    ("event", "parameters", "expected"),
    [
        (
            "CreatePolicy",
            {},
            [("life", PRESENT), ("version", Text(FORCED, TEXT)), ("default", "v1")],
        ),
        (
            "CreatePolicyVersion",
            {"versionId": "v2", "setAsDefault": True},
            [("version", Text(FORCED, TEXT)), ("default", "v2")],
        ),
        (
            "CreatePolicyVersion",
            {"versionId": "v2", "setAsDefault": False},
            [("version", Text(FORCED, TEXT))],
        ),
        ("CreatePolicyVersion", {"setAsDefault": True}, [("default", UNKNOWN)]),
        (
            "CreatePolicyVersion",
            {"versionId": "v2"},
            [("version", Text(FORCED, TEXT)), ("default", UNKNOWN)],
        ),
        ("SetDefaultPolicyVersion", {"versionId": "v1"}, [("default", "v1")]),
        ("SetDefaultPolicyVersion", {}, [("default", UNKNOWN)]),
        ("DeletePolicyVersion", {"versionId": "v1"}, [("version", ABSENT)]),
        ("DeletePolicy", {}, [("life", ABSENT)]),
    ],
)
def test_a_managed_policys(event: str, parameters: dict[str, Any], expected: list[Any]) -> None:
    """Its versions, and which of them is in force."""
    found = told(event, policyArn=FORCED, policyDocument=TEXT, **parameters)
    assert [(change.what, change.value) for change in found] == expected


def test_a_new_policy_whose_answer_is_missing() -> None:
    """Its ARN is put together from account, path and name."""
    found = told("CreatePolicy", policyName="MFA_Forced", path="/team/", policyDocument=TEXT)
    assert found[0].owner == Owner("policy", ACCOUNT, f"{IAM}:policy/team/MFA_Forced")


def test_whose_it_is_may_be_missing() -> None:
    """Then only its kind is known."""
    (change,) = told("AttachUserPolicy", policyArn=FORCED)
    assert (change.owner, change.kind) == (None, "user")


def test_roots_devices() -> None:
    """They are no user's, and leave nothing in doubt."""
    assert told("EnableMFADevice", serialNumber="GAHT1") == []


def test_it_is_told_who_did_it() -> None:
    """And when, and in which event."""
    (change,) = told("AttachUserPolicy", userName="alice", policyArn=FORCED)
    assert change.sentence == (
        "bob attached MFA_Forced to user alice on 2026-06-01 at 09:00:00 UTC"
        " (event AttachUserPolicy 0)"
    )
    (change,) = told("DeleteUser", None, userName="alice")
    assert "at an unknown time" in change.sentence


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/carol", "carol (role Deploy)"),
        (f"{IAM}:root", "root"),
        (f"{IAM}:user/team/bob", "bob"),
        (None, "somebody whom the record does not name"),
    ],
)
def test_who(arn: str | None, name: str) -> None:
    """A session is told with its role."""
    (change,) = changes_of([row("DeleteUser", userName="alice") | {"principal_arn": arn}])
    assert change.deed == f"{name} deleted user alice"


@pytest.mark.parametrize(
    ("arn", "owner"),
    [
        (f"{IAM}:user/team/Alice", Owner("user", ACCOUNT, "alice")),
        (f"{IAM}:role/Deploy", Owner("role", ACCOUNT, "deploy")),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/x", None),
        (f"{IAM}:root", None),
        ("user/alice", None),
        (None, None),
    ],
)
def test_whose_an_arn_is(arn: str | None, owner: Owner | None) -> None:
    """Users and roles, by name alone: a name is one whatever its path and case."""
    assert owner_of(arn) == owner


def test_a_text_that_is_no_policy() -> None:
    """It is not known, then."""
    assert Text("p", "HIDDEN_DUE_TO_SECURITY_REASONS").policy is None
