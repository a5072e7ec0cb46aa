"""Log files beside what digests say: known by the end of their path, and by their content."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa import Check
from cloudtrail_mfa.archive.chains import judge
from cloudtrail_mfa.archive.digests import Place
from cloudtrail_mfa.archive.named import Claims
from cloudtrail_mfa.archive.signatures import PublicKeys
from cloudtrail_mfa.archive.sources import LogFile, find
from tests.signed_archive import START, Trail, read_digests, signed_archive, write_keys


@pytest.fixture
def claims(tmp_path: Path) -> Callable[..., Claims]:
    """Return a function that reads what trails' digests claim, signed or not."""

    def make(*trails: Trail, signed: bool = True) -> Claims:
        keys = PublicKeys.load([write_keys(tmp_path / "keys.json", "aws")] if signed else [])
        digests = read_digests([path for trail in trails for path in trail.digests])
        kept = {str(p): s for trail in trails for p, s in trail.signatures.items()}
        return Claims(judge(digests, keys, kept))

    return make


Claimed = Callable[..., Claims]


def check(claims: Claims, folder: Path) -> list[Check]:
    """Check the log files of a folder, and what is missing there."""
    files = {file: claims.places(file) for file in find([folder]) if claims.places(file)}
    return list(claims.check(files))


def outcomes(checks: list[Check]) -> dict[str, str]:
    return {Path(one.path or "").name: one.outcome for one in checks}


def test_a_file_that_is_as_its_digest_says_is_unchanged(tmp_path: Path, claims: Claimed) -> None:
    """Its row names the digest, the place and the hash."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    checks = check(claims(trail), tmp_path / "logs")
    assert [one.outcome for one in checks] == ["unchanged"] * 2
    assert checks[0].digest == str(trail.digests[0])
    assert checks[0].place == f"s3://example-trail/{trail.logs[0].relative_to(tmp_path / 'logs')}"
    assert checks[0].sha256 == checks[0].expected_sha256
    assert checks[0].region == "us-east-1"


def test_a_file_compressed_anew_or_not_at_all_is_unchanged(tmp_path: Path, claims: Claimed) -> None:
    """The hash is that of the content; the name may lose its .gz."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    content = gzip.decompress(trail.logs[0].read_bytes())
    trail.logs[0].with_suffix("").write_bytes(content)
    trail.logs[0].unlink()
    trail.logs[1].write_bytes(gzip.compress(gzip.decompress(trail.logs[1].read_bytes()), 1))
    checks = check(claims(trail), tmp_path / "logs")
    assert [one.outcome for one in checks] == ["unchanged"] * 2


def test_swapped_files_are_both_changed(tmp_path: Path, claims: Claimed) -> None:
    """Each has a hash that a digest names, but for another place."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    one, other = (path.read_bytes() for path in trail.logs)
    trail.logs[0].write_bytes(other)
    trail.logs[1].write_bytes(one)
    checks = check(claims(trail), tmp_path / "logs")
    assert [one.outcome for one in checks] == ["changed"] * 2
    assert all(f"{c.sha256}, but" in c.reason for c in checks)
    assert all(f"says {c.expected_sha256}" in c.reason for c in checks)


def test_a_damaged_file_is_changed(tmp_path: Path, claims: Claimed) -> None:
    """It has no content to compare, and says so."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    trail.logs[0].write_bytes(trail.logs[0].read_bytes()[:-9])
    changed, unchanged = check(claims(trail), tmp_path / "logs")
    assert (changed.outcome, unchanged.outcome) == ("changed", "unchanged")
    assert "damaged (truncated gzip" in changed.reason
    assert changed.sha256 is None


def test_a_file_that_may_not_be_read_is_not_called_changed(tmp_path: Path, claims: Claimed) -> None:
    """Nor is it proven."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    claimed = claims(trail)
    (file, _) = find(trail.logs)
    trail.logs[0].unlink()
    (told,) = claimed.check({file: claimed.places(file)})
    assert told.outcome == "unverifiable"
    assert told.reason == "cannot be read (No such file or directory)"


def test_the_hash_of_an_unverified_digest_proves_nothing(tmp_path: Path, claims: Claimed) -> None:
    """Though it fits; where it does not, something was changed all the same."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    trail.logs[1].write_bytes(b"{}")
    fits, differs = check(claims(trail, signed=False), tmp_path / "logs")
    assert (fits.outcome, differs.outcome) == ("unverifiable", "changed")
    assert fits.reason == "it is as its digest says, which is not verified"
    assert "(not verified) says" in differs.reason


