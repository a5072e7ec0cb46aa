"""Records from the columns: numbers of any length, text as it was."""

from __future__ import annotations

import json

import pytest
from msgspec import Raw

from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.originals import parse, restore
from tests.records import call


@pytest.mark.parametrize("digits", ["7", "-7", "9" * 4000, "12" * 4000, "-" + "34" * 9000])
def test_numbers_of_any_length_are_read(digits: str) -> None:
    """Python refuses those of more than 4,300 digits."""
    value = parse(f'{{"n":{digits}}}')["n"]
    assert value % 1000 == int(digits[-3:]) or digits.startswith("-")
    assert (value < 0) is digits.startswith("-")
    assert hex(-value) == hex(parse(digits.removeprefix("-"))) if value < 0 else value >= 0


def test_a_usual_record_comes_back_in_the_order_of_the_columns() -> None:
    """No copy of its text is kept: absent fields stay absent."""
    record = call(errorMessage="")
    (text,) = restore(to_table([Raw(json.dumps(record).encode())], "a.json"))
    assert json.loads(text) == record
    assert text.startswith('{"eventID":')


def test_an_unusual_record_comes_back_as_its_text() -> None:
    """On one line, its fields in their own order."""
    (text,) = restore(
        to_table([Raw(b'{"invented":1,\n"eventName":"x","eventTime":"y"}')], "a.json")
    )
    assert text == '{"invented":1, "eventName":"x","eventTime":"y"}'
