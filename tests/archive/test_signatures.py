"""Public keys as AWS prints them, and the signatures that they fit."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cloudtrail_mfa import CloudTrailMfaError, PublicKeyError
from cloudtrail_mfa.archive.signatures import PublicKeys
from tests.signed_archive import fingerprint, key_of, public_bytes, write_keys

SIGNED = b"what is signed"


def signature(name: str = "aws", text: bytes = SIGNED) -> str:
    return key_of(name).sign(text, padding.PKCS1v15(), SHA256()).hex()


def written(path: Path, *keys: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"PublicKeyList": keys}))
    return path


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def test_a_signature_fits_its_key_and_text(tmp_path: Path) -> None:
    """And no other."""
    keys = PublicKeys.load([write_keys(tmp_path / "keys.json", "aws", "other")])
    assert len(keys) == 2
    assert fingerprint("aws") in keys
    assert keys.fits(fingerprint("aws"), SIGNED, signature())
    assert not keys.fits(fingerprint("aws"), SIGNED, signature("other"))
    assert not keys.fits(fingerprint("aws"), SIGNED + b"!", signature())


@pytest.mark.parametrize("wrong", ["", "00", "no hexadecimal digits", "ff" * 256, "é" * 9])
def test_what_is_no_signature_fits_nothing(tmp_path: Path, wrong: str) -> None:
    """Whatever a digest holds in its place."""
    keys = PublicKeys.load([write_keys(tmp_path / "keys.json", "aws")])
    assert not keys.fits(fingerprint("aws"), SIGNED, wrong)


def test_another_hash_or_padding_is_no_signature_of_cloudtrails(tmp_path: Path) -> None:
    """Even where the key is right."""
    keys = PublicKeys.load([write_keys(tmp_path / "keys.json", "aws")])
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.MAX_LENGTH)
    for made in (
        key_of("aws").sign(SIGNED, padding.PKCS1v15(), SHA1()),  # noqa: S303 - refused
        key_of("aws").sign(SIGNED, pss, SHA256()),
    ):
        assert not keys.fits(fingerprint("aws"), SIGNED, made.hex())


def test_a_key_may_come_in_either_form(tmp_path: Path) -> None:
    """AWS's guide shows PKCS #1 and X.509 in one answer."""
    value = key_of("aws").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    path = written(tmp_path / "keys.json", {"Value": encoded(value), "Fingerprint": "f"})
    assert PublicKeys.load([path]).fits("f", SIGNED, signature())


def test_the_keys_of_aws_s_guide_are_read(tmp_path: Path) -> None:
    """One as it stands on the page."""
    value = (
        "MIIBCgKCAQEAn11L2YZ9h7onug2ILi1MWyHiMRsTQjfWE+pHVRLk1QjfWhirG+lpOa8NrwQ/r7Ah5bNL6HepznOU9XTDSfmm"
        "nP97mqyc7z/upfZdS/AHhYcGaz7n6Wc/RRBU6VmiPCrAUojuSk6/GjvA8iOPFsYDuBtviXarvuLPlrT9kAd4Lb+rFfR5peEg"
        "BEkhlzc5HuWO7S0y+KunqxX6jQBnXGMtxmPBPP0FylgWGNdFtks/4YSKcgqwH0YDcawP9GGGDAeCIqPWIXDLG1jOjRRzWfCm"
        "D0iJUkz8vTsn4hq/5ZxRFE7UBAUiVcGbdnDdvVfhF9C3dQiDq3k7adQIziLT0cShgQIDAQAB"
    )
    key = {
        "ValidityStartTime": "1436317441.0",
        "ValidityEndTime": "1438909441.0",
        "Value": value,
        "Fingerprint": "8eba5db5bea9b640d1c96a77256fe7f2",
    }
    keys = PublicKeys.load([written(tmp_path / "keys.json", key)])
    assert "8eba5db5bea9b640d1c96a77256fe7f2" in keys


def test_several_files_are_taken_together(tmp_path: Path) -> None:
    """Each region has keys of its own; a key may be named twice."""
    one = write_keys(tmp_path / "one.json", "aws")
    two = write_keys(tmp_path / "two.json", "other", "aws")
    assert len(PublicKeys.load([one, two])) == 2


def test_without_keys_no_rsa_is_loaded() -> None:
    """The command line starts without it."""
    script = (
        "import sys, cloudtrail_mfa.cli; print('cloudtrail_mfa.archive.signatures' in sys.modules);"
        "from cloudtrail_mfa.archive.signatures import PublicKeys;"
        "print(len(PublicKeys.load([])), 'cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"False\n0 False\n"


def of_curve() -> bytes:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "is not what aws cloudtrail list-public-keys prints", id="empty"),
        pytest.param("[1]", "is not what aws cloudtrail list-public-keys prints", id="list"),
        pytest.param("[" * 200_000, "is not what aws cloudtrail", id="deep"),
        pytest.param('{"PublicKeyList": []}', "holds no key", id="none"),
        pytest.param(
            '{"PublicKeyList": [{"Value": "?", "Fingerprint": "f"}]}', "base64", id="no base64"
        ),
        pytest.param(
            '{"PublicKeyList": [{"Value": "AAAA", "Fingerprint": "f"}]}',
            "holds what is no public key of RSA in DER: f",
            id="no key",
        ),
        pytest.param(
            json.dumps({"PublicKeyList": [{"Value": encoded(of_curve()), "Fingerprint": "f"}]}),
            "holds what is no public key of RSA in DER: f",
            id="another kind",
        ),
        pytest.param("\ud800", "is not UTF-8", id="not UTF-8"),
    ],
)
def test_a_file_of_other_things_is_an_error(tmp_path: Path, text: str, problem: str) -> None:
    """That names the file: without its keys everything would seem unproven."""
    path = tmp_path / "keys.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(PublicKeyError) as refused:
        PublicKeys.load([path])
    assert str(refused.value).startswith(f"{path}: ")
    assert problem in str(refused.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Of this library's, as all are."""
    with pytest.raises(CloudTrailMfaError, match="cannot be read"):
        PublicKeys.load([tmp_path / "keys.json"])


def test_two_keys_of_one_fingerprint_are_an_error(tmp_path: Path) -> None:
    """One of them is somebody else's."""
    one = write_keys(tmp_path / "one.json", "aws")
    value = encoded(public_bytes("other"))
    two = written(tmp_path / "two.json", {"Value": value, "Fingerprint": fingerprint("aws")})
    with pytest.raises(PublicKeyError, match=r"two\.json: has another key of fingerprint"):
        PublicKeys.load([one, two])