def test_a_verified_digest_is_heard_alone(tmp_path: Path, claims: Claimed) -> None:
    """Whoever cannot sign changes nothing by writing a digest that names the same file."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    forger = Trail(tmp_path / "logs", key="attacker", name="forged")
    log = forger.log(START) | {"s3Object": str(trail.logs[0].relative_to(tmp_path / "logs"))}
    forger.logs[0].unlink()
    forger.hour(START, [log])
    checks = check(claims(forger, trail), tmp_path / "logs")
    assert [one.outcome for one in checks] == ["unchanged"] * 2


def test_a_forged_place_takes_no_file_from_a_verified_one(tmp_path: Path, claims: Claimed) -> None:
    """Though its tail is longer: the bucket's name is chosen for the folder of the copy."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    forger = Trail(tmp_path / "forged", key="attacker", name="forged", bucket="logs")
    key = str(trail.logs[0].relative_to(tmp_path / "logs"))
    forger.hour(START, [forger.log(START) | {"s3Object": key}])
    checks = check(claims(forger, trail), tmp_path / "logs")
    assert [one.outcome for one in checks] == ["unchanged"] * 2


def test_upper_case_hashes_are_the_same(tmp_path: Path, claims: Claimed) -> None:
    """Hexadecimal digits have no case."""
    trail = Trail(tmp_path / "logs")
    log = trail.log(START)
    trail.hour(START, [log | {"hashValue": log["hashValue"].upper()}])
    assert [one.outcome for one in check(claims(trail), tmp_path / "logs")] == ["unchanged"]


def test_another_hash_is_not_compared(tmp_path: Path, claims: Claimed) -> None:
    """It is told by name."""
    trail = Trail(tmp_path / "logs")
    trail.hour(START, [trail.log(START) | {"hashAlgorithm": "MD5"}])
    (told,) = check(claims(trail), tmp_path / "logs")
    assert told.outcome == "unverifiable"
    assert "holds a MD5 hash" in told.reason


def test_missing_files_are_told_by_their_place(tmp_path: Path, claims: Claimed) -> None:
    """And by the digest that names them."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    place = Place("example-trail", str(trail.logs[0].relative_to(tmp_path / "logs")))
    (told,) = claims(trail).missing([place])
    assert (told.outcome, told.path, told.place) == ("missing", None, str(place))
    assert told.reason == f"named by {trail.digests[0].name}"


@pytest.fixture
def alike(tmp_path: Path) -> tuple[Trail, Trail]:
    """Return two trails that gave one name to two files, in two buckets."""
    one, two = Trail(tmp_path / "a", bucket="a"), Trail(tmp_path / "b", bucket="b")
    logs = [trail.log(START) for trail in (one, two)]
    name = one.logs[0].name
    two.logs[0] = two.logs[0].rename(two.logs[0].with_name(name))
    one.hour(START, [logs[0]])
    two.hour(START, [logs[1] | {"s3Object": logs[0]["s3Object"]}], digestS3Bucket="b")
    return one, two


def test_the_longest_common_tail_tells_which_file_it_is(
    tmp_path: Path, claims: Claimed, alike: tuple[Trail, Trail]
) -> None:
    """The bucket's name may stand before the key in the path."""
    checks = check(claims(*alike), tmp_path / "a") + check(claims(*alike), tmp_path / "b")
    assert [one.outcome for one in checks] == ["unchanged"] * 2
    assert [(one.place or "")[:6] for one in checks] == ["s3://a", "s3://b"]
    one, two = alike
    one.logs[0].write_bytes(two.logs[0].read_bytes())
    (told,) = check(claims(*alike), tmp_path / "a")
    assert told.outcome == "changed"


def test_content_tells_where_the_path_does_not(
    tmp_path: Path, claims: Claimed, alike: tuple[Trail, Trail]
) -> None:
    """It is proven to be one of the two."""
    for trail in alike:
        copy = tmp_path / "copy" / trail.logs[0].name
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(trail.logs[0], copy)
        (told,) = check(claims(*alike), copy)
        assert told.outcome == "unchanged"
        assert (told.place or "").startswith(f"s3://{trail.bucket}/")


def test_what_may_be_several_and_is_none_is_ambiguous(
    tmp_path: Path, claims: Claimed, alike: tuple[Trail, Trail]
) -> None:
    """It is named with the places, and not taken for one of them."""
    copy = tmp_path / "copy" / alike[0].logs[0].name
    copy.parent.mkdir()
    copy.write_bytes(b"{}")
    (told,) = check(claims(*alike), copy)
    assert (told.outcome, told.place, told.expected_sha256) == ("ambiguous", None, None)
    assert "s3://a/" in told.reason
    assert "s3://b/" in told.reason


def test_a_file_in_no_digest_is_no_place(tmp_path: Path, claims: Claimed) -> None:
    """Its name decides, wherever it lies."""
    claimed = claims(signed_archive(tmp_path / "logs", hours=1))
    assert claimed.places(LogFile("/elsewhere/notes.json", 1, 1)) == []


@given(data=st.data())
def test_any_changed_byte_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Of the content, at any place, to any value."""
    folder = tmp_path_factory.mktemp("archive")
    trail = Trail(folder)
    trail.hour(START, [trail.log(START)])
    content = bytearray(gzip.decompress(trail.logs[0].read_bytes()))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    trail.logs[0].write_bytes(gzip.compress(content, 1))
    claimed = Claims(judge(read_digests(trail.digests), PublicKeys(), {}))
    (told,) = check(claimed, folder)
    assert told.outcome == "changed"
