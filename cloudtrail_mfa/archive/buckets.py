"""What lies in a bucket: all of it, or of CloudTrail's folders those that may matter."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from cloudtrail_mfa.archive.layout import divides, is_folder, other_kind, outside
from cloudtrail_mfa.archive.objects import Entry, entries, entry, parts
from cloudtrail_mfa.archive.s3 import S3
from cloudtrail_mfa.errors import SourceError
from cloudtrail_mfa.scope import Scope

__all__ = ["IN_FLIGHT", "walk"]

IN_FLIGHT = 24
"""Requests under way at once, most of whose time is waiting; AWS's SDK keeps 25 connections."""

# A bucket's folders, and those in them, may hold AWSLogs/; what lies deeper is listed whole.
_DEPTH = 2


def walk(s3: S3, source: str, scope: Scope | None) -> Iterator[Entry]:
    """Yield the files that a source in S3 names.

    Parameters
    ----------
    source
        ``s3://bucket/prefix/`` or ``s3://bucket/key``.
    scope
        What is of interest: folders of CloudTrail's that hold nothing of it, digests or Insights are
        yielded and not listed. None where all is.

    Yields
    ------
    Entry
        A file; or a folder that is not, or cannot be, listed.

    Raises
    ------
    SourceError
        If S3 cannot be asked, or denies access to the source.
    """
    try:
        bucket, key = parts(source)
        start = entry(s3, source) if key and not is_folder(key) else Entry(f"s3://{bucket}/{key}")
        if start is None:
            return
        if is_folder(start.path):
            yield from _below(s3, start.path, scope)
        else:
            yield start
    except OSError as error:
        raise SourceError(source, str(error)) from None


def _below(s3: S3, source: str, scope: Scope | None) -> Iterator[Entry]:
    """Yield what is below a folder, looking into folders level by level."""
    level, depth = [source], 0
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        while level:
            following: list[str] = []
            for here, folders in pool.map(partial(_look, s3, scope, depth), level):
                yield from here
                for folder in folders:
                    if scope and (other_kind(folder) or outside(folder, scope)):
                        yield Entry(folder)
                    else:
                        following.append(folder)
            level, depth = following, depth + 1


def _look(s3: S3, scope: Scope | None, depth: int, folder: str) -> tuple[list[Entry], list[str]]:
    """Return what is in a folder, and the folders that are to be looked into.

    A folder that may not be listed is itself what is there.
    """
    searched = depth < _DEPTH and "/AWSLogs/" not in folder
    deep = scope is None or not (searched or divides(folder, scope))
    try:
        found = entries(s3, folder, deep=deep)
    except PermissionError:
        if depth == 0:
            raise
        return [Entry(folder)], []
    return (
        [one for one in found if not is_folder(one.path)],
        [one.path for one in found if is_folder(one.path)],
    )
