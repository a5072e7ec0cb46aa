"""Text that came out of a log, made safe to show: nothing in it is obeyed."""

from __future__ import annotations

import re

__all__ = ["printable", "printable_lines"]

# Control characters, those that turn text around, and those that end a line or a paragraph.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return text on one line, in which what a terminal might obey is shown as an escape."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def printable_lines(text: str) -> str:
    """Return text whose lines are the library's own, each made printable."""
    return "\n".join(map(printable, text.split("\n")))
