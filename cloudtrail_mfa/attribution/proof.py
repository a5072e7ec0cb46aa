"""Causes proven by evaluating the policies, as the request was and as it would be with MFA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from cloudtrail_mfa.attribution import words
from cloudtrail_mfa.attribution.causes import BY_POLICY_TYPE, CAUSES, CauseName, Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.remedies import exempting, fill
from cloudtrail_mfa.evidence.cases import Case, Cases
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.evidence.needs import Needs
from cloudtrail_mfa.evidence.parameters import Row
from cloudtrail_mfa.evidence.requests import worlds_of
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

# The order in which AWS looks, so that of several the same one is named as a rule.
_ORDER: tuple[PolicyType, ...] = (
    "scp",
    "rcp",
    "resource",
    "identity",
    "boundary",
    "session",
    "vpc_endpoint",
)
_MOST_SENTENCES = 3
_OF_KEY = (
    "Seen: what is encrypted with a KMS key of the account's own needs that key's leave, too; the"
    " record does not tell whether it is."
)


class Prover:
    """Evaluates policies for denials; like ones are evaluated once.

    Parameters
    ----------
    evidence
        The policies.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._accounts = evidence.accounts
        self._cases = Cases(evidence.accounts)
        self._known: dict[int, tuple[Needs, tuple[_Decisions, ...]] | str] = {}

    def group(self, denials: pd.DataFrame) -> pd.Series[int]:
        """Return a number for each row, the same where the policies cannot tell the calls apart."""
        return self._cases.group(denials)

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
        if fallback.cause in ("not_authorization", "service_request"):
            return fallback
        if account_of(denial.principal_arn) not in self._accounts:
            return _added(fallback, "Seen: the evidence does not hold the caller's account.")
        if number not in self._known:
            self._known[number] = self._look(row)
        known = self._known[number]
        if isinstance(known, str):
            return _added(fallback, known)
        needs, decisions = known
        told = [
            _weigh(denial, _doubted(decided, denial, more=not needs.closed), fallback)
            for decided in decisions
        ]
        settled = _settled(told, fallback)
        return _added(settled, _OF_KEY) if settled.mfa_would_allow and needs.of_key else settled

    def _look(self, row: Row) -> tuple[Needs, tuple[_Decisions, ...]] | str:
        """Return what a call needs and the decisions on it; a sentence where there are none."""
        case = self._cases.case(row)
        if case is None:
            return "Seen: the record names too little to evaluate policies for it."
        if not row["action_known"] and not exists(case.request.action):
            return "Seen: which action was refused, only the event's name suggests."
        return case.needs, self._decide(case, row)

    def _decide(self, case: Case, row: Row) -> tuple[_Decisions, ...]:
        asked = (case.request, *case.also)
        bound = [case.policies(self._accounts, request) for request in asked]
        worlds = zip(*(worlds_of(request, row) for request in asked), strict=True)

        def decided(requests: Iterable[Request]) -> Decision:
            return together([*map(evaluate, requests, bound)])

        return tuple(
            _Decisions(
                # Where AWS names the action, it is that one which was refused.
                evaluate(world[0].actual, bound[0])
                if row["action_named"]
                else decided(each.actual for each in world),
                decided(each.with_mfa for each in world),
                decided(each.without_mfa for each in world),
            )
            for world in worlds
        )


@dataclass(frozen=True, slots=True)
class _Decisions:
    """A request as it was, and in a session that was just opened, with MFA and without."""

    actual: Decision
    with_mfa: Decision
    without_mfa: Decision


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


def _settled(told: Sequence[_Told], fallback: Verdict) -> Verdict:
    """Return the one verdict of all the ways that the denial itself does not rule out."""
    left = [each.verdict for each in told if not each.ruled_out] or [told[0].verdict]
    claims = {(verdict.cause, verdict.certainty, verdict.mfa_would_allow) for verdict in left}
    if len(claims) == 1:
        return left[0]
    return _added(
        fallback,
        "Seen: evaluated, the policies settle it only if they saw of MFA what CloudTrail recorded;"
        " AWS's guide says that they cannot in a role session.",
    )


def _doubted(decided: _Decisions, denial: Denial, *, more: bool) -> _Decisions:
    """Return decisions without what policies alone cannot settle."""
    found = decided
    if may_be_listed(denial.iam_action or "") and denial.deny_kind != "implicit":
        every = (found.actual, found.with_mfa, found.without_mfa)
        found = _Decisions(*map(_unless_explicit, every))
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


def _weigh(denial: Denial, decided: _Decisions, fallback: Verdict) -> _Told:
    actual, with_mfa = decided.actual, decided.with_mfa
    if actual.allowed:
        told = _added(
            fallback,
            "Against: evaluated, the policies in the evidence allow the call; they have changed"
            " since, or something is missing from them.",
        )
        return _out_of_reach(denial, with_mfa) or _Told(told, ruled_out=True)
    if actual.allowed is None:
        return _open(fallback, "evaluated", actual)
    if not _as_the_message_says(denial, actual):
        told = _added(
            fallback,
            "Against: evaluated, the policies in the evidence deny the call, but not as AWS's"
            " message says; they have changed since, or something is missing from them.",
            *_reasons(actual),
        )
        return _Told(told, ruled_out=True)
    cause = _cause(denial, decided)
    if cause is None:
        return _open(
            _added(fallback, *_reasons(actual)), "evaluated with MFA just passed", with_mfa
        )
    outcome = (
        "For: evaluated with MFA just passed, the policies allow the call."
        if with_mfa.allowed
        else "For: evaluated with MFA just passed, the policies deny the call all the same."
    )
    return _proven(denial, cause, with_mfa, *_reasons(actual), outcome)


def _open(fallback: Verdict, when: str, decision: Decision) -> _Told:
    """Return that the policies do not settle it, and what is not known."""
    unknown = decision.unknown or tuple(
        f"The {kind} policies are not known." for kind in decision.withheld
    )
    sentences = (f"Seen: {sentence}" for sentence in unknown[:_MOST_SENTENCES])
    settled = f"Seen: {when}, the policies in the evidence do not settle it."
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


def _denies(decision: Decision) -> list[Match]:
    matched = [m for m in decision.matches if m.effect == "Deny" and m.truth]
    return sorted(matched, key=lambda match: _ORDER.index(match.policy_type))


def _said(denial: Denial) -> str | None:
    """Return the type of policy that AWS's message names, as the evaluation names it."""
    # A role's trust policy is a resource policy to the evaluation.
    return "resource" if denial.policy_type == "trust" else denial.policy_type


def _as_the_message_says(denial: Denial, actual: Decision) -> bool:
    """Whether the evaluation denies in the way that AWS's message tells."""
    said = _said(denial)
    if denial.deny_kind == "explicit":
        named = [m for m in _denies(actual) if said in (None, m.policy_type)]
        # Control policies are known by their files' names, others by their ARNs.
        by_arn = denial.policy_arn is not None and said in ("identity", "boundary")
        return any(not by_arn or match.policy == denial.policy_arn for match in named)
    if denial.deny_kind == "implicit":
        return not actual.explicit and (said is None or said in actual.missing)
    return True


def _cause(denial: Denial, decided: _Decisions) -> CauseName | None:  # noqa: PLR0911
    """Return the cause that the evaluations show; None where MFA's part is not known."""
    actual, with_mfa = decided.actual, decided.with_mfa
    if with_mfa.allowed is None:
        return None
    if with_mfa.allowed:
        if denial.signed_with_key:
            return "long_term_key"
        if decided.without_mfa.allowed is None:
            return None
        aged = denial.mfa_present == "true" and any(map(_asks_for_mfa, _denies(actual)))
        # Any new session would do: the one that called was revoked, for example.
        if decided.without_mfa.allowed and not aged:
            return _otherwise(denial, actual)
        return "mfa_expired" if denial.mfa_present == "true" else "session_without_mfa"
    if _barriers(actual) - _barriers(with_mfa):
        return "mfa_not_sufficient"
    return None if _may_depend_on_mfa(denial, actual) else _otherwise(denial, actual)


def _barriers(decision: Decision) -> set[object]:
    """Return what stands against a request: statements that deny, kinds of which none allows."""
    return {_place(match) for match in _denies(decision)} | set(decision.missing)


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
    explicit = [match.policy_type for match in _denies(actual)]
    kinds = explicit or [kind for kind in _ORDER if kind in actual.missing] or ["identity"]
    said = _said(denial)
    kind = next((kind for kind in kinds if kind == said), kinds[0])
    by_identity: CauseName = "explicit_deny" if explicit else "no_permission"
    return _caused_by(kind, denial, by_identity=by_identity)


def _caused_by(kind: PolicyType, denial: Denial, *, by_identity: CauseName) -> CauseName:
    if kind == "identity":
        return by_identity
    assumes = (denial.iam_action or "").lower() == "sts:assumerole"
    return BY_POLICY_TYPE["trust" if assumes and kind == "resource" else kind]


def _place(match: Match) -> tuple[str, str, int]:
    return match.policy_type, match.policy, match.statement.position


def _reasons(decision: Decision) -> Sequence[str]:
    denies = [
        f"For: evaluated, {match.statement.label} of {match.policy} ({match.policy_type}) denies"
        " the call."
        for match in _denies(decision)[:_MOST_SENTENCES]
    ]
    return denies or [
        f"For: evaluated, no {kind} policy in the evidence allows the call."
        for kind in decision.missing
    ]
