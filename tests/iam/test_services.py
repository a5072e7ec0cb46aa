"""Which resources have policies of their own."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam.services import has_no_policy, may_be_listed, owner_of_policy


@pytest.mark.parametrize(
    ("action", "none"),
    [
        ("ec2:RunInstances", True),
        ("s3:ListAllMyBuckets", True),
        ("s3:CreateBucket", True),
        ("sts:GetFederationToken", True),
        ("s3:GetObject", False),
        ("glacier:ListJobs", False),
        ("coffee:Make", False),
    ],
)
def test_what_can_have_no_policy(action: str, none: bool) -> None:
    """By its service, or because the action is on nothing that is there; else one may stand."""
    assert has_no_policy(action) is none


@pytest.mark.parametrize(
    ("arn", "service", "owner"),
    [
        ("arn:aws:s3:::b/some/key", "s3", "arn:aws:s3:::b"),
        ("arn:aws:dynamodb:x:1:table/t/index/i", "dynamodb", "arn:aws:dynamodb:x:1:table/t"),
        ("arn:aws:sqs:x:1:q", "sqs", "arn:aws:sqs:x:1:q"),
        (None, "s3", None),
    ],
)
def test_what_has_the_policy(arn: str | None, service: str, owner: str | None) -> None:
    """The bucket for an object, the table for its index."""
    assert owner_of_policy(arn, service) == owner


@pytest.mark.parametrize(
    ("action", "listed"), [("S3:GetObject", True), ("kms:Decrypt", True), ("s3express:x", False)]
)
def test_lists_and_grants(action: str, listed: bool) -> None:
    """S3's and KMS's may allow what no policy does."""
    assert may_be_listed(action) is listed
