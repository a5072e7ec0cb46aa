"""A file's content, byte for byte as CloudTrail wrote it before gzip: what its digests hash."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

from isal import igzip

from cloudtrail_mfa.archive.decode import BROKEN_GZIP, LARGEST, broken_gzip, too_large
from cloudtrail_mfa.archive.sources import LogFile

__all__ = ["content", "sha256"]

_BLOCK, _BUFFER = 1 << 20, 64 << 10


def sha256(file: LogFile) -> str:
    """Return the SHA-256 of a file's content, as hexadecimal digits; memory does not grow with it.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
    has the hash "on its uncompressed content": a file that was gunzipped or compressed anew has
    the hash that it had.

    Raises
    ------
    Unreadable
        If the gzip stream is broken, or unfolds to more than CloudTrail ever writes.
    OSError
        If the file cannot be read.
    """
    found = hashlib.sha256()
    for block in _blocks(file, LARGEST):
        found.update(block)
    return found.hexdigest()


def content(file: LogFile, largest: int) -> bytes:
    """Return a file's content, unless it is more than `largest` bytes.

    Raises
    ------
    Unreadable, OSError
        As by `sha256`.
    """
    return b"".join(_blocks(file, largest))


def _blocks(file: LogFile, largest: int) -> Iterator[bytes]:
    size = 0
    with file.open() as stored, io.BufferedReader(stored, _BUFFER) as buffered:  # type: ignore[type-var]
        for block in _unfolded(buffered):
            size += len(block)
            if size > largest:
                raise too_large(largest)
            yield block


def _unfolded(stored: io.BufferedReader[Any]) -> Iterator[bytes]:
    if not stored.peek(2).startswith(b"\x1f\x8b"):
        yield from iter(lambda: stored.read(_BLOCK), b"")
        return
    try:
        with igzip.IGzipFile(fileobj=stored) as stream:  # type: ignore[no-untyped-call]
            yield from iter(lambda: stream.read(_BLOCK), b"")
    except BROKEN_GZIP as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk, not the stream
            raise
        raise broken_gzip(error) from None
