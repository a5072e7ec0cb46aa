"""Causes proven by evaluating the policies, as the request was and as it would be with MFA."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cloudtrail_mfa.attribution import words
from cloudtrail_mfa.attribution.causes import BY_POLICY_TYPE, CAUSES, CauseName, Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.evidence.requests import fresh, request_of
from cloudtrail_mfa.iam.account import Account
from cloudtrail_mfa.iam.context import ISSUED
from cloudtrail_mfa.iam.evaluate import Decision, Match, PolicyType, Request, evaluate

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


class Prover:
    """Evaluates policies for denials; equal requests are evaluated once.

    Parameters
    ----------
    evidence
        The policies.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        accounts = evidence.accounts.values()
        self._keys = {id(account): account.keys() for account in accounts}
        self._alike = {id(account): account.alike() for account in accounts}
        self._decided: dict[Any, _Decisions] = {}
        self._weighed: dict[Any, Verdict] = {}

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
        request = request_of(row, self._keys[id(account)])
        if request is None:
            return _added(
                fallback, "Seen: the record names too little to evaluate policies for it."
            )
        alike = self._alike[id(account)](request.resource)
        if not row["action_known"] and request.action.lower() not in _OWN_NAMES:
            return _added(
                fallback, "Seen: which action was refused, only the event's name suggests."
            )
        decided = self._decide(account, request, alike, row)
        more = _may_need_more(request.action.lower(), row["request_parameters"] or "")
        key = (denial, id(decided), more)
        if key not in self._weighed:
            self._weighed[key] = _weigh(denial, _doubted(decided, denial, more=more), fallback)
        return self._weighed[key]

    def _decide(
        self, account: Account, request: Request, alike: Hashable, row: Mapping[str, Any]
    ) -> _Decisions:
        session = () if _brings_no_session_policy(row) else None
        endpoint = () if row["vpc_endpoint_id"] is None else None
        context = tuple(sorted(request.context.values.items())), request.context.absent
        # A session that is opened now has another time of issue, where a policy looks at it.
        now = row["event_time"] if ISSUED.lower() in self._keys[id(account)] else None
        asked = (request.caller, request.action, alike, request.resource_account, context)
        key = (id(account), *asked, session, endpoint, now)
        if key not in self._decided:
            policies = account.binding(request, session=session, vpc_endpoint=endpoint)
            self._decided[key] = _Decisions(
                evaluate(request, policies),
                evaluate(fresh(request, row, mfa=True), policies),
                evaluate(fresh(request, row, mfa=False), policies),
            )
        return self._decided[key]


@dataclass(frozen=True, slots=True)
class _Decisions:
    """A request as it was, and in a session that was just opened, with MFA and without."""

    actual: Decision
    with_mfa: Decision
    without_mfa: Decision


# Actions that are certainly named as their events are.
_OWN_NAMES = frozenset({"s3:getobject", "s3:putobject", "s3:deleteobject"})
# What some calls need besides the one action on the one resource that a message names: to pass a
# role, to read a source, to act on an instance's network, volume and image.
_ALSO = re.compile(
    r':role/|"x-amz-(acl|tagging|grant)|"versionId"|"(copySource|x-amz-copy-source)"'
)
_ALSO_OF_SESSIONS = re.compile(r'"(tags|transitiveTagKeys|sourceIdentity|policy|policyArns)"')
_READS = re.compile(r"ec2:(describe|get|list)")
# A session of GetSessionToken can call nothing else of STS:
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
_STS_IN_SESSIONS = frozenset({"sts:assumerole", "sts:getcalleridentity"})


def _doubted(decided: _Decisions, denial: Denial, *, more: bool) -> _Decisions:
    """Return decisions without what policies alone cannot settle."""
    service = (denial.iam_action or "").lower().partition(":")[0]
    found = decided
    if service in ("s3", "kms") and denial.deny_kind != "implicit":
        # An access control list or a grant may allow what no policy does.
        every = (found.actual, found.with_mfa, found.without_mfa)
        found = _Decisions(*map(_unless_explicit, every))
    if more:
        found = replace(found, with_mfa=_unless_denied(found.with_mfa))
    return found


def _may_need_more(action: str, parameters: str) -> bool:
    if action == "sts:assumerole":
        return bool(_ALSO_OF_SESSIONS.search(parameters))
    if action.startswith("sts:") and action not in _STS_IN_SESSIONS:
        return True
    if action.startswith("ec2:") and not _READS.match(action):
        return True
    return bool(_ALSO.search(parameters))


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


def _brings_no_session_policy(row: Mapping[str, Any]) -> bool:
    """Whether no policy can have been passed when the session was opened."""
    # Users' own sessions, forwarded or not, take none; only roles and federation tokens do.
    if ":user/" in (row["principal_arn"] or "") or row["credential_kind"] == "root_key":
        return True
    return row["session_policy"] is not None and not row["session_policy"]


def _weigh(denial: Denial, decided: _Decisions, fallback: Verdict) -> Verdict:
    actual, with_mfa = decided.actual, decided.with_mfa
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
    cause = _cause(denial, decided)
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
        if decided.without_mfa.allowed:  # any new session would do: a revoked one, for example
            return _otherwise(denial, actual)
        return "mfa_expired" if denial.mfa_present == "true" else "session_without_mfa"
    gone = {_place(match) for match in _denies(actual)} - {_place(m) for m in _denies(with_mfa)}
    if gone:
        return "mfa_not_sufficient"
    return _otherwise(denial, actual)


def _otherwise(denial: Denial, actual: Decision) -> CauseName:
    """Return the cause of a denial in which MFA has no part."""
    if actual.explicit:
        return _caused_by(_denies(actual)[0].policy_type, denial, by_identity="explicit_deny")
    kinds = [kind for kind in _ORDER if kind in actual.missing]
    said = _said(denial)
    kind = next((kind for kind in kinds if kind == said), kinds[0] if kinds else "identity")
    return _caused_by(kind, denial, by_identity="no_permission")


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
