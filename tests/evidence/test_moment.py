"""A moment: what a user or role had, put together; what is not known is told, and not absent."""

from __future__ import annotations

from typing import Any

import pytest

from cloudtrail_mfa.evidence.changes import changes_of, owner_of
from cloudtrail_mfa.evidence.journal import Journal
from cloudtrail_mfa.evidence.moment import Found, alternatives
from tests.evidence.rows import NOW
from tests.evidence.writes import ALICE, FORCED, IAM, document, row

START = int(NOW.timestamp())
ADMIN, POWER = (f"arn:aws:iam::aws:policy/{name}" for name in ("AdministratorAccess", "Power"))
ROLE = f"{IAM}:role/Deploy"


def of(name: str, second: int = -1000, **parameters: Any) -> dict[str, Any]:
    return row(name, second, userName="alice", **parameters)


CREATED = of("CreateUser", -9000)
POLICY = row("CreatePolicy", -5000, policyArn=FORCED, policyDocument=document())
ATTACHED = of("AttachUserPolicy", policyArn=FORCED)


def states(*rows: dict[str, Any], arn: str = ALICE, trust: bool = False) -> tuple[Found, ...]:
    owner = owner_of(arn)
    assert owner
    return alternatives(Journal(changes_of(rows)), arn, owner, START, trust=trust)


def state(*rows: dict[str, Any], arn: str = ALICE) -> Found:
    (found,) = states(*rows, arn=arn)
    return found


def names(found: Found) -> list[str]:
    return [policy.name for policy in found.entity.identity or ()]


def test_everything_is_known() -> None:
    """What is inline, and what is attached."""
    found = state(
        CREATED,
        POLICY,
        ATTACHED,
        of("PutUserPolicy", policyName="p", policyDocument=document()),
    )
    assert set(names(found)) == {FORCED, "p (inline, alice)"}


def test_through_a_group() -> None:
    """Both who joined whom and what the group has are its sources."""
    found = state(
        CREATED,
        row("CreateGroup", -8000, groupName="team"),
        row("PutGroupPolicy", -7000, groupName="team", policyName="g", policyDocument=document()),
        of("AddUserToGroup", groupName="team"),
    )
    assert names(found) == ["g (inline, team)"]
    told = [change.event_id for change in found.sources["g (inline, team)"]]
    assert told == ["AddUserToGroup -1000", "PutGroupPolicy -7000"]
    assert found.entity.groups == ("team",)
    assert (found.entity.more, found.gaps) == (False, ())


@pytest.mark.parametrize(
    ("rows", "known", "gap"),
    [
        (
            [POLICY, ATTACHED],
            [FORCED],
            "The trail does not hold the creation of user alice: what else it had is not known.",
        ),
        ([CREATED, ATTACHED], [], "The text that MFA_Forced had is not known."),
        (
            [CREATED, of("AttachUserPolicy", policyArn=POWER)],
            [],
            f"The text of {POWER}, which is AWS's own, is not known: no trail holds it.",
        ),
        (
            [CREATED, of("PutUserPolicy", policyName="p", policyDocument="HIDDEN")],
            [],
            "The inline policy p that user alice may have had is not known.",
        ),
        (
            [CREATED, of("AddUserToGroup", groupName="team")],
            [],
            "The trail does not hold the creation of group team: what else it had is not known.",
        ),
        (
            [CREATED, of("AttachUserPolicy")],
            [],
            "Not every change of user alice can be told, so what it had is not known.",
        ),
    ],
)
def test_what_is_not_known(rows: list[dict[str, Any]], known: list[str], gap: str) -> None:
    """There may be more then, and it is told what."""
    found = state(*rows)
    assert names(found) == known
    assert found.entity.more
    assert found.gaps == (gap,)


def test_a_policy_that_aws_publishes() -> None:
    """AdministratorAccess allows everything, and always did."""
    found = state(CREATED, of("AttachUserPolicy", policyArn=ADMIN))
    assert names(found) == [ADMIN]
    assert not found.entity.more


def test_a_boundary() -> None:
    """None, one, or not known."""
    limit = of("PutUserPermissionsBoundary", permissionsBoundary=FORCED)
    assert state(CREATED).entity.boundary == ()
    (policy,) = state(CREATED, POLICY, limit).entity.boundary or ()
    assert policy.name == FORCED
    assert state(CREATED, limit).entity.boundary is None
    assert state(ATTACHED).entity.boundary is None


def test_tags() -> None:
    """Known only where all are."""
    tagged = of("TagUser", tags='[{"key":"Team","value":"a=b"}]')
    assert state(CREATED, tagged).entity.tags == {"Team": "a=b"}
    assert state(tagged).entity.tags is None
    assert state(CREATED, of("TagUser", tags="?")).entity.tags is None


def test_of_several_possible_values_each_is_a_state() -> None:
    """Within a minute after a change."""
    lately = of("AttachUserPolicy", -10, policyArn=FORCED)
    assert sorted(map(names, states(CREATED, POLICY, lately))) == [[], [FORCED]]


def test_of_too_many_only_what_is_sure_is_left() -> None:
    """The rest is not known."""
    puts = [
        of("PutUserPolicy", -10, policyName=f"p{n}", policyDocument=document()) for n in range(4)
    ]
    (found,) = states(CREATED, POLICY, ATTACHED, *puts)
    assert names(found) == [FORCED]
    assert found.entity.more


def test_who_may_assume_a_role_matters_by_itself() -> None:
    """Then what it may do does not make states, and the other way round."""
    rows = (
        row("CreateRole", -10, roleName="Deploy", policyDocument=document()),
        row("AttachRolePolicy", -5, roleName="Deploy", policyArn=ADMIN),
    )
    trusts = [found.entity.trust for found in states(*rows, arn=ROLE, trust=True)]
    assert len(trusts) == 2
    assert None in trusts
    assert sorted(map(names, states(*rows, arn=ROLE))) == [[], [ADMIN]]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([of("EnableMFADevice", serialNumber="GAHT1")], "user alice had the MFA device GAHT1 then"),
        ([of("DeactivateMFADevice", 90, serialNumber="GAHT1")], "user alice had the MFA device"),
        ([CREATED], "user alice had no MFA device then"),
        (
            [CREATED, of("EnableMFADevice", 90, serialNumber="GAHT1")],
            "user alice had no MFA device",
        ),
        ([of("DeactivateMFADevice", serialNumber="GAHT1")], None),
        ([CREATED, of("EnableMFADevice", -10, serialNumber="GAHT1")], None),
        ([POLICY, ATTACHED], None),
    ],
)
def test_mfa_devices(rows: list[dict[str, Any]], told: str | None) -> None:
    """One that was enabled, or none since the user was created; else it is not known."""
    (found,) = states(*rows)
    assert (found.device or "")[: len(told or "")] == (told or "")
    assert (found.device is None) is (told is None)


def test_what_tells_something() -> None:
    """A policy, or that there is none."""
    assert state(CREATED).tells
    assert state(POLICY, ATTACHED).tells
    assert not state(of("TagUser", tags="?")).tells
