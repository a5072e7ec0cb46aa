"""Replay: what a change of policies would have done to each recorded call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_mfa import Evidence, Lake
from cloudtrail_mfa.attribution.replay import replay
from cloudtrail_mfa.iam import Policy
from cloudtrail_mfa.iam.change import Change
from tests.attribution.test_proof import ALLOW, FORCED, IAM, MFA, document, evidence
from tests.records import (
    ACCOUNT,
    BUCKET,
    Record,
    call,
    denied,
    refusal,
    role,
    service,
    session,
    user,
)

BOOL = FORCED | {"Condition": {"Bool": {MFA: "false"}}}
EVERYTHING = ALLOW | {"Action": "*"}
DENY: dict[str, Any] = {"Effect": "Deny", "Resource": "*"}
ARN = f"arn:aws:s3:::{BUCKET}"
Told = tuple[str, list[str]]


@pytest.fixture
def replayed(lake_of: Callable[..., Lake], tmp_path: Path) -> Callable[..., Told]:
    """Return a function that replays one call: alice's policies before, and after."""

    def told(
        record: Record,
        before: tuple[dict[str, Any], ...],
        after: tuple[dict[str, Any], ...],
        **parts: Any,
    ) -> Told:
        found: Evidence = evidence(tmp_path / "evidence", *before, **parts)
        new = Policy.parse(document(*after) if after else document(DENY | {"Action": "x:y"}))
        accounts = Change(replace={"p": new}).applied(found.accounts)
        rows = lake_of(record).requests()
        told = replay(rows, found.accounts, accounts)[rows["event_id"] == record["eventID"]]
        (row,) = told.to_dict("records")
        return row["change"], row["reasons"]

    return told


def get(by: Record | None = None, *, refused: bool = False, **fields: Any) -> Record:
    """Return a read of an object in the one bucket."""
    make = denied if refused else call
    parameters = {"bucketName": BUCKET, "key": "k"}
    return make("GetObject", "s3", by=by or user(), requestParameters=parameters, **fields)


def describe(*, refused: bool = False, **fields: Any) -> Record:
    """Return a call of a service whose resources have no policies."""
    if refused:
        fields["message"] = refusal("ec2:DescribeInstances")
    return (denied if refused else call)("DescribeInstances", "ec2", **fields)


class TestKnown:
    """The policies settle it, and come to what was recorded."""

    def test_bool_lets_a_key_in(self, replayed: Callable[..., Told]) -> None:
        """The change that ends the errors; both statements are named."""
        change, reasons = replayed(get(refused=True), (ALLOW, FORCED), (ALLOW, BOOL))
        assert change == "newly_allowed"
        assert reasons == [
            "NoMFA of p (inline, alice) (identity), which denies it, no longer matches."
        ]

    def test_a_new_deny(self, replayed: Callable[..., Told]) -> None:
        """What passed would not have."""
        change, reasons = replayed(get(), (ALLOW,), (ALLOW, FORCED))
        assert change == "newly_denied"
        assert reasons == ["NoMFA of p (inline, alice) (identity), which denies it, matches now."]

    def test_an_allow_that_goes(self, replayed: Callable[..., Told]) -> None:
        """Of a service without access control lists."""
        after = (ALLOW | {"Action": "s3:*"},)
        assert replayed(describe(), (EVERYTHING,), after)[0] == "newly_denied"

    @pytest.mark.parametrize("refused", [True, False])
    def test_who_has_passed_mfa(self, replayed: Callable[..., Told], refused: bool) -> None:
        """Whatever the form of the policy, and whatever came of the call."""
        record = get(session(mfa=True), refused=refused)
        told = replayed(record, (ALLOW, FORCED), (ALLOW, BOOL))
        assert told == ("unchanged", [])

    def test_a_session_without_mfa_stays_out(self, replayed: Callable[..., Told]) -> None:
        """Bool stops it as BoolIfExists does."""
        record = get(session(mfa=False), refused=True)
        assert replayed(record, (ALLOW, FORCED), (ALLOW, BOOL))[0] == "unchanged"

    def test_another_barrier_stays(self, replayed: Callable[..., Told]) -> None:
        """The call is denied all the same."""
        deny = DENY | {"Action": "s3:*"}
        record = get(refused=True)
        assert replayed(record, (ALLOW, FORCED, deny), (ALLOW, BOOL, deny))[0] == "unchanged"

    def test_a_second_action_that_the_call_needs(self, replayed: Callable[..., Told]) -> None:
        """An object with an access control list: each action has to pass."""
        asked = {"bucketName": BUCKET, "key": "k", "x-amz-acl": ["private"]}
        record = call("PutObject", "s3", by=user(), requestParameters=asked)
        deny = DENY | {"Action": "s3:PutObjectAcl"}
        assert replayed(record, (ALLOW,), (ALLOW, deny))[0] == "newly_denied"

    def test_a_failed_call_is_decided_by_the_policies(self, replayed: Callable[..., Told]) -> None:
        """It was not for want of permission that it failed."""
        record = get(errorCode="NoSuchKey")
        assert replayed(record, (ALLOW,), (ALLOW, FORCED))[0] == "newly_denied"


