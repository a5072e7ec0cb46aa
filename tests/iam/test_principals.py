"""Callers, and how a resource-based policy names them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Caller, Named, Principals
from cloudtrail_mfa.iam.logic import Truth
from cloudtrail_mfa.iam.principals import named, spared
from tests.records import ACCOUNT

IAM, STS = f"arn:aws:iam::{ACCOUNT}", f"arn:aws:sts::{ACCOUNT}"
ALICE = Caller.of_arn(f"{IAM}:user/team/alice")
ROLE = f"{IAM}:role/team/Deploy"
SESSION = Caller.of_arn(f"{STS}:assumed-role/Deploy/carol", role_arn=ROLE)
FEDERATED = Caller.of_arn(f"{STS}:federated-user/dave")
ROOT = Caller.of_arn(f"{IAM}:root")
EC2 = Caller("service", service="ec2.amazonaws.com")
NOBODY = Caller("anonymous")


@pytest.mark.parametrize(
    ("caller", "kind"),
    [(ALICE, "user"), (SESSION, "role_session"), (FEDERATED, "federated_user"), (ROOT, "root")],
)
def test_an_arn_tells_kind_and_account(caller: Caller, kind: str) -> None:
    """As CloudTrail prints it."""
    assert (caller.kind, caller.account) == (kind, ACCOUNT)


def test_a_session_has_a_role() -> None:
    """Its path is not in the session's ARN: without it the role is guessed."""
    assert SESSION.role_arn == ROLE
    assert Caller.of_arn(SESSION.arn).role_arn == f"{IAM}:role/Deploy"


@pytest.mark.parametrize(
    ("principals", "caller", "way"),
    [
        (Principals(everyone=True), ALICE, Named.EVERYONE),
        (Principals(everyone=True), NOBODY, Named.EVERYONE),
        (Principals(everyone=True), EC2, Named.EVERYONE),
        (Principals(aws=("*",)), ALICE, Named.EVERYONE),
        (Principals(aws=(ALICE.arn,)), ALICE, Named.ITSELF),
        (Principals(aws=("*", ALICE.arn)), ALICE, Named.ITSELF),
        (Principals(aws=(ACCOUNT,)), ALICE, Named.ACCOUNT),
        (Principals(aws=(f"{IAM}:root",)), ALICE, Named.ACCOUNT),
        (Principals(aws=(f"{IAM}:root",)), SESSION, Named.ACCOUNT),
        (Principals(aws=(f"{IAM}:root",)), ROOT, Named.ITSELF),
        (Principals(aws=("999999999999",)), ALICE, None),
        (Principals(aws=(f"{IAM}:user/bob",)), ALICE, None),
        (Principals(aws=(f"{IAM}:user/*",)), ALICE, None),
        (Principals(aws=(ROLE,)), SESSION, Named.ROLE),
        (Principals(aws=(SESSION.arn,)), SESSION, Named.ITSELF),
        (Principals(aws=(f"{STS}:assumed-role/Deploy/bob",)), SESSION, None),
        (Principals(aws=(FEDERATED.arn,)), FEDERATED, Named.ITSELF),
        (Principals(service=("ec2.amazonaws.com",)), EC2, Named.ITSELF),
        (Principals(service=("s3.amazonaws.com",)), EC2, None),
        (Principals(aws=(ACCOUNT,)), EC2, None),
        (Principals(aws=(ACCOUNT,)), NOBODY, None),
        (
            Principals(federated=("cognito-identity.amazonaws.com",)),
            Caller("anonymous", provider="cognito-identity.amazonaws.com"),
            Named.ITSELF,
        ),
        (Principals(federated=("accounts.google.com",)), ALICE, None),
    ],
)
def test_principal(principals: Principals, caller: Caller, way: Named | None) -> None:
    """The most particular way counts; names have no wildcards."""
    assert named(principals, caller) is way


@pytest.mark.parametrize(
    ("listed", "caller", "left_out"),
    [
        ((f"{IAM}:user/bob",), ALICE, False),
        ((f"{IAM}:user/bob", ACCOUNT), ALICE, False),
        ((ALICE.arn, ACCOUNT), ALICE, True),
        ((ALICE.arn,), ALICE, None),
        ((SESSION.arn, ROLE, f"{IAM}:root"), SESSION, True),
        ((SESSION.arn, ROLE), SESSION, None),
        ((ROLE, ACCOUNT), SESSION, None),
        ((ROLE,), SESSION, None),
        ((ACCOUNT,), ALICE, None),
        ((f"{IAM}:root",), SESSION, None),
        ((f"{SESSION.arn}2", ROLE, f"{IAM}:root"), SESSION, False),
        (("*",), ALICE, True),
    ],
)
def test_not_principal(listed: tuple[str, ...], caller: Caller, left_out: Truth) -> None:
    """A Deny spares the very ARN, listed beside role and account; of less AWS only warns."""
    assert spared(Principals(aws=listed), caller, "Deny") is left_out


@pytest.mark.parametrize(
    ("listed", "left_out"), [((ALICE.arn,), True), ((ACCOUNT,), None), ((ROLE,), False)]
)
def test_not_principal_of_an_allow(listed: tuple[str, ...], left_out: Truth) -> None:
    """Who is named is left out; who is named otherwise, AWS does not say."""
    assert spared(Principals(aws=listed), ALICE, "Allow") is left_out
