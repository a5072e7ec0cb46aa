"""Calls as cases: what the policies of the evidence cannot tell apart is one case, decided once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from cloudtrail_mfa.evidence.context import TIMES, Row, columns_of, tags_in, values_of
from cloudtrail_mfa.evidence.needs import Needs, needs_of
from cloudtrail_mfa.evidence.requests import account_of, request_of
from cloudtrail_mfa.iam.account import Account, Entity
from cloudtrail_mfa.iam.alike import Distinctions
from cloudtrail_mfa.iam.context import AGE, ISSUED, Context
from cloudtrail_mfa.iam.document import Policy
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
    "principal_arn",
    "principal_name",
    "role_arn",
    "credential_kind",
    "mfa_present",
    "session_policy",
    "session_tags",
    "invoked_by",
    "event_source",
    "event_name",
    "iam_action",
    "action_known",
    "action_named",
    "event_action",
    "resource_account",
    "vpc_endpoint_id",
)
_OF_NEEDS = (
    "event_source",
    "event_name",
    "iam_action",
    "event_action",
    "principal_arn",
    "resource_arn",
    "request_parameters",
)
_TAG = "aws:principaltag/"


class Cases:
    """Tells calls apart as far as some policies do.

    Parameters
    ----------
    states
        The accounts; several times where a change of policies is looked at.
    """

    def __init__(self, *states: Accounts) -> None:
        self._accounts = states[0]
        self._owners = {
            arn: account_id
            for account_id, account in states[0].items()
            for arn in account.resources or ()
        }
        self._tells = Distinctions(
            policy
            for state in states
            for account in state.values()
            for policy in account.policies()
        )

    def group(self, rows: pd.DataFrame) -> pd.Series[int]:
        """Return a number for each row, the same where no policy tells the calls apart.

        Parameters
        ----------
        rows
            Of the query ``requests``, or of ``denials``.
        """
        seen = {name: rows[name] for name in _ALWAYS}
        tells = self._tells
        seen["resource_arn"] = _numbered(rows, ["resource_arn", "iam_action"], self._resource)
        seen["needs"] = _numbered(rows, _OF_NEEDS, self._needs)
        seen |= self._times(rows)
        for key in tells.keys - TIMES:
            columns = columns_of({key})
            if columns - set(_ALWAYS) - {"resource_arn"}:
                seen[key] = _numbered(rows, sorted(columns), partial(values_of, key))
        return pd.DataFrame(seen).groupby(list(seen), dropna=False, sort=False).ngroup()

    def case(self, row: Row) -> Case | None:
        """Return the case of a row; None where it names too little.

        Raises
        ------
        KeyError
            If the caller's account is not among the accounts.
        """
        request = request_of(row, self._tells.keys)
        if request is None:
            return None
        account = self._accounts[request.caller.account or ""]
        context = self._tagged(request, account.entity(request), row)
        request = self._owned(replace(request, context=context))
        needs = needs_of(row)
        also = (
            replace(
                request, action=action, resource=resource, resource_account=account_of(resource)
            )
            for action, resource in needs.also
        )
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

    def _resource(self, row: Row) -> Hashable:
        arn = row["resource_arn"]
        return self._tells.resource(arn if arn is None or arn.startswith("arn:") else "*")

    def _needs(self, row: Row) -> Hashable:
        needs = needs_of(row)
        likeness = tuple((action, self._tells.resource(arn)) for action, arn in needs.also)
        return likeness, needs.closed

    def _times(self, rows: pd.DataFrame) -> dict[str, pd.Series[Any]]:
        """Return, for each time that policies ask for, between which of their bounds it lies."""
        start = pd.Timestamp(0, tz="UTC")
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


def _principal_tags(request: Request, entity: Entity | None, row: Row) -> Mapping[str, str] | None:
    """Return the tags of who calls: a session's own stand above its role's; None if not known."""
    if request.caller.kind == "root":
        return {}
    if entity is None:
        return None
    if request.caller.kind == "user":
        return entity.tags
    given = tags_in(row["session_tags"])
    return None if given is None else {**entity.tags, **given}


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
