"""What loses its protection by MFA when policies change: calls, and actions never called.

An action is protected where policies deny it to a credential that has not passed MFA and would not
deny it to one that has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from cloudtrail_mfa.evidence.cases import Accounts
from cloudtrail_mfa.iam.account import Account, Entity, control_levels
from cloudtrail_mfa.iam.catalog import LEVELS, access_level
from cloudtrail_mfa.iam.classes import classes
from cloudtrail_mfa.iam.context import AGE, ISSUED, PRESENT, Context
from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.iam.evaluate import Policies, Request, evaluate
from cloudtrail_mfa.iam.logic import Truth
from cloudtrail_mfa.iam.principals import Caller

__all__ = ["EXPOSURE_COLUMNS", "exposure"]

EXPOSURE_COLUMNS = {
    "account_id": "account of the user",
    "principal_arn": "the IAM user",
    "principal_name": "its name",
    "credential": (
        "what would get in without MFA: long_term_key, or session_without_mfa (GetSessionToken or"
        " the console)"
    ),
    "iam_action": "the action that is no longer protected",
    "access_level": "what it gives, as AWS classifies it",
    "resource_arn": "the resource whose own policy makes the difference; null for policies of users",
    "certain": "whether on every resource and always; else on some, or sometimes",
    "calls": "recorded calls of that action by that user, refused ones too",
}
"""The columns of an exposure, each with its meaning."""


def exposure(rows: pd.DataFrame, before: Accounts, after: Accounts) -> pd.DataFrame:
    """Tell what loses its protection by MFA.

    Parameters
    ----------
    rows
        Of the query ``requests``: they tell which of the actions are in use.
    before, after
        The accounts as they are, and as they would be.

    Returns
    -------
    pandas.DataFrame
        A row for each IAM user, credential and action, with `EXPOSURE_COLUMNS`; the riskiest
        access levels first, and of each level what is in use. Policies of resources count only
        where they themselves are changed. Role sessions are left out: AWS's guide says that
        policies cannot see MFA there.
    """
    calls = Counter(zip(rows["principal_arn"], rows["iam_action"].str.lower(), strict=True))
    found = [
        {
            "account_id": account_id,
            "principal_arn": loss.arn,
            "principal_name": loss.arn.rpartition("/")[2],
            "credential": loss.credential,
            "iam_action": action,
            "access_level": access_level(action),
            "resource_arn": loss.resource,
            "certain": loss.certain,
            "calls": calls[loss.arn, action.lower()],
        }
        for account_id, account in before.items()
        for loss in _losses(account, after[account_id])
        for action in loss.actions
    ]
    frame = pd.DataFrame(found, columns=list(EXPOSURE_COLUMNS)).astype({"calls": "int64"})
    frame["access_level"] = pd.Categorical(frame["access_level"], LEVELS, ordered=True)
    frame["certain"] = frame["certain"].astype("bool")
    frame["_used"] = frame["calls"] == 0
    order = ["access_level", "_used", "principal_arn", "credential", "iam_action"]
    return frame.sort_values(order, kind="stable", ignore_index=True).drop(columns="_used")


@dataclass(frozen=True, slots=True)
class _Loss:
    """Actions that a user's credential could call without MFA, and could not before."""

    arn: str
    credential: str
    actions: tuple[str, ...]
    certain: bool
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """What binds a user in one state of the accounts."""

    account: Account
    user: Entity
    resource: Policy | None = None

    def allows(self, request: Request, *, must_allow: bool) -> Truth:
        """Whether the user is allowed a request, as far as these policies go."""
        scps = self.account.scps
        policies = Policies(
            identity=self.user.identity,
            boundary=self.user.boundary,
            scps=None if scps is None else control_levels(scps, request),
            resource=(self.resource,) if self.resource else (),
            resource_must_allow=must_allow,
            more=("identity",) if self.user.more else (),
        )
        return evaluate(request, policies).allowed

    def policies(self) -> tuple[Policy, ...]:
        """Return every policy that tells actions apart."""
        own = (*(self.user.identity or ()), *(self.user.boundary or ()))
        return (*own, *(self.account.scps or ()), *([self.resource] if self.resource else ()))


