"""The sentences of evidence and remedy, filled in with what one denial names."""

from __future__ import annotations

import re
import shlex

from cloudtrail_mfa.attribution.denial import Denial

__all__ = ["fill", "mfa_in_name", "reason", "signature", "who"]


def who(denial: Denial) -> str:
    """Return the caller's name, or what there is of it.

    Backticks mark commands in a remedy: those of a name are taken out.
    """
    name = denial.principal_name or denial.principal_arn or "an unnamed caller"
    return name.replace("`", "'")


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


def fill(remedy: str, denial: Denial) -> str:
    """Return a remedy with what the denial names in its places."""
    return remedy.format(
        user=who(denial),
        action=(denial.iam_action or "the call").replace("`", "'"),
        policy=denial.policy_arn or "the message does not name the policy",
        session=_session(denial),
    )


def _between(denial: Denial) -> str:
    return (denial.invoked_by or "the service").replace("`", "'")


def _session(denial: Denial) -> str:  # noqa: PLR0911
    """Return how such a caller opens a session with MFA.

    The command is AWS's own advice: https://repost.aws/knowledge-center/authenticate-mfa-cli
    """
    if denial.credential_kind == "root_key":
        return "sign in as root with its MFA device, and delete root's access key, as AWS advises"
    if (denial.principal_arn or "").endswith(":root"):
        return "sign in as root with its MFA device"
    if denial.credential_kind == "console":
        return "sign in to the console with the MFA device"
    if denial.credential_kind == "assumed_role" and denial.opener_type == "AssumedRole":
        return (
            "assume the role from an IAM user's key with MFA (mfa_serial beside role_arn in the"
            " profile), not from another role: MFA does not survive a chain of roles"
        )
    if denial.credential_kind == "assumed_role":
        return "assume the role with MFA (mfa_serial beside role_arn in the profile)"
    if denial.credential_kind == "forwarded":
        return (
            f"sign in with MFA before {_between(denial)} is used; if that was done, the policy"
            " lacks an exception for aws:ViaAWSService"
        )
    account = denial.account_id or "ACCOUNT"
    partition = next(iter((denial.principal_arn or "").split(":")[1:2]), "aws")
    user = shlex.quote(who(denial) if denial.principal_name else "USER")
    return (
        f"`aws sts get-session-token --serial-number arn:{partition}:iam::{account}:mfa/DEVICE"
        f" --token-code CODE`, then sign with the three values that it prints; the device is named"
        f" by `aws iam list-mfa-devices --user-name {user}`"
    )
