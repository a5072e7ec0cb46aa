"""Refusals: each is a sentence that says what to do."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cloudtrail_mfa import S3
from cloudtrail_mfa.archive.objects import entries, open_object
from cloudtrail_mfa.archive.refusals import Hidden, told
from tests.s3_server import Bucket, Line


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudtrail_mfa.archive.s3._ATTEMPTS", 2)


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (403, "AccessDenied", PermissionError, "listing takes s3:ListBucket; name credentials"),
        (403, "InvalidAccessKeyId", OSError, "S3 does not know these credentials"),
        (403, "SignatureDoesNotMatch", OSError, "S3 does not know these credentials"),
        (400, "ExpiredToken", OSError, "or no longer: renew them"),
        (301, "PermanentRedirect", OSError, "the bucket is in another region"),
        (400, "AuthorizationHeaderMalformed", OSError, "the bucket is in another region"),
        (403, "RequestTimeTooSkewed", OSError, "this machine's clock is wrong"),
        (503, "SlowDown", ConnectionError, "S3 stayed busy however often it was asked"),
        (500, "InternalError", ConnectionError, "S3 stayed busy"),
        (418, "Teapot", OSError, "S3 refuses it (.*Teapot"),
    ],
)
def test_what_a_server_refuses_to_list_is_told(
    bucket: Bucket, status: int, code: str, kind: type[OSError], words: str
) -> None:
    """Without the names of the SDK's operations, where the reason is known."""
    bucket.server.trouble("list-type", status, code)
    with pytest.raises(OSError, match=words.replace("(", r"\(")) as caught:
        entries(bucket.s3, bucket.url(), deep=True)
    assert type(caught.value) is kind
    assert "Request ID" not in str(caught.value)


@pytest.mark.parametrize(
    ("method", "status", "code", "kind", "words"),
    [
        ("HEAD", 403, "", PermissionError, "reading takes s3:GetObject, kms:Decrypt"),
        ("HEAD", 404, "", FileNotFoundError, "it was listed, and is there no more"),
        ("HEAD", 400, "", OSError, "credentials have expired or the region is wrong"),
        ("HEAD", 503, "", ConnectionError, "S3 stayed busy"),
        ("GET", 403, "AccessDenied", PermissionError, "reading takes s3:GetObject"),
        ("GET", 403, "KMS.DisabledException", PermissionError, "kms:Decrypt where KMS encrypts"),
        ("GET", 403, "InvalidObjectState", PermissionError, "a restore where it is archived"),
        ("GET", 404, "NoSuchKey", FileNotFoundError, "it was listed, and is there no more"),
        ("GET", 400, "", OSError, "credentials have expired or the region is wrong"),
        ("GET", 503, "SlowDown", ConnectionError, "S3 stayed busy"),
    ],
)
def test_what_a_server_refuses_to_give_is_told(
    bucket: Bucket, method: str, status: int, code: str, kind: type[OSError], words: str
) -> None:
    """To a HEAD it answers without any words."""
    path = bucket.put("one.json", bytes(4000))
    bucket.server.trouble(f"{method} .*one.json", status, code)
    with pytest.raises(OSError, match=words) as caught:
        open_object(bucket.s3, path, 4000)
    assert type(caught.value) is kind


def test_a_bucket_that_is_not_there_is_told(bucket: Bucket) -> None:
    """Its name stands before the sentence."""
    with pytest.raises(OSError, match=r"^there is no such bucket$"):
        entries(bucket.s3, "s3://example-nowhere/", deep=True)


def test_a_line_that_stays_broken_is_told(bucket: Bucket) -> None:
    """With what the network says of it."""
    path = bucket.put("one.bin", bytes(4000))
    with (
        Line(bucket.server, *["truncate"] * 9) as line,
        pytest.raises(ConnectionError, match=r"the connection to S3 fails \(.*\): look at"),
    ):
        open_object(line.s3, path, 4000)
    with pytest.raises(ConnectionError, match="the connection to S3 fails"):
        entries(line.s3, bucket.url(), deep=True)


@pytest.mark.parametrize(
    ("s3", "words"),
    [
        (S3(anonymous=True), "perhaps the bucket is not public"),
        (S3(role="arn:aws:iam::111122223333:role/Audit"), "perhaps arn:.* may not be assumed"),
        (S3(), "name credentials that have it"),
    ],
)
def test_what_can_be_done_depends_on_who_asks(s3: S3, words: str) -> None:
    """AWS's SDK asks unsigned where a role cannot be assumed or there are no credentials."""
    with pytest.raises(PermissionError, match=words), told(s3):
        raise OSError("AWS Error ACCESS_DENIED during ListObjectsV2 operation: Access Denied")


def test_what_is_no_error_of_the_network_is_told_too() -> None:
    """A path that Arrow does not take, and an answer that it loses."""
    with pytest.raises(OSError, match=r"S3 refuses it \(a path"), told(S3()):
        raise pa.ArrowInvalid("a path that it does not take")
    with pytest.raises(Hidden), told(S3()):
        raise OSError("INTERNAL_FAILURE: Failed to flush response stream (eof: 0, bad: 1)")
