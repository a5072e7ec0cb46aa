"""A lake from S3: what it holds, what it tells, and what it does not keep."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cloudtrail_mfa import S3, IngestReport, Lake, LakeError, SourceError, verify
from cloudtrail_mfa.cli import cli
from tests.records import call, file_name, write_log
from tests.s3_server import Bucket, Line
from tests.signed_archive import signed_archive, write_keys
from tests.store.test_ingest import everything, write_mess

TRAIL = "AWSLogs/111122223333/CloudTrail/us-east-1/"
JUNE = "2026/06/01/"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def put_log(bucket: Bucket, folder: Path, key: str, *ids: str, **fields: Any) -> str:
    """Put a file as CloudTrail delivers it, with an event for each id."""
    log = write_log(folder / "log.json.gz", [call(event_id=one, **fields) for one in ids])
    return bucket.put(key, log.read_bytes())


def ids(lake: Lake) -> list[str]:
    return sorted(str(record["eventID"]) for record in lake.records())


def reasons(report: IngestReport, bucket: Bucket) -> dict[str, str]:
    return {
        file.path.removeprefix(bucket.url()): file.reason for file in report.files if file.reason
    }


def run(bucket: Bucket, lake: Lake, *words: str) -> Result:
    where = "--s3-endpoint", str(bucket.s3.endpoint), "--lake", str(lake._dataset.folder)
    return CliRunner().invoke(
        cli, ["ingest", *words, *where, "--workers", "1"], standalone_mode=False
    )


def test_an_archive_is_verified_where_it_lies(tmp_path: Path, bucket: Bucket) -> None:
    """With the digests beside the log files, none of them copied."""
    trail = signed_archive(tmp_path / "logs")
    for path in (path for path in trail.folder.rglob("*") if path.is_file()):
        bucket.put(path.relative_to(trail.folder).as_posix(), path.read_bytes())
    keys = write_keys(tmp_path / "keys.json", "aws")
    told = verify(bucket.url(), public_keys=keys, s3=bucket.s3)
    assert told.intact
    assert {check.outcome for check in told.checks} == {"verified", "unchanged"}


@pytest.mark.parametrize("how", ["one process", "workers", "executor"])
def test_it_is_the_lake_of_the_same_files_on_disk(
    tmp_path: Path, bucket: Bucket, lake: Lake, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Row for row, whoever reads: copies, conflicts, broken and foreign files too."""
    logs = tmp_path / "logs"
    logs.mkdir()
    write_mess(logs)
    good = (logs / "000.json.gz").read_bytes()
    (logs / "cut.json.gz").write_bytes(good[:-9])
    (logs / "empty.json").write_bytes(b"")
    (logs / "text.txt").write_text("hello")
    (logs / "lines.json").write_text('{"eventID": "x", "eventName": "y", "awsRegion": "z"}\n' * 2)
    for path in logs.iterdir():
        bucket.put(f"logs/{path.name}", path.read_bytes())
    monkeypatch.setattr("cloudtrail_mfa.store.load._SMALLEST_TASK", 20_000)
    source = bucket.url("logs/")
    if how == "executor":
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(2, mp_context=context) as executor:
            report = lake.ingest(source, s3=bucket.s3, executor=executor, workers=2)
    else:
        report = lake.ingest(source, s3=bucket.s3, workers=1 if how == "one process" else 2)
    disk = Lake(tmp_path / "disk")
    expected = disk.ingest(logs, workers=1)
    place = {str(path): bucket.url(f"logs/{path.name}") for path in logs.iterdir()}
    assert everything(lake) == sorted((text, place[file]) for text, file in everything(disk))
    told = [
        (f.outcome, f.sha256, f.records, f.events, f.duplicates, f.reason, f.problems)
        for f in report.files
    ]
    assert told == [
        (f.outcome, f.sha256, f.records, f.events, f.duplicates, f.reason, f.problems)
        for f in expected.files
    ]


