"""calls: each kind of credential has its named case, and what MFA the request carried."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from tests.records import (
    ACCOUNT,
    Record,
    call,
    issued,
    role,
    root,
    service,
    session,
    user,
    write_log,
)

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
S3_CONSOLE = "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488]"


def by(identity: Record, **fields: Any) -> Record:
    return call(by=identity, **fields)


def forwarded(identity: Record, name: str = "athena.amazonaws.com") -> Record:
    return by(identity | {"invokedBy": name}, sourceIPAddress=name, userAgent=name)


FEDERATED_USER = {
    "type": "FederatedUser",
    "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/alice",
    "accountId": ACCOUNT,
    "accessKeyId": "ASIAIOSFODNN7FED0000",
    "sessionContext": {
        "attributes": {"creationDate": "2026-06-01T08:00:00Z", "mfaAuthenticated": "false"}
    },
}
WEB_IDENTITY = {"federatedProvider": "arn:aws:iam::111122223333:oidc-provider/token.example.com"}
SERVICE_LINKED = role(
    "AWSServiceRoleForRDS", "SLRManagement", path="/aws-service-role/rds.amazonaws.com/"
)

# name: the record, its credential_kind, its mfa_present
CASES: dict[str, tuple[Record, str, str | None]] = {
    # An IAM user's or root's own keys
    "IAM user, long-term key": (by(user()), "long_term_key", "absent"),
    "root, long-term key": (by(root()), "root_key", "absent"),
    "long-term key, empty session context": (
        by(user() | {"sessionContext": {}}),
        "long_term_key",
        "absent",
    ),
    # Sessions of users
    "GetSessionToken without MFA": (by(session(mfa=False)), "session_token", "false"),
    "GetSessionToken with MFA": (by(session(mfa=True)), "session_token", "true"),
    "temporary key, MFA not recorded": (by(session(mfa=None)), "session_token", None),
    "temporary key, MFA neither true nor false": (
        by(
            user(key="ASIAIOSFODNN7ODD0000")
            | {"sessionContext": {"attributes": {"mfaAuthenticated": "yes"}}}
        ),
        "session_token",
        None,
    ),
    "root, GetSessionToken": (
        by(root("ASIAIOSFODNN7ROOT001") | {"sessionContext": session(mfa=True)["sessionContext"]}),
        "session_token",
        "true",
    ),
    # The console
    "console, marked": (
        by(session(mfa=True, key="ASIAIOSFODNN7CONS001"), sessionCredentialFromConsole="true"),
        "console",
        "true",
    ),
    "console without MFA, marked": (
        by(session(mfa=False, key="ASIAIOSFODNN7CONS002"), sessionCredentialFromConsole="true"),
        "console",
        "false",
    ),
    "console, marked in another event of the session": (
        by(session(mfa=True, key="ASIAIOSFODNN7CONS001")),
        "console",
        "true",
    ),
    "console before the mark, by the browser": (
        by(session(mfa=True, key="ASIAIOSFODNN7CONS003"), userAgent=BROWSER),
        "console",
        "true",
    ),
    "S3 console, which signs with AKIA": (
        by(session(mfa=True, key="AKIAIOSFODNN7S3CONS0"), userAgent=S3_CONSOLE),
        "console",
        "true",
    ),
    "AKIA with a session that is no console's": (
        by(session(mfa=True, key="AKIAIOSFODNN7ODD0001")),
        "session_token",
        "true",
    ),
    "root in the console": (
        by(
            root("ASIAIOSFODNN7ROOT002") | {"sessionContext": session(mfa=False)["sessionContext"]},
            userAgent=BROWSER,
        ),
        "console",
        "false",
    ),
    "sign-in, no key": (
        by(user(key=""), eventType="AwsConsoleSignIn", userAgent=BROWSER),
        "console",
        None,
    ),
    "long-term key with a browser's user agent": (
        by(user(), userAgent=BROWSER),
        "long_term_key",
        "absent",
    ),
    "console as it was in 2016": (
        by(
            session(mfa=False, key="ASIAIOSFODNN7CONS004") | {"invokedBy": "signin.amazonaws.com"},
            userAgent="signin.amazonaws.com",
        ),
        "console",
        "false",
    ),
    "a session of GetSessionToken, its issue in the lake, with a console in its agent": (
        by(session(mfa=True, key="ASIAIOSFODNN7GST0000"), userAgent="[S3Console/0.4]"),
        "session_token",
        "true",
    ),
    "a program with console in its name": (
        by(session(mfa=True, key="ASIAIOSFODNN7GST0001"), userAgent="sdk app/console-sync"),
        "session_token",
        "true",
    ),
    # Roles
    "root of a member account, opened by the organization": (
        by(root("ASIAIOSFODNN7ROOT003") | {"sessionContext": {"assumedRoot": "true"}}),
        "assumed_role",
        None,
    ),
    "a role named like an instance, opened by a user": (
        by(role("Deploy", "i-0123456789abcdef0", key="ASIAIOSFODNN7HIDE000")),
        "assumed_role",
        "false",
    ),
    "role opened by a user, without MFA": (by(role(mfa=False)), "assumed_role", "false"),
    "role opened by a user, with MFA": (by(role(mfa=True)), "assumed_role", "true"),
    # Federation: CloudTrail's false says nothing of the identity provider's MFA
    "AssumeRoleWithSAML, its issue in the lake": (
        by(role("Corp", "alice@example.com", "ASIAIOSFODNN7SAML000")),
        "federated",
        "absent",
    ),
    "AssumeRoleWithWebIdentity, its issue in the lake": (
        by(role("Ci", "build", "ASIAIOSFODNN7OIDC000")),
        "federated",
        "absent",
    ),
    "web identity data": (
        by(role("Ci", "build", "ASIAIOSFODNN7OIDC001", webIdFederationData=WEB_IDENTITY)),
        "federated",
        "absent",
    ),
    "empty web identity data is none": (by(role(webIdFederationData={})), "assumed_role", "false"),
    "Identity Center, by the role's name": (
        by(role("AWSReservedSSO_Admin_0123456789abcdef", "alice@example.com")),
        "federated",
        "absent",
    ),
    "Identity Center, on behalf of a user": (
        by(role() | {"onBehalfOf": {"userId": "u", "identityStoreArn": "a"}}),
        "federated",
        "absent",
    ),
    "GetFederationToken": (by(FEDERATED_USER), "federated", "absent"),
    "the SAML sign-in itself": (
        by({"type": "SAMLUser", "userName": "alice"}),
        "federated",
        "absent",
    ),
    # Workloads
    "EC2, by the delivery of its role": (
        by(role("web", "anything", ec2RoleDelivery="2.0")),
        "workload_role",
        "false",
    ),
    "EC2, by the session's name": (
        by(role("web", "i-0123456789abcdef0")),
        "workload_role",
        "false",
    ),
    "a machine outside AWS, by the session's name": (
        by(role("ssm", "mi-0123456789abcdef0")),
        "workload_role",
        "false",
    ),
    "Lambda, by what the credentials are for": (
        by(role("fn", "fn") | {"inScopeOf": {"issuerType": "AWS::Lambda::Function"}}),
        "workload_role",
        "false",
    ),
    "ECS, by its environment": (
        by(role("task", "0123"), userAgent="aws-sdk-go exec-env/AWS_ECS_FARGATE"),
        "workload_role",
        "false",
    ),
    "a role that a service opened for itself": (
        forwarded(role("Logs", "delivery", "ASIAIOSFODNN7SERV000"), "cloudtrail.amazonaws.com"),
        "workload_role",
        "false",
    ),
    "a role session named like an instance, but not quite": (
        by(role("web", "i-am-alice")),
        "assumed_role",
        "false",
    ),
    # Services
    "a service re-uses a long-term key's credentials": (
        forwarded(session(mfa=False, key="ASIAIOSFODNN7FORW000")),
        "forwarded",
        "false",
    ),
    "a service re-uses a session with MFA": (
        forwarded(session(mfa=True, key="ASIAIOSFODNN7FORW001"), "AWS Internal"),
        "forwarded",
        "true",
    ),
    "a service re-uses an instance's role": (
        forwarded(role(key="ASIAIOSFODNN7FORW003", ec2RoleDelivery="2.0")),
        "forwarded",
        "false",
    ),
    "a service re-uses a single-sign-on session": (
        forwarded(role("AWSReservedSSO_Admin_0123456789abcdef", "alice@example.com")),
        "forwarded",
        None,
    ),
    "a service re-uses a long-term key, no session recorded": (
        forwarded(user()),
        "forwarded",
        "false",
    ),
    "a service re-uses a role": (forwarded(role(key="ASIAIOSFODNN7FORW002")), "forwarded", "false"),
    "a service on its own behalf": (by(service()), "aws_service", "absent"),
    "a service without a type": (
        by({"accountId": ACCOUNT, "invokedBy": "secretsmanager.amazonaws.com"}),
        "aws_service",
        "absent",
    ),
    "a service-linked role": (
        forwarded(SERVICE_LINKED, "rds.amazonaws.com"),
        "aws_service",
        "false",
    ),
    # Others
    "another account's principal": (
        by({"type": "AWSAccount", "principalId": "AROAX:alice", "accountId": "999999999999"}),
        "cross_account",
        None,
    ),
    "anonymous, by its account": (
        by({"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}),
        "anonymous",
        "absent",
    ),
    "anonymous, without a type": (by({}), "anonymous", "absent"),
    "no identity at all": (
        {key: value for key, value in call().items() if key != "userIdentity"},
        "unknown",
        None,
    ),
    "a type nobody knows": (by({"type": "Unknown", "accountId": ACCOUNT}), "unknown", None),
    "an IAM user without a key": (by(user(key=None)), "unknown", None),
    "an identity with a name alone": (by({"userName": "alice"}), "unknown", None),
    "on behalf of nobody": (by(role() | {"onBehalfOf": {}}), "assumed_role", "false"),
    "a key that was hidden": (by(user(key="HIDDEN_DUE_TO_SECURITY_REASONS")), "unknown", None),
}

ISSUES = [
    issued("GetSessionToken", "ASIAIOSFODNN7GST0000", by=user(), request={}),
    issued("AssumeRole", "ASIAIOSFODNN7HIDE000", by=user(), request={}),
    issued("AssumeRole", "HIDDEN_DUE_TO_SECURITY_REASONS", by=service(), request={}),
    issued(
        "AssumeRoleWithSAML",
        "ASIAIOSFODNN7SAML000",
        by={"type": "SAMLUser", "userName": "alice@example.com"},
        request={},
        event_id="saml",
    ),
    issued(
        "AssumeRoleWithWebIdentity",
        "ASIAIOSFODNN7OIDC000",
        by={"type": "WebIdentityUser", "userName": "build"},
        request={},
    ),
    issued(
        "AssumeRole",
        "ASIAIOSFODNN7SERV000",
        by=service("cloudtrail.amazonaws.com"),
        request={},
    ),
]


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return the view for every case, by its name."""
    folder = tmp_path_factory.mktemp("calls")
    named = [record | {"eventID": name} for name, (record, *_) in CASES.items()]
    lake = Lake(folder / "lake")
    lake.ingest(write_log(folder / "log.json", [*named, *ISSUES]))
    return lake.sql("select * from calls").set_index("event_id")


