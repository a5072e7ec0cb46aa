"""A recorded call as a request: who asked for what, and what the record tells of its context.

A key that the record cannot give is unknown, not absent. What the keys mean:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from cloudtrail_mfa.iam.context import AGE, ISSUED, PRESENT, Context
from cloudtrail_mfa.iam.evaluate import Request
from cloudtrail_mfa.iam.principals import Caller

__all__ = ["COLUMNS", "fresh", "request_of"]

COLUMNS = (
    "event_time",
    "region",
    "principal_arn",
    "principal_name",
    "role_arn",
    "credential_kind",
    "mfa_present",
    "session_started",
    "session_policy",
    "invoked_by",
    "iam_action",
    "action_known",
    "resource_arn",
    "resources",
    "request_parameters",
    "source_ip",
    "user_agent",
    "vpc_endpoint_id",
)
"""What is looked at of a row of the query ``denials``."""

_Row = Mapping[str, Any]


def request_of(row: _Row, keys: Collection[str]) -> Request | None:
    """Return the request behind a row of ``denials``; None where the row does not name enough.

    Parameters
    ----------
    row
        A row of the query ``denials``; what is null is None.
    keys
        The condition keys, in lower case, that the policies ask for: no others are filled in.
    """
    action, caller = row["iam_action"], _caller(row)
    if action is None or caller is None:
        return None
    resource = row["resource_arn"]
    if resource is not None and resource != "*" and not resource.startswith("arn:"):
        resource = None  # IAM's messages say "user bob"
    if resource not in (None, "*") and _is_of_objects(action) and "/" not in resource:
        resource = None  # DeleteObjects names its bucket; its objects are not recorded
    return Request(caller, action, resource, _context(row, keys), _owner(row, resource))


def _is_of_objects(action: str) -> bool:
    name = action.lower()
    return name.startswith("s3:") and "object" in name and "bucket" not in name


def _owner(row: _Row, resource: str | None) -> str | None:
    """Return the account that owns a resource, as its ARN or the record tells."""
    in_arn = (resource or "").split(":")[4:5]
    if in_arn and in_arn[0].isdigit():
        return in_arn[0]
    try:
        recorded = json.loads(row["resources"] or "[]")
        owners = {found["accountId"] for found in recorded if "accountId" in found}
    except (ValueError, TypeError, RecursionError):
        return None
    return str(owners.pop()) if len(owners) == 1 else None


def fresh(request: Request, row: _Row, *, mfa: bool) -> Request:
    """Return the same request, signed with a session that was just opened, with MFA or without."""
    changed: dict[str, Any] = {PRESENT: mfa} | ({AGE: 0} if mfa else {})
    if row["event_time"] is not None:
        changed[ISSUED] = _iso(row["event_time"])
    context = request.context.having(changed)
    return replace(request, context=context if mfa else context.lacking(AGE))


def _caller(row: _Row) -> Caller | None:
    arn = row["principal_arn"]
    if row["credential_kind"] == "anonymous":
        return Caller("anonymous")
    if row["credential_kind"] == "aws_service":
        return Caller("service", service=row["invoked_by"])
    return None if arn is None else Caller.of_arn(arn, role_arn=row["role_arn"])


def _context(row: _Row, keys: Collection[str]) -> Context:
    told = {key: _KEYS[key](row) for key in keys if key in _KEYS}
    return Context(
        {key: values for key, values in told.items() if values},
        frozenset(key for key, values in told.items() if values == ()),
        complete=False,
    )


_Values = tuple[str, ...] | None
"""A key's values: none of them where it is absent, None where the record does not tell."""


def _mfa_is_doubtful(row: _Row) -> bool:
    """Whether what the record says of MFA is not what policies saw, for all that is known.

    CloudTrail records MFA for role sessions, of which AWS's guide says that policies cannot see
    it, and ``false`` for calls that services forward. AssumeRole itself may carry the code.
    """
    return row["credential_kind"] in ("assumed_role", "forwarded") or (
        row["iam_action"].lower() == "sts:assumerole"
        and not (row["request_parameters"] or "null").startswith("{")
    )


def _carries_code(row: _Row) -> bool:
    return row["iam_action"].lower() == "sts:assumerole" and '"serialNumber"' in (
        row["request_parameters"] or ""
    )