@dataclass(frozen=True, slots=True)
class _Target:
    """What a user may ask for, in both states.

    Attributes
    ----------
    resource
        The resource whose own policy changes; None where that of the user does.
    """

    before: _State
    after: _State
    resource: str | None = None

    @property
    def service(self) -> str:
        """The service of the resource; the empty text for all services."""
        if self.resource is None:
            return ""
        return "sts" if self.assumes else self.resource.split(":")[2]

    @property
    def assumes(self) -> bool:
        """Whether the resource is a role."""
        return self.resource is not None and ":role/" in self.resource

    def classes(self) -> Iterator[tuple[str, ...]]:
        """Yield the actions that count, in classes that the policies cannot tell apart."""
        if self.assumes:
            yield ("sts:AssumeRole",)
            return
        for alike in classes((*self.before.policies(), *self.after.policies())):
            counted = tuple(a for a in alike if self.service in ("", a.partition(":")[0]))
            if counted:
                yield counted


def _losses(before: Account, after: Account) -> Iterator[_Loss]:
    resources = _changed_resources(before, after)
    for arn, user in (before.entities or {}).items():
        if ":user/" not in arn:
            continue
        states = _State(before, user), _State(after, (after.entities or {})[arn])
        targets = [_Target(*states)] if _differ(*states) else []
        targets += [
            _Target(replace(states[0], resource=one), replace(states[1], resource=other), name)
            for name, (one, other) in resources.items()
        ]
        for target in targets:
            yield from _of(user, target)


def _differ(before: _State, after: _State) -> bool:
    return before.user != after.user or before.account.scps != after.account.scps


def _changed_resources(
    before: Account, after: Account
) -> Mapping[str, tuple[Policy | None, Policy | None]]:
    """Return the resources whose own policy changes, roles with their trust policies among them."""
    pairs = {
        arn: (policy, (after.resources or {}).get(arn))
        for arn, policy in (before.resources or {}).items()
    }
    pairs |= {
        arn: (entity.trust, (after.entities or {})[arn].trust)
        for arn, entity in (before.entities or {}).items()
    }
    return {arn: pair for arn, pair in pairs.items() if pair[0] != pair[1]}


def _of(user: Entity, target: _Target) -> Iterator[_Loss]:
    for credential, without in _credentials(user).items():
        with_mfa = without.having({PRESENT: True, AGE: 0})
        for alike in target.classes():
            loses = _loses(user, target, alike[0], without, with_mfa)
            if loses is not False:
                yield _Loss(user.arn, credential, alike, loses is True, target.resource)


def _credentials(user: Entity) -> Mapping[str, Context]:
    """Return the context of a user's credentials that have not passed MFA."""
    known = Context.of(
        {
            "aws:PrincipalArn": user.arn,
            "aws:PrincipalAccount": user.arn.split(":")[4],
            "aws:PrincipalType": "User",
            "aws:username": user.arn.rpartition("/")[2],
            "aws:ViaAWSService": False,
            **{f"aws:PrincipalTag/{name}": value for name, value in (user.tags or {}).items()},
        },
        absent=["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"],
        complete=False,
    )
    return {
        "long_term_key": known.lacking(PRESENT, AGE, ISSUED),
        "session_without_mfa": known.having({PRESENT: False}).lacking(AGE),
    }


def _loses(
    user: Entity, target: _Target, action: str, without: Context, with_mfa: Context
) -> Truth:
    """Whether an action is protected before and not after; None for some resources or times."""
    resource = target.resource if target.assumes else None
    request = Request(Caller.of_arn(user.arn), action, resource, without)
    must = target.service in ("kms", "sts")
    if target.before.allows(request, must_allow=must) is not False:
        return False
    if target.before.allows(replace(request, context=with_mfa), must_allow=must) is False:
        return False
    return target.after.allows(request, must_allow=must)
