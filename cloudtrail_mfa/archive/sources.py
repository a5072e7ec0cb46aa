"""Find and read the files that a source names: a file, a folder tree or a glob."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from cloudtrail_mfa.errors import SourceError

__all__ = ["LogFile", "find"]

# 111122223333_CloudTrail_us-east-1_20260601T0905Z_Mu0KsOhtH1ar15ZZ.json.gz
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
_DELIVERED = re.compile(
    r"(?P<account>\d{12})_CloudTrail_(?P<region>[a-z0-9-]+)_(?P<minute>\d{8}T\d{4})Z_[0-9A-Za-z]{16}\.json"
)

_OTHER_KINDS = {
    "CloudTrail-Digest": "a CloudTrail digest file: it proves log files, it holds no events",
    "CloudTrail-Insight": "a CloudTrail Insights file: it holds no calls",
}


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file as it was found.

    Attributes
    ----------
    path
        Absolute path.
    size
        Bytes, as stored.
    modified
        Time of the last change, nanoseconds since 1970.
    """

    path: str
    size: int
    modified: int

    @property
    def other_kind(self) -> str | None:
        """What the file is, where its path says that it holds no events; else None."""
        folders = re.split(r"[/\\_]", self.path)
        return next((what for name, what in _OTHER_KINDS.items() if name in folders), None)

    @property
    def delivery(self) -> tuple[str, str, str]:
        """Account, minute (``20260601T0905``) and region as CloudTrail writes them into the name.

        Empty texts where the file has another name.
        """
        match = _DELIVERED.search(self.path)
        if match is None or not _is_minute(match["minute"]):
            return "", "", ""
        return match["account"], match["minute"], match["region"]

    def open(self) -> BinaryIO:
        """Open the stored bytes for reading.

        Raises
        ------
        OSError
            If the file cannot be opened, or is no regular file.
        """
        mode = os.stat(self.path).st_mode
        if stat.S_ISDIR(mode):
            raise OSError("a folder that cannot be listed")
        if not stat.S_ISREG(mode):
            raise OSError("not a regular file")
        return open(self.path, "rb", buffering=0)


def _is_minute(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def find(sources: Iterable[str | os.PathLike[str]]) -> list[LogFile]:
    """List the files that `sources` name, each once, by account and in the order of delivery.

    In this order the events of one day, and the copies of an event that overlapping trails
    deliver, lie close together.

    Parameters
    ----------
    sources
        Files, folders (searched to the bottom, through symbolic links) or globs (``**`` too).

    Raises
    ------
    SourceError
        If a source names no file.
    """
    found: dict[str, LogFile] = {}
    for source in [os.fspath(source) for source in sources]:
        before = len(found)
        known = False
        for path in _paths(source):
            known = known or path in found
            found.setdefault(path, _look(path))
        if len(found) == before and not known:
            raise SourceError(source, _why_nothing(source))
    return sorted(found.values(), key=lambda file: (file.delivery, file.path))


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
    if source.startswith("s3://"):
        return "S3 sources cannot be read; copy the files first: aws s3 sync"
    if os.path.isdir(os.path.expanduser(source)):
        return "the folder holds no file"
    if glob.has_magic(source):
        return "no file matches"
    return "there is no such file or folder"
