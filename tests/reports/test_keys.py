"""What to do about long-term keys."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa.reports.keys import advice, in_use, to_retire

USED = {
    "access_key_id": "AKIAIOSFODNN7ALICE00",
    "status": "active",
    "owner_type": "user",
    "calls": 3,
    "forwarded": 0,
    "report_last_used": pd.NaT,
    "owner_used_mfa": True,
}


def keys(**fields: Any) -> pd.DataFrame:
    return pd.DataFrame([USED | fields])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "In use, and its owner has used MFA: let sessions"),
        ({"owner_used_mfa": None}, "In use: give its owner an MFA device"),
        ({"owner_used_mfa": False}, "In use: give its owner an MFA device"),
        ({"status": "deleted", "calls": 0}, "Deleted: nothing to do."),
        ({"status": "inactive"}, "Inactive: delete it."),
        ({"owner_type": "root"}, "Delete it, as AWS advises"),
        ({"calls": 0}, "Not used in what is recorded: deactivate it"),
        ({"calls": 0, "forwarded": 2}, "In use"),
        ({"calls": 0, "report_last_used": pd.Timestamp("2026-06-01", tz="UTC")}, "Used by the"),
    ],
)
def test_each_key_has_an_advice(fields: dict[str, Any], told: str) -> None:
    """By its state and its use."""
    (sentence,) = advice(keys(**fields))
    assert sentence.startswith(told)


def test_what_nothing_needs_is_to_be_retired() -> None:
    """Keys that are inactive or were never used; not those in use or gone."""
    rows = pd.concat(
        [
            keys(),
            keys(calls=0),
            keys(status="inactive"),
            keys(status="deleted", calls=0),
            keys(calls=0, forwarded=1),
        ],
        ignore_index=True,
    )
    assert to_retire(rows).index.tolist() == [1, 2]
    assert in_use(rows).index.tolist() == [0, 4]
