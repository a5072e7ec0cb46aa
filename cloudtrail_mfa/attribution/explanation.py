"""One denial told in full."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cloudtrail_mfa.attribution.causes import CAUSES, CERTAINTIES

__all__ = ["Explanation"]

_WIDTH = 96
_WITH_MFA = {
    True: "it would have passed",
    False: "it would have been denied too",
    None: "not known whether it would have passed",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A denial with its cause, the evidence for and against, and the remedy.

    Attributes
    ----------
    denial
        The row of `Lake.denials`.
    """

    denial: pd.Series

    def __str__(self) -> str:
        """Return the story as plain text, times in UTC."""
        row: dict[str, Any] = {
            str(name): None if _is_null(value) else value for name, value in self.denial.items()
        }
        caller = row["principal_name"] or "an unnamed caller"
        lines = [f"{row['event_source']} refused {row['event_name']} to {caller}", ""]
        resource = f" on {row['resource_arn']}" if row["resource_arn"] else ""
        facts = {
            "event": row["event_id"],
            "time": row["event_time"] and f"{row['event_time']:%Y-%m-%d %H:%M:%S} UTC",
            "account": f"{row['account_id'] or 'not known'}, {row['region'] or 'no region'}",
            "caller": row["principal_arn"] or caller,
            "from": f"{row['source_ip']}, {row['user_agent']}",
            "credential": f"{row['credential_kind']} {row['access_key_id'] or ''}",
            "MFA": row["mfa_present"] or "not known",
            "action": f"{row['iam_action'] or 'not known'}{resource}",
            "message": f"{row['error_code']}: {row['error_message'] or 'no message'}",
            "cause": f"{row['cause']}: {CAUSES[row['cause']].meaning}",
            "certainty": f"{row['certainty']}: {CERTAINTIES[row['certainty']]}",
            "with MFA": _WITH_MFA[row["mfa_would_allow"]],
        }
        for name, fact in facts.items():
            lines += _entry(name, str(fact))
        lines += _entry("evidence", *row["evidence"])
        lines += _entry("remedy", row["remedy"])
        return "\n".join(lines)


def _is_null(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and bool(pd.isna(value))


def _entry(name: str, *texts: str) -> list[str]:
    """Return a named entry of a list, its text wrapped beside the name."""
    label, indent = f"{name:<12}", " " * 12
    lines: list[str] = []
    for text in texts:
        # Commands and ARNs are copied from here: they are never broken.
        lines += textwrap.wrap(
            text,
            _WIDTH,
            initial_indent=indent if lines else label,
            subsequent_indent=indent + "  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines
