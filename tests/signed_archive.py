"""An archive as CloudTrail delivers it, its digests signed with keys that are made here."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cloudtrail_mfa.archive.digests import Digest, DigestName, read_digest
from cloudtrail_mfa.archive.sources import find
from tests.records import ACCOUNT, call

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@cache
def key_of(name: str) -> rsa.RSAPrivateKey:
    """Return a key of AWS's, or of somebody else; a name has the same key for a whole run."""
    assert name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_bytes(name: str) -> bytes:
    return key_of(name).public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def fingerprint(name: str) -> str:
    return hashlib.md5(public_bytes(name), usedforsecurity=False).hexdigest()


def write_keys(path: Path, *names: str) -> Path:
    """Write what ``aws cloudtrail list-public-keys`` prints."""
    keys = [
        {
            "Value": base64.b64encode(public_bytes(name)).decode(),
            "ValidityStartTime": "2026-05-01T00:00:00+00:00",
            "ValidityEndTime": "2026-07-01T00:00:00+00:00",
            "Fingerprint": fingerprint(name),
        }
        for name in names
    ]
    path.write_text(json.dumps({"PublicKeyList": keys}))
    return path


def compact(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


@dataclass
class Trail:
    """A trail that delivers to a folder; each digest follows the one before it."""

    folder: Path
    account: str = ACCOUNT
    region: str = "us-east-1"
    name: str = "main"
    bucket: str = "example-trail"
    prefix: str = ""
    key: str = "aws"
    logs: list[Path] = field(default_factory=list)
    digests: list[Path] = field(default_factory=list)
    signatures: dict[Path, str] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)

    def hours(self, count: int, *, start: datetime = START, logs: int = 2) -> Trail:
        """Deliver so many log files an hour, and a digest after each."""
        for hour in range(count):
            self.hour(start + hour * HOUR, [self.log(start + hour * HOUR, n) for n in range(logs)])
        return self

    def log(self, hour: datetime, number: int = 0) -> dict[str, Any]:
        """Deliver a log file in an hour; return how a digest names it."""
        minute = hour + timedelta(minutes=5 + 20 * number)
        known = f"{self.bucket}/{self.prefix}{self.name}{self.account}{hour}{number}"
        unique = hashlib.sha256(known.encode()).hexdigest()[:16]
        name = f"{self.account}_CloudTrail_{self.region}_{minute:%Y%m%dT%H%M}Z_{unique}.json.gz"
        record = call(event_id=f"event-{unique}", time=minute.strftime("%Y-%m-%dT%H:%M:%SZ"))
        text = json.dumps({"Records": [record]}).encode()
        key = self._key("CloudTrail", minute, name)
        self.logs.append(self._write(key, text))
        return {
            "s3Bucket": self.bucket,
            "s3Object": key,
            "hashValue": hashlib.sha256(text).hexdigest(),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": record["eventTime"],
            "oldestEventTime": record["eventTime"],
        }

    def hour(
        self, start: datetime, logs: Sequence[dict[str, Any]], *, suffix: str = "", **other: Any
    ) -> Path:
        """Deliver the digest of an hour; `other` are fields that differ."""
        end = start + HOUR
        name = (
            f"{self.account}_CloudTrail-Digest_{self.region}_{self.name}_us-east-1"
            f"_{compact(end)}{suffix}.json.gz"
        )
        said: dict[str, Any] = {
            "awsAccountId": self.account,
            "digestStartTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "digestEndTime": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "digestS3Bucket": self.bucket,
            "digestS3Object": self._key("CloudTrail-Digest", end, name),
            "digestPublicKeyFingerprint": fingerprint(self.key),
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None,
            "oldestEventTime": None,
            "previousDigestS3Bucket": self.last.get("bucket"),
            "previousDigestS3Object": self.last.get("key"),
            "previousDigestHashValue": self.last.get("sha256"),
            "previousDigestHashAlgorithm": self.last.get("algorithm"),
            "previousDigestSignature": self.last.get("signature"),
            "logFiles": list(logs),
        } | other
        # On one line, slashes with a backslash before them: so CloudTrail writes it.
        text = json.dumps(said, separators=(",", ":")).replace("/", "\\/").encode()
        self.last = {
            "bucket": said["digestS3Bucket"],
            "key": said["digestS3Object"],
            "sha256": hashlib.sha256(text).hexdigest(),
            "algorithm": "SHA-256",
            "signature": self._signature(said, text),
        }
        self.digests.append(self._write(said["digestS3Object"], text))
        self.signatures[self.digests[-1]] = self.last["signature"]
        return self.digests[-1]

    def restart(self) -> None:
        """Start the chain anew, as when logging was stopped and started."""
        self.last = {}

    def keep_last_signature(self) -> Path:
        """Write beside the last digest what S3 keeps in its metadata."""
        digest = self.digests[-1]
        path = digest.with_name(f"{digest.name}.sig")
        path.write_text(f"{self.signatures[digest]}\n")
        return path

    def _signature(self, said: dict[str, Any], text: bytes) -> str:
        lines = (
            said["digestEndTime"],
            f"{said['digestS3Bucket']}/{said['digestS3Object']}",
            hashlib.sha256(text).hexdigest(),
            said["previousDigestSignature"] or "null",
        )
        signed = "\n".join(lines).encode()
        return key_of(self.key).sign(signed, padding.PKCS1v15(), SHA256()).hex()

    def _key(self, kind: str, day: datetime, name: str) -> str:
        return f"{self.prefix}AWSLogs/{self.account}/{kind}/{self.region}/{day:%Y/%m/%d}/{name}"

    def _write(self, key: str, text: bytes) -> Path:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text, mtime=0))
        return path


def signed_archive(folder: Path, *, hours: int = 3, whole: bool = True, **trail: Any) -> Trail:
    """Return a trail that delivered for some hours; `whole` keeps the last digest's signature."""
    made = Trail(folder, **trail).hours(hours)
    if whole:
        made.keep_last_signature()
    return made


def edit(path: Path, old: str, new: str) -> None:
    """Change a gzipped file's content, as somebody does who has no key."""
    text = gzip.decompress(path.read_bytes()).decode()
    assert old in text
    path.write_bytes(gzip.compress(text.replace(old, new).encode(), mtime=0))


def read_digests(paths: Sequence[Path]) -> list[Digest]:
    """Read digests that are known to be readable."""
    found = []
    for file in find(paths):
        name = DigestName.of(file.path)
        assert name is not None
        found.append(read_digest(file, name))
    return found
