"""CloudTrail's digest files: which log files it delivered in an hour, and their hashes.

What is read here is only a claim: anybody can write a digest. Whether CloudTrail did, is judged in
`cloudtrail_mfa.archive.chains`. The fields are described in
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from cloudtrail_mfa.archive.contents import content
from cloudtrail_mfa.archive.decode import Unreadable
from cloudtrail_mfa.archive.sources import LogFile
from cloudtrail_mfa.scope import in_utc

__all__ = [
    "Chain",
    "Digest",
    "DigestName",
    "NamedLog",
    "Place",
    "Previous",
    "base_name",
    "read_digest",
]

# It holds some hundred bytes for each log file of an hour.
_LARGEST = 64 << 20

# 111122223333_CloudTrail-Digest_us-east-2_trail_us-east-2_20150817T150131Z.json.gz, and where log
# files came late the same with _backfill. A trail's name may hold underscores.
_NAME = re.compile(
    r"(?P<account>\d{12})_CloudTrail-Digest_(?P<region>[a-z0-9-]+)_(?P<trail>.+)"
    r"_(?P<home>[a-z0-9-]+)_(?P<end>\d{8}T\d{6}Z)(?P<backfill>_backfill)?\.json",
    re.ASCII,
)


class Place(NamedTuple):
    """Where CloudTrail put a file: the bucket and the key in it."""

    bucket: str
    key: str

    def __str__(self) -> str:
        """Write it as AWS does."""
        return f"s3://{self.bucket}/{self.key}"


class Chain(NamedTuple):
    """The digests that name each other: of one account, region and trail.

    Attributes
    ----------
    account
        Whose log files they name.
    region
        From which they were delivered.
    trail
        The trail's name.
    home
        The region in which the trail was made.
    backfill
        Whether they name what other digests were too early for.
    """

    account: str
    region: str
    trail: str
    home: str
    backfill: bool

    def __str__(self) -> str:
        """Name it for people."""
        late = ", backfill" if self.backfill else ""
        return f"{self.account} {self.region}, trail {self.trail} of {self.home}{late}"


class DigestName(NamedTuple):
    """What the name of a digest file tells.

    Attributes
    ----------
    chain
        To which it belongs.
    end
        The end of the time that it covers. Other than the text of the digest, the name cannot be
        changed unseen: the digest after it holds it.
    """

    chain: Chain
    end: datetime

    @classmethod
    def of(cls, path: str) -> DigestName | None:
        """Return what a digest file's name tells; None for other files."""
        match = _NAME.fullmatch(base_name(path))
        if match is None:
            return None
        account, region, trail, home, end, backfill = match.groups()
        try:
            moment = datetime.fromisoformat(end)
        except ValueError:
            return None
        return cls(Chain(account, region, trail, home, bool(backfill)), moment)


class NamedLog(msgspec.Struct, frozen=True, rename="camel"):
    """A log file as a digest names it."""

    s3_bucket: str
    s3_object: str
    hash_value: str
    hash_algorithm: str

    @property
    def place(self) -> Place:
        """Where CloudTrail delivered it."""
        return Place(self.s3_bucket, self.s3_object)


@dataclass(frozen=True, slots=True)
class Previous:
    """The digest before, as the next one names it."""

    place: Place
    hash_value: str
    hash_algorithm: str
    signature: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest file says.

    Attributes
    ----------
    file
        As it was found.
    named
        What its file's name tells.
    sha256
        Of its content, as hexadecimal digits.
    place
        Where CloudTrail put it, as it says itself.
    start, end
        The log files delivered between are named in it.
    signed
        The text that CloudTrail signs.
    fingerprint
        Of the key with which it is signed, as it says itself.
    algorithm
        With which it is signed.
    previous
        The digest before it; None where a chain starts.
    logs
        The log files.
    """

    file: LogFile
    named: DigestName
    sha256: str
    place: Place
    start: datetime
    end: datetime
    signed: bytes
    fingerprint: str
    algorithm: str
    previous: Previous | None
    logs: tuple[NamedLog, ...]

    @property
    def chain(self) -> Chain:
        """The chain to which it belongs."""
        return self.named.chain

    @property
    def name(self) -> str:
        """The file's name without its folders, to be told in a sentence."""
        return re.split(r"[/\\]", self.file.path)[-1]


class _Text(msgspec.Struct, frozen=True, rename="camel"):
    """The JSON of a digest file, as far as it is needed; types are checked, nothing else."""

    digest_start_time: str
    digest_end_time: str
    digest_s3_bucket: str
    digest_s3_object: str
    digest_public_key_fingerprint: str
    digest_signature_algorithm: str
    previous_digest_s3_bucket: str | None
    previous_digest_s3_object: str | None
    previous_digest_hash_value: str | None
    previous_digest_hash_algorithm: str | None
    previous_digest_signature: str | None
    log_files: tuple[NamedLog, ...]


_TEXT = msgspec.json.Decoder(_Text)


def base_name(path: str) -> str:
    """Return a file's name without folders and without the ``.gz`` that gunzipping takes away."""
    return re.split(r"[/\\]", path)[-1].removesuffix(".gz")


def read_digest(file: LogFile, named: DigestName) -> Digest:
    """Read a digest file.

    Raises
    ------
    Unreadable
        If it is damaged, is no digest, or is that of another place.
    OSError
        If it cannot be read.
    """
    text = content(file, _LARGEST)
    said = _decoded(text)
    place = Place(said.digest_s3_bucket, said.digest_s3_object)
    if base_name(place.key) != base_name(file.path):
        raise Unreadable(f"its name is not its own: it says that it is {place}")
    start, end = _moment(said.digest_start_time), _moment(said.digest_end_time)
    if end < start:
        raise Unreadable("not a digest: it ends before it starts")
    sha256 = hashlib.sha256(text).hexdigest()
    return Digest(
        file=file,
        named=named,
        sha256=sha256,
        place=place,
        start=start,
        end=end,
        signed=_signed(said, sha256),
        fingerprint=said.digest_public_key_fingerprint,
        algorithm=said.digest_signature_algorithm,
        previous=_previous(said),
        logs=said.log_files,
    )


def _decoded(text: bytes) -> _Text:
    try:
        return _TEXT.decode(text)
    except RecursionError:
        raise Unreadable("not a digest: nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"not a digest: {error}") from None


def _moment(text: str) -> datetime:
    try:
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise Unreadable(f"not a digest: {text[:40]!r} is no time") from None


def _signed(said: _Text, sha256: str) -> bytes:
    """Return the text that is signed.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
    Where there is no digest before, the last line is the word ``null``.
    """
    place = Place(said.digest_s3_bucket, said.digest_s3_object)
    previous = said.previous_digest_signature
    lines = (
        said.digest_end_time,
        f"{place.bucket}/{place.key}",
        sha256,
        "null" if previous is None else previous,
    )
    return "\n".join(lines).encode()


def _previous(said: _Text) -> Previous | None:
    fields = (
        said.previous_digest_s3_bucket,
        said.previous_digest_s3_object,
        said.previous_digest_hash_value,
        said.previous_digest_hash_algorithm,
        said.previous_digest_signature,
    )
    given = [field for field in fields if field is not None]
    if not given:
        return None
    if len(given) < len(fields):
        raise Unreadable("not a digest: it names the digest before it, but not wholly")
    bucket, key, hash_value, algorithm, signature = given
    return Previous(Place(bucket, key), hash_value, algorithm, signature)
