"""The trail: who had which policies when, forwards from the beginning and backwards from an export."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtrail_mfa import Evidence
from cloudtrail_mfa.evidence.moment import Found
from cloudtrail_mfa.evidence.trail import Trail
from cloudtrail_mfa.iam.account import Account, Entity
from tests.evidence.rows import NOW, ROLE, ROW
from tests.evidence.writes import ALICE, BOB, FORCED, IAM, document, row, table
from tests.records import ACCOUNT

DEPLOY = str(ROLE["role_arn"])
POLICY = row("CreatePolicy", -9000, policyArn=FORCED, policyDocument=document())


def of(name: str, second: int, user: str = "alice", **parameters: Any) -> dict[str, Any]:
    return row(name, second, userName=user, **parameters)


def attach(second: int, user: str = "alice") -> dict[str, Any]:
    return of("AttachUserPolicy", second, user, policyArn=FORCED)


def calls(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return denied calls; each is given by what differs."""
    frame = pd.DataFrame([ROW | row for row in rows])
    frame["event_time"] = pd.to_datetime(frame["event_time"], utc=True).astype(
        "datetime64[us, UTC]"
    )
    return frame


def at(second: int, arn: str = ALICE, **fields: Any) -> dict[str, Any]:
    return {"principal_arn": arn, "event_time": NOW + pd.Timedelta(seconds=second)} | fields


ASSUMES = {"iam_action": "sts:AssumeRole", "resource_arn": DEPLOY}


KNOWN = Evidence({ACCOUNT: Account({ALICE: Entity(ALICE), BOB: Entity(BOB)}, scps=())})


class TestGroup:
    """Calls between two changes are alike."""

    def test_by_what_changed_in_between(self) -> None:
        """Before, within the minute after, and from then on; what others had is no matter."""
        trail = Trail(table(POLICY, of("CreateUser", -9000), attach(0), attach(500, "bob")))
        found = trail.group(calls(*map(at, (-300, -200, 0, 60, 61, 300, 900))))
        assert found.tolist() == [0, 0, 1, 1, 2, 2, 2]

    def test_whom_the_trail_tells_nothing_of(self) -> None:
        """They are left as they are."""
        trail = Trail(table(POLICY, attach(0)))
        others = at(900, BOB), at(900, f"{IAM}:root"), at(900, f"{IAM}:user/x:y")
        assert trail.group(calls(*others, at(-300))).tolist() == [-1, -1, -1, -1]

    def test_what_is_told_of_by_an_export_alone(self) -> None:
        """It has no history, and needs none."""
        trail = Trail(table(POLICY, attach(0)), KNOWN)
        assert trail.group(calls(at(-900), at(900, BOB))).tolist() == [0, -1]

    def test_after_the_last_change(self) -> None:
        """Accounts that are known without their exports' lists are as they are then."""
        trail = Trail(table(POLICY, attach(0)), KNOWN)
        assert trail.group(calls(at(60), at(61))).tolist() == [0, -1]

    def test_who_calls_and_what_is_assumed(self) -> None:
        """Each has a history of its own."""
        role = row("CreateRole", 0, roleName="Deploy", policyDocument=document())
        trail = Trail(table(role, POLICY, attach(0)))
        rows = calls(
            at(900, **ASSUMES), at(900), at(900, BOB, **ASSUMES), at(900, BOB), at(990, **ASSUMES)
        )
        found = trail.group(rows).tolist()
        assert found[0] == found[4]
        assert len(set(found)) == 4
        assert found[3] == -1

    def test_a_call_without_a_time(self) -> None:
        """It is not known which policies were in force: by the trail alone nothing is told."""
        writes = table(POLICY, of("CreateUser", -9000), attach(0))
        row = at(0) | {"event_time": None}
        assert Trail(writes).group(calls(row)).tolist() == [-1]
        trail = Trail(writes, KNOWN)
        (number,) = trail.group(calls(row)).tolist()
        (state,) = trail.states(number)
        assert (state.accounts[ACCOUNT].entities or {})[ALICE].identity is None

    def test_nobody_changed_anything(self) -> None:
        """An empty history tells nothing."""
        assert Trail(table()).group(calls(at(0))).tolist() == [-1]


