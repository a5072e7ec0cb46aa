"""What AWS puts together when a call comes: who signed, in which context, bound by which policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.scenarios.decide import Kind
from tests.scenarios.policies import Context, Policy
from tests.scenarios.world import Account, Caller

__all__ = ["bound_by", "context_of", "signed"]


def bound_by(
    caller: Caller,
    home: Account,
    policies_of: str | None = None,
    seen: Sequence[Policy] | None = None,
) -> dict[Kind, tuple[Policy, ...]]:
    """Return the policies that bind a call, those of the organization apart.

    Parameters
    ----------
    home
        The account that the resource is of.
    policies_of
        ARN of what may have a policy of its own.
    seen
        The caller's policies, where AWS does not know the latest yet.
    """
    principal = caller.principal
    bound: dict[Kind, tuple[Policy, ...]] = {
        "identity": tuple(principal.bound_by() if seen is None else seen)
    }
    if principal.boundary:
        bound["boundary"] = (principal.boundary,)
    if caller.session_policy:
        bound["session"] = (caller.session_policy,)
    if found := home.resources.get(policies_of or ""):
        bound["resource"] = (found,)
    return bound


def context_of(
    caller: Caller,
    now: datetime,
    ip: str | None,
    region: str = "us-east-1",
    sse: str | None = None,
    item: str | None = None,
    resource_tags: Mapping[str, str] | None = None,
) -> Context:
    """Return what policies see of a call."""
    age = None
    if caller.mfa and caller.issued:
        age = int((now - caller.issued).total_seconds())
    return Context(
        now,
        caller.mfa,
        age,
        caller.issued,
        ip,
        region,
        caller.forwarded,
        sse,
        item,
        caller.principal.tags,
        resource_tags or {},
    )


def signed(caller: Caller) -> dict[str, Any]:
    """Return what a call has of the credentials that sign it."""
    return {
        "long_term": caller.long_term,
        "forwarded": caller.forwarded,
        "session_token": caller.session_token,
        "blind": caller.blind,
        "is_root": caller.principal.name == "root",
    }
