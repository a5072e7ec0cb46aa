"""The credential report: who has an MFA device, and which keys there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloudtrail_mfa.evidence.credentials import Credentials, Key, parse_report
from tests.generate_sample_evidence import report
from tests.records import ACCOUNT

IAM = f"arn:aws:iam::{ACCOUNT}"


def test_a_report_as_aws_gives_it() -> None:
    """Users and root, by ARN; what is not applicable is None."""
    found = parse_report(report())
    assert set(found) == {
        f"{IAM}:{who}" for who in ("root", "user/alice", "user/bob", "user/carol")
    }
    assert found[f"{IAM}:user/bob"] == Credentials(
        f"{IAM}:user/bob",
        mfa_active=False,
        password=True,
        keys=(Key(active=False, rotated=None, used=None),),
    )
    key = Key(
        active=True,
        rotated=datetime(2025, 1, 7, 8, tzinfo=UTC),
        used=datetime(2026, 6, 1, 15, 24, tzinfo=UTC),
    )
    assert found[f"{IAM}:user/alice"].keys == (key,)
    assert found[f"{IAM}:root"].password is None


def test_columns_that_are_not_there_are_not_needed() -> None:
    """But the ARN and the device."""
    found = parse_report(f"\ufeffarn,mfa_active\n{IAM}:user/alice,TRUE\n")
    assert found[f"{IAM}:user/alice"] == Credentials(
        f"{IAM}:user/alice", mfa_active=True, password=None
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no column arn, mfa_active"),
        ("user,arn\nalice,x\n", "has no column mfa_active"),
        ("arn,mfa_active\nx,perhaps\n", "line 2: mfa_active is 'perhaps'"),
        ("arn,mfa_active\nx\n", "line 2: mfa_active is None"),
    ],
)
def test_what_is_no_report(text: str, problem: str) -> None:
    """It is said why."""
    with pytest.raises(ValueError, match=problem):
        parse_report(text)
