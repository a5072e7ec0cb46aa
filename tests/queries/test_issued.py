"""issued: which call handed out a temporary key, and who asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from tests import records
from tests.records import ACCOUNT, Record, issued

LakeOf = Callable[..., Lake]

KEY = "ASIAIOSFODNN7ROLE000"
OTHER = "444455556666"
ROLE = f"arn:aws:iam::{OTHER}:role/Audit"


def only(lake: Lake) -> dict[Any, Any]:
    rows = lake.sql("select * from issued")
    assert len(rows) == 1
    (row,) = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return row


def assumed(by: Record, *, event_id: str, **fields: Any) -> Record:
    made = issued(
        "AssumeRole",
        KEY,
        by=by,
        request={"roleArn": ROLE, "roleSessionName": "alice"},
        event_id=event_id,
        **fields,
    )
    arn = f"arn:aws:sts::{OTHER}:assumed-role/Audit/alice"
    made["responseElements"]["assumedRoleUser"] = {"arn": arn, "assumedRoleId": "AROA:alice"}
    return made


OUTSIDER = {"type": "AWSAccount", "principalId": "AIDAALICE", "accountId": ACCOUNT}


class TestAcrossAccounts:
    """The call is recorded in the caller's account and in the role's, with one sharedEventID."""

    def pair(self, lake_of: LakeOf, *, answered: bool) -> dict[Any, Any]:
        """Return the row of such a call, of which one record may hold no answer."""
        theirs = assumed(
            OUTSIDER, event_id="0-role", sharedEventID="shared-1", recipientAccountId=OTHER
        )
        own = assumed(records.user(), event_id="1-caller", sharedEventID="shared-1")
        if not answered:
            own["responseElements"] = None
        return only(lake_of(theirs, own))

    def test_the_callers_record_tells_who_asked(self, lake_of: LakeOf) -> None:
        """The role's account knows only from which account."""
        row = self.pair(lake_of, answered=True)
        assert row["opener_arn"] == f"arn:aws:iam::{ACCOUNT}:user/alice"
        assert row["opener_access_key_id"] == "AKIAIOSFODNN7ALICE00"
        assert row["issued_in"] == "1-caller"

    def test_it_does_so_without_an_answer(self, lake_of: LakeOf) -> None:
        """By the shared id."""
        row = self.pair(lake_of, answered=False)
        assert row["opener_arn"] == f"arn:aws:iam::{ACCOUNT}:user/alice"
        assert row["issued_in"] == "0-role"

    def test_the_roles_record_alone_tells_the_account(self, lake_of: LakeOf) -> None:
        """No more than that."""
        row = only(lake_of(assumed(OUTSIDER, event_id="0-role", sharedEventID="shared-1")))
        assert (row["opener_arn"], row["opener_name"]) == (None, ACCOUNT)
        assert row["issued_to"] == f"arn:aws:sts::{OTHER}:assumed-role/Audit/alice"

    def test_calls_that_share_no_id_stay_apart(self, lake_of: LakeOf) -> None:
        """An empty id is none."""
        theirs = assumed(OUTSIDER, event_id="0-role", sharedEventID="")
        stranger = issued(
            "GetSessionToken", "short", by=records.user(), request={}, sharedEventID=""
        )
        assert only(lake_of(theirs, stranger))["opener_arn"] is None


@pytest.mark.parametrize(
    "text",
    ["Jun 1, 2026, 9:00:00 PM", "Jun 1, 2026 9:00:00 PM", "Jun 1, 2026, 9:00:00\u202fPM"],
)
def test_when_the_key_ends_is_read_in_every_form(lake_of: LakeOf, text: str) -> None:
    """CloudTrail's older form, its newer one, and the newer one with a narrow space."""
    made = issued("GetSessionToken", KEY, by=records.user(), request={})
    made["responseElements"]["credentials"]["expiration"] = text
    assert only(lake_of(made))["expires_at"] == pd.Timestamp("2026-06-01T21:00:00Z")


def test_when_the_key_ends_may_not_be_readable(lake_of: LakeOf) -> None:
    """Then it is not known."""
    made = issued("GetSessionToken", KEY, by=records.user(), request={})
    made["responseElements"]["credentials"]["expiration"] = "soon"
    row = only(lake_of(made))
    assert row["expires_at"] is None
    assert row["issued_to"] == f"arn:aws:iam::{ACCOUNT}:user/alice"


def test_the_mfa_of_the_session_that_asked_is_told(lake_of: LakeOf) -> None:
    """As CloudTrail recorded it."""
    made = issued("AssumeRole", KEY, by=records.session(mfa=True), request={"roleArn": ROLE})
    assert only(lake_of(made))["opener_mfa"] == "true"
