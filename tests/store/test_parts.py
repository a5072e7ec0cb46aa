"""Parts: rows to files of a partition each, in row groups."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec import Raw

from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.disk import DiskProblem
from cloudtrail_mfa.store.fingerprints import fingerprints
from cloudtrail_mfa.store.parts import Part, Parts, PartWriter, folder_of
from cloudtrail_mfa.store.schema import STORED_SCHEMA
from tests.records import Record, call

DAYS = ("2026-06-01T09:00:00Z", "2026-06-02T09:00:00Z")


def rows(*records: Record) -> pa.Table:
    return to_table([Raw(json.dumps(record).encode()) for record in records], "a.json")


def ids(part: Part, staging: Path) -> list[str]:
    return list(pq.ParquetFile(staging / part.name).read()["event_id"].to_pylist())


def test_a_partition_is_a_folder() -> None:
    """As Hive names them; what cannot be told is its null."""
    assert folder_of(("111122223333", None)) == (
        "account_id=111122223333/date=__HIVE_DEFAULT_PARTITION__"
    )


def test_rows_go_to_the_file_of_their_day(tmp_path: Path) -> None:
    """In the order in which they came."""
    parts = Parts(tmp_path)
    for number in range(6):
        parts.add(rows(call(event_id=f"{number}", time=DAYS[number % 2])))
    first, second = parts.close()
    assert ids(first, tmp_path) == ["0", "2", "4"]
    assert ids(second, tmp_path) == ["1", "3", "5"]
    assert first.partition[0] == "111122223333"


def test_a_table_of_several_days_is_split(tmp_path: Path) -> None:
    """And events of no day have a file too."""
    parts = Parts(tmp_path)
    times = [*DAYS, "soon", *DAYS]
    parts.add(rows(*[call(event_id=f"{at}", time=time) for at, time in enumerate(times)]))
    found = {part.partition[1]: ids(part, tmp_path) for part in parts.close()}
    assert sorted(found.values()) == [["0", "3"], ["1", "4"], ["2"]]
    assert found[None] == ["2"]


def test_fingerprints_are_in_the_order_of_the_rows(tmp_path: Path) -> None:
    """They say which rows may be copies."""
    parts = Parts(tmp_path)
    parts.add(rows(*[call(event_id=f"{number}") for number in range(5)]))
    (part,) = parts.close()
    expected = fingerprints(pq.ParquetFile(tmp_path / part.name).read()["event_id"])
    assert part.ids.tolist() == expected.tolist()


def test_copies_in_a_row_group_are_dropped(tmp_path: Path) -> None:
    """Before they are written."""
    parts = Parts(tmp_path)
    parts.add(rows(call(event_id="one"), call(event_id="two"), call(event_id="one")))
    (part,) = parts.close()
    assert ids(part, tmp_path) == ["one", "two"]
    assert parts.tally.duplicates == {"a.json": 1}


def test_row_groups_are_written_when_they_are_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a file is closed when it is large; memory is bounded."""
    monkeypatch.setattr("cloudtrail_mfa.store.parts.ROW_GROUP", 1)
    size = rows(call(event_id="0")).get_total_buffer_size()
    monkeypatch.setattr("cloudtrail_mfa.store.parts._FILE", 2 * size)
    parts = Parts(tmp_path)
    for number in range(5):
        parts.add(rows(call(event_id=f"{number}")))
    found = parts.close()
    assert [pq.ParquetFile(tmp_path / part.name).num_row_groups for part in found] == [2, 2, 1]


def test_many_days_do_not_hold_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest is written when all together wait too long, and few files are open."""
    monkeypatch.setattr("cloudtrail_mfa.store.parts._WAITING", 10_000)
    monkeypatch.setattr("cloudtrail_mfa.store.parts._MOST_OPEN", 2)
    parts = Parts(tmp_path)
    for number in range(60):
        parts.add(
            rows(call(event_id=f"{number:02}", time=f"2026-06-{number % 6 + 1:02}T09:00:00Z"))
        )
    found = [event for part in parts.close() for event in ids(part, tmp_path)]
    assert sorted(found) == [f"{number:02}" for number in range(60)]


def test_what_is_abandoned_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither files nor rows nor counts; the next rows begin anew."""
    monkeypatch.setattr("cloudtrail_mfa.store.parts.ROW_GROUP", 1)
    monkeypatch.setattr("cloudtrail_mfa.store.parts._MOST_OPEN", 1)
    parts = Parts(tmp_path)
    for time in DAYS:
        parts.add(rows(call(event_id="one", time=time), call(event_id="one", time=time)))
    parts.abandon()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not parts.tally.duplicates
    parts.add(rows(call(event_id="two")))
    (part,) = parts.close()
    assert ids(part, tmp_path) == ["two"]


def test_a_run_that_is_over_is_not_written_to(tmp_path: Path) -> None:
    """A task that nobody waits for leaves nothing behind: its folder is gone, and stays so."""
    parts = Parts(tmp_path / "staging")
    parts.add(rows(call()))
    with pytest.raises(DiskProblem, match="No such file or directory"):
        parts.close()
    assert not (tmp_path / "staging").exists()


def test_a_file_is_as_the_lake_says(tmp_path: Path) -> None:
    """Typed columns, zstd, statistics where readers choose by them."""
    file = PartWriter(tmp_path, ("111122223333", None))
    table = rows(call())
    file.write(table, fingerprints(table["event_id"]))
    part = file.close()
    written = pq.ParquetFile(tmp_path / part.name)
    assert written.schema_arrow == STORED_SCHEMA
    group = written.metadata.row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    assert columns["event_time"].is_stats_set
    assert columns["error_code"].statistics.null_count == 1
