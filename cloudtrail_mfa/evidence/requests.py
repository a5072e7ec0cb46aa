"""A recorded call as a request: who asked for what, and what the record tells of its context.

A key that the record cannot give is unknown, not absent. What the keys mean:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from cloudtrail_mfa.iam.context import Context
from cloudtrail_mfa.iam.evaluate import Request
from cloudtrail_mfa.iam.principals import Caller

__all__ = ["MFA_KEYS", "fresh_mfa", "request_of"]

PRESENT, AGE, ISSUED = (
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:TokenIssueTime",
)
MFA_KEYS = (PRESENT, AGE, ISSUED)
"""The keys that change when a call is signed with a session that has just passed MFA."""

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
    return Request(caller, action, resource, _context(row, keys))


def fresh_mfa(request: Request, row: _Row) -> Request:
    """Return the same request, signed with a session that had just passed MFA."""
    now = _iso(row["event_time"])
    changed = {PRESENT: True, AGE: 0} | ({ISSUED: now} if now else {})
    return Request(
        request.caller,
        request.action,
        request.resource,
        request.context.having(changed),
        request.resource_account,
    )


def _caller(row: _Row) -> Caller | None:
    arn = row["principal_arn"]
    if row["credential_kind"] == "anonymous":
        return Caller("anonymous")
    if row["credential_kind"] == "aws_service":
        return Caller("service", service=row["invoked_by"])
    return None if arn is None else Caller.of_arn(arn, role_arn=row["role_arn"])


def _context(row: _Row, keys: Collection[str]) -> Context:
    present, absent = _mfa(row)
    for found, gone in (_who(row), _where(row)):
        present |= found
        absent |= gone
    return Context.of(
        {key: value for key, value in present.items() if key.lower() in keys},
        absent=[key for key in absent if key.lower() in keys],
        complete=False,
    )


_Keys = tuple[dict[str, Any], set[str]]


def _mfa(row: _Row) -> _Keys:
    started, state = row["session_started"], row["mfa_present"]
    if state == "absent":
        signed_with_key = row["credential_kind"] in ("long_term_key", "root_key", "anonymous")
        issued = {ISSUED: _iso(started)} if started else {}
        return issued, {PRESENT, AGE} | ({ISSUED} if signed_with_key else set())
    present: dict[str, Any] = {} if started is None else {ISSUED: _iso(started)}
    if state is None:
        return present, set()
    present[PRESENT] = state
    if state == "false":
        return present, {AGE}
    if started is not None and row["event_time"] is not None:
        present[AGE] = int((row["event_time"] - started).total_seconds())
    return present, set()


def _who(row: _Row) -> _Keys:
    arn, name = row["principal_arn"], row["principal_name"]
    if arn is None:
        return {}, set()
    present: dict[str, Any] = {
        "aws:PrincipalArn": row["role_arn"] or arn,
        "aws:PrincipalAccount": arn.split(":")[4],
        "aws:PrincipalIsAWSService": False,
    }
    is_user = ":user/" in arn
    if is_user and name is not None:
        present |= {"aws:username": name, "aws:PrincipalType": "User"}
    return present, set() if is_user else {"aws:username"}


def _where(row: _Row) -> _Keys:
    forwarded = row["credential_kind"] == "forwarded"
    present: dict[str, Any] = {"aws:ViaAWSService": forwarded}
    absent: set[str] = set() if forwarded else {"aws:CalledVia", "aws:CalledViaFirst"}
    if row["region"] is not None:
        present["aws:RequestedRegion"] = row["region"]
    if row["user_agent"] is not None and not forwarded:
        present["aws:UserAgent"] = row["user_agent"]
    if row["event_time"] is not None:
        now = row["event_time"]
        present |= {"aws:CurrentTime": _iso(now), "aws:EpochTime": int(now.timestamp())}
    if row["vpc_endpoint_id"] is not None:
        present["aws:SourceVpce"] = row["vpc_endpoint_id"]
    else:
        absent |= {"aws:SourceVpce", "aws:VpcSourceIp", "aws:SourceVpc"}
        if _is_address(row["source_ip"]):
            present["aws:SourceIp"] = row["source_ip"]
    return present, absent


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _is_address(text: str | None) -> bool:
    try:
        ipaddress.ip_address(text or "")
    except ValueError:
        return False
    return True
