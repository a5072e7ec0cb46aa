"""Objects of S3 as files: listed and read."""

from __future__ import annotations

import contextlib
import io
import re
import time
from typing import Any, BinaryIO, NamedTuple

from cloudtrail_mfa.archive.refusals import Hidden, told
from cloudtrail_mfa.archive.s3 import S3, connection
from cloudtrail_mfa.errors import MissingPackageError, ScopeError
from cloudtrail_mfa.later import Later

__all__ = ["Entry", "entries", "entry", "open_object", "parts"]

fs = Later("pyarrow.fs")

# What one request reads: files that CloudTrail delivers are smaller as a rule.
_BLOCK = 4 << 20
# Seconds before one is made again of which AWS's SDK does not see that it should be.
_PAUSES = 0.2, 1.0, 5.0

_PATH = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:/(?P<key>.*))?", re.DOTALL
)


class Entry(NamedTuple):
    """Something in a bucket.

    Attributes
    ----------
    path
        ``s3://bucket/key``; that of a folder ends in a slash.
    size
        Bytes.
    modified
        Time of the last change, nanoseconds since 1970.
    """

    path: str
    size: int = 0
    modified: int = 0


def parts(path: str) -> tuple[str, str]:
    """Return the bucket and the key of ``s3://bucket/key``.

    Raises
    ------
    OSError
        If there is none, or a key that cannot be asked for.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise OSError("names no bucket: give s3://bucket/ or s3://bucket/prefix/")
    key = match["key"] or ""
    if key.startswith("/") or "//" in key:
        raise OSError(
            "a key with an empty part (//), which cannot be asked for: copy it under another"
        )
    return match["bucket"], key


def entry(s3: S3, path: str) -> Entry | None:
    """Return the object of this name, or the folder; None where there is neither.

    Raises
    ------
    OSError
        If S3 does not say.
    """
    bucket, key = parts(path)
    with told(s3):
        info = connection(s3, bucket).get_file_info(f"{bucket}/{key}")
    if info.type == fs.FileType.NotFound:
        return None
    return _entry(info)


def entries(s3: S3, folder: str, *, deep: bool) -> list[Entry]:
    """List a folder.

    Parameters
    ----------
    folder
        ``s3://bucket/`` or ``s3://bucket/prefix/``.
    deep
        Whether all files below are listed, or those in it and the folders in it.

    Raises
    ------
    PermissionError
        If it is not allowed.
    OSError
        If S3 does not answer, or refuses for another reason.
    """
    bucket, key = parts(folder)
    place = f"{bucket}/{key}".rstrip("/")
    with told(s3):
        try:
            found = connection(s3, bucket).get_file_info(fs.FileSelector(place, recursive=deep))
        except FileNotFoundError:
            return []
    if not deep and any(info.path.rstrip("/") == place for info in found):
        # An empty part in keys below, which only a deep listing tells.
        return entries(s3, folder, deep=True)
    folders = () if deep else (fs.FileType.Directory,)
    return [_entry(info) for info in found if info.type in (fs.FileType.File, *folders)]


def _entry(info: Any) -> Entry:
    if info.type == fs.FileType.Directory:
        return Entry(f"s3://{info.path}/")
    return Entry(f"s3://{info.path}", info.size, info.mtime_ns)


def open_object(s3: S3, path: str, size: int) -> BinaryIO:
    """Open an object; its first bytes have been read when this returns.

    Parameters
    ----------
    size
        Bytes, as listed.

    Raises
    ------
    OSError
        If it cannot be read; later reads may raise it, too.
    """
    bucket, key = parts(path)
    try:
        with told(s3):
            file = connection(s3, bucket).open_input_file(f"{bucket}/{key}")
    except (MissingPackageError, ScopeError) as error:  # on another machine than the list
        raise OSError(str(error)) from None
    opened = io.BufferedReader(_Object(s3, file), min(max(size, 1), _BLOCK))
    opened.peek()
    return opened


class _Object(io.RawIOBase):
    """An object's bytes, a request for each read."""

    def __init__(self, s3: S3, file: Any) -> None:
        self._s3 = s3
        self._file = file

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def seekable(self) -> bool:
        """Whether it can be read from anywhere: always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; return it."""
        return int(self._file.seek(offset, whence))

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read on into `buffer`; return how many bytes were read, 0 at the end."""
        for pause in _PAUSES:
            with contextlib.suppress(Hidden):
                return self._read(buffer)
            time.sleep(pause)
        return self._read(buffer)

    def _read(self, buffer: bytearray | memoryview) -> int:
        with told(self._s3):
            return int(self._file.readinto(buffer))
