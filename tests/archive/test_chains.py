"""Digests judged by their signatures, and by the digests after them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cloudtrail_mfa.archive.chains import Judged, judge
from cloudtrail_mfa.archive.signatures import PublicKeys
from tests.signed_archive import (
    START,
    Trail,
    edit,
    fingerprint,
    read_digests,
    signed_archive,
    write_keys,
)


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., list[Judged]]:
    """Return a function that judges a trail's digests, in the order of time."""

    def make(trail: Trail, *names: str, beside: bool = False) -> list[Judged]:
        paths = [path for path in trail.digests if path.exists()]
        keys = PublicKeys.load([write_keys(tmp_path / "keys.json", *names)] if names else [])
        signatures = {str(path): trail.signatures[path] for path in paths} if beside else {}
        return judge(read_digests(paths), keys, signatures)

    return make


Judge = Callable[..., list[Judged]]


def outcomes(told: list[Judged]) -> list[str]:
    return [one.outcome for one in told]


def test_the_digest_after_it_holds_the_signature(tmp_path: Path, judged: Judge) -> None:
    """So all but the last can be verified from a copy, and the first of a chain too."""
    told = judged(signed_archive(tmp_path / "logs"), "aws")
    assert outcomes(told) == ["verified", "verified", "unverifiable"]
    assert "neither a digest after it nor a .sig file" in told[2].reason


def test_a_kept_signature_verifies_the_last(tmp_path: Path, judged: Judge) -> None:
    """S3's metadata hold it."""
    trail = signed_archive(tmp_path / "logs")
    assert outcomes(judged(trail, "aws", beside=True)) == ["verified"] * 3


def test_a_wrong_kept_signature_is_told(tmp_path: Path, judged: Judge) -> None:
    """Nothing else speaks for that digest."""
    trail = signed_archive(tmp_path / "logs", hours=1)
    trail.signatures[trail.digests[0]] = "00"
    assert outcomes(judged(trail, "aws", beside=True)) == ["invalid"]


def test_without_keys_nothing_is_verified(tmp_path: Path, judged: Judge) -> None:
    """Hashes that fit can be written by anybody."""
    told = judged(signed_archive(tmp_path / "logs"), beside=True)
    assert outcomes(told) == ["unverifiable"] * 3
    assert {one.reason for one in told} == {
        "no public keys were given: aws cloudtrail list-public-keys prints them"
    }


def test_a_key_that_was_not_given_is_named(tmp_path: Path, judged: Judge) -> None:
    """By its fingerprint, which list-public-keys prints beside it."""
    told = judged(signed_archive(tmp_path / "logs"), "other", beside=True)
    assert outcomes(told) == ["unverifiable"] * 3
    assert "no public key of fingerprint" in told[0].reason


def test_a_hash_in_a_verified_digest_proves_too(tmp_path: Path, judged: Judge) -> None:
    """Keys change now and then, and the old one may not be at hand."""
    trail = Trail(tmp_path / "logs", key="older").hours(1)
    trail.key = "aws"
    trail.hour(START.replace(hour=9), [])
    told = judged(trail, "aws", beside=True)
    assert outcomes(told) == ["verified", "verified"]
    assert told[0].reason.startswith("by its SHA-256 in the digest after it")


def test_an_edited_digest_is_invalid(tmp_path: Path, judged: Judge) -> None:
    """The verified one after it says another hash; those before it are still signed."""
    trail = signed_archive(tmp_path / "logs", hours=4)
    edit(trail.digests[1], '"logFiles":[{', '"logFiles":[ {')
    told = judged(trail, "aws", beside=True)
    assert outcomes(told) == ["verified", "invalid", "verified", "verified"]
    assert told[1].expected is not None
    assert told[1].expected in told[1].reason
    assert told[1].digest.sha256 in told[1].reason


def test_an_edited_hash_does_not_help(tmp_path: Path, judged: Judge) -> None:
    """Whoever changes the digest after it, too, breaks that one's signature."""
    trail = signed_archive(tmp_path / "logs", hours=3)
    first = read_digests(trail.digests)[0]
    edit(trail.digests[0], '"logFiles":[{', '"logFiles":[ {')
    edit(trail.digests[1], first.sha256, read_digests(trail.digests[:1])[0].sha256)
    told = judged(trail, "aws", beside=True)
    assert outcomes(told) == ["invalid", "invalid", "verified"]
    assert told[0].reason == "it is not what CloudTrail signed"


def test_a_signature_in_an_invalid_digest_is_no_evidence_against(
    tmp_path: Path, judged: Judge
) -> None:
    """What an attacker wrote into it says nothing of the one before."""
    trail = signed_archive(tmp_path / "logs", hours=3)
    edit(trail.digests[1], trail.signatures[trail.digests[0]], "00" * 256)
    told = judged(trail, "aws")
    assert outcomes(told) == ["unverifiable", "invalid", "unverifiable"]
    assert told[0].reason.endswith("which is invalid itself")


def test_a_hash_that_differs_is_invalid_without_keys_too(tmp_path: Path, judged: Judge) -> None:
    """One of the two was changed, and the reason says what is not sure."""
    trail = signed_archive(tmp_path / "logs", hours=2)
    edit(trail.digests[0], '"logFiles":[{', '"logFiles":[ {')
    told = judged(trail)
    assert outcomes(told) == ["invalid", "unverifiable"]
    assert "which is not verified itself" in told[0].reason


def test_a_digest_of_somebody_else_is_invalid(tmp_path: Path, judged: Judge) -> None:
    """Signed well, but not by the key that it names."""
    trail = signed_archive(tmp_path / "logs", hours=2, key="attacker")
    for path in trail.digests:
        edit(path, fingerprint("attacker"), fingerprint("aws"))
    told = judged(trail, "aws", beside=True)
    assert outcomes(told) == ["invalid", "invalid"]


def test_another_algorithm_is_not_taken_for_verified(tmp_path: Path, judged: Judge) -> None:
    """The reason names it."""
    trail = Trail(tmp_path / "logs")
    trail.hour(START, [], digestSignatureAlgorithm="none")
    (told,) = judged(trail, "aws", beside=True)
    assert told.outcome == "unverifiable"
    assert "signed by none, which is not SHA256withRSA" in told.reason


def test_another_hash_is_not_compared(tmp_path: Path, judged: Judge) -> None:
    """Only SHA-256 is known; the signature still is."""
    trail = Trail(tmp_path / "logs").hours(1)
    trail.last["algorithm"] = "SHA-512"
    trail.hour(START.replace(hour=9), [])
    assert outcomes(judged(trail)) == ["unverifiable"] * 2
    assert outcomes(judged(trail, "aws", beside=True)) == ["verified"] * 2


def test_digests_that_name_each_other_prove_nothing(tmp_path: Path, judged: Judge) -> None:
    """A circle ends: a digest is judged by later ones alone."""
    trail = signed_archive(tmp_path / "logs", hours=2)
    second = read_digests(trail.digests)[1]
    trail.last |= {"key": second.place.key, "sha256": second.sha256}
    trail.hour(START, [])
    trail.digests.pop()
    assert outcomes(judged(trail)) == ["invalid", "unverifiable"]
