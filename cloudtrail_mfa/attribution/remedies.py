"""What to do, for the very caller: commands with everything filled in that is known.

No remedy weakens MFA: a statement that gives a person something asks for MFA itself, and one that
exempts a session exempts only what cannot have MFA.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.iam.arns import partition_of

__all__ = ["RESOURCE", "exempting", "fill", "with_resource"]

RESOURCE = "\ue000"
"""Stands for the resource in a remedy until a row's own is put there: denials of a million objects
share one remedy. It is a character of no name (Unicode's private use)."""

_KEY = re.compile(r"AKIA[A-Z0-9]{12,124}")


def fill(remedy: str, denial: Denial) -> str:
    """Return a remedy with what the denial names in its places."""
    return remedy.format_map(_Named(denial))


class _Named(dict[str, str]):
    """What a denial names, each found when a remedy asks for it."""

    def __init__(self, denial: Denial) -> None:
        super().__init__()
        self._denial = denial

    def __missing__(self, place: str) -> str:
        """Return what stands in a place."""
        return _PLACES[place](self._denial)


def with_resource(remedy: str, resource: str | None) -> str:
    """Return a remedy with a row's resource in its place.

    In a statement, an object's key is a text of JSON; in a command, one word of the shell.
    """
    if RESOURCE not in remedy:
        return remedy
    found = _plain(resource or "RESOURCE").replace(RESOURCE, "?")
    remedy = remedy.replace(f'"{RESOURCE}"', json.dumps(found, ensure_ascii=False))
    return remedy.replace(RESOURCE, shlex.quote(found))


def exempting(denial: Denial) -> str:
    """Return what to do where a policy demands MFA of a session that cannot have it."""
    role = denial.role_arn or "the role's ARN"
    left_out = f'`"ArnNotLike": {{"aws:PrincipalArn": {json.dumps(_plain(role))}}}`'
    instead = (
        "the identity provider has to ask for MFA at its sign-in"
        if denial.federated
        else "the workload's own protection has to stand in (who may assume the role, from where)"
    )
    return (
        "MFA cannot be had in such a session: leave its role out of the statement that demands it,"
        f" with {left_out} beside the MFA condition; {instead}."
    )


def _who(denial: Denial) -> str:
    return denial.principal_name or denial.principal_arn or "an unnamed caller"


def _plain(text: str) -> str:
    """Return a text without backticks: they mark commands in a remedy."""
    return text.replace("`", "'")


def _user(denial: Denial) -> str:
    """Return the user's name as one word of a command."""
    return shlex.quote(_plain(denial.principal_name or "USER"))


def _device(denial: Denial) -> str:
    """Return the device's serial number: the one that the trail shows, else one to be filled in."""
    if denial.mfa_serial:
        return shlex.quote(denial.mfa_serial)
    account = denial.account_id or "ACCOUNT"
    return f"arn:{partition_of(denial.principal_arn)}:iam::{account}:mfa/DEVICE"


def _session(denial: Denial) -> str:  # noqa: PLR0911
    """Return how such a caller opens a session with MFA.

    The commands are AWS's own advice: https://repost.aws/knowledge-center/authenticate-mfa-cli,
    https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html
    """
    if denial.credential_kind == "root_key":
        return "sign in as root with its MFA device, and delete root's access key, as AWS advises"
    if (denial.principal_arn or "").endswith(":root"):
        return "sign in as root with its MFA device"
    if denial.credential_kind == "console":
        return f"{_enrol(denial)}sign in to the console with the MFA device"
    if denial.credential_kind == "assumed_role" and denial.opener_type == "AssumedRole":
        return (
            "assume the role from an IAM user's key with MFA (mfa_serial beside role_arn in the"
            " profile), not from another role: MFA does not survive a chain of roles"
        )
    if denial.credential_kind == "assumed_role":
        return f"assume the role with MFA: {_profile(denial, denial.role_arn or 'ROLE')}"
    if denial.credential_kind == "forwarded":
        return (
            f"sign in with MFA before {_plain(denial.invoked_by or 'the service')} is used; if that"
            ' was done, the policy lacks an exception for it: `"Bool": {"aws:ViaAWSService":'
            ' "false"}` beside the MFA condition'
        )
    if (denial.iam_action or "").lower() == "sts:assumerole":
        return f"{_enrol(denial)}assume the role with MFA: {_profile(denial, RESOURCE)}"
    unnamed = (
        ""
        if denial.mfa_serial or denial.mfa_active is False
        else f"; the device is named by `aws iam list-mfa-devices --user-name {_user(denial)}`"
    )
    return (
        f"{_enrol(denial)}`aws sts get-session-token --serial-number {_device(denial)}"
        f" --token-code CODE`, then sign with the three values that it prints{unnamed}"
    )


def _profile(denial: Denial, role: str) -> str:
    """Return a profile that asks for the code; its commands carry the role and the device."""
    role = role if role == RESOURCE else shlex.quote(_plain(role))
    return (
        f"`aws configure set role_arn {role} --profile with-mfa`,"
        f" `aws configure set mfa_serial {_device(denial)} --profile with-mfa`,"
        " `aws configure set source_profile default --profile with-mfa`, then `--profile with-mfa`"
        " in each command asks for the code"
    )


def _enrol(denial: Denial) -> str:
    """Return how to enrol a device, where there is none by the credential report or the trail."""
    if denial.mfa_active is not False:
        return ""
    user, name = _user(denial), denial.principal_name or "USER"
    return (
        "no MFA device is known, so enrol one first:"
        f" `aws iam create-virtual-mfa-device --virtual-mfa-device-name {user}"
        " --bootstrap-method QRCodePNG --outfile qr.png`, then"
        f" `aws iam enable-mfa-device --user-name {user} --serial-number"
        f" {shlex.quote(f'arn:{partition_of(denial.principal_arn)}:iam::{denial.account_id}:mfa/{_plain(name)}')}"
        " --authentication-code1 CODE --authentication-code2 NEXT-CODE`. After that, "
    )


def _retire(denial: Denial) -> str:
    """Return how to retire the key, or nothing where none signed."""
    key = denial.access_key_id or ""
    if denial.credential_kind != "long_term_key" or not _KEY.fullmatch(key):
        return ""
    return (
        "When nothing uses the key any more, retire it:"
        f" `aws iam update-access-key --user-name {_user(denial)} --access-key-id {key}"
        " --status Inactive`. "
    )


def _statement(denial: Denial) -> str:
    """Return a statement that allows the call; of a person it demands MFA."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": _plain(denial.iam_action or "ACTION"),
        "Resource": RESOURCE,
    }
    if denial.is_user:
        statement["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    return f"`{json.dumps(statement, ensure_ascii=False)}`"


def _home(denial: Denial) -> str:
    """Return where a statement that allows the call belongs."""
    role = _plain(denial.role_arn or "")
    if "AWSReservedSSO_" in role:
        return f"the permission set behind {role}, in IAM Identity Center"
    if denial.federated:
        return f"the policies of {role or 'the role'} that the identity provider gives"
    if denial.workload:
        return f"the policies of the workload's role {role}".rstrip()
    if role:
        return f"the policies of {role}"
    return f"a policy of {_plain(_who(denial))} or of a group"


_PLACES: dict[str, Callable[[Denial], str]] = {
    "user": lambda denial: _plain(_who(denial)),
    "action": lambda denial: _plain(denial.iam_action or "the call"),
    "policy": lambda denial: _plain(denial.policy_arn or "the message does not name the policy"),
    "session": _session,
    "retire": _retire,
    "statement": _statement,
    "home": _home,
}
