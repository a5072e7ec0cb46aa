"""devices: the MFA device of each user, as far as the trail shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake
from tests.records import ACCOUNT, Record, call, denied, issued, role, user

PHONE, KEY = f"arn:aws:iam::{ACCOUNT}:mfa/alice-phone", "GAHT12345678"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"


def at(hour: int) -> str:
    return f"2026-06-01T{hour:02}:00:00Z"


def session(serial: Any, hour: int = 9, **fields: Any) -> Record:
    """Return a call for a session with a device."""
    request = {"durationSeconds": 900, "serialNumber": serial}
    return (
        issued(
            "GetSessionToken",
            f"ASIAIOSFODNN7ALICE{hour:02}",
            by=user(),
            request=request,
            time=at(hour),
        )
        | fields
    )


def device(name: str, hour: int, of: str = "alice", serial: str = PHONE) -> Record:
    """Return a call that enables or deactivates a device."""
    parameters = {"userName": of, "serialNumber": serial}
    return call(name, "iam", by=user(), requestParameters=parameters, time=at(hour))


@pytest.fixture
def devices(lake_of: Callable[..., Lake]) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a function that gives the users' devices."""

    def found(*records: Record) -> list[tuple[Any, ...]]:
        rows = lake_of(*records).sql("select principal_arn, serial_number from devices")
        return [*rows.itertuples(index=False, name=None)]

    return found


def test_a_session_names_the_device(devices: Callable[..., Any]) -> None:
    """The one seen last counts."""
    assert devices(session(KEY, 8), session(PHONE, 9)) == [(ALICE, PHONE)]


def test_a_sign_in_names_it_too(devices: Callable[..., Any]) -> None:
    """Where MFA was used."""
    record = call(
        "ConsoleLogin",
        "signin",
        by=user(key=None),
        additionalEventData={"MFAUsed": "Yes", "MFAIdentifier": PHONE},
        eventType="AwsConsoleSignIn",
    )
    assert devices(record) == [(ALICE, PHONE)]


def test_enabling_is_enough_and_deactivating_ends_it(devices: Callable[..., Any]) -> None:
    """In their order."""
    assert devices(device("EnableMFADevice", 8)) == [(ALICE, PHONE)]


def test_a_device_that_is_gone_is_none(devices: Callable[..., Any]) -> None:
    """Unless it was seen again."""
    assert devices(session(PHONE, 8), device("DeactivateMFADevice", 9)) == []


def test_another_users_device_is_not_the_callers(devices: Callable[..., Any]) -> None:
    """An administrator enables many."""
    assert devices(device("EnableMFADevice", 8, of="bob")) == []


@pytest.mark.parametrize(
    "record",
    [
        session("`rm -rf /`"),
        session("x"),
        session(["a", "b"]),
        session(PHONE, errorCode="AccessDenied"),
        session(PHONE, userIdentity=role("Deploy", "x")),
        denied("GetSessionToken", "sts", requestParameters={"serialNumber": PHONE}),
    ],
)
def test_what_is_no_device(devices: Callable[..., Any], record: Record) -> None:
    """Neither odd texts, nor what AWS refused, nor a role's."""
    assert devices(record) == []
