"""Compacting: fewer files, the same events."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cloudtrail_mfa import Lake
from tests.records import call, write_log


def grown(folder: Path, runs: int = 6) -> Lake:
    """Return a lake to which every run brought a file of two days."""
    lake = Lake(folder / "lake")
    for run in range(runs):
        times = (f"2026-06-0{day}T{23 - run:02}:00:00Z" for day in (1, 2))
        records = [call(event_id=f"{run}-{time}", time=time) for time in times]
        lake.ingest(write_log(folder / "logs" / f"{run}.json.gz", records))
    return lake


def files(lake: Lake) -> list[str]:
    return sorted(str(path) for path in lake._dataset.events.rglob("*.parquet"))


def test_a_day_becomes_a_file(tmp_path: Path) -> None:
    """With the events that it had, in order of time."""
    lake = grown(tmp_path)
    before = sorted(lake.records_text())
    done = lake.compact(workers=1)
    assert (done.before, done.after) == (12, 2)
    assert str(done) == "12 Parquet files before, 2 now"
    assert sorted(lake.records_text()) == before
    assert files(lake) == lake._dataset.parquet()
    for path in files(lake):
        times = pq.ParquetFile(path).read()["event_time"].to_pylist()
        assert times == sorted(times)


def test_the_manifests_become_one(tmp_path: Path) -> None:
    """And what is in is still known to be in."""
    lake = grown(tmp_path)
    lake.compact()
    assert len(list((tmp_path / "lake" / "manifest").iterdir())) == 1
    again = lake.ingest(tmp_path / "logs")
    assert {file.reason for file in again.skipped} == {"in the lake already"}
    assert len(again.skipped) == 6


def test_a_second_time_there_is_nothing_to_do(tmp_path: Path) -> None:
    """Neither files nor the manifest are touched."""
    lake = grown(tmp_path)
    lake.compact()
    manifest = list((tmp_path / "lake" / "manifest").iterdir())
    done = lake.compact()
    assert (done.before, done.after) == (2, 2)
    assert list((tmp_path / "lake" / "manifest").iterdir()) == manifest


def test_a_copy_is_known_after_it(tmp_path: Path) -> None:
    """Events that were moved are recognised where they are now."""
    lake = grown(tmp_path, runs=2)
    lake.compact()
    old = call(event_id="0-2026-06-01T23:00:00Z", time="2026-06-01T23:00:00Z", requestID="x")
    report = lake.ingest(write_log(tmp_path / "logs" / "late.json", [old]))
    assert "also known with other content" in str(report)


@pytest.mark.parametrize("workers", [1, 2])
def test_large_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    """What is large enough is not written again; groups end when they are."""
    lake = grown(tmp_path)
    largest = max(Path(path).stat().st_size for path in files(lake))
    monkeypatch.setattr("cloudtrail_mfa.store.compact._ENOUGH", 2 * largest + 1)
    assert lake.compact(workers=workers).after == 6
    monkeypatch.setattr("cloudtrail_mfa.store.compact._SMALL", 1)
    assert lake.compact(workers=workers).after == 6
    assert len(list(lake.records())) == 12


def test_an_empty_lake_has_nothing_to_merge(tmp_path: Path) -> None:
    """It stays empty."""
    assert str(Lake(tmp_path / "lake").compact()) == "0 Parquet files before, 0 now"
