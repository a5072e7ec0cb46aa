"""The way in: for each new file read, convert, write; and record what became of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing
from functools import partial

from cloudtrail_mfa.archive.layout import is_folder, outside
from cloudtrail_mfa.archive.sources import LogFile, Progress
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.copies import Tally
from cloudtrail_mfa.store.dataset import Dataset, SourceFile
from cloudtrail_mfa.store.known import Known
from cloudtrail_mfa.store.load import (
    Loaded,
    load,
    scope_text,
    shortened,
    source_file,
    tasks,
)
from cloudtrail_mfa.store.parts import Part
from cloudtrail_mfa.store.report import IngestReport
from cloudtrail_mfa.store.settle import Doubt, settle
from cloudtrail_mfa.store.workers import AHEAD, in_order, readers

__all__ = ["ingest"]

# Events of a commit: so many are lost at most when a run is killed.
_COMMIT_ROWS = 1_000_000


def ingest(
    dataset: Dataset,
    files: Sequence[LogFile],
    *,
    scope: Scope,
    workers: int = 1,
    executor: Executor | None = None,
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
        Processes that read; 1 reads in this one. With an executor: how many workers it has.
    executor
        Who reads instead; its workers see the files and the lake under the same paths.
    progress
        Called after each task.

    Raises
    ------
    LakeError
        If another process is writing to the lake, it cannot be written to, or a process that
        reads was ended from outside.
    """
    report = IngestReport()
    with dataset.writing():
        run = _Run(dataset, scope, report)
        todo = [file for file in files if not run.passes_over(file)]
        dealt = list(tasks(todo, workers))
        with readers(dataset, executor, min(workers, len(dealt))) as chosen:
            told = _Teller(todo, progress)
            read = partial(load, staging=dataset.staging, scope=scope)
            with closing(in_order(chosen, read, dealt, ahead=AHEAD * workers)) as results:
                for loaded in results:
                    run.add(loaded, chosen)
                    told.tell(loaded)
            run.commit()
    report.files.sort(key=lambda file: file.path)
    return report


class _Teller:
    """Tells how far a run is."""

    def __init__(
        self, todo: Sequence[LogFile], progress: Callable[[Progress], None] | None
    ) -> None:
        self._progress = progress
        self._now = Progress(0, len(todo), 0, 0, sum(file.size for file in todo))

    def tell(self, loaded: Loaded) -> None:
        now = self._now
        self._now = Progress(
            now.files + len(loaded.sources),
            now.total_files,
            now.records + sum(source.records for source in loaded.sources),
            now.bytes + sum(source.size for source in loaded.sources),
            now.total_bytes,
        )
        if self._progress:
            self._progress(self._now)


class _Run:
    """One run: what the lake knows, what waits to be committed."""

    def __init__(self, dataset: Dataset, scope: Scope, report: IngestReport) -> None:
        self._dataset = dataset
        self._scope = scope
        self._report = report
        self._known = Known(dataset)
        self._sources = {source.path: source for source in dataset.sources()}
        self._contents = {
            source.sha256
            for source in self._sources.values()
            if source.outcome == "ingested" and self._covers(source)
        }
        self._start()

    def _start(self) -> None:
        self._rows = 0
        self._read: list[SourceFile] = []
        self._copied: set[str] = set()
        self._tally = Tally()
        self._parts: list[str] = []
        self._settling: list[Future[tuple[Part | None, Tally]]] = []

    def passes_over(self, file: LogFile) -> bool:
        """Whether a file need not be read; if so, it is reported."""
        known = self._sources.get(file.path)
        reason = self._own(file) or file.other_kind or outside(file.path, self._scope)
        if not reason and known and known.outcome == "ingested" and self._covers(known):
            unchanged = (known.size, known.modified) == (file.size, file.modified)
            reason = "in the lake already" if unchanged else None
        if reason and is_folder(file.path):
            reason = f"not listed: {reason}"
        if reason:
            self._report.files.append(source_file(file, "skipped", reason=reason))
        return reason is not None

    def _own(self, file: LogFile) -> str | None:
        inside = file.path.startswith(f"{self._dataset.folder}{os.sep}")
        return "the lake's own" if inside else None

    def add(self, loaded: Loaded, readers: Executor) -> None:
        """Take in what a task brought; commit when there is enough."""
        copied = frozenset(self._copies_of_files(loaded.sources))
        for part in loaded.parts:
            doubtful, others = self._known.look(part)
            if len(doubtful) or copied:
                doubt = Doubt(part, doubtful, others, copied)
                self._settling.append(readers.submit(settle, doubt, self._dataset.staging))
            else:
                self._parts.append(part.name)
            self._rows += len(part.ids)
        self._copied |= copied
        self._tally.add(loaded.tally)
        self._read += loaded.sources
        if self._rows >= _COMMIT_ROWS:
            self.commit()

    def _copies_of_files(self, sources: Sequence[SourceFile]) -> Iterator[str]:
        """Yield the paths of files that have the very bytes of one before them."""
        for source in sources:
            if source.outcome != "ingested":
                continue
            if source.sha256 in self._contents:
                source.notes.append("has the very bytes of another file of this lake")
                if source.records > source.out_of_scope:
                    yield source.path
            self._contents.add(source.sha256)

    def commit(self) -> None:
        """Make what waits part of the lake."""
        for settling in self._settling:
            part, tally = settling.result()
            self._parts += [part.name] if part else []
            self._tally.add(tally)
        for source in self._read:
            inside = source.records - source.out_of_scope
            copied = source.path in self._copied
            source.duplicates = inside if copied else self._tally.duplicates[source.path]
            source.events = inside - source.duplicates
            source.notes += _conflicts(self._tally.conflicts.get(source.path, []))
        news = [source for source in self._read if not self._is_told(source)]
        if news or self._parts:
            self._dataset.commit(self._parts, news)
        self._report.files += self._read
        self._start()

    def _covers(self, source: SourceFile) -> bool:
        """Whether a file was read with no filters, or with the same ones."""
        return source.scope in ("", scope_text(self._scope))

    def _is_told(self, source: SourceFile) -> bool:
        """Whether the manifest says the same of a file that gave nothing."""
        known = self._sources.get(source.path)
        return source.outcome != "ingested" and known == source


def _conflicts(events: Sequence[str]) -> list[str]:
    sentences = [
        f"event {event} is also known with other content: both records were kept"
        for event in sorted(set(events))
    ]
    return shortened(sentences)
