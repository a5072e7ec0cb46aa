"""Causes proven by evaluating the policies, as the request was and as it would be with MFA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from cloudtrail_mfa.attribution import words
from cloudtrail_mfa.attribution.causes import BY_POLICY_TYPE, CAUSES, CauseName, Verdict
from cloudtrail_mfa.attribution.decisions import ORDER, Decisions, barriers, denies
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.remedies import exempting, fill
from cloudtrail_mfa.attribution.rules import mfa_cause
from cloudtrail_mfa.evidence.cases import Accounts, Case, Cases
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.evidence.needs import Needs, needs_of
from cloudtrail_mfa.evidence.parameters import Row
from cloudtrail_mfa.evidence.requests import caller_of, worlds_of
from cloudtrail_mfa.evidence.trail import State, Trail
from cloudtrail_mfa.iam.account import Account
from cloudtrail_mfa.iam.arns import account_of
from cloudtrail_mfa.iam.catalog import exists
from cloudtrail_mfa.iam.context import AGE, PRESENT
from cloudtrail_mfa.iam.evaluate import (
    Decision,
    Match,
    PolicyType,
    Request,
    evaluate,
    together,
)
from cloudtrail_mfa.iam.services import may_be_listed

__all__ = ["Prover"]

_MOST_SENTENCES = 3
_NOT_TOLD = -1
_TOO_LITTLE = "Seen: the record names too little to evaluate policies for it."
_OUTCOMES = {
    True: "For: evaluated with MFA just passed, the policies allow the call.",
    False: "For: evaluated with MFA just passed, the policies deny the call all the same.",
}
_LIFTED = "For: evaluated with MFA just passed, that does not stand against the call."
_OF_KEY = (
    "Seen: what is encrypted with a KMS key of the account's own needs that key's leave, too; the"
    " record does not tell whether it is."
)


class Prover:
    """Evaluates policies for denials; like ones are evaluated once.

    Parameters
    ----------
    evidence
        The policies, as exported; None where there is no export.
    trail
        The policies as they were at the time of each call, as far as the trail tells; None where
        it holds no changes.
    """

    def __init__(self, evidence: Evidence | None = None, trail: Trail | None = None) -> None:
        self._accounts: Accounts = {} if evidence is None else evidence.accounts
        self._exported = evidence is not None
        self._trail = trail
        self._cases = Cases(self._accounts)
        self._then: dict[int, int] = {}
        self._known: dict[int, tuple[Needs, tuple[Decisions, ...]] | str] = {}

    def group(self, denials: pd.DataFrame) -> pd.Series[int]:
        """Return a number for each row, the same where the policies cannot tell the calls apart."""
        if self._trail is None:
            return self._cases.group(denials)
        then = self._trail.group(denials)
        self._cases = Cases(self._accounts, also=self._trail.policies())
        # By the trail alone nothing is known of the others.
        told = denials if self._exported else denials[then >= 0]
        keys = pd.DataFrame({"then": then[told.index], "case": self._cases.group(told)})
        # Who is trusted by a role is told by name.
        assumes = (told["iam_action"].str.lower() == "sts:assumerole") & (keys["then"] >= 0)
        keys["caller"], keys["role"] = (
            told[name].where(assumes) for name in ("principal_arn", "role_arn")
        )
        found = keys.groupby(list(keys), dropna=False, sort=False).ngroup()
        first = ~found.duplicated()
        self._then = dict(zip(found[first], keys["then"][first], strict=True))
        return found.reindex(denials.index, fill_value=_NOT_TOLD)

    def verdict(self, number: int, row: Row, denial: Denial, fallback: Verdict) -> Verdict:
        """Return the verdict on a denial: proven where the policies reproduce it.

        Parameters
        ----------
        number
            Its number in `group`.
        row
            The row of the query ``denials``; what is null is None.
        denial
            The same, as the rules see it.
        fallback
            What the rules say without policies; where nothing is proven it stands, with what the
            policies say added to its evidence.
        """
        # A message about a setting, or a service of AWS's own, is no matter of these policies.
        if number == _NOT_TOLD or fallback.cause in ("not_authorization", "service_request"):
            return fallback
        then = self._then.get(number, _NOT_TOLD)
        account_id = account_of(denial.principal_arn)
        if account_id is None or (then == _NOT_TOLD and account_id not in self._accounts):
            return _added(fallback, "Seen: the evidence does not hold the caller's account.")
        if number not in self._known:
            self._known[number] = self._look(row, account_id, then)
        known = self._known[number]
        if isinstance(known, str):
            return _added(fallback, known)
        needs, decisions = known
        told = [
            _weigh(denial, _doubted(decided, denial, more=not needs.closed), fallback)
            for decided in decisions
        ]
        settled = _settled(told, fallback, several=len({id(each.state) for each in decisions}) > 1)
        # A trail may lack a write: where AWS's own words settle it, they stand above the rebuilding.
        if not self._exported and (settled.cause, fallback.certainty) == (fallback.cause, "stated"):
            settled = replace(settled, certainty="stated")
        settled = _added(settled, *self._of_then(decisions[0].state))
        return _added(settled, _OF_KEY) if settled.mfa_would_allow and needs.of_key else settled

    def _look(
        self, row: Row, account_id: str, then: int
    ) -> tuple[Needs, tuple[Decisions, ...]] | str:
        """Return what a call needs and the decisions on it; a sentence where there are none."""
        caller = caller_of(row)
        if caller is None or caller.account != account_id:  # only the message names somebody
            return _TOO_LITTLE
        decisions: list[Decisions] = []
        for state in self._states(then):
            known = self._accounts if state is None else state.accounts
            accounts = {account_id: Account(), **known}
            case = self._cases.case(row, accounts)
            if case is None:
                return _TOO_LITTLE
            if not row["action_known"] and not exists(case.request.action):
                return "Seen: which action was refused, only the event's name suggests."
            decisions += self._decide(case, row, accounts, state)
        return needs_of(row), tuple(decisions)

    def _states(self, then: int) -> Sequence[State | None]:
        if self._trail is None or then == _NOT_TOLD:
            return (None,)
        return self._trail.states(then)

    def _decide(
        self, case: Case, row: Row, accounts: Accounts, state: State | None
    ) -> Iterable[Decisions]:
        asked = (case.request, *case.also)
        bound = [case.policies(accounts, request) for request in asked]
        worlds = zip(*(worlds_of(request, row) for request in asked), strict=True)

        def decided(requests: Iterable[Request]) -> Decision:
            return together([*map(evaluate, requests, bound)])

        return tuple(
            Decisions(
                # Where AWS names the action, it is that one which was refused.
                evaluate(world[0].actual, bound[0])
                if row["action_named"]
                else decided(each.actual for each in world),
                decided(each.with_mfa for each in world),
                decided(each.without_mfa for each in world),
                state,
            )
            for world in worlds
        )

    def _of_then(self, state: State | None) -> Sequence[str]:
        """Return what has to be known of policies that are rebuilt from the trail."""
        if state is None or self._trail is None:
            return ()
        lately = (
            f"Seen: {sentence}; a change takes seconds to be known everywhere."
            for sentence in state.lately
        )
        known = [*([state.device] if state.device else []), *state.gaps[:_MOST_SENTENCES]]
        return (*lately, *(f"Seen: {sentence}" for sentence in known), self._trail.gap)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the policies say of a denial, in one of the ways in which they may have seen it.

    Attributes
    ----------
    ruled_out
        Whether they would not have denied it so.
    """

    verdict: Verdict
    ruled_out: bool = False


