"""A lake with one of everything that a report tells, and what it says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloudtrail_mfa import Evidence, Lake
from cloudtrail_mfa.reports.contents import Contents, gather
from tests.records import (
    ACCOUNT,
    MFA_FORCED,
    Record,
    call,
    denied,
    issued,
    refusal,
    service,
    session,
    user,
    write_log,
)

MADE = datetime(2026, 6, 8, 12, tzinfo=UTC)
BOBS = user("bob", "AKIAIOSFODNN7BOB0000")
SESSION = "ASIAIOSFODNN7ALICE01"
SCP = "with an explicit deny in a service control policy"


def week() -> list[Record]:
    """Return a week: alice opens a session with MFA in between, bob is refused by an SCP."""
    after = session(key=SESSION, mfa=True, since="2026-06-01T09:10:00Z")
    device = f"arn:aws:iam::{ACCOUNT}:mfa/alice"
    asked = {"serialNumber": device}
    return [
        _for_mfa("alice-00-1", "2026-06-01T09:00:00Z"),
        issued("GetSessionToken", SESSION, by=user(), request=asked, time="2026-06-01T09:10:00Z"),
        call(by=after, time="2026-06-01T09:11:00Z", event_id="passed-0-2"),
        _for_mfa("alice-00-3", "2026-06-01T09:12:00Z"),
        denied(
            "RunInstances",
            "ec2",
            by=BOBS,
            event_id="bob-0000-4",
            time="2026-06-03T10:00:00Z",
            message=refusal("ec2:RunInstances", to=BOBS["arn"], why=SCP),
        ),
        *(
            denied(
                "PutObject",
                by=service(),
                event_id=f"service-{number:04}",
                time=f"2026-06-0{1 + number % 7}T11:{number // 7 % 60:02}:00Z",
            )
            for number in range(40)
        ),
    ]


def _for_mfa(event_id: str, time: str) -> Record:
    why = f"with an explicit deny in an identity-based policy: {MFA_FORCED}"
    return denied(event_id=event_id, time=time, message=refusal("s3:ListAllMyBuckets", why=why))


def lake_of(folder: Path, *records: Record) -> Lake:
    """Return a lake of some records, in a folder of its own."""
    lake = Lake(folder / "lake")
    assert lake.ingest(write_log(folder / "log.json.gz", records), workers=1).complete
    return lake


def told(lake: Lake, evidence: Evidence | None = None, **filters: Any) -> Contents:
    """Return what a report tells of a lake, made at a time that stays the same."""
    return gather(lake, evidence=evidence, made=MADE, **filters)
