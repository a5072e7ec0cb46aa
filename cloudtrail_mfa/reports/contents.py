"""What a report tells, as rows: asked of the lake once, before any of it is words."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack

import pandas as pd

from cloudtrail_mfa.attribution.causes import FOR_WANT_OF_MFA
from cloudtrail_mfa.attribution.what_if import WhatIf
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.lake import Lake
from cloudtrail_mfa.output import records
from cloudtrail_mfa.reports.policies import findings_of, mended
from cloudtrail_mfa.scope import Extent, Filters, Scope, TextFilter

__all__ = ["MOST_STORIES", "Contents", "gather", "of_regions"]

MOST_STORIES = 12
"""How many principals have their stories told, the most important first."""

_CALLERS = ("person", "workload", "outsider", "service")
_GROUP = (
    "principal_name",
    "account_id",
    "credential_kind",
    "cause",
    "certainty",
    "mfa_would_allow",
)
_WHO = ["caller", "principal_name", "account_id"]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a report tells.

    Attributes
    ----------
    denials
        Of `Lake.denials`, with ``group``, the number of the row of `groups` that counts it.
    groups
        Of `Lake.summary`, with ``group``, its number, and ``who``, the number of the row of `people`.
    people
        A row for each caller, most important first: ``who`` (its number), ``caller``,
        ``principal_name``, ``account_id``, ``denials``, ``for_mfa`` (those for want of MFA),
        ``first_time``, ``last_time`` and ``told``: whether `stories` holds its story.
    stories
        Of `Lake.timeline`, with ``who``.
    coverage
        Of `Lake.coverage`.
    notes
        Of `Lake.notes`.
    keys
        Of `Lake.credentials`.
    findings
        A row a mistake in a policy of the evidence; see `findings_of`.
    mended
        A row a policy that can be mended; see `mended`.
    change
        What mending them would have done; None where there is nothing to mend.
    gaps
        What the evidence does not tell; None where there is no evidence.
    asked
        The filters that were given.
    made
        When, UTC.
    """

    denials: pd.DataFrame
    groups: pd.DataFrame
    people: pd.DataFrame
    stories: pd.DataFrame
    coverage: pd.DataFrame
    notes: tuple[str, ...]
    keys: pd.DataFrame
    findings: pd.DataFrame
    mended: pd.DataFrame
    change: WhatIf | None
    gaps: tuple[str, ...] | None
    asked: Mapping[str, object]
    made: datetime


def gather(
    lake: Lake,
    *,
    evidence: Evidence | None = None,
    cause: TextFilter = None,
    made: datetime,
    **filters: Unpack[Filters],
) -> Contents:
    """Ask a lake for all that a report tells.

    Parameters
    ----------
    made
        The moment from which ages such as ``7d`` count back.
    """
    scope = Scope.parse(**filters, now=made)
    # An age would be another moment in each question.
    extent: Extent = {
        "since": scope.since,
        "until": scope.until,
        "account": scope.accounts,
        "region": scope.regions,
    }
    chosen: Filters = {**extent, "principal": scope.principals, "event": scope.events}
    denials = lake.denials(cause=cause, evidence=evidence, **chosen)
    groups = lake.summary(cause=cause, evidence=evidence, **chosen)
    denials = denials.assign(group=_numbers(groups, denials))
    groups = groups.assign(group=range(len(groups)))
    people = _people(groups)
    groups = groups.merge(people[[*_WHO, "who"]], on=_WHO, how="left")
    policies = evidence or Evidence()
    repaired, change = mended(lake, policies, chosen)
    return Contents(
        denials,
        groups,
        people,
        _stories(lake, people, evidence, extent),
        lake.coverage(**extent),
        tuple(lake.notes()),
        lake.credentials(evidence=evidence, **chosen),
        findings_of(policies),
        repaired,
        change,
        evidence.gaps if evidence else None,
        _asked(scope, cause),
        made,
    )


