"""What was found of every file that digests are about: rows, and sentences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from cloudtrail_mfa.archive.coverage import Span, utc
from cloudtrail_mfa.archive.decode import Unreadable
from cloudtrail_mfa.archive.sources import why_unread
from cloudtrail_mfa.printable import printable

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CHECK_COLUMNS",
    "DIGEST_OUTCOMES",
    "LOG_OUTCOMES",
    "Check",
    "Outcome",
    "Verification",
    "why",
]

Kind = Literal["digest", "log"]
Outcome = Literal[
    "invalid",
    "changed",
    "ambiguous",
    "missing",
    "gap",
    "foreign",
    "unverifiable",
    "uncovered",
    "verified",
    "unchanged",
]

DIGEST_OUTCOMES: dict[Outcome, str] = {
    "invalid": "CloudTrail did not write it so, or it cannot be read",
    "missing": "a digest names it as the one before it, and it is not here",
    "gap": "the chain was started anew: no digest covers the time between",
    "unverifiable": "neither can be shown; what it says of log files proves nothing",
    "verified": "it is as CloudTrail signed it",
}
"""What may become of a digest, worst first."""

LOG_OUTCOMES: dict[Outcome, str] = {
    "changed": "its content is not what its digest says",
    "ambiguous": "it may be several files that digests name, and its content is that of none",
    "missing": "a digest names it, and it is not here",
    "foreign": "no digest names it, though one should if CloudTrail had delivered it",
    "unverifiable": "it is as its digest says, but that digest is not verified; or cannot be read",
    "uncovered": "no digest names it, and none covers the time of its delivery",
    "unchanged": "a verified digest says that it is as CloudTrail delivered it",
}
"""What may become of a log file, worst first."""

CHECK_COLUMNS = {
    "kind": "`digest` or `log`",
    "outcome": "what became of it",
    "path": "the file; empty where it is missing",
    "place": "bucket and key, as a digest names it",
    "reason": "why, as a sentence",
    "digest": "of a log file, the digest that names it",
    "sha256": "of the content that was found",
    "expected_sha256": "of the content, as the digest says",
    "start": "of a digest or gap, the beginning of the time that it covers, UTC",
    "end": "its end, UTC",
    "account_id": "whose log files they are",
    "region": "from which they were delivered",
}
"""The columns of `Verification.frame`, with their meaning."""

_GOOD: tuple[Outcome, ...] = ("verified", "unchanged")
# Where much is so, each is a row; the text tells how many, and the first.
_COUNTED: tuple[Outcome, ...] = ("unverifiable", "uncovered")
_ABSENT: tuple[Outcome, ...] = ("missing", "gap")
_KINDS: dict[Kind, str] = {"digest": "digests", "log": "log files"}
_WORDS: dict[Outcome, str] = {"unverifiable": "not verifiable", "uncovered": "not covered"}


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a digest or log file that is here or should be; see `CHECK_COLUMNS`."""

    kind: Kind
    outcome: Outcome
    path: str | None = None
    place: str | None = None
    reason: str = ""
    digest: str | None = None
    sha256: str | None = None
    expected_sha256: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    account_id: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of every file of an archive; the counts add up.

    Attributes
    ----------
    checks
        One `Check` for each file that the sources name, and for each that is missing; the worst
        first.
    spans
        The chains of digests: from when to when, and how many.
    outside
        How many files the filters left out.
    """

    checks: Sequence[Check]
    spans: Sequence[Span] = ()
    outside: int = 0

    @property
    def intact(self) -> bool:
        """Whether every file is proven to be as CloudTrail delivered it, and none is missing."""
        return bool(self.checks) and all(check.outcome in _GOOD for check in self.checks)

    def of(self, outcome: Outcome, kind: Kind | None = None) -> list[Check]:
        """Return the checks of an outcome, of digests or log files or both."""
        return [c for c in self.checks if c.outcome == outcome and kind in (None, c.kind)]

    def frame(self) -> pd.DataFrame:
        """Return a row a check, with the columns of `CHECK_COLUMNS`."""
        import pandas as pd  # noqa: PLC0415 - slow to import, and not always wanted

        columns = {name: [getattr(check, name) for check in self.checks] for name in CHECK_COLUMNS}
        times = dict.fromkeys(("start", "end"), "datetime64[us, UTC]")
        types = {name: times.get(name, "str") for name in CHECK_COLUMNS}
        return pd.DataFrame(columns, dtype=object).astype(types)

    def counts(self) -> list[str]:
        """Return how many digests and log files there are of each outcome, a sentence each."""
        lines = [self._count("digest", DIGEST_OUTCOMES), self._count("log", LOG_OUTCOMES)]
        if self.outside:
            lines.append(f"{self.outside:,} files outside the filters")
        return lines

    def _count(self, kind: Kind, outcomes: Mapping[Outcome, str]) -> str:
        *bad, good = outcomes
        counts = Counter(check.outcome for check in self.checks if check.kind == kind)
        here = sum(check.kind == kind and check.path is not None for check in self.checks)
        found = [f"{here:,} {_KINDS[kind]}: {counts[good]:,} {good}"]
        absent: list[str] = []
        for outcome in filter(counts.__getitem__, bad):
            told = absent if outcome in _ABSENT else found
            told.append(f"{counts[outcome]:,} {_WORDS.get(outcome, outcome)}")
        return "; ".join(filter(None, (", ".join(found), ", ".join(absent))))

    def __str__(self) -> str:
        """Tell it in one sentence a line: counts, then what is not in order, then the chains."""
        lines = self.counts()
        lines += [_sentence(c) for c in self.checks if c.outcome not in (*_GOOD, *_COUNTED)]
        lines += self._counted()
        lines += [_of_span(span) for span in self.spans]
        # Digests are written by whoever writes them: none adds a line of its own.
        return "\n".join(map(printable, lines))

    def _counted(self) -> Iterator[str]:
        alike: dict[tuple[str, Kind, str], list[Check]] = defaultdict(list)
        for check in self.checks:
            if check.outcome in _COUNTED:
                alike[_WORDS[check.outcome], check.kind, check.reason].append(check)
        for (words, kind, reason), checks in alike.items():
            if len(checks) == 1:
                yield _sentence(checks[0])
            else:
                yield f"{words} {len(checks):,} {_KINDS[kind]}: {reason}; the first: {checks[0].path}"


def _sentence(check: Check) -> str:
    outcome = _WORDS.get(check.outcome, check.outcome)
    what = check.path or check.place or f"in {check.account_id} {check.region}"
    return f"{outcome} {what}: {check.reason}"


def _of_span(span: Span) -> str:
    time = f"{utc(span.start)} to {utc(span.end)}"
    begin = "from its start" if span.whole else "those before are not here"
    what = f"{span.chain}, delivered to {span.bucket}"
    return f"chain of {what}: {span.digests:,} digests, {time}, {begin}"


def why(error: Unreadable | OSError) -> str:
    """Tell why a file could not be read."""
    return why_unread(error) if isinstance(error, OSError) else str(error)