def test_only_what_is_new_is_read(tmp_path: Path, bucket: Bucket, lake: Lake) -> None:
    """By key, size and time of the last change: no object that is known is asked for."""
    put_log(bucket, tmp_path, "logs/a.json.gz", "one")
    lake.ingest(bucket.url(), s3=bucket.s3, workers=1)
    new = put_log(bucket, tmp_path, "logs/b.json.gz", "two", "three")
    bucket.server.requests.clear()
    report = lake.ingest(bucket.url(), s3=bucket.s3, workers=1)
    assert [file.path for file in report.ingested] == [new]
    assert reasons(report, bucket) == {"logs/a.json.gz": "in the lake already"}
    assert not any("a.json.gz" in asked for asked in bucket.server.requests)
    put_log(bucket, tmp_path, "logs/a.json.gz", "one", "four")
    lake.ingest(bucket.url(), s3=bucket.s3, workers=1)
    assert ids(lake) == ["four", "one", "three", "two"]


def test_what_is_not_listed_is_told(tmp_path: Path, bucket: Bucket, lake: Lake) -> None:
    """Each folder with its reason; the counts are those of files."""
    for day in ("2025/01/01/", "2026/05/31/", JUNE, "2026/07/01/", "2026/08/01/"):
        name = file_name(day.replace("/", "") + "T1200Z")
        put_log(bucket, tmp_path, f"{TRAIL}{day}{name}", day, time="2026-06-01T10:00:00Z")
    bucket.put("AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/06/01/digest.json.gz")
    june = {"since": "2026-06-01", "until": "2026-06-01"}
    report = lake.ingest(bucket.url(), s3=bucket.s3, workers=1, **june)  # type: ignore[arg-type]
    assert ids(lake) == [JUNE, "2026/07/01/"]
    before = "not listed: delivered before the time of interest, by its name"
    after = "not listed: delivered more than 30 days after the time of interest, by its name"
    digest = "not listed: a CloudTrail digest file: it proves log files, it holds no events"
    assert reasons(report, bucket) == {
        f"{TRAIL}2025/": before,
        f"{TRAIL}2026/05/": before,
        f"{TRAIL}2026/08/": after,
        "AWSLogs/111122223333/CloudTrail-Digest/": digest,
    }
    assert report.complete
    assert str(report).splitlines() == [
        "2 files: 2 ingested, 0 skipped, 0 rejected",
        "2 records: 2 new events, 0 duplicates",
        f"2 folders {before}",
        f"1 folders {digest}",
        f"1 folders {after}",
    ]


def test_a_key_that_vanishes_is_rejected_by_name(
    tmp_path: Path, bucket: Bucket, lake: Lake
) -> None:
    """Between the list and the reading; the others are in."""
    put_log(bucket, tmp_path, "logs/a.json.gz", "one")
    put_log(bucket, tmp_path, "logs/b.json.gz", "two")

    def vanish(asked: str) -> None:
        if asked.startswith("HEAD"):
            bucket.remove("logs/b.json.gz")

    bucket.server.before = vanish
    done = run(bucket, lake, bucket.url())
    assert done.return_value == 1
    reason = "cannot be read (it was listed, and is there no more)"
    assert f"rejected {bucket.url('logs/b.json.gz')}: {reason}" in done.output
    assert ids(lake) == ["one"]


def test_a_folder_that_is_closed_is_named_and_the_rest_goes_on(
    tmp_path: Path, bucket: Bucket, lake: Lake
) -> None:
    """Some input could not be used; with nobody's permission to list it, it may hold events."""
    put_log(bucket, tmp_path, f"{TRAIL}{JUNE}a.json.gz", "one")
    bucket.put("AWSLogs/999999999999/CloudTrail/us-east-1/2026/06/01/b.json.gz")
    bucket.server.trouble("999999999999", 403, "AccessDenied")
    done = run(bucket, lake, bucket.url())
    assert done.return_value == 1
    assert (
        f"rejected {bucket.url('AWSLogs/999999999999/')}: cannot be read (a folder" in done.output
    )
    assert ids(lake) == ["one"]


