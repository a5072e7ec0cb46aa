"""One event once, however often it was delivered."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from msgspec import Raw

from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.dataset import Dataset
from cloudtrail_mfa.store.dedupe import Deduplicator, Fresh
from tests.records import Record, call

ONE = call(event_id="one", requestParameters={"a": 1, "b": 2})
TWO = call(event_id="two")
OTHER = ONE | {"sourceIPAddress": "203.0.113.99"}


def rows(*records: Record | str) -> pa.Table:
    texts = [record if isinstance(record, str) else json.dumps(record) for record in records]
    files = [f"{number}.json" for number in range(len(texts))]
    return to_table([Raw(text.encode()) for text in texts], files)


def ids(fresh: Fresh) -> list[str | None]:
    return list(fresh.rows["event_id"].to_pylist())


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    dataset = Dataset(tmp_path)
    with dataset.writing():
        return dataset


def test_a_copy_in_the_same_batch_is_dropped(dataset: Dataset) -> None:
    """The first stays, and the file of the second is told of a duplicate."""
    fresh = Deduplicator(dataset).fresh(rows(ONE, TWO, ONE))
    assert ids(fresh) == ["one", "two"]
    assert fresh.duplicates == {"2.json": 1}


def test_a_copy_of_what_is_stored_is_dropped(dataset: Dataset) -> None:
    """A later run knows what an earlier one has brought."""
    dataset.commit(Deduplicator(dataset).fresh(rows(ONE)).rows, [])
    fresh = Deduplicator(dataset).fresh(rows(ONE, TWO))
    assert ids(fresh) == ["two"]
    assert fresh.duplicates == {"0.json": 1}


def test_copies_need_not_be_the_same_bytes(dataset: Dataset) -> None:
    """Another order of keys, other spaces: equal as JSON is equal."""
    turned = json.dumps(dict(reversed(ONE.items())), indent=1).replace(
        '"a": 1,\n  "b": 2', '"b":2,"a":1'
    )
    assert '"b":2,"a":1' in turned
    assert ids(Deduplicator(dataset).fresh(rows(ONE, turned))) == ["one"]


def test_a_record_of_the_same_id_but_other_content_is_kept(dataset: Dataset) -> None:
    """Somebody wrote one of them: neither may hide the other, and the file is told of."""
    fresh = Deduplicator(dataset).fresh(rows(ONE, OTHER))
    assert ids(fresh) == ["one", "one"]
    assert fresh.conflicts == {"1.json": ["one"]}
    assert not fresh.duplicates


def test_each_content_of_an_id_is_kept_once(dataset: Dataset) -> None:
    """Copies of either content are duplicates, in one batch or over several."""
    assert len(Deduplicator(dataset).fresh(rows(ONE, OTHER, OTHER, ONE)).rows) == 2
    dataset.commit(Deduplicator(dataset).fresh(rows(ONE, OTHER)).rows, [])
    fresh = Deduplicator(dataset).fresh(rows(OTHER, ONE))
    assert ids(fresh) == []
    assert sum(fresh.duplicates.values()) == 2


@pytest.mark.parametrize("event_id", [{}, {"eventID": ""}, {"eventID": None}])
def test_records_without_an_id_are_kept(dataset: Dataset, event_id: dict[str, object]) -> None:
    """What cannot be recognised is not thrown away."""
    nameless = {key: value for key, value in ONE.items() if key != "eventID"} | event_id
    assert len(Deduplicator(dataset).fresh(rows(nameless, nameless)).rows) == 2


def test_ids_of_many_partitions_are_read_again(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded: what was forgotten is looked up in the lake."""
    monkeypatch.setattr("cloudtrail_mfa.store.dedupe._MOST_IDS", 1)
    deduplicator = Deduplicator(dataset)
    later = call(event_id="later", time="2026-06-02T00:00:00Z")
    for record in (ONE, later):
        dataset.commit(deduplicator.fresh(rows(record)).rows, [])
    assert ids(deduplicator.fresh(rows(ONE, later))) == []


def test_thousands_of_contents_of_one_id_are_no_burden(dataset: Dataset) -> None:
    """Each is written out once; none is compared with each other one."""
    forged = [ONE | {"sourceIPAddress": f"203.0.113.{number}"} for number in range(1500)]
    deduplicator = Deduplicator(dataset)
    dataset.commit(deduplicator.fresh(rows(*forged)).rows, [])
    fresh = deduplicator.fresh(rows(*forged, *forged, OTHER | {"userAgent": "new"}))
    assert ids(fresh) == ["one"]
    assert sum(fresh.duplicates.values()) == 3000


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 900 + "]" * 900])
def test_contents_that_python_does_not_like_can_be_compared(dataset: Dataset, value: str) -> None:
    """Numbers of thousands of digits, and lists in lists in lists."""
    one, other = (
        f'{{"eventID":"x","eventName":"{name}","eventTime":"y","requestParameters":{value}}}'
        for name in "ab"
    )
    assert len(Deduplicator(dataset).fresh(rows(one, other, one, other)).rows) == 2
