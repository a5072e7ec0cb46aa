"""A recorded call as a request: who asked for what, and in which context."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from cloudtrail_mfa.evidence.context import context_of, iso, recorded_mfa
from cloudtrail_mfa.evidence.parameters import Row
from cloudtrail_mfa.iam.arns import account_of
from cloudtrail_mfa.iam.context import AGE, ISSUED, PRESENT
from cloudtrail_mfa.iam.evaluate import Request
from cloudtrail_mfa.iam.principals import Caller

__all__ = [
    "COLUMNS",
    "World",
    "caller_of",
    "fresh",
    "request_of",
    "resource_of",
    "worlds_of",
]

COLUMNS = (
    "event_time",
    "region",
    "principal_arn",
    "principal_name",
    "principal_id",
    "role_arn",
    "credential_kind",
    "mfa_present",
    "session_started",
    "session_policy",
    "session_tags",
    "invoked_by",
    "source_identity",
    "event_source",
    "operation",
    "iam_action",
    "action_known",
    "action_named",
    "event_action",
    "resource_arn",
    "resource_account",
    "resource_count",
    "request_parameters",
    "source_ip",
    "user_agent",
    "vpc_endpoint_id",
    "over_tls",
)
"""What is looked at of a row of the query ``requests``."""


@dataclass(frozen=True, slots=True)
class World:
    """A request as policies saw it, and as they would have in a session that was just opened."""

    actual: Request
    with_mfa: Request
    without_mfa: Request


def request_of(row: Row, keys: Collection[str]) -> Request | None:
    """Return the request behind a row of ``requests``; None where the row does not name enough.

    Parameters
    ----------
    row
        A row of the query ``requests``; what is null is None.
    keys
        The condition keys, in lower case, that the policies ask for: no others are filled in.
    """
    action, caller = row["iam_action"], caller_of(row)
    if action is None or caller is None:
        return None
    resource = resource_of(row)
    return Request(caller, action, resource, context_of(row, keys), _owner(row, resource))


def resource_of(row: Row) -> str | None:
    """Return what policies compare their resources with; None where the record does not tell."""
    resource: str | None = row["resource_arn"]
    if resource is None or resource == "*":
        return resource
    # IAM's messages say "user bob"; an access point stands for a bucket that it does not name.
    if not resource.startswith("arn:") or ":accesspoint/" in resource:
        return None
    # DeleteObjects names its bucket; its objects are not recorded.
    return None if _is_of_objects(row["iam_action"] or "") and "/" not in resource else resource


def _is_of_objects(action: str) -> bool:
    name = action.lower()
    return name.startswith("s3:") and "object" in name and "bucket" not in name


def _owner(row: Row, resource: str | None) -> str | None:
    """Return the account that owns a resource, as its ARN or the record tells."""
    account: str | None = row["resource_account"]
    return account_of(resource) or account


def worlds_of(request: Request, row: Row) -> tuple[World, ...]:
    """Return a request as policies may have seen it.

    CloudTrail records of a role session whether it was opened with MFA. AWS's guide says that
    policies cannot see that (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html):
    so either of the two may be.
    """
    with_mfa, without = fresh(request, row, mfa=True), fresh(request, row, mfa=False)
    recorded, kind = row["mfa_present"], row["credential_kind"]
    if kind not in ("assumed_role", "workload_role") or recorded not in ("true", "false"):
        return (World(request, with_mfa, without),)
    if request.context.get(PRESENT):  # the request itself carries the code
        return (World(request, with_mfa, without),)
    blind = replace(request, context=request.context.lacking(PRESENT, AGE))
    told = recorded_mfa(row)
    known = {key: values for key, values in told.items() if values}
    absent = [key for key, values in told.items() if values == ()]
    as_recorded = replace(request, context=request.context.having(known).lacking(*absent))
    if kind == "workload_role":  # a session with MFA would be another one than the workload's
        return World(as_recorded, with_mfa, without), World(blind, with_mfa, without)
    return World(as_recorded, with_mfa, without), World(blind, blind, blind)


def fresh(request: Request, row: Row, *, mfa: bool) -> Request:
    """Return the same request, signed with a session that was just opened, with MFA or without."""
    changed: dict[str, Any] = {PRESENT: mfa} | ({AGE: 0} if mfa else {})
    if row["event_time"] is not None:
        changed[ISSUED] = iso(row["event_time"])
    context = request.context.having(changed)
    return replace(request, context=context if mfa else context.lacking(AGE))


def caller_of(row: Row) -> Caller | None:
    """Return who makes a call; None where the record names nobody."""
    arn = row["principal_arn"]
    if row["credential_kind"] == "anonymous":
        return Caller("anonymous")
    if row["credential_kind"] == "aws_service":
        return Caller("service", service=row["invoked_by"])
    return None if arn is None else Caller.of_arn(arn, role_arn=row["role_arn"])
