"""credentials: what an auditor needs to retire a long-term key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Evidence, Lake
from cloudtrail_mfa.evidence.credentials import Credentials, Key
from tests.queries.test_key_changes import changed, created
from tests.queries.test_sign_ins import sign_in
from tests.records import ACCOUNT, Record, call, denied, issued, refusal, root, session, user

KEY, BOBS = "AKIAIOSFODNN7ALICE00", "AKIAIOSFODNN7BOB0000"
ALICE, BOB = f"arn:aws:iam::{ACCOUNT}:user/alice", f"arn:aws:iam::{ACCOUNT}:user/bob"
Keys = Callable[..., list[dict[Any, Any]]]


def at(hour: int) -> str:
    return f"2026-06-01T{hour:02}:00:00Z"


def moment(hour: int) -> datetime:
    return datetime(2026, 6, 1, hour, tzinfo=UTC)


@pytest.fixture
def keys(lake_of: Callable[..., Lake]) -> Keys:
    """Return a function that gives the rows, what is null as None."""

    def rows(*records: Record, **asked: Any) -> list[dict[Any, Any]]:
        found = lake_of(*records).credentials(**asked)
        return found.astype(object).where(found.notna(), None).to_dict("records")

    return rows


def test_a_key_is_told_by_its_use(keys: Keys) -> None:
    """Whose it is, when, where and with what it was used."""
    (row,) = keys(
        call(time=at(9), event_id="first"),
        call(time=at(10), sourceIPAddress="203.0.113.7", userAgent="Boto3/1.40"),
        call("DescribeInstances", "ec2", time="2026-06-03T09:00:00Z", event_id="last"),
    )
    assert (row["access_key_id"], row["owner_type"], row["owner_name"]) == (KEY, "user", "alice")
    assert (row["owner_arn"], row["account_id"], row["status"]) == (ALICE, ACCOUNT, "active")
    assert (row["first_used"], row["first_used_in"]) == (pd.Timestamp(at(9)), "first")
    assert (row["last_used"], row["last_used_in"]) == (pd.Timestamp("2026-06-03T09:00Z"), "last")
    assert (row["days_used"], row["calls"], row["allowed"]) == (2, 3, 3)
    assert row["services"] == ["s3.amazonaws.com", "ec2.amazonaws.com"]
    assert row["source_ips"] == ["198.51.100.23", "203.0.113.7"]
    assert (row["service_count"], row["source_ip_count"], row["user_agent_count"]) == (2, 2, 2)
    assert row["regions"] == ["us-east-1"]


def test_roots_key_is_one(keys: Keys) -> None:
    """And comes first of the active ones."""
    rows = keys(call(), call(by=root()))
    assert [(row["owner_type"], row["owner_name"]) for row in rows] == [
        ("root", "root"),
        ("user", "alice"),
    ]


@pytest.mark.parametrize(
    "record",
    [
        call(by=session(mfa=True)),
        # The S3 console signs so.
        call(by=session(mfa=True, key="AKIAIOSFODNN7S3CONS0"), userAgent="[S3Console/0.4]"),
        call(
            by=session(mfa=True, key="AKIAIOSFODNN7S3CONS0") | {"invokedBy": "AWS Internal"},
            sourceIPAddress="AWS Internal",
        ),
        call(by=user(key=None)),
    ],
)
def test_what_is_no_long_term_key(keys: Keys, record: Record) -> None:
    """A prefix proves none."""
    assert keys(record) == []


def test_the_life_of_a_key_that_was_never_used(keys: Keys) -> None:
    """Made, deactivated and deleted, each with its event."""
    made = created(user(), BOBS, {"userName": "bob"}) | {"eventTime": at(8), "eventID": "made"}
    off = changed(user(), status="Inactive", userName="bob", accessKeyId=BOBS)
    gone = changed(user(), "DeleteAccessKey", userName="bob", accessKeyId=BOBS)
    off |= {"eventTime": at(9), "eventID": "off"}
    gone |= {"eventTime": at(10), "eventID": "gone"}
    row = next(row for row in keys(made, off, gone) if row["access_key_id"] == BOBS)
    assert (row["owner_name"], row["owner_arn"], row["status"]) == ("bob", None, "deleted")
    assert (row["created_at"], row["created_in"]) == (pd.Timestamp(at(8)), "made")
    assert (row["deactivated_at"], row["deactivated_in"]) == (pd.Timestamp(at(9)), "off")
    assert (row["deleted_at"], row["deleted_in"]) == (pd.Timestamp(at(10)), "gone")
    assert (row["calls"], row["last_used"], row["services"]) == (0, None, [])


OFF = changed(root(), status="Inactive", userName="alice", accessKeyId=KEY)
ON = changed(root(), status="Active", userName="alice", accessKeyId=KEY)

# name: what happened, hour by hour; the status
LIVES: dict[str, tuple[list[Record], str]] = {
    "used": ([call()], "active"),
    "made": ([created(user(), KEY, {"userName": "alice"})], "active"),
    "deactivated": ([call(), OFF], "inactive"),
    "deactivated and activated": ([call(), OFF, ON], "active"),
    "used long after it was deactivated": ([OFF, call()], "active"),
    "refused calls are uses": ([OFF, denied()], "active"),
    "bad signatures are none": ([OFF, call(errorCode="SignatureDoesNotMatch")], "inactive"),
}


@pytest.mark.parametrize("name", LIVES)
def test_status(keys: Keys, name: str) -> None:
    """As the trail last showed the key."""
    happened, status = LIVES[name]
    records = [record | {"eventTime": at(8 + n)} for n, record in enumerate(happened)]
    row = next(row for row in keys(*records) if row["access_key_id"] == KEY)
    assert row["status"] == status


def test_an_activated_key_is_not_called_deactivated(keys: Keys) -> None:
    """Only what still holds is told."""
    rows = keys(OFF | {"eventTime": at(8)}, ON | {"eventTime": at(9)})
    row = next(row for row in rows if row["access_key_id"] == KEY)
    assert row["deactivated_at"] is None


def test_denials_are_told_by_their_cause(keys: Keys) -> None:
    """The most frequent cause first."""
    stated = refusal(
        "s3:ListAllMyBuckets",
        why="because no identity-based policy allows the s3:ListAllMyBuckets action",
    )
    (row,) = keys(denied(message=stated), denied(message=stated), denied(), call())
    assert (row["calls"], row["allowed"], row["denials"]) == (4, 1, 3)
    assert row["denials_by_cause"] == ["no_permission: 2", "undetermined: 1"]


def test_requests_that_prove_nobody_are_apart(keys: Keys) -> None:
    """Whoever knows a key's id can send them."""
    (row,) = keys(
        call(errorCode="SignatureDoesNotMatch", sourceIPAddress="192.0.2.66"), call(time=at(8))
    )
    assert (row["calls"], row["refused"]) == (1, 1)
    assert row["source_ips"] == ["198.51.100.23"]


