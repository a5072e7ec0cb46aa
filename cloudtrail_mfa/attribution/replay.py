"""Recorded calls under changed policies: what each of them would have come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import pandas as pd
import pyarrow as pa

from cloudtrail_mfa.evidence.cases import Accounts, Case, Cases
from cloudtrail_mfa.evidence.parameters import Row
from cloudtrail_mfa.evidence.requests import COLUMNS, caller_of, worlds_of
from cloudtrail_mfa.iam.arns import account_of
from cloudtrail_mfa.iam.catalog import exists
from cloudtrail_mfa.iam.classes import classes
from cloudtrail_mfa.iam.context import AGE, PRESENT
from cloudtrail_mfa.iam.evaluate import Decision, Match, Policies, Request, evaluate, together
from cloudtrail_mfa.iam.logic import Truth, all_of
from cloudtrail_mfa.iam.services import may_be_listed

__all__ = ["CHANGES", "Replay", "ReplayedName", "replay"]

ReplayedName = Literal["newly_allowed", "newly_denied", "cannot_tell", "unchanged"]
"""What a change of policies does to a call, as in the column ``change``."""

CHANGES: dict[ReplayedName, str] = {
    "newly_allowed": "it was denied, and would have been allowed",
    "newly_denied": "it was allowed, and would have been denied",
    "cannot_tell": "what is known does not settle it",
    "unchanged": "it would have come to the same",
}

_MOST_SENTENCES = 3
_UNREPRODUCED = (
    "The policies in the evidence do not come to what was recorded: they have changed since, or"
    " something is missing from them."
)
_OUTSIDE = "The caller's account is not in the evidence, and a resource's policy is changed."
_UNLISTED = "The caller is not in the export, so that it may have had the policy."
_UNNAMED = "The record does not tell which action a policy has to allow."
_MORE = "The call may need more actions than those that are known."
_DOUBT = "It depends on what policies saw of MFA, which the record does not settle."
_LISTS = "An access control list or a grant may allow what no policy does."


@dataclass(frozen=True, slots=True)
class Replay:
    """What a change of policies does to a call.

    Attributes
    ----------
    change
        One of `CHANGES`.
    reasons
        Why, a sentence each; none where nothing that binds the call is changed.
    """

    change: ReplayedName
    reasons: tuple[str, ...] = ()


_UNCHANGED = Replay("unchanged")


def replay(rows: pd.DataFrame, before: Accounts, after: Accounts) -> pd.DataFrame:
    """Tell what a change of policies would have done to recorded calls.

    Parameters
    ----------
    rows
        Of the query ``requests``.
    before, after
        The accounts as they are, and as they would be.

    Returns
    -------
    pandas.DataFrame
        For each row ``change`` (one of `CHANGES`) and ``reasons`` (a list of sentences).
    """
    player = _Player(before, after)
    cases = Cases(before, after)
    both = pd.DataFrame({"case": cases.group(rows), "outcome": rows["outcome"]})
    places = both.groupby(["case", "outcome"], sort=False).ngroup()
    first = ~places.duplicated()
    table = pa.Table.from_pandas(rows.loc[first, [*COLUMNS, "outcome"]], preserve_index=False)
    told = [player.of(cases, row) for row in table.to_pylist()]
    frame = pd.DataFrame(
        {
            "change": pd.Categorical([each.change for each in told], list(CHANGES)),
            "reasons": pd.Series([list(each.reasons) for each in told], dtype=object),
        }
    )
    return frame.take(places.to_numpy()).set_axis(rows.index)


@dataclass(frozen=True)
class _Player:
    """Replays calls, one a case."""

    before: Accounts
    after: Accounts

    def of(self, cases: Cases, row: Row) -> Replay:
        if not self._is_inside(row):
            return Replay("cannot_tell", (_OUTSIDE,)) if self._resources_differ else _UNCHANGED
        if row["iam_action"] is None and row["action_known"]:
            return _UNCHANGED  # a sign-in: no policy is asked
        case = cases.case(row)
        if case is None or not (row["action_known"] or exists(case.request.action)):
            return Replay("cannot_tell", (_UNNAMED,)) if self._may_touch(row) else _UNCHANGED
        if self._bound_alike(case):
            return Replay("cannot_tell", (_UNLISTED,)) if self._is_unlisted(case) else _UNCHANGED
        return self._decided(case, row)

    def _is_inside(self, row: Row) -> bool:
        """Whether the caller is of one of the accounts, whatever a record says of it.

        Whoever wrote a log may have let its fields differ.
        """
        caller = caller_of(row)
        named = [account_of(arn) for arn in (row["principal_arn"], row["role_arn"]) if arn]
        told = [*named, caller and caller.account]
        return caller is not None and all(account in self.before for account in told)

    @cached_property
    def _resources_differ(self) -> bool:
        pairs = [(self.before[one], self.after[one]) for one in self.before]
        return any((a.resources, a.rcps) != (b.resources, b.rcps) for a, b in pairs)

    @cached_property
    def _entities_differ(self) -> bool:
        return any(self.before[one].entities != self.after[one].entities for one in self.before)

    def _may_touch(self, row: Row) -> bool:
        """Whether the change may touch a call whose action is not known."""
        arn = row["role_arn"] or row["principal_arn"]
        account_id = arn.split(":")[4]
        one, other = self.before[account_id], self.after[account_id]
        listed = (one.entities or {}).get(arn)
        if listed is None and self._entities_differ and not arn.endswith(":root"):
            return True
        changed = listed != (other.entities or {}).get(arn)
        return changed or one.scps != other.scps or self._resources_differ

    def _bound_alike(self, case: Case) -> bool:
        """Whether the same policies bind a call before and after."""
        return all(
            case.policies(self.before, request) == case.policies(self.after, request)
            for request in (case.request, *case.also)
        )

    def _is_unlisted(self, case: Case) -> bool:
        """Whether a caller whose policies are not all known may have had a changed one."""
        if not self._entities_differ or case.request.caller.kind == "root":
            return False
        entity = self.before[case.account_id].entity(case.request)
        if entity is None or entity.identity is None or entity.boundary is None:
            return True
        return entity.more

    def _decided(self, case: Case, row: Row) -> Replay:
        asked = (case.request, *case.also)
        bound = [
            [case.policies(accounts, request) for request in asked]
            for accounts in (self.before, self.after)
        ]
        told = []
        for world in zip(*(_worlds(request, row) for request in asked), strict=True):
            one, other = ([*map(_Decided.of, world, policies)] for policies in bound)
            told.append(_compared(one, other, row["outcome"], closed=case.needs.closed))
        # Of what policies may have seen, what was recorded rules some out.
        left = [change for change, fits in told if fits] or [change for change, _ in told]
        if len({each.change for each in left}) > 1:
            return Replay("cannot_tell", (_DOUBT,))
        passes = row["outcome"] == "allowed" and left[0].change == "unchanged"
        if passes and not case.needs.closed and _denies_more(case, *(found[0] for found in bound)):
            return Replay("cannot_tell", (_MORE,))
        return left[0]


def _denies_more(case: Case, before: Policies, after: Policies) -> bool:
    """Whether the caller is denied, or no longer allowed, any action that it was not before."""
    asked = (
        replace(case.request, action=alike[0], resource=None)
        for alike in classes((*before.known(), *after.known()))
    )
    return not all(
        _loosens(evaluate(request, before), evaluate(request, after)) for request in asked
    )


def _worlds(request: Request, row: Row) -> list[Request]:
    """Return a request as policies may have seen it: with every state of MFA that is not known."""
    found = [world.actual for world in worlds_of(request, row)]
    if any(one.context.get(PRESENT) is not None for one in found):
        return found
    states = [found[0].context.having({PRESENT: state}) for state in (True, False)]
    without = [states[1].lacking(AGE), found[0].context.lacking(PRESENT, AGE)]
    return [replace(request, context=context) for context in (states[0], *without)]


@dataclass(frozen=True, slots=True)
class _Decided:
    """A decision, and whether policies alone settle it: a list or a grant may allow besides."""

    decision: Decision
    allowed: Truth

    @classmethod
    def of(cls, request: Request, policies: Policies) -> _Decided:
        decision = evaluate(request, policies)
        implicit = decision.allowed is False and not decision.explicit
        listed = implicit and may_be_listed(request.action)
        return cls(decision, None if listed else decision.allowed)


def _compared(
    before: Sequence[_Decided], after: Sequence[_Decided], outcome: str, *, closed: bool
) -> tuple[Replay, bool]:
    """Return what becomes of a call, and whether it fits what was recorded.

    Parameters
    ----------
    before, after
        The decisions on all that the call needs.
    """
    was, now = (all_of(each.allowed for each in found) for found in (before, after))
    recorded = {"allowed": True, "denied": False}.get(outcome)
    fits = recorded is None or was is not (not recorded)
    pairs = zip(before, after, strict=True)
    if all(_substance(one.decision) == _substance(other.decision) for one, other in pairs):
        return _UNCHANGED, fits
    one, other = (together([each.decision for each in found]) for found in (before, after))
    if not fits:
        return Replay("cannot_tell", (_UNREPRODUCED,)), False
    was = was if recorded is None else recorded
    return _became(one, other, was, now, closed=closed), True


def _became(before: Decision, after: Decision, was: Truth, now: Truth, *, closed: bool) -> Replay:
    """Return what becomes of a call that was allowed or not, and would be or not."""
    if was is None:
        return Replay("cannot_tell", _unknown(before))
    if now is None:
        stays = _loosens(before, after) if was else _loosens(after, before)
        return _UNCHANGED if stays else Replay("cannot_tell", _unknown(after))
    if now == was:
        return _UNCHANGED
    differences = _differences(before, after)
    if now and not closed:
        return Replay("cannot_tell", (*differences, _MORE))
    return Replay("newly_allowed" if now else "newly_denied", differences)


def _substance(decision: Decision) -> object:
    """Return what makes a decision, whatever the policies are called."""
    return decision.allowed, decision.withheld, frozenset(map(_content, decision.matches))


def _content(match: Match) -> tuple[object, ...]:
    statement = match.statement
    return (
        match.policy_type,
        match.truth,
        match.named,
        statement.effect,
        statement.action,
        statement.not_action,
        statement.resource,
        statement.not_resource,
        statement.condition,
    )


def _loosens(before: Decision, after: Decision) -> bool:
    """Whether no Deny is new and what allowed still does: then what was allowed still is."""
    one, other = ({*map(_content, found.matches)} for found in (before, after))
    if any(match.effect == "Deny" and _content(match) not in one for match in after.matches):
        return False
    sure = {_grant(match) for match in after.matches if match.effect == "Allow" and match.truth}
    return all(
        _content(match) in other or _grant(match) in sure
        for match in before.matches
        if match.effect == "Allow"
    )


def _grant(match: Match) -> object:
    """Return what an Allow can be replaced by: of control policies, each level needs its own."""
    if match.policy_type in ("scp", "rcp"):
        return _content(match)
    return match.policy_type, match.named


def _differences(before: Decision, after: Decision) -> tuple[str, ...]:
    """Return which statements make the difference, a sentence each."""
    one = {_content(match): match for match in before.matches if match.truth}
    other = {_content(match): match for match in after.matches if match.truth}
    gone = [_named(match) for content, match in one.items() if content not in other]
    new = [_named(match) for content, match in other.items() if content not in one]
    sentences = [f"{name} no longer matches." for name in gone]
    sentences += [f"{name} matches now." for name in new]
    return tuple(sentences[:_MOST_SENTENCES])


def _named(match: Match) -> str:
    verb = "denies" if match.effect == "Deny" else "allows"
    return f"{match.statement.label} of {match.policy} ({match.policy_type}), which {verb} it,"


def _unknown(decision: Decision) -> tuple[str, ...]:
    return decision.unknown[:_MOST_SENTENCES] or (_LISTS,)
