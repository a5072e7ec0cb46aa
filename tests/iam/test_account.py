"""One account's policies: which bind a request, and what is not known of them."""

from __future__ import annotations

from typing import Any

import pytest

from cloudtrail_mfa.iam import Caller, Context, Policies, Policy, Request, evaluate
from cloudtrail_mfa.iam.account import Account, Entity, control_levels
from cloudtrail_mfa.iam.logic import Truth
from tests.records import ACCOUNT

IAM = f"arn:aws:iam::{ACCOUNT}"
ALICE = Caller.of_arn(f"{IAM}:user/alice")
ROLE = f"{IAM}:role/team/Deploy"
SESSION = Caller.of_arn(f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/x", role_arn=ROLE)


def policy(effect: str = "Allow", action: str = "*", **elements: Any) -> Policy:
    statement = {"Effect": effect, "Action": action, "Resource": "*"} | elements
    return Policy.parse(
        {"Version": "2012-10-17", "Statement": statement}, name=f"{effect} {action}"
    )


FULL = policy()
ACCOUNTS = Account(
    {ALICE.arn: Entity(ALICE.arn, (FULL,)), ROLE: Entity(ROLE, (FULL,), (FULL,), policy())},
    scps=(),
    rcps=(),
    resources={"arn:aws:s3:::b": policy("Deny", Principal="*"), "arn:aws:sqs:::q": None},
)


def binding(
    account: Account = ACCOUNTS,
    caller: Caller = ALICE,
    action: str = "s3:GetObject",
    resource: str | None = "arn:aws:s3:::b/k",
) -> Policies:
    return account.binding(Request(caller, action, resource), session=(), vpc_endpoint=())


def test_a_user_has_its_own_policies() -> None:
    """By its ARN."""
    assert binding().identity == (FULL,)
    assert binding().boundary == ()


def test_a_session_has_its_roles_policies() -> None:
    """By the role's ARN, path included."""
    assert binding(caller=SESSION).boundary == (FULL,)


def test_who_is_not_in_the_export_is_not_known() -> None:
    """Another user, or no export at all."""
    bob = Caller.of_arn(f"{IAM}:user/bob")
    assert binding(caller=bob).identity is None
    assert binding(Account()).identity is None
    assert binding(Account()).scps is None


def test_root_needs_no_policies() -> None:
    """It is in no export."""
    assert binding(Account(), caller=Caller.of_arn(f"{IAM}:root")).identity == ()


@pytest.mark.parametrize(
    ("action", "resource", "count"),
    [
        ("s3:GetObject", "arn:aws:s3:::b/some/key", 1),
        ("s3:ListBucket", "arn:aws:s3:::b", 1),
        ("s3:GetObject", "arn:aws:s3:::other/k", None),
        ("s3:GetObject", None, None),
        ("s3:ListAllMyBuckets", "*", 0),
        ("sqs:SendMessage", "arn:aws:sqs:::q", 0),
        ("sqs:SendMessage", "arn:aws:sqs:::other", None),
        ("ec2:DescribeInstances", "*", 0),
        ("glacier:DeleteArchive", "arn:aws:glacier:us-east-1:1:vaults/v", None),
        ("sts:AssumeRole", ROLE, 1),
        ("sts:AssumeRole", f"{IAM}:role/Other", None),
        ("sts:GetSessionToken", None, 0),
    ],
)
def test_the_policy_of_the_resource(action: str, resource: str | None, count: int | None) -> None:
    """A bucket's for an object, a role's trust policy; what is not listed is not known."""
    found = binding(action=action, resource=resource).resource
    assert (None if found is None else len(found)) == count


@pytest.mark.parametrize(
    ("action", "must"), [("sts:AssumeRole", True), ("kms:Decrypt", True), ("s3:GetObject", False)]
)
def test_trust_and_key_policies_have_to_allow(action: str, must: bool) -> None:
    """In the same account too."""
    assert binding(action=action).resource_must_allow is must


def test_resource_control_policies_bind_some_services() -> None:
    """Of others their absence says nothing."""
    unknown = Account(ACCOUNTS.entities)
    assert binding(unknown).rcps is None
    assert binding(unknown, action="ec2:DescribeInstances").rcps == ()


@pytest.mark.parametrize(
    ("policies", "allowed"),
    [
        ([], True),
        ([FULL], True),
        ([FULL, policy("Deny", "ec2:*")], True),
        ([FULL, policy("Deny", "s3:*")], False),
        ([FULL, policy("Allow", "s3:*")], True),
        ([FULL, policy("Allow", "ec2:*")], None),
        ([policy("Allow", "ec2:*")], False),
        ([policy("Allow", "ec2:*"), policy("Allow", "sqs:*")], False),
        ([policy("Deny", "ec2:*")], None),
        ([policy("Deny", "s3:*")], False),
        ([FULL, policy("Allow", "ec2:*"), policy("Deny", "s3:*")], False),
    ],
)
def test_a_list_of_control_policies_does_not_tell_the_levels(
    policies: list[Policy], allowed: Truth
) -> None:
    """What all allow passes, what none allows does not, what is denied is denied; else unknown."""
    request = Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k", Context.of({}))
    levels = control_levels(policies, request)
    assert evaluate(request, Policies(identity=[FULL], scps=levels)).allowed is allowed


BOB = "444455556666"
OTHER_ROLE = f"arn:aws:iam::{BOB}:role/Partner"


def test_the_owner_of_a_resource_brings_its_policies() -> None:
    """Across accounts its bucket policy, its trust policy and its control policies bind."""
    trust = policy(Principal={"AWS": ALICE.arn})
    owner = Account({OTHER_ROLE: Entity(OTHER_ROLE, trust=trust)}, rcps=(FULL,), resources={})
    request = Request(ALICE, "sts:AssumeRole", OTHER_ROLE, resource_account=BOB)
    found = ACCOUNTS.binding(request, session=(), vpc_endpoint=(), owner=owner)
    assert (found.resource, found.resource_must_allow) == ((trust,), True)
    assert found.rcps == [(FULL,)]
    assert evaluate(request, found).allowed


def test_an_owner_that_is_not_known_may_deny() -> None:
    """What another account's policies say is not this account's to tell."""
    request = Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k", resource_account=BOB)
    found = ACCOUNTS.binding(request, session=(), vpc_endpoint=())
    assert (found.resource, found.rcps) == (None, None)
