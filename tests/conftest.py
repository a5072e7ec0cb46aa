"""Fixtures that most tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cloudtrail_mfa import Lake, cli
from cloudtrail_mfa.archive.s3 import _filesystem, _payer, _session
from tests.records import Record, file_name, write_log
from tests.s3_server import Bucket, Server, new_bucket, serving

# Machines differ in speed, and the first draw builds tables of characters.
settings.register_profile(
    "tests", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("tests")


@pytest.fixture
def lake_of(tmp_path: Path) -> Callable[..., Lake]:
    """Return a function that makes a lake of some records."""

    def make(*records: Record) -> Lake:
        lake = Lake(tmp_path / "lake")
        assert lake.ingest(write_log(tmp_path / "logs" / file_name(), records)).complete
        return lake

    return make


Command = Callable[..., tuple[int, bytes, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Return a function that runs a command line in this process: its code, output and notes."""

    def run(*arguments: str) -> tuple[int, bytes, str]:
        capfdbinary.readouterr()
        monkeypatch.setattr(sys, "argv", ["cloudtrail-mfa", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfdbinary.readouterr()
        return int(ended.value.code or 0), out, err.decode()

    return run


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Server]:
    """Run an S3 on the loopback."""
    with serving() as server:
        yield server


@pytest.fixture
def bucket(s3_server: Server, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Return an empty bucket of that S3, and let AWS's tools see nothing else.

    Neither what whoever runs the tests has set up, nor the network.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    _filesystem.cache_clear()
    _payer.cache_clear()
    _session.cache_clear()
    return new_bucket(s3_server)


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """Return the folder of real CloudTrail logs, where there is one."""
    folder = os.environ.get("CLOUDTRAIL_MFA_REAL_LOGS")
    if not folder:
        pytest.skip("CLOUDTRAIL_MFA_REAL_LOGS does not name a folder of real logs")
    return Path(folder)
