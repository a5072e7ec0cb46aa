"""The condition keys of a recorded call: each key, and the columns that it is read from.

A key that the record cannot give is unknown, not absent. What the keys mean:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloudtrail_mfa.evidence.parameters import Row, parameters, tags_in, tags_of
from cloudtrail_mfa.iam.arns import account_of
from cloudtrail_mfa.iam.context import AGE, ISSUED, PRESENT, Context

__all__ = [
    "TIMES",
    "columns_of",
    "context_of",
    "iso",
    "mfa_is_in_request",
    "recorded_mfa",
    "values_of",
]

_Values = tuple[str, ...] | None
"""A key's values: none of them where it is absent, None where the record does not tell."""


@dataclass(frozen=True, slots=True)
class _Key:
    """How a key is read.

    Attributes
    ----------
    read
        Its values, from a row.
    columns
        The columns that it looks at.
    """

    read: Callable[[Row], _Values]
    columns: tuple[str, ...]


def context_of(row: Row, keys: Collection[str]) -> Context:
    """Return what a row tells of some condition keys, given in lower case."""
    told = {key: found.read(row) for key in keys if (found := _key(key))}
    return Context(
        {key: values for key, values in told.items() if values},
        frozenset(key for key, values in told.items() if values == ()),
        complete=False,
    )


def values_of(key: str, row: Row) -> _Values:
    """Return what a row tells of one key, given in lower case."""
    found = _key(key)
    return found.read(row) if found else None


def columns_of(keys: Collection[str]) -> frozenset[str]:
    """Return the columns that the values of some keys depend on."""
    return frozenset(column for key in keys if (found := _key(key)) for column in found.columns)


def _key(key: str) -> _Key | None:
    """Return how a key is read; None where no record gives it."""
    family, slash, name = key.partition("/")
    if slash:
        return _family(family, name)
    if key.startswith("kms:encryptioncontext:"):
        name = key.removeprefix("kms:encryptioncontext:")
        return _Key(lambda row: _one(_encryption_context(row), name), ("request_parameters",))
    return _KEYS.get(key)


def _family(family: str, name: str) -> _Key | None:
    if family != "aws:requesttag":
        return None
    return _Key(lambda row: _one(tags_in(row["request_parameters"]), name), ("request_parameters",))


def _one(found: Mapping[str, str] | None, name: str) -> _Values:
    """Return the value of one name; names are not case sensitive."""
    if found is None:
        return None
    return next(((value,) for key, value in found.items() if key.lower() == name), ())


def _encryption_context(row: Row) -> Mapping[str, str] | None:
    asked = parameters(row)
    if asked is None:
        return None
    found = asked.get("encryptionContext", {})
    return tags_of(found) if isinstance(found, dict) else None


def _parameter(*names: str, absent: bool = True) -> _Key:
    """Return a key whose value is a parameter of the request, under one of its names.

    Parameters
    ----------
    absent
        Whether a request that is recorded and lacks the parameter lacks the key.
    """

    def read(row: Row) -> _Values:
        asked = parameters(row)
        if asked is None:
            return None
        value = next((asked[name] for name in names if name in asked), None)
        if value is None:
            return () if absent else None
        values = value if isinstance(value, list) else [value]
        return tuple(map(str, values))

    return _Key(read, ("request_parameters",))


def _session_is_doubtful(row: Row) -> bool:
    """Whether what the record says of the session's MFA is not what policies saw, for all we know.

    CloudTrail records MFA for role sessions, of which AWS's guide says that policies cannot see
    it, and ``false`` for calls that services forward.
    """
    return row["credential_kind"] in ("assumed_role", "workload_role", "forwarded")


def _may_carry_code(row: Row) -> bool:
    """Whether AssumeRole may have carried a code: what it asked for is not recorded."""
    return (row["iam_action"] or "").lower() == "sts:assumerole" and not (
        row["request_parameters"] or "null"
    ).startswith("{")


def _carries_code(row: Row) -> bool:
    if (row["iam_action"] or "").lower() != "sts:assumerole":
        return False
    return isinstance((parameters(row) or {}).get("serialNumber"), str)


def mfa_is_in_request(row: Row) -> tuple[bool, bool]:
    """Return what the keys of MFA depend on besides the session: whether the request carries it."""
    return _session_is_doubtful(row) or _may_carry_code(row), _carries_code(row)


def recorded_mfa(row: Row) -> dict[str, _Values]:
    """Return the keys of MFA as the record has them, whether or not policies saw them so."""
    return {PRESENT: _recorded_present(row), AGE: _recorded_age(row)}


def _mfa_present(row: Row) -> _Values:
    return None if _session_is_doubtful(row) else _recorded_present(row)


def _recorded_present(row: Row) -> _Values:
    state = row["mfa_present"]
    if state is None or _may_carry_code(row):
        return None
    if _carries_code(row):
        return ("true",)
    return () if state == "absent" else (state,)


