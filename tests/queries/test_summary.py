"""summary: people before services, however many the services are."""

from __future__ import annotations

import pandas as pd

from cloudtrail_mfa import queries


def denial(**fields: object) -> dict[str, object]:
    return {
        "event_id": "e",
        "event_time": pd.Timestamp("2026-06-01T09:00:00Z"),
        "account_id": "111122223333",
        "principal_name": "alice",
        "credential_kind": "long_term_key",
        "workload": False,
        "iam_action": "s3:GetObject",
        "event_name": "GetObject",
        "cause": "undetermined",
        "certainty": "unknown",
        "mfa_would_allow": None,
    } | fields


def summary(*rows: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).astype({"mfa_would_allow": "boolean"})
    return queries.summarize(queries.connect([]), frame)


def test_people_come_before_services() -> None:
    """Ten thousand refusals of log delivery do not drown one person."""
    noise = denial(principal_name="delivery.logs.amazonaws.com", credential_kind="aws_service")
    rows = summary(*[noise] * 10, denial(), denial(credential_kind="workload_role", workload=True))
    assert rows["caller"].tolist() == ["person", "workload", "service"]
    assert rows["denials"].tolist() == [1, 1, 10]


def test_who_is_denied_most_comes_first() -> None:
    """Among people the number decides."""
    rows = summary(denial(principal_name="bob"), denial(), denial())
    assert rows["principal_name"].tolist() == ["alice", "bob"]


def test_causes_and_certainties_are_kept_apart() -> None:
    """A row never mixes what is known with what is not."""
    rows = summary(
        denial(),
        denial(cause="no_permission"),
        denial(mfa_would_allow=False, cause="no_permission"),
    )
    assert len(rows) == 3


def test_a_row_tells_when_what_and_where_to_look() -> None:
    """First and last time, actions by number, and the first event to explain."""
    later = pd.Timestamp("2026-06-02T09:00:00Z")
    (row,) = summary(
        denial(event_id="later", event_time=later, iam_action="s3:PutObject"),
        denial(event_id="last", event_time=later, iam_action="s3:PutObject"),
        denial(event_id="first"),
        denial(event_id="odd", event_time=later, iam_action=None),
    ).to_dict("records")
    assert (row["first_time"], row["last_time"]) == (denial()["event_time"], later)
    assert row["actions"] == ["s3:PutObject", "GetObject", "s3:GetObject"]
    assert row["event_id"] == "first"


def test_events_without_a_time_count() -> None:
    """They are denials all the same."""
    (row,) = summary(denial(), denial(event_time=pd.NaT)).to_dict("records")
    assert row["denials"] == 2
