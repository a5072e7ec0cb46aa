"""Who calls, and whether a resource-based policy speaks of them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from cloudtrail_mfa.iam.document import Effect, Principals
from cloudtrail_mfa.iam.logic import Truth

__all__ = ["Caller", "CallerKind", "Named", "may_be_named", "named", "spared"]

CallerKind = Literal["user", "role_session", "root", "federated_user", "service", "anonymous"]
"""What kind of principal makes a request."""

_ASSUMED = re.compile(
    r"arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/"
)
_FEDERATED = re.compile(r"arn:[^:]+:sts::\d{12}:federated-user/")


class Named(Enum):
    """How a resource-based policy names a caller; it decides what else limits the grant."""

    ITSELF = "the very user or session"
    ROLE = "the role of the session"
    EVERYONE = "everyone"
    ACCOUNT = "the account, which leaves it to identity-based policies"


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal of a request.

    Attributes
    ----------
    kind
        What it is.
    arn
        Its ARN: of the session, for a role; empty for a service or an anonymous caller.
    account
        Its account; None for a service or an anonymous caller.
    role_arn
        For a role session the role's ARN, path included.
    service
        For a service its name, as ``ec2.amazonaws.com``.
    provider
        For a sign-in by federation (``AssumeRoleWithSAML``, ``AssumeRoleWithWebIdentity``) the
        provider's ARN or name.
    """

    kind: CallerKind
    arn: str = ""
    account: str | None = None
    role_arn: str | None = None
    service: str | None = None
    provider: str | None = None

    @classmethod
    def of_arn(cls, arn: str, *, role_arn: str | None = None) -> Caller:
        """Make a caller from an ARN as CloudTrail prints it.

        Parameters
        ----------
        role_arn
            For a role session, its role: the session's ARN lacks the role's path.
        """
        account = next(iter(arn.split(":")[4:5]), None) or None
        if found := _ASSUMED.match(arn):
            partition, role = found["partition"], found["role"]
            guess = f"arn:{partition}:iam::{account}:role/{role}"
            return cls("role_session", arn, account, role_arn or guess)
        if _FEDERATED.match(arn):
            return cls("federated_user", arn, account)
        return cls("root" if arn.endswith(":root") else "user", arn, account)


def named(principals: Principals, caller: Caller) -> Named | None:
    """Return how a policy names a caller: the most particular way; None where it does not."""
    ways = _ways(principals, caller)
    return next((way for way in Named if way in ways), None)


def may_be_named(principals: Principals, caller: Caller) -> Named | None:
    """Return how a policy may name a caller in a way that no record tells; None where it cannot.

    By the canonical id of the caller's account, or by the user who opened a federated session.
    """
    if principals.canonical_user:
        return Named.ITSELF
    users = (text for text in principals.aws if f"::{caller.account}:user/" in text)
    opened = caller.kind == "federated_user" and caller.account and next(users, None)
    return Named.ROLE if opened else None


def spared(principals: Principals, caller: Caller, effect: Effect) -> Truth:
    """Whether ``NotPrincipal`` leaves a caller out of a statement.

    A Deny spares who is named by the very ARN that signs, beside its role and its account; where
    these two are not all named AWS only warns. Where somebody else of the account is named beside
    it, the others of the account are denied, as in AWS's example; of the account alone, or of the
    role without the session, AWS does not say enough. What an Allow does with who is named in
    another way is not documented.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    ways = _ways(principals, caller)
    if Named.EVERYONE in ways or not ways:
        return bool(ways)
    if effect == "Allow":
        return True if Named.ITSELF in ways else None
    if Named.ITSELF not in ways:
        return False if _names_another(principals, caller) else None
    needed = {
        "role_session": {Named.ROLE, Named.ACCOUNT},
        "user": {Named.ACCOUNT},
        "federated_user": {Named.ACCOUNT},
    }.get(caller.kind, set())
    return True if needed <= ways else None


def _names_another(principals: Principals, caller: Caller) -> bool:
    """Whether somebody else of the caller's account is named, not only the account or the role."""
    of_account = (text for text in principals.aws if f"::{caller.account}:" in text)
    return any(text != caller.role_arn and not text.endswith(":root") for text in of_account)


def _ways(principals: Principals, caller: Caller) -> set[Named]:
    ways: set[Named] = set()
    if principals.everyone or "*" in principals.aws:
        ways.add(Named.EVERYONE)
    if caller.kind == "service":
        return ways | ({Named.ITSELF} if caller.service in principals.service else set())
    if caller.provider is not None and caller.provider in principals.federated:
        ways.add(Named.ITSELF)
    for text in principals.aws:
        if caller.arn and text == caller.arn:
            ways.add(Named.ITSELF)
        if caller.role_arn and text == caller.role_arn:
            ways.add(Named.ROLE)
        if caller.account and (text == caller.account or text.endswith(f"::{caller.account}:root")):
            ways.add(Named.ACCOUNT)
    return ways
