"""The lake on disk: a folder of Parquet, and a manifest of the files that went in.

::

    lake/
      events/account_id=111122223333/date=2026-06-01/<part>.parquet
      manifest/<commit>.json     one per commit: the source files read, the Parquet files made
      staging/account_id=…/…     parts that are not committed yet, only while a run is under way
      answers/<events>/…         what was worked out from the events, as long as they stay the same

A commit is real once its manifest has its name. Before that its Parquet files, their folders and
the manifest are on the disk, not in its cache alone: a power failure leaves all of a commit or
nothing of it. Its Parquet files are moved into place after that; should the process die in between,
the next writer finishes the move. A commit may also replace Parquet files by others with the same
events, and manifests by one: the old ones are removed after it, and do not count from then on.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import filelock
import msgspec

from cloudtrail_mfa.errors import LakeError
from cloudtrail_mfa.store.disk import to_disk

__all__ = ["Dataset", "Outcome", "SourceFile"]

Outcome = Literal["ingested", "skipped", "rejected"]


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


_VERSION = 2
# No question takes longer, in seconds.
_A_QUESTION = 3600


class _Commit(msgspec.Struct, omit_defaults=True):
    version: int
    parquet: list[str]
    sources: list[SourceFile]
    replaced: list[str] = []
    merged: list[str] = []


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
        self.staging = self.folder / "staging"
        self._answers = self.folder / "answers"
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
            self._make_folders()
            lock.acquire()
        except filelock.Timeout:
            raise LakeError(
                self.folder,
                "is being written to by another process: wait until it is done",
            ) from None
        except OSError as error:
            raise LakeError(self.folder, f"cannot be written to ({error.strerror})") from None
        try:
            self._clear_up()
            yield
        finally:
            with contextlib.suppress(OSError):
                self._clear_up()
            lock.release()

    def _make_folders(self) -> None:
        folders = (self._manifest, self.folder, *self.folder.parents)
        absent = [folder for folder in folders if not folder.exists()]
        self._manifest.mkdir(parents=True, exist_ok=True)
        for folder in absent:
            to_disk(folder.parent)

    def sources(self) -> list[SourceFile]:
        """Return what is known of every source file, oldest commit first."""
        return [source for commit in self._commits() for source in commit.sources]

    def parquet(self) -> list[str]:
        """Return the paths of the Parquet files, in the order of their partitions."""
        return [str(self.place(name)) for name in self.names()]

    def names(self) -> list[str]:
        """Return the names of the Parquet files below ``events/``, in order."""
        names: set[str] = set()
        for commit in self._commits():
            names.update(commit.parquet)
            names.difference_update(commit.replaced)
        return sorted(names)

    def place(self, name: str) -> Path:
        """Return where a Parquet file is now: a part may not have been moved yet."""
        staged = self.staging / name
        return staged if staged.exists() else self.events / name

    def answers(self) -> Path:
        """Return where answers about the events that are there now may be kept.

        Writers remove those about other events, an hour after the last of them.
        """
        state = hashlib.sha256("\n".join(self.names()).encode()).hexdigest()[:16]
        return self._answers / state

    def stage(self) -> None:
        """Make the folder in which parts wait, while the lake is held for writing.

        Raises
        ------
        LakeError
            If the disk does not take it.
        """
        try:
            self.staging.mkdir(exist_ok=True)
        except OSError as error:
            raise LakeError(self.folder, f"cannot be written to ({error.strerror})") from None

    def commit(self, parts: Sequence[str], sources: Sequence[SourceFile]) -> None:
        """Add parts and the files they came from: all of it, or nothing.

        Parameters
        ----------
        parts
            Names of Parquet files that wait in `staging`.
        sources
            What became of the source files.

        Raises
        ------
        LakeError
            If the disk does not take it; then nothing is added.
        """
        self._commit(_Commit(_VERSION, list(parts), list(sources)))

    def rewrite(self, parts: Sequence[str], replaced: Sequence[str]) -> None:
        """Take parts instead of Parquet files that hold the same events: at once, or not at all.

        All manifests become one on this occasion.

        Parameters
        ----------
        parts
            Names of Parquet files that wait in `staging`.
        replaced
            Names of those that go.

        Raises
        ------
        LakeError
            If the disk does not take it; then nothing is changed.
        """
        merged = [path.name for path in self._manifests()]
        if not parts and len(merged) <= 1:
            return
        names = sorted({*self.names(), *parts} - {*replaced})
        latest = {source.path: source for source in self.sources()}
        commit = _Commit(_VERSION, names, list(latest.values()), list(replaced), merged)
        self._commit(commit)

    def _commit(self, commit: _Commit) -> None:
        self.stage()
        try:
            draft = self.staging / "manifest.json"
            draft.write_bytes(msgspec.json.encode(commit))
            for path in (draft, *self._folders_to(commit.parquet), self.staging, self.folder):
                to_disk(path)
            # A number before the name: commits are listed in their order.
            last = max((int(path.name.partition("-")[0]) for path in self._manifests()), default=-1)
            draft.replace(self._manifest / f"{last + 1:08d}-{uuid.uuid4().hex}.json")
            to_disk(self._manifest)
            self._finish(commit)
        except OSError as error:
            raise LakeError(self.folder, f"cannot be written to ({error.strerror})") from None

    def _folders_to(self, parts: Sequence[str]) -> list[Path]:
        """Return the folders below `staging` that lead to parts which wait there."""
        waiting = (path for name in parts if (path := self.staging / name).exists())
        return sorted({folder for path in waiting for folder in list(path.parents)[:2]})

    def _manifests(self) -> list[Path]:
        return sorted(self._manifest.glob("*.json"))

    def _commits(self) -> list[_Commit]:
        found: dict[str, _Commit] = {}
        for path in self._manifests():
            try:
                found[path.name] = self._read(path)
            except LakeError:
                if path != self._torn():
                    raise
        gone = {name for commit in found.values() for name in commit.merged}
        return [commit for name, commit in found.items() if name not in gone]

    @staticmethod
    def _read(path: Path) -> _Commit:
        try:
            return _DECODER.decode(path.read_bytes())
        except (msgspec.DecodeError, OSError) as error:
            problem = f"is a damaged manifest ({error}): put it back from a copy of the lake"
            raise LakeError(path, f"{problem}, or ingest into a new one") from None

    def _torn(self) -> Path | None:
        """Return the last manifest if it was torn as it was written, by a crash.

        That is on a disk that had not kept what it was told to keep. Nothing of that commit was done
        yet if all Parquet files in their places are named by the manifests before it; else it was
        whole once, and to go on without it would be to forget events.
        """
        paths = self._manifests()
        if not paths or _is_json(paths[-1]):
            return None
        *before, last = paths
        named = {name for path in before for name in self._read(path).parquet}
        placed = self.events.glob("*/*/*.parquet")
        known = all(path.relative_to(self.events).as_posix() in named for path in placed)
        return last if known else None

    def _clear_up(self) -> None:
        """Move what was committed into place, and remove what was not."""
        if torn := self._torn():
            torn.unlink()
        for commit in self._commits():
            self._finish(commit)
        # A task that a cluster did twice may still be writing: from now on it finds no folder.
        with contextlib.suppress(OSError):
            self.staging.rename(self.folder / f"staging-{uuid.uuid4().hex}")
        for left in self.folder.glob("staging-*"):
            shutil.rmtree(left, ignore_errors=True)
        if self._answers.exists():
            with contextlib.suppress(OSError):
                self._forget_answers()

    def _forget_answers(self) -> None:
        """Remove the answers about other events, unless a question may be under way that reads them."""
        present = self.answers()
        for left in self._answers.iterdir():
            last = max(path.stat().st_mtime for path in (left, *left.iterdir()))
            if left != present and time.time() - last > _A_QUESTION:
                shutil.rmtree(left, ignore_errors=True)

    def _finish(self, commit: _Commit) -> None:
        for name in commit.parquet:
            staged = self.staging / name
            if staged.exists():
                (self.events / name).parent.mkdir(parents=True, exist_ok=True)
                staged.replace(self.events / name)
        for name in commit.replaced:
            (self.events / name).unlink(missing_ok=True)
        for name in commit.merged:
            (self._manifest / name).unlink(missing_ok=True)


_DECODER = msgspec.json.Decoder(_Commit)


def _is_json(path: Path) -> bool:
    try:
        msgspec.json.decode(path.read_bytes(), type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    except OSError:  # whoever reads it says so
        return True
    return True


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
