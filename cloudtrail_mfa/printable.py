"""Text that came out of a log, made safe to show: nothing in it is obeyed."""

from __future__ import annotations

import re

__all__ = ["printable", "printable_json", "printable_lines", "shown"]

# A longer text is cut where people read: each other cell of its column would be as wide. CloudTrail's
# own messages have 1,024 bytes.
_LONGEST = 2000

# Control characters, those that turn text around, and those that end a line or a paragraph.
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Return text on one line, in which what a terminal might obey is shown as an escape."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


# JSON's writers escape those below the space; half a character is no UTF-8 in any case.
_IN_JSON = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable_json(text: str) -> str:
    """Return equal JSON, in which what a terminal might obey is written as an escape."""
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def printable_lines(text: str) -> str:
    """Return text whose lines are the library's own, each made printable."""
    return "\n".join(map(printable, text.split("\n")))


def shown(text: str) -> str:
    """Return a text for people to read: on one line, and no longer than anybody does."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text):,} characters)"
    return printable(text)
