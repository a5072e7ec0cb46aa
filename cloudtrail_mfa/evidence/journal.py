"""What each thing can have been at a time: the trail's changes, and an export's state after them.

A change takes seconds to be known everywhere
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency),
so that for a minute both what was before and what is after may hold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudtrail_mfa.evidence.changes import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    Change,
    Owner,
    Text,
    Value,
)
from cloudtrail_mfa.evidence.snapshot import Cell, Snapshot

__all__ = ["SETTLES", "Held", "Journal"]

SETTLES = 60
"""Seconds after which a change is taken to be known everywhere."""

_LISTED = ("inline", "attached", "member", "version", "device")
# What no export tells.
_NOT_EXPORTED = ("life", "device")
# What has to be taken from a user, a group or a role before it can be deleted:
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
_TAKEN_FIRST = ("inline", "attached", "member", "device")


@dataclass(frozen=True, slots=True)
class Held:
    """A value, and the change that tells it.

    Attributes
    ----------
    change
        What put it there, or took it away later; None where no change tells it.
    """

    value: Value
    change: Change | None = None


class Journal:
    """Every change of some accounts, and what was before the first.

    Parameters
    ----------
    changes
        In any order.
    after
        States of accounts after the last change; where a state and the changes do not agree, it is
        not used.
    """

    def __init__(self, changes: Iterable[Change], after: Snapshot | None = None) -> None:
        self._names: dict[Owner, list[tuple[int, Owner]]] = defaultdict(list)
        self._cells: dict[Owner, dict[Cell, list[Change]]] = defaultdict(dict)
        self._doubted: set[Owner | tuple[str, str]] = set()
        self._after: dict[Owner, dict[Cell, Value]] = {}
        self._timelines: dict[tuple[Owner, Cell], _Timeline] = {}
        self._changed: dict[Owner, list[Change]] = {}
        self._breaks: dict[Owner, list[int]] = {}
        for change in sorted(changes, key=_order):
            self._take(change)
        self._doubt_lives()
        self._after = {self._last(owner): dict(cells) for owner, cells in (after or {}).items()}
        self._disagreeing = dict(self._disagreements())
        for owner in self._disagreeing:
            del self._after[owner]
        self._timelines.clear()

    def owner_at(self, named: Owner, second: int) -> Owner:
        """Return whose state a name stood for at a time: renamed, it is still the same."""
        names = self._names.get(named)
        if names is None:
            return named
        at = bisect_right([since for since, _ in names], second)
        return names[at - 1][1] if at else named

    def cells(self, owner: Owner) -> list[Cell]:
        """Return everything that an owner ever had, as far as it is known."""
        return sorted({**self._after.get(owner, {}), **self._cells.get(owner, {})})

    def possible(self, owner: Owner, cell: Cell, second: int) -> tuple[Held, ...]:
        """Return what a value can have been at a time; what is not known, is among it as such."""
        if self.is_doubted(owner):
            return (Held(UNKNOWN),)
        return self._timeline(owner, cell).possible(second)

    def is_complete(self, owner: Owner, second: int, what: str = "inline") -> bool:
        """Whether an owner had nothing else of that kind than what `cells` tells."""
        if self.is_doubted(owner):
            return False
        lives = self._lives(owner)
        past = [change for change in lives if _second(change) <= second]
        if past:
            return all(
                change.value is PRESENT for change in past if _second(change) > second - SETTLES
            ) and (past[-1].value is PRESENT)
        if lives:
            return lives[0].value is ABSENT and what in _TAKEN_FIRST
        return owner in self._after and what != "device"  # which no export lists

    def is_doubted(self, owner: Owner) -> bool:
        """Whether changes of an owner cannot be told, or not be put in order."""
        return owner in self._doubted or owner[:2] in self._doubted

    def disagreement(self, owner: Owner) -> Change | None:
        """Return the last change with which the state after does not agree."""
        return self._disagreeing.get(owner)

    def changed(self, owner: Owner) -> list[Change]:
        """Return all changes of an owner, and of the groups and policies that it ever had."""
        if owner not in self._changed:
            self._changed[owner] = [
                change for one in self._reach(owner) for change in self._own(one)
            ]
        return self._changed[owner]

    def breaks(self, owner: Owner) -> list[int]:
        """Return the seconds between which what is possible of an owner does not change."""
        if owner not in self._breaks:
            seconds = {_second(change) for change in self.changed(owner)}
            self._breaks[owner] = sorted(seconds | {at + SETTLES + 1 for at in seconds})
        return self._breaks[owner]

    def names(self, owner: Owner) -> list[Owner]:
        """Return every owner that a name ever stood for."""
        return [owner, *dict.fromkeys(one for _, one in self._names.get(owner, ()))]

    def _take(self, change: Change) -> None:
        if change.owner is None:
            self._doubted.add((change.kind, change.account_id))
            return
        owner = self._last(change.owner)
        if change.second is None or (change.what in _LISTED and not change.which):
            self._doubted.add(owner)
        elif change.what == "name":
            self._rename(change.owner, owner, change)
        else:
            cell = change.what, change.which
            self._cells[owner].setdefault(cell, []).append(change)

    def _rename(self, named: Owner, owner: Owner, change: Change) -> None:
        then = named._replace(name=str(change.value))
        at = _second(change)
        if any(found.second == at for found in self._own(then)):  # before or after it?
            self._doubted |= {then, owner}
        self._names[then].append((at, owner))
        # Who has the old name after that, is not known.
        self._names[named].append((at, named._replace(name=f"{named.name} after {at}")))

    def _last(self, named: Owner) -> Owner:
        names = self._names.get(named)
        return names[-1][1] if names else named

    def _own(self, owner: Owner) -> Iterator[Change]:
        for changes in self._cells.get(owner, {}).values():
            yield from changes

    def _lives(self, owner: Owner) -> list[Change]:
        return self._cells.get(owner, {}).get(("life", ""), [])

    def _doubt_lives(self) -> None:
        """Doubt who was created and deleted in one second: in which order is not known."""
        for owner in list(self._cells):
            seconds = [change.second for change in self._lives(owner)]
            if len(set(seconds)) < len(seconds):
                self._doubted.add(owner)

    def _disagreements(self) -> Iterator[tuple[Owner, Change]]:
        for owner, state in self._after.items():
            lives = self._lives(owner)
            if lives and lives[-1].value is ABSENT:
                yield owner, lives[-1]
                continue
            for cell, changes in self._cells.get(owner, {}).items():
                if cell[0] not in _NOT_EXPORTED and self._differs(
                    owner, cell, state.get(cell, ABSENT)
                ):
                    yield owner, changes[-1]
                    break

    def _differs(self, owner: Owner, cell: Cell, value: Value) -> bool:
        last = self._timeline(owner, cell).points[-1][1].value
        if UNKNOWN in (last, value):
            return False
        if isinstance(last, Text) and isinstance(value, Text):
            one, other = last.policy, value.policy
            # The names of inline policies tell the owner's, which may have been renamed.
            if one is None or other is None:
                return False
            return one.statements != other.statements
        return last != value

    def _timeline(self, owner: Owner, cell: Cell) -> _Timeline:
        found = self._timelines.get((owner, cell))
        if found is None:
            own = self._cells.get(owner, {}).get(cell, [])
            lives = self._lives(owner)
            first = self._first(owner, cell, own, lives)
            # What is taken away had been there: that change tells it.
            teller = own[0] if own and first == (PRESENT,) else None
            held = tuple(Held(value, teller) for value in first)
            found = _Timeline(held, _points(cell, own, lives))
            self._timelines[owner, cell] = found
        return found

    def _first(
        self, owner: Owner, cell: Cell, own: list[Change], lives: list[Change]
    ) -> tuple[Value, ...]:
        """Return what a value can have been before the first change."""
        if lives and lives[0].value is PRESENT:  # then there was no owner
            return (UNKNOWN,)
        first = own[0] if own else None
        if lives and (first is None or _second(first) > _second(lives[0])):
            return (ABSENT if cell[0] in _TAKEN_FIRST else UNKNOWN,)
        if first is None:
            state = self._after.get(owner) if cell[0] != "device" else None
            return (UNKNOWN if state is None else state.get(cell, ABSENT),)
        if cell[0] == "default" and owner in self._after:
            return self._versions_before(owner, _second(first))
        return first.before

    def _versions_before(self, owner: Owner, second: int) -> tuple[Value, ...]:
        """Return the versions that there were: one of them was in force."""
        versions = [cell for cell in self.cells(owner) if cell[0] == "version"]
        there = [
            which
            for what, which in versions
            if any(
                held.value is not ABSENT
                for held in self._timeline(owner, (what, which)).before(second)
            )
        ]
        return tuple(there) or (UNKNOWN,)

    def _reach(self, owner: Owner) -> list[Owner]:
        """Return an owner, its groups, and the policies of all of them."""
        found = {owner: None}
        for one in (owner, *self._related(owner, ("member",))):
            found |= dict.fromkeys((one, *self._related(one, ("attached", "boundary"))))
        return list(found)

    def _related(self, owner: Owner, kinds: tuple[str, ...]) -> Iterator[Owner]:
        for what, which in self.cells(owner):
            if what not in kinds:
                continue
            if what == "member":
                yield from self.names(owner._replace(kind="group", name=which))
                continue
            arns = [which] if what == "attached" else self._boundaries(owner)
            for arn in arns:
                yield owner._replace(kind="policy", name=arn)

    def _boundaries(self, owner: Owner) -> list[str]:
        cell: Cell = ("boundary", "")
        found = [change.value for change in self._cells.get(owner, {}).get(cell, ())]
        found.append(self._after.get(owner, {}).get(cell, ABSENT))
        return [value for value in found if isinstance(value, str)]


class _Timeline:
    """What one value was: before the first change, and from each on.

    Attributes
    ----------
    first
        What it can have been before.
    points
        From when on, and what; in order.
    """

    def __init__(self, first: tuple[Held, ...], points: list[tuple[int, Held]]) -> None:
        self.first = first
        self.points = points

    def before(self, second: int) -> tuple[Held, ...]:
        """Return what it can have been just before a second."""
        past = [held for at, held in self.points if at < second]
        return (past[-1],) if past else self.first

    def possible(self, second: int) -> tuple[Held, ...]:
        settled = self.before(second - SETTLES)
        lately = [held for at, held in self.points if second - SETTLES <= at <= second]
        # Who was created lately had nothing before.
        births = [n for n, held in enumerate(lately) if _is_birth(held)]
        if births:
            settled, lately = (), lately[births[-1] :]
        found = {held.value: held for held in (*settled, *lately)}
        return tuple(found.values())


def _is_birth(held: Held) -> bool:
    change = held.change
    return change is not None and change.what == "life" and change.value is PRESENT


def _points(cell: Cell, own: list[Change], lives: list[Change]) -> list[tuple[int, Held]]:
    """Return from when on a value was what; writes of one second that differ leave it unknown."""
    at: dict[int, list[Change]] = defaultdict(list)
    for change in own if cell[0] == "life" else [*lives, *own]:
        at[_second(change)].append(change)
    points: list[tuple[int, Held]] = []
    for second, changes in sorted(at.items()):
        life = next((change for change in changes if change.what == "life"), None)
        writes = [change for change in changes if change.what != "life"]
        gone = life is not None and life.value is ABSENT
        if life is not None and not gone:
            points.append((second, Held(ABSENT, life)))
        if writes:
            same = all(change.value == writes[0].value for change in writes)
            points.append((second, Held(writes[-1].value if same else UNKNOWN, writes[-1])))
        if gone:
            points.append((second, Held(ABSENT, life)))
    return points


def _order(change: Change) -> tuple[int, int, str]:
    """Sort by time; in one second what is created comes first, renamed or deleted last."""
    rank = {"life": 0 if change.value is PRESENT else 3, "name": 2}.get(change.what, 1)
    return change.second or 0, rank, change.event_id


def _second(change: Change) -> int:
    return change.second or 0
