"""The way in: for each new file read, convert, write; and record what became of it."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Raw

from cloudtrail_mfa.archive.decode import NotEvents, Unreadable, decompress, unwrap
from cloudtrail_mfa.archive.sources import LogFile
from cloudtrail_mfa.errors import LakeError
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.dataset import Dataset, Outcome, SourceFile
from cloudtrail_mfa.store.dedupe import Deduplicator
from cloudtrail_mfa.store.schema import SCHEMA

__all__ = ["IngestReport", "Progress", "ingest"]

# A task is some files, so that neither one-record files nor large ones leave a process idle.
_TASK_FILES, _TASK_BYTES = 64, 8 << 20
# Rows and bytes held before they are written: Parquet files of a useful size, in bounded memory.
_COMMIT_ROWS, _COMMIT_BYTES = 250_000, 512 << 20
# Sentences kept about one file; what is beyond is counted.
_MOST_SENTENCES = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: files and bytes (as stored) of those to be read, records found."""

    files: int
    total_files: int
    records: int
    bytes: int
    total_bytes: int


@dataclass(slots=True)
class IngestReport:
    """What became of every file of a run; the counts add up.

    Attributes
    ----------
    files
        One `SourceFile` for each file that the sources named.
    """

    files: list[SourceFile] = field(default_factory=list)

    @property
    def records(self) -> int:
        """Records found in the files that were read."""
        return sum(file.records for file in self.files)

    @property
    def events(self) -> int:
        """Events that went into the lake."""
        return sum(file.events for file in self.files)

    @property
    def duplicates(self) -> int:
        """Records whose event was in the lake already."""
        return sum(file.duplicates for file in self.files)

    @property
    def out_of_scope(self) -> int:
        """Records that the filters left out."""
        return sum(file.out_of_scope for file in self.files)

    @property
    def ingested(self) -> list[SourceFile]:
        """The files whose events are in the lake now."""
        return [file for file in self.files if file.outcome == "ingested"]

    @property
    def skipped(self) -> list[SourceFile]:
        """The files that were left out, each with its reason."""
        return [file for file in self.files if file.outcome == "skipped"]

    @property
    def rejected(self) -> list[SourceFile]:
        """The files that could not be read, each with its reason."""
        return [file for file in self.files if file.outcome == "rejected"]

    @property
    def complete(self) -> bool:
        """Whether all input could be used."""
        return not any(file.outcome == "rejected" or file.problems for file in self.files)

    def frame(self) -> pd.DataFrame:
        """Return a row a file, with the fields of `SourceFile`."""
        return pd.DataFrame(
            [msgspec.structs.asdict(file) for file in self.files],
            columns=SourceFile.__struct_fields__,
        )

    def __str__(self) -> str:
        """Tell the run in one sentence a line, each unusable file by name."""
        files, records = len(self.files), self.records
        ingested, skipped, rejected = map(len, (self.ingested, self.skipped, self.rejected))
        lines = [
            f"{files:,} files: {ingested:,} ingested, {skipped:,} skipped, {rejected:,} rejected",
            f"{records:,} records: {self.events:,} new events, {self.duplicates:,} duplicates",
        ]
        if self.out_of_scope:
            lines[-1] += f", {self.out_of_scope:,} outside the filters"
        reasons = Counter(file.reason for file in self.skipped)
        lines += [f"skipped {count:,}: {reason}" for reason, count in reasons.most_common()]
        lines += [f"rejected {file.path}: {file.reason}" for file in self.rejected]
        for file in self.files:
            lines += [f"{file.path}: {sentence}" for sentence in [*file.problems, *file.notes]]
        return "\n".join(lines)