@pytest.mark.parametrize("name", CASES)
def test_credential_kind(calls: pd.DataFrame, name: str) -> None:
    """The kind is what signed the call."""
    assert calls.loc[name, "credential_kind"] == CASES[name][1]


@pytest.mark.parametrize("name", CASES)
def test_mfa_present(calls: pd.DataFrame, name: str) -> None:
    """The state of aws:MultiFactorAuthPresent, as far as it can be rebuilt."""
    found = calls["mfa_present"].astype(object).where(calls["mfa_present"].notna(), None)
    assert found[name] == CASES[name][2]


@pytest.mark.parametrize(
    ("name", "principal"),
    [
        ("IAM user, long-term key", "alice"),
        ("root, long-term key", "root"),
        ("role opened by a user, with MFA", "Deploy"),
        ("Identity Center, by the role's name", "alice@example.com"),
        ("GetFederationToken", "alice"),
        ("EC2, by the session's name", "web"),
        ("a service on its own behalf", "delivery.logs.amazonaws.com"),
        ("a service re-uses a role", "Deploy"),
        ("a service re-uses a single-sign-on session", "alice@example.com"),
        ("another account's principal", "999999999999"),
    ],
)
def test_principal_name(calls: pd.DataFrame, name: str, principal: str) -> None:
    """The name that people use: for a federated session it is the person."""
    assert calls.loc[name, "principal_name"] == principal


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("a service re-uses an instance's role", "workload"),
        ("a service re-uses a single-sign-on session", "federated"),
    ],
)
def test_behind_a_service_the_caller_is_still_known(
    calls: pd.DataFrame, name: str, flag: str
) -> None:
    """Whom no device helps is not forgotten."""
    assert calls[flag][name] == True  # noqa: E712


def test_a_session_is_traced_to_its_issue(calls: pd.DataFrame) -> None:
    """The event that handed out the key is named."""
    row = calls.loc["AssumeRoleWithSAML, its issue in the lake"]
    assert (row["issued_by"], row["issued_in"]) == ("AssumeRoleWithSAML", "saml")
    assert row["session_name"] == "alice@example.com"
    assert f"{row['session_started']:%FT%T}" == "2026-06-01T09:00:00"


def test_every_event_is_one_row(calls: pd.DataFrame) -> None:
    """Joins neither lose nor double an event."""
    assert calls.index.is_unique
    assert len(calls) == len(CASES) + len(ISSUES)
