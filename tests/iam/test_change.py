"""A change: policies replaced, added and removed, each where it is meant."""

from __future__ import annotations

from typing import Any

import pytest

from cloudtrail_mfa.errors import ChangeError
from cloudtrail_mfa.iam import Policy
from cloudtrail_mfa.iam.account import Account, Entity
from cloudtrail_mfa.iam.change import Change
from tests.iam.test_account import policy
from tests.records import ACCOUNT

IAM = f"arn:aws:iam::{ACCOUNT}"
ALICE, BOB, ADMIN = f"{IAM}:user/eng/alice", f"{IAM}:user/bob", f"{IAM}:role/Admin"
FORCED = f"{IAM}:policy/team/MFA_Forced"
BUCKET, OPEN = "arn:aws:s3:::example-reports", "arn:aws:s3:::open"
NEW = policy("Deny")


def called(name: str) -> Policy:
    return Policy.parse(policy().document, name=name)


def accounts() -> dict[str, Account]:
    inline, forced = called("work (inline, Developers)"), called(FORCED)
    entities = {
        ALICE: Entity(ALICE, (inline, forced), groups=("Developers",)),
        BOB: Entity(BOB, (inline,), boundary=(forced,), groups=("Developers",)),
        ADMIN: Entity(ADMIN, (), trust=called(f"trust policy of {ADMIN}")),
    }
    resources = {BUCKET: called(BUCKET), OPEN: None}
    return {ACCOUNT: Account(entities, (called("FullAWSAccess"),), None, resources)}


def entity(changed: dict[str, Account], arn: str) -> Entity:
    return (changed[ACCOUNT].entities or {})[arn]


def statements(policies: tuple[Policy, ...] | None) -> list[str]:
    """Return the effect of each policy's statement."""
    return [found.statements[0].effect for found in policies or ()]


@pytest.mark.parametrize("name", [FORCED, "MFA_Forced", "policy/team/MFA_Forced"])
def test_a_managed_policy_is_replaced_wherever_it_stands(name: str) -> None:
    """Attached, or as a boundary; it keeps its name."""
    changed = Change(replace={name: NEW}).applied(accounts())
    assert statements(entity(changed, ALICE).identity) == ["Allow", "Deny"]
    assert statements(entity(changed, BOB).boundary) == ["Deny"]
    assert {p.name for p in entity(changed, BOB).boundary or ()} == {FORCED}


@pytest.mark.parametrize("name", ["work", "Developers/work", "work (inline, Developers)"])
def test_an_inline_policy_has_a_name_too(name: str) -> None:
    """By itself, or with its owner's."""
    changed = Change(remove=(name,)).applied(accounts())
    assert statements(entity(changed, ALICE).identity) == ["Allow"]
    assert entity(changed, BOB).identity == ()


@pytest.mark.parametrize("name", [BUCKET, "example-reports"])
def test_a_resources_policy_is_named_by_the_resource(name: str) -> None:
    """Replaced or removed."""
    replaced = (Change(replace={name: NEW}).applied(accounts())[ACCOUNT].resources or {})[BUCKET]
    assert replaced is not None
    assert replaced.statements == NEW.statements
    assert (Change(remove=(name,)).applied(accounts())[ACCOUNT].resources or {})[BUCKET] is None


@pytest.mark.parametrize("name", [ADMIN, "role/Admin"])
def test_a_trust_policy_is_named_by_its_role(name: str) -> None:
    """A role cannot be without one."""
    changed = Change(replace={name: NEW}).applied(accounts())
    trust = entity(changed, ADMIN).trust
    assert trust is not None
    assert trust.statements == NEW.statements
    with pytest.raises(ChangeError, match="cannot be without a trust policy"):
        Change(remove=(name,)).applied(accounts())


@pytest.mark.parametrize("target", ["alice", "user/alice", "user/eng/alice", ALICE])
def test_a_policy_is_given_to_one(target: str) -> None:
    """By name or ARN."""
    changed = Change(add={target: NEW}).applied(accounts())
    assert statements(entity(changed, ALICE).identity) == ["Allow", "Allow", "Deny"]
    assert statements(entity(changed, BOB).identity) == ["Allow"]


@pytest.mark.parametrize("target", ["Developers", "group/Developers"])
def test_a_policy_is_given_to_a_group(target: str) -> None:
    """Its members have it."""
    changed = Change(add={target: NEW}).applied(accounts())
    assert [statements(entity(changed, arn).identity)[-1] for arn in (ALICE, BOB)] == ["Deny"] * 2


def test_a_boundary_is_set() -> None:
    """In the place of the one that there was."""
    changed = Change(add={"boundary:bob": NEW}).applied(accounts())
    assert statements(entity(changed, BOB).boundary) == ["Deny"]
    assert statements(entity(changed, BOB).identity) == ["Allow"]


def test_the_organization_gets_a_policy() -> None:
    """Where the others are known: of those that are not, nothing could be said."""
    changed = Change(add={"scp": NEW}).applied(accounts())[ACCOUNT]
    assert statements(changed.scps) == ["Allow", "Deny"]
    with pytest.raises(
        ChangeError, match="rcp cannot be added to: the evidence has no folder rcp/"
    ):
        Change(add={"rcp": NEW}).applied(accounts())


def test_a_resource_gets_its_policy() -> None:
    """One that has none."""
    resources = Change(add={OPEN: NEW}).applied(accounts())[ACCOUNT].resources or {}
    assert resources[OPEN] == NEW
    with pytest.raises(ChangeError, match="has a policy, and can have one only"):
        Change(add={BUCKET: NEW}).applied(accounts())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"replace": {"MFA_Froced": NEW}},
            "MFA_Froced is no policy of the evidence: did you mean MFA_Forced?",
        ),
        ({"remove": ("zzz",)}, "zzz is no policy of the evidence: there are FullAWSAccess, "),
        ({"add": {"alcie": NEW}}, "alcie is nobody of the evidence: did you mean alice?"),
    ],
)
def test_a_name_that_is_not_known(change: dict[str, Any], sentence: str) -> None:
    """Is an error that tells the nearest, never a change of nothing."""
    with pytest.raises(ChangeError) as error:
        Change(**change).applied(accounts())
    assert str(error.value).startswith(sentence)


def test_who_has_policies_that_are_not_known_cannot_be_given_one() -> None:
    """What it would do could not be told."""
    known = {ACCOUNT: Account({ALICE: Entity(ALICE, None)})}
    with pytest.raises(ChangeError, match="the others are not all known"):
        Change(add={"alice": NEW}).applied(known)


def test_without_accounts_there_is_nothing_to_change() -> None:
    """Nor a name to propose."""
    with pytest.raises(ChangeError, match="x is no policy of the evidence: it holds none"):
        Change(remove=("x",)).applied({})


def test_what_is_given_stays_as_it_was() -> None:
    """A change makes new accounts."""
    before = accounts()
    Change(replace={"MFA_Forced": NEW}, add={"alice": NEW}, remove=("work",)).applied(before)
    assert before == accounts()
