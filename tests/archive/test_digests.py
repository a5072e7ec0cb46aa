"""Digest files: read as claims, whoever wrote them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_mfa.archive.decode import Unreadable
from cloudtrail_mfa.archive.digests import Chain, Digest, DigestName, Place
from tests.records import ACCOUNT
from tests.signed_archive import Trail, edit, read_digests, signed_archive

NAME = f"{ACCOUNT}_CloudTrail-Digest_us-east-2_my_trail_us-east-1_20260601T090000Z"


def read(path: Path) -> Digest:
    return read_digests([path])[0]


def said(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return found


def test_a_digest_names_log_files_and_the_digest_before(tmp_path: Path) -> None:
    """With hashes, and times in UTC."""
    trail = signed_archive(tmp_path, hours=2)
    first, second = map(read, trail.digests)
    assert second.previous is not None
    assert (second.previous.place, second.previous.hash_value) == (first.place, first.sha256)
    assert first.place == Place("example-trail", str(trail.digests[0].relative_to(tmp_path)))
    assert first.start == datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert second.start == first.end
    assert [log.place.key for log in first.logs] == [
        str(path.relative_to(tmp_path)) for path in trail.logs[:2]
    ]


def test_what_is_signed_is_four_lines(tmp_path: Path) -> None:
    """As AWS's guide has it; at the start of a chain the last is the word null."""
    trail = signed_archive(tmp_path, hours=2)
    first, second = map(read, trail.digests)
    end, place, sha256, previous = first.signed.decode().split("\n")
    assert (end, place) == ("2026-06-01T09:00:00Z", f"example-trail/{first.place.key}")
    assert (sha256, previous) == (first.sha256, "null")
    assert second.signed.decode().split("\n")[3] == trail.signatures[trail.digests[0]]


def test_an_hour_without_calls_has_a_digest_too(tmp_path: Path) -> None:
    """It names no log file."""
    trail = Trail(tmp_path).hours(1, logs=0)
    assert read(trail.digests[0]).logs == ()


@pytest.mark.parametrize(
    ("name", "chain"),
    [
        (f"{NAME}.json.gz", Chain(ACCOUNT, "us-east-2", "my_trail", "us-east-1", backfill=False)),
        (f"{NAME}.json", Chain(ACCOUNT, "us-east-2", "my_trail", "us-east-1", backfill=False)),
        (
            f"s3://bucket/{NAME}_backfill.json.gz",
            Chain(ACCOUNT, "us-east-2", "my_trail", "us-east-1", backfill=True),
        ),
        (f"{NAME}.json.gz.sig", None),
        (f"{ACCOUNT}_CloudTrail_us-east-1_20260601T0905Z_0123456789abcdef.json.gz", None),
        ("CloudTrail-Digest/notes.json", None),
        (f"{ACCOUNT}_CloudTrail-Digest_us-east-2_trail_us-east-1_20269999T999999Z.json.gz", None),
    ],
)
def test_a_digest_is_known_by_its_name(name: str, chain: Chain | None) -> None:
    """In which stand the account, the region and the trail, of which names hold underscores."""
    told = DigestName.of(name)
    assert (told.chain if told else None) == chain
    assert told is None or told.end == datetime(2026, 6, 1, 9, tzinfo=UTC)


def test_a_chain_is_named_for_people() -> None:
    """With the region in which the trail is at home."""
    name = DigestName.of(f"{NAME}_backfill.json.gz")
    assert name is not None
    assert str(name.chain) == f"{ACCOUNT} us-east-2, trail my_trail of us-east-1, backfill"


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("digestS3Bucket", None, "Expected `str`, got `null`"),
        ("digestS3Object", ["a"], "Expected `str`, got `array`"),
        ("digestEndTime", "yesterday", "'yesterday' is no time"),
        ("digestEndTime", "9999-12-31T23:00:00-23:00", "is no time"),
        ("digestEndTime", "2026-05-01T00:00:00Z", "ends before it starts"),
        ("logFiles", {}, "Expected `array`, got `object`"),
        ("logFiles", [{"s3Bucket": 1}], "Expected `str`, got `int`"),
        ("logFiles", [{}], "missing required field"),
        ("previousDigestSignature", "00", "but not wholly"),
        ("digestS3Object", "AWSLogs/other.json.gz", "its name is not its own"),
        ("digestS3Object", "../../etc/passwd", "its name is not its own"),
    ],
)
def test_what_no_digest_says_is_refused(
    tmp_path: Path, field: str, value: object, problem: str
) -> None:
    """A digest is written by whoever writes it: each field is checked."""
    (path,) = signed_archive(tmp_path, hours=1).digests
    path.write_bytes(gzip.compress(json.dumps(said(path) | {field: value}).encode()))
    with pytest.raises(Unreadable) as refused:
        read(path)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[1]", id="list"),
        pytest.param(b'{"digestS3Bucket": "\xff"}', id="not UTF-8"),
        pytest.param(b'{"digestS3Bucket": "\\ud800"}', id="half a character"),
        pytest.param(b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", id="deep"),
        pytest.param(gzip.compress(b"{}")[:-4], id="truncated"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    """Damaged or made to harm."""
    (path,) = signed_archive(tmp_path, hours=1).digests
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        read(path)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    """No digest is so large."""
    (path,) = signed_archive(tmp_path, hours=1).digests
    path.write_bytes(gzip.compress(bytes(70 << 20), 1))
    with pytest.raises(Unreadable, match="more than 64 MiB"):
        read(path)


def test_a_time_without_zone_is_utc(tmp_path: Path) -> None:
    """As all of CloudTrail's."""
    (path,) = signed_archive(tmp_path, hours=1).digests
    edit(path, "2026-06-01T08:00:00Z", "2026-06-01T08:00:00")
    assert read(path).start == datetime(2026, 6, 1, 8, tzinfo=UTC)
