"""What a process that reads does: some files to parts.

Nothing here knows the lake: a task can run in any process that sees the files and the lake's folder.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Raw

from cloudtrail_mfa.archive.decode import NotEvents, Unreadable, decompress, unwrap
from cloudtrail_mfa.archive.pieces import OtherForm, Stored, pieces
from cloudtrail_mfa.archive.sources import LogFile, opened_ahead, why_unread
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.columns import Usual, spread, to_table, usual
from cloudtrail_mfa.store.copies import Tally
from cloudtrail_mfa.store.dataset import Outcome, SourceFile
from cloudtrail_mfa.store.parts import Part, Parts

__all__ = ["Loaded", "load", "scope_text", "shortened", "source_file", "tasks"]

# A task is some files, so that neither one-record files nor large ones leave a process idle. What
# a file costs beside its bytes is that of some kilobytes.
_LARGEST_TASK, _SMALLEST_TASK, _TASKS_A_WORKER = 8 << 20, 1 << 20, 4
_A_FILE = 4 << 10
# Records that are spread at once, and how long the text of a file is that waits for others.
_RECORDS, _SMALL = 1000, 256 << 10
# CloudTrail's own have a quarter of a megabyte at most:
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
_LARGEST_RECORD = 128 << 20
# Sentences kept about one file; what is beyond is counted.
_MOST_SENTENCES = 5


@dataclass(slots=True)
class Loaded:
    """What a task brings home."""

    sources: list[SourceFile]
    parts: list[Part]
    tally: Tally


def tasks(files: Sequence[LogFile], workers: int) -> Iterator[list[LogFile]]:
    """Deal files out, in their order."""
    total = sum(file.size + _A_FILE for file in files)
    enough = min(max(total // (workers * _TASKS_A_WORKER), _SMALLEST_TASK), _LARGEST_TASK)
    task: list[LogFile] = []
    cost = 0
    for file in files:
        if task and cost + file.size > enough:
            yield task
            task, cost = [], 0
        task.append(file)
        cost += file.size + _A_FILE
    if task:
        yield task


def load(files: Sequence[LogFile], staging: Path, scope: Scope) -> Loaded:
    """Read and convert some files; what cannot be read is told.

    Raises
    ------
    DiskProblem
        If the parts cannot be written.
    ConnectionError
        If there is no connection to S3, for however many files.
    """
    task = _Task(staging, scope)
    for file, open_it in opened_ahead(files):
        task.load(file, open_it, alone=len(files) == 1)
    return task.close()


class _Task:
    """Files under way to parts."""

    def __init__(self, staging: Path, scope: Scope) -> None:
        self._scope = scope
        self._parts = Parts(staging)
        self._sources: dict[str, SourceFile] = {}
        self._small: list[tuple[Usual, str]] = []
        self._small_records = 0

    def load(self, file: LogFile, open_it: Callable[[], BinaryIO], *, alone: bool) -> None:
        """Read a file: all of it, or nothing."""
        source = source_file(file, "ingested")
        self._sources[source.path] = source
        source.scope = scope_text(self._scope)
        # Of a file among others no row is taken before the last is read. One alone may be large:
        # its rows are taken as they come, and taken back should it prove to be broken.
        listed = iter if alone else list
        try:
            file.path.encode()
            with open_it() as opened:
                try:
                    stored = Stored(opened)
                    self._take(listed(_as_delivered(stored, file.path)), source)
                    source.sha256 = stored.sha256
                except OtherForm:
                    self._take_back(source)
                    opened.seek(0)
                    self._take(listed(_as_found(opened.read(), source)), source)
        except (MemoryError, NotEvents, OSError, UnicodeEncodeError, Unreadable) as error:
            if source.records and not alone:
                raise  # the rows of other files wait with its own
            self._take_back(source)
            self._sources[source.path] = source_file(file, *_why(error))

    def close(self) -> Loaded:
        """Finish the parts."""
        self._spread()
        return Loaded(list(self._sources.values()), self._parts.close(), self._parts.tally)

    def _take(self, found: Iterable[Usual | pa.Table], source: SourceFile) -> None:
        for some in found:
            source.records += len(some)
            if isinstance(some, Usual):
                self._small.append((some, source.path))
                self._small_records += len(some)
                if self._small_records >= _RECORDS:
                    self._spread()
            else:
                self._spread()
                self._add(some)

    def _take_back(self, source: SourceFile) -> None:
        """Forget a file: none of its rows was taken, if it was not alone."""
        if source.records:
            self._small, self._small_records = [], 0
            self._parts.abandon()
        source.records = source.out_of_scope = 0

    def _spread(self) -> None:
        """Spread the records of small files together: what a table costs is then shared."""
        if self._small:
            self._add(spread(self._small))
            self._small, self._small_records = [], 0

    def _add(self, table: pa.Table) -> None:
        inside = _inside(table, self._scope)
        if inside is not None:
            left_out = table.filter(pc.invert(inside))["source_file"].to_pylist()
            for path, count in Counter(left_out).items():
                self._sources[path].out_of_scope += count
            table = table.filter(inside)
        self._parts.add(table)


def _as_delivered(stored: Stored, path: str) -> Iterator[Usual | pa.Table]:
    """Yield the records of a file such as CloudTrail delivers."""
    for text in pieces(stored):
        found = usual(text)
        if found is None:
            yield _one_by_one(text, path)
        elif len(text) < _SMALL:
            yield found
        else:
            yield spread([(found, path)])


def _one_by_one(text: bytes, path: str) -> pa.Table:
    try:
        found = unwrap(text)
    except (NotEvents, Unreadable):
        raise OtherForm from None
    if found.problems or found.notes:  # to be told with their places in the file
        raise OtherForm
    return to_table(found.records, path)


def _as_found(stored: bytes, source: SourceFile) -> Iterator[pa.Table]:
    """Yield the records of a file of any form."""
    found = unwrap(decompress(stored))
    source.sha256 = hashlib.sha256(stored).hexdigest()
    source.problems = shortened(found.problems)
    source.notes = found.notes
    for some in _together(found.records):
        yield to_table(some, source.path)


def _together(records: Sequence[Raw]) -> Iterator[list[Raw]]:
    """Yield records that are spread at once: so many, or so large, as one column holds."""
    some: list[Raw] = []
    size = 0
    for number, record in enumerate(records, 1):
        length = len(memoryview(record))
        if length > _LARGEST_RECORD:
            limit = f"{_LARGEST_RECORD >> 20} MiB"
            raise Unreadable(f"too large: record {number} has more than {limit}")
        if some and (len(some) >= _RECORDS or size + length > _LARGEST_RECORD):
            yield some
            some, size = [], 0
        some.append(record)
        size += length
    if some:
        yield some


def _why(error: Exception) -> tuple[Outcome, str]:
    match error:
        case NotEvents():
            return "skipped", str(error)
        case UnicodeEncodeError():
            return "rejected", "its name is not UTF-8: rename it"
        case MemoryError():
            return "rejected", "too large for this machine's memory"
        case OSError():
            return "rejected", why_unread(error)
    return "rejected", str(error)


def source_file(file: LogFile, outcome: Outcome, reason: str = "") -> SourceFile:
    """Return a file as it is told of."""
    return SourceFile(
        path=file.shown, size=file.size, modified=file.modified, outcome=outcome, reason=reason
    )


def scope_text(scope: Scope) -> str:
    """Return the filters that choose events, as the manifest keeps them; empty where none does."""
    parts = [
        scope.since and f"since={scope.since:%FT%TZ}",
        scope.until and f"until={scope.until:%FT%TZ}",
    ]
    parts += [f"account={account}" for account in sorted(scope.accounts)]
    parts += [f"region={region}" for region in sorted(scope.regions)]
    return " ".join(part for part in parts if part)


def shortened(sentences: Sequence[str]) -> list[str]:
    """Return the first sentences, and how many more there are."""
    rest = len(sentences) - _MOST_SENTENCES
    return [
        *sentences[:_MOST_SENTENCES],
        *([f"and {rest:,} more like these"] if rest > 0 else []),
    ]


def _inside(rows: pa.Table, scope: Scope) -> pa.ChunkedArray | None:
    """Return which rows are in scope, what cannot be told among them; None where all are."""
    time = rows["event_time"]
    tests = []
    if scope.since:
        tests.append(pc.greater_equal(time, pa.scalar(scope.since, time.type)))
    if scope.until:
        tests.append(pc.less(time, pa.scalar(scope.until, time.type)))
    if scope.accounts:
        tests.append(_is_one_of(rows["account_id"], scope.accounts))
    if scope.regions:
        tests.append(_is_one_of(rows["aws_region"], scope.regions))
    sure = [pc.fill_null(test, fill_value=True) for test in tests]
    return reduce(pc.and_, sure) if sure else None


def _is_one_of(column: pa.ChunkedArray, values: Sequence[str]) -> pa.ChunkedArray:
    return pc.or_(pc.is_null(column), pc.is_in(column, pa.array(values)))
