"""What was measured, and how it is told: as a table for the terminal, or for a page."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from benchmarks.contenders import CONTENDERS, Contender

__all__ = ["Measured", "machine", "markdown", "plain"]

_PACKAGES = (
    "cloudtrail-mfa",
    "chdb",
    "duckdb",
    "pyarrow",
    "orjson",
    "pandas",
    "pysimdjson",
    "isal",
)
_AGAINST = "chdb"
_HEAD = (
    "contender",
    "seconds",
    "without imports",
    "records/s",
    f"rate / {_AGAINST}",
    "peak MiB",
    "written MB",
    "rows",
)


@dataclass(slots=True)
class Measured:
    """What the runs of one contender took.

    Attributes
    ----------
    whole, inside
        Seconds of each run: of the process, and without its imports.
    records, rows, dropped
        Records that it read, rows that it wrote, records that it dropped as duplicates.
    stored
        Bytes written.
    peak
        Bytes of memory.
    """

    contender: Contender
    whole: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    records: int = 0
    rows: int = 0
    dropped: int = 0
    stored: int = 0
    peak: int = 0

    @property
    def rate(self) -> float:
        """Records a second, of the whole process."""
        return self.records / median(self.whole)


def plain(found: dict[str, Measured]) -> str:
    """Return the table for a terminal."""
    rows = [_HEAD, *_rows(found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        " ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    ]
    return "\n".join([*lines, *_notes(found)])


def markdown(found: dict[str, Measured]) -> str:
    """Return the table for a page."""
    lines = [f"| {' | '.join(row)} |" for row in (_HEAD, *_rows(found))]
    rule = f"| --- | {' | '.join(['---:'] * (len(_HEAD) - 1))} |"
    return "\n".join([lines[0], rule, *lines[1:], "", *_notes(found)])


def machine() -> str:
    """Return what it ran on: processor, Python, and the versions of the packages."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    told = [model[1] if model else platform.machine(), f"Python {platform.python_version()}"]
    return ", ".join([*told, *_versions()])


def _versions() -> Iterator[str]:
    for package in _PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue


def _rows(found: dict[str, Measured]) -> Iterator[tuple[str, ...]]:
    against = found[_AGAINST].rate if _AGAINST in found else None
    for measured in sorted(found.values(), key=lambda measured: -measured.rate):
        yield (
            measured.contender.title,
            f"{median(measured.whole):.2f}",
            f"{median(measured.inside):.2f}",
            f"{measured.rate:,.0f}",
            f"{measured.rate / against:.2f}" if against else "",
            f"{measured.peak / 2**20:,.0f}",
            f"{measured.stored / 1e6:,.1f}" if measured.stored else "",
            f"{measured.rows:,}" if measured.stored else "",
        )


def _notes(found: dict[str, Measured]) -> Iterator[str]:
    for name, measured in found.items():
        if measured.dropped:
            yield f"{name}: {measured.dropped:,} duplicates are dropped"
        if CONTENDERS[name].sample:
            yield f"{name}: the first {measured.records:,} records only, as all would take long"
