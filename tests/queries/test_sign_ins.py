"""sign_ins: who signed in to the console, and what is known of MFA."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake
from tests import records
from tests.records import ACCOUNT, Record, call

LakeOf = Callable[..., Lake]


def login(by: Record, *, success: str = "Success", **extra: Any) -> Record:
    return call(
        "ConsoleLogin",
        "signin",
        by=by,
        responseElements={"ConsoleLogin": success},
        additionalEventData={"LoginTo": "https://console.aws.amazon.com", **extra},
        eventType="AwsConsoleSignIn",
    )


def only(lake: Lake, *columns: str) -> tuple[object, ...]:
    rows = lake.sql("select * from sign_ins")
    assert len(rows) == 1
    cells = rows.astype(object).where(rows.notna(), None)
    return tuple(cells[column][0] for column in columns)


DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/bob-phone"


@pytest.mark.parametrize(("said", "used"), [("Yes", True), ("No", False), ("Perhaps", None)])
def test_mfa_of_a_user_is_what_the_record_says(
    lake_of: LakeOf, said: str, used: bool | None
) -> None:
    """Yes or No; anything else is not known."""
    lake = lake_of(login(records.user("bob", None), MFAUsed=said))
    assert only(lake, "mfa_used", "mfa_recorded", "federated") == (used, said, False)


def test_the_device_is_named(lake_of: LakeOf) -> None:
    """Where the record names it."""
    lake = lake_of(login(records.user("bob", None), MFAUsed="Yes", MFAIdentifier=DEVICE))
    assert only(lake, "mfa_serial") == (DEVICE,)


def test_root_signs_in_too(lake_of: LakeOf) -> None:
    """And is no federated user."""
    root = {key: value for key, value in records.root().items() if key != "accessKeyId"}
    assert only(lake_of(login(root, MFAUsed="No")), "principal_name", "federated", "mfa_used") == (
        "root",
        False,
        False,
    )


@pytest.mark.parametrize(
    "by",
    [
        records.role("AWSReservedSSO_Admin_0123456789abcdef", "dave@example.com"),
        records.role("Anybody", "erin"),
        {"type": "SAMLUser", "principalId": "x:dave", "userName": "dave", "accountId": ACCOUNT},
        {"type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/dave"},
    ],
    ids=["Identity Center", "role", "SAML", "federation token"],
)
def test_what_is_said_of_a_federated_sign_in_tells_nothing(lake_of: LakeOf, by: Record) -> None:
    """The record says No of every one of them; the identity provider's MFA is not known."""
    lake = lake_of(login(by, MFAUsed="No"))
    assert only(lake, "federated", "mfa_used", "mfa_recorded") == (True, None, "No")


def test_an_attempt_that_failed_is_one(lake_of: LakeOf) -> None:
    """Marked as failed."""
    failed = login(records.user("bob", None), success="Failure", MFAUsed="No")
    lake = lake_of(failed | {"errorMessage": "Failed authentication"})
    assert only(lake, "succeeded") == (False,)


def test_bodies_of_no_use_tell_nothing(lake_of: LakeOf) -> None:
    """Text where an object is expected, or nothing at all."""
    odd = login(records.user("bob", None)) | {"additionalEventData": "x", "responseElements": []}
    assert only(lake_of(odd), "succeeded", "mfa_used", "mfa_serial") == (None, None, None)
