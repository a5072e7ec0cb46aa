"""What the principal's other calls say of a denial: between the rules and the proof.

The query ``experiments`` finds the calls and writes the sentences; here is what each of its rules
does to the verdict. The first rule below that answers wins; whatever was found stays in the
evidence, for and against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from cloudtrail_mfa.attribution import words
from cloudtrail_mfa.attribution.causes import CAUSES, CauseName, Certainty, Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.remedies import fill
from cloudtrail_mfa.attribution.rules import mfa_cause

__all__ = ["EXPERIMENTS", "Experiment", "Findings", "weigh"]

Findings = Mapping[str, str]
"""The sentences of the query, by the name of the rule that found them."""

Experiment = Callable[[Denial, Verdict, Findings], Verdict | None]
"""What a finding makes of the verdict that the rules came to, or None where it changes nothing."""

_OPEN: tuple[Certainty, ...] = ("unknown", "inferred")
_MFA_CAUSES: tuple[CauseName, ...] = ("long_term_key", "session_without_mfa")
_ONCE = (
    "Against: without MFA it did not fail again after that; something that no record shows may have"
    " changed between the two."
)


def passed_with_mfa_between_refusals(
    denial: Denial, _verdict: Verdict, found: Findings
) -> Verdict | None:
    """Refused without MFA, passed with it, refused again: whatever AWS's message names, MFA decided.

    A control policy or a bucket's policy may demand MFA as well as an identity-based one.
    """
    cause = mfa_cause(denial)
    if cause is None or {"refused_with_mfa", "passed_without_mfa"} & found.keys():
        return None
    return _told(denial, cause, "observed", mfa_would_allow=True)


def not_yet_known_everywhere(denial: Denial, verdict: Verdict, _found: Findings) -> Verdict | None:
    """What was made or changed seconds before was not yet known everywhere: nothing allowed it yet."""
    if verdict.certainty not in _OPEN:
        return None
    told = _told(denial, "no_permission", "inferred", mfa_would_allow=False)
    remedy = (
        "Wait and try again: a change in IAM takes seconds to be known everywhere, and MFA does not"
        " hasten it. In a script, wait for what was made, or repeat the call with growing pauses."
    )
    return replace(told, remedy=remedy)


def passed_after_a_grant(denial: Denial, verdict: Verdict, found: Findings) -> Verdict | None:
    """With a policy more, and still without MFA, the call passed: it was a permission that lacked."""
    if verdict.certainty not in _OPEN or denial.deny_kind == "explicit":
        return None
    if "passed_with_mfa" in found or "passed_without_mfa" in found:
        return None
    against = (
        "Against: the policy may have allowed it with MFA alone before, or what was put may have"
        " taken the place of a policy that denied."
    )
    return _told(denial, "no_permission", "inferred", against)


def refused_with_mfa(denial: Denial, verdict: Verdict, found: Findings) -> Verdict | None:
    """The call is refused with MFA, too: whatever the cause, MFA alone does not help."""
    if {"passed_with_mfa", "passed_with_mfa_between_refusals"} & found.keys():
        return None
    if verdict.certainty == "inferred" and verdict.cause in _MFA_CAUSES:
        told = _told(denial, "mfa_not_sufficient", "inferred", mfa_would_allow=False)
        return replace(told, evidence=verdict.evidence)
    if verdict.cause != "undetermined":
        return replace(verdict, mfa_would_allow=False)
    remedy = fill(CAUSES["undetermined"].remedy, denial) + " MFA alone does not help."
    return replace(verdict, mfa_would_allow=False, remedy=remedy)


def passed_with_mfa(denial: Denial, verdict: Verdict, found: Findings) -> Verdict | None:
    """The call passed once with MFA: that speaks for it."""
    if verdict.certainty not in _OPEN or {"refused_with_mfa", "passed_without_mfa"} & found.keys():
        return None
    cause = mfa_cause(denial)
    return None if cause is None else _told(denial, cause, "inferred", _ONCE)


def only_self_service_passes(denial: Denial, verdict: Verdict, found: Findings) -> Verdict | None:
    """Without MFA nothing passes but what it takes to get it, and with MFA much does."""
    if verdict.certainty not in _OPEN or {"refused_with_mfa", "passed_without_mfa"} & found.keys():
        return None
    cause = mfa_cause(denial)
    against = "Against: whether this very call would pass with MFA, no record shows."
    return None if cause is None else _told(denial, cause, "inferred", against)


def passed_without_mfa(denial: Denial, verdict: Verdict, _found: Findings) -> Verdict | None:
    """The very same kind of credential passed: MFA is not what differed."""
    if verdict.certainty not in _OPEN:
        return None
    if verdict.cause not in (*_MFA_CAUSES, "undetermined"):
        return None
    remedy = (
        "Compare the two calls, and look for what changed between them: the same kind of credential"
        " passed without MFA."
    )
    told = _told(denial, "undetermined", "unknown")
    return replace(told, evidence=verdict.evidence, remedy=remedy)


EXPERIMENTS: tuple[Experiment, ...] = (
    passed_with_mfa_between_refusals,
    not_yet_known_everywhere,
    passed_after_a_grant,
    refused_with_mfa,
    passed_with_mfa,
    only_self_service_passes,
    passed_without_mfa,
)
"""What changes a verdict, in order; each is named as its rule in ``experiments.sql``."""


def weigh(denial: Denial, verdict: Verdict, found: Findings) -> Verdict:
    """Return the verdict on a denial in the light of the principal's other calls.

    Parameters
    ----------
    denial
        The denial.
    verdict
        What the rules say of it.
    found
        What the query ``experiments`` found.
    """
    if not found or verdict.cause in ("not_authorization", "service_request"):
        return verdict
    changed = (
        told
        for experiment in EXPERIMENTS
        if experiment.__name__ in found and (told := experiment(denial, verdict, found))
    )
    told = next(changed, verdict)
    return replace(told, evidence=(*found.values(), *told.evidence))


def _told(
    denial: Denial,
    cause: CauseName,
    certainty: Certainty,
    *evidence: str,
    mfa_would_allow: bool | None = None,
) -> Verdict:
    seen = (words.reason(denial), *words.mfa_in_name(denial), words.signature(denial), *evidence)
    remedy = fill(CAUSES[cause].remedy, denial)
    return Verdict(cause, certainty, mfa_would_allow, seen, remedy)
