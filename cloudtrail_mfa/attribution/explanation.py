"""One denial told in full."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cloudtrail_mfa.attribution.causes import CAUSES, CERTAINTIES, OF_TEN
from cloudtrail_mfa.printable import printable

__all__ = ["WITH_MFA", "Explanation"]

_WIDTH, _INDENT = 96, 12
WITH_MFA = {
    True: "it would have passed",
    False: "it would have been denied too",
    None: "not known whether it would have passed",
}
"""What ``mfa_would_allow`` says, in words."""


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
        row = {str(name): value for name, value in self.denial.items() if not _is_null(value)}

        def known(*names: str) -> str:
            return next((str(row[name]) for name in names if name in row), "not known")

        service, call = known("event_source"), known("event_name")
        resource = f" on {row['resource_arn']}" if "resource_arn" in row else ""
        time = f"{row['event_time']:%Y-%m-%d %H:%M:%S} UTC" if "event_time" in row else "not known"
        title = f"{service} refused {call} to {known('principal_name', 'principal_arn')}"
        lines = [printable(title), ""]
        facts = {
            "event": known("event_id"),
            "time": time,
            "account": f"{known('account_id')}, region {known('region')}",
            "caller": known("principal_arn", "principal_name"),
            "from": f"{known('source_ip')}, {known('user_agent')}",
            "credential": f"{known('credential_kind')} {row.get('access_key_id', '')}".rstrip(),
            "MFA": known("mfa_present"),
            "action": f"{known('iam_action')}{resource}",
            "message": f"{known('error_code')}: {row.get('error_message', 'no message')}",
            "cause": f"{row['cause']}: {CAUSES[row['cause']].meaning}",
            "certainty": f"{row['certainty']}: {_meaning(row)}",
            "with MFA": WITH_MFA[row.get("mfa_would_allow")],
        }
        for name, fact in facts.items():
            lines += _entry(name, printable(fact))
        lines += _entry("evidence", *map(printable, row["evidence"]))
        lines += _entry("remedy", printable(row["remedy"]), commands=True)
        return "\n".join(lines)


def _meaning(row: Mapping[str, Any]) -> str:
    """Return what the certainty means; of what is inferred, how often that is right."""
    meaning = CERTAINTIES[row["certainty"]]
    if row["certainty"] != "inferred" or row["cause"] not in OF_TEN:
        return meaning
    return f"{meaning}; right in {OF_TEN[row['cause']]} of 10 made-up denials"


def _is_null(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and bool(pd.isna(value))


def _entry(name: str, *texts: str, commands: bool = False) -> list[str]:
    """Return a named entry of a list, its text wrapped beside the name."""
    parts = [text.split("`") if commands else [text] for text in texts]
    lines = [line for part in parts for line in _wrapped(part)]
    labels = [f"{name:<{_INDENT}}", *[" " * _INDENT] * (len(lines) - 1)]
    return [label + line for label, line in zip(labels, lines, strict=True)]


def _wrapped(parts: list[str]) -> list[str]:
    lines: list[str] = []
    for number, part in enumerate(parts):
        # A command, between backticks, is copied from here: it has a line of its own.
        if number % 2:
            lines.append(f"    {part}")
        elif part.strip(" .,:"):
            lines += textwrap.wrap(
                part.strip(" ,").lstrip(". "),
                _WIDTH - _INDENT,
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines
