"""Causes proven by evaluating the policies, as the request was and as it would be with MFA."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cloudtrail_mfa.attribution import words
from cloudtrail_mfa.attribution.causes import CAUSES, CauseName, Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.evidence.requests import fresh_mfa, request_of
from cloudtrail_mfa.iam.account import Account
from cloudtrail_mfa.iam.evaluate import Decision, Match, PolicyType, Request, evaluate

__all__ = ["Prover"]

_EXPLICIT: dict[PolicyType, CauseName] = {
    "identity": "explicit_deny",
    "resource": "resource_policy",
    "boundary": "permissions_boundary",
    "session": "session_policy",
    "scp": "service_control_policy",
    "rcp": "resource_control_policy",
    "vpc_endpoint": "vpc_endpoint_policy",
}
_IMPLICIT: dict[PolicyType, CauseName] = _EXPLICIT | {"identity": "no_permission"}
# A role's trust policy is a resource policy to the evaluation.
_BY_MESSAGE = {"trust": "resource"}
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


class Prover:
    """Evaluates policies for denials; equal requests are evaluated once.

    Parameters
    ----------
    evidence
        The policies.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._keys = {name: account.keys() for name, account in evidence.accounts.items()}
        self._alike = {name: account.alike() for name, account in evidence.accounts.items()}
        self._decided: dict[Any, tuple[Decision, Decision]] = {}

    def verdict(self, row: Mapping[str, Any], denial: Denial, fallback: Verdict) -> Verdict:
        """Return the verdict on a denial: proven where the policies reproduce it.

        Parameters
        ----------
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
        account_id = (denial.principal_arn or "").split(":")[4:5]
        account = self._evidence.accounts.get(account_id[0]) if account_id else None
        if account is None:
            return _added(fallback, "Seen: the evidence does not hold the caller's account.")
        request = request_of(row, self._keys[account_id[0]])
        if request is None:
            return _added(
                fallback, "Seen: the record names too little to evaluate policies for it."
            )
        alike = self._alike[account_id[0]](request.resource)
        actual, with_mfa = self._decide(account, request, alike, row)
        return _weigh(denial, actual, with_mfa, fallback)

    def _decide(
        self, account: Account, request: Request, alike: Hashable, row: Mapping[str, Any]
    ) -> tuple[Decision, Decision]:
        session = () if _brings_no_session_policy(row) else None
        endpoint = () if row["vpc_endpoint_id"] is None else None
        context = tuple(sorted(request.context.values.items())), request.context.absent
        asked = (request.caller, request.action, alike, context, session, endpoint)
        key = (id(account), *asked)
        if key not in self._decided:
            policies = account.binding(request, session=session, vpc_endpoint=endpoint)
            fresh = fresh_mfa(request, row)
            self._decided[key] = (evaluate(request, policies), evaluate(fresh, policies))
        return self._decided[key]


def _brings_no_session_policy(row: Mapping[str, Any]) -> bool:
    """Whether no policy can have been passed when the session was opened."""
    # Users' own sessions, forwarded or not, take none; only roles and federation tokens do.
    if ":user/" in (row["principal_arn"] or "") or row["credential_kind"] == "root_key":
        return True
    return row["session_policy"] is not None and not row["session_policy"]


def _weigh(denial: Denial, actual: Decision, with_mfa: Decision, fallback: Verdict) -> Verdict:
    if actual.allowed:
        return _added(
            fallback,
            "Against: evaluated, the policies in the evidence allow the call; they have changed"
            " since, or something is missing from them.",
        )
    if actual.allowed is None:
        return _added(
            fallback,
            "Seen: evaluated, the policies in the evidence do not settle it.",
            *(f"Seen: {sentence}" for sentence in actual.unknown[:_MOST_SENTENCES]),
        )
    if not _as_the_message_says(denial, actual):
        return _added(
            fallback,
            "Against: evaluated, the policies in the evidence deny the call, but not as AWS's"
            " message says; they have changed since, or something is missing from them.",
            *_reasons(actual),
        )
    cause = _cause(denial, actual, with_mfa)
    if cause is None:
        return _added(
            fallback,
            *_reasons(actual),
            "Seen: evaluated with MFA just passed, the policies in the evidence do not settle it.",
            *(f"Seen: {sentence}" for sentence in with_mfa.unknown[:_MOST_SENTENCES]),
        )
    outcome = (
        "For: evaluated with MFA just passed, the policies allow the call."
        if with_mfa.allowed
        else "For: evaluated with MFA just passed, the policies deny the call all the same."
    )
    remedy = CAUSES[cause].remedy
    if denial.no_device and with_mfa.allowed:
        remedy = (
            "MFA cannot be had in such a session: the policy has to leave it out, and the identity"
            " provider or the workload's own protection has to stand in."
        )
    return Verdict(
        cause,
        "proven",
        with_mfa.allowed,
        (*_reasons(actual), outcome, words.reason(denial), words.signature(denial)),
        words.fill(remedy, denial),
    )


def _added(fallback: Verdict, *sentences: str) -> Verdict:
    return replace(fallback, evidence=(*fallback.evidence, *sentences))


def _denies(decision: Decision) -> list[Match]:
    matched = [m for m in decision.matches if m.effect == "Deny" and m.truth]
    return sorted(matched, key=lambda match: _ORDER.index(match.policy_type))


def _as_the_message_says(denial: Denial, actual: Decision) -> bool:
    """Whether the evaluation denies in the way that AWS's message tells."""
    said = _BY_MESSAGE.get(denial.policy_type or "", denial.policy_type)
    if denial.deny_kind == "explicit":
        named = [m for m in _denies(actual) if said in (None, m.policy_type)]
        arns = [m.policy for m in named if m.policy.startswith("arn:")]
        return bool(named) and (denial.policy_arn is None or not arns or denial.policy_arn in arns)
    if denial.deny_kind == "implicit":
        return not actual.explicit and (said is None or said in actual.missing)
    return True


def _cause(denial: Denial, actual: Decision, with_mfa: Decision) -> CauseName | None:
    """Return the cause that the two evaluations show; None where MFA's part is not known."""
    if with_mfa.allowed is None:
        return None
    if with_mfa.allowed:
        if denial.credential_kind in ("long_term_key", "root_key"):
            return "long_term_key"
        return "mfa_expired" if denial.mfa_present == "true" else "session_without_mfa"
    gone = {_place(match) for match in _denies(actual)} - {_place(m) for m in _denies(with_mfa)}
    if gone:
        return "mfa_not_sufficient"
    if actual.explicit:
        return _trust(denial, _EXPLICIT[_denies(actual)[0].policy_type])
    kinds = [kind for kind in _ORDER if kind in actual.missing]
    said = _BY_MESSAGE.get(denial.policy_type or "", denial.policy_type)
    kind = next((kind for kind in kinds if kind == said), kinds[0] if kinds else "identity")
    return _trust(denial, _IMPLICIT[kind])


def _trust(denial: Denial, cause: CauseName) -> CauseName:
    assumes = (denial.iam_action or "").lower() == "sts:assumerole"
    return "trust_policy" if assumes and cause == "resource_policy" else cause


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