def test_forwarded_calls_are_apart(keys: Keys) -> None:
    """A service made them."""
    forwarded = user() | {"invokedBy": "athena.amazonaws.com"}
    (row,) = keys(call(by=forwarded, sourceIPAddress="athena.amazonaws.com"), call())
    assert (row["calls"], row["forwarded"]) == (1, 1)
    assert row["source_ips"] == ["198.51.100.23"]


def test_sessions_that_it_opened(keys: Keys) -> None:
    """With and without a code."""
    serial = {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/alice"}
    (row,) = keys(
        issued("GetSessionToken", "ASIAIOSFODNN7GST0000", by=user(), request=serial),
        issued("AssumeRole", "ASIAIOSFODNN7ROLE000", by=user(), request={"roleArn": "x"}),
        denied("AssumeRole", "sts"),
    )
    assert (row["sessions_opened"], row["sessions_opened_with_mfa"]) == (2, 1)
    assert (row["owner_used_mfa"], row["mfa_told_by"]) == (True, "session")


# name: what else the owner did, whether they used MFA, by what that is told
OWNERS: dict[str, tuple[list[Record], bool | None, str | None]] = {
    "nothing": ([], None, None),
    "signed in with MFA": ([sign_in(user(key=None), "Yes")], True, "sign_in"),
    "signed in without": ([sign_in(user(key=None), "No")], False, "sign_in"),
    "a session with MFA": ([call(by=session(mfa=True), time=at(7))], True, "call"),
    "another's MFA": (
        [call(by=session("bob", "ASIAIOSFODNN7BOB0000", mfa=True))],
        None,
        None,
    ),
}


@pytest.mark.parametrize("name", OWNERS)
def test_whether_the_owner_used_mfa(keys: Keys, name: str) -> None:
    """Told from the whole lake, whichever uses are asked for."""
    records, used, told_by = OWNERS[name]
    (row,) = keys(call(time=at(12)), *records, since=at(11))
    assert (row["owner_used_mfa"], row["mfa_told_by"]) == (used, told_by)
    assert (row["mfa_seen_in"] is None) == (told_by is None)


def test_an_owner_known_by_name_is_the_same(keys: Keys) -> None:
    """A key that another made tells a name, no ARN."""
    made = created(user(), BOBS, {"userName": "bob"})
    rows = keys(made, call(by=session("bob", "ASIAIOSFODNN7BOB0000", mfa=True)))
    row = next(row for row in rows if row["access_key_id"] == BOBS)
    assert row["owner_used_mfa"] is True


def test_filters_say_which_uses_count(keys: Keys) -> None:
    """The life of a key is told whenever it was."""
    made = created(user(), BOBS, {"userName": "bob"}) | {"eventTime": at(8)}
    use = call(by=user("bob", BOBS), time=at(9))
    (row,) = keys(made, use, since=at(10))
    assert (row["created_at"], row["calls"]) == (pd.Timestamp(at(8)), 0)
    assert keys(made, use, principal="carol") == []
    (row,) = keys(made, use, principal="bob", event="ListBuckets")
    assert (row["created_at"], row["calls"]) == (pd.Timestamp(at(8)), 1)


def test_lists_are_bounded(keys: Keys) -> None:
    """An attacker chooses programs and addresses; the counts tell how many there were."""
    records = [
        call(userAgent=f"tool/{n:02}", sourceIPAddress=f"192.0.2.{n}", time=at(8))
        for n in range(30)
    ]
    (row,) = keys(*records, call(userAgent="tool/07", time=at(9)))
    assert (len(row["user_agents"]), row["user_agent_count"]) == (5, 30)
    assert row["user_agents"][0] == "tool/07"
    assert (len(row["source_ips"]), row["source_ip_count"]) == (10, 31)


def test_events_without_a_time_count(keys: Keys) -> None:
    """They are uses all the same."""
    (row,) = keys(call(time="yesterday"))
    assert (row["calls"], row["first_used"], row["days_used"]) == (1, None, 0)


def report(*found: Key, arn: str = ALICE, mfa: bool = False) -> Evidence:
    """Return the evidence of a credential report of one line."""
    return Evidence(credentials={arn: Credentials(arn, mfa, None, found)})


class TestCredentialReport:
    """What the report adds, and where a line of it is not known to be a key's."""

    def test_one_key_here_and_one_there(self, keys: Keys) -> None:
        """They are the same, where the line is older than the first use."""
        line = Key(active=False, rotated=moment(7), used=moment(11))
        (row,) = keys(call(), evidence=report(line))
        assert (row["status"], row["report_active"]) == ("inactive", False)
        assert (row["report_rotated"], row["report_last_used"]) == (moment(7), moment(11))

    def test_a_younger_line_is_another_key(self, keys: Keys) -> None:
        """The key of the trail is not in it."""
        line = Key(active=True, rotated=moment(23), used=None)
        (row,) = keys(call(), evidence=report(line))
        assert (row["status"], row["report_active"]) == ("active", None)

    def test_of_two_lines_the_time_of_creation_tells(self, keys: Keys) -> None:
        """To the second."""
        lines = [
            Key(active=True, rotated=moment(6), used=None),
            Key(active=False, rotated=moment(8), used=None),
        ]
        made = created(root(), KEY, {"userName": "alice"}) | {"eventTime": at(8)}
        rows = keys(made, call(), evidence=report(*lines))
        row = next(row for row in rows if row["access_key_id"] == KEY)
        assert (row["status"], row["report_rotated"]) == ("inactive", moment(8))

    def test_two_lines_and_no_creation_stay_untold(self, keys: Keys) -> None:
        """Either may be the key's."""
        lines = [Key(active=True, rotated=moment(n), used=None) for n in (6, 7)]
        (row,) = keys(call(), evidence=report(*lines))
        assert row["report_active"] is None

    def test_a_key_that_the_trail_does_not_know(self, keys: Keys) -> None:
        """It is told without its id."""
        line = Key(active=True, rotated=moment(7), used=None)
        empty = Key(active=False, rotated=None, used=None)
        rows = keys(call(), evidence=report(line, empty, arn=BOB, mfa=True))
        (row,) = (row for row in rows if row["owner_name"] == "bob")
        assert (row["access_key_id"], row["status"], row["owner_arn"]) == (None, "active", BOB)
        assert (row["calls"], row["services"], row["owner_used_mfa"]) == (0, [], None)

    @pytest.mark.parametrize(("mfa", "used"), [(False, False), (True, None)])
    def test_no_device_is_no_mfa(self, keys: Keys, mfa: bool, used: bool | None) -> None:
        """A device that there is says nothing of its use."""
        (row,) = keys(call(), evidence=report(mfa=mfa))
        assert row["owner_used_mfa"] is used
        assert row["mfa_told_by"] == (None if used is None else "credential_report")

    def test_what_was_seen_comes_before_the_report(self, keys: Keys) -> None:
        """The device may be gone since."""
        (row,) = keys(call(), call(by=session(mfa=True)), evidence=report(mfa=False))
        assert (row["owner_used_mfa"], row["mfa_told_by"]) == (True, "call")

    def test_filters_reach_the_report(self, keys: Keys) -> None:
        """By account and owner."""
        line = Key(active=True, rotated=moment(7), used=None)
        evidence = report(line, arn=BOB)
        assert keys(evidence=evidence, principal="alice") == []
        assert keys(evidence=evidence, account="444455556666") == []
        assert len(keys(evidence=evidence, principal="b*", since=at(9))) == 1

    def test_roots_line(self, keys: Keys) -> None:
        """It is root's key."""
        line = Key(active=True, rotated=moment(7), used=None)
        evidence = report(line, arn=f"arn:aws:iam::{ACCOUNT}:root", mfa=True)
        (row,) = keys(evidence=evidence)
        assert (row["owner_type"], row["owner_name"]) == ("root", "root")
