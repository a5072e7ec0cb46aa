"""The journal: what a value can have been at a time, and what is not known of it."""

from __future__ import annotations

from typing import Any

import pytest

from cloudtrail_mfa.evidence.changes import ABSENT, PRESENT, UNKNOWN, Owner, Text, changes_of
from cloudtrail_mfa.evidence.journal import SETTLES, Journal
from cloudtrail_mfa.evidence.snapshot import Cell, Snapshot
from tests.evidence.rows import NOW
from tests.evidence.writes import FORCED, document, row
from tests.records import ACCOUNT

START = int(NOW.timestamp())
ALICE, TEAM = Owner("user", ACCOUNT, "alice"), Owner("group", ACCOUNT, "team")
POLICY = Owner("policy", ACCOUNT, FORCED)
ATTACHED: Cell = ("attached", FORCED)
INLINE: Cell = ("inline", "p")


def write(event: str, second: int | None, **parameters: Any) -> dict[str, Any]:
    return row(event, second, userName="alice", **parameters)


def attach(second: int | None) -> dict[str, Any]:
    return write("AttachUserPolicy", second, policyArn=FORCED)


def detach(second: int) -> dict[str, Any]:
    return write("DetachUserPolicy", second, policyArn=FORCED)


def put(second: int, action: str = "s3:*") -> dict[str, Any]:
    text = document(action)
    return write("PutUserPolicy", second, policyName="p", policyDocument=text)


CREATED, DELETED = write("CreateUser", -5000), write("DeleteUser", 5000)


def journal(*rows: dict[str, Any], after: Snapshot | None = None) -> Journal:
    return Journal(changes_of(rows), after)


def values(found: Journal, second: int, cell: Cell = ATTACHED, of: Owner = ALICE) -> set[Any]:
    return {held.value for held in found.possible(of, cell, START + second)}


class TestForwards:
    """From a write on, and from the creation of whom it is about."""

    def test_a_write_holds_until_the_next(self) -> None:
        """To the second, once it is known everywhere."""
        found = journal(CREATED, attach(0), detach(1000))
        assert values(found, -100) == {ABSENT}
        assert values(found, 500) == {PRESENT}
        assert values(found, 2000) == {ABSENT}

    def test_a_change_takes_a_while(self) -> None:
        """For a minute what was before may hold as well."""
        found = journal(CREATED, attach(0))
        assert values(found, 0) == values(found, SETTLES) == {ABSENT, PRESENT}
        assert values(found, SETTLES + 1) == {PRESENT}

    def test_writes_of_one_second_have_no_order(self) -> None:
        """Where they differ, it is not known which was last; where they agree, it does not matter."""
        assert values(journal(CREATED, put(0), put(0, "ec2:*")), 500, INLINE) == {UNKNOWN}
        same = values(journal(CREATED, put(0), put(0)), 500, INLINE)
        assert same == {Text("p (inline, alice)", document())}

    def test_what_is_created_comes_first_in_its_second(self) -> None:
        """And what is deleted, last: IAM refuses the other way round."""
        found = journal(write("CreateUser", 0), attach(0), detach(900), write("DeleteUser", 900))
        assert values(found, 500) == {PRESENT}
        assert values(found, 2000) == {ABSENT}
        assert found.is_complete(ALICE, START + 500)
        assert not found.is_complete(ALICE, START + 2000)

    def test_a_name_that_is_used_again(self) -> None:
        """Whoever has it then begins with nothing."""
        found = journal(CREATED, attach(0), write("DeleteUser", 900), write("CreateUser", 2000))
        assert values(found, 2000) == {ABSENT}
        assert found.is_complete(ALICE, START + 3000)

    def test_created_and_deleted_in_one_second(self) -> None:
        """In which order is not known, so nothing is."""
        found = journal(CREATED, DELETED, write("CreateUser", 5000), attach(6000))
        assert values(found, 7000) == {UNKNOWN}
        assert not found.is_complete(ALICE, START + 7000)


