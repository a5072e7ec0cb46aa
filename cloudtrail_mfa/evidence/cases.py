"""Calls as cases: what the policies of the evidence cannot tell apart is one case, decided once."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

import pandas as pd

from cloudtrail_mfa.evidence.context import TIMES, columns_of, mfa_is_in_request, values_of
from cloudtrail_mfa.evidence.needs import Needs, needs_of
from cloudtrail_mfa.evidence.parameters import Row, tags_of
from cloudtrail_mfa.evidence.requests import caller_of, request_of, resource_of
from cloudtrail_mfa.iam.account import Account, Entity
from cloudtrail_mfa.iam.alike import Distinctions
from cloudtrail_mfa.iam.arns import account_of
from cloudtrail_mfa.iam.context import AGE, ISSUED, Context
from cloudtrail_mfa.iam.document import Policy, Principals
from cloudtrail_mfa.iam.evaluate import Policies, Request
from cloudtrail_mfa.iam.services import owner_of_policy

__all__ = ["Accounts", "Case", "Cases"]

Accounts = Mapping[str, Account]
"""What is known of some accounts, by id."""


@dataclass(frozen=True, slots=True)
class Case:
    """A call, as the policies see it.

    Attributes
    ----------
    request
        Who asked for what.
    also
        The same caller's requests that have to be allowed as well.
    needs
        What they come from, and whether nothing else may be needed.
    """

    request: Request
    also: tuple[Request, ...]
    needs: Needs
    session: tuple[Policy, ...] | None
    vpc_endpoint: tuple[Policy, ...] | None

    @property
    def account_id(self) -> str:
        """The caller's account."""
        return self.request.caller.account or ""

    def policies(self, accounts: Accounts, request: Request | None = None) -> Policies:
        """Return the policies that bind one of its requests, else the first."""
        asked = request or self.request
        return accounts[self.account_id].binding(
            asked,
            session=self.session,
            vpc_endpoint=self.vpc_endpoint,
            owner=accounts.get(asked.resource_account or ""),
        )


# What matters whatever the policies ask for.
_ALWAYS = (
    "credential_kind",
    "mfa_present",
    "session_policy",
    "session_tags",
    "invoked_by",
    "event_source",
    "operation",
    "iam_action",
    "action_known",
    "action_named",
    "event_action",
    "resource_account",
    "vpc_endpoint_id",
)
_OF_NEEDS = (
    "credential_kind",
    "event_source",
    "operation",
    "iam_action",
    "event_action",
    "invoked_by",
    "principal_arn",
    "role_arn",
    "resource_arn",
    "resource_count",
    "request_parameters",
)
_TAG = "aws:principaltag/"


