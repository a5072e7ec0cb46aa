"""S3: who asks, where."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cloudtrail_mfa import S3, MissingPackageError, ScopeError
from cloudtrail_mfa.archive.objects import entries
from tests.s3_server import Bucket

ROLE = "arn:aws:iam::111122223333:role/path/Audit"


def asked_by(bucket: Bucket, s3: S3) -> str:
    """Return whose access key a list was asked with."""
    entries(s3, bucket.url(), deep=True)
    return bucket.server.signers[-1]


@pytest.fixture
def endpoint(bucket: Bucket) -> str:
    return bucket.s3.endpoint or ""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return tmp_path / "config"


def test_the_credentials_of_the_environment_sign(bucket: Bucket) -> None:
    """As with AWS's own tools."""
    assert asked_by(bucket, bucket.s3) == "AKIAIOSFODNN7EXAMPLE"


def test_nobody_signs_where_it_is_anonymous(bucket: Bucket, endpoint: str) -> None:
    """Although there are credentials."""
    assert asked_by(bucket, S3(endpoint=endpoint, anonymous=True)) == "nobody"


@pytest.mark.skipif(
    int(pa.__version__.partition(".")[0]) < 26, reason="older SDKs ask no other STS than AWS's own"
)
def test_a_role_is_assumed(bucket: Bucket, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the credentials of the environment; what signs is temporary."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", endpoint)
    s3 = S3(endpoint=endpoint, region="us-east-1", role=ROLE, external_id="example-id")
    assert asked_by(bucket, s3).startswith("ASIA")
    assert bucket.server.signers[0] == "AKIAIOSFODNN7EXAMPLE"


def test_a_profile_signs_whatever_the_environment_holds(
    bucket: Bucket, endpoint: str, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who names a profile means it; programs that give credentials are asked, roles assumed."""
    config.write_text(
        "[profile audit]\naws_access_key_id = AKIAIOSFODNN7AUDIT00\naws_secret_access_key = x\n"
        "[profile program]\ncredential_process = printf '"
        '{"Version": 1, "AccessKeyId": "AKIAIOSFODNN7PROGRAM", "SecretAccessKey": "x"}\'\n'
        f"[profile role]\nrole_arn = {ROLE}\nsource_profile = audit\nregion = us-east-1\n"
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", endpoint)
    for profile, key in (
        ("audit", "AKIAIOSFODNN7AUDIT00"),
        ("program", "AKIAIOSFODNN7PROGRAM"),
        ("role", "ASIA"),
    ):
        assert asked_by(bucket, S3(endpoint=endpoint, profile=profile)).startswith(key)


@pytest.mark.parametrize(
    ("profile", "problem"),
    [
        ("nobody", "gives no credentials .*could not be found"),
        ("empty", "holds no credentials"),
        ("mfa", "asks for an MFA code: open the session before"),
    ],
)
def test_a_profile_that_gives_none_is_an_error(
    bucket: Bucket,
    endpoint: str,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    profile: str,
    problem: str,
) -> None:
    """Nobody is asked for a code in the middle of an ingest."""
    config.write_text(
        "[profile empty]\nregion = us-east-1\n"
        f"[profile mfa]\nrole_arn = {ROLE}\nsource_profile = empty\n"
        "mfa_serial = arn:aws:iam::111122223333:mfa/alice\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(ScopeError, match=problem):
        asked_by(bucket, S3(endpoint=endpoint, profile=profile))


def test_a_profile_whose_role_may_not_be_assumed_is_an_error(
    bucket: Bucket, endpoint: str, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the words of STS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", endpoint)
    bucket.server.trouble("POST", 403, "AccessDenied")
    config.write_text(
        f"[profile role]\nrole_arn = {ROLE}\ncredential_source = Environment\nregion = us-east-1\n"
    )
    with pytest.raises(ScopeError, match=r"s3 profile='role' gives no credentials \(.*AssumeRole"):
        asked_by(bucket, S3(endpoint=endpoint, profile="role"))


def test_without_botocore_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names no profile does not need it."""
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(MissingPackageError, match=r"cloudtrail-mfa\[s3\]"):
        entries(S3(endpoint="http://127.0.0.1:9", profile="x"), "s3://bucket/", deep=True)


def test_an_endpoint_of_the_environment_is_used(
    bucket: Bucket, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As AWS's own tools do; AWS is not asked where that bucket is."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert asked_by(bucket, S3()) == "AKIAIOSFODNN7EXAMPLE"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"anonymous": True, "profile": "x"}, "names profile and anonymous"),
        ({"role": ROLE, "profile": "x"}, "names profile and role"),
        ({"external_id": "x"}, "an external id, but no role"),
        ({"role": "Audit"}, "is no ARN of a role"),
        ({"endpoint": "localhost:9000"}, "is no address"),
        ({"endpoint": "ftp://host"}, "is no address"),
        ({"endpoint": "http://host/path"}, "is no address"),
    ],
)
def test_what_does_not_go_together_is_an_error(options: dict[str, Any], problem: str) -> None:
    """Before anything is asked."""
    with pytest.raises(ScopeError, match=problem):
        S3(**options)


def test_nothing_secret_is_shown() -> None:
    """Neither by the options themselves nor by the error about them."""
    assert "hush" not in repr(S3(role=ROLE, external_id="hush"))
    with pytest.raises(ScopeError, match="holds a user") as caught:
        S3(endpoint="http://alice:hush@host")
    assert "hush" not in str(caught.value)


def test_it_goes_to_other_processes() -> None:
    """It is what a worker gets, and small."""
    s3 = S3(endpoint="http://127.0.0.1:9", role=ROLE, external_id="x")
    assert pickle.loads(pickle.dumps(s3)) == s3  # noqa: S301
    assert len(pickle.dumps(s3)) < 400
