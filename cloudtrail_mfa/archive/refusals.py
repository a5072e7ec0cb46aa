"""What S3 and the network refuse, in sentences."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import pyarrow as pa

from cloudtrail_mfa.archive.s3 import S3

__all__ = ["Hidden", "told"]


class Hidden(OSError):
    """An answer that is longer than what was asked for, of which AWS's SDK tells nothing then.

    So it does not know either that it should have asked again.
    """


_GONE = "it was listed, and is there no more"
# What AWS's SDKs say, what kind of error that is, and how it is told. The first that fits counts.
# Of an object that is refused the SDK may know but the status, and not what S3 says of it.
_REASONS: tuple[tuple[str, type[OSError], str], ...] = (
    (
        "Failed to flush response stream",
        Hidden,
        "S3 refuses it, in words that its few bytes hide: run again, or copy it to see why",
    ),
    (
        "locate credentials",
        OSError,
        "no credentials are found: name a profile, or set them in the environment",
    ),
    (
        "NETWORK_CONNECTION",
        ConnectionError,
        "the connection to S3 fails{detail}: look at the network, and at the endpoint if one is named",
    ),
    ("NO_SUCH_BUCKET|Bucket '.*' not found", OSError, "there is no such bucket"),
    (
        "PermanentRedirect|AuthorizationHeaderMalformed|configured region|HTTP status 301",
        OSError,
        "the bucket is in another region: name its own, or none",
    ),
    (
        "INVALID_ACCESS_KEY_ID|SIGNATURE_DOES_NOT_MATCH|INVALID_CLIENT_TOKEN|ExpiredToken|InvalidToken",
        OSError,
        "S3 does not know these credentials, or no longer: renew them",
    ),
    (
        r"HTTP status 400\) during (HeadObject|GetObject)",
        OSError,
        "S3 refuses it without a word, as it does where credentials have expired or the region is wrong",
    ),
    ("REQUEST_TIME_TOO_SKEWED", OSError, "this machine's clock is wrong by minutes: set it"),
    (
        "ACCESS_DENIED during ListObjects",
        PermissionError,
        "access denied: listing takes s3:ListBucket; {who}",
    ),
    (
        "ACCESS_DENIED|HTTP status 403|storage class|state of the object",
        PermissionError,
        "access denied: reading takes s3:GetObject, kms:Decrypt where KMS encrypts, a restore where it is archived; {who}",
    ),
    (
        "SLOW_DOWN|SERVICE_UNAVAILABLE|INTERNAL_FAILURE|HTTP status 5",
        ConnectionError,
        "S3 stayed busy however often it was asked: run again later",
    ),
    ("RESOURCE_NOT_FOUND|NO_SUCH_KEY", FileNotFoundError, _GONE),
    ("", OSError, "S3 refuses it ({text})"),
)


@contextlib.contextmanager
def told(s3: S3) -> Iterator[None]:
    """Say in a sentence what goes wrong.

    Raises
    ------
    FileNotFoundError
        If an object that was listed is there no more.
    Hidden
        If it is not known what S3 says.
    PermissionError
        If access is denied.
    ConnectionError
        If there is no connection, or S3 is busy.
    OSError
        For another reason.
    """
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(_GONE) from None
    except (OSError, pa.ArrowInvalid) as error:
        kind, sentence = _sentence(s3, str(error))
        raise kind(sentence) from None


def _sentence(s3: S3, text: str) -> tuple[type[OSError], str]:
    """Return what kind of error a text of AWS's SDK tells of, and a sentence."""
    kind, sentence = next(
        (kind, sentence) for pattern, kind, sentence in _REASONS if re.search(pattern, text)
    )
    cause = re.search(r"Details: (.*)", text)
    detail = f" ({cause[1].strip()})" if cause else ""
    short = re.sub(r"\s*\(Request ID.*", "", text)
    return kind, sentence.format(detail=detail, text=short, who=_who(s3))


def _who(s3: S3) -> str:
    """Return what can be done about an access that was denied."""
    if s3.anonymous:
        return "perhaps the bucket is not public: name credentials"
    if s3.role:
        return f"perhaps {s3.role} may not be assumed"
    return (
        "name credentials that have it (as an s3 profile, where AWS_PROFILE assumes a role or signs on),"
        " or ask anonymously if the bucket is public"
    )