def _mfa_present(row: _Row) -> _Values:
    state = row["mfa_present"]
    if state is None or _mfa_is_doubtful(row):
        return None
    if _carries_code(row):
        return ("true",)
    return () if state == "absent" else (state,)


def _mfa_age(row: _Row) -> _Values:
    if _mfa_is_doubtful(row) or _carries_code(row):
        return None
    if row["mfa_present"] in ("absent", "false"):
        return ()
    if row["mfa_present"] is None or row["session_started"] is None or row["event_time"] is None:
        return None
    return (str(int((row["event_time"] - row["session_started"]).total_seconds())),)


def _token_issue_time(row: _Row) -> _Values:
    if row["session_started"] is not None:
        return (_iso(row["session_started"]),)
    return () if row["credential_kind"] in ("long_term_key", "root_key", "anonymous") else None


def _principal_arn(row: _Row) -> _Values:
    arn = row["role_arn"] or row["principal_arn"]
    # Of a session the key is the role's ARN; the session's own does not tell the role's path.
    return None if arn is None or ":assumed-role/" in arn else (arn,)


def _principal_account(row: _Row) -> _Values:
    account = (row["principal_arn"] or "").split(":")[4:5]
    return tuple(account) or None


def _is_user(row: _Row) -> bool | None:
    return None if row["principal_arn"] is None else ":user/" in row["principal_arn"]


def _username(row: _Row) -> _Values:
    if not _is_user(row):
        return () if _is_user(row) is False else None
    return None if row["principal_name"] is None else (row["principal_name"],)


def _via_service(row: _Row) -> _Values:
    return (str(row["credential_kind"] == "forwarded").lower(),)


def _called_via(row: _Row) -> _Values:
    return None if row["credential_kind"] == "forwarded" else ()


def _source_ip(row: _Row) -> _Values:
    # Through an endpoint the key is absent, and there is another one.
    if row["vpc_endpoint_id"] is not None:
        return ()
    return (row["source_ip"],) if _is_address(row["source_ip"]) else None


def _source_vpce(row: _Row) -> _Values:
    return () if row["vpc_endpoint_id"] is None else (row["vpc_endpoint_id"],)


def _source_vpc(row: _Row) -> _Values:
    return () if row["vpc_endpoint_id"] is None else None


def _user_agent(row: _Row) -> _Values:
    forwarded = row["credential_kind"] == "forwarded"
    if forwarded or row["user_agent"] is None:
        return None
    # S3 puts what it was sent into brackets.
    return (row["user_agent"].removeprefix("[").removesuffix("]"),)


def _region(row: _Row) -> _Values:
    return None if row["region"] is None else (row["region"],)


def _current_time(row: _Row) -> _Values:
    return None if row["event_time"] is None else (_iso(row["event_time"]),)


def _epoch_time(row: _Row) -> _Values:
    return None if row["event_time"] is None else (str(int(row["event_time"].timestamp())),)


_KEYS: dict[str, Callable[[_Row], _Values]] = {
    PRESENT.lower(): _mfa_present,
    AGE.lower(): _mfa_age,
    ISSUED.lower(): _token_issue_time,
    "aws:principalarn": _principal_arn,
    "aws:principalaccount": _principal_account,
    "aws:principaltype": lambda row: ("User",) if _is_user(row) else None,
    "aws:principalisawsservice": lambda row: (
        str(row["credential_kind"] == "aws_service").lower(),
    ),
    "aws:username": _username,
    "aws:viaawsservice": _via_service,
    "aws:calledvia": _called_via,
    "aws:calledviafirst": _called_via,
    "aws:calledvialast": _called_via,
    "aws:sourceip": _source_ip,
    "aws:sourcevpce": _source_vpce,
    "aws:sourcevpc": _source_vpc,
    "aws:vpcsourceip": _source_vpc,
    "aws:useragent": _user_agent,
    "aws:requestedregion": _region,
    "aws:currenttime": _current_time,
    "aws:epochtime": _epoch_time,
}
"""What each key is read from; a key that is not here a record cannot give."""


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _is_address(text: str | None) -> bool:
    try:
        ipaddress.ip_address(text or "")
    except ValueError:
        return False
    return True
