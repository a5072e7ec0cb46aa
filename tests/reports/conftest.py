"""Fixtures of the report's tests: lakes that are asked and not changed."""

from __future__ import annotations

import pytest

from cloudtrail_mfa import Evidence, Lake
from cloudtrail_mfa.demo import sample_evidence, sample_logs
from cloudtrail_mfa.reports.contents import Contents
from tests.reports.rows import lake_of, told, week


@pytest.fixture(scope="package")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake of one week."""
    return lake_of(tmp_path_factory.mktemp("week"), *week())


@pytest.fixture(scope="package")
def contents(lake: Lake) -> Contents:
    """Return what a report tells of it."""
    return told(lake)


@pytest.fixture(scope="package")
def evidence() -> Evidence:
    return Evidence.load(sample_evidence())


@pytest.fixture(scope="package")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake of the sample logs."""
    lake = Lake(tmp_path_factory.mktemp("samples") / "lake")
    assert lake.ingest(sample_logs(), workers=1).complete
    return lake


@pytest.fixture(scope="package")
def proven(samples: Lake, evidence: Evidence) -> Contents:
    """Return what a report tells of the samples, with their policies."""
    return told(samples, evidence)
