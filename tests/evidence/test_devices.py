"""Devices: who has one, by the credential report or else by the trail."""

from __future__ import annotations

from typing import Any

import pytest

from cloudtrail_mfa.evidence.credentials import Credentials
from cloudtrail_mfa.evidence.devices import active_devices
from tests.evidence.writes import ALICE, IAM, row, table

PHONE, KEY = f"{IAM}:mfa/alice-phone", "GAHT12345678"


def device(event: str, second: int | None = 0, serial: str | None = PHONE) -> dict[str, Any]:
    return row(event, second, userName="alice", serialNumber=serial)


def user(event: str, second: int = -9) -> dict[str, Any]:
    return row(event, second, userName="alice")


def active(*rows: dict[str, Any], arn: str = ALICE) -> bool | None:
    return active_devices([arn], table(*rows), {}).get(arn)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([device("EnableMFADevice")], True),
        ([device("EnableMFADevice"), device("DeactivateMFADevice", 1)], None),
        ([user("CreateUser")], False),
        ([user("CreateUser"), device("EnableMFADevice")], True),
        ([user("CreateUser"), device("EnableMFADevice"), device("DeactivateMFADevice", 1)], False),
        ([device("DeactivateMFADevice", 1, KEY), device("EnableMFADevice")], True),
        ([device("DeactivateMFADevice"), device("EnableMFADevice")], None),
        ([device("EnableMFADevice"), user("DeleteUser", 1)], None),
        ([user("CreateUser"), device("EnableMFADevice", None)], None),
        ([user("CreateUser"), device("EnableMFADevice", serial=None)], None),
        ([user("CreateUser"), device("CreateVirtualMFADevice")], False),
    ],
)
def test_what_the_trail_shows(rows: list[dict[str, Any]], expected: bool | None) -> None:
    """There is none only where every device since the user's creation would be seen."""
    assert active(*rows) is expected


def test_a_user_that_is_renamed() -> None:
    """The devices stay."""
    renamed = row("UpdateUser", 1, userName="alice", newUserName="alicia")
    assert active(device("EnableMFADevice"), renamed, arn=f"{IAM}:user/alicia") is True
    assert active(device("EnableMFADevice"), renamed) is None


def test_the_report_stands_above_the_trail() -> None:
    """It is later, and complete."""
    report = {ALICE: Credentials(ALICE, mfa_active=False, password=None)}
    assert active_devices([ALICE], table(device("EnableMFADevice")), report) == {ALICE: False}


def test_roles_have_none() -> None:
    """Nor has a session."""
    assert active(device("EnableMFADevice"), arn=f"{IAM}:role/alice") is None
