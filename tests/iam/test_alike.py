"""Distinctions: what policies cannot tell apart has one answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa.iam import Context, Policies, Policy, Request, evaluate
from cloudtrail_mfa.iam.alike import Distinctions
from tests.iam.test_account import ALICE, policy
from tests.iam.test_laws import known

AGE, NOW = "aws:MultiFactorAuthAge", "aws:CurrentTime"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("arn:aws:s3:::b/x/1", "arn:aws:s3:::b/x/2", True),
        ("arn:aws:s3:::b/x/1", "arn:aws:s3:::b/y/1", False),
        ("arn:aws:s3:::b/y/1", "arn:aws:s3:::b/y/2", True),
        ("arn:aws:s3:::b/y/1", "arn:aws:s3:::c/y/1", True),
        ("arn:aws:s3:::has/y/1", "arn:aws:s3:::c/y/1", False),
        ("arn:aws:sqs:us-east-1:1:q", "arn:aws:sqs:us-east-1:1:r", False),
        ("arn:aws:sns:us-east-1:1:q", "arn:aws:sns:us-east-1:1:r", False),
        ("arn:aws:dynamodb:us-east-1:1:table/a", "arn:aws:dynamodb:us-east-1:1:table/b", True),
        ("arn:aws:dynamodb:us-east-1:1:table/a", "arn:aws:dynamodb:us-east-1:2:table/a", False),
        ("*", "arn:aws:s3:::b/y/1", False),
        ("arn:aws:s3:::odd/k", "arn:aws:s3:::odd/l", False),
        ("arn:aws:s3:::d", "arn:aws:s3:::d/k", False),
        ("arn:aws:sns:us-east-1:1:x:t", "arn:aws:sns:us-east-1:1:x:u", False),
    ],
)
def test_resources_that_no_policy_tells_apart_are_alike(one: str, other: str, same: bool) -> None:
    """Of which the same statements speak; not where one has a policy, or variables decide."""
    policies = (
        policy(Resource=["arn:aws:s3:::b/x/*", "arn:aws:sqs:*:*:q", "*", "arn:*:odd/k"]),
        policy(Resource=["arn:aws:s3:::d", "arn:aws:sns:*:t"]),
        policy(Resource="arn:aws:sns:*:*:${aws:username}"),
    )
    tells = Distinctions(policies, {"arn:aws:s3:::has": "a policy of its own"})
    assert (tells.resource(one) == tells.resource(other)) is same


def test_the_keys_that_policies_ask_for_are_known() -> None:
    """In conditions and variables, of every kind of policy."""
    conditioned = policy(Condition={"Bool": {"aws:SecureTransport": "true"}})
    varied = policy(Resource="arn:aws:s3:::${aws:username}/${*}")
    valued = policy(Condition={"StringLike": {"s3:prefix": "${aws:PrincipalTag/team}/*"}})
    assert Distinctions([conditioned, varied, valued]).keys == {
        "aws:securetransport",
        "aws:username",
        "s3:prefix",
        "aws:principaltag/team",
    }


@given(
    known(),
    st.sampled_from(["s3:GetObject", "iam:CreateUser"]),
    st.lists(
        st.sampled_from(
            ["arn:aws:s3:::b/k", "arn:aws:s3:::b/l", "arn:aws:s3:::b", "arn:aws:s3:::alice/k", "*"]
        ),
        min_size=2,
        max_size=2,
    ),
)
def test_alike_resources_have_one_answer(
    policies: list[Policy], action: str, resources: list[str]
) -> None:
    """Whatever the policies: a million objects need not be evaluated one by one."""
    tells = Distinctions(policies)
    one, other = resources
    if tells.resource(one) == tells.resource(other):
        answers = {
            evaluate(request, Policies(identity=policies)).allowed
            for resource in resources
            for request in [Request(ALICE, action, resource, Context.of({"aws:username": "alice"}))]
        }
        assert len(answers) == 1


@pytest.mark.parametrize(
    ("key", "condition", "one", "other", "same"),
    [
        (AGE, {"NumericGreaterThan": {AGE: ["3600", "60"]}}, 61, 3599, True),
        (AGE, {"NumericGreaterThan": {AGE: "3600"}}, 3600, 3601, False),
        (AGE, {"NumericGreaterThan": {AGE: "3600"}}, 3599, 3600, False),
        (AGE, {"NumericGreaterThanIfExists": {AGE: "3600"}, "Null": {AGE: "true"}}, 1, 2, True),
        (AGE, {"NumericGreaterThan": {AGE: "an hour"}}, 1, 9999, True),
        (AGE, {"StringEquals": {AGE: "60"}}, 1, 2, False),
        (NOW, {"DateLessThan": {NOW: "1970-01-01T00:01:00Z"}}, 1, 59, True),
        (NOW, {"DateLessThan": {NOW: "1970-01-01T00:01:00Z"}}, 59, 60, False),
    ],
)
def test_numbers_between_the_bounds_are_alike(
    key: str, condition: dict[str, dict[str, str]], one: float, other: float, same: bool
) -> None:
    """Ages and times lie between what they are compared with, or are compared as text."""
    tells = Distinctions([policy(Condition=condition)])
    assert (tells.value(key.lower(), one) == tells.value(key.lower(), other)) is same


def test_a_number_in_a_variable_is_told_apart() -> None:
    """It is text there."""
    tells = Distinctions(
        [
            policy(Condition={"NumericLessThan": {AGE: "60"}}),
            policy(Resource=f"arn:aws:s3:::b/${{{AGE}}}"),
        ]
    )
    assert tells.value(AGE.lower(), 1) != tells.value(AGE.lower(), 2)


@given(
    st.lists(st.sampled_from(["NumericLessThan", "NumericEquals", "NumericGreaterThanEquals"])),
    st.lists(st.integers(0, 9).map(str), min_size=1),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_alike_numbers_have_one_answer(
    operators: list[str], bounds: list[str], one: int, other: int
) -> None:
    """Whatever the comparisons."""
    conditions = [policy(Condition={name: {AGE: bounds}}) for name in operators]
    tells = Distinctions(conditions)
    if tells.value(AGE.lower(), one) == tells.value(AGE.lower(), other):
        answers = {
            evaluate(
                Request(ALICE, "s3:GetObject", "*", Context.of({AGE: age})),
                Policies(identity=conditions),
            ).allowed
            for age in (one, other)
        }
        assert len(answers) == 1
