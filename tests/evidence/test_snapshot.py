"""Snapshots: an export as the values of all that everybody has."""

from __future__ import annotations

from typing import Any

from cloudtrail_mfa import Evidence
from cloudtrail_mfa.demo import sample_evidence
from cloudtrail_mfa.evidence.changes import PRESENT, UNKNOWN, Owner, Text
from cloudtrail_mfa.evidence.snapshot import snapshot_of
from tests.records import ACCOUNT, MFA_FORCED


def owner(kind: str, name: str) -> Owner:
    return Owner(kind, ACCOUNT, name)


def test_everything_is_there() -> None:
    """What is inline, attached, joined, trusted, tagged; versions, and which is in force."""
    document: dict[str, Any] = {"Statement": []}
    details: dict[str, list[Any]] = {
        "UserDetailList": [
            {
                "UserName": "Alice",
                "GroupList": ["Team"],
                "Tags": [{"Key": "Team", "Value": "data"}],
                "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": document}],
                "PermissionsBoundary": {"PermissionsBoundaryArn": MFA_FORCED},
            }
        ],
        "GroupDetailList": [
            {"GroupName": "Team", "AttachedManagedPolicies": [{"PolicyArn": MFA_FORCED}]}
        ],
        "RoleDetailList": [{"RoleName": "Deploy", "AssumeRolePolicyDocument": "%7B%7D"}],
        "Policies": [
            {
                "Arn": MFA_FORCED,
                "PolicyVersionList": [
                    {"VersionId": "v2", "Document": document, "IsDefaultVersion": True},
                    {"VersionId": "v1"},
                ],
            }
        ],
    }
    assert snapshot_of(ACCOUNT, details) == {
        owner("user", "alice"): {
            ("inline", "p"): Text("p (inline, Alice)", '{"Statement": []}'),
            ("member", "team"): PRESENT,
            ("tag", "team"): "Team=data",
            ("boundary", ""): MFA_FORCED,
        },
        owner("group", "team"): {("attached", MFA_FORCED): PRESENT},
        owner("role", "deploy"): {("trust", ""): Text("trust policy of role Deploy", "%7B%7D")},
        owner("policy", MFA_FORCED): {
            ("version", "v2"): Text(MFA_FORCED, '{"Statement": []}'),
            ("default", ""): "v2",
            ("version", "v1"): UNKNOWN,
        },
    }


def test_policies_are_called_as_in_the_account() -> None:
    """So that a message that names one finds it."""
    evidence = Evidence.load(sample_evidence())
    found = snapshot_of(ACCOUNT, evidence.details[ACCOUNT])
    texts = {
        value.name
        for cells in found.values()
        for value in cells.values()
        if isinstance(value, Text)
    }
    entities = evidence.accounts[ACCOUNT].entities or {}
    assert {policy.name for one in entities.values() for policy in one.identity or ()} <= texts
