"""Requests that AWS decides otherwise than by the policies alone."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Caller, Policies, Policy, Request, evaluate
from cloudtrail_mfa.iam.logic import Truth
from tests.iam.test_account import ALICE, policy
from tests.records import ACCOUNT

ROOT = Caller.of_arn(f"arn:aws:iam::{ACCOUNT}:root")
DENY = policy("Deny")


@pytest.mark.parametrize(
    ("action", "policies", "allowed"),
    [
        ("sts:GetCallerIdentity", [], True),
        ("sts:GetCallerIdentity", [DENY], True),
        ("sts:getcalleridentity", [DENY], True),
        ("sts:GetSessionToken", [], True),
        ("sts:GetSessionToken", [DENY], None),
        ("sts:AssumeRole", [], False),
    ],
)
def test_who_can_sign_may_ask_who_it_is(
    action: str, policies: list[Policy], allowed: Truth
) -> None:
    """Nothing has to allow it, and no Deny stops it; of a session token AWS's pages differ."""
    assert evaluate(Request(ALICE, action, "*"), Policies(identity=policies)).allowed is allowed


@pytest.mark.parametrize(
    ("caller", "action", "allowed"),
    [
        (ROOT, "s3:DeleteBucketPolicy", True),
        (ROOT, "s3:DeleteBucket", False),
        (ALICE, "s3:DeleteBucketPolicy", False),
    ],
)
def test_root_can_always_mend_a_buckets_policy(caller: Caller, action: str, allowed: bool) -> None:
    """Even one that denies everything to everyone."""
    bound = Policies(identity=[policy()], resource=[policy("Deny", Principal="*")])
    assert evaluate(Request(caller, action, "arn:aws:s3:::b"), bound).allowed is allowed


@pytest.mark.parametrize(
    "caller", [Caller("service", service="logs.amazonaws.com"), Caller("anonymous")]
)
def test_service_control_policies_bind_the_accounts_principals(caller: Caller) -> None:
    """Neither a service nor who is unknown."""
    bound = Policies(resource=[policy(Principal="*")], scps=[[DENY]])
    assert evaluate(Request(caller, "s3:GetObject", "arn:aws:s3:::b/k"), bound).allowed


def test_to_assume_a_role_the_boundary_has_to_allow() -> None:
    """Though the trust policy names the very user."""
    trust = policy(Principal={"AWS": ALICE.arn})
    request = Request(ALICE, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/x")
    for boundary, allowed in ((policy("Allow", "s3:*"), False), (policy(), True)):
        bound = Policies(resource=[trust], boundary=[boundary], resource_must_allow=True)
        assert evaluate(request, bound).allowed is allowed


@pytest.mark.parametrize(("action", "allowed"), [("s3:GetObject", None), ("sqs:SendMessage", True)])
def test_an_endpoint_that_names_the_account(action: str, allowed: Truth) -> None:
    """A gateway endpoint lets in root alone then; which kind it is, is not known."""
    bound = Policies(identity=[policy()], vpc_endpoint=[policy(Principal={"AWS": ACCOUNT})])
    assert evaluate(Request(ALICE, action, "arn:aws:s3:::b/k"), bound).allowed is allowed


def test_a_federated_user_without_a_session_policy_has_nothing() -> None:
    """But what a resource's policy gives; the user's own name in it may be meant."""
    carol = Caller.of_arn(f"arn:aws:sts::{ACCOUNT}:federated-user/carol")
    request = Request(carol, "s3:GetObject", "arn:aws:s3:::b/k")
    assert evaluate(request, Policies(identity=[policy()])).allowed is False
    named = policy(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/carol"})
    limited = Policies(identity=[policy()], session=[policy("Allow", "s3:*")], resource=[named])
    assert evaluate(request, Policies(resource=[named])).allowed is None
    assert evaluate(request, limited).allowed
