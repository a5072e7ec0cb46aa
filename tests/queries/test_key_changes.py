"""key_changes: the life of long-term keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake
from tests.records import ACCOUNT, Record, call, denied, role, root, user

KEY = "AKIAIOSFODNN7BOB0000"
ALICE, ROOT = f"arn:aws:iam::{ACCOUNT}:user/alice", f"arn:aws:iam::{ACCOUNT}:root"


def created(by: Record, key: Any = KEY, request: Any = None, **answer: Any) -> Record:
    """Return the call that makes a key."""
    made = {"accessKeyId": key, "status": "Active"} | answer
    return call(
        "CreateAccessKey",
        "iam",
        by=by,
        requestParameters=request,
        responseElements={"accessKey": made},
    )


def changed(by: Record, name: str = "UpdateAccessKey", **request: Any) -> Record:
    """Return a call on a key."""
    return call(name, "iam", by=by, requestParameters={"accessKeyId": KEY} | request)


@pytest.fixture
def changes(lake_of: Callable[..., Lake]) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a function that gives change, owner and the owner's ARN."""

    def found(*records: Record) -> list[tuple[Any, ...]]:
        rows = lake_of(*records).sql(
            "select change, principal_type, principal_name, principal_arn from key_changes"
        )
        rows = rows.astype(object).where(rows.notna(), None)
        return [*rows.itertuples(index=False, name=None)]

    return found


CASES: dict[str, tuple[Record, tuple[str | None, ...]]] = {
    "made for another": (
        created(user(), request={"userName": "bob"}, userName="bob"),
        ("created", "user", "bob", None),
    ),
    "made for oneself": (created(user(), userName="alice"), ("created", "user", "alice", ALICE)),
    "root's own": (created(root()), ("created", "root", "root", ROOT)),
    "made by root for a user": (
        created(root(), request={"userName": "bob"}),
        ("created", "user", "bob", None),
    ),
    "deactivated": (
        changed(user(), status="Inactive", userName="bob"),
        ("deactivated", "user", "bob", None),
    ),
    "activated, one's own": (
        changed(user(), status="Active"),
        ("activated", "user", "alice", ALICE),
    ),
    "deleted": (
        changed(role(), "DeleteAccessKey", userName="bob"),
        ("deleted", "user", "bob", None),
    ),
    "deleted, nobody knows whose": (
        changed(role(), "DeleteAccessKey"),
        ("deleted", None, None, None),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_changes(changes: Callable[..., Any], name: str) -> None:
    """Each has its named case."""
    record, expected = CASES[name]
    assert changes(record) == [expected]


@pytest.mark.parametrize(
    "record",
    [
        denied("CreateAccessKey", "iam", requestParameters={"userName": "bob"}),
        changed(user(), status="Odd"),
        changed(user(), status="Inactive", accessKeyId="; drop table events"),
        created(user(), key=["x"]),
        created(user()) | {"responseElements": "text"},
        created(user()) | {"eventSource": "example.amazonaws.com"},
    ],
)
def test_what_is_no_change(changes: Callable[..., Any], record: Record) -> None:
    """Neither what AWS refused, nor odd texts."""
    assert changes(record) == []