class Cases:
    """Tells calls apart as far as some policies do.

    Parameters
    ----------
    states
        The accounts; several times where a change of policies is looked at.
    also
        Other policies that bind some of the calls.
    """

    def __init__(self, *states: Accounts, also: Iterable[Policy] = ()) -> None:
        self._accounts = states[0]
        self._owners = {
            arn: account_id
            for account_id, account in states[0].items()
            for arn in account.resources or ()
        }
        self._callers, self._resources = _callers(states), _resources(states)
        self._tells = Distinctions(
            chain(
                (
                    policy
                    for state in states
                    for each in state.values()
                    for policy in each.policies()
                ),
                also,
            ),
            self._resources,
        )

    def group(self, rows: pd.DataFrame) -> pd.Series[int]:
        """Return a number for each row, the same where no policy tells the calls apart.

        Parameters
        ----------
        rows
            Of the query ``requests``, or of ``denials``.
        """
        seen = {name: rows[name] for name in _ALWAYS}
        seen |= self._times(rows)
        age = AGE.lower()  # an age depends on the request besides its times
        keys = self._tells.keys - (TIMES - {age})
        read = [key for key in sorted(keys) if columns_of({key}) - set(_ALWAYS)]
        columns = {*_OF_NEEDS, *columns_of(read)} - {"event_time", "session_started"}
        # One pass, so that what was asked for is understood once a row.
        seen["rest"] = _numbered(rows, sorted(columns), partial(self._rest, read))
        return pd.DataFrame(seen).groupby(list(seen), dropna=False, sort=False).ngroup()

    def case(self, row: Row, accounts: Accounts | None = None) -> Case | None:
        """Return the case of a row; None where it names too little.

        Parameters
        ----------
        row
            Of the query ``requests``, or of ``denials``; what is null is None.
        accounts
            The accounts at the time of the call, where they were not as given at first.

        Raises
        ------
        KeyError
            If the caller's account is not among the accounts.
        """
        request = request_of(row, self._tells.keys)
        if request is None:
            return None
        account = (accounts or self._accounts)[request.caller.account or ""]
        context = self._tagged(request, account.entity(request), row)
        request = self._owned(replace(request, context=context))
        needs = needs_of(row)
        also = (_beside(request, action, resource) for action, resource in needs.also)
        return Case(
            request,
            tuple(map(self._owned, also)),
            needs,
            () if _brings_no_session_policy(row) else None,
            () if row["vpc_endpoint_id"] is None else None,
        )

    def _owned(self, request: Request) -> Request:
        """Return a request with the owner of its resource, where the accounts tell."""
        if request.resource_account is not None:
            return request
        service = request.action.partition(":")[0]
        owner = self._owners.get(owner_of_policy(request.resource, service) or "")
        return replace(request, resource_account=owner)

    def _rest(self, keys: Sequence[str], row: Row) -> Hashable:
        """Return what else tells rows apart: who, on what, its needs, keys that are no times."""
        needs = needs_of(row)
        touched = resource_of(row), *(arn for _, arn in needs.also)
        return (
            self._caller(row, touched),
            tuple(map(self._tells.resource, touched)),
            tuple(action for action, _ in needs.also),
            needs.closed,
            *(mfa_is_in_request(row) if key in TIMES else values_of(key, row) for key in keys),
        )

    def _caller(self, row: Row, touched: Iterable[str | None]) -> Hashable:
        """Return what tells callers apart: their policies, and names where a resource names some."""
        caller = caller_of(row)
        if caller is None:
            return None
        service = (row["iam_action"] or "").partition(":")[0]
        owners = (owner_of_policy(arn, service) for arn in touched)
        named = any(self._resources.get(owner or "", _NOBODY).names for owner in owners)
        policies = self._callers.get(caller.role_arn or caller.arn, -1)
        return caller if named else (caller.kind, caller.account, policies)

    def _times(self, rows: pd.DataFrame) -> dict[str, pd.Series[Any]]:
        """Return, for each time that policies ask for, between which of their bounds it lies."""
        # In microseconds, as they are stored: nanoseconds end in 2262, and a log may say 2999.
        start = pd.Timestamp("1970-01-01", tz="UTC").as_unit("us")
        now, issued = (
            (rows[name] - start).dt.total_seconds() // 1
            for name in ("event_time", "session_started")
        )
        of = {
            AGE.lower(): [(rows["event_time"] - rows["session_started"]).dt.total_seconds() // 1],
            # A session that is opened now has another time of issue.
            ISSUED.lower(): [issued, now],
            "aws:currenttime": [now],
            "aws:epochtime": [now],
        }
        return {
            f"{key} {number}": times.map(partial(self._tells.value, key), na_action="ignore")
            for key in TIMES & self._tells.keys
            for number, times in enumerate(of[key])
        }

    def _tagged(self, request: Request, entity: Entity | None, row: Row) -> Context:
        """Return the request's context with the tags of who calls, where they are known."""
        asked = [key for key in self._tells.keys if key.startswith(_TAG)]
        tags = _principal_tags(request, entity, row) if asked else None
        if tags is None:
            return request.context
        had = {f"{_TAG}{name.lower()}": value for name, value in tags.items()}
        present = {key: had[key] for key in asked if key in had}
        return request.context.having(present).lacking(*(key for key in asked if key not in had))


@dataclass(frozen=True, slots=True)
class _Listed:
    """A resource that has, or could have, a policy of its own.

    Attributes
    ----------
    account_id
        Who owns it.
    policies
        That policy, in each state; None where there is none.
    names
        Whether one of them speaks of particular callers.
    """

    account_id: str
    policies: tuple[Policy | None, ...]
    names: bool


_NOBODY = _Listed("", (), names=False)


def _resources(states: Sequence[Accounts]) -> dict[str, _Listed]:
    """Return what is listed of resources, roles with their trust policies among them."""
    return {
        arn: _Listed(account_id, found, any(policy and _names(policy) for policy in found))
        for account_id, account in states[0].items()
        for arn in (*(account.resources or ()), *(account.entities or ()))
        for found in [tuple(_policy_of(state[account_id], arn) for state in states)]
    }


def _policy_of(account: Account, arn: str) -> Policy | None:
    entity = (account.entities or {}).get(arn)
    return entity.trust if entity else (account.resources or {}).get(arn)


def _names(policy: Policy) -> bool:
    """Whether a resource's policy speaks of particular callers, or of all but some."""
    return any(
        statement.not_principal is not None
        or (statement.principal is not None and not _is_general(statement.principal))
        for statement in policy.statements
    )


def _is_general(principals: Principals) -> bool:
    others = (*principals.service, *principals.federated, *principals.canonical_user)
    accounts = (text == "*" or text.isdigit() or text.endswith(":root") for text in principals.aws)
    return not others and all(accounts)


def _callers(states: Sequence[Accounts]) -> dict[str, int]:
    """Return a number for each user and role, the same where they have the same policies and tags."""
    numbers: dict[Hashable, int] = {}
    found = {}
    for account_id, account in states[0].items():
        for arn in account.entities or ():
            has = tuple(_has((state[account_id].entities or {})[arn]) for state in states)
            found[arn] = numbers.setdefault(has, len(numbers))
    return found


def _has(entity: Entity) -> Hashable:
    tags = None if entity.tags is None else tuple(sorted(entity.tags.items()))
    return entity.identity, entity.more, entity.boundary, tags


def _principal_tags(request: Request, entity: Entity | None, row: Row) -> Mapping[str, str] | None:
    """Return the tags of who calls: a session's own stand above its role's; None if not known."""
    if request.caller.kind == "root":
        return {}
    if entity is None:
        return None
    if request.caller.kind == "user":
        return entity.tags
    given = _given_tags(row["session_tags"])
    if given is None or entity.tags is None:
        return None
    named = {name.lower() for name in given}
    return {name: tag for name, tag in entity.tags.items() if name.lower() not in named} | given


def _given_tags(text: str | None) -> dict[str, str] | None:
    try:
        found = tags_of(json.loads(text or "null"))
    except (ValueError, RecursionError):
        return None
    return None if found is None else dict(found)


def _beside(request: Request, action: str, resource: str | None) -> Request:
    """Return a request that a call needs besides its own.

    What the record tells of the caller holds for it too; what it tells of the resource, and of the
    operation's own parameters, need not.
    """
    other = resource != request.resource
    context = request.context
    dropped = [
        key
        for key in context.told()
        if not key.startswith("aws:") or (other and key in _OF_RESOURCES)
    ]
    return replace(
        request,
        action=action,
        resource=resource,
        resource_account=account_of(resource) if other else request.resource_account,
        context=context.forgetting(*dropped),
    )


_OF_RESOURCES = frozenset({"aws:resourceaccount", "aws:tagkeys"})


def _brings_no_session_policy(row: Row) -> bool:
    """Whether no policy can have been passed when the session was opened."""
    # Users' own sessions, forwarded or not, take none; only roles and federation tokens do.
    if ":user/" in (row["principal_arn"] or "") or row["credential_kind"] == "root_key":
        return True
    return row["session_policy"] is not None and not row["session_policy"]


def _numbered(
    rows: pd.DataFrame, columns: Sequence[str], look: Callable[[Row], Hashable]
) -> pd.Series[int]:
    """Return a number for each row, the same where a look at some columns gives the same."""
    known: dict[Hashable, int] = {}
    cells = (rows[name].astype(object).where(rows[name].notna(), None) for name in columns)
    numbers = [
        known.setdefault(look(dict(zip(columns, values, strict=True))), len(known))
        for values in zip(*cells, strict=True)
    ]
    return pd.Series(numbers, index=rows.index, dtype="int64")