def _settled(told: Sequence[_Told], fallback: Verdict, *, several: bool) -> Verdict:
    """Return the one verdict of all the ways that the denial itself does not rule out."""
    left = [each.verdict for each in told if not each.ruled_out] or [told[0].verdict]
    claims = {(verdict.cause, verdict.certainty, verdict.mfa_would_allow) for verdict in left}
    if len(claims) == 1:
        return left[0]
    if several:
        return _added(
            fallback,
            "Seen: the trail leaves open which of several states the policies were in, and they"
            " do not come to the same.",
        )
    return _added(
        fallback,
        "Seen: evaluated, the policies settle it only if they saw of MFA what CloudTrail recorded;"
        " AWS's guide says that they cannot in a role session.",
    )


def _doubted(decided: Decisions, denial: Denial, *, more: bool) -> Decisions:
    """Return decisions without what policies alone cannot settle."""
    found = decided
    if may_be_listed(denial.iam_action or "") and denial.deny_kind != "implicit":
        actual, with_mfa, without_mfa = map(
            _unless_explicit, (found.actual, found.with_mfa, found.without_mfa)
        )
        found = Decisions(actual, with_mfa, without_mfa, found.state)
    if more:
        found = replace(found, with_mfa=_unless_denied(found.with_mfa))
    return found


