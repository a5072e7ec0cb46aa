"""The policies of the evidence: their mistakes with MFA, and what mending them would have done."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cloudtrail_mfa.attribution.what_if import WhatIf
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.foresight import what_if
from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.iam.lint import lint, repair
from cloudtrail_mfa.lake import Lake
from cloudtrail_mfa.scope import Filters

__all__ = ["difference", "findings_of", "mended"]

_FINDING = ("policy", "statement", "severity", "rule", "title", "message", "why", "page")
_SEVERITIES = ("error", "warning", "note")
_INDENT = 2
# AWS's own managed policies are not to be changed by anybody else.
_OF_AWS = re.compile(r"arn:[\w-]+:iam::aws:")


def findings_of(evidence: Evidence) -> pd.DataFrame:
    """Return the mistakes with MFA conditions in the policies of some evidence.

    Returns
    -------
    pandas.DataFrame
        A row a mistake, the worst first, with ``policy`` (its name), ``statement``, ``severity``,
        ``rule``, ``title``, ``message``, ``why`` and ``page`` of `Finding` and its rule.
    """
    rows = [
        {
            "policy": finding.policy,
            "statement": finding.statement,
            "severity": finding.rule.severity,
            "rule": finding.rule.id,
            "title": finding.rule.title,
            "message": finding.message,
            "why": finding.rule.why,
            "page": finding.rule.page,
        }
        for policy in _policies(evidence)
        for finding in lint(policy.document, name=policy.name)
    ]
    found = pd.DataFrame(rows, columns=list(_FINDING), dtype="str")
    place = found["severity"].map({name: at for at, name in enumerate(_SEVERITIES)})
    return found.iloc[place.argsort(kind="stable")].reset_index(drop=True)


def mended(lake: Lake, evidence: Evidence, filters: Filters) -> tuple[pd.DataFrame, WhatIf | None]:
    """Mend the policies of some evidence, and replay the lake's calls under them.

    Parameters
    ----------
    filters
        Which calls are replayed.

    Returns
    -------
    pandas.DataFrame
        A row a policy that can be mended without asking what was meant, with ``policy`` (its name),
        ``before`` and ``after`` (JSON text), and ``replayed``: whether its change is in the replay.
        A name that is that of several policies cannot be changed for one of them.
    WhatIf or None
        What all of these changes together would have done; None where there are none.
    """
    policies = [*_policies(evidence)]
    names = [policy.name for policy in policies]
    rows = [
        {
            "policy": policy.name,
            "before": _text(policy.document),
            "after": _text(repair(policy.document, name=policy.name)),
            "replayed": names.count(policy.name) == 1,
        }
        for policy in policies
        if not _OF_AWS.match(policy.name)
    ]
    rows = [row for row in rows if row["before"] != row["after"]]
    frame = pd.DataFrame(rows, columns=["policy", "before", "after", "replayed"])
    chosen = frame[frame["replayed"].astype("bool")]
    new = dict(zip(chosen["policy"], chosen["after"], strict=True))
    return frame, what_if(lake, evidence, new, **filters) if new else None


def _policies(evidence: Evidence) -> Iterator[Policy]:
    """Yield every policy once, in order of name."""
    known = {
        (policy.name, _text(policy.document)): policy
        for account in evidence.accounts.values()
        for policy in account.policies()
    }
    yield from (known[name] for name in sorted(known))


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=_INDENT, ensure_ascii=False)


def difference(row: Mapping[Any, Any]) -> list[str]:
    """Return the lines of a policy that mending changes, with those around them.

    Each begins with ``-``, ``+`` or a blank; ``@@`` begins another place.

    Parameters
    ----------
    row
        Of `mended`.
    """
    sides = row["before"].splitlines(), row["after"].splitlines()
    return [*difflib.unified_diff(*sides, lineterm="")][2:]
