"""The lake on disk: a folder of Parquet, and a manifest of the files that went in.

::

    lake/
      events/account_id=111122223333/date=2026-06-01/<commit>.parquet
      manifest/<commit>.json     one per commit: the source files read, the Parquet files made
      staging/<commit>/…         only while a commit is under way

A commit is real once its manifest has its name. Its Parquet files are moved into place after
that; should the process die in between, the next writer finishes the move.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import filelock
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from cloudtrail_mfa.errors import LakeError
from cloudtrail_mfa.store.schema import STORED

__all__ = ["Dataset", "Outcome", "SourceFile"]

Outcome = Literal["ingested", "skipped", "rejected"]

# Hive's own name for a partition whose value is null; DuckDB, Spark and pyarrow read it so.
_NULL = "__HIVE_DEFAULT_PARTITION__"


class SourceFile(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What became of one source file.

    Attributes
    ----------
    path, size, modified
        The file as it was found; `modified` in nanoseconds since 1970.
    sha256
        Of the stored bytes; empty where the file was not read.
    outcome
        ``ingested``, ``skipped`` or ``rejected``.
    reason
        Why it was skipped or rejected.
    scope
        The filters it was read with; empty for all of it.
    records
        Records found in it.
    events
        Events that went into the lake from it.
    duplicates
        Records whose event was in the lake already, with equal content.
    out_of_scope
        Records that the filters left out.
    problems
        A sentence for each part that could not be used.
    notes
        A sentence for what deserves a look although all was used.
    """

    path: str
    size: int
    modified: int
    outcome: Outcome
    sha256: str = ""
    reason: str = ""
    scope: str = ""
    records: int = 0
    events: int = 0
    duplicates: int = 0
    out_of_scope: int = 0
    problems: list[str] = []
    notes: list[str] = []


class _Commit(msgspec.Struct):
    version: int
    parquet: list[str]
    sources: list[SourceFile]


