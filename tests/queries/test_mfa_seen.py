"""mfa_seen: whether a user was ever seen with MFA, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake
from tests.queries.test_sign_ins import SSO, sign_in
from tests.records import ACCOUNT, Record, call, issued, role, session, user

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/alice"


def opened(name: str, key: str, **request: Any) -> Record:
    """Return alice's call for a session."""
    return issued(name, key, by=user(), request=request, event_id="opened")


@pytest.fixture
def seen(lake_of: Callable[..., Lake]) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a function that gives who was seen, whether with MFA, where and as what."""

    def found(*records: Record) -> list[tuple[Any, ...]]:
        rows = lake_of(*records).sql(
            "select principal_arn, used_mfa, seen_in, seen_as from mfa_seen"
        )
        return [*rows.itertuples(index=False, name=None)]

    return found


# name: the records, whether MFA was used, the event, what it is
CASES: dict[str, tuple[list[Record], bool, str, str]] = {
    "session with MFA": ([call(by=session(mfa=True), event_id="c")], True, "c", "call"),
    "session without": ([call(by=session(mfa=False), event_id="c")], False, "c", "call"),
    "once is enough": (
        [
            call(by=session(mfa=True), event_id="with", time="2026-06-01T08:00:00Z"),
            call(by=session(mfa=False, key="ASIAIOSFODNN7ALICE01"), event_id="without"),
        ],
        True,
        "with",
        "call",
    ),
    "sign-in with MFA": (
        [sign_in(user(key=None), "Yes") | {"eventID": "s"}],
        True,
        "s",
        "sign_in",
    ),
    "sign-in without": (
        [sign_in(user(key=None)) | {"eventID": "s"}],
        False,
        "s",
        "sign_in",
    ),
    "a code for a session": (
        [opened("GetSessionToken", "ASIAIOSFODNN7GST0000", serialNumber=SERIAL)],
        True,
        "opened",
        "session",
    ),
    "a role opened with MFA tells of who opened it": (
        [
            opened("AssumeRole", "ASIAIOSFODNN7ROLE000") | {"eventTime": "2026-06-01T08:00:00Z"},
            call(by=role(mfa=True), event_id="c"),
        ],
        True,
        "c",
        "call",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_users(seen: Callable[..., Any], name: str) -> None:
    """Each has its named case."""
    records, used, event, what = CASES[name]
    assert seen(*records) == [(ALICE, used, event, what)]


@pytest.mark.parametrize(
    "records",
    [
        [call(by=user())],
        [call(by=role())],
        [opened("AssumeRole", "ASIAIOSFODNN7ROLE000"), call(by=role())],
        [call(by=SSO), sign_in(SSO)],
        [sign_in(user(key=None), "Yes", "Failure")],
        [call(by=session(mfa=None))],
    ],
)
def test_what_tells_nothing(seen: Callable[..., Any], records: list[Record]) -> None:
    """Long-term keys, roles without MFA, single sign-on, failures."""
    assert seen(*records) == []
