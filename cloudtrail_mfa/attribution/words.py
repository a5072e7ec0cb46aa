"""The sentences of evidence and remedy, filled in with what one denial names."""

from __future__ import annotations

import shlex

from cloudtrail_mfa.attribution.denial import Denial

__all__ = ["fill", "reason", "signature", "who"]


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
        "assumed_role": f"signed in a role session{session}, as CloudTrail records it.",
        "federated": (
            f"signed in a federated session{key}{opened}{issue}: what CloudTrail says of MFA there"
            " tells nothing of the identity provider's."
        ),
        "workload_role": f"signed by a workload's role session{key}{opened}{issue}: no person.",
        "forwarded": f"{denial.invoked_by} called with the caller's credentials{session}.",
        "cross_account": "the caller belongs to another account, whose trail knows more.",
        "anonymous": "the call was not signed.",
    }.get(denial.credential_kind, "the record does not tell what signed the call.")


def fill(remedy: str, denial: Denial) -> str:
    """Return a remedy with what the denial names in its places."""
    return remedy.format(
        user=who(denial),
        action=denial.iam_action or "the call",
        policy=denial.policy_arn or "the message does not name the policy",
        session=_session(denial),
    )


def _session(denial: Denial) -> str:
    """Return how such a caller opens a session with MFA.

    The command is AWS's own advice: https://repost.aws/knowledge-center/authenticate-mfa-cli
    """
    if denial.credential_kind == "root_key":
        return "sign in as root with its MFA device, and delete root's access key, as AWS advises"
    if denial.credential_kind == "console":
        return "sign in to the console with the MFA device"
    if denial.credential_kind == "assumed_role":
        return "assume the role with MFA (mfa_serial beside role_arn in the profile)"
    if denial.credential_kind == "forwarded":
        return (
            f"sign in with MFA before {denial.invoked_by} is used; if that was done, the policy"
            " lacks an exception for aws:ViaAWSService"
        )
    account = denial.account_id or "ACCOUNT"
    user = shlex.quote(denial.principal_name or "USER")
    return (
        f"`aws sts get-session-token --serial-number arn:aws:iam::{account}:mfa/DEVICE"
        f" --token-code CODE`, then sign with the three values that it prints; the device is named"
        f" by `aws iam list-mfa-devices --user-name {user}`"
    )
