"""Policy files in, findings out: as text, JSON or SARIF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from cloudtrail_mfa.errors import PolicyError
from cloudtrail_mfa.iam.lint import Finding, lint, repair
from cloudtrail_mfa.iam.sarif import sarif
from cloudtrail_mfa.printable import printable
from cloudtrail_mfa.texts import read_text

__all__ = ["LINT_FORMATS", "Linted", "lint_files"]

LINT_FORMATS = ("text", "json", "sarif")
"""The names of the formats."""

_ORDER = ("error", "warning", "note")


@dataclass(slots=True)
class Linted:
    """What was found in some policy files.

    Attributes
    ----------
    findings
        In the order of files and statements; a finding's policy is its file's path.
    texts
        The files that are policies: their text, by path.
    problems
        A sentence for each file that is none, or that cannot be read.
    """

    findings: list[Finding] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def text(self, format_: str) -> str:
        """Return the findings in one of `LINT_FORMATS`, with a line end."""
        if format_ == "sarif":
            log = sarif(self.findings, self.texts, version=version("cloudtrail-mfa"))
            return json.dumps(log, indent=2) + "\n"
        if format_ == "json":
            return json.dumps([_plain(finding) for finding in self.findings], indent=2) + "\n"
        lines = [printable(str(finding)) for finding in self.findings]
        counts = ", ".join(f"{name}s: {self._count(name)}" for name in _ORDER)
        return "\n".join([*lines, f"policies: {len(self.texts)}, {counts}"]) + "\n"

    def repaired(self) -> str:
        """Return the first policy with everything mended that can be, as JSON text."""
        for path, text in self.texts.items():
            return json.dumps(repair(text, name=path), indent=4) + "\n"
        return ""

    def exit_code(self, fail_on: str) -> int:
        """Return 2 where there is no policy, 1 where a finding or a problem counts, else 0."""
        if not self.texts:
            return 2
        severe = () if fail_on == "never" else _ORDER[: _ORDER.index(fail_on) + 1]
        return int(bool(self.problems) or any(map(self._count, severe)))

    def _count(self, severity: str) -> int:
        return sum(finding.rule.severity == severity for finding in self.findings)


def lint_files(paths: Sequence[Path]) -> Linted:
    """Look for mistakes in policy files; one that is no policy is a problem, not an exception."""
    told = Linted()
    for path in paths:
        try:
            text = read_text(path)
            told.findings += lint(text, name=str(path))
            told.texts[str(path)] = text
        except PolicyError as error:
            told.problems.append(str(error))
        except ValueError as error:
            told.problems.append(f"{path}: {error}")
    return told


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule.id,
        "severity": finding.rule.severity,
        "title": finding.rule.title,
        "policy": finding.policy,
        "statement": finding.statement,
        "pointer": finding.pointer,
        "message": finding.message,
        "why": finding.rule.why,
        "page": finding.rule.page,
        "repaired": finding.repaired,
    }
