"""One denial told in full."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import pandas as pd

from cloudtrail_mfa import markup
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

    def in_zone(self, zone: tzinfo) -> Explanation:
        """Return the same, told in the time of another zone."""
        time: Any = self.denial.get("event_time")
        if _is_null(time):
            return self
        denial = self.denial.astype(object)
        denial["event_time"] = time.tz_convert(zone)
        return Explanation(denial)

    def __str__(self) -> str:
        """Return the story as plain text, the time in UTC or in the zone that was asked for."""
        lines = [printable(self._title()), ""]
        for name, fact in self._facts().items():
            lines += _entry(name, printable(fact))
        lines += _entry("evidence", *map(printable, self.denial["evidence"]))
        lines += _entry("remedy", printable(self.denial["remedy"]), commands=True)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the story as HTML, for notebooks."""
        facts = {name: markup.text(fact) for name, fact in self._facts().items()}
        facts["evidence"] = markup.listed(map(markup.text, self.denial["evidence"]))
        facts["remedy"] = markup.commands(self.denial["remedy"])
        return markup.block(self._title(), facts=facts)

    def _known(self, *names: str) -> str:
        """Return the first of these that is known, as text."""
        values = (self.denial.get(name) for name in names)
        return next((str(value) for value in values if not _is_null(value)), "not known")

    def _title(self) -> str:
        service, call = self._known("event_source"), self._known("event_name")
        return f"{service} refused {call} to {self._known('principal_name', 'principal_arn')}"

    def _facts(self) -> dict[str, str]:
        known = self._known
        row = {str(name): value for name, value in self.denial.items() if not _is_null(value)}
        resource = f" on {row['resource_arn']}" if "resource_arn" in row else ""
        return {
            "event": known("event_id"),
            "time": _told(row["event_time"]) if "event_time" in row else "not known",
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


def _told(time: pd.Timestamp) -> str:
    """Return a time with its zone, and its offset where that is not UTC's."""
    text = time.isoformat(sep=" ", timespec="seconds")
    # With an offset no time is told twice where clocks are set back.
    return f"{text.removesuffix('+00:00')} {time.tz}"


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
    entries = [_with_commands(text) if commands else _wrapped(text) for text in texts]
    lines = [line for entry in entries for line in entry] or ["(empty)"]
    labels = [f"{name:<{_INDENT}}", *[" " * _INDENT] * (len(lines) - 1)]
    return [label + line for label, line in zip(labels, lines, strict=True)]


def _with_commands(text: str) -> list[str]:
    lines: list[str] = []
    for number, part in enumerate(text.split("`")):
        # A command, between backticks, is copied from here: it has a line of its own.
        if number % 2:
            lines.append(f"    {part}")
        elif part.strip(" .,:"):
            lines += _wrapped(part.strip(" ,").lstrip(". "))
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH - _INDENT,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