def _mfa_age(row: Row) -> _Values:
    return None if _session_is_doubtful(row) else _recorded_age(row)


def _recorded_age(row: Row) -> _Values:
    if _may_carry_code(row) or _carries_code(row):
        return None
    if row["mfa_present"] in ("absent", "false"):
        return ()
    if row["mfa_present"] is None or row["session_started"] is None or row["event_time"] is None:
        return None
    return (str((row["event_time"] - row["session_started"]) // timedelta(seconds=1)),)


def _token_issue_time(row: Row) -> _Values:
    if row["session_started"] is not None:
        return (iso(row["session_started"]),)
    return () if row["credential_kind"] in ("long_term_key", "root_key", "anonymous") else None


def _principal_arn(row: Row) -> _Values:
    arn = row["role_arn"] or row["principal_arn"]
    # Of a session the key is the role's ARN; the session's own does not tell the role's path.
    return None if arn is None or ":assumed-role/" in arn else (arn,)


def _principal_account(row: Row) -> _Values:
    account = (row["principal_arn"] or "").split(":")[4:5]
    return tuple(account) or None


_TYPES = {
    ":user/": "User",
    ":assumed-role/": "AssumedRole",
    ":federated-user/": "FederatedUser",
    ":root": "Account",
}


def _principal_type(row: Row) -> _Values:
    # The table of principal key values, in the page on policy variables:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    if row["credential_kind"] == "anonymous":
        return ("Anonymous",)
    arn = row["principal_arn"] or ""
    return next(((name,) for mark, name in _TYPES.items() if mark in arn), None)


def _username(row: Row) -> _Values:
    if row["principal_arn"] is None:
        return None
    if ":user/" not in row["principal_arn"]:
        return ()
    return None if row["principal_name"] is None else (row["principal_name"],)


def _user_id(row: Row) -> _Values:
    return None if row["principal_id"] is None else (row["principal_id"],)


def _via_service(row: Row) -> _Values:
    if row["credential_kind"] == "forwarded":
        return ("true",)
    # Of other calls that a service had a part in, it is not clear which.
    return ("false",) if row["invoked_by"] is None else None


def _called_via(row: Row) -> _Values:
    return () if row["invoked_by"] is None and row["credential_kind"] != "forwarded" else None


def _is_service(row: Row) -> _Values:
    return (str(row["credential_kind"] == "aws_service").lower(),)


def _of_service(row: Row) -> _Values:
    """Return a key that only calls of a service on its own behalf have."""
    return None if row["credential_kind"] == "aws_service" else ()


def _kms_via(row: Row) -> _Values:
    if row["credential_kind"] != "forwarded":
        return () if row["invoked_by"] is None else None
    name, _, rest = (row["invoked_by"] or "").partition(".")
    if rest != "amazonaws.com" or row["region"] is None:
        return None
    return (f"{name}.{row['region']}.amazonaws.com",)


def _source_identity(row: Row) -> _Values:
    if row["source_identity"] is not None:
        return (row["source_identity"],)
    # A session that has one shows it; what is not a session of a role has none.
    return None if row["credential_kind"] in ("unknown", "cross_account") else ()


def _source_ip(row: Row) -> _Values:
    # Through an endpoint the key is absent, and there is another one.
    if row["vpc_endpoint_id"] is not None:
        return ()
    return (row["source_ip"],) if _is_public(row["source_ip"]) else None


def _source_vpce(row: Row) -> _Values:
    if row["vpc_endpoint_id"] is not None:
        return (row["vpc_endpoint_id"],)
    return () if _is_public(row["source_ip"]) else None


def _source_vpc(row: Row) -> _Values:
    return () if row["vpc_endpoint_id"] is None and _is_public(row["source_ip"]) else None


def _secure_transport(row: Row) -> _Values:
    return ("true",) if row["over_tls"] else None


def _user_agent(row: Row) -> _Values:
    forwarded = row["credential_kind"] == "forwarded"
    if forwarded or row["user_agent"] is None:
        return None
    if row["event_source"] != "s3.amazonaws.com":
        return (row["user_agent"],)
    # S3 puts what it was sent into brackets.
    return (row["user_agent"].removeprefix("[").removesuffix("]"),)


def _region(row: Row) -> _Values:
    return None if row["region"] is None else (row["region"],)


def _resource_account(row: Row) -> _Values:
    owner = account_of(row["resource_arn"]) or row["resource_account"]
    return None if owner is None else (owner,)


def _current_time(row: Row) -> _Values:
    return None if row["event_time"] is None else (iso(row["event_time"]),)


def _epoch_time(row: Row) -> _Values:
    return None if row["event_time"] is None else (str(int(row["event_time"].timestamp())),)


def _tag_keys(row: Row) -> _Values:
    tags = tags_in(row["request_parameters"])
    return None if tags is None else tuple(tags)


def _encryption_keys(row: Row) -> _Values:
    found = _encryption_context(row)
    return None if found is None else tuple(found)


_WHO = ("credential_kind", "invoked_by", "principal_arn", "role_arn")
_MFA = ("credential_kind", "iam_action", "mfa_present", "request_parameters")
TIMES = frozenset({AGE.lower(), ISSUED.lower(), "aws:currenttime", "aws:epochtime"})
"""The keys that hold a time or an age: their values differ in every call."""

_KEYS: dict[str, _Key] = {
    PRESENT.lower(): _Key(_mfa_present, _MFA),
    AGE.lower(): _Key(_mfa_age, (*_MFA, "event_time", "session_started")),
    ISSUED.lower(): _Key(_token_issue_time, ("credential_kind", "session_started", "event_time")),
    "aws:principalarn": _Key(_principal_arn, _WHO),
    "aws:principalaccount": _Key(_principal_account, _WHO),
    "aws:principaltype": _Key(_principal_type, _WHO),
    "aws:principalisawsservice": _Key(_is_service, _WHO),
    "aws:principalservicename": _Key(_of_service, _WHO),
    "aws:principalservicenameslist": _Key(_of_service, _WHO),
    "aws:sourcearn": _Key(_of_service, _WHO),
    "aws:sourceaccount": _Key(_of_service, _WHO),
    "aws:sourceorgid": _Key(_of_service, _WHO),
    "aws:sourceorgpaths": _Key(_of_service, _WHO),
    "aws:username": _Key(_username, ("principal_arn", "principal_name")),
    "aws:userid": _Key(_user_id, ("principal_id",)),
    "aws:sourceidentity": _Key(_source_identity, ("credential_kind", "source_identity")),
    "aws:viaawsservice": _Key(_via_service, _WHO),
    "aws:calledvia": _Key(_called_via, _WHO),
    "aws:calledviafirst": _Key(_called_via, _WHO),
    "aws:calledvialast": _Key(_called_via, _WHO),
    "aws:sourceip": _Key(_source_ip, ("source_ip", "vpc_endpoint_id")),
    "aws:sourcevpce": _Key(_source_vpce, ("source_ip", "vpc_endpoint_id")),
    "aws:sourcevpc": _Key(_source_vpc, ("source_ip", "vpc_endpoint_id")),
    "aws:vpcsourceip": _Key(_source_vpc, ("source_ip", "vpc_endpoint_id")),
    "aws:securetransport": _Key(_secure_transport, ("over_tls",)),
    "aws:useragent": _Key(_user_agent, ("credential_kind", "event_source", "user_agent")),
    "aws:requestedregion": _Key(_region, ("region",)),
    "aws:resourceaccount": _Key(_resource_account, ("resource_arn", "resource_account")),
    "aws:currenttime": _Key(_current_time, ("event_time",)),
    "aws:epochtime": _Key(_epoch_time, ("event_time",)),
    "aws:tagkeys": _Key(_tag_keys, ("request_parameters",)),
    # The services' own, each in its list of the Service Authorization Reference.
    "ec2:region": _Key(_region, ("region",)),
    "iam:awsservicename": _parameter("aWSServiceName", "awsServiceName", absent=False),
    "iam:permissionsboundary": _parameter("permissionsBoundary"),
    "iam:policyarn": _parameter("policyArn", absent=False),
    "kms:calleraccount": _Key(_principal_account, _WHO),
    "kms:encryptioncontextkeys": _Key(_encryption_keys, ("request_parameters",)),
    "kms:viaservice": _Key(_kms_via, ("credential_kind", "invoked_by", "region")),
    "s3:delimiter": _parameter("delimiter"),
    "s3:max-keys": _parameter("max-keys"),
    "s3:prefix": _parameter("prefix"),
    "s3:versionid": _parameter("versionId"),
    "s3:x-amz-acl": _parameter("x-amz-acl", absent=False),
    "s3:x-amz-server-side-encryption": _parameter("x-amz-server-side-encryption", absent=False),
    "sts:externalid": _parameter("externalId"),
    "sts:rolesessionname": _parameter("roleSessionName", absent=False),
    "sts:sourceidentity": _parameter("sourceIdentity"),
    "sts:transitivetagkeys": _parameter("transitiveTagKeys"),
}
"""What each key is read from; a key that is not here a record cannot give."""


def iso(moment: datetime) -> str:
    """Return a time as policies write it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


# Whoever calls from such an address comes through a VPC, whose keys the record does not tell.
_PRIVATE = [
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
]


def _is_public(text: str | None) -> bool:
    """Whether a text is an address that a call can come from, across the internet."""
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return False
    return not any(address in network for network in _PRIVATE)
