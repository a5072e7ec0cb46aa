"""What a user or role had at a time, put together from what each value can have been then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cloudtrail_mfa.evidence.changes import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    Change,
    Owner,
    Text,
    name_of,
)
from cloudtrail_mfa.evidence.journal import Held, Journal
from cloudtrail_mfa.evidence.snapshot import Cell
from cloudtrail_mfa.iam.account import Entity
from cloudtrail_mfa.iam.document import Policy

__all__ = ["Found", "alternatives"]

_MOST_ALTERNATIVES = 8

# Of the policies that AWS itself keeps, no trail holds the text; this one's AWS publishes:
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
_AWS_OWN = re.compile(r"arn:[^:]+:iam::aws:policy/(.+)")
_PUBLISHED = {
    "AdministratorAccess": (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    )
}


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a user or role at a time.

    Attributes
    ----------
    entity
        Its policies.
    sources
        By a policy's name, the changes that show that it was there.
    gaps
        What is not known, a sentence each.
    device
        Which MFA device a user had, or that it had none, a sentence; None where that is not known.
    """

    entity: Entity
    sources: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()
    device: str | None = None

    @property
    def tells(self) -> bool:
        """Whether anything is known."""
        entity = self.entity
        if entity.identity or entity.boundary or entity.trust:
            return True
        return entity.identity is not None and not entity.more

    def policies(self) -> Iterator[Policy]:
        """Yield every policy."""
        yield from self.entity.identity or ()
        yield from self.entity.boundary or ()
        if self.entity.trust:
            yield self.entity.trust


def alternatives(
    journal: Journal, arn: str, owner: Owner, second: int, *, trust: bool = False
) -> tuple[Found, ...]:
    """Return everything that a user or role may have had at a time; of too much, what is sure.

    Parameters
    ----------
    arn
        As it is called.
    owner
        Whose state that name stands for then.
    second
        When, in seconds since 1970.
    trust
        Whether it is a role's trust policy that matters, not what the role may do.
    """
    found: list[Found] = []
    pending: list[dict[_Place, Held]] = [{}]
    while pending:
        moment = _Moment(journal, second, pending.pop(), trust=trust)
        one = moment.found(arn, owner)
        if moment.open is None:
            found.append(one)
        else:
            place, each = moment.open
            pending += [{**moment.chosen, place: held} for held in each]
        if len(found) + len(pending) > _MOST_ALTERNATIVES:
            return (_Moment(journal, second, {}, trust=None).found(arn, owner),)
    return tuple(found)


_Place = tuple[Owner, Cell]


