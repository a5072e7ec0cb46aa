"""Classes of actions: all there are, those together that no policy tells apart."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Policies, Policy, Request, evaluate
from cloudtrail_mfa.iam.catalog import actions
from cloudtrail_mfa.iam.classes import classes
from tests.iam.test_account import ALICE, policy

POLICIES = [
    policy(action="s3:*"),
    policy("Deny", "*:Delete*"),
    policy(action="IAM:get*"),
    policy("Deny", "s3:PutBucket?olicy"),
]


def test_every_action_is_in_one_class() -> None:
    """None is lost, none stands twice."""
    found = [action for alike in classes(POLICIES) for action in alike]
    assert sorted(found) == sorted(actions())


def test_without_policies_only_what_aws_exempts_is_told_apart() -> None:
    """Whoever can sign may ask who it is, and for a session."""
    small = [alike for alike in classes([]) if len(alike) == 1]
    assert small == [("sts:GetCallerIdentity",), ("sts:GetSessionToken",)]


@pytest.mark.parametrize("policies", [POLICIES, POLICIES[:1], POLICIES[1:3]])
def test_a_class_has_one_answer(policies: list[Policy]) -> None:
    """Its last action fares as its first."""
    bound = Policies(identity=policies)
    for alike in classes(policies):
        answers = {
            evaluate(Request(ALICE, action, "*"), bound).allowed for action in (alike[0], alike[-1])
        }
        assert len(answers) == 1


def test_what_policies_tell_apart_is_apart() -> None:
    """By case and wildcard, as a policy does."""
    of = {action: number for number, alike in enumerate(classes(POLICIES)) for action in alike}
    assert of["s3:GetObject"] == of["s3:PutObject"]
    assert of["s3:GetObject"] != of["s3:DeleteObject"]
    assert of["s3:PutBucketPolicy"] != of["s3:PutBucketAcl"]
    assert of["iam:GetUser"] != of["iam:ListUsers"]
    assert of["ec2:RunInstances"] == of["sqs:SendMessage"]
