"""A recorded call as a request: what the record gives, what it says is absent, what it cannot tell."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa.evidence.requests import fresh, request_of
from cloudtrail_mfa.iam import Request
from tests.records import ACCOUNT

PRESENT, AGE, ISSUED = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:TokenIssueTime"
NOW = pd.Timestamp("2026-06-01T09:00:00Z")
ROW: dict[str, Any] = {
    "event_time": NOW,
    "region": "us-east-1",
    "principal_arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
    "principal_name": "alice",
    "role_arn": None,
    "credential_kind": "long_term_key",
    "mfa_present": "absent",
    "session_started": None,
    "invoked_by": None,
    "iam_action": "s3:GetObject",
    "resource_arn": "arn:aws:s3:::b/k",
    "source_ip": "198.51.100.23",
    "user_agent": "aws-cli/2",
    "vpc_endpoint_id": None,
    "request_parameters": None,
    "resources": None,
}
KEYS = {
    PRESENT,
    AGE,
    ISSUED,
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:username",
    "aws:SourceIp",
    "aws:SourceVpce",
    "aws:UserAgent",
    "aws:RequestedRegion",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:ViaAWSService",
    "aws:CalledVia",
    "aws:SecureTransport",
    "aws:PrincipalTag/team",
    "s3:prefix",
}


def request(**fields: Any) -> Request:
    found = request_of(ROW | fields, {key.lower() for key in KEYS})
    assert found is not None
    return found


def values(*keys: str, **fields: Any) -> list[tuple[str, ...] | None]:
    """Return the keys' values: none where absent, None where unknown."""
    context = request(**fields).context
    return [context.get(key) for key in keys]


ROLE = {
    "principal_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/carol",
    "role_arn": f"arn:aws:iam::{ACCOUNT}:role/team/Deploy",
    "credential_kind": "assumed_role",
    "session_started": NOW - pd.Timedelta("1h"),
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [(), (), ()]),
        (
            {"mfa_present": "false", "session_started": NOW, "credential_kind": "session_token"},
            [("false",), (), ("2026-06-01T09:00:00Z",)],
        ),
        (
            {
                "mfa_present": "true",
                "session_started": NOW - pd.Timedelta("2h"),
                "credential_kind": "session_token",
            },
            [("true",), ("7200",), ("2026-06-01T07:00:00Z",)],
        ),
        (
            {"mfa_present": "true", "session_started": None, "credential_kind": "console"},
            [("true",), None, None],
        ),
        ({"mfa_present": None, "credential_kind": "console"}, [None, None, None]),
        (ROLE | {"mfa_present": "false"}, [None, None, ("2026-06-01T08:00:00Z",)]),
        ({"mfa_present": "false", "credential_kind": "forwarded"}, [None, None, None]),
        ({"iam_action": "sts:AssumeRole"}, [None, None, ()]),
        ({"iam_action": "sts:AssumeRole", "request_parameters": "null"}, [None, None, ()]),
        (
            {"iam_action": "sts:AssumeRole", "request_parameters": '{"roleArn":"x"}'},
            [(), (), ()],
        ),
        (
            {"iam_action": "sts:AssumeRole", "request_parameters": '{"serialNumber":"x"}'},
            [("true",), None, ()],
        ),
        (
            ROLE | {"mfa_present": "absent", "credential_kind": "federated"},
            [(), (), ("2026-06-01T08:00:00Z",)],
        ),
    ],
)
def test_mfa_keys(fields: dict[str, Any], expected: list[Any]) -> None:
    """Present, age and issue: each present, absent or unknown.

    What CloudTrail says of a role session, or of a forwarded call, is not what policies see for all
    that is known; and a refused AssumeRole may have carried the code.
    """
    assert values(PRESENT, AGE, ISSUED, **fields) == expected


def test_the_callers_keys() -> None:
    """Of a user, and of a role session, whose ARN is its role's."""
    keys = "aws:PrincipalArn", "aws:PrincipalAccount", "aws:username"
    assert values(*keys) == [(ROW["principal_arn"],), (ACCOUNT,), ("alice",)]
    assert values(*keys, **ROLE) == [(ROLE["role_arn"],), (ACCOUNT,), ()]


def test_a_session_without_its_role_does_not_tell_the_roles_arn() -> None:
    """The role's path is missing from the session's own."""
    assert values("aws:PrincipalArn", **(ROLE | {"role_arn": None})) == [None]


