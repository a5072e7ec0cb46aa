"""Policies whose meaning is known by construction: each condition is a predicate, and its JSON.

Nothing here is of the library under test: what a condition does is written down a second time, from
AWS's guide, so that an error in one of the two shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Literal

__all__ = [
    "ALLOW_NOT_NULL",
    "ANY_MFA",
    "BOOL_FALSE",
    "BOOL_TRUE",
    "IF_EXISTS_FALSE",
    "IF_EXISTS_TRUE",
    "KEY_BY_ISSUE",
    "NULL_MFA",
    "SELF_SERVICE",
    "Condition",
    "Context",
    "Policy",
    "Statement",
    "allow",
    "deny",
    "deny_all_but",
    "encrypted",
    "ip_outside",
    "issued_before",
    "of_item",
    "older_than",
    "older_than_strictly",
    "region_outside",
    "tag_differs",
    "tagged",
    "through_service",
    "younger_than",
]

MFA, AGE, ISSUED = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:TokenIssueTime"


@dataclass(frozen=True, slots=True)
class Context:
    """What policies see of a request.

    Attributes
    ----------
    mfa
        aws:MultiFactorAuthPresent; None where the key is absent.
    age
        Seconds since MFA; None where the key is absent.
    issued
        When the credentials were issued; None for long-term keys.
    sse
        The encryption that the request asks for.
    item
        The key of the item of a table.
    """

    now: datetime
    mfa: bool | None = None
    age: int | None = None
    issued: datetime | None = None
    ip: str | None = "198.51.100.23"
    region: str = "us-east-1"
    via_service: bool = False
    sse: str | None = None
    item: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A condition: as policies write it, and what it does.

    Attributes
    ----------
    about_mfa
        Whether it tests MFA, or which credentials signed.
    """

    operator: str
    key: str
    value: str
    holds: Callable[[Context], bool]
    about_mfa: bool = False


def _mfa(operator: str, value: str, holds: Callable[[bool | None], bool]) -> Condition:
    return Condition(operator, MFA, value, lambda context: holds(context.mfa), about_mfa=True)


BOOL_FALSE = _mfa("Bool", "false", lambda mfa: mfa is False)
IF_EXISTS_FALSE = _mfa("BoolIfExists", "false", lambda mfa: mfa is not True)
BOOL_TRUE = _mfa("Bool", "true", lambda mfa: mfa is True)
IF_EXISTS_TRUE = _mfa("BoolIfExists", "true", lambda mfa: mfa is not False)
NULL_MFA = _mfa("Null", "true", lambda mfa: mfa is None)
ALLOW_NOT_NULL = _mfa("Null", "false", lambda mfa: mfa is not None)
ANY_MFA = _mfa("ForAllValues:Bool", "true", lambda mfa: mfa is not False)
KEY_BY_ISSUE = Condition("Null", ISSUED, "true", lambda c: c.issued is None, about_mfa=True)


def older_than(seconds: int) -> Condition:
    return Condition(
        "NumericGreaterThanIfExists",
        AGE,
        str(seconds),
        lambda c: c.age is None or c.age > seconds,
        about_mfa=True,
    )


def older_than_strictly(seconds: int) -> Condition:
    return Condition(
        "NumericGreaterThan",
        AGE,
        str(seconds),
        lambda c: c.age is not None and c.age > seconds,
        about_mfa=True,
    )


def younger_than(seconds: int) -> Condition:
    return Condition(
        "NumericLessThan",
        AGE,
        str(seconds),
        lambda c: c.age is not None and c.age < seconds,
        about_mfa=True,
    )


def issued_before(moment: datetime) -> Condition:
    return Condition(
        "DateLessThan",
        ISSUED,
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        lambda c: c.issued is not None and c.issued < moment,
    )


def ip_outside(prefix: str) -> Condition:
    """Return the condition that a request does not come from prefix.0/24."""
    return Condition(
        "NotIpAddress",
        "aws:SourceIp",
        f"{prefix}.0/24",
        lambda c: c.ip is None or not c.ip.startswith(f"{prefix}."),
    )


