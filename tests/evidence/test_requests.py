"""A recorded call as a request: who asked for what."""

from __future__ import annotations

from typing import Any

import pytest

from cloudtrail_mfa.evidence.requests import fresh, request_of
from cloudtrail_mfa.iam import Request
from tests.evidence.rows import ROLE, ROW

PRESENT, AGE, ISSUED = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:TokenIssueTime"
KEYS = {PRESENT.lower(), AGE.lower(), ISSUED.lower(), "aws:sourceip"}


def request(**fields: Any) -> Request:
    found = request_of(ROW | fields, KEYS)
    assert found is not None
    return found


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
        ({"resource_account": "999999999999"}, "999999999999"),
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
