"""What a made-up trail is like."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.trail import FILES, Trail, main, write_trail
from cloudtrail_mfa import Lake
from cloudtrail_mfa.archive.sources import find

SMALL = Trail(3000, records_a_file=FILES["small"], again=0.01, late=0.02)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trail")
    write_trail(folder, SMALL, workers=1)
    return folder


def _stored(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.gz")}


def _records(folder: Path) -> list[dict[str, Any]]:
    texts = [gzip.decompress(stored) for stored in _stored(folder).values()]
    return [record for text in texts for record in json.loads(text)["Records"]]


def test_a_seed_makes_the_same_files(written: Path, tmp_path: Path) -> None:
    """However many processes write, the same seed gives the same bytes, and another does not."""
    write_trail(tmp_path / "two", SMALL, workers=2)
    write_trail(tmp_path / "other", Trail(3000, FILES["small"], seed=7), workers=1)
    assert _stored(tmp_path / "two") == _stored(written)
    assert _stored(tmp_path / "other").keys() != _stored(written).keys()


def test_it_tells_what_was_written(written: Path, tmp_path: Path) -> None:
    """The counts are those of the files: events, those that come twice, bytes."""
    told = write_trail(tmp_path, SMALL, workers=1)
    records, stored = _records(written), _stored(written)
    assert told.events == 3000 == len({record["eventID"] for record in records})
    assert told.records == len(records) > 3000
    assert told.files == len(stored)
    assert told.stored_bytes == sum(map(len, stored.values()))
    assert told.text_bytes == sum(len(gzip.decompress(text)) for text in stored.values())


def test_every_record_comes_into_a_lake(written: Path, tmp_path: Path) -> None:
    """Nothing is rejected, no field is unknown, and what comes twice is one event."""
    lake = Lake(tmp_path / "lake")
    report = lake.ingest(written)
    assert report.complete
    assert report.events == 3000
    assert report.duplicates == len(_records(written)) - 3000 > 0
    assert lake.sql("select count(*) from events where record is not null").iat[0, 0] == 0


def test_names_are_those_of_cloudtrail(written: Path) -> None:
    """Account, region and minute stand in the name of each file, as in its folders and records."""
    for file in find([written]):
        account, minute, region = file.delivery
        day = f"{minute[:4]}/{minute[4:6]}/{minute[6:8]}"
        assert f"/AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_" in file.path
        records = json.loads(gzip.decompress(Path(file.path).read_bytes()))["Records"]
        assert {record["recipientAccountId"] for record in records} == {account}
        assert {record["awsRegion"] for record in records} == {region}


def test_some_events_are_late(tmp_path: Path) -> None:
    """They lie in a file of the next day, as do those that are delivered twice."""
    told = write_trail(tmp_path, SMALL, workers=1)
    late = {
        record["eventID"]
        for file in find([tmp_path])
        for record in json.loads(gzip.decompress(Path(file.path).read_bytes()))["Records"]
        if record["eventTime"][:10].replace("-", "") < file.delivery[1][:8]
    }
    assert 0 < told.late < len(late) < 0.1 * told.events


def test_most_happens_in_one_account(written: Path) -> None:
    """Four accounts and three regions have events; half and more are of one account."""
    records = _records(written)
    accounts = [record["recipientAccountId"] for record in records]
    assert len(set(accounts)) == 4
    assert len({record["awsRegion"] for record in records}) == 3
    assert accounts.count("111122223333") > len(accounts) / 2


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_calls_are_refused_as_often_as_asked(tmp_path: Path, share: float) -> None:
    """The share of refused calls comes near the one that was asked for."""
    write_trail(tmp_path, Trail(20_000, refused=share), workers=1)
    refused = sum("errorCode" in record for record in _records(tmp_path))
    assert 0.8 * share < refused / 20_000 < 1.2 * share


def test_records_have_the_size_of_real_ones(written: Path) -> None:
    """On average a record has between 1,300 and 1,600 bytes, and the longest has several thousand."""
    texts = [
        json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()
        for record in _records(written)
    ]
    assert 1300 < sum(map(len, texts)) / len(texts) < 1600
    assert max(map(len, texts)) > 5000


@pytest.mark.parametrize(("asked", "most"), [("--records-a-file=7", 7), ("--files=one-record", 1)])
def test_files_have_the_size_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: str, most: int
) -> None:
    """The command takes one size for all files, or a range by its name, and tells what it wrote."""
    main([str(tmp_path), "--events", "200", "--workers", "1", asked])
    sizes = [
        len(json.loads(gzip.decompress(text))["Records"]) for text in _stored(tmp_path).values()
    ]
    assert max(sizes) == most
    assert capsys.readouterr().out.startswith("200 events, ")


def test_small_files_hold_nine_records_on_average(written: Path) -> None:
    """Their sizes are those of a quiet account: up to 30 records, most of them few."""
    records = len(_records(written))
    assert 7 < records / len(_stored(written)) < 10