def region_outside(*regions: str) -> Condition:
    (region,) = regions
    return Condition(
        "StringNotEquals", "aws:RequestedRegion", region, lambda c: c.region not in regions
    )


def encrypted(kind: str) -> Condition:
    """Return the condition that a request does not ask for this encryption."""
    return Condition(
        "StringNotEquals", "s3:x-amz-server-side-encryption", kind, lambda c: c.sse != kind
    )


def through_service() -> Condition:
    return Condition("Bool", "aws:ViaAWSService", "false", lambda c: not c.via_service)


def tag_differs(name: str, value: str) -> Condition:
    """Return the condition that who calls lacks a tag."""
    return Condition(
        "StringNotEquals", f"aws:PrincipalTag/{name}", value, lambda c: c.tags.get(name) != value
    )


def of_item(key: str) -> Condition:
    """Return the condition that a request is for that item of a table."""
    return Condition(
        "ForAnyValue:StringEquals", "dynamodb:LeadingKeys", key, lambda c: c.item == key
    )


def tagged(name: str, value: str) -> Condition:
    """Return the condition that the resource has a tag."""
    return Condition(
        "StringEquals",
        f"aws:ResourceTag/{name}",
        value,
        lambda c: c.resource_tags.get(name) == value,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement.

    Attributes
    ----------
    but
        Whether `actions` are those that it does not speak of (NotAction).
    principals
        For a resource's policy: ARNs, an account's id, or ``*``.
    """

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    but: bool = False
    resources: tuple[str, ...] = ("*",)
    principals: tuple[str, ...] = ()
    sid: str = ""

    def speaks_of(self, action: str, resource: str, context: Context) -> bool:
        """Whether it applies, whoever calls."""
        named = any(fnmatchcase(action.lower(), pattern.lower()) for pattern in self.actions)
        touched = any(fnmatchcase(resource, pattern) for pattern in self.resources)
        return named != self.but and touched and all(c.holds(context) for c in self.conditions)

    def document(self, kind: str = "identity") -> dict[str, Any]:
        """Return its JSON, as a policy of that kind has it."""
        conditions: dict[str, dict[str, str]] = {}
        for condition in self.conditions:
            conditions.setdefault(condition.operator, {})[condition.key] = condition.value
        out: dict[str, Any] = {"Sid": self.sid} if self.sid else {}
        out["Effect"] = self.effect
        if kind in ("resource", "trust", "rcp"):
            star = "*" in self.principals or kind == "rcp"
            out["Principal"] = "*" if star else _principals(self.principals)
        out["NotAction" if self.but else "Action"] = list(self.actions)
        if kind != "trust":
            out["Resource"] = list(self.resources)
        return out | ({"Condition": conditions} if conditions else {})


def _principals(names: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        if ":saml-provider/" in name or name.startswith("token."):
            kind = "Federated"
        else:
            kind = "Service" if name.endswith(".amazonaws.com") else "AWS"
        found.setdefault(kind, []).append(f"arn:aws:iam::{name}:root" if name.isdigit() else name)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A policy; with an ARN a managed one, else inline."""

    name: str
    statements: tuple[Statement, ...]
    arn: str | None = None

    def document(self, kind: str = "identity") -> dict[str, Any]:
        """Return its JSON."""
        return {
            "Version": "2012-10-17",
            "Statement": [statement.document(kind) for statement in self.statements],
        }


SELF_SERVICE = (
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
)
"""What a policy that demands MFA leaves open, so that a device can be enrolled and used."""


def allow(*actions: str, when: tuple[Condition, ...] = (), on: str = "*") -> Statement:
    return Statement("Allow", actions, when, resources=(on,))


def deny(*actions: str, when: tuple[Condition, ...] = (), on: str = "*") -> Statement:
    return Statement("Deny", actions, when, resources=(on,))


def deny_all_but(*actions: str, when: tuple[Condition, ...], sid: str = "") -> Statement:
    return Statement("Deny", actions, when, but=True, sid=sid)


HOUR = timedelta(hours=1)
