"""Fixtures that most tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cloudtrail_mfa import Lake
from tests.records import Record, file_name, write_log

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


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """Return the folder of real CloudTrail logs, where there is one."""
    folder = os.environ.get("CLOUDTRAIL_MFA_REAL_LOGS")
    if not folder:
        pytest.skip("CLOUDTRAIL_MFA_REAL_LOGS does not name a folder of real logs")
    return Path(folder)
