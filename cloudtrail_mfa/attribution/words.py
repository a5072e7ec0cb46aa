"""The sentences of evidence, filled in with what one denial names."""

from __future__ import annotations

import re

from cloudtrail_mfa.attribution.denial import Denial

__all__ = ["mfa_in_name", "reason", "signature", "who"]


def who(denial: Denial) -> str:
    """Return the caller's name, or what there is of it."""
    return denial.principal_name or denial.principal_arn or "an unnamed caller"


def reason(denial: Denial) -> str:
    """Return what AWS's message says of the reason."""
    if denial.reason:
        policy = f": {denial.policy_arn}" if denial.policy_arn else ""
        return f"For: AWS's message says “{denial.reason}{policy}”."
    return "Seen: " + {
        "no_reason": "AWS's message names the action but gives no reason.",
        "encoded": (
            "AWS's message is encoded; sts:DecodeAuthorizationMessage reads it where CloudTrail"
            " has not cut it."
        ),
        "cut": "CloudTrail cut AWS's message at 1 KB, before its reason.",
        "none": "the record holds no message.",
    }.get(denial.message_form, f"AWS's message gives no reason: “{denial.quote}”.")


_MFA_NAME = re.compile(r"MFA|Mfa(?![a-z])|(?i:multi-?factor)|(?<![A-Za-z])mfa(?![A-Za-z])")


def mfa_in_name(denial: Denial) -> tuple[str, ...]:
    """Return a sentence where the denying policy's name speaks of MFA; else none.

    A policy about the devices themselves, whom they belong to and who may remove them, is not one
    that demands MFA.
    """
    manages_devices = "mfadevice" in (denial.iam_action or "").lower()
    if manages_devices or not _MFA_NAME.search(denial.policy_arn or ""):
        return ()
    return (f"For: the name of the denying policy speaks of MFA: {denial.policy_arn}.",)


def signature(denial: Denial) -> str:
    """Return with what the call was signed, and what that says of MFA."""
    key = f" {denial.access_key_id}" if denial.access_key_id else ""
    opened = f", opened {denial.session_started}" if denial.session_started else ""
    issue = f" by {denial.issued_by} (event {denial.issued_in})" if denial.issued_in else ""
    mfa = {"true": "with MFA", "false": "without MFA"}.get(
        denial.mfa_present or "", "MFA not recorded"
    )
    session = f"{key}{opened}{issue}, {mfa}"
    return "Seen: " + {
        "long_term_key": f"signed with long-term key{key}: such a call carries no MFA.",
        "root_key": f"signed with root's long-term key{key}: such a call carries no MFA.",
        "session_token": f"signed with temporary key{session}.",
        "console": f"signed in a console session{session}.",
        "assumed_role": (
            f"signed in a role session{session}, as CloudTrail records it; AWS's guide says that"
            " policies cannot see MFA in a role session."
        ),
        "federated": (
            f"signed in a federated session{key}{opened}{issue}: what CloudTrail says of MFA there"
            " tells nothing of the identity provider's."
        ),
        "workload_role": f"signed by a workload's role session{key}{opened}{issue}: no person.",
        "forwarded": f"{denial.invoked_by} called with the caller's credentials{session}.",
        "cross_account": "only the caller's account is recorded; its own trail knows more.",
        "anonymous": "the call was not signed.",
    }.get(denial.credential_kind, "the record does not tell what signed the call.")
