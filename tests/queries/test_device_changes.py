"""device_changes: whose device was enrolled or removed, whoever did it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake
from tests.records import ACCOUNT, Record, call, denied, role, root, user

PHONE = f"arn:aws:iam::{ACCOUNT}:mfa/alice-phone"
ROOTS = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"


def change(by: Record, name: str = "EnableMFADevice", **request: Any) -> Record:
    """Return a call that passed."""
    return call(name, "iam", by=by, requestParameters={"serialNumber": PHONE} | request)


@pytest.fixture
def changes(lake_of: Callable[..., Lake]) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a function that gives change, owner and the owner's ARN."""

    def found(*records: Record) -> list[tuple[Any, ...]]:
        rows = lake_of(*records).sql(
            "select change, principal_type, principal_name, principal_arn from device_changes"
        )
        rows = rows.astype(object).where(rows.notna(), None)
        return [*rows.itertuples(index=False, name=None)]

    return found


CASES: dict[str, tuple[Record, tuple[str | None, ...]]] = {
    "a user's own": (change(user(), userName="alice"), ("enrolled", "user", "alice", ALICE)),
    "who names nobody means themselves": (change(user()), ("enrolled", "user", "alice", ALICE)),
    "another's": (change(user(), userName="bob"), ("enrolled", "user", "bob", None)),
    "through a role": (change(role(), userName="bob"), ("enrolled", "user", "bob", None)),
    "removed": (
        change(user(), "DeactivateMFADevice", userName="alice"),
        ("removed", "user", "alice", ALICE),
    ),
    "root's": (
        change(root(), serialNumber=ROOTS, userName="example"),
        ("enrolled", "root", "root", f"arn:aws:iam::{ACCOUNT}:root"),
    ),
    "root's, no name": (
        change(root()),
        ("enrolled", "root", "root", f"arn:aws:iam::{ACCOUNT}:root"),
    ),
    "nobody knows whose": (change(role()), ("enrolled", "user", None, None)),
}


@pytest.mark.parametrize("name", CASES)
def test_owners(changes: Callable[..., Any], name: str) -> None:
    """Each has its named case."""
    record, expected = CASES[name]
    assert changes(record) == [expected]


def test_what_is_no_change(changes: Callable[..., Any]) -> None:
    """What AWS refused, a device that is made and nobody's, another service's event."""
    assert (
        changes(
            denied("EnableMFADevice", "iam", requestParameters={"serialNumber": PHONE}),
            call("CreateVirtualMFADevice", "iam"),
            call("EnableMFADevice", "example"),
        )
        == []
    )