def ingest(
    dataset: Dataset,
    files: Sequence[LogFile],
    *,
    scope: Scope,
    workers: int = 1,
    progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Bring log files into the lake; what a run before has read is not read again.

    Parameters
    ----------
    files
        In the order in which they are to be read.
    scope
        Times, accounts and regions of interest; records outside are counted, not stored.
    workers
        Processes that read; 1 reads in this one.
    progress
        Called after each task.

    Raises
    ------
    LakeError
        If another process is writing to the lake.
    """
    report = IngestReport()
    with dataset.writing():
        run = _Run(dataset, scope, report)
        todo = [file for file in files if not run.passes_over(file)]
        total = sum(file.size for file in todo)
        done = records = size = 0
        for loaded in _load_all(todo, scope, workers):
            run.add(loaded)
            done += len(loaded.sources)
            records += sum(source.records for source in loaded.sources)
            size += sum(source.size for source in loaded.sources)
            if progress:
                progress(Progress(done, len(todo), records, size, total))
        run.commit()
    report.files.sort(key=lambda file: file.path)
    return report


@dataclass(slots=True)
class _Loaded:
    """What a task brings home."""

    rows: pa.Table
    sources: list[SourceFile]


class _Run:
    """One run: what the lake knows, what waits to be written."""

    def __init__(self, dataset: Dataset, scope: Scope, report: IngestReport) -> None:
        self._dataset = dataset
        self._scope = scope
        self._report = report
        self._deduplicator = Deduplicator(dataset)
        self._known = {source.path: source for source in dataset.sources()}
        self._contents = {
            source.sha256
            for source in self._known.values()
            if source.outcome == "ingested" and self._covers(source)
        }
        self._rows: list[pa.Table] = []
        self._sources: list[SourceFile] = []

    def passes_over(self, file: LogFile) -> bool:
        """Whether a file need not be read; if so, it is reported."""
        known = self._known.get(file.path)
        reason = self._own(file) or file.other_kind or _outside(file, self._scope)
        if not reason and known and known.outcome == "ingested" and self._covers(known):
            unchanged = (known.size, known.modified) == (file.size, file.modified)
            reason = "in the lake already" if unchanged else None
        if reason:
            self._report.files.append(_source(file, "skipped", reason=reason))
        return reason is not None

    def _own(self, file: LogFile) -> str | None:
        inside = file.path.startswith(f"{self._dataset.folder}{os.sep}")
        return "the lake's own" if inside else None

    def add(self, loaded: _Loaded) -> None:
        """Take in what a task brought; write when there is enough."""
        rows = loaded.rows
        for source in loaded.sources:
            if source.outcome == "ingested" and source.sha256 in self._contents:
                source.notes.append("has the very bytes of another file of this lake")
                source.duplicates = source.records - source.out_of_scope
                rows = rows.filter(pc.not_equal(rows["source_file"], source.path))
            elif source.outcome == "ingested":
                self._contents.add(source.sha256)
        self._rows.append(rows)
        self._sources += loaded.sources
        if (
            sum(table.num_rows for table in self._rows) >= _COMMIT_ROWS
            or sum(table.nbytes for table in self._rows) >= _COMMIT_BYTES
        ):
            self.commit()

    def commit(self) -> None:
        """Write what waits."""
        fresh = self._deduplicator.fresh(pa.concat_tables([SCHEMA.empty_table(), *self._rows]))
        for source in self._sources:
            source.duplicates += fresh.duplicates[source.path]
            source.events = source.records - source.out_of_scope - source.duplicates
            source.notes += _conflicts(fresh.conflicts.get(source.path, []))
        news = [source for source in self._sources if not self._is_told(source)]
        if news or fresh.rows.num_rows:
            self._dataset.commit(fresh.rows, news)
        self._report.files += self._sources
        self._rows, self._sources = [], []

    def _covers(self, source: SourceFile) -> bool:
        """Whether a file was read with no filters, or with the same ones."""
        return source.scope in ("", _scope_text(self._scope))

    def _is_told(self, source: SourceFile) -> bool:
        """Whether the manifest says the same of a file that gave nothing."""
        known = self._known.get(source.path)
        return source.outcome != "ingested" and known == source


def _source(file: LogFile, outcome: Outcome, *, reason: str = "") -> SourceFile:
    # A name that is no text is told with escapes.
    path = os.fsencode(file.path).decode("utf-8", "backslashreplace")
    return SourceFile(
        path=path,
        size=file.size,
        modified=file.modified,
        outcome=outcome,
        reason=reason,
    )


def _scope_text(scope: Scope) -> str:
    parts = [
        scope.since and f"since={scope.since:%FT%TZ}",
        scope.until and f"until={scope.until:%FT%TZ}",
    ]
    parts += [f"account={account}" for account in sorted(scope.accounts)]
    parts += [f"region={region}" for region in sorted(scope.regions)]
    return " ".join(part for part in parts if part)


def _outside(file: LogFile, scope: Scope) -> str | None:
    """Why a file cannot hold a record of interest, by its name; None where it can."""
    account, minute, region = file.delivery
    if not minute:
        return None
    if scope.accounts and account not in scope.accounts:
        return "of another account, by its name"
    if scope.regions and region not in scope.regions:
        return "of another region, by its name"
    # Events come late, never early; the later end cannot be told from a name.
    if scope.since and datetime.strptime(f"{minute}Z", "%Y%m%dT%H%M%z") < scope.since.replace(
        second=0
    ):
        return "delivered before the time of interest, by its name"
    return None


def _conflicts(events: Sequence[str]) -> list[str]:
    sentences = [
        f"event {event} is also known with other content: both records were kept"
        for event in events
    ]
    return _shortened(sentences)


def _shortened(sentences: Sequence[str]) -> list[str]:
    rest = len(sentences) - _MOST_SENTENCES
    return [
        *sentences[:_MOST_SENTENCES],
        *([f"and {rest:,} more like these"] if rest > 0 else []),
    ]


def _load_all(files: Sequence[LogFile], scope: Scope, workers: int) -> Iterator[_Loaded]:
    tasks = list(_tasks(files))
    load = partial(_load, scope=scope)
    if workers == 1 or len(tasks) <= 1:
        yield from map(load, tasks)
        return
    # Spawned, since a fork of a process with threads (DuckDB's, Arrow's) may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        min(workers, len(tasks)),
        mp_context=context,
        # Who presses Ctrl-C stops this process, which stops the others.
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        yield from _in_order(pool, load, tasks, ahead=2 * workers)
    except BrokenProcessPool:
        problem = "a reading process was ended from outside, perhaps for want of memory: run again"
        raise LakeError("ingest", problem) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor,
    load: Callable[[Sequence[LogFile]], _Loaded],
    tasks: Sequence[Sequence[LogFile]],
    *,
    ahead: int,
) -> Iterator[_Loaded]:
    """Yield results in the order of tasks, with only so many under way: memory stays bounded."""
    running = [pool.submit(load, task) for task in tasks[:ahead]]
    for number in range(len(tasks)):
        yield running.pop(0).result()
        if number + ahead < len(tasks):
            running.append(pool.submit(load, tasks[number + ahead]))


def _tasks(files: Iterable[LogFile]) -> Iterator[list[LogFile]]:
    task: list[LogFile] = []
    size = 0
    for file in files:
        if task and (len(task) >= _TASK_FILES or size + file.size > _TASK_BYTES):
            yield task
            task, size = [], 0
        task.append(file)
        size += file.size
    if task:
        yield task


def _load(files: Sequence[LogFile], scope: Scope) -> _Loaded:
    """Read and convert some files."""
    sources: list[SourceFile] = []
    records: list[Raw] = []
    paths: list[str] = []
    for file in files:
        source, found = _read(file, scope)
        sources.append(source)
        records += found
        paths += [file.path] * len(found)
    rows = to_table(records, paths)
    inside = _inside(rows, scope)
    left_out = Counter(rows["source_file"].filter(pc.invert(inside)).to_pylist())
    for source in sources:
        source.out_of_scope = left_out[source.path]
    return _Loaded(rows.filter(inside), sources)


def _read(file: LogFile, scope: Scope) -> tuple[SourceFile, list[Raw]]:
    try:
        file.path.encode()
        stored = file.read()
        found = unwrap(decompress(stored))
    except UnicodeEncodeError:
        return _source(file, "rejected", reason="its name is not UTF-8: rename it"), []
    except MemoryError:
        return _source(file, "rejected", reason="too large for this machine's memory"), []
    except OSError as error:
        return _source(file, "rejected", reason=f"cannot be read ({error.strerror or error})"), []
    except Unreadable as error:
        return _source(file, "rejected", reason=str(error)), []
    except NotEvents as error:
        return _source(file, "skipped", reason=str(error)), []
    source = _source(file, "ingested")
    source.sha256 = hashlib.sha256(stored).hexdigest()
    source.scope = _scope_text(scope)
    source.records = len(found.records)
    source.problems = _shortened(found.problems)
    source.notes = found.notes
    return source, found.records


def _inside(rows: pa.Table, scope: Scope) -> pa.ChunkedArray:
    """Return which rows are in scope; what cannot be told is."""
    inside = pa.chunked_array([pa.array([True] * rows.num_rows, pa.bool_())])
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
    for test in tests:
        inside = pc.and_(inside, pc.fill_null(test, fill_value=True))
    return inside


def _is_one_of(column: pa.ChunkedArray, values: Sequence[str]) -> pa.ChunkedArray:
    return pc.or_(pc.is_null(column), pc.is_in(column, pa.array(values)))
