"""sessions: who opened each, how, with MFA or not, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from tests import records
from tests.queries.test_sign_ins import sign_in
from tests.records import ACCOUNT, Record, call, denied, issued

LakeOf = Callable[..., Lake]

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/alice-phone"
FIRST, SECOND, THIRD = (f"ASIAIOSFODNN7CHAIN0{n}" for n in range(3))


def told(lake: Lake, key: str | None = FIRST) -> dict[Any, Any]:
    """Return the one session with that key."""
    rows = lake.sessions()
    rows = rows.astype(object).where(rows.notna(), None)
    (row,) = (row for row in rows.to_dict("records") if row["access_key_id"] == key)
    return row


def token(key: str = FIRST, *, device: str | None = None, **fields: Any) -> Record:
    request = {"serialNumber": device} if device else {}
    return issued(
        "GetSessionToken", key, by=records.user(), request=request, event_id="token", **fields
    )


def assumed(key: str, by: Record, role: str = "Deploy", **fields: Any) -> Record:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    made = issued(
        "AssumeRole", key, by=by, request={"roleArn": arn, "roleSessionName": "alice"}, **fields
    )
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/alice"
    made["responseElements"]["assumedRoleUser"] = {"arn": session}
    return made


class TestWhatIsASession:
    """A row a temporary credential, whether or not its issue is in the lake."""

    def test_a_long_term_key_is_none(self, lake_of: LakeOf) -> None:
        """Its calls are in no session."""
        assert lake_of(call()).sessions().empty

    def test_calls_are_counted_by_what_came_of_them(self, lake_of: LakeOf) -> None:
        """Allowed, denied, failed."""
        by = records.session(key=FIRST, mfa=True)
        lake = lake_of(
            token(),
            call(by=by),
            denied(by=by),
            denied(by=by, code="ThrottlingException", message=None),
        )
        row = told(lake)
        assert (row["calls"], row["denials"], row["failures"]) == (3, 1, 1)

    def test_one_whose_issue_is_not_in_the_lake_is_marked(self, lake_of: LakeOf) -> None:
        """Its calls tell when it was opened."""
        row = told(lake_of(call(by=records.session(key=FIRST, mfa=False))))
        assert (row["issued_by"], row["issued_in"]) == (None, None)
        assert row["started"] == pd.Timestamp(records.TIME)
        assert row["chain"] == [f"not known by which operation: user/alice {FIRST}"]

    def test_one_that_was_never_used_is_told(self, lake_of: LakeOf) -> None:
        """With its issue as all that is seen of it."""
        row = told(lake_of(token()))
        assert (row["calls"], row["event_id"], row["credential_kind"]) == (0, "token", None)
        assert (row["principal_arn"], row["account_id"]) == (ALICE, ACCOUNT)

    def test_a_session_token_of_an_s3_console_has_an_akia_id(self, lake_of: LakeOf) -> None:
        """The session's attributes win over the key's prefix."""
        key = "AKIAIOSFODNN7ALICE77"
        lake = lake_of(call(by=records.session(key=key, mfa=True), userAgent="[S3Console/0.4]"))
        assert told(lake, key)["credential_kind"] == "console"

    def test_records_that_hide_the_key_make_one_session(self, lake_of: LakeOf) -> None:
        """Of who called, and since when."""
        by = records.session(mfa=False)
        by["accessKeyId"] = ""
        assert told(lake_of(call(by=by), call(by=by)), None)["calls"] == 2

    def test_addresses_and_programs_are_the_most_used(self, lake_of: LakeOf) -> None:
        """A few of them, and how many there are."""
        by = records.session(key=FIRST, mfa=True)
        many = [
            call(by=by, sourceIPAddress=f"198.51.100.{n}", userAgent=f"program {n}")
            for n in range(7)
        ]
        row = told(lake_of(*many, call(by=by, sourceIPAddress="198.51.100.3", userAgent="x")))
        assert (len(row["source_ips"]), row["source_ip_count"]) == (5, 7)
        assert row["source_ips"][0] == "198.51.100.3"
        assert (len(row["user_agents"]), row["user_agent_count"]) == (3, 8)


class TestMfa:
    """Whether it was used, and how that is known."""

    def test_the_request_for_a_token_names_the_device(self, lake_of: LakeOf) -> None:
        """Known with no call made."""
        row = told(lake_of(token(device=DEVICE)))
        assert (row["mfa_used"], row["mfa_serial"]) == (True, DEVICE)
        assert row["mfa_evidence"] == [f"GetSessionToken named the device {DEVICE} (event token)."]

    def test_a_token_without_a_device_is_without_mfa(self, lake_of: LakeOf) -> None:
        """GetSessionToken has no other way."""
        row = told(lake_of(token()))
        assert row["mfa_used"] is False
        assert row["mfa_evidence"] == ["GetSessionToken named no device (event token)."]

    def test_a_role_without_a_device_may_still_have_it(self, lake_of: LakeOf) -> None:
        """From the session that asked: only the calls tell."""
        opened = assumed(FIRST, records.session(key=SECOND, mfa=True))
        assert told(lake_of(opened))["mfa_used"] is None
        used = call(by=records.role(key=FIRST, session_name="alice", mfa=True))
        lake = lake_of(opened, used)
        assert told(lake)["mfa_used"] is True

    def test_a_contradiction_is_shown(self, lake_of: LakeOf) -> None:
        """What the calls are recorded with is what policies can have seen."""
        row = told(lake_of(token(), call(by=records.session(key=FIRST, mfa=True))))
        assert (row["mfa_used"], row["mfa_contradicted"]) == (True, True)
        assert len(row["mfa_evidence"]) == 2

    def test_a_pre_authenticated_url_signs_in_without_and_calls_with(self, lake_of: LakeOf) -> None:
        """Shown as it is recorded."""
        by = records.session("bob", FIRST, mfa=True)
        row = told(
            lake_of(
                sign_in(records.user("bob", None), mfa="No"),
                call(by=by, sessionCredentialFromConsole="true"),
            )
        )
        assert (row["issued_by"], row["mfa_used"], row["mfa_contradicted"]) == (
            "ConsoleLogin",
            True,
            True,
        )

    def test_of_a_federated_session_it_is_not_known(self, lake_of: LakeOf) -> None:
        """Whatever CloudTrail says."""
        by = records.role(
            "AWSReservedSSO_Admin_0123456789abcdef", "dave@example.com", FIRST, mfa=False
        )
        row = told(lake_of(call(by=by)))
        assert (row["federated"], row["mfa_used"], row["mfa_contradicted"]) == (True, None, False)
        assert row["origin"] == "dave@example.com"

    def test_what_a_service_forwards_tells_nothing(self, lake_of: LakeOf) -> None:
        """It is recorded as without MFA, whatever the session was."""
        by = records.session(key=FIRST, mfa=False) | {"invokedBy": "athena.amazonaws.com"}
        row = told(lake_of(call(by=by, sourceIPAddress="athena.amazonaws.com")))
        assert (row["credential_kind"], row["mfa_used"]) == ("forwarded", None)


class TestSignIn:
    """A console's keys belong to a sign-in."""

    def test_its_keys_share_it(self, lake_of: LakeOf) -> None:
        """However many the console uses."""
        signed_in = sign_in(records.user("bob", None), mfa="Yes", MFAIdentifier=DEVICE)
        signed_in["eventID"] = "sign-in"
        calls = [
            call(
                by=records.session("bob", key, mfa=True),
                time="2026-06-01T11:00:00Z",
                sessionCredentialFromConsole="true",
            )
            for key in (FIRST, SECOND)
        ]
        lake = lake_of(signed_in, *calls)
        assert {told(lake, key)["issued_in"] for key in (FIRST, SECOND)} == {"sign-in"}
        assert told(lake)["chain"] == [f"ConsoleLogin with MFA: user/bob {FIRST}"]
        assert len(lake.sessions()) == 2

    def test_one_without_a_call_is_told(self, lake_of: LakeOf) -> None:
        """Without a key, for none was seen."""
        row = told(lake_of(sign_in(records.user("bob", None), mfa="No")), None)
        assert (row["issued_by"], row["calls"], row["mfa_used"]) == ("ConsoleLogin", 0, False)

    def test_one_that_failed_opened_nothing(self, lake_of: LakeOf) -> None:
        """Nor one of another time."""
        by = records.session("bob", FIRST, mfa=True, since="2026-06-01T10:00:00Z")
        lake = lake_of(
            sign_in(records.user("bob", None), answer="Failure", mfa="No")
            | {"eventTime": "2026-06-01T10:00:00Z"},
            sign_in(records.user("bob", None), mfa="No"),
            call(by=by, time="2026-06-01T10:01:00Z", sessionCredentialFromConsole="true"),
        )
        assert told(lake)["issued_by"] is None
        assert len(lake.sessions()) == 2