class Dataset:
    """A lake's folder.

    Parameters
    ----------
    folder
        The lake's folder.
    create
        Whether it may be absent; then the first writer makes it.

    Raises
    ------
    LakeError
        If the folder cannot be made, holds other things than a lake, or is absent and may
        not be.
    """

    def __init__(self, folder: str | os.PathLike[str], *, create: bool = True) -> None:
        name = os.fspath(folder)
        self.folder = Path(name).absolute()
        self.events = self.folder / "events"
        self._manifest = self.folder / "manifest"
        self._staging = self.folder / "staging"
        if problem := _why_no_folder(name, self.folder):
            raise LakeError(name, problem)
        if not create and not self._manifest.is_dir():
            raise LakeError(name, "there is no lake here: ingest log files into it first")
        try:
            foreign = (
                self.folder.exists() and not self._manifest.is_dir() and any(self.folder.iterdir())
            )
        except OSError as error:
            raise LakeError(name, f"cannot be a lake ({error.strerror})") from None
        if foreign:
            raise LakeError(name, "is no lake but holds other files: name a new folder")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lake for one writer, and finish what an earlier one left undone.

        Raises
        ------
        LakeError
            If another process is writing, or the folder cannot be written to.
        """
        lock = filelock.FileLock(self.folder / ".lock", timeout=0)
        try:
            self._manifest.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except filelock.Timeout:
            raise LakeError(
                self.folder,
                "is being written to by another process: wait until it is done",
            ) from None
        except OSError as error:
            raise LakeError(self.folder, f"cannot be written to ({error.strerror})") from None
        try:
            for commit in self._commits():
                self._move_into_place(commit)
            shutil.rmtree(self._staging, ignore_errors=True)
            yield
        finally:
            lock.release()

    def sources(self) -> list[SourceFile]:
        """Return what is known of every source file, oldest commit first."""
        return [source for commit in self._commits() for source in commit.sources]

    def parquet(self) -> list[str]:
        """Return the paths of the Parquet files, in the order of their partitions."""
        names = sorted(name for commit in self._commits() for name in commit.parquet)
        return [str(self._place(name)) for name in names]

    def partition(self, account: str | None, date: object) -> list[str]:
        """Return the paths of one partition's Parquet files."""
        folder = _folder(account, date)
        return [str(path) for path in sorted((self.events / folder).glob("*.parquet"))]

    def commit(self, rows: pa.Table, sources: Sequence[SourceFile]) -> None:
        """Add events and the files they came from: all of it, or nothing.

        Parameters
        ----------
        rows
            Rows of `SCHEMA`, without events that are in the lake already.
        sources
            What became of the source files.

        Raises
        ------
        LakeError
            If the disk does not take it; then nothing is added.
        """
        try:
            self._commit(rows, sources)
        except OSError as error:
            raise LakeError(self.folder, f"cannot be written to ({error.strerror})") from None

    def _commit(self, rows: pa.Table, sources: Sequence[SourceFile]) -> None:
        name = uuid.uuid4().hex
        staged = self._staging / name
        parquet = [_write(part, staged, folder, name) for folder, part in _partitions(rows)]
        commit = _Commit(1, parquet, list(sources))
        staged.mkdir(parents=True, exist_ok=True)
        draft = staged / "manifest.json"
        draft.write_bytes(msgspec.json.encode(commit))
        # Time before the name: commits are listed in their order.
        number = sum(1 for _ in self._manifest.glob("*.json"))
        draft.replace(self._manifest / f"{number:08d}-{name}.json")
        self._move_into_place(commit)
        shutil.rmtree(staged)

    def _commits(self) -> Iterator[_Commit]:
        for path in sorted(self._manifest.glob("*.json")):
            try:
                yield _DECODER.decode(path.read_bytes())
            except (msgspec.DecodeError, OSError) as error:
                raise LakeError(path, f"is a damaged manifest ({error})") from None

    def _place(self, name: str) -> Path:
        """Return where a committed Parquet file is: it may not have been moved yet."""
        staged = self._staging / Path(name).stem / name
        return staged if staged.exists() else self.events / name

    def _move_into_place(self, commit: _Commit) -> None:
        for name in commit.parquet:
            if (place := self._place(name)) != self.events / name:
                (self.events / name).parent.mkdir(parents=True, exist_ok=True)
                place.replace(self.events / name)


_DECODER = msgspec.json.Decoder(_Commit)


def _why_no_folder(name: str, folder: Path) -> str | None:
    """Why a path cannot be a lake's, whatever lies there; None where it can."""
    if not name.strip():
        return "is no name of a folder"
    if re.match(r"[a-z0-9+.-]+://", name):
        return "is no folder of this machine: a lake is one"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "is not UTF-8, which Parquet's readers need: name another folder"
    # DuckDB and Spark would take such a folder for a partition of the lake, and its value for the
    # events'.
    if any("=" in part for part in folder.parts):
        return "has a folder named like a partition (key=value) in its path: name another"
    return None


def _partitions(rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Yield each partition's folder and its rows in order of time."""
    order = ["account_id", "date", "event_time", "event_id"]
    rows = rows.sort_by([(name, "ascending") for name in order])
    groups = rows.group_by(["account_id", "date"], use_threads=False).aggregate([([], "count_all")])
    start = 0
    for group in groups.to_pylist():
        yield (
            _folder(group["account_id"], group["date"]),
            rows.slice(start, group["count_all"]),
        )
        start += group["count_all"]


def _folder(account: str | None, date: object) -> str:
    return f"account_id={account or _NULL}/date={date or _NULL}"


def _write(rows: pa.Table, staged: Path, folder: str, name: str) -> str:
    path = staged / folder / f"{name}.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(
        rows.select([column.name for column in STORED]),
        path,
        compression="zstd",
        compression_level=1,
    )
    return f"{folder}/{name}.parquet"
