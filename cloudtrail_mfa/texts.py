"""Text files that a user names."""

from __future__ import annotations

from pathlib import Path

__all__ = ["read_text"]


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises
    ------
    ValueError
        If it cannot be read; it says why, as the end of a sentence that begins with the file.
    """
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