class TestChain:
    """From a session back to the human or the workload at its beginning."""

    def test_it_leads_through_every_session(self, lake_of: LakeOf) -> None:
        """A key, a token with MFA, a role, and a role behind it."""
        deploy = records.role("Deploy", "alice", SECOND, mfa=True)
        lake = lake_of(
            token(device=DEVICE),
            assumed(SECOND, records.session(key=FIRST, mfa=True)),
            assumed(THIRD, deploy, "Audit"),
        )
        row = told(lake, THIRD)
        assert row["origin"] == ALICE
        assert row["chain"] == [
            "user/alice AKIAIOSFODNN7ALICE00",
            f"GetSessionToken with MFA: user/alice {FIRST}",
            f"AssumeRole: assumed-role/Deploy/alice {SECOND}",
            f"AssumeRole: assumed-role/Audit/alice {THIRD}",
        ]

    def test_it_ends_where_the_lake_does(self, lake_of: LakeOf) -> None:
        """Who opened the first role is not known."""
        lake = lake_of(assumed(SECOND, records.role("Deploy", "alice", FIRST), "Audit"))
        row = told(lake, SECOND)
        assert row["origin"] is None
        assert row["chain"][0].endswith(f": assumed-role/Deploy/alice {FIRST}")

    def test_a_machine_stands_at_the_beginning_of_its_own(self, lake_of: LakeOf) -> None:
        """Its service asked for the session, or its delivery tells."""
        by = records.role("web", "i-0123456789abcdef0", FIRST, ec2RoleDelivery="2.0")
        assert told(lake_of(call(by=by)))["origin"] == "i-0123456789abcdef0"
        lake = lake_of(assumed(SECOND, records.service("ec2.amazonaws.com")))
        assert told(lake, SECOND)["origin"] == "ec2.amazonaws.com"

    def test_a_federated_person_stands_there(self, lake_of: LakeOf) -> None:
        """As the identity provider names them."""
        person = {"type": "SAMLUser", "principalId": "idp:dave", "userName": "dave@example.com"}
        made = issued("AssumeRoleWithSAML", FIRST, by=person, request={"roleSessionName": "dave"})
        row = told(lake_of(made))
        assert (row["origin"], row["federated"]) == ("dave@example.com", True)

    def test_it_goes_in_no_circle(self, lake_of: LakeOf) -> None:
        """Two records that claim to have opened each other."""
        lake = lake_of(
            assumed(FIRST, records.role("A", "a", SECOND)),
            assumed(SECOND, records.role("B", "b", FIRST)),
        )
        assert len(lake.sessions()) == 2


