"""The sample logs: what the generator makes, and the answers that the story has."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from cloudtrail_mfa.demo import sample_logs
from tests.generate_sample_logs import FOLDER, files


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("sample") / "lake")
    report = lake.ingest(sample_logs())
    assert report.complete
    assert report.duplicates == 2
    return lake


def test_they_are_what_the_generator_makes() -> None:
    """Nobody edits them by hand, and the same come out each time."""
    there = {path.relative_to(FOLDER) for path in FOLDER.rglob("*.json.gz")}
    made = files()
    assert there == set(made)
    for path, records in made.items():
        text = gzip.decompress((FOLDER / path).read_bytes())
        assert json.loads(text) == {"Records": records}


def test_they_lie_as_cloudtrail_delivers_them() -> None:
    """Account, region and day are folders."""
    for path in files():
        parts = path.parts
        assert parts[:3] == ("AWSLogs", "111122223333", "CloudTrail")
        assert parts[7].startswith(f"111122223333_CloudTrail_{parts[3]}_{''.join(parts[4:7])}T")


def test_addresses_are_for_documentation() -> None:
    """RFC 5737 sets them aside; services have names."""
    networks = "192.0.2.", "198.51.100.", "203.0.113."
    for records in files().values():
        for record in records:
            address = record["sourceIPAddress"]
            assert address.startswith(networks) or address.endswith(".amazonaws.com")


# who, credential, cause, certainty: how many
STORY = {
    ("alice", "long_term_key", "long_term_key", "inferred"): 3,
    ("alice", "session_token", "mfa_expired", "inferred"): 1,
    ("bob", "console", "session_without_mfa", "inferred"): 3,
    ("carol", "long_term_key", "undetermined", "unknown"): 2,
    ("Deploy", "assumed_role", "no_permission", "inferred"): 1,
    ("carol", "forwarded", "session_without_mfa", "inferred"): 1,
    ("dave@example.com", "federated", "no_permission", "inferred"): 1,
    ("Admin", "assumed_role", "service_control_policy", "stated"): 1,
    ("web-server", "workload_role", "no_permission", "inferred"): 12,
    ("delivery.logs.amazonaws.com", "aws_service", "service_request", "stated"): 288,
}


def test_every_denial_has_the_cause_of_the_story(lake: Lake) -> None:
    """And no other."""
    rows = lake.summary()
    names = ["principal_name", "credential_kind", "cause", "certainty"]
    found = {tuple(row[:4]): row[4] for row in rows[[*names, "denials"]].itertuples(index=False)}
    assert found == STORY


def test_alices_day_can_be_followed(lake: Lake) -> None:
    """Denied with the key, a session with MFA, passed, denied when it was old, passed again."""
    calls = lake.sql(
        "select event_name, credential_kind, mfa_present, error_code is not null as refused"
        " from calls where principal_name = 'alice' order by event_time"
    )
    told = [
        f"{row.event_name} {row.credential_kind} {row.mfa_present} {'-' if row.refused else '+'}"
        for row in calls.itertuples()
    ]
    assert told[:3] == [
        "ListBuckets long_term_key absent -",
        "ListBuckets long_term_key absent -",
        "HeadObject long_term_key absent -",
    ]
    assert told[5:8] == [
        "GetSessionToken long_term_key absent +",
        "ListBuckets session_token true +",
        "HeadObject session_token true +",
    ]
    assert told[-3:] == [
        "DeleteObject session_token true -",
        "GetSessionToken long_term_key absent +",
        "DeleteObject session_token true +",
    ]


def test_sessions_are_traced_to_their_issue(lake: Lake) -> None:
    """The event that handed out the key is in the lake."""
    rows = lake.denials(principal=["dave@example.com", "Deploy"])
    issues = lake.sql("select event_id, event_name from events").set_index("event_id")
    assert issues.loc[rows["issued_in"], "event_name"].tolist() == [
        "AssumeRole",
        "AssumeRoleWithSAML",
    ]


def test_no_cause_is_claimed_with_mfa(lake: Lake) -> None:
    """Messages alone do not tell whether a call would have passed."""
    assert bool(pd.isna(lake.denials()["mfa_would_allow"]).all())


def test_missing_samples_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A broken installation says so."""
    monkeypatch.setattr("cloudtrail_mfa.demo.__file__", str(tmp_path / "a" / "demo.py"))
    with pytest.raises(FileNotFoundError, match="the samples are not there"):
        sample_logs()
