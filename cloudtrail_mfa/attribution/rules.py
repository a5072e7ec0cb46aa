"""The rules that find a cause, in their order: the first that answers wins.

A rule sees what the record and AWS's message say of one denial, and gives a verdict or None.
What it claims, it claims no further than that carries: a long-term key and an AccessDenied are
not by themselves a cause.
"""

from __future__ import annotations

from collections.abc import Callable

from cloudtrail_mfa.attribution import words
from cloudtrail_mfa.attribution.causes import BY_POLICY_TYPE, CAUSES, CauseName, Certainty, Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.remedies import fill
from cloudtrail_mfa.attribution.settings import setting_of

__all__ = ["RULES", "Rule", "judge", "mfa_cause"]

Rule = Callable[[Denial], Verdict | None]
"""What the record and the message of one denial tell of its cause, or None."""


def service_request(denial: Denial) -> Verdict | None:
    """AWS services that act for themselves are no people: MFA has no part in it."""
    if denial.credential_kind != "aws_service":
        return None
    return _verdict(
        denial,
        "service_request",
        "stated",
        f"For: the record says that {words.who(denial)} called on its own behalf; no person signed.",
    )


def account_setting(denial: Denial) -> Verdict | None:
    """Some AccessDenied speak of a setting: no policy, and no MFA, would change them."""
    setting = setting_of(denial.quote)
    if setting is None:
        return None
    seen = f"For: AWS's message speaks of a setting, not of a policy: “{denial.quote}”."
    return Verdict("not_authorization", "stated", False, (seen,), setting.remedy)  # noqa: FBT003


def named_policy_type(denial: Denial) -> Verdict | None:
    """AWS names the kind of the denying policy, and it is not an identity-based one."""
    cause = BY_POLICY_TYPE.get(denial.policy_type or "")
    if cause is None:
        return None
    against = "Against: AWS names one policy type only; others may deny as well."
    if denial.mfa_is_open:
        against += " Whether this policy asks for MFA, the message does not say."
    seen = words.reason(denial), words.signature(denial)
    return _verdict(denial, cause, "stated", *seen, against, *words.mfa_in_name(denial))


def no_identity_allow(denial: Denial) -> Verdict | None:
    """No identity-based policy allows the call: an Allow that demands MFA denies in these words too.

    AWS's guide states that the context of a role session holds no MFA information, so there such
    an Allow can be ruled out
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html).
    """
    if (denial.deny_kind, denial.policy_type) != ("implicit", "identity"):
        return None
    seen = words.reason(denial), words.signature(denial)
    if denial.credential_kind == "assumed_role" or denial.no_device:
        moot = "Seen: an Allow that demands MFA says the same, but no such session can satisfy one."
        return _verdict(denial, "no_permission", "stated", *seen, moot)
    if denial.fresh and denial.mfa_present == "true":
        return _verdict(denial, "no_permission", "stated", *seen)
    against = "Against: an Allow that demands MFA, or a recent one, is denied in the same words."
    return _verdict(denial, "no_permission", "inferred", *seen, against)


def mfa_policy_by_name(denial: Denial) -> Verdict | None:
    """The denying policy's own name speaks of MFA."""
    explicit = (denial.deny_kind, denial.policy_type) == ("explicit", "identity")
    if not explicit or not words.mfa_in_name(denial) or denial.no_device:
        return None
    cause = mfa_cause(denial)
    if cause is None:
        return None
    against = (
        "Against: the message does not tell the policy's text, nor whether another policy allows"
        f" {denial.iam_action or 'the call'}; so it is not known that MFA would be enough."
    )
    return _verdict(
        denial,
        cause,
        "inferred",
        words.reason(denial),
        *words.mfa_in_name(denial),
        words.signature(denial),
        against,
    )


def identity_deny(denial: Denial) -> Verdict | None:
    """An identity-based policy denies, and MFA was there or cannot be."""
    if (denial.deny_kind, denial.policy_type) != ("explicit", "identity"):
        return None
    if denial.no_device and not words.mfa_in_name(denial):
        against = (
            "Against: if that policy demands MFA, no MFA device of AWS can satisfy it here: the"
            " policy has to exempt such sessions."
        )
    elif denial.mfa_present == "true" and not words.mfa_in_name(denial):
        against = "Against: a policy may demand that MFA be more recent than this session's."
    else:
        return None
    return _verdict(
        denial,
        "explicit_deny",
        "inferred",
        words.reason(denial),
        words.signature(denial),
        against,
    )


def undetermined(denial: Denial) -> Verdict:
    """What is left: the evidence is listed, and nothing is claimed."""
    evidence = [words.reason(denial), *words.mfa_in_name(denial), words.signature(denial)]
    remedy = CAUSES["undetermined"].remedy
    if denial.no_device:
        evidence.append("Against MFA: no MFA device of AWS can be used in such a session.")
        remedy = "Look for the policies of the role; MFA cannot be had in such a session."
    elif denial.mfa_is_open:
        evidence += [
            "For MFA: the call was made without it, and a policy that demands MFA denies so.",
            "Against MFA: a missing permission, or another policy, looks just the same.",
        ]
        if denial.credential_kind == "assumed_role" and denial.opener_type is None:
            evidence.append(
                "Against MFA: who opened the session is not in the lake; for a federated one, what"
                " CloudTrail says of MFA tells nothing."
            )
        remedy = (
            "Try the same call in a session that has passed MFA: {session}. If it passes, MFA was"
            " what it lacked; if not, ask for the policies."
        )
    elif denial.mfa_present == "true":
        evidence.append(
            "Against MFA: it was used, minutes before."
            if denial.fresh
            else "Against MFA: it was used; at most it was used too long ago."
        )
    return Verdict("undetermined", "unknown", None, tuple(evidence), fill(remedy, denial))


RULES: tuple[Rule, ...] = (
    service_request,
    account_setting,
    named_policy_type,
    no_identity_allow,
    mfa_policy_by_name,
    identity_deny,
    undetermined,
)
"""The rules in their order."""


def judge(denial: Denial) -> Verdict:
    """Return the verdict of the first rule that gives one."""
    return next(verdict for rule in RULES if (verdict := rule(denial)))


def _verdict(
    denial: Denial,
    cause: CauseName,
    certainty: Certainty,
    *evidence: str,
    mfa_would_allow: bool | None = None,
) -> Verdict:
    remedy = fill(CAUSES[cause].remedy, denial)
    return Verdict(cause, certainty, mfa_would_allow, evidence, remedy)


def mfa_cause(denial: Denial) -> CauseName | None:
    """Return the cause, given that a policy that demands MFA denied."""
    if denial.signed_with_key:
        return "long_term_key"
    if denial.mfa_present == "false":
        return "session_without_mfa"
    if denial.mfa_present == "true" and not denial.fresh:
        return "mfa_expired"
    return None
