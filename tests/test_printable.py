"""Text out of a log, made safe to show."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.printable import printable, printable_json, printable_lines


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x00b", "a\\x00b"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb", "a\\nb"),
        ("é한", "é한"),
        ("\u202e", "\\u202e"),
        ("\u2028", "\\u2028"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_might_be_obeyed_is_an_escape(raw: str, shown: str) -> None:
    """Letters of every language stay."""
    assert printable(raw) == shown


def test_our_own_lines_stay() -> None:
    """Only they are lines."""
    assert printable_lines("a\nb\u2028c\rd") == "a\nb\\u2028c\\rd"


def test_json_stays_equal() -> None:
    """What is escaped is the same text."""
    raw = '{"a":"\x9bü\u2028"}'
    assert printable_json(raw) == '{"a":"\\u009bü\\u2028"}'