def test_an_object_that_is_closed_is_named_and_the_rest_goes_on(
    tmp_path: Path, bucket: Bucket, lake: Lake
) -> None:
    """As one that KMS encrypts for others."""
    put_log(bucket, tmp_path, "logs/a.json.gz", "one")
    put_log(bucket, tmp_path, "logs/b.json.gz", "two")
    bucket.server.trouble("/b.json.gz", 403, "AccessDenied")
    done = run(bucket, lake, bucket.url())
    assert done.return_value == 1
    assert "b.json.gz: cannot be read (access denied: reading takes s3:GetObject" in done.output
    assert ids(lake) == ["one"]


def test_a_bad_line_costs_nothing(tmp_path: Path, bucket: Bucket, lake: Lake) -> None:
    """What breaks is asked for again, and no event is lost or there twice."""
    names = [f"{number:02}" for number in range(20)]
    for name in names:
        put_log(bucket, tmp_path, f"logs/{name}.json.gz", name)
    with Line(bucket.server, "reset", "truncate") as line:
        report = lake.ingest(bucket.url(), s3=line.s3, workers=1)
        assert line.broken
    assert report.complete
    assert ids(lake) == names


def test_a_network_that_is_gone_ends_the_run(
    bucket: Bucket, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Soon, and in a sentence: to wait for each of many thousand files would take days."""
    monkeypatch.setattr("cloudtrail_mfa.archive.s3._ATTEMPTS", 1)
    for number in range(60):
        bucket.put(f"logs/{number}.json")
    bucket.server.trouble("HEAD", 503, "SlowDown")
    with pytest.raises(LakeError, match=r"was not finished: S3 stayed busy .*; run again"):
        lake.ingest(bucket.url(), s3=bucket.s3, workers=1)
    assert not lake._dataset.sources()
    bucket.server.troubles.clear()
    assert len(lake.ingest(bucket.url(), s3=bucket.s3, workers=1).files) == 60


def test_a_place_that_cannot_be_asked_is_a_sentence(bucket: Bucket, lake: Lake) -> None:
    """On standard error, exit code 2, and no lake is begun."""
    for source, problem in (
        ("s3://", "s3://: names no bucket: give s3://bucket/ or s3://bucket/prefix/"),
        ("s3://example-nowhere/", "s3://example-nowhere/: there is no such bucket"),
        (bucket.url("x/"), f"{bucket.url('x/')}: no key begins so"),
    ):
        with pytest.raises(SourceError) as caught:
            lake.ingest(source, s3=bucket.s3)
        assert str(caught.value).startswith(problem)
    assert not lake._dataset.folder.exists()


def test_nothing_secret_is_kept(tmp_path: Path, bucket: Bucket, lake: Lake) -> None:
    """Neither credentials nor how they were found are part of the lake or of what is said."""
    put_log(bucket, tmp_path, "logs/a.json.gz", "one")
    done = run(bucket, lake, bucket.url())
    kept = b"".join(path.read_bytes() for path in lake._dataset.folder.rglob("*") if path.is_file())
    for secret in ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "127.0.0.1"):
        assert secret.encode() not in kept
        assert secret not in done.output


def test_the_command_line_says_how_buckets_are_reached(
    tmp_path: Path, bucket: Bucket, lake: Lake
) -> None:
    """Here by nobody: the bucket is public."""
    put_log(bucket, tmp_path, "logs/a.json.gz", "one")
    bucket.publish("logs/a.json.gz")
    assert run(bucket, lake, bucket.url(), "--s3-anonymous").return_value == 0
    assert set(bucket.server.signers) == {"nobody"}
    done = run(bucket, lake, bucket.url(), "--s3-anonymous", "--s3-profile", "x")
    assert "names profile and anonymous" in str(done.exception)
    help_text = CliRunner().invoke(cli, ["ingest", "--help"]).output
    assert "\n    cloudtrail-mfa ingest s3://my-trail/AWSLogs/ --lake lake/ --since 7d" in help_text
    assert all(f"--s3-{name.replace('_', '-')}" in help_text for name in S3.__dataclass_fields__)