def _unless_explicit(decision: Decision) -> Decision:
    if decision.allowed is False and not decision.explicit:
        unknown = "Whether an access control list or a grant allows the call is not known."
        return replace(decision, allowed=None, unknown=(unknown,))
    return decision


def _unless_denied(decision: Decision) -> Decision:
    if decision.allowed:
        unknown = "The call may need more than the one action on the one resource that is named."
        return replace(decision, allowed=None, unknown=(unknown,))
    return decision


def _weigh(denial: Denial, decided: Decisions, fallback: Verdict) -> _Told:
    actual, with_mfa = decided.actual, decided.with_mfa
    if actual.allowed:
        told = _added(
            fallback,
            f"Against: evaluated, the policies {decided.whence} allow the call; {decided.doubt}.",
        )
        return _out_of_reach(denial, with_mfa) or _Told(told, ruled_out=True)
    if actual.allowed is None:
        return _open(fallback, "evaluated", actual, decided)
    if not _as_the_message_says(denial, actual):
        told = _added(
            fallback,
            f"Against: evaluated, the policies {decided.whence} deny the call, but not as AWS's"
            f" message says; {decided.doubt}.",
            *decided.reasons(),
        )
        return _Told(told, ruled_out=True)
    cause = _cause(denial, decided)
    if cause is None:
        if with_mfa.allowed is False:
            return _refused_anyway(denial, decided, fallback)
        when = "evaluated with MFA just passed"
        return _inferred(denial, decided, fallback) or _open(
            _added(fallback, *decided.reasons()), when, with_mfa, decided
        )
    return _proven(denial, cause, with_mfa, *decided.reasons(), _OUTCOMES[bool(with_mfa.allowed)])


def _refused_anyway(denial: Denial, decided: Decisions, fallback: Verdict) -> _Told:
    """Return the verdict where the policies refuse the call with MFA, too, and others are unknown.

    What is not known can refuse it for want of MFA besides, but not let it pass.
    """
    reasons = (*decided.reasons(), _OUTCOMES[False])
    if fallback.certainty not in ("inferred", "unknown"):
        return _Told(replace(_added(fallback, *reasons), mfa_would_allow=False))
    cause = _otherwise(denial, decided.actual)
    said = words.reason(denial), words.signature(denial)
    against = "Against: a policy that is not known may demand MFA besides."
    remedy = fill(CAUSES[cause].remedy, denial)
    evidence = (*reasons, *said, against)
    return _Told(Verdict(cause, "inferred", decided.with_mfa.allowed, evidence, remedy))


def _inferred(denial: Denial, decided: Decisions, fallback: Verdict) -> _Told | None:
    """Return the verdict where MFA lifts what surely denied, and the rest is not known."""
    cause = mfa_cause(denial)
    lifted = barriers(decided.actual) - barriers(decided.with_mfa)
    if decided.state is None or cause is None or denial.no_device or not lifted:
        return None
    if decided.with_mfa.allowed is not None or fallback.certainty not in ("inferred", "unknown"):
        return None
    # A session that was revoked is not refused for want of MFA: any new one would do.
    if cause == "session_without_mfa" and not lifted & barriers(decided.without_mfa):
        return None
    against = (
        "Against: not every policy is known that binds the call; so it is not known that MFA would"
        " be enough."
    )
    said = words.reason(denial), words.signature(denial)
    evidence = (*decided.reasons(), _LIFTED, *said, against)
    remedy = fill(CAUSES[cause].remedy, denial)
    return _Told(Verdict(cause, "inferred", None, evidence, remedy))


def _open(fallback: Verdict, when: str, decision: Decision, decided: Decisions) -> _Told:
    """Return that the policies do not settle it, and what is not known."""
    unknown = decision.unknown or tuple(
        f"The {kind} policies are not known." for kind in decision.withheld
    )
    sentences = (f"Seen: {sentence}" for sentence in unknown[:_MOST_SENTENCES])
    settled = f"Seen: {when}, the policies {decided.whence} do not settle it."
    return _Told(_added(fallback, settled, *sentences))


def _proven(denial: Denial, cause: CauseName, with_mfa: Decision, *reasons: str) -> _Told:
    remedy = fill(CAUSES[cause].remedy, denial)
    if denial.no_device and with_mfa.allowed:
        remedy = exempting(denial)
    evidence = (*reasons, words.reason(denial), words.signature(denial))
    return _Told(Verdict(cause, "proven", with_mfa.allowed, evidence, remedy))