class TestStates:
    """What is handed on for calls that are alike."""

    def test_the_caller_as_it_was(self) -> None:
        """With who put its policies there; others stay as exported."""
        later = of("DetachUserPolicy", 1000, policyArn=FORCED)
        trail = Trail(table(POLICY, of("CreateUser", -9000), attach(0), later), KNOWN)
        (number,) = trail.group(calls(at(900)))
        (state,) = trail.states(number)
        account = state.accounts[ACCOUNT]
        entities = account.entities or {}
        assert [policy.name for policy in entities[ALICE].identity or ()] == [FORCED]
        assert (entities[BOB], account.scps) == (Entity(BOB), ())
        told = state.sources[FORCED]
        assert told[0].startswith("bob attached MFA_Forced to user alice on 2026-06-01 at 09:00:00")
        assert (state.gaps, state.lately) == ((), ())
        assert {policy.name for policy in trail.policies()} == {FORCED}

    def test_a_change_just_before(self) -> None:
        """Both states, and the change."""
        trail = Trail(table(POLICY, of("CreateUser", -9000), attach(0)))
        (number,) = trail.group(calls(at(10)))
        states = trail.states(number)
        had = [
            len((state.accounts[ACCOUNT].entities or {})[ALICE].identity or ()) for state in states
        ]
        assert sorted(had) == [0, 1]
        assert [text[:38] for text in states[0].lately] == [
            "bob attached MFA_Forced to user alice "
        ]

    def test_a_role_that_is_assumed(self) -> None:
        """Its trust policy is as of then; the changes of what it may do are no matter."""
        made = row(
            "CreateRole", -9000, roleName="Deploy", policyDocument=document("sts:AssumeRole")
        )
        other = row("AttachRolePolicy", 0, roleName="Deploy", policyArn=FORCED)
        trail = Trail(table(made, POLICY, other))
        (number,) = trail.group(calls(at(10, **ASSUMES)))
        (state,) = trail.states(number)
        trust = (state.accounts[ACCOUNT].entities or {})[DEPLOY].trust
        assert trust is not None
        assert state.sources[trust.name][0].startswith("bob created role Deploy")
        assert (state.gaps, state.lately) == ((), ())

    def test_a_role_that_assumes_itself(self) -> None:
        """It has both its policies and its trust policy."""
        made = row(
            "CreateRole", -9000, roleName="Deploy", policyDocument=document("sts:AssumeRole")
        )
        put = row("AttachRolePolicy", -900, roleName="Deploy", policyArn=FORCED)
        trail = Trail(table(made, POLICY, put))
        (number,) = trail.group(calls(at(10) | ROLE | ASSUMES))
        (state,) = trail.states(number)
        role = (state.accounts[ACCOUNT].entities or {})[DEPLOY]
        assert role.trust
        assert role.identity

    def test_it_is_told_how_far_the_trail_goes(self) -> None:
        """Whatever rests on it, rests on its being complete."""
        told = Trail(table(POLICY, attach(0))).gap
        assert "2 IAM writes of 2026-06-01 to 2026-06-01" in told


@pytest.mark.parametrize("arn", [f"{IAM}:root", "alice"])
def test_of_whom_there_is_no_history(arn: str) -> None:
    """Only users and roles have one."""
    assert Trail(table()).group(calls(at(0, arn))).tolist() == [-1]


PHONE, KEY = f"{IAM}:mfa/alice-phone", "GAHT12345678"


def device(event: str, second: int | None = 0, serial: str | None = PHONE) -> dict[str, Any]:
    return row(event, second, userName="alice", serialNumber=serial)


def whole(event: str, second: int = -9) -> dict[str, Any]:
    return row(event, second, userName="alice")


def active(*rows: dict[str, Any], arn: str = ALICE) -> bool | None:
    return Trail(table(*rows)).devices([arn]).get(arn)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([device("EnableMFADevice")], True),
        ([device("EnableMFADevice"), device("DeactivateMFADevice", 1)], None),
        ([whole("CreateUser")], False),
        ([whole("CreateUser"), device("EnableMFADevice")], True),
        ([whole("CreateUser"), device("EnableMFADevice"), device("DeactivateMFADevice", 1)], False),
        ([device("DeactivateMFADevice", 1, KEY), device("EnableMFADevice")], True),
        ([device("DeactivateMFADevice"), device("EnableMFADevice")], None),
        ([device("EnableMFADevice"), whole("DeleteUser", 1)], None),
        ([whole("CreateUser"), device("EnableMFADevice", None)], None),
        ([whole("CreateUser"), device("EnableMFADevice", serial=None)], None),
        ([whole("CreateUser"), device("CreateVirtualMFADevice")], False),
    ],
)
def test_who_has_an_mfa_device(rows: list[dict[str, Any]], expected: bool | None) -> None:
    """There is none only where every device since the user's creation would be seen."""
    assert active(*rows) is expected