class TestScope:
    """A session lasts: it is in scope where one of its calls may be."""

    @pytest.fixture
    def lake(self, lake_of: LakeOf) -> Lake:
        """Return a lake of a token and a role that was opened with it."""
        by = records.session(key=FIRST, mfa=True)
        role = records.role("Deploy", "release", SECOND)
        return lake_of(
            token(time="2026-06-01T08:00:00Z"),
            call(by=by, time="2026-06-01T09:00:00Z"),
            call("ListRoles", "iam", by=by, time="2026-06-01T12:00:00Z"),
            assumed(SECOND, by, time="2026-06-01T12:30:00Z"),
            call(by=role, time="2026-06-01T13:00:00Z", awsRegion="eu-west-1"),
        )

    @pytest.mark.parametrize(
        ("filters", "keys"),
        [
            ({"since": "2026-06-01T10:00:00Z", "until": "2026-06-01T11:00:00Z"}, {FIRST}),
            ({"since": "2026-06-01T12:45:00Z"}, {SECOND}),
            ({"until": "2026-06-01T08:30:00Z"}, set()),
            ({"region": "eu-west-1"}, {SECOND}),
            ({"principal": "Deploy"}, {SECOND}),
            ({"principal": "release"}, {SECOND}),
            ({"principal": "alice"}, {FIRST, SECOND}),
            ({"event": "iam:List*"}, {FIRST}),
            ({"account": "444455556666"}, set()),
        ],
    )
    def test_filters(self, lake: Lake, filters: dict[str, str], keys: set[str]) -> None:
        """By time it overlaps; by name, whose it is or who stands at its beginning."""
        assert set(lake.sessions(**filters)["access_key_id"]) == keys