def test_brackets_are_s3s_own() -> None:
    """It logs the user agent in them."""
    assert values("aws:UserAgent", user_agent="[aws-cli/2]") == [("aws-cli/2",)]


@pytest.mark.parametrize(
    ("fields", "owner"),
    [
        ({}, None),
        (
            {
                "iam_action": "sqs:SendMessage",
                "resource_arn": "arn:aws:sqs:us-east-1:999999999999:q",
            },
            "999999999999",
        ),
        ({"resources": '[{"ARN":"x"},{"accountId":"999999999999"}]'}, "999999999999"),
        ({"resources": '[{"accountId":"1"},{"accountId":"2"}]'}, None),
        ({"resources": "[5]"}, None),
        ({"resources": "{"}, None),
    ],
)
def test_the_owner_of_the_resource(fields: dict[str, Any], owner: str | None) -> None:
    """As its ARN or the record tells."""
    assert request(**fields).resource_account == owner


def test_objects_that_are_not_named() -> None:
    """DeleteObjects names its bucket alone."""
    fields = {"iam_action": "s3:DeleteObject", "resource_arn": "arn:aws:s3:::b"}
    assert request(**fields).resource is None
    assert request(**fields | {"iam_action": "s3:ListBucket"}).resource == "arn:aws:s3:::b"


def test_the_way_of_the_request() -> None:
    """Address, region, time."""
    assert values("aws:SourceIp", "aws:SourceVpce", "aws:RequestedRegion", "aws:CurrentTime") == [
        ("198.51.100.23",),
        (),
        ("us-east-1",),
        ("2026-06-01T09:00:00Z",),
    ]


def test_through_an_endpoint() -> None:
    """The address of the caller is not the request's then."""
    assert values("aws:SourceVpce", "aws:SourceIp", vpc_endpoint_id="vpce-1") == [("vpce-1",), ()]


def test_through_a_service() -> None:
    """ViaAWSService is true; the chain and the caller's address are not recorded."""
    fields = {"credential_kind": "forwarded", "source_ip": "athena.amazonaws.com"}
    assert values("aws:ViaAWSService", "aws:CalledVia", "aws:SourceIp", **fields) == [
        ("true",),
        None,
        None,
    ]
    assert values("aws:ViaAWSService", "aws:CalledVia") == [("false",), ()]


@pytest.mark.parametrize("key", ["aws:SecureTransport", "aws:PrincipalTag/team", "s3:prefix"])
def test_what_a_record_cannot_give_is_unknown(key: str) -> None:
    """Not absent."""
    assert values(key) == [None]


def test_only_keys_that_are_asked_for_are_filled_in() -> None:
    """So that like requests are alike."""
    found = request_of(ROW, {"aws:sourceip"})
    assert found is not None
    assert set(found.context.values) == {"aws:sourceip"}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "user"),
        (ROLE, "role_session"),
        ({"credential_kind": "anonymous", "principal_arn": None}, "anonymous"),
        ({"credential_kind": "aws_service", "invoked_by": "ec2.amazonaws.com"}, "service"),
    ],
)
def test_callers(fields: dict[str, Any], kind: str) -> None:
    """Of every kind."""
    assert request(**fields).caller.kind == kind


@pytest.mark.parametrize("fields", [{"iam_action": None}, {"principal_arn": None}])
def test_what_names_too_little_is_no_request(fields: dict[str, Any]) -> None:
    """Nothing is evaluated for it."""
    assert request_of(ROW | fields, set()) is None


def test_words_for_a_resource_are_no_arn() -> None:
    """IAM says user bob."""
    assert request(resource_arn="user bob").resource is None
    assert request(resource_arn="*").resource == "*"


def test_with_fresh_mfa_the_rest_stays() -> None:
    """Present is true, the age none, the issue now."""
    before = request()
    after = fresh(before, ROW, mfa=True)
    assert [after.context.get(key) for key in (PRESENT, AGE, ISSUED)] == [
        ("true",),
        ("0",),
        ("2026-06-01T09:00:00Z",),
    ]
    without = fresh(before, ROW, mfa=False)
    assert [without.context.get(key) for key in (PRESENT, AGE, ISSUED)] == [
        ("false",),
        (),
        ("2026-06-01T09:00:00Z",),
    ]
    assert after.context.get("aws:SourceIp") == before.context.get("aws:SourceIp")
    assert (after.caller, after.action, after.resource) == (
        before.caller,
        before.action,
        before.resource,
    )
