"""Buckets: which folders are listed, and which are told instead."""

from __future__ import annotations

from threading import Barrier

import pytest

from cloudtrail_mfa import S3, SourceError
from cloudtrail_mfa.archive.buckets import walk
from cloudtrail_mfa.scope import Scope
from tests.records import file_name
from tests.s3_server import Bucket, Server

TRAIL = "AWSLogs/111122223333/CloudTrail/us-east-1/"
OTHERS = (
    "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/06/10/digest.json.gz",
    "AWSLogs/111122223333/Config/us-east-1/2026/6/10/config.json.gz",
    "AWSLogs/999999999999/CloudTrail/us-east-1/2026/06/10/other.json.gz",
    "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/06/10/other.json.gz",
    "notes/2026/06/10/deep.json",
)


@pytest.fixture
def trail(bucket: Bucket) -> Bucket:
    """Return a bucket of six days of a trail, and other things."""
    for day in ("2025/12/31", "2026/05/31", "2026/06/09", "2026/06/10", "2026/07/20", "2027/01/01"):
        bucket.put(f"{TRAIL}{day}/{file_name(day.replace('/', '') + 'T1200Z')}")
    for key in OTHERS:
        bucket.put(key)
    return bucket


def walked(bucket: Bucket, scope: Scope | None, prefix: str = "") -> set[str]:
    """Return what is found, without the bucket and the names of delivered files."""
    found = [
        entry.path.removeprefix(bucket.url())
        for entry in walk(bucket.s3, bucket.url(prefix), scope)
    ]
    assert len(found) == len(set(found))
    return {path.rpartition("/")[0] + "/" if TRAIL in path else path for path in found}


def days(*names: str) -> set[str]:
    return {f"{TRAIL}{name}/" for name in names}


def test_without_a_scope_everything_is_listed_at_once(trail: Bucket) -> None:
    """Digests too: who verifies them needs them."""
    found = walked(trail, None)
    assert set(OTHERS) < found
    assert len(found) == len(OTHERS) + 6
    assert len(trail.server.requests) == 1


def test_digests_are_not_listed_where_events_are_wanted(trail: Bucket) -> None:
    """Their folder is told instead; all events are found, in however many folders."""
    found = walked(trail, Scope())
    assert "AWSLogs/111122223333/CloudTrail-Digest/" in found
    assert set(OTHERS[1:]) < found
    assert len(found) == len(OTHERS) + 6
    assert not any("Digest" in prefix for prefix in trail.server.listed())


def test_folders_outside_are_told_and_not_listed(trail: Bucket) -> None:
    """By account, region and date; the server was not even asked."""
    scope = Scope.parse(
        since="2026-06-10", until="2026-06-30", account="111122223333", region="us-east-1"
    )
    assert walked(trail, scope) == {
        "AWSLogs/111122223333/CloudTrail-Digest/",
        OTHERS[1],
        "AWSLogs/999999999999/",
        "AWSLogs/111122223333/CloudTrail/eu-west-1/",
        OTHERS[4],
        *days("2025", "2026/05", "2026/06/09", "2026/06/10", "2026/07/20", "2027"),
    }
    listed = {prefix for prefix in trail.server.listed() if prefix.startswith(TRAIL)}
    assert listed == {TRAIL, *days("2026", "2026/06", "2026/06/10", "2026/07", "2026/07/20")}


def test_a_source_within_the_layout_is_pruned_as_well(trail: Bucket) -> None:
    """Whatever level it names; itself is always listed, since it was asked for."""
    scope = Scope.parse(since="2026-06-10", until="2026-06-30")
    assert walked(trail, scope, f"{TRAIL}2026/06/") == days("2026/06/09", "2026/06/10")
    assert walked(trail, scope, f"{TRAIL}2025/12/31/") == days("2025/12/31")


