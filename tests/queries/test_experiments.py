"""experiments: what the other calls of a principal say of a denial, a rule each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from cloudtrail_mfa import Lake
from tests import records
from tests.records import ACCOUNT, BUCKET, Record, call, denied, refusal

LakeOf = Callable[..., Lake]

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Deploy"
OBJECT = {"bucketName": BUCKET, "key": "2026/q2.csv", "Host": "s3.us-east-1.amazonaws.com"}


def at(clock: str) -> str:
    return f"2026-06-01T{clock}Z"


def with_mfa(since: str = "09:01:00", key: str = "ASIAIOSFODNN7ALICE00") -> Record:
    return records.session(key=key, mfa=True, since=at(since))


def without(since: str, key: str = "ASIAIOSFODNN7ALICE99") -> Record:
    return records.session(key=key, mfa=False, since=at(since))


def failed(clock: str = "09:00:00", event_id: str = "refused", **fields: Any) -> Record:
    return denied(
        "GetObject", time=at(clock), event_id=event_id, **{"requestParameters": OBJECT} | fields
    )


def passed(clock: str, event_id: str = "passed", **fields: Any) -> Record:
    return call(
        "GetObject", time=at(clock), event_id=event_id, **{"requestParameters": OBJECT} | fields
    )


def change(name: str, clock: str, event_id: str = "change", **request: str) -> Record:
    return call(
        name,
        "iam",
        by=records.user("root", "AKIAIOSFODNN7ADMIN00"),
        time=at(clock),
        event_id=event_id,
        requestParameters=request,
    )


def changed_elsewhere(name: str, service: str, account: str = ACCOUNT) -> Record:
    return change(name, "09:01:30") | {
        "eventSource": f"{service}.amazonaws.com",
        "recipientAccountId": account,
    }


def found(lake: Lake, event_id: str = "refused") -> dict[str, tuple[str, str]]:
    """Return the sentence and the witness of each rule that spoke of the denial."""
    rows = lake.sql("select * from experiments where event_id = $id", {"id": event_id})
    return {
        row["rule"]: (row["sentence"], row["witness"])
        for row in rows.astype(object).to_dict("records")
    }


BETWEEN: tuple[Record, ...] = (
    failed(),
    passed("09:02:00", by=with_mfa()),
    failed("09:30:00", "again"),
)


def but(place: int, *records: Record, **fields: Any) -> Sequence[Record]:
    """Return the three calls, one of them with other fields, and some more."""
    told = [dict(record) for record in BETWEEN]
    told[place] |= fields
    return [*told, *records]


class TestPassedWithMfaBetweenRefusals:
    """Refused, passed with MFA, refused again: what changed only once does not explain it."""

    RULE = "passed_with_mfa_between_refusals"

    def test_it_is_told_with_the_three_events(self, lake_of: LakeOf) -> None:
        """Each with its time."""
        sentence, witness = found(lake_of(*BETWEEN))[self.RULE]
        assert sentence == (
            "For: without MFA the same call was refused at 2026-06-01 09:00:00 UTC (event refused)"
            " and again at 2026-06-01 09:30:00 UTC (event again); between the two it passed with"
            " MFA, at 2026-06-01 09:02:00 UTC (event passed)."
        )
        assert witness == "passed"

    def test_every_refusal_of_the_hour_is_explained(self, lake_of: LakeOf) -> None:
        """Also one that is not next to the call that passed; none of another time of day."""
        lake = lake_of(*BETWEEN, failed("09:55:00", "later"), failed("15:00:00", "evening"))
        assert self.RULE in found(lake, "again")
        assert self.RULE in found(lake, "later")
        assert self.RULE not in found(lake, "evening")

    @pytest.mark.parametrize(
        "calls",
        [
            pytest.param(BETWEEN[:2], id="not refused again"),
            pytest.param(but(2, eventTime=at("10:30:00")), id="again after more than an hour"),
            pytest.param(but(1, sourceIPAddress="203.0.113.9"), id="another address"),
            pytest.param(but(1, awsRegion="eu-west-1"), id="another region"),
            pytest.param(but(1, userAgent="Boto3/1.40"), id="another program"),
            pytest.param(but(1, vpcEndpointId="vpce-1"), id="another endpoint"),
            pytest.param(
                but(1, requestParameters=OBJECT | {"versionId": "1"}), id="other parameters"
            ),
            pytest.param(
                but(1, requestParameters=OBJECT | {"key": "other"}), id="another resource"
            ),
            pytest.param(but(1, userIdentity=records.session("bob", mfa=True)), id="another user"),
            pytest.param(but(1, userIdentity=without("09:01:00")), id="passed without MFA"),
            pytest.param(
                but(1, userIdentity=records.role(mfa=True)), id="passed as a role of others"
            ),
            pytest.param(
                but(0, passed("09:20:00", "other", sourceIPAddress="203.0.113.9")),
                id="the key passed meanwhile, elsewhere",
            ),
            pytest.param(
                but(0, failed("09:03:00", "g", by=with_mfa("09:00:30"))),
                id="refused with MFA meanwhile",
            ),
            pytest.param(
                but(0, change("AttachUserPolicy", "09:01:30", userName="alice")),
                id="a policy changed between",
            ),
            pytest.param(
                but(0, change("CreatePolicyVersion", "09:10:00", policyArn="arn")),
                id="anybody's policy changed between",
            ),
            pytest.param(
                but(0, change("PutUserPolicy", "08:59:30", userName="alice")),
                id="a policy changed seconds before",
            ),
            pytest.param(
                but(0, changed_elsewhere("PutBucketPolicy", "s3")),
                id="the bucket's policy changed between",
            ),
            pytest.param(
                but(0, changed_elsewhere("PutBucketPolicy", "s3", "444455556666")),
                id="a bucket's policy changed between, in another account",
            ),
            pytest.param(
                but(0, changed_elsewhere("PutObjectTagging", "s3")), id="tags changed between"
            ),
            pytest.param(
                but(0, changed_elsewhere("CreateGrant", "kms")), id="a key's grants changed between"
            ),
            pytest.param(
                but(0, changed_elsewhere("AttachPolicy", "organizations", "777788889999")),
                id="an organization's policy changed between",
            ),
        ],
    )
    def test_it_is_not_claimed(self, lake_of: LakeOf, calls: Sequence[Record]) -> None:
        """Where anything else differed, or something speaks against it."""
        assert self.RULE not in found(lake_of(*calls))

    @pytest.mark.parametrize(
        "other",
        [
            change("AttachUserPolicy", "09:10:00", userName="bob"),
            change("CreateAccessKey", "09:10:00", userName="alice"),
            change("EnableMFADevice", "09:10:00", userName="alice"),
            change("AttachUserPolicy", "08:00:00", userName="alice"),
            change("AttachUserPolicy", "09:10:00", userName="alice")
            | {"errorCode": "AccessDenied"},
            changed_elsewhere("SetQueueAttributes", "sqs"),
            changed_elsewhere("CreateTags", "ec2"),
        ],
        ids=[
            "another user's",
            "a key",
            "a device",
            "long before",
            "refused itself",
            "a queue's policy",
            "tags of machines",
        ],
    )
    def test_changes_of_no_matter_do_not_spoil_it(self, lake_of: LakeOf, other: Record) -> None:
        """Of others, of keys and devices, of another time."""
        assert self.RULE in found(lake_of(*BETWEEN, other))

    def test_parameters_that_a_refusal_does_not_record_are_a_hint(self, lake_of: LakeOf) -> None:
        """If all that passed had the same: it may have been another call all the same."""
        hidden = [
            denied("ListUsers", "iam", time=at(clock), event_id=name, requestParameters=None)
            for clock, name in (("09:00:00", "refused"), ("09:30:00", "again"))
        ]
        asked = {"maxItems": 100}
        one = call("ListUsers", "iam", time=at("09:02:00"), by=with_mfa(), requestParameters=asked)
        assert set(found(lake_of(*hidden, one))) == {"passed_with_mfa"}

    def test_calls_without_any_parameters_do_not_contradict(self, lake_of: LakeOf) -> None:
        """Those of which some are recorded have to agree."""
        hidden = denied("ListUsers", "iam", time=at("09:00:00"), event_id="refused")
        with_some = call(
            "ListUsers",
            "iam",
            time=at("09:02:00"),
            event_id="some",
            by=with_mfa(),
            requestParameters={"maxItems": 100},
        )
        with_none = call("ListUsers", "iam", time=at("12:00:00"), by=with_mfa())
        (_, witness) = found(lake_of(hidden, with_some, with_none))["passed_with_mfa"]
        assert witness == "some"

    def test_of_two_calls_in_one_second_the_same_is_taken_always(self, lake_of: LakeOf) -> None:
        """That of the lesser id, in whatever order the records came."""
        two = [passed("09:02:00", event_id=name, by=with_mfa()) for name in ("b", "a")]
        (_, witness) = found(lake_of(failed(), *two))["passed_with_mfa"]
        assert witness == "a"

    def test_but_not_where_they_differed(self, lake_of: LakeOf) -> None:
        """Then there is no telling which of them is like the refused call."""
        hidden = [
            denied("ListUsers", "iam", time=at(clock), event_id=name, requestParameters=None)
            for clock, name in (("09:00:00", "refused"), ("09:30:00", "again"))
        ]
        two = [
            call("ListUsers", "iam", time=at("09:02:00"), by=with_mfa(), requestParameters=asked)
            for asked in ({"pathPrefix": "/a/"}, {"pathPrefix": "/b/"})
        ]
        assert found(lake_of(*hidden, *two)) == {}

    def test_sessions_opened_before_may_have_been_revoked(self, lake_of: LakeOf) -> None:
        """Only one that was opened later and is refused, too, shows that MFA decides."""
        old = without("08:30:00")
        calls = [failed(by=old), passed("09:02:00", by=with_mfa())]
        lake = lake_of(*calls, failed("09:30:00", "again", by=old))
        assert self.RULE not in found(lake)

    def test_a_session_opened_later_shows_it(self, lake_of: LakeOf) -> None:
        """It is younger than the one that passed."""
        lake = lake_of(
            failed(by=without("08:30:00")),
            passed("09:02:00", by=with_mfa()),
            failed("09:30:00", "again", by=without("09:20:00", "ASIAIOSFODNN7ALICE98")),
        )
        assert self.RULE in found(lake)

    def test_what_has_no_id_shows_nothing(self, lake_of: LakeOf) -> None:
        """A claim has to be traced to its events."""
        calls = [dict(record) for record in BETWEEN]
        del calls[1]["eventID"]
        assert found(lake_of(*calls)) == {}

    def test_a_call_is_not_compared_with_one_that_claims_its_id(self, lake_of: LakeOf) -> None:
        """Refused and passed in one: nobody knows which is true."""
        lake = lake_of(failed(), passed("09:01:00", "refused"))
        assert found(lake) == {}

    def test_two_records_of_one_id_are_compared_with_nothing(self, lake_of: LakeOf) -> None:
        """Which of them is true, nobody knows."""
        forged = failed() | {"sourceIPAddress": "203.0.113.9"}
        assert found(lake_of(*BETWEEN, forged)) == {}


class TestPassedWithMfa:
    """Refused, and passed with MFA: once is a hint."""

    def test_in_like_circumstances(self, lake_of: LakeOf) -> None:
        """The nearest of them is named."""
        lake = lake_of(
            failed(),
            passed("09:02:00", by=with_mfa()),
            passed("19:00:00", "far", by=with_mfa()),
        )
        assert found(lake) == {
            "passed_with_mfa": (
                "For: the same call passed with MFA at 2026-06-01 09:02:00 UTC (event passed).",
                "passed",
            )
        }

    def test_in_other_circumstances_it_is_seen_only(self, lake_of: LakeOf) -> None:
        """And what differed is told."""
        lake = lake_of(failed(), passed("09:02:00", by=with_mfa(), sourceIPAddress="203.0.113.9"))
        ((rule, (sentence, _)),) = found(lake).items()
        assert rule == "passed_with_mfa_elsewhere"
        assert "in other circumstances (203.0.113.9)." in sentence

    def test_after_a_change_of_policies_it_is_seen_only(self, lake_of: LakeOf) -> None:
        """With the change."""
        lake = lake_of(
            failed(),
            change("DetachUserPolicy", "09:01:00", userName="alice"),
            passed("09:30:00", by=with_mfa()),
        )
        ((rule, (sentence, _)),) = found(lake).items()
        assert rule == "passed_with_mfa_elsewhere"
        assert sentence.endswith("between the two (event change).")

    def test_a_request_for_a_role_may_carry_the_code_itself(self, lake_of: LakeOf) -> None:
        """Signed with the very key that was refused."""
        message = refusal("sts:AssumeRole", on=ROLE)
        request = {"roleArn": ROLE, "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/alice"}
        lake = lake_of(
            denied("AssumeRole", "sts", message=message, time=at("09:00:00"), event_id="refused"),
            call(
                "AssumeRole",
                "sts",
                time=at("09:01:00"),
                event_id="passed",
                requestParameters=request,
                resources=[{"ARN": ROLE, "accountId": ACCOUNT, "type": "AWS::IAM::Role"}],
            ),
        )
        assert set(found(lake)) == {"passed_with_mfa"}


class TestPassedWithoutMfa:
    """The very same kind of credential passed: MFA is not what differed."""

    @pytest.mark.parametrize("clock", ["08:30:00", "09:30:00"])
    def test_before_or_after(self, lake_of: LakeOf, clock: str) -> None:
        """With no change of policies between."""
        sentence, witness = found(lake_of(failed(), passed(clock)))["passed_without_mfa"]
        assert sentence.startswith("Against MFA: the same call passed")
        assert witness == "passed"

    @pytest.mark.parametrize(
        "other",
        [
            passed("09:30:00", by=without("08:00:00")),
            passed("09:30:00", sourceIPAddress="203.0.113.9"),
            passed("09:30:00", errorCode="NoSuchKey"),
        ],
        ids=["another kind of credential", "another address", "failed otherwise"],
    )
    def test_not_otherwise(self, lake_of: LakeOf, other: Record) -> None:
        """Where more than the moment differs, or it did not pass."""
        assert found(lake_of(failed(), other)) == {}

    def test_what_a_service_forwards_is_no_call_of_the_user(self, lake_of: LakeOf) -> None:
        """It has conditions of its own."""
        by = records.user() | {"invokedBy": "athena.amazonaws.com"}
        lake = lake_of(failed(), passed("09:30:00", by=by))
        assert found(lake) == {}


class TestRefusedWithMfa:
    """Refused without, refused with MFA that had just passed."""

    def test_a_session_minutes_old_is_refused_too(self, lake_of: LakeOf) -> None:
        """So MFA alone does not help."""
        lake = lake_of(failed(), failed("09:02:00", "with", by=with_mfa("09:00:30")))
        assert found(lake)["refused_with_mfa"][1] == "with"

    def test_an_old_session_may_be_too_old(self, lake_of: LakeOf) -> None:
        """For a policy that limits the age of MFA."""
        lake = lake_of(failed(), failed("09:02:00", "with", by=with_mfa("08:00:00")))
        assert found(lake) == {}


class TestNotYetKnownEverywhere:
    """Changes in IAM take seconds to be known everywhere."""

    def assumed(self, clock: str, event_id: str, *, refused: bool) -> Record:
        """Return a call of the role, of which a refusal records no parameters."""
        if refused:
            message = refusal("sts:AssumeRole", on=ROLE)
            return denied("AssumeRole", "sts", message=message, time=at(clock), event_id=event_id)
        return call(
            "AssumeRole",
            "sts",
            time=at(clock),
            event_id=event_id,
            requestParameters={"roleArn": ROLE, "roleSessionName": "alice"},
            resources=[{"ARN": ROLE, "accountId": ACCOUNT, "type": "AWS::IAM::Role"}],
        )

    def test_a_new_role_is_refused_and_then_let_in(self, lake_of: LakeOf) -> None:
        """With the same key, within seconds; nothing about MFA changed."""
        lake = lake_of(
            change("CreateRole", "09:00:00", roleName="Deploy"),
            self.assumed("09:00:03", "refused", refused=True),
            self.assumed("09:00:04", "second", refused=True),
            self.assumed("09:00:11", "passed", refused=False),
        )
        sentence, witness = found(lake)["not_yet_known_everywhere"]
        assert sentence.startswith("For: CreateRole changed Deploy 3 seconds before (event change)")
        assert "8 seconds later" in sentence
        assert witness == "change"
        assert set(found(lake)) == set(found(lake, "second")) == {"not_yet_known_everywhere"}

    def test_a_user_who_was_given_a_policy(self, lake_of: LakeOf) -> None:
        """Is refused for a moment, too."""
        lake = lake_of(
            change("AttachUserPolicy", "08:59:55", userName="alice"), failed(), passed("09:00:09")
        )
        assert "not_yet_known_everywhere" in found(lake)

    def test_what_names_nobody_may_be_of_no_matter(self, lake_of: LakeOf) -> None:
        """Some policy or other is changed all the time."""
        lake = lake_of(
            change("CreatePolicyVersion", "08:59:55", policyArn="arn"), failed(), passed("09:00:09")
        )
        assert "not_yet_known_everywhere" not in found(lake)

    @pytest.mark.parametrize(
        ("changed", "passes"),
        [("08:50:00", "09:00:09"), ("08:59:55", "09:10:00"), ("09:00:05", "09:00:09")],
        ids=["long before", "long after", "changed after the refusal"],
    )
    def test_not_otherwise(self, lake_of: LakeOf, changed: str, passes: str) -> None:
        """A minute for the change, two for the call that passes."""
        lake = lake_of(
            change("CreateRole", changed, roleName="Deploy"),
            self.assumed("09:00:00", "refused", refused=True),
            self.assumed(passes, "passed", refused=False),
        )
        assert "not_yet_known_everywhere" not in found(lake)


class TestPassedAfterAGrant:
    """A policy more, and the same call passed without MFA."""

    @pytest.mark.parametrize("name", ["AttachUserPolicy", "PutUserPolicy", "AddUserToGroup"])
    def test_the_change_is_named(self, lake_of: LakeOf, name: str) -> None:
        """Whoever made it."""
        lake = lake_of(failed(), change(name, "09:10:00", userName="alice"), passed("09:10:20"))
        ((rule, (sentence, witness)),) = found(lake).items()
        assert (rule, witness) == ("passed_after_a_grant", "change")
        assert sentence.startswith(f"For: afterwards {name} changed alice (event change)")

    @pytest.mark.parametrize(
        ("name", "whom"), [("DetachUserPolicy", "alice"), ("AttachUserPolicy", "bob")]
    )
    def test_not_where_something_was_taken_away_or_given_to_others(
        self, lake_of: LakeOf, name: str, whom: str
    ) -> None:
        """A denial may have been what went."""
        lake = lake_of(failed(), change(name, "09:10:00", userName=whom), passed("09:20:00"))
        assert "passed_after_a_grant" not in found(lake)


class TestOnlySelfServicePasses:
    """Nothing passes without MFA but what it takes to get it; with MFA much does."""

    def week(self, *more: Record) -> list[Record]:
        """Return five refusals without MFA, one call to enrol, three that pass with MFA."""
        refused = [
            denied(name, service, event_id=f"refused-{name}", time=at("09:00:00"))
            for name, service in (
                ("ListBuckets", "s3"),
                ("DescribeInstances", "ec2"),
                ("DescribeVpcs", "ec2"),
                ("ListUsers", "iam"),
                ("ListTopics", "sns"),
            )
        ]
        enrols = call("ListMFADevices", "iam", time=at("09:05:00"))
        with_it = [
            call(name, "ec2", by=with_mfa(), time=at("10:00:00"))
            for name in ("DescribeImages", "DescribeSubnets", "DescribeVolumes")
        ]
        return [*refused, enrols, *with_it, *more]

    def test_each_refusal_of_the_week_is_behind_such_a_policy(self, lake_of: LakeOf) -> None:
        """The numbers are told."""
        sentence, _ = found(lake_of(*self.week()), "refused-ListTopics")["only_self_service_passes"]
        assert "5 actions were refused" in sentence
        assert "with MFA 3 other actions passed" in sentence

    def test_one_call_that_passes_without_speaks_against_it(self, lake_of: LakeOf) -> None:
        """Of any other action."""
        lake = lake_of(*self.week(call("ListQueues", "sqs", time=at("11:00:00"))))
        assert found(lake, "refused-ListTopics") == {}

    @pytest.mark.parametrize("left_out", [0, 5, 8])
    def test_less_is_not_enough(self, lake_of: LakeOf, left_out: int) -> None:
        """Fewer refusals, nothing to enrol, little with MFA: a user with few permissions."""
        calls = self.week()
        del calls[left_out]
        assert found(lake_of(*calls), "refused-ListTopics") == {}


def test_services_and_strangers_are_not_asked(lake_of: LakeOf) -> None:
    """They are nobody whose calls could be compared."""
    by = records.service()
    lake = lake_of(failed(by=by), passed("09:30:00", by=by))
    assert found(lake) == {}


def test_only_the_calls_in_question_are_answered(lake_of: LakeOf) -> None:
    """Those of others are compared with, whatever the filter."""
    lake = lake_of(*BETWEEN)
    rows = lake.denials(until="2026-06-01T09:10:00Z")
    assert rows["certainty"].tolist() == ["observed"]
