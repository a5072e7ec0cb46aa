"""How buckets of S3 are reached: who asks, where, and for how long.

Requests that fail for a moment (no connection, 500, 503, "slow down") are made again by AWS's own SDK,
with longer and longer pauses.
"""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from cloudtrail_mfa.errors import MissingPackageError, ScopeError
from cloudtrail_mfa.later import Later

__all__ = ["S3", "connection"]

# To import it starts AWS's SDK, which who reads files of a disk does not need.
fs = Later("pyarrow.fs")

_ATTEMPTS = 5
_SECONDS_TO_CONNECT, _SECONDS_WITHOUT_A_BYTE = 5, 8
# Where AWS's own tools look for an endpoint, and Arrow does not:
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
_ENDPOINTS = "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3:
    """How buckets are reached; without any of it, as AWS's own tools do it.

    The credentials themselves are never given here, nor kept: AWS's SDK finds them in the environment
    (``AWS_ACCESS_KEY_ID``, ``AWS_PROFILE``…), in ``~/.aws`` or from the machine's role, in each
    process that reads. Of ``AWS_PROFILE`` it takes keys and the output of a program; a profile that
    assumes a role or signs on has to be named here, else requests go out unsigned.

    Attributes
    ----------
    region
        The buckets' region; S3 is asked for it if absent.
    profile
        A profile of ``~/.aws/config``, of any kind but one that asks for an MFA code. This needs
        ``botocore`` (the extra ``s3``).
    role
        ARN of a role to be assumed by the credentials that are found.
    external_id
        What the role's trust policy asks for.
    session_name
        Under which CloudTrail records what the role did.
    anonymous
        Sign nothing: for public buckets.
    endpoint
        URL of another server that speaks S3's language, ``http://`` or ``https://``.
    requester_pays
        Agree to pay for what is listed and read, where a bucket's owner asks for that. This needs
        ``botocore`` (the extra ``s3``), and is slower.

    Raises
    ------
    ScopeError
        If one of them cannot be understood, or they do not go together.
    """

    region: str | None = None
    profile: str | None = None
    role: str | None = None
    external_id: str | None = field(default=None, repr=False)
    session_name: str = "cloudtrail-mfa"
    anonymous: bool = False
    endpoint: str | None = None
    requester_pays: bool = False

    def __post_init__(self) -> None:
        """Check it."""
        named = [name for name in ("profile", "role", "anonymous") if getattr(self, name)]
        if len(named) > 1:
            both = " and ".join(named)
            raise ScopeError("s3", self, f"names {both}: one of them says who asks")
        if self.requester_pays and self.anonymous:
            raise ScopeError("s3", self, "is anonymous, but who pays has to sign")
        if self.external_id and not self.role:
            raise ScopeError("s3", self, "has an external id, but no role that asks for it")
        if self.role and not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+", self.role):
            raise ScopeError(
                "s3 role", self.role, "is no ARN of a role: arn:aws:iam::111122223333:role/NAME"
            )
        if self.endpoint is not None:
            _check_endpoint(self.endpoint)


def _check_endpoint(endpoint: str) -> None:
    if "@" in endpoint:  # which might be a password: it is not repeated
        raise ScopeError("s3 endpoint", "…@…", "holds a user: credentials are not given so")
    url = urlsplit(endpoint)
    if url.scheme not in ("http", "https") or not url.netloc or url.path not in ("", "/"):
        raise ScopeError(
            "s3 endpoint", endpoint, "is no address: give https://host or http://host:port"
        )


def connection(s3: S3, bucket: str) -> Any:
    """Return a `pyarrow.fs.S3FileSystem`, or what stands for one; it is made once in a process.

    Raises
    ------
    OSError
        If S3 does not tell the bucket's region.
    ScopeError, MissingPackageError
        If a profile gives no credentials, or a package that this takes is not installed.
    """
    named = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), None)
    s3 = replace(s3, endpoint=s3.endpoint or named)
    # Only AWS's own S3 can be asked in which region a bucket is.
    region = s3.region or (None if s3.endpoint else _region(bucket))
    keys = _keys(s3.profile) if s3.profile else ()
    return _payer(s3, region) if s3.requester_pays else _filesystem(s3, region, keys)


@functools.lru_cache
def _region(bucket: str) -> str:
    return str(fs.resolve_s3_region(bucket))


@functools.lru_cache(maxsize=4)
def _filesystem(s3: S3, region: str | None, keys: tuple[str | None, ...]) -> Any:
    url = urlsplit(s3.endpoint or "")
    options = {
        "anonymous": s3.anonymous,
        "region": region,
        "connect_timeout": _SECONDS_TO_CONNECT,
        "request_timeout": _SECONDS_WITHOUT_A_BYTE,
        "retry_strategy": fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    }
    if s3.endpoint:
        options |= {"scheme": url.scheme, "endpoint_override": url.netloc}
    if s3.role:
        options |= {"role_arn": s3.role, "session_name": s3.session_name}
        options |= {"external_id": s3.external_id} if s3.external_id else {}
    if keys:
        options |= dict(zip(("access_key", "secret_key", "session_token"), keys, strict=True))
    return fs.S3FileSystem(**options)


@functools.lru_cache(maxsize=4)
def _payer(s3: S3, region: str | None) -> Any:
    session = _session(s3.profile)
    from cloudtrail_mfa.archive.payer import Payer, assuming  # noqa: PLC0415 - an extra

    if s3.role:
        session = assuming(session, s3.role, s3.session_name, s3.external_id)
    return Payer(session, region, s3.endpoint, (_SECONDS_TO_CONNECT, _SECONDS_WITHOUT_A_BYTE))


@functools.lru_cache
def _session(profile: str | None) -> Any:
    try:
        from botocore.session import Session  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingPackageError("botocore", "s3") from None
    return Session(profile=profile)


def _keys(profile: str) -> tuple[str | None, ...]:
    """Return the credentials of a profile; those that end are renewed by whoever gave them."""
    session = _session(profile)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

    try:
        if "mfa_serial" in session.get_scoped_config():
            export = f"eval $(aws configure export-credentials --profile {profile} --format env)"
            raise ScopeError(
                "s3 profile", profile, f"asks for an MFA code: open the session before, {export}"
            )
        credentials = session.get_credentials()
        if credentials is None:
            raise ScopeError("s3 profile", profile, "holds no credentials")
        frozen = credentials.get_frozen_credentials()
    except (BotoCoreError, ClientError) as error:
        raise ScopeError("s3 profile", profile, f"gives no credentials ({error})") from None
    return frozen.access_key, frozen.secret_key, frozen.token
