"""principal_names: whatever somebody is called by, from wherever a record tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake
from tests.records import ACCOUNT, Record, call, issued, role, service, user

NOBODY = service()


def asked(name: str, source: str = "iam", /, **parameters: Any) -> Record:
    return call(name, source, by=NOBODY, requestParameters=parameters)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (call(by=user("alice")), {"alice"}),
        (call(by=user(key="short")), {"alice", "short"}),
        (call(by=role("Deploy", "carol", path="/team/")), {"Deploy", "carol"}),
        (call(by=role("R", "s", sourceIdentity="dave")), {"R", "s", "dave"}),
        (call(by={"type": "SAMLUser", "principalId": "kx1=:erin"}), {"erin"}),
        (call(by={"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}}), {"u-1"}),
        (call(by=NOBODY), set()),
        (asked("UpdateUser", userName="bob", newUserName="rob"), {"bob", "rob"}),
        (asked("CreateRole", roleName="R"), {"R"}),
        (asked("CreateVirtualMFADevice", virtualMFADeviceName="phone"), {"phone"}),
        (asked("EnableMFADevice", serialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/p/q"), {"q"}),
        (asked("EnableMFADevice", serialNumber="GAHT12345678"), {"GAHT12345678"}),
        (asked("GetFederationToken", "sts", name="eve"), {"eve"}),
        (asked("CreateBucket", "s3", name="logs", userName=None), set()),
        (
            issued(
                "AssumeRole",
                "ASIAIOSFODNN7EXAMPLE",
                by=NOBODY,
                request={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/x/R", "roleSessionName": "s"},
            ),
            {"R", "s"},
        ),
        (
            call(
                "AssumeRoleWithSAML",
                "sts",
                by=NOBODY,
                responseElements={"subject": "zoe", "assumedRoleUser": {"arn": "a:b/R/zed"}},
            ),
            {"zoe", "zed"},
        ),
        (call(by=NOBODY, additionalEventData={"MFAIdentifier": "arn:aws:iam::1:mfa/m"}), {"m"}),
    ],
    ids=range(17),
)
def test_names_are_found(lake_of: Callable[..., Lake], record: Record, expected: set[str]) -> None:
    """Once each, in what identifies the caller, in what was asked for and in what was answered."""
    names = lake_of(record).sql("from principal_names")["name"].tolist()
    assert sorted(names) == sorted(expected)
