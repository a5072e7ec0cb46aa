"""A made-up world: accounts, people, roles and their policies, and the calls that they make."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from tests import records
from tests.records import Record
from tests.scenarios.decide import Truth
from tests.scenarios.policies import (
    IF_EXISTS_FALSE,
    Policy,
    Statement,
    allow,
    deny,
    deny_all_but,
    region_outside,
)

__all__ = ["Account", "Caller", "Label", "Principal", "World", "managed", "moved"]

_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
EVERYTHING = Policy("FullAWSAccess", (allow("*"),), "arn:aws:iam::aws:policy/AdministratorAccess")


@dataclass(slots=True, eq=False)
class Principal:
    """A user, a role or root.

    Attributes
    ----------
    policies
        Its own; those of its groups are the account's.
    exported
        Its own policies, as they were when somebody exported them; None where that is done at the
        end.
    """

    name: str
    arn: str
    account: Account
    policies: list[Policy] = field(default_factory=list)
    boundary: Policy | None = None
    trust: Policy | None = None
    tags: dict[str, str] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    exported: list[Policy] | None = None

    def bound_by(self) -> list[Policy]:
        """Return its policies, its groups' among them."""
        of_groups = [policy for name in self.groups for policy in self.account.groups[name]]
        return [*self.policies, *of_groups]


@dataclass(slots=True, eq=False)
class Account:
    """An account.

    Attributes
    ----------
    levels
        Service control policies, a tuple a level of the organization.
    resources
        Policies of resources by the ARN of what has them.
    """

    id: str
    levels: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[Policy, ...] = ()
    principals: dict[str, Principal] = field(default_factory=dict)
    resources: dict[str, Policy | None] = field(default_factory=dict)
    groups: dict[str, list[Policy]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """Who signs a call, and with what.

    Attributes
    ----------
    identity
        CloudTrail's userIdentity.
    mfa
        What policies see of MFA, None where nothing.
    fields
        What else the records of such a caller hold.
    """

    principal: Principal
    identity: Record
    mfa: bool | None = None
    issued: datetime | None = None
    long_term: bool = False
    forwarded: bool = False
    session_token: bool = False
    blind: bool = False
    session_policy: Policy | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """How resource policies may name the caller."""
        found = (self.identity.get("arn"), self.principal.arn, self.principal.account.id)
        return tuple(dict.fromkeys(name for name in found if name))

    @property
    def said(self) -> str:
        """How AWS's messages name the caller."""
        return str(self.identity.get("arn") or self.principal.arn)


@dataclass(frozen=True, slots=True)
class Label:
    """What a refused call is an example of, and why it was refused."""

    situation: str
    truth: Truth


class World:
    """Some accounts of one organization, and everything that is recorded of them.

    Parameters
    ----------
    random
        What decides of everything.
    number
        The world's own, which keeps its accounts apart from those of others.
    """

    def __init__(self, random: Random, number: int) -> None:
        self.random, self.number = random, number
        # AWS's guide says that policies cannot see MFA in a role session; CloudTrail records it.
        self.roles_show_mfa = number % 2 == 0
        self.records: list[Record] = []
        self.again: list[Record] = []
        self.labels: dict[str, Label] = {}
        self._keys = self._names = 0
        self.accounts = {
            kind: self._account(at, kind)
            for at, kind in enumerate(("plain", "demands_mfa", "regions", "listed", "shielded"))
        }

    def _account(self, at: int, kind: str) -> Account:
        account_id = f"{4000 + self.number:06d}{at:06d}"
        return Account(account_id, _LEVELS.get(kind, ()), _RCPS.get(kind, ()))

    def key(self, prefix: str) -> str:
        """Return an access key's id that no other has."""
        self._keys += 1
        number, letters = self._keys + (self.number << 20), ""
        for _ in range(12):
            number, digit = divmod(number, len(_KEY))
            letters = _KEY[digit] + letters
        return f"{prefix}7Q5X{letters}"

    def name(self, stem: str) -> str:
        """Return a name that no other has."""
        self._names += 1
        return f"{stem}-{self.number}-{self._names}"

    def event_id(self) -> str:
        """Return an id of an event."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def record(self, record: Record, label: Label | None = None) -> None:
        """Keep a record, and why the call was refused."""
        self.records.append(record)
        if self.random.random() < 0.02:
            self.again.append(record)  # delivered twice
        if label:
            self.labels[record["eventID"]] = label


def moved(value: Any, account: Account) -> Any:
    """Return a record's part with another account in it."""
    text = json.dumps(value)
    return json.loads(text.replace(records.ACCOUNT, account.id))


def managed(account: Account, name: str, *statements: Statement) -> Policy:
    """Return a managed policy of an account."""
    return Policy(name, statements, f"arn:aws:iam::{account.id}:policy/{name}")


def _control(name: str, *statements: Statement, kind: str = "service") -> Policy:
    arn = f"arn:aws:organizations::999999999999:policy/o-exampleorg/{kind}_control_policy/p-{name}"
    return Policy(f"p-{name}", statements, arn)


_FULL = _control("FullAWSAccess", allow("*"))
_LEVELS: dict[str, tuple[tuple[Policy, ...], ...]] = {
    "demands_mfa": (
        (_FULL,),
        (
            _FULL,
            _control(
                "mfaforced1",
                deny_all_but("iam:*", "sts:*", when=(IF_EXISTS_FALSE,), sid="DemandMFA"),
            ),
        ),
    ),
    "regions": (
        (
            _FULL,
            _control(
                "regions01",
                deny_all_but("iam:*", "sts:*", "s3:*", when=(region_outside("us-east-1"),)),
            ),
        ),
    ),
    "listed": ((_control("allowed01", allow("s3:*", "ec2:*", "iam:*", "sts:*", "athena:*")),),),
}
_RCPS: dict[str, tuple[Policy, ...]] = {
    "shielded": (
        _control("FullAWSAccessR", allow("*"), kind="resource"),
        _control(
            "mfaforobjects",
            deny("s3:GetObject", "secretsmanager:GetSecretValue", when=(IF_EXISTS_FALSE,)),
            deny("sqs:*"),
            kind="resource",
        ),
    )
}