def of_regions(coverage: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Return what is recorded in each region, with the remarks that are its ``own``.

    What was said of the whole lake, with whatever numbers, is not said again of its parts.
    """
    said = {_DIGITS.sub("", remark) for remark in coverage["remarks"].head(1).explode().dropna()}
    return [
        {**row, "own": [one for one in row["remarks"] if _DIGITS.sub("", one) not in said]}
        for row in records(coverage[coverage["level"] == "region"])
    ]


_DIGITS = re.compile(r"[\d,]*\d")


def _numbers(groups: pd.DataFrame, denials: pd.DataFrame) -> list[int]:
    """Return for each denial the number of the row of a summary that counts it."""
    of_workload = denials["workload"] & (denials["credential_kind"] != "aws_service")
    sides = (
        groups.assign(of_workload=groups["caller"] == "workload"),
        denials.assign(of_workload=of_workload),
    )
    keys = [*_GROUP, "of_workload"]
    both = pd.concat([side[keys].astype(object) for side in sides], ignore_index=True)
    numbers = both.groupby(keys, dropna=False, sort=False).ngroup()
    return [int(number) for number in numbers[len(groups) :]]


def _people(groups: pd.DataFrame) -> pd.DataFrame:
    """Return the callers: people first, of each kind those whom MFA would help before others."""
    counted = groups.astype({"caller": "str", "account_id": "str"}).assign(
        for_mfa=groups["denials"].where(groups["cause"].isin(FOR_WANT_OF_MFA), 0)
    )
    found = counted.groupby(_WHO, dropna=False, sort=False, as_index=False).agg(
        denials=("denials", "sum"),
        for_mfa=("for_mfa", "sum"),
        first_time=("first_time", "min"),
        last_time=("last_time", "max"),
    )
    found["_place"] = found["caller"].map({name: at for at, name in enumerate(_CALLERS)})
    order = ["_place", "for_mfa", "denials", "principal_name", "account_id"]
    found = found.sort_values(order, ascending=[True, False, False, True, True], ignore_index=True)
    is_a_name = [_can_be_asked(name) for name in found["principal_name"]]
    can_be_told = found["caller"].ne("service") & pd.Series(is_a_name, found.index, dtype="bool")
    told = can_be_told & can_be_told.cumsum().le(MOST_STORIES)
    return found.drop(columns="_place").assign(who=range(len(found)), told=told.astype("bool"))


def _can_be_asked(name: object) -> bool:
    """Whether a name, as a filter, means that name alone: some in hostile logs are patterns."""
    return (
        isinstance(name, str)
        and name.isprintable()
        and name == name.strip() != ""
        and not {*"*?"} & {*name}
    )


def _stories(
    lake: Lake, people: pd.DataFrame, evidence: Evidence | None, extent: Extent
) -> pd.DataFrame:
    told = []
    for row in records(people[people["told"]]):
        account = extent["account"] if row["account_id"] is None else row["account_id"]
        there: Extent = {**extent, "account": account}
        rows = lake.timeline(evidence=evidence, principal=row["principal_name"], **there)
        told.append(rows.assign(who=row["who"]))
    columns = [*lake.describe("timeline")["column"], "who"]
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=columns)


def _asked(scope: Scope, cause: TextFilter) -> dict[str, object]:
    """Return the filters that were given, by the names of what they filter."""
    found: dict[str, object] = {
        "since": scope.since and f"{scope.since:%Y-%m-%d %H:%M:%S} UTC",
        "until": scope.until and f"{scope.until:%Y-%m-%d %H:%M:%S} UTC",
        "account": scope.accounts,
        "region": scope.regions,
        # By this name it is hidden like the name that it is, however short a pattern.
        "principal_name": scope.principals,
        "event": scope.events,
        "cause": (cause,) if isinstance(cause, str) else tuple(cause or ()),
    }
    return {name: value for name, value in found.items() if value}
