"""All denials are judged once for a lake, and told the same way ever after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Evidence, Lake
from cloudtrail_mfa.denials import DENIAL_COLUMNS
from tests.records import call, denied, file_name, write_log
from tests.scenarios.export import write_evidence
from tests.scenarios.judged import generate


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the logs and the policies of a made-up world."""
    folder = tmp_path_factory.mktemp("world")
    (world,) = generate(150, 7)
    write_log(folder / "logs" / file_name(), [*world.records, *world.again])
    write_evidence(world, folder / "evidence")
    return folder


def lake_of(world: Path, folder: Path) -> Lake:
    lake = Lake(folder / "lake")
    lake.ingest(world / "logs")
    return lake


def kept(lake: Lake) -> list[str]:
    return sorted(path.stem for path in lake._dataset.folder.glob("answers/*/*/*.parquet"))


def test_what_is_kept_is_what_was_judged(world: Path, tmp_path: Path) -> None:
    """Row for row, with the same types: by whom and when it is asked does not matter."""
    first = lake_of(world, tmp_path).denials(bodies=True)
    assert first["evidence"].map(len).gt(0).all()
    for lake in (again := Lake(tmp_path / "lake"), again):
        pd.testing.assert_frame_equal(lake.denials(bodies=True), first)
    assert {"denials", "experiments", "verdicts"} <= {*kept(again)}


FILTERS: list[dict[str, Any]] = [
    {"since": "2026-06-02", "until": "2026-06-20"},
    {"event": "s3:*"},
    {"principal": "*carol*"},
    {"account": "004000000000", "region": "us-east-1"},
]


@pytest.mark.parametrize("filters", FILTERS, ids="-".join)
def test_a_filter_finds_the_same_kept_or_not(
    world: Path, tmp_path: Path, filters: dict[str, Any]
) -> None:
    """What was asked before changes no answer."""
    lake = lake_of(world, tmp_path)
    before = lake.denials(**filters), lake.summary(**filters)
    assert "verdicts" not in kept(lake)
    everything = lake.denials()
    assert 0 < len(before[0]) < len(everything)
    after = lake.denials(**filters), lake.summary(**filters)
    for one, other in zip(before, after, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_policies_are_evaluated_whatever_is_kept(world: Path, tmp_path: Path) -> None:
    """Only what the logs say is kept; evidence may be another each time."""
    evidence = Evidence.load(world / "evidence")
    lake = lake_of(world, tmp_path)
    some = lake.denials(evidence=evidence, principal="*alice*")
    assert (some["certainty"] == "proven").any()
    by_logs = lake.denials()
    assert not (by_logs["certainty"] == "proven").any()
    pd.testing.assert_frame_equal(lake.denials(evidence=evidence, principal="*alice*"), some)


def test_new_events_are_judged_with_the_old(tmp_path: Path) -> None:
    """What is kept of the lake before an ingest is not told after it."""
    lake = Lake(tmp_path / "lake")
    lake.ingest(write_log(tmp_path / "one" / file_name(), [denied(event_id="one")]))
    assert list(lake.denials()["event_id"]) == ["one"]
    lake.ingest(write_log(tmp_path / "two" / file_name(), [denied(event_id="two")]))
    for asked in (lake, Lake(tmp_path / "lake")):
        assert set(asked.denials()["event_id"]) == {"one", "two"}


def test_a_lake_without_denials_has_the_same_columns(tmp_path: Path) -> None:
    """Asked the first time and the second."""
    lake = Lake(tmp_path / "lake")
    lake.ingest(write_log(tmp_path / "logs" / file_name(), [call()]))
    first = lake.denials()
    assert list(first) == list(DENIAL_COLUMNS)
    pd.testing.assert_frame_equal(lake.denials(), first)
