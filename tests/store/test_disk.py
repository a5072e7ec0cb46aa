"""The disk: what is on it, and what it refuses, in words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest

from cloudtrail_mfa.store.disk import DiskProblem, reading, to_disk, writing


def test_files_and_folders_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file's own descriptor, or another one of it: the content is the same."""
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", lambda opened: synced.append(os.fstat(opened).st_ino))
    (tmp_path / "file").write_text("x")
    to_disk(tmp_path / "file")
    to_disk(tmp_path)
    assert synced == [(tmp_path / "file").stat().st_ino, tmp_path.stat().st_ino]


def test_a_folder_that_may_not_be_read_is_left_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's folder, in which the lake lies."""

    def refused(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    synced: list[int] = []
    monkeypatch.setattr("os.open", refused)
    monkeypatch.setattr("os.fsync", synced.append)
    to_disk(tmp_path)
    assert synced == []


def test_what_cannot_be_written_is_said_in_the_systems_words() -> None:
    """Not in Arrow's, which are about bytes."""

    @writing
    def write(number: int) -> None:
        raise OSError(number, "Error writing bytes to file. Detail: [errno 28] …")

    with pytest.raises(DiskProblem, match=r"^cannot be written to \(No space left on device\)$"):
        write(errno.ENOSPC)


@pytest.mark.parametrize(
    "error", [pa.ArrowInvalid("Parquet magic bytes\nnot found"), OSError("Input/output error")]
)
def test_what_cannot_be_read_is_named(error: Exception) -> None:
    """With the way out, on one line."""
    with (
        pytest.raises(DiskProblem, match=r"^a\.parquet cannot be read \(.*\): put it back"),
        reading("a.parquet"),
    ):
        raise error