class TestWithoutBeginning:
    """What the trail does not hold the creation of."""

    def test_before_the_first_write(self) -> None:
        """Attaching passes whether or not it was attached; detaching only where it was."""
        assert values(journal(attach(0)), -100) == {ABSENT, PRESENT}
        assert values(journal(detach(0)), -100) == {PRESENT}
        assert values(journal(put(0)), -100, INLINE) == {UNKNOWN}

    def test_what_was_taken_away_is_told_by_that(self) -> None:
        """It had been there: the later change is what shows it."""
        (held,) = journal(detach(0)).possible(ALICE, ATTACHED, START - 100)
        assert held.change is not None
        assert held.change.event_id == "DetachUserPolicy 0"

    def test_it_is_not_complete(self) -> None:
        """There may be more."""
        assert not journal(attach(0)).is_complete(ALICE, START + 500)

    def test_its_deletion_tells_the_rest(self) -> None:
        """IAM deletes only who has nothing any more; boundary and tags may stay to the end."""
        found = journal(detach(0), DELETED)
        assert found.is_complete(ALICE, START - 100)
        assert not found.is_complete(ALICE, START - 100, "tag")
        assert values(found, -100) == {PRESENT}
        assert values(found, 100, ("boundary", "")) == {UNKNOWN}

    def test_before_its_creation(self) -> None:
        """Then there was nobody; whoever calls so, is not who was created."""
        assert not journal(CREATED).is_complete(ALICE, START - 6000)


class TestBackwards:
    """From a state after the last write."""

    def test_what_was_never_changed(self) -> None:
        """It was always so."""
        found = journal(attach(0), after={ALICE: {ATTACHED: PRESENT, ("tag", "a"): "a=b"}})
        assert values(found, -100, ("tag", "a")) == {"a=b"}
        assert values(found, -100, ("boundary", "")) == {ABSENT}
        assert found.is_complete(ALICE, START - 100)

    def test_what_was_changed(self) -> None:
        """Before the first write only as far as that write tells."""
        found = journal(attach(0), after={ALICE: {ATTACHED: PRESENT}})
        assert values(found, -100) == {ABSENT, PRESENT}
        assert values(found, 500) == {PRESENT}

    def test_a_state_that_does_not_agree(self) -> None:
        """Is not used: it is older than the writes, or writes are missing."""
        found = journal(attach(0), after={ALICE: {}})
        assert not found.is_complete(ALICE, START)
        change = found.disagreement(ALICE)
        assert change is not None
        assert change.event_id == "AttachUserPolicy 0"

    def test_devices_are_in_no_export(self) -> None:
        """So that a state neither tells of them nor speaks against them."""
        enabled = write("EnableMFADevice", 0, serialNumber="GAHT1")
        found = journal(enabled, after={ALICE: {}})
        assert found.disagreement(ALICE) is None
        assert not found.is_complete(ALICE, START, "device")
        assert values(found, 500, ("device", "GAHT1")) == {PRESENT}
        assert values(found, 500, ("device", "GAHT2")) == {UNKNOWN}

    def test_somebody_who_was_deleted(self) -> None:
        """Does not agree either."""
        assert journal(DELETED, after={ALICE: {}}).disagreement(ALICE) is not None

    @pytest.mark.parametrize(("action", "agrees"), [("s3:*", True), ("ec2:*", False)])
    def test_texts_are_compared_as_policies(self, action: str, agrees: bool) -> None:
        """However they are written."""
        other = Text("p (inline, Alice)", document(action).replace(" ", "\n "))
        found = journal(put(0), after={ALICE: {INLINE: other}})
        assert (found.disagreement(ALICE) is None) is agrees

    def test_the_version_that_was_in_force(self) -> None:
        """One of those that there were: of one, that one."""
        cells: dict[Cell, Any] = {("version", name): UNKNOWN for name in ("v1", "v2")}
        made = row(
            "CreatePolicyVersion",
            0,
            policyArn=FORCED,
            versionId="v2",
            setAsDefault=True,
            policyDocument=document(),
        )
        found = journal(made, after={POLICY: {**cells, ("default", ""): "v2"}})
        assert values(found, -100, ("default", ""), POLICY) == {"v1"}
        cells |= {("version", "v0"): UNKNOWN, ("default", ""): "v2"}
        found = journal(made, after={POLICY: cells})
        assert values(found, -100, ("default", ""), POLICY) == {"v0", "v1"}


