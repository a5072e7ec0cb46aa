"""What it takes for a file to outlast a power failure, and words for what a disk does not do."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ParamSpec, TypeVar

import pyarrow as pa

__all__ = ["DiskProblem", "reading", "to_disk", "writing"]

T = TypeVar("T")
P = ParamSpec("P")


class DiskProblem(Exception):
    """The lake's disk does not take or give what it should; the text says what and why."""


def to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk.

    https://man7.org/linux/man-pages/man2/fsync.2.html: a file's own is not its name's.
    """
    try:
        opened = os.open(path, os.O_RDONLY)
    except PermissionError:  # a folder may be written to and yet not be read
        return
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def writing(work: Callable[P, T]) -> Callable[P, T]:
    """Return what does the same, and says in a `DiskProblem` what cannot be written."""

    @functools.wraps(work)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        except OSError as error:
            # Arrow's own words are about bytes and errnos.
            why = os.strerror(error.errno) if error.errno else error
            raise DiskProblem(f"cannot be written to ({why})") from None

    return told


@contextlib.contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say in a `DiskProblem` that a Parquet file of the lake cannot be read.

    Raises
    ------
    DiskProblem
        If it is absent, or is no Parquet file any more.
    """
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        problem = f"cannot be read ({' '.join(str(error).split())}): put it back from a copy"
        raise DiskProblem(f"{os.fspath(path)} {problem}") from None
