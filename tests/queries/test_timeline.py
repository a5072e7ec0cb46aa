"""timeline: the story of a principal, a session or a key, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake, ScopeError
from tests import records
from tests.queries.test_sessions import DEVICE, FIRST, SECOND, assumed, token
from tests.queries.test_sign_ins import sign_in
from tests.records import ACCOUNT, BUCKET, Record, call, denied, issued

LakeOf = Callable[..., Lake]
OWNER = "AKIAIOSFODNN7ALICE00"


def at(clock: str) -> str:
    return f"2026-06-01T{clock}Z"


def s3_object(
    make: Callable[..., Record], clock: str, key: str = "q2.csv", **fields: Any
) -> Record:
    request = {"bucketName": BUCKET, "key": key}
    return make("GetObject", time=at(clock), requestParameters=request, **fields)


def words(lake: Lake, **whose: Any) -> list[str]:
    return lake.timeline(**(whose or {"principal": "alice"}))["words"].tolist()


def test_refused_then_with_mfa_then_passed(lake_of: LakeOf) -> None:
    """The story that began it all."""
    by = records.session(key=FIRST, mfa=True)
    lake = lake_of(
        denied(time=at("09:00:00")),
        denied(time=at("09:00:05")),
        token(device=DEVICE, time=at("09:01:00")),
        call(by=by, time=at("09:02:00")),
    )
    assert words(lake) == [
        "alice was refused s3:ListAllMyBuckets, 2 times (long_term_key, inferred)",
        f"alice opened a session with MFA ({DEVICE}): {FIRST}",
        "alice called s3:ListAllMyBuckets",
    ]
    assert lake.timeline(principal="alice")["lane"].tolist() == [
        f"long-term key {OWNER}",
        f"long-term key {OWNER}",
        f"session of alice with MFA {FIRST}",
    ]


class TestRuns:
    """Like calls are one row."""

    def test_what_was_touched_is_named_or_counted(self, lake_of: LakeOf) -> None:
        """One thing by name, several by number."""
        lake = lake_of(
            s3_object(denied, "09:00:00"),
            s3_object(denied, "09:00:01"),
            denied(time=at("09:00:30")),
            s3_object(denied, "09:01:00", "a"),
            s3_object(denied, "09:01:01", "b"),
        )
        told = [line.partition(" (")[0] for line in words(lake)]
        assert told == [
            f"alice was refused s3:GetObject on arn:aws:s3:::{BUCKET}/q2.csv, 2 times",
            "alice was refused s3:ListAllMyBuckets",
            "alice was refused s3:GetObject on 2 resources, 2 times",
        ]

    def test_a_run_has_its_first_and_last_call(self, lake_of: LakeOf) -> None:
        """With their times."""
        lake = lake_of(*(denied(time=at(f"09:00:0{n}"), event_id=f"call-{n}") for n in range(3)))
        (row,) = lake.timeline(principal="alice").to_dict("records")
        assert (row["event_id"], row["last_event_id"], row["calls"]) == ("call-0", "call-2", 3)
        assert f"{row['last_time']:%H:%M:%S}" == "09:00:02"

    @pytest.mark.parametrize(
        "other",
        [
            {"time": at("10:30:00")},
            {"time": at("09:00:01"), "sourceIPAddress": "203.0.113.9"},
            {"time": at("09:00:01"), "code": "UnauthorizedOperation"},
            {"time": at("09:00:01"), "by": records.user(key="AKIAIOSFODNN7ALICE99")},
        ],
        ids=["an hour later", "another address", "another error", "another key"],
    )
    def test_another_call_begins_another(self, lake_of: LakeOf, other: dict[str, Any]) -> None:
        """Where anything that is told differs."""
        lake = lake_of(denied(time=at("09:00:00")), denied(**other))
        assert len(words(lake)) == 2

    def test_calls_of_no_note_are_told_together(self, lake_of: LakeOf) -> None:
        """Those that passed; three actions by name."""
        names = ("ListUsers", "ListRoles", "ListGroups", "ListPolicies")
        calls = [call(name, "iam", time=at(f"09:00:0{n}")) for n, name in enumerate(names)]
        assert words(lake_of(*calls, calls[0] | {"eventID": "again"})) == [
            "alice called iam:ListGroups, iam:ListPolicies, iam:ListRoles and 1 more, 5 times"
        ]

    def test_what_was_refused_once_stands_alone_where_it_passed(self, lake_of: LakeOf) -> None:
        """So that the change is seen."""
        lake = lake_of(
            denied(time=at("09:00:00")),
            call("ListUsers", "iam", time=at("09:10:00")),
            call(time=at("09:11:00")),
        )
        assert words(lake)[1:] == ["alice called iam:ListUsers", "alice called s3:ListAllMyBuckets"]


class TestWords:
    """A line of plain words for each kind of step."""

    def only(self, lake_of: LakeOf, *calls: Record, **whose: Any) -> str:
        """Return the one line of a story."""
        (line,) = words(lake_of(*calls), **whose)
        return line

    @pytest.mark.parametrize(
        ("said", "told"), [("Yes", ", with MFA"), ("No", ", without MFA"), (None, "")]
    )
    def test_a_user_signs_in(self, lake_of: LakeOf, said: str | None, told: str) -> None:
        """With MFA, without, or not recorded."""
        line = self.only(lake_of, sign_in(records.user("bob", None), mfa=said), principal="bob")
        assert line == f"bob signed in to the console{told}"

    def test_a_sign_in_that_failed(self, lake_of: LakeOf) -> None:
        """Is no sign-in."""
        failed = sign_in(records.user("bob", None), answer="Failure")
        failed |= {"errorMessage": "Failed authentication"}
        assert self.only(lake_of, failed, principal="bob") == "bob failed to sign in to the console"

    def test_a_provider_signs_in(self, lake_of: LakeOf) -> None:
        """Of its MFA nothing is said."""
        by = records.role("AWSReservedSSO_Admin_0123456789abcdef", "dave@example.com")
        line = self.only(lake_of, sign_in(by, mfa="No"), principal="dave*")
        assert line == "dave@example.com signed in to the console, by way of an identity provider"

    def test_a_role_is_opened(self, lake_of: LakeOf) -> None:
        """By its name."""
        line = self.only(lake_of, assumed(FIRST, records.user()))
        assert line == f"alice opened a session of role/Deploy: {FIRST}"

    def test_a_token_without_mfa(self, lake_of: LakeOf) -> None:
        """Is said to be so."""
        assert self.only(lake_of, token()) == f"alice opened a session without MFA: {FIRST}"

    def test_a_call_that_failed(self, lake_of: LakeOf) -> None:
        """With its error."""
        call_ = s3_object(denied, "09:00:00", code="NoSuchKey", message=None)
        assert self.only(lake_of, call_).endswith("q2.csv: NoSuchKey")
        assert self.only(lake_of, call_).startswith("alice tried s3:GetObject on")

    def test_a_service_acts_for_somebody(self, lake_of: LakeOf) -> None:
        """Both are named."""
        by = records.session(mfa=True) | {"invokedBy": "athena.amazonaws.com"}
        line = self.only(lake_of, call(by=by, sourceIPAddress="athena.amazonaws.com"))
        assert line == "athena.amazonaws.com, for alice, called s3:ListAllMyBuckets"


class TestWhose:
    """A principal's story, a session's, a key's."""

    @pytest.fixture
    def lake(self, lake_of: LakeOf) -> Lake:
        """Return a lake of a key, a session opened with it, a role behind that, and of others."""
        session = records.session(key=FIRST, mfa=True)
        admin = records.user("root", "AKIAIOSFODNN7ADMIN00")
        made = call(
            "CreateAccessKey",
            "iam",
            by=admin,
            time=at("07:00:00"),
            event_id="made",
            requestParameters={"userName": "alice"},
            responseElements={"accessKey": {"accessKeyId": OWNER, "userName": "alice"}},
        )
        policy = {"userName": "alice", "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/MFA_Forced"}
        attached = call(
            "AttachUserPolicy", "iam", by=admin, time=at("07:30:00"), requestParameters=policy
        )
        return lake_of(
            made | {"eventID": "made"},
            attached | {"eventID": "attached"},
            denied(time=at("08:00:00"), event_id="by-key"),
            token(time=at("08:30:00")),
            call(by=session, time=at("08:31:00"), event_id="by-session"),
            assumed(SECOND, session, time=at("08:32:00"), event_id="role"),
            call(
                by=records.role("Deploy", "alice", SECOND), time=at("08:33:00"), event_id="by-role"
            ),
            call(
                by=records.user("bob", "AKIAIOSFODNN7BOB0000"), time=at("08:34:00"), event_id="bob"
            ),
        )

    @pytest.mark.parametrize(
        ("whose", "events"),
        [
            (
                {"principal": "alice"},
                ["made", "attached", "by-key", "token", "by-session", "role", "by-role"],
            ),
            ({"key": OWNER}, ["made", "by-key", "token", "by-session", "role", "by-role"]),
            ({"session": FIRST}, ["token", "by-session", "role", "by-role"]),
            ({"session": SECOND}, ["role", "by-role"]),
            ({"principal": "Deploy"}, ["role", "by-role"]),
            ({"principal": "bob"}, ["bob"]),
            ({"principal": "alice", "since": at("08:31:30")}, ["role", "by-role"]),
            ({"principal": "nobody"}, []),
        ],
    )
    def test_its_calls(self, lake: Lake, whose: dict[str, str], events: list[str]) -> None:
        """With the roles that were opened, and what others changed for them."""
        assert lake.timeline(**whose)["event_id"].tolist() == events  # type: ignore[arg-type]

    def test_changes_are_told(self, lake: Lake) -> None:
        """What, and of whom."""
        assert words(lake)[:2] == [
            f"root changed alice: CreateAccessKey {OWNER}",
            "root changed alice: AttachUserPolicy MFA_Forced",
        ]

    @pytest.mark.parametrize(
        ("whose", "problem"),
        [
            ({}, "say whose story"),
            ({"since": "7d"}, "say whose story"),
            ({"principal": "alice", "key": OWNER}, "cannot stand beside principal"),
            ({"session": "alice"}, "is no access key id"),
        ],
    )
    def test_whose_has_to_be_said(self, lake: Lake, whose: dict[str, str], problem: str) -> None:
        """By one thing that is a name or a key."""
        with pytest.raises(ScopeError, match=problem):
            lake.timeline(**whose)  # type: ignore[arg-type]


def test_one_event_with_two_keys_is_told_once(lake_of: LakeOf) -> None:
    """An answer that is no answer opens nothing."""
    odd = issued("GetSessionToken", "short", by=records.user(), request={})
    assert words(lake_of(odd)) == ["alice called sts:GetSessionToken"]
