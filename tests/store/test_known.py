"""What a lake knows: which rows of a part may be copies."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from msgspec import Raw

from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.dataset import Dataset
from cloudtrail_mfa.store.known import Known
from cloudtrail_mfa.store.parts import Part, Parts
from tests.records import call


def part_of(dataset: Dataset, *ids: str | None, day: int = 1) -> Part:
    records = [call(time=f"2026-06-0{day}T09:00:00Z") | {"eventID": event} for event in ids]
    table = pa.concat_tables(
        [to_table([Raw(json.dumps(record).encode())], "a.json") for record in records]
    )
    dataset.staging.mkdir(parents=True, exist_ok=True)
    parts = Parts(dataset.staging)
    parts.add(table)
    (part,) = parts.close()
    return part


def test_new_ids_raise_no_doubt(tmp_path: Path) -> None:
    """Nothing is read for them."""
    known = Known(dataset := Dataset(tmp_path))
    for ids in (("one", "two"), ("three",)):
        doubtful, paths = known.look(part_of(dataset, *ids))
        assert (doubtful.tolist(), paths) == ([], [])


def test_ids_of_a_part_before_do(tmp_path: Path) -> None:
    """The places of the rows, and where the others are."""
    known = Known(dataset := Dataset(tmp_path))
    first = part_of(dataset, "one", "two")
    known.look(first)
    doubtful, paths = known.look(part_of(dataset, "three", "two", "four", "one"))
    assert doubtful.tolist() == [1, 3]
    assert paths == [str(dataset.staging / first.name)]


def test_ids_of_another_day_do_not(tmp_path: Path) -> None:
    """An event belongs to one."""
    known = Known(dataset := Dataset(tmp_path))
    known.look(part_of(dataset, "one"))
    doubtful, _ = known.look(part_of(dataset, "one", day=2))
    assert doubtful.tolist() == []


def test_no_id_is_known(tmp_path: Path) -> None:
    """Rows without one are never in doubt."""
    known = Known(dataset := Dataset(tmp_path))
    known.look(part_of(dataset, None, ""))
    doubtful, _ = known.look(part_of(dataset, None, "", "one"))
    assert doubtful.tolist() == []


def test_what_the_lake_holds_is_known_to_the_next_run(tmp_path: Path) -> None:
    """It is read once it is asked for."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        dataset.commit([part_of(dataset, "one").name], [])
        doubtful, paths = Known(dataset).look(part_of(dataset, "one"))
    assert doubtful.tolist() == [0]
    assert paths == dataset.parquet()


def test_what_was_forgotten_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded: the files of the lake and of the run tell."""
    monkeypatch.setattr("cloudtrail_mfa.store.known._MOST_IDS", 1)
    dataset = Dataset(tmp_path)
    with dataset.writing():
        dataset.commit([part_of(dataset, "one").name], [])
        known = Known(dataset)
        known.look(part_of(dataset, "two"))
        known.look(part_of(dataset, "later", day=2))
        doubtful, paths = known.look(part_of(dataset, "one", "two", "three"))
    assert doubtful.tolist() == [0, 1]
    assert len(paths) == 2