SUPPORT = role("AWSServiceRoleForSupport", path="/aws-service-role/support.amazonaws.com/")


class TestUnchanged:
    """Whatever is not known cannot make a difference where nothing changes."""

    @pytest.mark.parametrize(
        "record",
        [
            call(by=user("bob")),
            call(by=user() | {"arn": f"arn:aws:iam::{ACCOUNT}:root", "type": "Root"}),
            call("PutObject", by=service()),
            call("DescribeInstances", "ec2", by=SUPPORT),
            call(by=role() | {"sessionContext": {"sessionIssuer": {"type": "Role", "arn": "x:y"}}}),
            call("ConsoleLogin", "signin", by=user(), eventType="AwsConsoleSignIn"),
        ],
    )
    def test_whom_it_does_not_bind(
        self, lake_of: Callable[..., Lake], tmp_path: Path, record: Record
    ) -> None:
        """Another user, root, a service and its role, whom two fields name differently, a sign-in."""
        found = evidence(tmp_path / "evidence", ALLOW)
        bob = Change(add={"role/Deploy": Policy.parse(document(BOOL))})
        rows = lake_of(record).requests()
        told = replay(rows, found.accounts, bob.applied(found.accounts))
        assert told["change"].tolist() in (["unchanged"], ["cannot_tell"])
        if "bob" not in str(record):
            assert told["change"].tolist() == ["unchanged"]

    def test_a_statement_that_does_not_speak_of_it(self, replayed: Callable[..., Told]) -> None:
        """The control policies are not known, and need not be."""
        deny = DENY | {"Action": "iam:*"}
        assert replayed(get(), (ALLOW,), (ALLOW, deny), scp=None) == ("unchanged", [])

    def test_a_looser_policy_lets_pass_what_passed(self, replayed: Callable[..., Told]) -> None:
        """With control policies that are not known, too."""
        record = get(session(mfa=True))
        after = (EVERYTHING, BOOL)
        assert replayed(record, (ALLOW, FORCED), after, scp=None) == ("unchanged", [])

    def test_a_stricter_policy_denies_what_was_denied(self, replayed: Callable[..., Told]) -> None:
        """Likewise."""
        deny = DENY | {"Action": "s3:Get*"}
        told = replayed(get(refused=True), (ALLOW, FORCED), (ALLOW, FORCED, deny), scp=None)
        assert told == ("unchanged", [])


