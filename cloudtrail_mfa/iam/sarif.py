"""Findings as SARIF 2.1.0, which code hosts show beside the lines they are about.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from cloudtrail_mfa.iam.lint import Finding
from cloudtrail_mfa.iam.mistakes import RULES, Rule

__all__ = ["sarif"]

_STATEMENTS = re.compile(r'"Statement"\s*:\s*(?:\[\s*)?')
_BETWEEN = re.compile(r"[\s,]*")


def sarif(findings: Iterable[Finding], texts: Mapping[str, str], *, version: str) -> dict[str, Any]:
    """Return a SARIF log.

    Parameters
    ----------
    findings
        What was found; a finding's policy is the path of its file.
    texts
        The text of each file, by its path.
    version
        The tool's own version.
    """
    lines = {path: _lines(text) for path, text in texts.items()}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "cloudtrail-mfa",
                        "version": version,
                        "rules": [_rule(rule) for rule in RULES.values()],
                    }
                },
                "results": [
                    _result(finding, lines.get(finding.policy, [])) for finding in findings
                ],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "helpUri": rule.page,
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, lines: list[int]) -> dict[str, Any]:
    position = int(finding.pointer.rpartition("/")[2])
    place: dict[str, Any] = {"artifactLocation": {"uri": finding.policy}}
    if position < len(lines):
        place["region"] = {"startLine": lines[position]}
    return {
        "ruleId": finding.rule.id,
        "level": finding.rule.severity,
        "message": {"text": f"{finding.statement}: {finding.message}. {finding.rule.why}"},
        "locations": [
            {
                "physicalLocation": place,
                "logicalLocations": [{"fullyQualifiedName": finding.pointer}],
            }
        ],
    }


def _lines(text: str) -> list[int]:
    """Return the line on which each statement begins; none where that cannot be told."""
    start = _STATEMENTS.search(text)
    if start is None:
        return []
    decoder, at, lines = json.JSONDecoder(), start.end(), []
    try:
        while at < len(text) and text[at] == "{":
            lines.append(text.count("\n", 0, at) + 1)
            _, at = decoder.raw_decode(text, at)
            between = _BETWEEN.match(text, at)
            at = between.end() if between else at
    except ValueError:
        return []
    return lines
