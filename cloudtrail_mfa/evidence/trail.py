"""Which policies bound whom at the time of a call, rebuilt from the trail's IAM writes.

What somebody had is known from its creation on, as far as the trail holds that; up to its
deletion; or backwards from an export, which is taken to tell the state after the last write. What
is not known is never taken for absent.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

import pandas as pd
import pyarrow as pa

from cloudtrail_mfa.evidence.cases import Accounts
from cloudtrail_mfa.evidence.changes import (
    PRESENT,
    UNKNOWN,
    Owner,
    Value,
    changes_of,
    owner_of,
)
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.evidence.journal import SETTLES, Journal
from cloudtrail_mfa.evidence.moment import Found, alternatives
from cloudtrail_mfa.evidence.snapshot import Cell, snapshot_of
from cloudtrail_mfa.iam.account import Account, Entity
from cloudtrail_mfa.iam.document import Policy

__all__ = ["State", "Trail"]

_MOST_SENTENCES = 3
_NONE = -1
# After every write, in seconds since 1970.
_END = 2**40
# What matters to who may assume a role.
_OF_TRUST = {("role", "life"), ("role", "trust")}


@dataclass(frozen=True, slots=True)
class State:
    """The accounts as they may have been at the time of a call, as far as that call goes.

    Attributes
    ----------
    accounts
        By id; of users and roles, the caller and the role that is asked for are as of then.
    sources
        By a policy's name, who put it there, or took it away later, when, in which event: a
        sentence each.
    gaps
        What is not known of then, a sentence each.
    lately
        What was changed within a minute before the call, a sentence each.
    device
        Which MFA device the caller had, or that it had none, a sentence; None where that is not
        known.
    """

    accounts: Accounts
    sources: Mapping[str, tuple[str, ...]]
    gaps: tuple[str, ...]
    lately: tuple[str, ...]
    device: str | None = None


@dataclass(frozen=True, slots=True)
class _Version:
    """A user or role between two changes.

    Attributes
    ----------
    arn
        As calls name it.
    second
        A time of that version, in seconds since 1970; None for calls without a time.
    trust
        Whether it is to be assumed, and does not call.
    """

    arn: str
    second: int | None
    trust: bool = False


class Trail:
    """The history of users' and roles' policies, as far as the trail goes.

    Parameters
    ----------
    writes
        Rows of the query ``policy_changes``, all there are.
    evidence
        Exports, from which what was before the recorded writes is told backwards.
    """

    def __init__(self, writes: pd.DataFrame, evidence: Evidence | None = None) -> None:
        self._base: Accounts = {} if evidence is None else evidence.accounts
        self._alone = evidence is None
        self._details = {} if evidence is None else evidence.details
        after: dict[Owner, Mapping[Cell, Value]] = {}
        for account_id, details in self._details.items():
            after |= snapshot_of(account_id, details)
        rows = pa.Table.from_pandas(writes, preserve_index=False).to_pylist()
        self._journal = Journal(changes_of(rows), after)
        self._known: dict[_Version, tuple[Found, ...]] = {}
        self._calls: list[tuple[_Version | None, _Version | None]] = []
        self.gap = _gap(writes)

    def found(self, arn: str, at: pd.Timestamp) -> tuple[Found, ...]:
        """Return what a user or role may have had at a time: one answer where that is sure.

        Parameters
        ----------
        arn
            Of the user or role.
        at
            The time, with its zone.
        """
        return self._found(_Version(arn, int(at.timestamp())))

    def devices(self, arns: Iterable[str]) -> dict[str, bool]:
        """Return whether each user has an MFA device after all writes, where that is known.

        Parameters
        ----------
        arns
            Of the users; others are left out.
        """
        each = {arn: owner for arn in arns if (owner := owner_of(arn)) and owner.kind == "user"}
        active = {arn: self._has_device(owner) for arn, owner in each.items()}
        return {arn: has for arn, has in active.items() if has is not None}

    def group(self, denials: pd.DataFrame) -> pd.Series[int]:
        """Return a number for each row, the same where who calls, and what is asked for, were alike.

        -1 stands for rows of which the trail tells nothing that exports do not tell.

        Parameters
        ----------
        denials
            Rows of the query ``denials``.
        """
        start = pd.Timestamp("1970-01-01", tz="UTC").as_unit("us")
        seconds = (denials["event_time"] - start).dt.total_seconds() // 1
        assumes = denials["iam_action"].str.lower() == "sts:assumerole"
        caller = self._numbered(denials["role_arn"].fillna(denials["principal_arn"]), seconds)
        role = self._numbered(denials["resource_arn"].where(assumes), seconds, trust=True)
        pairs = pd.DataFrame({"caller": caller[0], "role": role[0]})
        touched = (pairs >= 0).any(axis=1)
        groups = pairs[touched].groupby(["caller", "role"])
        numbers = pd.Series(_NONE, index=denials.index, dtype="int64")
        numbers[touched] = groups.ngroup()
        firsts = groups.head(1).sort_values(["caller", "role"])
        self._calls = [
            (caller[1].get(one), role[1].get(other))
            for one, other in firsts.itertuples(index=False, name=None)
        ]
        return numbers

    def states(self, number: int) -> tuple[State, ...]:
        """Return how the accounts may have been for the calls of a number that `group` gave."""
        caller, role = self._calls[number]
        callers = (None,) if caller is None else self._found(caller)
        roles = (None,) if role is None else self._found(role)
        each = [*(self._lately(caller) if caller else ()), *(self._lately(role) if role else ())]
        lately = tuple(dict.fromkeys(each))
        return tuple(self._state(one, other, lately) for one in callers for other in roles)

    def policies(self) -> Iterator[Policy]:
        """Yield every policy of the states of all numbers, some more than once."""
        versions = {version for call in self._calls for version in call if version}
        for version in versions:
            for found in self._found(version):
                yield from found.policies()

    def _numbered(
        self, arns: pd.Series[str], seconds: pd.Series[float], *, trust: bool = False
    ) -> tuple[pd.Series[int], dict[int, _Version]]:
        """Return a number for each row's version, -1 where there is none; and the versions."""
        numbers = pd.Series(_NONE, index=arns.index, dtype="int64")
        versions: dict[int, _Version] = {}
        changed = [arn for arn in arns.dropna().unique() if self._breaks(str(arn)) is not None]
        known = arns.isin(changed)
        # Calls without a time come after all others, by themselves.
        for (arn, _), times in seconds[known].groupby([arns[known], seconds[known].isna()]):
            breaks = self._breaks(str(arn)) or []
            places = pd.Index(breaks, dtype="float64").searchsorted(times, side="right")
            for _, rows in times.groupby(places):
                first = rows.iloc[0]
                version = _Version(str(arn), None if pd.isna(first) else int(first), trust)
                if self._is_told(version, breaks):
                    numbers[rows.index] = len(versions)
                    versions[len(versions)] = version
        return numbers, versions

    def _breaks(self, arn: str) -> list[int] | None:
        """Return the seconds between which nothing changes of an ARN; None without a history."""
        owner = owner_of(arn)
        if owner is None:
            return None
        each = self._journal.names(owner)
        breaks = sorted({second for one in each for second in self._journal.breaks(one)})
        doubted = any(self._journal.is_doubted(one) for one in each)
        return breaks if breaks or doubted else None

    def _has_device(self, named: Owner) -> bool | None:
        owner = self._journal.owner_at(named, _END)
        cells = [cell for cell in self._journal.cells(owner) if cell[0] == "device"]
        held = [each.value for cell in cells for each in self._journal.possible(owner, cell, _END)]
        if PRESENT in held:
            return True
        known = self._journal.is_complete(owner, _END, "device") and UNKNOWN not in held
        return False if known else None

    def _is_told(self, version: _Version, breaks: list[int]) -> bool:
        """Whether a version is to be looked at: by the trail alone, where that tells something."""
        if self._alone:
            found = self._found(version)
            return bool(self._lately(version)) or all(one.tells for one in found)
        account_id, second = version.arn.split(":")[4], version.second
        is_last = second is not None and bool(breaks) and second >= breaks[-1]
        # What is known without an export's lists, is known as it is after the last change.
        listed = bool(self._details.get(account_id))
        known = self._base.get(account_id, Account()).entities or {}
        return not is_last or listed or version.arn not in known

    def _found(self, version: _Version) -> tuple[Found, ...]:
        if version not in self._known:
            self._known[version] = self._look(version)
        return self._known[version]

    def _look(self, version: _Version) -> tuple[Found, ...]:
        arn, second = version.arn, version.second
        owner = owner_of(arn)
        if owner is None or second is None:
            return (Found(Entity(arn, None, None, None, None), {}, (_NO_TIME,)),)
        owner = self._journal.owner_at(owner, second)
        return alternatives(self._journal, arn, owner, second, trust=version.trust)

    def _lately(self, version: _Version) -> list[str]:
        """Return what was changed within a minute before a version, the last first."""
        owner, second = owner_of(version.arn), version.second
        if owner is None or second is None:
            return []
        changes = self._journal.changed(self._journal.owner_at(owner, second))
        lately = {
            (change.second, change.sentence)
            for change in changes
            if change.second is not None
            and second - SETTLES <= change.second <= second
            and change.what != "device"
            and not (version.trust and (change.kind, change.what) not in _OF_TRUST)
        }
        return [sentence for _, sentence in sorted(lately, reverse=True)][:_MOST_SENTENCES]

    def _state(self, caller: Found | None, role: Found | None, lately: tuple[str, ...]) -> State:
        entities = {one.entity.arn: one.entity for one in (role, caller) if one}
        if caller and role and caller.entity.arn == role.entity.arn:  # a role that assumes itself
            entities[role.entity.arn] = replace(caller.entity, trust=role.entity.trust)
        accounts = dict(self._base)
        for arn, entity in entities.items():
            account = accounts.get(arn.split(":")[4], Account())
            others = cast("dict[str, Entity]", account.entities or {})
            accounts[arn.split(":")[4]] = replace(account, entities=ChainMap({arn: entity}, others))
        sources = {
            name: tuple(change.sentence for change in changes)
            for one in (caller, role)
            if one
            for name, changes in one.sources.items()
        }
        # What a role may do is no matter of who may assume it.
        if caller is None:
            return State(accounts, sources, (), lately)
        return State(accounts, sources, caller.gaps, lately, caller.device)


_NO_TIME = "The record has no time, so that it is not known which policies were in force."


def _gap(writes: pd.DataFrame) -> str:
    times = writes["event_time"].dropna()
    span = f" of {times.min():%Y-%m-%d} to {times.max():%Y-%m-%d}" if len(times) else ""
    return (
        f"Seen: the policies of that time are rebuilt from {len(writes):,} IAM writes{span}; one"
        " that is not in the lake would change them, and those of resources and of the organization"
        " are not among them."
    )