class TestCannotTell:
    """What the evidence does not carry is not claimed."""

    def test_what_was_recorded_is_not_reproduced(self, replayed: Callable[..., Told]) -> None:
        """The policies have changed since."""
        change, reasons = replayed(get(), (ALLOW, FORCED), (ALLOW, BOOL))
        assert change == "cannot_tell"
        assert "do not come to what was recorded" in reasons[0]

    def test_control_policies_that_are_not_known(self, replayed: Callable[..., Told]) -> None:
        """They may deny what the change no longer does."""
        change, reasons = replayed(get(refused=True), (ALLOW, FORCED), (ALLOW,), scp=None)
        assert (change, reasons) == ("cannot_tell", ["The scp policies are not known."])

    def test_a_list_may_have_allowed_it(self, replayed: Callable[..., Told]) -> None:
        """No policy would, and the bucket's access control list is not known."""
        after = (ALLOW | {"Action": "sqs:*"},)
        change, reasons = replayed(get(), (ALLOW,), after)
        assert change == "cannot_tell"
        assert "An access control list or a grant" in reasons[0]

    def test_a_call_that_needs_more(self, replayed: Callable[..., Told]) -> None:
        """One action of several would pass now; and one of the others may be denied now."""
        refused = denied("RunInstances", "ec2", message=refusal("ec2:RunInstances", on="*"))
        change, reasons = replayed(refused, (EVERYTHING, FORCED), (EVERYTHING,))
        assert change == "cannot_tell"
        assert reasons[-1] == "The call may need more actions than those that are known."
        passed = call("RunInstances", "ec2", by=user(), requestParameters={"x": "y"})
        tags = DENY | {"Action": "ec2:CreateTags"}
        assert replayed(passed, (EVERYTHING,), (EVERYTHING, tags))[0] == "cannot_tell"
        other = ALLOW | {"Action": "sqs:*"}
        assert replayed(passed, (EVERYTHING,), (EVERYTHING, other))[0] == "unchanged"

    def test_a_bucket_policy_may_deny_one_of_the_others(
        self, lake_of: Callable[..., Lake], tmp_path: Path
    ) -> None:
        """A copy carries tags, of which the record tells nothing."""
        found = evidence(tmp_path / "evidence", ALLOW, resources={ARN: None})
        deny = document(DENY | {"Action": "s3:PutObjectTagging", "Principal": "*"})
        after = Change(add={ARN: Policy.parse(deny)}).applied(found.accounts)
        asked = {"bucketName": BUCKET, "key": "k", "x-amz-copy-source": f"{BUCKET}/other"}
        rows = lake_of(call("CopyObject", "s3", by=user(), requestParameters=asked)).requests()
        assert replay(rows, found.accounts, after)["change"].tolist() == ["cannot_tell"]

    @pytest.mark.parametrize("invoked", [{}, {"invokedBy": "athena.amazonaws.com"}])
    def test_what_policies_saw_of_mfa(
        self, lake_of: Callable[..., Lake], tmp_path: Path, invoked: dict[str, str]
    ) -> None:
        """In a role session, and behind a service: absent or false makes a difference to Bool."""
        found = evidence(tmp_path / "evidence", ALLOW, FORCED)
        by = (session(mfa=False) | invoked) if invoked else role("Deploy", "x", mfa=False)
        source = {"sourceIPAddress": "athena.amazonaws.com"} if invoked else {}
        after = Change(replace={"p": Policy.parse(document(ALLOW, BOOL))}).applied(found.accounts)
        issue = call(
            "AssumeRole",
            "sts",
            requestParameters={"roleArn": f"{IAM}:role/Deploy"},
            responseElements={"credentials": {"accessKeyId": "ASIAIOSFODNN7ROLE000"}},
        )
        rows = lake_of(issue, get(by, refused=True, **source)).requests(event="GetObject")
        (told,) = replay(rows, found.accounts, after).to_dict("records")
        assert told["change"] == "cannot_tell"
        assert told["reasons"] == [
            "It depends on what policies saw of MFA, which the record does not settle."
        ]

    def test_who_is_not_in_the_export(self, lake_of: Callable[..., Lake], tmp_path: Path) -> None:
        """It may have had the policy."""
        found = evidence(tmp_path / "evidence", ALLOW)
        after = Change(remove=("p",)).applied(found.accounts)
        rows = lake_of(get(user("gone"))).requests()
        (told,) = replay(rows, found.accounts, after).to_dict("records")
        assert told["change"] == "cannot_tell"
        assert "not in the export" in told["reasons"][0]

    def test_who_is_of_another_account(self, lake_of: Callable[..., Lake], tmp_path: Path) -> None:
        """A changed bucket policy may speak of it; other changes do not."""
        arn = "arn:aws:iam::444455556666:user/eve"
        deny = document(DENY | {"Action": "s3:*", "Principal": "*"})
        found = evidence(tmp_path / "evidence", ALLOW, resources={ARN: deny})
        rows = lake_of(get(user() | {"arn": arn})).requests()
        for change, expected in (
            (Change(remove=(ARN,)), "cannot_tell"),
            (Change(remove=("p",)), "unchanged"),
        ):
            told = replay(rows, found.accounts, change.applied(found.accounts))
            assert told["change"].tolist() == [expected]

    def test_an_action_that_is_not_known(self, replayed: Callable[..., Told]) -> None:
        """PartiQL's statement decides it."""
        record = call("ExecuteStatement", "dynamodb", by=user())
        change, reasons = replayed(record, (ALLOW,), (ALLOW, FORCED))
        assert change == "cannot_tell"
        assert "does not tell which action" in reasons[0]


def test_like_calls_are_told_alike_and_in_their_order(
    lake_of: Callable[..., Lake], tmp_path: Path
) -> None:
    """Each row has its own answer, whatever stands between."""
    found = evidence(tmp_path / "evidence", ALLOW, FORCED)
    records = [get(refused=True), get(session(mfa=True)), get(user("bob"))] * 3
    after = Change(replace={"p": Policy.parse(document(ALLOW, BOOL))}).applied(found.accounts)
    rows = lake_of(*(r | {"eventID": str(n)} for n, r in enumerate(records))).requests()
    told = dict(zip(rows["event_id"], replay(rows, found.accounts, after)["change"], strict=True))
    assert [told[str(n)] for n in range(9)] == ["newly_allowed", "unchanged", "cannot_tell"] * 3