def test_a_month_within_the_time_is_listed_at_once(trail: Bucket) -> None:
    """One request for it, not one a day."""
    found = walked(trail, Scope.parse(since="2026-05-31"), TRAIL)
    assert found == days(
        "2025", "2026/05/31", "2026/06/09", "2026/06/10", "2026/07/20", "2027/01/01"
    )
    assert f"{TRAIL}2026/06/" in trail.server.listed()
    assert f"{TRAIL}2026/06/10/" not in trail.server.listed()


def test_a_prefix_before_the_layout_is_looked_into(bucket: Bucket) -> None:
    """CloudTrail's own prefix, and an organization's id."""
    key = "security/AWSLogs/o-exampleorg1/111122223333/CloudTrail/us-east-1/"
    for day in ("2026/06/09", "2026/06/10"):
        bucket.put(f"{key}{day}/x.json.gz")
    found = walked(bucket, Scope.parse(since="2026-06-10"))
    assert found == {f"{key}2026/06/09/", f"{key}2026/06/10/x.json.gz"}


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_bucket_is_named_with_or_without_a_slash(bucket: Bucket, slash: str) -> None:
    """Both mean all of it."""
    bucket.put("one.json")
    found = list(walk(bucket.s3, f"s3://{bucket.name}{slash}", Scope()))
    assert [entry.path for entry in found] == [bucket.url("one.json")]


def test_an_object_or_a_folder_is_named_without_a_slash(bucket: Bucket) -> None:
    """An object is itself, a folder all below it, a name of neither nothing."""
    key = bucket.put("logs/one.json").removeprefix(bucket.url())
    for name in (key, "logs"):
        assert [entry.path for entry in walk(bucket.s3, bucket.url(name), None)] == [
            bucket.url(key)
        ]
    assert list(walk(bucket.s3, bucket.url("lo"), None)) == []
    assert list(walk(bucket.s3, bucket.url("lo/"), None)) == []


def test_folders_that_may_not_be_listed_are_told(trail: Bucket) -> None:
    """And the rest goes on."""
    trail.server.trouble("eu-west-1", 403, "AccessDenied")
    found = walked(trail, Scope())
    assert "AWSLogs/111122223333/CloudTrail/eu-west-1/" in found
    assert days("2026/06/10") < found


def test_a_source_that_may_not_be_listed_is_an_error(trail: Bucket) -> None:
    """Nothing could be read of it."""
    trail.server.trouble("list-type", 403, "AccessDenied")
    with pytest.raises(SourceError, match=r"s3://\S+: access denied: listing takes s3:ListBucket"):
        walked(trail, Scope())


def test_half_a_list_is_none(trail: Bucket) -> None:
    """What is wrong with the connection or the credentials is wrong for the rest, too."""
    trail.server.trouble("CloudTrail%2Feu-west-1", 400, "ExpiredToken")
    with pytest.raises(SourceError, match="renew them"):
        walked(trail, Scope())


def test_folders_are_listed_at_once(bucket: Bucket, s3_server: Server) -> None:
    """One after the other they would take as long as the network does to answer each."""
    for number in range(8):
        bucket.put(f"AWSLogs/11112222333{number}/CloudTrail/us-east-1/2026/06/10/x.json")
    together = Barrier(8, timeout=30)

    def wait(asked: str) -> None:
        if asked.endswith("CloudTrail%2F"):
            together.wait()

    s3_server.before = wait
    assert len(walked(bucket, Scope())) == 8


def test_five_thousand_keys_are_several_pages(bucket: Bucket) -> None:
    """None is missed where one page ends and the next begins."""
    keys = {bucket.put(f"{TRAIL}2026/06/01/{number:05}.json.gz") for number in range(5000)}
    assert {entry.path for entry in walk(bucket.s3, bucket.url(), Scope())} == keys
    pages = [asked for asked in bucket.server.requests if "continuation-token" in asked]
    assert len(pages) == 4


@pytest.mark.parametrize("source", ["s3://", "s3:///prefix/", "s3://Not_A_Bucket/", "s3://b/"])
def test_a_bucket_has_to_be_named(source: str) -> None:
    """Before any request is made."""
    with pytest.raises(SourceError, match="names no bucket: give s3://bucket/"):
        list(walk(S3(), source, Scope()))
