"""Decisions of then: what the policies of the time of a call say, rebuilt from the trail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Evidence, Lake
from cloudtrail_mfa.attribution.decisions import Decisions, barriers, denies
from cloudtrail_mfa.iam import Caller, Context, Policies, Policy, Request, evaluate
from tests.evidence.writes import ALICE, FORCED, IAM, document, write
from tests.records import ACCOUNT, Record, denied, refusal, role, session

MFA = "aws:MultiFactorAuthPresent"
NO_MFA: dict[str, Any] = {"Condition": {"BoolIfExists": {MFA: "false"}}, "Sid": "NoMFA"}
TEXT = document("*", **NO_MFA)
ALLOW = document("ec2:*", "Allow")
EXPLICIT = "with an explicit deny in an identity-based policy"
IMPLICIT = "because no identity-based policy allows the ec2:DescribeInstances action"

CREATED = write("CreateUser", "08:00:00", userName="alice")
POLICY = write(
    "CreatePolicy",
    "08:10:00",
    answer={"policy": {"arn": FORCED, "defaultVersionId": "v1"}},
    policyName="MFA_Forced",
    policyDocument=TEXT,
)
ATTACHED = write("AttachUserPolicy", "08:20:00", userName="alice", policyArn=FORCED)
ALLOWED = write(
    "PutUserPolicy", "08:30:00", userName="alice", policyName="work", policyDocument=ALLOW
)


def describe(why: str = "", time: str = "09:00:00", **fields: Any) -> Record:
    """Return alice's refused call to a service whose resources have no policies."""
    message = refusal("ec2:DescribeInstances", why=why)
    return denied("DescribeInstances", "ec2", message=message, time=f"2026-06-01T{time}Z", **fields)


def evidence(folder: Path, **details: Any) -> Evidence:
    """Return an export of alice, in an account that no control policies bind."""
    folder.mkdir()
    found: dict[str, Any] = {"UserDetailList": [{"UserName": "alice", "Arn": ALICE, **details}]}
    version = {"VersionId": "v1", "Document": TEXT, "IsDefaultVersion": True}
    found["Policies"] = [{"Arn": FORCED, "PolicyVersionList": [version]}]
    (folder / "account-authorization-details.json").write_text(json.dumps(found))
    for kind in ("scp", "rcp"):
        (folder / kind).mkdir()
    return Evidence.load(folder)


@pytest.fixture
def tell(lake_of: Callable[..., Lake]) -> Callable[..., Any]:
    """Return a function that gives claim and evidence of the one denial in some records."""

    def told(*records: Record, evidence: Evidence | None = None) -> tuple[Any, list[str]]:
        (row,) = lake_of(*records).denials(evidence=evidence).to_dict("records")
        allowed = row["mfa_would_allow"]
        claim = row["cause"], row["certainty"], None if pd.isna(allowed) else allowed
        return claim, row["evidence"]

    return told


UNKNOWN = ("undetermined", "unknown", None)