def test_the_device_of_a_user_that_is_renamed() -> None:
    """The devices stay."""
    renamed = row("UpdateUser", 1, userName="alice", newUserName="alicia")
    assert active(device("EnableMFADevice"), renamed, arn=f"{IAM}:user/alicia") is True
    assert active(device("EnableMFADevice"), renamed) is None


def test_roles_have_no_device() -> None:
    """Nor has a session."""
    assert active(device("EnableMFADevice"), arn=f"{IAM}:role/alice") is None


# ---- a made-up account that is changed at random, which is known at each time

USERS, GROUPS, NAMES = ("alice", "bob"), ("team",), ("p", "q")
ARNS = (FORCED, f"{IAM}:policy/Other")
STEP = 100


@dataclass
class World:
    """An account, and the writes that made it.

    Attributes
    ----------
    has
        For each user and group, its inline policies, attached policies and groups.
    versions
        For each policy, the texts of its versions, and which is in force.
    """

    has: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)
    writes: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, set[tuple[str, str]]]] = field(default_factory=list)

    def write(self, event: str, **parameters: Any) -> None:
        """Add a write, and what everybody has after it."""
        self.writes.append(row(event, STEP * len(self.writes), **parameters))
        self.history.append({user: self.policies(user) for user in USERS if user in self.has})

    def policies(self, who: str) -> set[tuple[str, str]]:
        """Return the name and the text of all that somebody has."""
        found = {
            (f"{name} (inline, {who})", text) for name, text in self.has[who]["inline"].items()
        }
        for arn in self.has[who]["attached"]:
            texts, default = self.versions[arn]
            found.add((arn, texts[default]))
        for group in self.has[who]["groups"]:
            found |= self.policies(group)
        return found

    def details(self) -> dict[str, list[Any]]:
        """Return the export of the account as it is."""
        lists: dict[str, list[Any]] = {"UserDetailList": [], "GroupDetailList": [], "Policies": []}
        for who, has in self.has.items():
            kind = "Group" if who in GROUPS else "User"
            inline = [{"PolicyName": n, "PolicyDocument": t} for n, t in has["inline"].items()]
            lists[f"{kind}DetailList"].append(
                {
                    f"{kind}Name": who,
                    f"{kind}PolicyList": inline,
                    "AttachedManagedPolicies": [{"PolicyArn": arn} for arn in has["attached"]],
                    "GroupList": sorted(has["groups"]),
                }
            )
        for arn, (texts, default) in self.versions.items():
            found = [
                {"VersionId": name, "Document": text, "IsDefaultVersion": name == default}
                for name, text in texts.items()
            ]
            lists["Policies"].append({"Arn": arn, "PolicyVersionList": found})
        return lists


def turn(world: World, kind: str, who: str, arn: str, name: str, number: int) -> None:
    """Carry out one change, where IAM would."""
    text, has = document(f"s3:{number}"), world.has.get(who)
    owner = {"groupName" if who in GROUPS else "userName": who}
    of_kind = "Group" if who in GROUPS else "User"
    if kind == "create" and has is None:
        world.has[who] = {"inline": {}, "attached": set(), "groups": set()}
        world.write(f"Create{of_kind}", **owner)
    elif kind == "policy" and arn not in world.versions:
        world.versions[arn] = {"v1": text}, "v1"
        world.write("CreatePolicy", policyArn=arn, policyDocument=text)
    elif kind == "version" and arn in world.versions:
        texts, default = world.versions[arn]
        version, new = f"v{number + 2}", number % 2 == 0
        world.versions[arn] = {**texts, version: text}, version if new else default
        told = {"versionId": version, "setAsDefault": new, "policyDocument": text}
        world.write("CreatePolicyVersion", policyArn=arn, **told)
    elif kind == "default" and arn in world.versions:
        texts, _ = world.versions[arn]
        version = sorted(texts)[number % len(texts)]
        world.versions[arn] = texts, version
        world.write("SetDefaultPolicyVersion", policyArn=arn, versionId=version)
    elif kind == "drop" and arn in world.versions:
        texts, default = world.versions[arn]
        if others := sorted(set(texts) - {default}):
            version = others[number % len(others)]
            world.versions[arn] = {n: t for n, t in texts.items() if n != version}, default
            world.write("DeletePolicyVersion", policyArn=arn, versionId=version)
    elif has is not None:
        _turn_entity(world, kind, has, owner, of_kind, arn, name, text)