class _Moment:
    """One choice of all that was possible at a time.

    Attributes
    ----------
    chosen
        What is chosen where several values are possible; of others it is unknown which.
    open
        The first such place where nothing is chosen yet, with its values.
    """

    def __init__(
        self, journal: Journal, second: int, chosen: dict[_Place, Held], *, trust: bool | None
    ) -> None:
        self._journal, self._second, self._trust_matters = journal, second, trust
        self.chosen = chosen
        self.open: tuple[_Place, tuple[Held, ...]] | None = None
        self._sources: dict[str, dict[str, Change]] = {}
        self._gaps: list[str] = []

    def found(self, arn: str, owner: Owner) -> Found:
        """Return what an owner has."""
        policies = list(self._policies(owner, ()))
        groups = []
        for which, held in self._each(owner, "member"):
            name = self._group_name(owner, which)
            if held.value is PRESENT:
                groups.append(which)
                policies += self._policies(name, (held,))
            else:
                self._gaps.append(f"Whether {_called(owner)} was in group {which} is not known.")
        entity = Entity(
            arn,
            tuple(policies),
            more=bool(self._gaps),
            boundary=self._boundary(owner),
            trust=self._trust(owner),
            tags=self._tags(owner),
            groups=tuple(groups),
        )
        sources = {name: tuple(found.values()) for name, found in self._sources.items()}
        return Found(entity, sources, tuple(dict.fromkeys(self._gaps)), self._device(owner))

    def _group_name(self, owner: Owner, name: str) -> Owner:
        return self._journal.owner_at(owner._replace(kind="group", name=name), self._second)

    def _read(self, owner: Owner, cell: Cell) -> Held:
        possible = self._journal.possible(owner, cell, self._second)
        if owner.kind == "policy":  # what is attached has a text, wherever it is known
            possible = tuple(held for held in possible if held.value is not ABSENT) or possible
        if len(possible) == 1:
            return possible[0]
        place = owner, cell
        if place in self.chosen:
            return self.chosen[place]
        matters = cell[0] not in ("tag", "device") and self._trust_matters is (cell[0] == "trust")
        if matters and self.open is None:
            self.open = place, possible
        return Held(UNKNOWN)

    def _each(self, owner: Owner, what: str) -> Iterator[tuple[str, Held]]:
        """Yield what an owner has of one kind, or may have."""
        for cell in self._journal.cells(owner):
            if cell[0] == what and (held := self._read(owner, cell)).value is not ABSENT:
                yield cell[1], held

    def _policies(self, owner: Owner, through: tuple[Held, ...]) -> Iterator[Policy]:
        """Yield an owner's own policies; what is not known becomes a gap."""
        for which, held in self._each(owner, "inline"):
            policy = held.value.policy if isinstance(held.value, Text) else None
            if policy:
                self._told(policy, *through, held)
                yield policy
            else:
                self._gaps.append(
                    f"The inline policy {which} that {_called(owner)} may have had is not known."
                )
        for arn, held in self._each(owner, "attached"):
            policy, changes = self._document(owner, arn)
            if held.value is UNKNOWN:
                told = f"Whether {name_of(arn)} was attached to {_called(owner)} is not known."
                self._gaps.append(told)
            elif policy:
                self._told(policy, *through, held, *changes)
                yield policy
            else:
                self._gaps.append(_no_text(arn))
        if not self._journal.is_complete(owner, self._second):
            self._gaps.append(self._incomplete(owner))

    def _told(self, policy: Policy, *each: Held) -> None:
        found = self._sources.setdefault(policy.name, {})
        found |= {held.change.event_id: held.change for held in each if held.change}

    def _document(self, owner: Owner, arn: str) -> tuple[Policy | None, tuple[Held, ...]]:
        """Return a managed policy as it was in force, and what made it so."""
        policy = owner._replace(kind="policy", name=arn)
        default = self._read(policy, ("default", ""))
        if isinstance(default.value, str):
            version = self._read(policy, ("version", default.value))
            if isinstance(version.value, Text):
                return version.value.policy, (version, default)
        own = _AWS_OWN.fullmatch(arn)
        text = _PUBLISHED.get(own[1]) if own else None
        return Text(arn, text).policy if text else None, ()

    def _boundary(self, owner: Owner) -> tuple[Policy, ...] | None:
        held = self._read(owner, ("boundary", ""))
        if held.value is ABSENT:
            return ()
        if not isinstance(held.value, str):
            return None
        policy, changes = self._document(owner, held.value)
        if policy is None:
            return None
        self._told(policy, held, *changes)
        return (policy,)

    def _trust(self, owner: Owner) -> Policy | None:
        if owner.kind != "role":
            return None
        held = self._read(owner, ("trust", ""))
        policy = held.value.policy if isinstance(held.value, Text) else None
        if policy:
            self._told(policy, held)
        return policy

    def _tags(self, owner: Owner) -> dict[str, str] | None:
        if not self._journal.is_complete(owner, self._second, "tag"):
            return None
        held = [found.value for _, found in self._each(owner, "tag")]
        texts = [value for value in held if isinstance(value, str)]
        pairs = (text.partition("=") for text in texts)
        return {key: value for key, _, value in pairs} if len(texts) == len(held) else None

    def _device(self, owner: Owner) -> str | None:
        """Return what is surely known of a user's MFA device."""
        if owner.kind != "user":
            return None
        each = list(self._each(owner, "device"))
        for which, held in each:
            if held.value is PRESENT:
                told = f": {held.change.sentence}" if held.change else ""
                return f"{_called(owner)} had the MFA device {which} then{told}."
        if each or not self._journal.is_complete(owner, self._second, "device"):
            return None
        return f"{_called(owner)} had no MFA device then, as far as the trail shows."

    def _incomplete(self, owner: Owner) -> str:
        who = _called(owner)
        if self._journal.is_doubted(owner):
            return f"Not every change of {who} can be told, so what it had is not known."
        if change := self._journal.disagreement(owner):
            return (
                f"The export and the trail's last word on {who} do not agree ({change.sentence}),"
                " so the export tells nothing of the time before."
            )
        return f"The trail does not hold the creation of {who}: what else it had is not known."


def _called(owner: Owner) -> str:
    return f"{owner.kind} {owner.name}"


def _no_text(arn: str) -> str:
    if _AWS_OWN.fullmatch(arn):
        return f"The text of {arn}, which is AWS's own, is not known: no trail holds it."
    return f"The text that {name_of(arn) or 'a policy'} had is not known."
