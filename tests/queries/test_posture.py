"""posture: how each principal stands to MFA, with an event for each worrying count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from tests.queries.test_sign_ins import SSO, sign_in
from tests.records import ACCOUNT, Record, call, denied, role, root, service, session, user

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
Posture = Callable[..., list[dict[Any, Any]]]


def at(hour: int) -> str:
    return f"2026-06-01T{hour:02}:00:00Z"


def device(name: str, of: str, **fields: Any) -> Record:
    """Return the call of an administrator's role on a device."""
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/{of}"
    parameters = {"userName": of, "serialNumber": serial}
    return call(name, "iam", by=role(mfa=True), requestParameters=parameters, **fields)


@pytest.fixture
def posture(lake_of: Callable[..., Lake]) -> Posture:
    """Return a function that gives the rows, what is null as None."""

    def rows(*records: Record, **filters: Any) -> list[dict[Any, Any]]:
        found = lake_of(*records).posture(**filters)
        return found.astype(object).where(found.notna(), None).to_dict("records")

    return rows


def test_shares_are_of_the_calls_whose_mfa_is_known(posture: Posture) -> None:
    """Forwarded calls are counted, and part of no share."""
    forwarded = session(mfa=False, key="ASIAIOSFODNN7ALICE09") | {
        "invokedBy": "athena.amazonaws.com"
    }
    (row,) = posture(
        call(by=session(mfa=True)),
        call(by=session(mfa=False, key="ASIAIOSFODNN7ALICE01")),
        call(by=user()),
        denied(by=user()),
        call(by=forwarded, sourceIPAddress="athena.amazonaws.com"),
    )
    parts = ("with_mfa", "without_mfa", "with_long_term_key", "mfa_unknown")
    assert [row[part] for part in parts] == [1, 1, 2, 1]
    assert row["calls"] == 5
    assert (row["mfa_share"], row["long_term_key_share"]) == (0.25, 0.5)


def test_no_share_of_nothing(posture: Posture) -> None:
    """A service has none."""
    (row,) = posture(call(by=service()))
    assert (row["caller"], row["mfa_unknown"], row["mfa_share"]) == ("service", 1, None)


# name: a call, the count it is in
WRITES: dict[str, tuple[Record, str | None]] = {
    "write": (call("RunInstances", "ec2"), "writes_without_mfa"),
    "permissions management": (call("PutUserPolicy", "iam"), "permissions_without_mfa"),
    "session without MFA": (
        call("RunInstances", "ec2", by=session(mfa=False)),
        "writes_without_mfa",
    ),
    "action that the reference does not list": (
        call("DoSomethingNew", "example"),
        "unclassified_without_mfa",
    ),
    "call of no known action": (
        call("GetSomething", "example", eventType="AwsConsoleAction"),
        "unclassified_without_mfa",
    ),
    "read": (call("DescribeInstances", "ec2"), None),
    "tagging": (call("CreateTags", "ec2"), None),
    "refused": (denied("RunInstances", "ec2"), None),
    "failed": (call("RunInstances", "ec2", errorCode="Client.InvalidAMIID.NotFound"), None),
    "with MFA": (call("RunInstances", "ec2", by=session(mfa=True)), None),
    "single sign-on": (call("RunInstances", "ec2", by=SSO), None),
}


@pytest.mark.parametrize("name", WRITES)
def test_writes_without_mfa(posture: Posture, name: str) -> None:
    """By access level, and only what passed."""
    record, count = WRITES[name]
    (row,) = posture(record)
    counts = ("writes_without_mfa", "permissions_without_mfa", "unclassified_without_mfa")
    assert {found: row[found] for found in counts} == {
        found: int(found == count) for found in counts
    }


def test_each_worry_has_an_event(posture: Posture) -> None:
    """The first call of its kind, the last sign-in."""
    rows = posture(
        call("RunInstances", "ec2", time=at(10), event_id="write-later"),
        call("RunInstances", "ec2", time=at(9), event_id="write-first"),
        call("PutUserPolicy", "iam", time=at(11), event_id="permissions"),
        call(time=at(8), event_id="key"),
        call(by=session(mfa=False), time=at(12), event_id="session"),
        sign_in(user(key=None)) | {"eventTime": at(7), "eventID": "sign-in"},
        sign_in(user(key=None)) | {"eventTime": at(13), "eventID": "sign-in-last"},
        device("DeactivateMFADevice", "alice", time=at(14), event_id="removed"),
    )
    row = next(row for row in rows if row["principal_name"] == "alice")
    assert row["write_in"] == "write-first"
    assert row["permissions_in"] == "permissions"
    assert row["long_term_key_in"] == "key"
    assert row["without_mfa_in"] == "session"
    assert row["sign_in_without_mfa_in"] == "sign-in-last"
    assert row["device_removed_in"] == "removed"
    assert (row["first_time"], row["last_time"]) == (pd.Timestamp(at(7)), pd.Timestamp(at(14)))


