"""What the fuzzer found, and a little of what it does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS
from tests.lossless import careful, check_file, fast
from tests.records import call

ONE = json.dumps(call(event_id="one"), separators=(",", ":"))
HALF = json.dumps(call(event_id="two", userAgent="cut \ud83d", n=1.10), separators=(",", ":"))
TWICE = f'{ONE[:-1]},"eventName":"Other"}}'
IDENTITY_TWICE = ONE.replace('{"type":"IAMUser"', '{"type":"Root","type":"IAMUser"')


@pytest.mark.parametrize("target", TARGETS)
def test_beginnings_are_good(target: str) -> None:
    """What is fuzzed from keeps every promise."""
    for seed in TARGETS[target].seeds:
        TARGETS[target].check(seed)


@settings(max_examples=150)
@given(st.sampled_from(["files", "policies"]), st.integers(0, 50), st.integers(0, 1 << 32))
def test_changes_to_json_break_no_promise(target: str, number: int, seed: int) -> None:
    """Files and policies that are nearly what they should be."""
    seeds = TARGETS[target].seeds
    begun = seeds[number % len(seeds)]
    TARGETS[target].check(begun[:1] + (mutated(begun[1:], seed) or b""))


@settings(max_examples=40)
@given(st.binary(max_size=60))
def test_any_bytes_break_no_promise(data: bytes) -> None:
    """Most are no file."""
    for target in ("files", "policies"):
        TARGETS[target].check(data)


@pytest.mark.parametrize("record", [TWICE, IDENTITY_TWICE], ids=["record", "identity"])
@pytest.mark.parametrize("wrapper", ['{"Records":[%s]}', '{"Records":[ %s ]}', "%s"])
def test_a_key_that_stands_twice_is_kept_twice(wrapper: str, record: str) -> None:
    """Whichever of its values another tool believes."""
    stored = (wrapper % record).encode()
    check_file(stored)
    found = careful(stored)
    assert not isinstance(found, str)
    assert found[0][0].strip() == record
    quick = fast(stored)
    assert quick is None or quick == [record]


@pytest.mark.parametrize(
    "text",
    [
        f'{{"Records":[],"Records":[{ONE}]}}',
        f'{{"Records":[{ONE}],"Records":[]}}',
        f'{{"Records":[{ONE}],"\\u0052ecords":[]}}',
        f'{{"Records":[],"Events":[{ONE}]}}',
        f'{{"digestS3Bucket":"b","Records":[{ONE}]}}',
        f'{{"detail-type":"x","detail":{ONE},"Records":[]}}',
    ],
)
def test_a_record_is_found_beside_whatever_is_there(text: str) -> None:
    """Neither a list of the same name nor another one takes its place."""
    found = careful(text.encode())
    assert not isinstance(found, str)
    assert len(found[0]) == 1


def test_half_a_character_costs_no_record_of_its_line_and_no_digit() -> None:
    """Of a list on one line all, of an envelope the numbers as they were written."""
    found = careful(f"[{ONE},{HALF}]\n{ONE}\n".encode())
    assert not isinstance(found, str)
    assert [json.loads(text)["eventID"] for text in found[0]] == ["one", "two", "one"]
    assert careful(f'{{"detail-type":"x","detail":{HALF}}}'.encode()) == ([HALF], [])


@pytest.mark.parametrize("text", ['["\\ud83d",{"QueryResultRows":NaN}]', '["\\ud83d",Infinity]'])
def test_half_a_character_makes_no_json_of_what_is_none(text: str) -> None:
    """It ended the run: the file is rejected by name."""
    assert str(careful(text.encode())).startswith("broken JSON")