def trusting(effect: str, whom: str) -> Record:
    """Return the creation of a role whose trust policy speaks of somebody."""
    statement = {"Effect": effect, "Principal": {"AWS": whom}, "Action": "sts:AssumeRole"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return write("CreateRole", "08:00:00", roleName="Deploy", assumeRolePolicyDocument=text)


class TestAlone:
    """What the trail tells without any export."""

    @pytest.mark.parametrize(
        ("why", "by", "cause"),
        [
            (EXPLICIT, None, "long_term_key"),
            (f"{EXPLICIT}: {FORCED}", None, "long_term_key"),
            ("", None, "long_term_key"),
            (EXPLICIT, session(mfa=False), "session_without_mfa"),
        ],
    )
    @pytest.mark.parametrize("writes", [[POLICY, ATTACHED], [CREATED, POLICY, ATTACHED, ALLOWED]])
    def test_a_policy_in_force_that_demands_mfa(
        self, tell: Callable[..., Any], writes: list[Record], why: str, by: Any, cause: str
    ) -> None:
        """It denied; whether MFA would be enough, others may say, so that is not claimed."""
        claim, told = tell(*writes, describe(why, by=by))
        assert claim == (cause, "inferred", None)
        assert f"For: evaluated, NoMFA of {FORCED} (identity) denies the call." in told
        attached = f"2026-06-01 at 08:20:00 UTC (event {ATTACHED['eventID']})."
        assert f"For: bob attached MFA_Forced to user alice on {attached}" in told
        assert any("rebuilt from" in sentence for sentence in told)
        no_device = any("had no MFA device then" in sentence for sentence in told)
        assert no_device is (CREATED in writes)

    def test_a_session_that_was_revoked_lacks_no_mfa(self, tell: Callable[..., Any]) -> None:
        """Any session that is opened anew would do."""
        revoked = write(
            "PutUserPolicy",
            "08:30:00",
            userName="alice",
            policyName="AWSRevokeOlderSessions",
            policyDocument=document(
                "*", Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-06-01T08:25:00Z"}}
            ),
        )
        old = session(mfa=False, since="2026-06-01T08:00:00Z")
        claim, told = tell(revoked, describe(EXPLICIT, by=old))
        assert claim[0] != "session_without_mfa"
        assert any("AWSRevokeOlderSessions" in sentence for sentence in told)

    @pytest.mark.parametrize("why", ["", IMPLICIT])
    def test_what_nothing_allows_with_mfa_either(self, tell: Callable[..., Any], why: str) -> None:
        """Other policies may refuse it besides, but not let it pass."""
        claim, told = tell(CREATED, describe(why))
        assert claim[0] == "no_permission"
        assert claim[2] is False
        assert any("deny the call all the same" in sentence for sentence in told)

    @pytest.mark.parametrize(
        ("writes", "why"),
        [
            ([POLICY, ATTACHED], IMPLICIT),
            ([POLICY, ATTACHED], f"{EXPLICIT}: {IAM}:policy/Other"),
            ([POLICY, ATTACHED], f"{EXPLICIT.replace('an identity-based', 'a service control')}"),
            ([POLICY], EXPLICIT),
            ([ATTACHED], EXPLICIT),
        ],
    )
    def test_what_the_message_does_not_bear_out(
        self, tell: Callable[..., Any], writes: list[Record], why: str
    ) -> None:
        """No MFA is claimed where AWS names another reason, or the policy is not known."""
        claim, _ = tell(*writes, describe(why))
        assert claim[0] not in ("long_term_key", "session_without_mfa")

    @pytest.mark.parametrize(
        "undone",
        [
            write("DetachUserPolicy", "08:40:00", userName="alice", policyArn=FORCED),
            write(
                "CreatePolicyVersion",
                "08:40:00",
                answer={"policyVersion": {"versionId": "v2"}},
                policyArn=FORCED,
                policyDocument=document("s3:*"),
                setAsDefault=True,
            ),
            write("DeleteUser", "08:40:00", userName="alice"),
        ],
    )
    def test_what_is_no_more(self, tell: Callable[..., Any], undone: Record) -> None:
        """A policy that was detached, or changed, does not deny."""
        assert tell(POLICY, ATTACHED, undone, describe())[0] == UNKNOWN

    def test_what_is_not_yet(self, tell: Callable[..., Any]) -> None:
        """Nor one that is attached later."""
        assert tell(POLICY, ATTACHED, describe(time="08:15:00"))[0] == UNKNOWN

    def test_within_a_minute_both_states_may_hold(self, tell: Callable[..., Any]) -> None:
        """Where they do not come to the same, nothing is claimed, and the change is told."""
        claim, told = tell(POLICY, ATTACHED, describe(time="08:20:30"))
        assert claim == UNKNOWN
        change = f"Seen: bob attached MFA_Forced to user alice on 2026-06-01 at 08:20:00 UTC (event {ATTACHED['eventID']});"
        assert any(sentence.startswith(change) for sentence in told)

    def test_nothing_allows(self, tell: Callable[..., Any]) -> None:
        """Of whom all policies are known, it is proven, MFA or not."""
        claim, _ = tell(CREATED, describe(IMPLICIT))
        assert claim == ("no_permission", "proven", False)

    def test_a_role_that_was_made_with_nothing(self, tell: Callable[..., Any]) -> None:
        """Its session lacks what nobody gave it."""
        made = write(
            "CreateRole", "08:00:00", roleName="Deploy", assumeRolePolicyDocument=document()
        )
        claim, _ = tell(made, describe(IMPLICIT, by=role("Deploy")))
        assert claim == ("no_permission", "proven", False)

    def test_an_allow_that_demands_mfa(self, tell: Callable[..., Any]) -> None:
        """It is denied in the same words; the trail tells them apart."""
        demanding = document("ec2:*", "Allow", Condition={"Bool": {MFA: "true"}})
        put = ALLOWED | {
            "requestParameters": {
                "userName": "alice",
                "policyName": "work",
                "policyDocument": demanding,
            }
        }
        claim, _ = tell(CREATED, put, describe(IMPLICIT))
        assert claim == ("long_term_key", "inferred", None)

    def test_what_is_not_known_is_told(self, tell: Callable[..., Any]) -> None:
        """Per denial: whose creation is missing."""
        _, told = tell(POLICY, ATTACHED, describe())
        assert (
            "Seen: The trail does not hold the creation of user alice: what else it had is not"
            " known." in told
        )

    def test_roles_that_nobody_can_use_with_mfa(self, tell: Callable[..., Any]) -> None:
        """A workload's session has no device."""
        attached = write("AttachRolePolicy", "08:20:00", roleName="Deploy", policyArn=FORCED)
        by = role("Deploy", "i-0123456789abcdef0", ec2RoleDelivery="2.0")
        assert tell(POLICY, attached, describe(by=by))[0] == UNKNOWN

    def test_a_trust_policy(self, tell: Callable[..., Any]) -> None:
        """That of then decides, and it is known from the role's creation."""
        made = trusting("Allow", f"{IAM}:user/bob")
        why = "because no role trust policy allows the sts:AssumeRole action"
        message = refusal("sts:AssumeRole", on=f"{IAM}:role/Deploy", why=why)
        refused = denied("AssumeRole", "sts", message=message)
        assert tell(made, refused)[0] == ("trust_policy", "stated", False)

    def test_a_role_that_was_just_made(self, tell: Callable[..., Any]) -> None:
        """It takes seconds until it can be assumed: nothing about MFA changed."""
        message = refusal("sts:AssumeRole", on=f"{IAM}:role/Deploy")
        early = denied("AssumeRole", "sts", message=message, time="2026-06-01T08:00:07Z")
        claim, told = tell(trusting("Allow", ACCOUNT), early)
        assert claim == UNKNOWN
        assert any("created role Deploy" in sentence for sentence in told)

    def test_who_is_trusted_is_told_apart(self, lake_of: Callable[..., Lake]) -> None:
        """One is named by the trust policy, the other is not."""
        message = refusal("sts:AssumeRole", on=f"{IAM}:role/Deploy")
        both = [
            denied("AssumeRole", "sts", message=message, by=by)
            for by in (session(mfa=True), session("bob", "ASIAIOSFODNN7BOB0000", mfa=True))
        ]
        rows = lake_of(trusting("Deny", ALICE), *both).denials()
        told = dict(zip(rows["principal_name"], rows["evidence"].map(str), strict=True))
        assert "denies the call" in told["alice"]
        assert "denies the call" not in told["bob"]


NOW = {"AttachedManagedPolicies": [{"PolicyArn": FORCED}]}
INLINE = {"UserPolicyList": [{"PolicyName": "work", "PolicyDocument": json.loads(ALLOW)}]}


class TestWithAnExport:
    """The export tells the end, the trail tells what was different before."""

    def test_what_holds_still(self, tell: Callable[..., Any], tmp_path: Path) -> None:
        """Everything that binds is known: it is proven."""
        found = evidence(tmp_path / "e", **NOW, **INLINE)
        claim, told = tell(ATTACHED, describe(), evidence=found)
        assert claim == ("long_term_key", "proven", True)
        assert any("attached MFA_Forced" in sentence for sentence in told)

    def test_what_was_attached_after_the_call(
        self, tell: Callable[..., Any], tmp_path: Path
    ) -> None:
        """It may have been so before, or not: the export alone would have it that it was."""
        found = evidence(tmp_path / "e", **NOW)
        claim, _ = tell(ATTACHED, describe(time="08:00:00"), evidence=found)
        assert claim == UNKNOWN

    def test_what_was_detached_since(self, tell: Callable[..., Any], tmp_path: Path) -> None:
        """What was detached had been attached."""
        found = evidence(tmp_path / "e", **INLINE)
        undone = write("DetachUserPolicy", "09:30:00", userName="alice", policyArn=FORCED)
        claim, _ = tell(undone, describe(), evidence=found)
        assert claim == ("long_term_key", "proven", True)

    def test_an_export_that_does_not_agree(self, tell: Callable[..., Any], tmp_path: Path) -> None:
        """It is told, and not used for what the trail does not tell itself."""
        found = evidence(tmp_path / "e", **INLINE)
        claim, told = tell(ATTACHED, describe(), evidence=found)
        assert claim == ("long_term_key", "inferred", None)
        assert any("do not agree" in sentence for sentence in told)

    def test_whom_the_export_does_not_hold(self, tell: Callable[..., Any], tmp_path: Path) -> None:
        """Somebody who was deleted since is known by the trail."""
        found = evidence(tmp_path / "e")
        made = write("CreateUser", "08:00:00", userName="bob")
        gone = write("DeleteUser", "10:00:00", userName="bob")
        by = session("bob", "ASIAIOSFODNN7BOB0000", mfa=False)
        claim, _ = tell(made, gone, describe(by=by), evidence=found)
        assert claim == ("no_permission", "proven", False)


def test_barriers_are_statements_and_kinds() -> None:
    """What stands against a request, in AWS's order."""
    policy = Policy.parse(TEXT, name="MFA_Forced")
    request = Request(Caller.of_arn(ALICE), "ec2:DescribeInstances", "*", Context.of({}))
    decision = evaluate(request, Policies(identity=[policy], scps=[[policy]]))
    assert [match.policy_type for match in denies(decision)] == ["scp", "identity"]
    assert barriers(decision) == {("scp", "MFA_Forced", 0), ("identity", "MFA_Forced", 0)}
    none = evaluate(request, Policies())
    assert barriers(none) == {"identity"}
    told = Decisions(none, none, none)
    assert told.reasons()[0] == (
        "For: evaluated, no identity policy in the evidence allows the call."
    )


class TestFewRows:
    """Whatever the lake holds."""

    def test_no_denials(self, lake_of: Callable[..., Lake]) -> None:
        """A history that nobody asks for."""
        assert lake_of(POLICY, ATTACHED).denials().empty

    def test_denials_that_the_trail_tells_nothing_of(self, lake_of: Callable[..., Lake]) -> None:
        """They are as without it."""
        by = session("bob", "ASIAIOSFODNN7BOB0000", mfa=False)
        rows = lake_of(POLICY, ATTACHED, describe(by=by)).denials()
        assert rows["cause"].tolist() == ["undetermined"]
        assert not rows["evidence"].map(str).str.contains("rebuilt").any()

    def test_a_caller_whom_only_the_message_names(
        self, lake_of: Callable[..., Lake], tmp_path: Path
    ) -> None:
        """What such a record is signed with is not known, so nothing is evaluated."""
        lake = lake_of(POLICY, ATTACHED, describe(userIdentity={}))
        for rows in (lake.denials(), lake.denials(evidence=evidence(tmp_path / "e", **NOW))):
            assert rows["certainty"].tolist() == ["unknown"]
            assert "names too little" in rows["evidence"].map(str)[0]
