"""Find and read the files that a source names: a file, a folder tree, a glob, or a place in S3."""

from __future__ import annotations

import glob
import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

from cloudtrail_mfa.archive.buckets import IN_FLIGHT, walk
from cloudtrail_mfa.archive.layout import delivery, is_folder, other_kind
from cloudtrail_mfa.archive.objects import open_object
from cloudtrail_mfa.archive.s3 import S3
from cloudtrail_mfa.errors import SourceError
from cloudtrail_mfa.scope import Scope

__all__ = ["LogFile", "Progress", "find", "opened_ahead", "why_unread"]

_IN_S3 = "s3://"


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file as it was found.

    Attributes
    ----------
    path
        Absolute path; in S3 ``s3://bucket/key``, or a folder that was not listed, which ends in a
        slash.
    size
        Bytes, as stored.
    modified
        Time of the last change, nanoseconds since 1970.
    s3
        How its bucket is reached, if it is in one.
    """

    path: str
    size: int
    modified: int
    s3: S3 | None = None

    @property
    def shown(self) -> str:
        """The path as it is told: a name that is no text with escapes."""
        return os.fsencode(self.path).decode("utf-8", "backslashreplace")

    @property
    def other_kind(self) -> str | None:
        """What the file is, where its path says that it holds no events; else None."""
        return other_kind(self.path)

    @property
    def delivery(self) -> tuple[str, str, str]:
        """Account, minute (``20260601T0905``) and region as CloudTrail writes them into the name.

        Empty texts where the file has another name.
        """
        return delivery(self.path)

    def open(self) -> BinaryIO:
        """Open the stored bytes for reading.

        Raises
        ------
        OSError
            If the file cannot be opened, or is no regular file.
        """
        if self.s3:
            if is_folder(self.path):
                raise OSError(
                    "a folder that cannot be listed: access denied, it takes s3:ListBucket"
                )
            return open_object(self.s3, self.path, self.size)
        mode = os.stat(self.path).st_mode
        if stat.S_ISDIR(mode):
            raise OSError("a folder that cannot be listed")
        if not stat.S_ISREG(mode):
            raise OSError("not a regular file")
        return open(self.path, "rb", buffering=0)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: files and bytes (as stored) of those to be read, records found in them.

    Who compares files without reading records in them finds none.
    """

    files: int
    total_files: int
    records: int
    bytes: int
    total_bytes: int


def why_unread(error: OSError) -> str:
    """Tell why a file could not be opened or read."""
    return f"cannot be read ({error.strerror or error})"


def opened_ahead(files: Iterable[LogFile]) -> Iterator[tuple[LogFile, Callable[[], BinaryIO]]]:
    """Yield files, and what opens each; those in S3 are on their way by then, some at once.

    Raises
    ------
    ConnectionError
        If one after the other could not be had: the network is gone, and not a file of many.
    """
    lost = 0
    for file, coming in _coming(files):
        if coming is None:
            yield file, file.open
            continue
        error = coming.exception()
        lost = lost + 1 if isinstance(error, ConnectionError) else 0
        if lost > IN_FLIGHT:
            raise ConnectionError(str(error))
        yield file, coming.result


def _coming(files: Iterable[LogFile]) -> Iterator[tuple[LogFile, Future[BinaryIO] | None]]:
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        ahead: deque[tuple[LogFile, Future[BinaryIO] | None]] = deque()
        for file in files:
            ahead.append((file, pool.submit(file.open) if file.s3 else None))
            if len(ahead) > IN_FLIGHT:
                yield ahead.popleft()
        yield from ahead


def find(
    sources: Iterable[str | os.PathLike[str]], *, scope: Scope | None = None, s3: S3 | None = None
) -> list[LogFile]:
    """List the files that `sources` name, each once, by account and in the order of delivery.

    In this order the events of one day, and the copies of an event that overlapping trails
    deliver, lie close together.

    Parameters
    ----------
    sources
        Files, folders (searched to the bottom, through symbolic links) or globs (``**`` too); in
        S3 ``s3://bucket/prefix/`` or ``s3://bucket/key``.
    scope
        What is of interest: of what is in S3, CloudTrail's folders that hold nothing of it are not
        listed, but are found as folders.
    s3
        How buckets are reached.

    Raises
    ------
    SourceError
        If a source names no file, or S3 does not list it.
    ScopeError, MissingPackageError
        If buckets cannot be reached as `s3` says.
    """
    found: dict[str, LogFile] = {}
    for source in [os.fspath(source) for source in sources]:
        before = len(found)
        known = False
        for file in _files(source, scope, s3 or S3()):
            known = known or file.path in found
            found.setdefault(file.path, file)
        if len(found) == before and not known:
            raise SourceError(source, _why_nothing(source))
    return sorted(found.values(), key=lambda file: (file.delivery, file.path))


def _files(source: str, scope: Scope | None, s3: S3) -> Iterator[LogFile]:
    if source.startswith(_IN_S3):
        yield from (LogFile(*found, s3) for found in walk(s3, source, scope))
    else:
        yield from map(_look, _paths(source))


def _look(path: str) -> LogFile:
    try:
        status = os.stat(path)
    except OSError:  # a dangling link; reading it says so, by name
        return LogFile(path, 0, 0)
    return LogFile(path, status.st_size, status.st_mtime_ns)


def _paths(source: str) -> Iterator[str]:
    expanded = os.path.expanduser(source)
    # A name that exists is taken literally, even if it looks like a glob.
    starts = (
        [expanded] if os.path.lexists(expanded) else sorted(glob.glob(expanded, recursive=True))
    )
    for start in starts:
        if os.path.isdir(start):
            yield from _tree(os.path.abspath(start))
        else:
            yield os.path.abspath(start)


def _tree(folder: str) -> Iterator[str]:
    visited: set[tuple[int, int]] = set()

    closed: list[str] = []

    def unreadable(error: OSError) -> None:
        closed.append(str(error.filename))

    for here, folders, names in os.walk(folder, onerror=unreadable, followlinks=True):
        status = os.stat(here)
        if (status.st_dev, status.st_ino) in visited:  # a link back to a folder above
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        folders.sort()
        yield from (os.path.join(here, name) for name in sorted(names))
    yield from closed  # to be rejected by name


def _why_nothing(source: str) -> str:
    if source.startswith(_IN_S3):
        return "no key begins so: a folder is named as s3://bucket/folder/, and * matches nothing"
    if source.startswith("s3:/"):
        return (
            "a place in S3 that lost a slash: give it as text, s3://bucket/prefix/, not as a path"
        )
    if os.path.isdir(os.path.expanduser(source)):
        return "the folder holds no file"
    if glob.has_magic(source):
        return "no file matches"
    return "there is no such file or folder"
