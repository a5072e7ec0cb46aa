"""A file's content: what it was before gzip, byte for byte."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from cloudtrail_mfa.archive.contents import content, sha256
from cloudtrail_mfa.archive.decode import Unreadable
from cloudtrail_mfa.archive.sources import LogFile, find

TEXT = b'\xef\xbb\xbf{"Records": []}\n' * 100_000


class Disk(io.FileIO):
    """A disk that fails where a file would end."""

    def readinto(self, buffer: Any, /) -> int:
        """Read on, and fail at the end."""
        read = super().readinto(buffer) or 0
        if read == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read


class Failing(LogFile):
    """A file on such a disk."""

    __slots__ = ()

    def open(self) -> BinaryIO:
        """Open it."""
        return Disk(self.path)


def written(path: Path, stored: bytes) -> LogFile:
    path.write_bytes(stored)
    return find([path])[0]


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param(gzip.compress(TEXT, 1), id="gzip"),
        pytest.param(gzip.compress(TEXT, 9), id="gzip anew"),
        pytest.param(gzip.compress(TEXT[:7]) + gzip.compress(TEXT[7:]), id="gzip in two parts"),
    ],
)
def test_the_hash_is_of_what_was_gzipped(tmp_path: Path, stored: bytes) -> None:
    """However it is stored, and with the byte order mark that readers drop."""
    file = written(tmp_path / "a.json.gz", stored)
    assert sha256(file) == hashlib.sha256(TEXT).hexdigest()
    assert content(file, len(TEXT)) == TEXT


def test_nothing_has_a_hash_too(tmp_path: Path) -> None:
    """An empty file is no damaged one."""
    assert sha256(written(tmp_path / "a", b"")) == hashlib.sha256().hexdigest()


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        pytest.param(gzip.compress(TEXT)[:-9], "truncated gzip", id="truncated"),
        pytest.param(gzip.compress(b"a" * 99)[:-8] + b"\0" * 8, "broken gzip", id="wrong sum"),
        pytest.param(b"\x1f\x8b\x08\x00" + b"\xff" * 99, "broken gzip", id="no stream"),
    ],
)
def test_a_damaged_stream_has_no_content(tmp_path: Path, stored: bytes, problem: str) -> None:
    """It says what is wrong, as an ingest does."""
    with pytest.raises(Unreadable, match=problem):
        sha256(written(tmp_path / "a.json.gz", stored))


def test_a_bomb_is_not_unfolded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No further than CloudTrail's largest files go."""
    monkeypatch.setattr("cloudtrail_mfa.archive.contents.LARGEST", 2 << 20)
    file = written(tmp_path / "a.json.gz", gzip.compress(bytes(3 << 20)))
    with pytest.raises(Unreadable, match="unfolds to more than 2 MiB"):
        sha256(file)
    with pytest.raises(Unreadable, match="unfolds to more than 1 MiB"):
        content(file, 1 << 20)


def test_a_file_that_is_gone_is_not_damaged(tmp_path: Path) -> None:
    """The disk's error is told as it is."""
    file = written(tmp_path / "a", b"")
    (tmp_path / "a").unlink()
    with pytest.raises(FileNotFoundError):
        sha256(file)


def test_a_disk_that_fails_is_not_a_damaged_stream(tmp_path: Path) -> None:
    """What the disk does not give may still be as it was."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(TEXT)[:20])
    with pytest.raises(OSError, match="Input/output error"):
        sha256(Failing(str(path), 20, 1))
