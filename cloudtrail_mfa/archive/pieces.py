"""CloudTrail's own files, cut into lists of whole records without a look at each of them.

What CloudTrail delivers is one line, ``{"Records":[{…},{…}]}``, up to gigabytes long. It is
unfolded two megabytes at a time, and each list is converted while the processor's cache holds it.
Whatever has another form is left to `cloudtrail_mfa.archive.decode`, which takes anything but
needs the whole text in memory.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa
from isal import igzip

from cloudtrail_mfa.archive.decode import BROKEN_GZIP

__all__ = ["OtherForm", "Stored", "pieces"]

_BLOCK, _BUFFER = 2 << 20, 64 << 10
# Longer than any record of CloudTrail's: what has no cut until here is another thing.
_LONGEST = 16 << 20

_HEAD = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[\s*')
_FIRST_KEY = re.compile(rb'\{\s*("[A-Za-z]+"\s*:)')
_TAIL = re.compile(rb"\s*\]\s*\}\s*")


class OtherForm(Exception):
    """The bytes are not, or not wholly, what CloudTrail delivers: the careful way may read them."""


class Stored(io.RawIOBase):
    """A file's stored bytes as they are read, and their SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read on into `buffer`; return how many bytes were read, 0 at the end."""
        read: int = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self._hash.update(memoryview(buffer)[:read])
        return read

    @property
    def sha256(self) -> str:
        """Of what was read, as hexadecimal digits."""
        return self._hash.hexdigest()


def pieces(stored: Stored) -> Iterator[bytes]:
    """Cut a delivered file into lists of records.

    The text is cut where it looks as if one record ended and another began. Where every list is
    JSON, it was cut between records: a cut inside one would leave an open bracket or a value too
    many. So who decodes them all has shown that the whole text is JSON.

    Parameters
    ----------
    stored
        The file from its beginning, gzipped or not.

    Yields
    ------
    bytes
        UTF-8 text, about two megabytes: ``[{…},{…}]``, if the text is JSON.

    Raises
    ------
    OtherForm
        If the bytes are damaged, not UTF-8, or do not begin and end as delivered files do.
    """
    blocks = _blocks(stored)
    block = next(blocks, b"")
    head = _HEAD.match(block)
    if head is None:
        raise OtherForm
    start = head.end()
    key = _FIRST_KEY.match(block, start)
    between = b"},{" + (key[1] if key else b"")
    held: list[memoryview] = []
    for following in blocks:
        end = block.rfind(between, start)
        if end >= 0:
            yield _list([*held, memoryview(block)[start : end + 1]])
            held, start = [], end + 2
        held.append(memoryview(block)[start:])
        if sum(map(len, held)) > _LONGEST:
            raise OtherForm
        block, start = following, 0
    rest = b"".join([*held, memoryview(block)[start:]])
    end = max(rest.rfind(b"]"), 0)
    if not _TAIL.fullmatch(rest, end):
        raise OtherForm
    if end:
        yield _list([memoryview(rest)[:end]])


def _list(parts: Sequence[memoryview]) -> bytes:
    text = b"".join([b"[", *parts, b"]"])
    if not text.isascii():
        # Arrow looks at the bytes; to decode them would write a text four times as long.
        ends = pa.py_buffer(struct.pack("=2i", 0, len(text)))
        try:
            pa.StringArray.from_buffers(1, ends, pa.py_buffer(text)).validate(full=True)
        except pa.ArrowInvalid:
            raise OtherForm from None
    return text


def _blocks(stored: Stored) -> Iterator[bytes]:
    with io.BufferedReader(stored, _BUFFER) as buffered:
        first = buffered.peek()
        if not first.startswith(b"\x1f\x8b"):
            yield from iter(lambda: buffered.read(_BLOCK), b"")
            return
        try:
            if len(first) < _BUFFER:  # that is all of it
                yield igzip.decompress(buffered.read())  # type: ignore[no-untyped-call]
                return
            with igzip.IGzipFile(fileobj=buffered) as stream:  # type: ignore[no-untyped-call]
                yield from iter(lambda: stream.read(_BLOCK), b"")
        except BROKEN_GZIP:
            raise OtherForm from None