class TestDoubt:
    """Writes that cannot be placed."""

    @pytest.mark.parametrize(
        "rows",
        [
            [attach(None)],
            [write("AttachUserPolicy", 0)],
            [row("AttachUserPolicy", 0, policyArn=FORCED)],
        ],
    )
    def test_nothing_is_known_then(self, rows: list[dict[str, Any]]) -> None:
        """A write without a time, without what it changes, or without whom."""
        found = journal(CREATED, put(0), *rows, after={ALICE: {}})
        assert found.is_doubted(ALICE)
        assert values(found, 500, INLINE) == {UNKNOWN}
        assert not found.is_complete(ALICE, START)

    def test_of_others_it_is(self) -> None:
        """A user's write is no group's."""
        found = journal(row("AttachUserPolicy", 0, policyArn=FORCED))
        assert not found.is_doubted(TEAM)


class TestNames:
    """Who is renamed stays who it is."""

    def test_a_user(self) -> None:
        """What it had goes with it; who has its old name after that, is not known."""
        found = journal(
            CREATED, attach(0), write("UpdateUser", 1000, newUserName="Alicia"), put(2000)
        )
        alicia = ALICE._replace(name="alicia")
        assert found.owner_at(alicia, START + 1500) == ALICE
        assert found.owner_at(ALICE, START + 500) == ALICE
        other = found.owner_at(ALICE, START + 3000)
        assert other != ALICE
        assert values(found, 3000, of=other) == {UNKNOWN}
        assert not found.is_complete(other, START + 3000)
        assert set(found.names(ALICE)) == {ALICE, other}

    def test_a_state_has_the_last_name(self) -> None:
        """It is that of whom the name stands for then."""
        renamed = write("UpdateUser", 0, newUserName="alicia")
        found = journal(renamed, after={ALICE._replace(name="alicia"): {INLINE: UNKNOWN}})
        assert found.cells(ALICE) == [INLINE]

    def test_a_write_in_the_second_of_a_renaming(self) -> None:
        """Of whom it is, is not known."""
        other = row("PutUserPolicy", 0, userName="alicia", policyName="p")
        found = journal(CREATED, other, write("UpdateUser", 0, newUserName="alicia"))
        assert found.is_doubted(ALICE)


class TestReach:
    """A user's groups and policies change what it may do, too."""

    def test_their_changes_are_its_own(self) -> None:
        """From its group to that group's policy."""
        found = journal(
            write("AddUserToGroup", 0, groupName="team"),
            row("AttachGroupPolicy", 100, groupName="team", policyArn=FORCED),
            row("SetDefaultPolicyVersion", 200, policyArn=FORCED, versionId="v2"),
            row("AttachGroupPolicy", 300, groupName="others", policyArn=FORCED),
        )
        assert [at - START for at in found.breaks(ALICE)] == [0, 61, 100, 161, 200, 261]

    def test_a_boundary(self) -> None:
        """Is one of its policies."""
        limited = write("PutUserPermissionsBoundary", 0, permissionsBoundary=FORCED)
        found = journal(limited, row("DeletePolicy", 100, policyArn=FORCED))
        assert [at - START for at in found.breaks(ALICE)] == [0, 61, 100, 161]

    def test_who_was_never_changed(self) -> None:
        """Has no history."""
        assert journal(attach(0)).breaks(TEAM) == []
