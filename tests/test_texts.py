"""Text files that a user names."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudtrail_mfa.texts import read_text


def test_a_mark_at_the_beginning_is_no_text(tmp_path: Path) -> None:
    """Some editors write one."""
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbf{}")
    assert read_text(tmp_path / "x") == "{}"


@pytest.mark.parametrize(
    ("name", "problem"),
    [("none", r"cannot be read \(No such file or directory\)"), ("bytes", "is not UTF-8")],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, problem: str) -> None:
    """In words that follow the file's name."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ValueError, match=problem):
        read_text(tmp_path / name)