def _turn_entity(
    world: World,
    kind: str,
    has: dict[str, Any],
    owner: dict[str, str],
    of_kind: str,
    arn: str,
    name: str,
    text: str,
) -> None:
    if kind == "put":
        has["inline"][name] = text
        world.write(f"Put{of_kind}Policy", policyName=name, policyDocument=text, **owner)
    elif kind == "remove" and name in has["inline"]:
        del has["inline"][name]
        world.write(f"Delete{of_kind}Policy", policyName=name, **owner)
    elif kind == "attach" and arn in world.versions:
        has["attached"].add(arn)
        world.write(f"Attach{of_kind}Policy", policyArn=arn, **owner)
    elif kind == "detach" and arn in has["attached"]:
        has["attached"].remove(arn)
        world.write(f"Detach{of_kind}Policy", policyArn=arn, **owner)
    elif kind == "join" and of_kind == "User" and "team" in world.has:
        has["groups"].add("team")
        world.write("AddUserToGroup", groupName="team", **owner)
    elif kind == "leave" and "team" in has["groups"]:
        has["groups"].remove("team")
        world.write("RemoveUserFromGroup", groupName="team", **owner)
    elif kind == "delete" and of_kind == "User" and not any(has.values()):
        del world.has[owner["userName"]]
        world.write("DeleteUser", **owner)


KINDS = "create policy version default drop put remove attach detach join leave delete".split()
worlds = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from([*USERS, *GROUPS]),
        st.sampled_from(ARNS),
        st.sampled_from(NAMES),
    ),
    min_size=5,
    max_size=30,
)


def world_of(turns: list[tuple[str, str, str, str]]) -> World:
    """Return the account that some changes come to, from nothing."""
    world = World()
    for who in (*USERS, *GROUPS):
        turn(world, "create", who, "", "", 0)
    for arn in ARNS:
        turn(world, "policy", "", arn, "", 0)
    for number, (kind, who, arn, name) in enumerate(turns):
        turn(world, kind, who, arn, name, number)
    return world


def told(found: Found) -> set[tuple[str, str]]:
    return {(policy.name, json.dumps(policy.document)) for policy in found.entity.identity or ()}


def moments(world: World) -> Iterator[tuple[str, pd.Timestamp, set[tuple[str, str]]]]:
    """Yield who had what, in the middle between two writes."""
    for number, everybody in enumerate(world.history):
        time = NOW + pd.Timedelta(seconds=STEP * (number + 0.9))
        for user, has in everybody.items():
            yield f"{IAM}:user/{user}", time, has


@settings(max_examples=60)
@given(worlds)
def test_forwards_from_the_beginning_everything_is_known(
    turns: list[tuple[str, str, str, str]],
) -> None:
    """Where the trail holds the creation of all, its state is the account's at every time."""
    world = world_of(turns)
    trail = Trail(table(*world.writes))
    for arn, time, has in moments(world):
        (found,) = trail.found(arn, time)
        assert told(found) == has
        assert not found.entity.more


@settings(max_examples=60)
@given(worlds)
def test_within_a_minute_what_was_before_is_possible_too(
    turns: list[tuple[str, str, str, str]],
) -> None:
    """And what is after: a change may be known here, and there not yet."""
    world = world_of(turns)
    trail = Trail(table(*world.writes))
    for number, (before, after) in enumerate(itertools.pairwise(world.history), 1):
        time = NOW + pd.Timedelta(seconds=STEP * number + 10)
        for user in before.keys() & after.keys():
            possible = [told(found) for found in trail.found(f"{IAM}:user/{user}", time)]
            assert before[user] in possible
            assert after[user] in possible


@settings(max_examples=60)
@given(worlds, st.integers(0, 30), st.booleans())
def test_from_the_middle_nothing_is_claimed_that_is_not_so(
    turns: list[tuple[str, str, str, str]], missing: int, exported: bool
) -> None:
    """With an export of the end or without: the account's state is one of those that are possible."""
    world = world_of(turns)
    details = {ACCOUNT: copy.deepcopy(world.details())} if exported else {}
    evidence = Evidence({ACCOUNT: Account()}, details=details)
    trail = Trail(table(*world.writes[missing:]), evidence)
    start = NOW + pd.Timedelta(seconds=STEP * (missing - 1))
    for arn, time, has in moments(world):
        if time > start:
            possible = trail.found(arn, time)
            assert any(
                told(found) == has or (found.entity.more and told(found) < has)
                for found in possible
            )


@settings(max_examples=60)
@given(worlds)
def test_backwards_and_forwards_agree(turns: list[tuple[str, str, str, str]]) -> None:
    """An export of the end changes nothing where the trail tells all."""
    world = world_of(turns)
    evidence = Evidence({ACCOUNT: Account()}, details={ACCOUNT: world.details()})
    alone, both = Trail(table(*world.writes)), Trail(table(*world.writes), evidence)
    for arn, time, _ in moments(world):
        assert alone.found(arn, time) == both.found(arn, time)
