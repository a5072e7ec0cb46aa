"""Proof: the policies are evaluated, and nothing is claimed that a withheld one could change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Evidence, Lake
from cloudtrail_mfa.demo import sample_evidence, sample_logs
from tests.records import (
    ACCOUNT,
    BUCKET,
    Record,
    denied,
    issued,
    refusal,
    role,
    session,
    user,
)

IAM = f"arn:aws:iam::{ACCOUNT}"
MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
FORCED = {
    "Sid": "NoMFA",
    "Effect": "Deny",
    "NotAction": "sts:GetSessionToken",
    "Resource": "*",
    "Condition": {"BoolIfExists": {MFA: "false"}},
}
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def evidence(
    folder: Path,
    *statements: dict[str, Any],
    scp: tuple[dict[str, Any], ...] | None = (),
    resources: dict[str, Any] | None = None,
    boundary: dict[str, Any] | None = None,
    trust: dict[str, Any] | None = None,
) -> Evidence:
    """Return evidence in which alice and the role Deploy have these statements."""
    inline = [{"PolicyName": "p", "PolicyDocument": document(*statements)}]
    limit = {"PermissionsBoundaryArn": f"{IAM}:policy/Boundary"}
    version = {"Document": boundary, "IsDefaultVersion": True}
    details = {
        "UserDetailList": [
            {
                "UserName": "alice",
                "Arn": f"{IAM}:user/alice",
                "UserPolicyList": inline,
                **({"PermissionsBoundary": limit} if boundary else {}),
            }
        ],
        "RoleDetailList": [
            {
                "RoleName": "Deploy",
                "Arn": f"{IAM}:role/Deploy",
                "RolePolicyList": inline,
                "AssumeRolePolicyDocument": trust or document(),
            }
        ],
        "Policies": [{"Arn": f"{IAM}:policy/Boundary", "PolicyVersionList": [version]}],
    }
    folder.mkdir(exist_ok=True)
    (folder / "account-authorization-details.json").write_text(json.dumps(details))
    (folder / "rcp").mkdir(exist_ok=True)
    if scp is not None:
        (folder / "scp").mkdir(exist_ok=True)
        for number, policy in enumerate(scp):
            (folder / "scp" / f"{number}.json").write_text(json.dumps(policy))
    known = {f"arn:aws:s3:::{BUCKET}": None} | (resources or {})
    (folder / "resource-policies.json").write_text(json.dumps(known))
    return Evidence.load(folder)


@pytest.fixture
def prove(lake_of: Callable[..., Lake], tmp_path: Path) -> Callable[..., tuple[Any, Any, Any]]:
    """Return a function that gives cause, certainty and mfa_would_allow of one denial."""

    def told(record: Record, *statements: dict[str, Any], **parts: Any) -> tuple[Any, Any, Any]:
        found = evidence(tmp_path / "evidence", *statements, **parts)
        (row,) = lake_of(record).denials(evidence=found).to_dict("records")
        allowed = row["mfa_would_allow"]
        return row["cause"], row["certainty"], None if pd.isna(allowed) else allowed

    return told


def get(message: str = "Access Denied", **fields: Any) -> Record:
    """Return a refused read of an object in the one bucket."""
    return denied(
        "GetObject",
        message=message,
        requestParameters={"bucketName": BUCKET, "key": "k"},
        **fields,
    )


def describe(**fields: Any) -> Record:
    """Return a refused call of a service whose resources have no policies."""
    return denied("DescribeInstances", "ec2", message=refusal("ec2:DescribeInstances"), **fields)


class TestCauses:
    """Each cause, with everything that binds the request in the evidence."""

    def test_a_long_term_key(self, prove: Callable[..., Any]) -> None:
        """Denied by the MFA policy, allowed with MFA: even an old message is enough then."""
        assert prove(get(), ALLOW, FORCED) == ("long_term_key", "proven", True)

    def test_a_session_without_mfa(self, prove: Callable[..., Any]) -> None:
        """The same for a session."""
        by = session(mfa=False)
        assert prove(get(by=by), ALLOW, FORCED) == ("session_without_mfa", "proven", True)

    def test_mfa_that_is_too_old(self, prove: Callable[..., Any]) -> None:
        """An age condition."""
        old = FORCED | {"Condition": {"NumericGreaterThanIfExists": {AGE: "60"}}}
        by = session(mfa=True, since="2026-06-01T08:00:00Z")
        assert prove(get(by=by), ALLOW, old) == ("mfa_expired", "proven", True)

    def test_mfa_that_is_too_old_where_a_session_without_it_passes(
        self, prove: Callable[..., Any]
    ) -> None:
        """The age condition denies nothing that has no age; it is what denied all the same."""
        old = FORCED | {"Condition": {"NumericGreaterThan": {AGE: "60"}}}
        by = session(mfa=True, since="2026-06-01T08:00:00Z")
        assert prove(get(by=by), ALLOW, old) == ("mfa_expired", "proven", True)

    def test_mfa_that_is_not_enough(self, prove: Callable[..., Any]) -> None:
        """The MFA policy denies, and nothing allows."""
        assert prove(describe(), ALLOW, FORCED) == ("mfa_not_sufficient", "proven", False)

    def test_an_allow_that_demands_mfa(self, prove: Callable[..., Any]) -> None:
        """AWS's message says that no policy allows, and yet MFA is what is missing."""
        demanding = ALLOW | {"Condition": {"Bool": {MFA: "true"}}}
        message = refusal(
            "s3:GetObject",
            on=f'"arn:aws:s3:::{BUCKET}/k"',
            why="because no identity-based policy allows the s3:GetObject action",
        )
        assert prove(get(message), demanding) == ("long_term_key", "proven", True)

    def test_no_permission(self, prove: Callable[..., Any]) -> None:
        """Nothing allows, MFA or not."""
        assert prove(describe(), ALLOW) == ("no_permission", "proven", False)

    def test_another_deny(self, prove: Callable[..., Any]) -> None:
        """MFA has no part in it."""
        deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
        assert prove(get(), ALLOW, deny) == ("explicit_deny", "proven", False)

    def test_a_service_control_policy(self, prove: Callable[..., Any]) -> None:
        """Of the organization."""
        full = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
        deny = document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
        told = prove(get(), ALLOW, scp=(full, deny))
        assert told == ("service_control_policy", "proven", False)

    def test_a_boundary(self, prove: Callable[..., Any]) -> None:
        """It does not let the call pass."""
        told = prove(describe(), ALLOW | {"Action": "ec2:*"}, boundary=document(ALLOW))
        assert told == ("permissions_boundary", "proven", False)

    def test_a_bucket_policy(self, prove: Callable[..., Any]) -> None:
        """It denies."""
        deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
        told = prove(get(), ALLOW, resources={f"arn:aws:s3:::{BUCKET}": document(deny)})
        assert told == ("resource_policy", "proven", False)

    def test_a_bucket_policy_that_demands_mfa(self, prove: Callable[..., Any]) -> None:
        """Whose condition is the MFA key's."""
        deny: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
        deny |= {"Resource": "*", "Condition": {"BoolIfExists": {MFA: "false"}}}
        told = prove(get(), ALLOW, resources={f"arn:aws:s3:::{BUCKET}": document(deny)})
        assert told == ("long_term_key", "proven", True)

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            ({"Bool": {MFA: "true"}}, ("long_term_key", "proven", True)),
            ({"StringEquals": {"aws:username": "bob"}}, ("trust_policy", "proven", False)),
        ],
    )
    def test_a_trust_policy(
        self, prove: Callable[..., Any], condition: dict[str, Any], expected: tuple[Any, ...]
    ) -> None:
        """It has to allow by itself, and may demand MFA."""
        arn = f"{IAM}:role/Deploy"
        asked = {"roleArn": arn, "roleSessionName": "x"}
        message = refusal("sts:AssumeRole", on=arn)
        record = denied("AssumeRole", "sts", message=message, requestParameters=asked)
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"{IAM}:user/alice"},
            "Action": "sts:AssumeRole",
            "Condition": condition,
        }
        assert prove(record, ALLOW, trust=document(trust)) == expected

    def test_who_cannot_have_mfa_is_told_so(
        self, lake_of: Callable[..., Lake], tmp_path: Path
    ) -> None:
        """That MFA would do is known, and that it cannot be had."""
        found = evidence(tmp_path / "evidence", ALLOW, FORCED)
        by = role("Deploy", "i-0123456789abcdef0", ec2RoleDelivery="2.0")
        issue = denied("x", event_id="x", code="Throttling", by=by)
        lake = lake_of(get(by=by), issue)
        (row,) = lake.denials(evidence=found).to_dict("records")
        assert row["certainty"] != "proven"  # whether a session policy was passed is not known
        assert "get-session-token" not in row["remedy"]

    def test_a_second_action_that_is_not_allowed(self, prove: Callable[..., Any]) -> None:
        """An object with an access control list needs two; with both allowed MFA would do."""
        asked = {"bucketName": BUCKET, "key": "k", "x-amz-acl": ["private"]}
        record = denied("PutObject", requestParameters=asked)
        put, both = ALLOW | {"Action": "s3:PutObject"}, ALLOW | {"Action": "s3:PutObject*"}
        acl = ALLOW | {"Effect": "Deny", "Action": "s3:PutObjectAcl"}
        assert prove(record, both, FORCED) == ("long_term_key", "proven", True)
        assert prove(record, both, acl, FORCED) == ("mfa_not_sufficient", "proven", False)
        assert prove(record, put, FORCED)[2] is None  # a list may allow what no policy does

    def test_a_session_that_aws_itself_keeps_from_iam(
        self, lake_of: Callable[..., Lake], tmp_path: Path
    ) -> None:
        """Without MFA GetSessionToken's credentials do not reach it, whatever policies allow."""
        found = evidence(tmp_path / "evidence", ALLOW | {"Action": "*"})
        issue = issued(
            "GetSessionToken", "ASIAIOSFODNN7ALICE00", by=user(), request={"durationSeconds": 900}
        )
        record = denied("ListUsers", "iam", by=session(mfa=False))
        (row,) = lake_of(issue, record).denials(evidence=found).to_dict("records")
        assert (row["cause"], row["certainty"]) == ("session_without_mfa", "proven")
        assert row["mfa_would_allow"]

    @pytest.mark.parametrize(
        "condition",
        [
            {"NumericGreaterThanIfExists": {AGE: "60"}},
            {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
        ],
    )
    def test_times_that_cannot_be(
        self, lake_of: Callable[..., Lake], tmp_path: Path, condition: dict[str, Any]
    ) -> None:
        """A record of the year 2999, or of a session of the year 1000, does not end the answer."""
        found = evidence(tmp_path / "evidence", ALLOW, FORCED | {"Condition": condition})
        odd = get(by=session(mfa=True, since="1000-01-01T00:00:00Z"), time="2999-01-01T00:00:00Z")
        rows = lake_of(odd, get()).denials(evidence=found)
        assert rows["certainty"].tolist() == ["proven", "proven"]

    def test_calls_without_an_action_do_not_end_the_answer(
        self, lake_of: Callable[..., Lake], tmp_path: Path
    ) -> None:
        """PartiQL's statement decides which action it is: the other row is proven all the same."""
        found = evidence(tmp_path / "evidence", ALLOW, FORCED)
        odd = denied("ExecuteStatement", "dynamodb")
        rows = lake_of(odd, get()).denials(evidence=found).set_index("event_name")
        assert rows["certainty"].to_dict() == {"ExecuteStatement": "unknown", "GetObject": "proven"}


class TestNotProven:
    """What the evidence does not carry is not claimed."""

    def test_policies_that_allow_have_changed(self, prove: Callable[..., Any]) -> None:
        """The rules' verdict stands."""
        assert prove(get(), ALLOW) == ("undetermined", "unknown", None)

    def test_a_denial_that_is_not_the_messages(self, prove: Callable[..., Any]) -> None:
        """The message tells of another policy than the evidence holds."""
        message = refusal("s3:GetObject", why="with an explicit deny in a service control policy")
        assert prove(get(message), FORCED) == ("service_control_policy", "stated", None)

    def test_an_unlisted_bucket(self, prove: Callable[..., Any]) -> None:
        """Its policy might deny with MFA too."""
        record = denied("GetObject", requestParameters={"bucketName": "other", "key": "k"})
        assert prove(record, ALLOW, FORCED)[1:] == ("unknown", None)

    def test_withheld_control_policies(self, prove: Callable[..., Any]) -> None:
        """They might deny with MFA too."""
        assert prove(get(), ALLOW, FORCED, scp=None) == ("undetermined", "unknown", None)

    def test_another_account(self, prove: Callable[..., Any]) -> None:
        """The evidence is not about its users."""
        by = user() | {"arn": "arn:aws:iam::999999999999:user/alice"}
        assert prove(get(by=by), ALLOW, FORCED) == ("undetermined", "unknown", None)

    def test_a_session_that_was_revoked(self, lake_of: Callable[..., Lake], tmp_path: Path) -> None:
        """Any new session would do, with MFA or not; and each call is judged by its own time."""
        revoked: dict[str, Any] = {"Effect": "Deny", "Action": "*", "Resource": "*"}
        revoked |= {"Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-06-01T10:00:00Z"}}}
        found = evidence(tmp_path / "evidence", ALLOW, revoked)
        by = session(mfa=False)
        early, late = (
            get(by=by, time="2026-06-01T09:30:00Z"),
            get(by=by, time="2026-06-01T11:00:00Z"),
        )
        rows = lake_of(early, late).denials(evidence=found)
        assert rows["cause"].tolist() == ["explicit_deny", "explicit_deny"]
        assert rows["mfa_would_allow"].tolist() == [False, True]

    @pytest.mark.parametrize("name", ["GetSessionToken", "GetFederationToken"])
    def test_what_no_session_can_call(self, prove: Callable[..., Any], name: str) -> None:
        """A session of GetSessionToken calls nothing else of STS."""
        record = denied(name, "sts", message=refusal(f"sts:{name}"))
        statement = FORCED | {"NotAction": "iam:*"}
        assert prove(record, ALLOW | {"Action": "*"}, statement)[2] is None

    @pytest.mark.parametrize(
        "record",
        [
            denied("RunInstances", "ec2", message=refusal("ec2:RunInstances", on="*")),
            denied(
                "CreateFunction20150331",
                "lambda",
                message=refusal("lambda:CreateFunction", on="*"),
                requestParameters={"role": f"{IAM}:role/Deploy"},
            ),
            denied("CopyObject", requestParameters={"bucketName": BUCKET, "key": "k"}),
            denied("DeleteObjects", requestParameters={"bucketName": BUCKET}),
        ],
    )
    def test_what_needs_more_than_one_action(
        self, prove: Callable[..., Any], record: Record
    ) -> None:
        """That the one named would be allowed is not that the call would."""
        assert prove(record, ALLOW | {"Action": "*"}, FORCED)[2] is None

    def test_an_action_that_is_guessed(self, prove: Callable[..., Any]) -> None:
        """The event's name may not be the action's."""
        record = denied("GetStorageLensDashboardDataInternal")
        assert prove(record, ALLOW, FORCED) == ("undetermined", "unknown", None)

    @pytest.mark.parametrize("statement", [FORCED, ALLOW | {"Action": "ec2:*"}])
    def test_lists_and_grants_that_may_allow(
        self, prove: Callable[..., Any], statement: dict[str, Any]
    ) -> None:
        """S3's access control lists and KMS's grants are no policies."""
        assert prove(get(), statement)[1] != "proven"

    def test_another_accounts_resource(self, prove: Callable[..., Any]) -> None:
        """Its owner's policies are not in the evidence, whatever this account lists."""
        arn = "arn:aws:sqs:us-east-1:999999999999:q"
        record = denied("SendMessage", "sqs", message=refusal("sqs:SendMessage", on=arn))
        assert prove(record, ALLOW | {"Action": "*"}, FORCED, resources={arn: None})[2] is None

    @pytest.mark.parametrize("service", ["glacier", "ssm", "organizations"])
    def test_services_whose_resources_may_have_policies(
        self, prove: Callable[..., Any], service: str
    ) -> None:
        """Of those that are not known to have none, none is claimed."""
        record = denied("x", service, message=refusal(f"{service}:x", on="arn:aws:x:::y"))
        assert prove(record, ALLOW | {"Action": "*"}, FORCED)[2] is None

    @pytest.mark.parametrize("fields", [{}, {"invokedBy": "athena.amazonaws.com"}])
    def test_what_policies_saw_of_mfa_is_doubtful(
        self, prove: Callable[..., Any], fields: dict[str, str]
    ) -> None:
        """In a role session, and behind a service."""
        by = (session(mfa=False) | fields) if fields else role("Deploy", "x", mfa=False)
        source = {"sourceIPAddress": "athena.amazonaws.com"} if fields else {}
        assert prove(get(by=by, **source), ALLOW, FORCED)[1:] == ("unknown", None)

    def test_a_named_policy_that_is_not_in_the_evidence(self, prove: Callable[..., Any]) -> None:
        """Another Deny that is there was not the one."""
        why = f"with an explicit deny in an identity-based policy: {IAM}:policy/RegionLock"
        message = refusal("s3:GetObject", on=f'"arn:aws:s3:::{BUCKET}/k"', why=why)
        assert prove(get(message), ALLOW, FORCED) == ("undetermined", "unknown", None)

    @pytest.mark.parametrize("arn", ["weird", "", "arn:aws:iam", "arn:aws:iam::x:user/alice"])
    def test_odd_arns_are_no_account(self, prove: Callable[..., Any], arn: str) -> None:
        """One bad record does not end the answer."""
        assert prove(get(by=user() | {"arn": arn}), ALLOW, FORCED)[0] == "undetermined"

    def test_the_key_of_an_object(self, prove: Callable[..., Any]) -> None:
        """S3 calls KMS with a context of its own: what the key says is not told here."""
        key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
        asked = {
            "bucketName": BUCKET,
            "key": "k",
            "x-amz-server-side-encryption-aws-kms-key-id": key,
        }
        record = denied("PutObject", requestParameters=asked)
        deny = document({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"})
        told = prove(record, ALLOW | {"Action": "*"}, FORCED, resources={key: deny})
        assert told[2] is None

    def test_a_privileged_task_limits_its_session(
        self, lake_of: Callable[..., Lake], tmp_path: Path
    ) -> None:
        """AssumeRoot passes a policy, too."""
        found = evidence(tmp_path / "evidence", ALLOW)
        task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
        issue = issued(
            "AssumeRoot",
            "ASIAIOSFODNN7ROOT000",
            by=user(),
            request={"targetPrincipal": ACCOUNT, "taskPolicyArn": task},
        )
        rows = lake_of(issue).sql("select session_policy from issued")
        assert rows["session_policy"].tolist() == [True]
        assert found.gaps == ()

    def test_an_access_point(self, prove: Callable[..., Any]) -> None:
        """It stands for a bucket that the record does not name."""
        point = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/ap"
        record = denied("GetObject", requestParameters={"bucketName": point, "key": "k"})
        assert prove(record, ALLOW, FORCED, resources={point: None})[2] is None

    def test_an_endpoint(self, prove: Callable[..., Any]) -> None:
        """Its policy is in no export."""
        assert prove(get(vpcEndpointId="vpce-1"), ALLOW, FORCED)[1] != "proven"

    def test_the_reason_is_in_the_evidence(
        self, lake_of: Callable[..., Lake], tmp_path: Path
    ) -> None:
        """What is not known is named."""
        found = evidence(tmp_path / "evidence", ALLOW, FORCED, scp=None)
        (row,) = lake_of(get()).denials(evidence=found).to_dict("records")
        assert "Seen: The scp policies are not known." in row["evidence"]

    def test_settings_and_services_are_no_matter_of_policies(
        self, prove: Callable[..., Any]
    ) -> None:
        """Their verdicts stand."""
        told = prove(get("IAM user access not activated"), ALLOW, FORCED)
        assert told == ("not_authorization", "stated", False)


# who, credential, cause, certainty, with MFA: how many, with everything in the evidence
STORY = {
    ("alice", "long_term_key", "long_term_key", "proven", True): 3,
    ("alice", "session_token", "mfa_expired", "proven", True): 1,
    ("bob", "console", "session_without_mfa", "proven", True): 3,
    ("carol", "long_term_key", "undetermined", "unknown", None): 2,
    ("carol", "forwarded", "session_without_mfa", "inferred", None): 1,
    ("Deploy", "assumed_role", "no_permission", "proven", False): 1,
    ("dave@example.com", "federated", "no_permission", "proven", False): 1,
    ("Admin", "assumed_role", "service_control_policy", "proven", False): 1,
    ("web-server", "workload_role", "no_permission", "proven", False): 12,
    ("delivery.logs.amazonaws.com", "aws_service", "service_request", "stated", None): 288,
}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake of the sample logs."""
    lake = Lake(tmp_path_factory.mktemp("samples") / "lake")
    lake.ingest(sample_logs())
    return lake


def verdicts(lake: Lake, found: Evidence) -> pd.DataFrame:
    rows = lake.denials(evidence=found).set_index("event_id")
    return rows[["cause", "certainty", "mfa_would_allow"]].astype(object)


def test_the_story_is_proven(samples: Lake) -> None:
    """All but carol's.

    A bucket of another organization; an AssumeRole of which the record does not tell whether it
    carried a code; a call that a service made.
    """
    rows = samples.summary(evidence=Evidence.load(sample_evidence()))
    names = ["principal_name", "credential_kind", "cause", "certainty", "mfa_would_allow"]
    cells = rows[[*names, "denials"]].astype(object).where(rows.notna(), None)
    assert {tuple(row[:5]): row[5] for row in cells.itertuples(index=False)} == STORY


WITHHELD = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies", "scp", "rcp"]


@pytest.mark.parametrize("withheld", [*WITHHELD, "resource-policies.json", "example-reports"])
def test_what_is_withheld_never_turns_a_proof(samples: Lake, tmp_path: Path, withheld: str) -> None:
    """What is still proven is as it was with everything; of the rest only that MFA does not help."""
    folder = Path(shutil.copytree(sample_evidence(), tmp_path / "evidence"))
    path = folder / withheld
    if path.is_dir():
        shutil.rmtree(path)
    elif path.is_file():
        path.unlink()
    else:
        target = folder / "account-authorization-details.json"
        if withheld == "example-reports":
            target = folder / "resource-policies.json"
        content = json.loads(target.read_text())
        for key in [key for key in content if withheld in key]:
            del content[key]
        target.write_text(json.dumps(content))
    full = verdicts(samples, Evidence.load(sample_evidence()))
    less = verdicts(samples, Evidence.load(folder))
    proven = less["certainty"] == "proven"
    assert less[proven].equals(full[proven])
    open_ = less[~proven & less["mfa_would_allow"].notna()]
    assert open_["mfa_would_allow"].equals(full.loc[open_.index, "mfa_would_allow"])
    assert not open_["mfa_would_allow"].any()
    assert (full["certainty"] == "proven").sum() > proven.sum()
