"""Buckets whose requester pays: each request says so, and all else is as with other buckets."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cloudtrail_mfa import S3, Lake, MissingPackageError, ScopeError, SourceError
from cloudtrail_mfa.archive.objects import entries, entry, open_object
from tests.archive.test_s3 import ROLE, asked_by
from tests.records import call, write_log
from tests.s3_server import Bucket, Line


@pytest.fixture
def s3(bucket: Bucket) -> S3:
    return replace(bucket.s3, requester_pays=True)


def test_it_lists_what_arrow_lists(bucket: Bucket, s3: S3) -> None:
    """Files and folders, at once and deeply, odd keys and what only marks a folder too."""
    bucket.put("logs/", b"")
    bucket.put("text/")
    for key in ("logs/one.json", "logs/deep/two.json", "logs/a//b.json", "ü n+i%41.json"):
        bucket.put(key)
    for folder in ("", "logs/", "logs/deep/", "logs/a/", "nothing/"):
        for deep in (True, False):
            found = [sorted(entries(how, bucket.url(folder), deep=deep)) for how in (bucket.s3, s3)]
            assert found[0] == found[1], (folder, deep)
    for key in ("logs", "logs/one.json", "log", "ü n+i%41.json"):
        assert entry(s3, bucket.url(key)) == entry(bucket.s3, bucket.url(key))


def test_an_ingest_pays_for_all_that_it_asks(tmp_path: Path, bucket: Bucket, s3: S3) -> None:
    """Its lake is that of any bucket, in other processes, too."""
    for number in range(3):
        log = write_log(tmp_path / f"{number}.json.gz", [call(event_id=f"event-{number}")])
        bucket.put(f"AWSLogs/{number}.json.gz", log.read_bytes())
    report = Lake(tmp_path / "lake").ingest(bucket.url(), s3=s3, workers=2)
    assert (len(report.ingested), report.events) == (3, 3)
    assert set(bucket.server.payers) == {"requester"}
    assert len(bucket.server.payers) == len(bucket.server.requests) > 6


def test_a_large_object_is_read_block_by_block(
    bucket: Bucket, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From anywhere in it; memory is that of a block."""
    monkeypatch.setattr("cloudtrail_mfa.archive.objects._BLOCK", 1000)
    body = bytes(range(250)) * 10
    with open_object(s3, bucket.put("large.bin", body), len(body)) as opened:
        assert b"".join(iter(lambda: opened.read(700), b"")) == body
        opened.seek(2400)
        assert opened.read() == body[2400:]
        opened.seek(-1, 2)
        assert opened.read() == body[-1:]


def test_a_bad_line_and_a_busy_server_are_asked_again(bucket: Bucket) -> None:
    """Before the answer, in the middle of it, and where S3 wants it."""
    path = bucket.put("one.bin", bytes(200_000))
    bucket.server.trouble("HEAD .*one.bin", 500, "InternalError", times=1)
    bucket.server.trouble("GET .*one.bin", 503, "SlowDown", times=1)
    with Line(bucket.server, "reset", "truncate") as line:
        with open_object(replace(line.s3, requester_pays=True), path, 200_000) as opened:
            assert opened.read() == bytes(200_000)
        assert line.broken


@pytest.mark.parametrize(
    ("asked", "status", "code", "problem"),
    [
        ("HEAD", 403, "", "access denied: reading takes s3:GetObject"),
        ("GET .*one", 403, "AccessDenied", "access denied: reading takes s3:GetObject"),
        ("GET .*one", 404, "NoSuchKey", "it was listed, and is there no more"),
        ("GET .*one", 400, "ExpiredToken", "S3 does not know these credentials"),
        ("GET .*one", 418, "Teapot", "S3 refuses it .*Teapot"),
    ],
)
def test_what_is_refused_is_told_in_the_same_words(
    bucket: Bucket, s3: S3, asked: str, status: int, code: str, problem: str
) -> None:
    """As if Arrow had asked."""
    path = bucket.put("one")
    bucket.server.trouble(asked, status, code)
    with pytest.raises(OSError, match=problem):
        open_object(s3, path, 2)


def test_a_source_that_cannot_be_listed_is_an_error(tmp_path: Path, bucket: Bucket, s3: S3) -> None:
    """Whoever forbids it: S3 or the network."""
    lake = Lake(tmp_path / "lake")
    bucket.server.trouble("list-type", 403, "AccessDenied", times=1)
    with pytest.raises(SourceError, match="listing takes s3:ListBucket"):
        lake.ingest(bucket.url(), s3=s3)
    with pytest.raises(SourceError, match="there is no such bucket"):
        lake.ingest("s3://nobodys-bucket/", s3=s3)
    nowhere = S3(endpoint="http://127.0.0.1:9", requester_pays=True)
    with pytest.raises(SourceError, match="the connection to S3 fails"):
        lake.ingest(bucket.url(), s3=nowhere)


def test_nobody_pays_without_credentials(
    bucket: Bucket, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrow would ask anonymously then."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(OSError, match="no credentials are found"):
        entries(s3, bucket.url(), deep=True)


def test_a_role_is_assumed(bucket: Bucket, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the credentials of the environment; what signs, and pays, is temporary."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", s3.endpoint or "")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assumed = replace(s3, role=ROLE, external_id="example-id")
    assert asked_by(bucket, assumed).startswith("ASIA")
    assert bucket.server.signers[0] == "AKIAIOSFODNN7EXAMPLE"


def test_who_pays_has_to_sign() -> None:
    """Nobody cannot pay."""
    with pytest.raises(ScopeError, match="who pays has to sign"):
        S3(anonymous=True, requester_pays=True)


def test_without_botocore_its_extra_is_named(monkeypatch: pytest.MonkeyPatch, s3: S3) -> None:
    """Other buckets do without."""
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(MissingPackageError, match=r"cloudtrail-mfa\[s3\]"):
        entries(s3, "s3://bucket/", deep=True)
