"""One event once: what is a copy, and what only has the same id."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from msgspec import Raw

from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.copies import Tally, copies, repeated
from cloudtrail_mfa.store.fingerprints import NO_ID
from tests.records import Record, call

ONE = call(event_id="one", requestParameters={"a": 1, "b": 2})
TWO = call(event_id="two")
OTHER = ONE | {"sourceIPAddress": "203.0.113.99"}


def rows(*records: Record | str) -> pa.Table:
    """Return a row a record, each from a file of its own, 0.json and so on."""
    texts = [record if isinstance(record, str) else json.dumps(record) for record in records]
    tables = [to_table([Raw(text.encode())], f"{at}.json") for at, text in enumerate(texts)]
    return pa.concat_tables([to_table([], ""), *tables])


NONE = rows()


def test_a_copy_of_a_row_before_is_one() -> None:
    """The first stays, and the file of the second is told of a duplicate."""
    tally = Tally()
    assert copies(rows(ONE, TWO, ONE), NONE, tally) == [2]
    assert tally.duplicates == {"2.json": 1}


def test_a_copy_of_what_is_there_is_one() -> None:
    """The row that is there is not touched."""
    tally = Tally()
    assert copies(rows(ONE, TWO), rows(ONE), tally) == [0]
    assert tally.duplicates == {"0.json": 1}


def test_copies_need_not_be_the_same_bytes() -> None:
    """Another order of keys, other spaces: equal as JSON is equal."""
    turned = json.dumps(dict(reversed(ONE.items())), indent=1).replace(
        '"a": 1,\n  "b": 2', '"b":2,"a":1'
    )
    assert '"b":2,"a":1' in turned
    assert copies(rows(ONE, turned), NONE, Tally()) == [1]


def test_a_record_of_the_same_id_but_other_content_is_none() -> None:
    """Somebody wrote one of them: neither may hide the other, and the file is told of."""
    tally = Tally()
    assert copies(rows(ONE, OTHER), NONE, tally) == []
    assert tally.conflicts == {"1.json": ["one"]}
    assert not tally.duplicates


def test_each_content_of_an_id_stays_once() -> None:
    """Copies of either content are copies."""
    assert copies(rows(ONE, OTHER, OTHER, ONE), NONE, Tally()) == [2, 3]
    assert copies(rows(OTHER, ONE), rows(ONE, OTHER), Tally()) == [0, 1]


@pytest.mark.parametrize("event_id", [{}, {"eventID": ""}, {"eventID": None}])
def test_records_without_an_id_are_no_copies(event_id: dict[str, object]) -> None:
    """What cannot be recognised is not thrown away."""
    nameless = {key: value for key, value in ONE.items() if key != "eventID"} | event_id
    assert copies(rows(nameless, nameless), rows(nameless), Tally()) == []


def test_thousands_of_contents_of_one_id_are_no_burden() -> None:
    """Each is written out once; none is compared with each other one."""
    forged = rows(*[ONE | {"sourceIPAddress": f"203.0.113.{number}"} for number in range(1500)])
    new = rows(OTHER | {"userAgent": "new"})
    tally = Tally()
    found = copies(pa.concat_tables([forged, forged, new]), forged, tally)
    assert found == list(range(3000))
    assert tally.duplicates.total() == 3000
    assert tally.conflicts == {"0.json": ["one"]}


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 900 + "]" * 900])
def test_contents_that_python_does_not_like_can_be_compared(value: str) -> None:
    """Numbers of thousands of digits, and lists in lists in lists."""
    one, other = (
        f'{{"eventID":"x","eventName":"{name}","eventTime":"y","requestParameters":{value}}}'
        for name in "ab"
    )
    assert copies(rows(one, other, one, other), NONE, Tally()) == [2, 3]


def test_repeated_ids_are_all_named() -> None:
    """The first as well: its content is what the others are compared with."""
    ids = np.array([5, 7, 5, 9, 7, 7, 1], np.uint64)
    assert repeated(ids).tolist() == [0, 1, 2, 4, 5]


def test_no_id_is_not_repeated() -> None:
    """Records without one are strangers to each other."""
    assert repeated(np.array([NO_ID, NO_ID, 3], np.uint64)).tolist() == []
    assert repeated(np.array([], np.uint64)).tolist() == []


def test_tallies_are_added_up() -> None:
    """What several tasks found becomes one report."""
    one, other = Tally(), Tally()
    copies(rows(ONE, ONE, OTHER), NONE, one)
    copies(rows(TWO, TWO, ONE), rows(OTHER), other)
    one.add(other)
    assert one.duplicates == {"1.json": 2}
    assert one.conflicts == {"2.json": ["one", "one"]}
