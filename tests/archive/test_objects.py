"""Objects: what is listed, and how it is read."""

from __future__ import annotations

from threading import Event

import pytest

from cloudtrail_mfa import S3
from cloudtrail_mfa.archive.objects import Entry, entries, entry, open_object, parts
from tests.s3_server import Bucket, Line


def test_an_object_is_found_with_its_size_and_time(bucket: Bucket) -> None:
    """By which a later run tells whether it changed."""
    path = bucket.put("one.json", b"{ }")
    found = entry(bucket.s3, path)
    assert found is not None
    assert (found.path, found.size) == (path, 3)
    assert found.modified > 1_600_000_000 * 10**9
    assert entries(bucket.s3, bucket.url(), deep=True) == [found]


def test_a_folder_is_found_and_a_name_of_neither_is_not(bucket: Bucket) -> None:
    """A folder is what keys have in common up to a slash."""
    bucket.put("logs/one.json")
    assert entry(bucket.s3, bucket.url("logs")) == Entry(bucket.url("logs/"))
    assert entry(bucket.s3, bucket.url("log")) is None


def test_a_folder_holds_files_and_folders(bucket: Bucket) -> None:
    """Or, deeply, all files below; what only marks a folder is no file."""
    bucket.put("logs/", b"")
    one, two = bucket.put("logs/one.json"), bucket.put("logs/deep/two.json")
    shallow = {found.path for found in entries(bucket.s3, bucket.url("logs/"), deep=False)}
    deep = {found.path for found in entries(bucket.s3, bucket.url("logs/"), deep=True)}
    assert (shallow, deep) == ({one, bucket.url("logs/deep/")}, {one, two})
    assert entries(bucket.s3, bucket.url("nothing/"), deep=False) == []


def test_a_key_with_an_empty_part_is_found_to_be_rejected(bucket: Bucket) -> None:
    """It is never passed over in silence, however it is listed."""
    path = bucket.put("logs//one.json")
    for deep in (True, False):
        assert [found.path for found in entries(bucket.s3, bucket.url("logs/"), deep=deep)] == [
            path
        ]
    with pytest.raises(OSError, match="a key with an empty part"):
        open_object(bucket.s3, path, 2)


@pytest.mark.parametrize("key", ["ü n+i%41.json", "a=b/c&d?.json", "x.json"])
def test_any_key_is_read(bucket: Bucket, key: str) -> None:
    """Whatever characters it holds."""
    path = bucket.put(key, b"text")
    (found,) = entries(bucket.s3, bucket.url(), deep=True)
    assert found.path == path
    with open_object(bucket.s3, path, found.size) as opened:
        assert opened.read() == b"text"


def test_a_small_object_is_read_at_once(bucket: Bucket) -> None:
    """It is there when it is open, and can be read again."""
    path = bucket.put("one.json", b"text")
    with open_object(bucket.s3, path, 4) as opened:
        assert opened.read() == b"text"
        assert [asked.split()[0] for asked in bucket.server.requests] == ["HEAD", "GET"]
        opened.seek(0)
        assert opened.read() == b"text"


def test_a_large_object_is_read_block_by_block(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is that of a block."""
    monkeypatch.setattr("cloudtrail_mfa.archive.objects._BLOCK", 1000)
    body = bytes(range(250)) * 10
    path = bucket.put("large.bin", body)
    with open_object(bucket.s3, path, len(body)) as opened:
        assert b"".join(iter(lambda: opened.read(700), b"")) == body
    assert sum(asked.startswith("GET") for asked in bucket.server.requests) == 3


@pytest.mark.parametrize("size", [0, 3, 9999])
def test_an_object_that_changed_since_is_read_as_it_is(bucket: Bucket, size: int) -> None:
    """Its size in the list is but a hint."""
    path = bucket.put("one.json", b"12345678")
    with open_object(bucket.s3, path, size) as opened:
        assert opened.read() == b"12345678"


def test_an_empty_object_is_empty(bucket: Bucket) -> None:
    """Which reading it tells."""
    with open_object(bucket.s3, bucket.put("empty", b""), 0) as opened:
        assert opened.read() == b""


def test_an_object_that_vanished_is_told(bucket: Bucket) -> None:
    """Between the list and the reading lifecycle rules go on."""
    with pytest.raises(FileNotFoundError, match="it was listed, and is there no more"):
        open_object(bucket.s3, bucket.url("gone"), 1)


def test_a_line_that_breaks_is_tried_again(bucket: Bucket) -> None:
    """Before the answer, and in the middle of it."""
    path = bucket.put("one.bin", bytes(200_000))
    with (
        Line(bucket.server, "reset", "truncate") as line,
        open_object(line.s3, path, 200_000) as opened,
    ):
        assert opened.read() == bytes(200_000)
        assert line.broken


def test_a_request_that_stalls_is_made_again(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a time without a byte; nobody waits for ever."""
    monkeypatch.setattr("cloudtrail_mfa.archive.s3._SECONDS_WITHOUT_A_BYTE", 1)
    path = bucket.put("one.json", b"text")
    asked_again = Event()

    def stall(_: str) -> None:
        if len(bucket.server.requests) == 1:
            assert asked_again.wait(60)
        asked_again.set()

    bucket.server.before = stall
    with open_object(bucket.s3, path, 4) as opened:
        assert opened.read() == b"text"
    assert len(bucket.server.requests) == 3


def test_a_busy_server_is_asked_again(bucket: Bucket) -> None:
    """As S3 wants it; also where its answer is longer than the object, which hides it."""
    for size in (4, 4000):
        path = bucket.put("one.json", bytes(size))
        bucket.server.trouble("HEAD .*one.json", 500, "InternalError", times=1)
        bucket.server.trouble("GET .*one.json", 503, "SlowDown", times=1)
        with open_object(bucket.s3, path, size) as opened:
            assert opened.read() == bytes(size)


def test_what_stays_hidden_is_told(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few more tries."""
    monkeypatch.setattr("cloudtrail_mfa.archive.objects._PAUSES", (0.0, 0.0))
    path = bucket.put("one.json", b"text")
    bucket.server.trouble("GET .*one.json", 403, "AccessDenied")
    with pytest.raises(OSError, match="in words that its few bytes hide"):
        open_object(bucket.s3, path, 4)
    assert sum(asked.startswith("GET") for asked in bucket.server.requests) == 3


def test_a_machine_that_cannot_ask_tells_why(bucket: Bucket) -> None:
    """Credentials are found where the reading is done: a worker of a cluster may have none."""
    s3 = S3(endpoint=bucket.s3.endpoint, profile="nobody")
    with pytest.raises(OSError, match="s3 profile='nobody' gives no credentials"):
        open_object(s3, bucket.put("one.json"), 2)


def test_parts_of_a_path() -> None:
    """A bucket has no key, a key may hold anything but empty parts."""
    assert parts("s3://bucket") == parts("s3://bucket/") == ("bucket", "")
    assert parts("s3://bucket/a/b c\n") == ("bucket", "a/b c\n")
    for key in ("/a", "a//b"):
        with pytest.raises(OSError, match="a key with an empty part"):
            parts(f"s3://bucket/{key}")
