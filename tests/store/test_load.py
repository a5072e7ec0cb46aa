"""A task: files to parts, each file wholly or not at all."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cloudtrail_mfa.archive.sources import LogFile, find
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.load import Loaded, load, scope_text, shortened, tasks
from tests.records import call, write_log

A_MEGABYTE = 1 << 20


def file(size: int, number: int = 0) -> LogFile:
    return LogFile(f"/logs/{number:05}.json.gz", size, 0)


def loaded(folder: Path, *names: str, scope: Scope | None = None) -> Loaded:
    files = [found for found in find([folder]) if not names or Path(found.path).name in names]
    (folder / "staging").mkdir()
    return load(files, folder / "staging", scope or Scope())


def events(done: Loaded, folder: Path) -> list[str]:
    names = [folder / "staging" / part.name for part in done.parts]
    return sorted(
        event for name in names for event in pq.ParquetFile(name).read()["event_id"].to_pylist()
    )


class TestTasks:
    """How files are dealt out."""

    def test_thousands_of_small_files_are_a_few_tasks(self) -> None:
        """Enough that no process is idle, few enough that no tiny Parquet files are made."""
        dealt = list(tasks([file(900, number) for number in range(4000)], 2))
        assert 8 <= len(dealt) <= 24
        assert sum(map(len, dealt)) == 4000

    def test_a_large_file_is_a_task(self) -> None:
        """Beside small ones too."""
        sizes = [100 * A_MEGABYTE, 900, 100 * A_MEGABYTE, 900, 900]
        dealt = list(tasks([file(size, number) for number, size in enumerate(sizes)], 2))
        assert [[found.size for found in task] for task in dealt] == [
            [100 * A_MEGABYTE],
            [900],
            [100 * A_MEGABYTE],
            [900, 900],
        ]

    def test_a_little_is_one_task(self) -> None:
        """Which needs no other process."""
        assert len(list(tasks([file(900, number) for number in range(50)], 8))) == 1
        assert list(tasks([], 2)) == []

    def test_the_order_is_kept(self) -> None:
        """So that copies lie close together."""
        files = [file(50_000, number) for number in range(500)]
        assert [found for task in tasks(files, 2) for found in task] == files


class TestLoad:
    """What becomes of the files of a task."""

    @pytest.mark.parametrize("names", [(), ("bad.json.gz",)])
    def test_a_broken_file_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
    ) -> None:
        """Alone or among others, even where much of it had been read by then."""
        monkeypatch.setattr("cloudtrail_mfa.archive.pieces._BLOCK", 4000)
        monkeypatch.setattr("cloudtrail_mfa.store.parts.ROW_GROUP", 1)
        many = [call(event_id=f"{number:03}") for number in range(100)]
        whole = write_log(tmp_path / "bad.json.gz", many).read_bytes()
        (tmp_path / "bad.json.gz").write_bytes(whole[:-9])
        write_log(tmp_path / "good.json.gz", [call(event_id="good")])
        done = loaded(tmp_path, *names)
        assert done.sources[0].outcome == "rejected"
        assert done.sources[0].reason.startswith("truncated gzip")
        assert done.sources[0].records == 0
        assert events(done, tmp_path) == ([] if names else ["good"])
        left = list((tmp_path / "staging").rglob("*.parquet"))
        assert len(left) == len(done.parts)

    def test_small_files_are_spread_together(self, tmp_path: Path) -> None:
        """Each record with its own file."""
        for number in range(30):
            write_log(tmp_path / f"{number:02}.json.gz", [call(event_id=f"{number:02}")] * 1)
        done = loaded(tmp_path)
        (part,) = done.parts
        rows = pq.ParquetFile(tmp_path / "staging" / part.name).read()
        told = zip(rows["event_id"].to_pylist(), rows["source_file"].to_pylist(), strict=True)
        assert [(event, Path(path).name[:2]) for event, path in told] == [
            (f"{number:02}", f"{number:02}") for number in range(30)
        ]

    def test_unusual_records_among_usual_ones_are_in(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A new field costs the file its short way, not its records."""
        monkeypatch.setattr("cloudtrail_mfa.archive.pieces._BLOCK", 4000)
        records = [call(event_id=f"{number:03}") for number in range(100)]
        records[50]["invented"] = {"a": [1, None]}
        write_log(tmp_path / "a.json.gz", records)
        done = loaded(tmp_path)
        assert events(done, tmp_path) == [record["eventID"] for record in records]
        assert done.sources[0].records == 100

    def test_what_is_no_record_is_told_with_its_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The place in the file, not in a piece of it."""
        monkeypatch.setattr("cloudtrail_mfa.archive.pieces._BLOCK", 2000)
        records: list[object] = [call(event_id=f"{number:03}") for number in range(60)]
        records[40] = {"eventVersion": "1.11", "some": "thing"}
        text = json.dumps({"Records": records}, separators=(",", ":"))
        (tmp_path / "a.json.gz").write_bytes(gzip.compress(text.encode()))
        (source,) = loaded(tmp_path).sources
        assert source.records == 59
        assert [problem.partition(":")[0] for problem in source.problems] == ["item 41"]

    def test_filters_are_counted_for_each_file(self, tmp_path: Path) -> None:
        """Of files that are spread together as well."""
        late = "2026-06-02T09:00:00Z"
        write_log(tmp_path / "a.json.gz", [call(time=late), call()])
        write_log(tmp_path / "b.json.gz", [call(time=late), call(time=late), call()])
        done = loaded(tmp_path, scope=Scope.parse(until="2026-06-01"))
        assert [source.out_of_scope for source in done.sources] == [1, 2]
        assert len(events(done, tmp_path)) == 2

    def test_a_record_that_no_column_holds_is_rejected_by_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With its place; the files beside are in."""
        monkeypatch.setattr("cloudtrail_mfa.store.load._LARGEST_RECORD", 2 << 20)
        long = call(event_id="long", invented="x" * (2 << 20))
        write_log(tmp_path / "a.json.gz", [call(event_id="good")])
        (tmp_path / "b.json").write_text(json.dumps([call(), long]))
        done = loaded(tmp_path)
        assert [source.outcome for source in done.sources] == ["ingested", "rejected"]
        assert done.sources[1].reason == "too large: record 2 has more than 2 MiB"
        assert events(done, tmp_path) == ["good"]

    def test_large_records_are_not_spread_all_at_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A column of a thousand of them would not hold them."""
        monkeypatch.setattr("cloudtrail_mfa.store.load._LARGEST_RECORD", 3000)
        records = [call(event_id=f"{number:02}", invented="x" * 1500) for number in range(9)]
        (tmp_path / "a.json").write_text(json.dumps(records))
        done = loaded(tmp_path)
        assert events(done, tmp_path) == [f"{number:02}" for number in range(9)]

    def test_the_hash_is_that_of_the_stored_bytes_either_way(self, tmp_path: Path) -> None:
        """A copy of a file is known by it."""
        write_log(tmp_path / "a.json.gz", [call()])
        (tmp_path / "b.json").write_text(json.dumps([call()]))
        sources = loaded(tmp_path).sources
        assert all(len(source.sha256) == 64 for source in sources)


def test_a_scope_is_a_text() -> None:
    """As the manifest keeps it."""
    scope = Scope.parse(since="2026-06-01", account=["222222222222", "111122223333"])
    assert scope_text(scope) == (
        "since=2026-06-01T00:00:00Z account=111122223333 account=222222222222"
    )
    assert scope_text(Scope()) == ""


def test_long_lists_are_cut_with_a_count() -> None:
    """Nothing is left out in silence."""
    assert shortened(["a"] * 5) == ["a"] * 5
    assert shortened(["a"] * 8) == [*["a"] * 5, "and 3 more like these"]