def test_single_sign_on_is_no_sign_in_without_mfa(posture: Posture) -> None:
    """CloudTrail says No of each; nobody knows."""
    (row,) = posture(sign_in(SSO, "No"), sign_in(SSO, "No"))
    assert row["principal_name"] == "alice@example.com"
    assert row["federated_sign_ins"] == 2
    assert row["console_sign_ins"] == row["sign_ins_without_mfa"] == 0
    assert row["sign_in_without_mfa_in"] is None


def test_sign_ins_of_users_and_root(posture: Posture) -> None:
    """Those that succeeded, by their MFA; failures apart."""
    rows = posture(
        sign_in(user(key=None), "Yes"),
        sign_in(user(key=None), "No"),
        sign_in(user(key=None), None),
        sign_in(user(key=None), "No", "Failure"),
        sign_in(root(key=""), "No"),
    )
    names = ("console_sign_ins", "sign_ins_with_mfa", "sign_ins_without_mfa", "failed_sign_ins")
    counts = {row["principal_name"]: [row[name] for name in names] for row in rows}
    assert counts == {"alice": [3, 1, 1, 1], "root": [1, 0, 1, 0]}


def test_a_pre_authenticated_url_is_federated(posture: Posture) -> None:
    """Its calls may carry MFA though the sign-in says No."""
    (row,) = posture(sign_in(role(mfa=True), "No"))
    assert (row["federated_sign_ins"], row["sign_ins_without_mfa"]) == (1, 0)


def test_devices_are_their_owners(posture: Posture) -> None:
    """An administrator enrols many and has none of them; a user need not have called."""
    rows = posture(
        device("EnableMFADevice", "bob"),
        device("EnableMFADevice", "alice"),
        device("DeactivateMFADevice", "alice"),
        call(by=user()),
    )
    devices = {
        row["principal_name"]: (row["devices_enrolled"], row["devices_removed"], row["calls"])
        for row in rows
    }
    assert devices == {"alice": (1, 1, 1), "bob": (1, 0, 0), "Deploy": (0, 0, 3)}


def test_one_name_may_be_several_principals(posture: Posture) -> None:
    """A session's name is chosen by whoever opens it: it proves no user."""
    namesake = role("AWSReservedSSO_Admin_0123456789abcdef", "alice")
    other = namesake | {"arn": namesake["arn"].replace("Admin", "Reader")}
    foreign = user() | {"arn": "arn:aws:iam::444455556666:user/alice"}
    rows = posture(
        call(by=user()),
        call(by=namesake),
        call(by=other),
        call(by=foreign),
        call(by=role("alice", "x")),
    )
    assert [row["principal_name"] for row in rows] == ["alice"] * 5


def test_a_user_without_an_arn_is_the_same(posture: Posture) -> None:
    """Some events name the user alone."""
    nameless = user(key=None)
    del nameless["arn"]
    (row,) = posture(sign_in(nameless), call(by=user()))
    assert (row["principal_arn"], row["console_sign_ins"], row["calls"]) == (ALICE, 1, 1)


def test_people_come_first_and_the_riskiest_before_others(posture: Posture) -> None:
    """However many calls a service makes."""
    rows = posture(
        *[call(by=service())] * 5,
        *[call(by=user("bob", "AKIAIOSFODNN7BOB0000"))] * 3,
        call("PutUserPolicy", "iam", by=user()),
        call(by=role("App", "i-0123456789abcdef0")),
    )
    assert [row["caller"] for row in rows] == ["person", "person", "workload", "service"]
    assert [row["principal_name"] for row in rows[:2]] == ["alice", "bob"]


def test_filters_say_what_counts(posture: Posture) -> None:
    """Time, event and principal, of calls, sign-ins and devices alike."""
    records = [
        call(time=at(9)),
        call("RunInstances", "ec2", time=at(12)),
        sign_in(user(key=None)) | {"eventTime": at(9)},
        device("EnableMFADevice", "alice", time=at(9)),
        call(by=user("bob", "AKIAIOSFODNN7BOB0000"), time=at(9)),
    ]
    (row,) = posture(*records, principal="alice", until=at(10))
    assert (row["calls"], row["console_sign_ins"], row["devices_enrolled"]) == (1, 1, 1)


def test_filters_by_event(lake_of: Callable[..., Lake]) -> None:
    """Sign-ins and devices are events as well."""
    lake = lake_of(call(), call("RunInstances", "ec2"), sign_in(user(key=None)))
    assert lake.posture(event="RunInstances")["console_sign_ins"].tolist() == [0]
    assert lake.posture(event="ConsoleLogin")["calls"].tolist() == [0]


def test_an_empty_lake_has_no_posture(lake_of: Callable[..., Lake]) -> None:
    """And no error."""
    assert lake_of().posture().empty