def _out_of_reach(denial: Denial, with_mfa: Decision) -> _Told | None:
    """Return the verdict where AWS itself refuses what the policies allow.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    calls_iam = (denial.iam_action or "").lower().startswith("iam:")
    without = (denial.issued_by, denial.mfa_present) == ("GetSessionToken", "false")
    if not (calls_iam and without and with_mfa.allowed) or denial.deny_kind is not None:
        return None
    return _proven(
        denial,
        "session_without_mfa",
        with_mfa,
        "For: a session of GetSessionToken can call IAM only where MFA was used to open it.",
        "For: evaluated with MFA just passed, the policies allow the call.",
    )


def _added(fallback: Verdict, *sentences: str) -> Verdict:
    return replace(fallback, evidence=(*fallback.evidence, *sentences))


def _said(denial: Denial) -> str | None:
    """Return the type of policy that AWS's message names, as the evaluation names it."""
    # A role's trust policy is a resource policy to the evaluation.
    return "resource" if denial.policy_type == "trust" else denial.policy_type


def _as_the_message_says(denial: Denial, actual: Decision) -> bool:
    """Whether the evaluation denies in the way that AWS's message tells."""
    said = _said(denial)
    if denial.deny_kind == "explicit":
        named = [m for m in denies(actual) if said in (None, m.policy_type)]
        # Control policies are known by their files' names, others by their ARNs.
        by_arn = denial.policy_arn is not None and said in ("identity", "boundary")
        return any(not by_arn or match.policy == denial.policy_arn for match in named)
    if denial.deny_kind == "implicit":
        return not actual.explicit and (said is None or said in actual.missing)
    return True


def _cause(denial: Denial, decided: Decisions) -> CauseName | None:  # noqa: PLR0911
    """Return the cause that the evaluations show; None where MFA's part is not known."""
    actual, with_mfa = decided.actual, decided.with_mfa
    if with_mfa.allowed is None:
        return None
    if with_mfa.allowed:
        if denial.signed_with_key:
            return "long_term_key"
        if decided.without_mfa.allowed is None:
            return None
        aged = denial.mfa_present == "true" and any(map(_asks_for_mfa, denies(actual)))
        # Any new session would do: the one that called was revoked, for example.
        if decided.without_mfa.allowed and not aged:
            return _otherwise(denial, actual)
        return "mfa_expired" if denial.mfa_present == "true" else "session_without_mfa"
    if barriers(actual) - barriers(with_mfa):
        return "mfa_not_sufficient"
    return None if _may_depend_on_mfa(denial, actual) else _otherwise(denial, actual)


def _may_depend_on_mfa(denial: Denial, actual: Decision) -> bool:
    """Whether a condition on MFA may have denied besides, for all that is known."""
    unsure = [match for match in actual.matches if match.truth is None]
    if any(_asks_for_mfa(match) for match in unsure):
        return True
    if denial.deny_kind == "implicit":  # then no Deny matched, known or not
        return False
    other = denial.deny_kind is None and any(match.effect == "Deny" for match in unsure)
    return other or bool(set(actual.withheld) - _BROUGHT)


# What a request brings with it is in no export, and limits; it is not where people demand MFA.
_BROUGHT = {"session", "vpc_endpoint"}


def _asks_for_mfa(match: Match) -> bool:
    keys = {condition.key.lower() for condition in match.statement.condition}
    return bool(keys & {PRESENT.lower(), AGE.lower()})


def _otherwise(denial: Denial, actual: Decision) -> CauseName:
    """Return the cause of a denial in which MFA has no part: of several the one that AWS names."""
    explicit = [match.policy_type for match in denies(actual)]
    kinds = explicit or [kind for kind in ORDER if kind in actual.missing] or ["identity"]
    said = _said(denial)
    kind = next((kind for kind in kinds if kind == said), kinds[0])
    by_identity: CauseName = "explicit_deny" if explicit else "no_permission"
    return _caused_by(kind, denial, by_identity=by_identity)


def _caused_by(kind: PolicyType, denial: Denial, *, by_identity: CauseName) -> CauseName:
    if kind == "identity":
        return by_identity
    assumes = (denial.iam_action or "").lower() == "sts:assumerole"
    return BY_POLICY_TYPE["trust" if assumes and kind == "resource" else kind]
