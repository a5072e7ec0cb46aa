"""The condition keys of a recorded call: what it gives, what is absent, what it cannot tell."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa.evidence.context import columns_of, context_of
from cloudtrail_mfa.evidence.requests import COLUMNS
from tests.evidence.rows import NOW, ROLE, ROW
from tests.records import ACCOUNT

PRESENT, AGE, ISSUED = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:TokenIssueTime"


def values(*keys: str, **fields: Any) -> list[tuple[str, ...] | None]:
    """Return the keys' values: none where absent, None where unknown."""
    context = context_of(ROW | fields, {key.lower() for key in keys})
    return [context.get(key) for key in keys]


def asked(**parameters: Any) -> str:
    """Return the parameters of a request as they are stored."""
    return json.dumps(parameters)


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
    """It logs the user agent in them; other services log what they saw."""
    assert values("aws:UserAgent", user_agent="[aws-cli/2]") == [("aws-cli/2",)]
    of_ec2 = {"event_source": "ec2.amazonaws.com", "user_agent": "[aws-cli/2]"}
    assert values("aws:UserAgent", **of_ec2) == [("[aws-cli/2]",)]


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


@pytest.mark.parametrize(
    "key", ["aws:SecureTransport", "aws:PrincipalTag/team", "aws:ResourceTag/x", "s3:prefix", "x:y"]
)
def test_what_a_record_cannot_give_is_unknown(key: str) -> None:
    """Not absent."""
    assert values(key) == [None]


@pytest.mark.parametrize(
    ("key", "fields", "expected"),
    [
        ("aws:SecureTransport", {"over_tls": True}, ("true",)),
        ("aws:userid", {}, ("AIDAALICE00000000000",)),
        ("aws:userid", ROLE, ("AROADEPLOY0000000000:carol",)),
        ("aws:PrincipalType", {}, ("User",)),
        ("aws:PrincipalType", ROLE, ("AssumedRole",)),
        ("aws:PrincipalType", {"principal_arn": f"arn:aws:iam::{ACCOUNT}:root"}, ("Account",)),
        ("aws:PrincipalType", {"credential_kind": "anonymous"}, ("Anonymous",)),
        ("aws:PrincipalType", {"principal_arn": None}, None),
        ("aws:SourceIdentity", ROLE | {"source_identity": "carol"}, ("carol",)),
        ("aws:SourceIdentity", ROLE, ()),
        ("aws:SourceIdentity", {"credential_kind": "cross_account"}, None),
        ("aws:SourceArn", {}, ()),
        ("aws:SourceArn", {"credential_kind": "aws_service"}, None),
        ("aws:ResourceAccount", {"resource_account": ACCOUNT}, (ACCOUNT,)),
        ("aws:ResourceAccount", {"resource_arn": f"arn:aws:sqs:x:{ACCOUNT}:q"}, (ACCOUNT,)),
        ("aws:ResourceAccount", {}, None),
        ("s3:prefix", {"request_parameters": asked(prefix="a/")}, ("a/",)),
        ("s3:prefix", {"request_parameters": asked(bucketName="b")}, ()),
        ("s3:prefix", {"request_parameters": "{"}, None),
        ("s3:x-amz-acl", {"request_parameters": '{"x-amz-acl": ["private"]}'}, ("private",)),
        ("s3:x-amz-acl", {"request_parameters": asked(bucketName="b")}, None),
        ("sts:ExternalId", {"request_parameters": asked(externalId="7")}, ("7",)),
        ("sts:ExternalId", {"request_parameters": asked(roleArn="x")}, ()),
        ("kms:ViaService", {}, ()),
        (
            "kms:ViaService",
            {"credential_kind": "forwarded", "invoked_by": "s3.amazonaws.com"},
            ("s3.us-east-1.amazonaws.com",),
        ),
        ("kms:ViaService", {"credential_kind": "forwarded", "invoked_by": "AWS Internal"}, None),
        (
            "kms:EncryptionContext:App",
            {"request_parameters": asked(encryptionContext={"app": "x"})},
            ("x",),
        ),
        ("kms:EncryptionContext:App", {"request_parameters": asked(keyId="k")}, ()),
        ("kms:EncryptionContext:App", {}, None),
        (
            "kms:EncryptionContextKeys",
            {"request_parameters": asked(encryptionContext={"app": "x"})},
            ("app",),
        ),
        ("aws:TagKeys", {"request_parameters": asked(tags={"a": "1", "b": "2"})}, ("a", "b")),
        ("aws:RequestTag/Team", {"request_parameters": asked(tags={"team": "x"})}, ("x",)),
        ("aws:RequestTag/Team", {"request_parameters": asked(tags={"other": "x"})}, ()),
        ("aws:RequestTag/Team", {"request_parameters": asked(name="x")}, None),
    ],
)
def test_keys(key: str, fields: dict[str, Any], expected: tuple[str, ...] | None) -> None:
    """Present with its values, absent, or unknown."""
    assert values(key, **fields) == [expected]


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("198.51.100.23", True),
        ("10.0.0.5", False),
        ("fd00::1", False),
        ("athena.amazonaws.com", False),
    ],
)
def test_a_private_address_is_of_a_vpc(address: str, known: bool) -> None:
    """What policies saw of the way is then not recorded."""
    keys = ("aws:SourceIp", "aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp")
    told = values(*keys, source_ip=address)
    assert told == ([(address,), (), (), ()] if known else [None] * 4)


@pytest.mark.parametrize("key", ["aws:ViaAWSService", "aws:CalledVia", "kms:ViaService"])
def test_a_service_that_had_a_part_in_it(key: str) -> None:
    """Where it is not clear which, the keys of the way are not known."""
    assert values(key, invoked_by="athena.amazonaws.com") == [None]


@pytest.mark.parametrize(
    "parameters",
    [
        {"roleSessionName": "serialNumber"},
        {"tags": [{"key": "serialNumber", "value": "x"}]},
        {"serialNumber": ["x"]},
    ],
)
def test_a_code_is_in_its_own_place(parameters: dict[str, Any]) -> None:
    """No name that a caller chose passes for it."""
    fields = {"iam_action": "sts:AssumeRole", "request_parameters": asked(**parameters)}
    assert values(PRESENT, **fields) == [()]


def test_a_key_names_what_it_is_read_from() -> None:
    """Columns that a row has."""
    keys = {"aws:sourceip", "s3:prefix", "aws:requesttag/x", "kms:encryptioncontext:x", "x:y"}
    assert columns_of(keys) == {"source_ip", "vpc_endpoint_id", "request_parameters"}
    assert columns_of(keys) <= set(COLUMNS)
