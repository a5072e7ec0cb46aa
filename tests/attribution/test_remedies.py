"""Remedies: what to do, with everything filled in that is known, and never less MFA."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_mfa import CAUSES, Evidence, Lake
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.remedies import RESOURCE, exempting, fill, with_resource
from cloudtrail_mfa.iam import lint
from tests.records import ACCOUNT, BUCKET, call, denied, issued, session, user

IAM = f"arn:aws:iam::{ACCOUNT}"
PHONE = f"{IAM}:mfa/alice-phone"
ALICE: dict[str, Any] = {
    "account_id": ACCOUNT,
    "principal_arn": f"{IAM}:user/alice",
    "principal_name": "alice",
    "access_key_id": "AKIAIOSFODNN7ALICE00",
    "credential_kind": "long_term_key",
    "iam_action": "s3:GetObject",
}
ROLE = {"credential_kind": "assumed_role", "role_arn": f"{IAM}:role/Deploy", "principal_arn": "x"}


def remedy(cause: str, **fields: Any) -> str:
    told = next(found.remedy for found in CAUSES.values() if found.name == cause)
    return fill(told, Denial(**(ALICE | fields)))


def commands(text: str) -> list[list[str]]:
    """Return the commands of a remedy as a shell would take them."""
    found = re.findall(r"`([^`]*)`", text)
    return [shlex.split(each) for each in found if each.startswith("aws ")]


class TestKeys:
    """A long-term key that a policy with MFA stopped."""

    def test_the_device_of_the_trail_is_filled_in(self) -> None:
        """So that the command can be pasted, but for the code."""
        (token, *_) = commands(remedy("long_term_key", mfa_serial=PHONE))
        assert token == [
            "aws",
            "sts",
            "get-session-token",
            "--serial-number",
            PHONE,
            "--token-code",
            "CODE",
        ]

    def test_a_device_that_is_not_known_is_asked_for(self) -> None:
        """AWS names it."""
        told = remedy("long_term_key")
        assert f"{IAM}:mfa/DEVICE" in told
        assert ["aws", "iam", "list-mfa-devices", "--user-name", "alice"] in commands(told)

    def test_who_has_none_enrols_one_first(self) -> None:
        """As the credential report says."""
        told = commands(remedy("long_term_key", mfa_active=False))
        assert [words[2] for words in told] == [
            "create-virtual-mfa-device",
            "enable-mfa-device",
            "get-session-token",
            "update-access-key",
        ]
        assert "list-mfa-devices" not in remedy("long_term_key", mfa_active=False)
        assert "enable-mfa-device" not in remedy("long_term_key", mfa_active=True)

    def test_the_key_is_to_be_retired(self) -> None:
        """A user's, by its id; not root's, nor what does not look like one."""
        last = commands(remedy("long_term_key"))[-1]
        assert last[2:] == [
            "update-access-key",
            "--user-name",
            "alice",
            "--access-key-id",
            "AKIAIOSFODNN7ALICE00",
            "--status",
            "Inactive",
        ]
        for fields in ({"access_key_id": "AKIA`x`"}, {"credential_kind": "root_key"}):
            assert "update-access-key" not in remedy("long_term_key", **fields)

    def test_a_role_is_assumed_with_a_profile(self) -> None:
        """That asks for the code; the role is the row's own."""
        told = remedy("long_term_key", iam_action="sts:AssumeRole", mfa_serial=PHONE)
        found = commands(with_resource(told, f"{IAM}:role/Admin"))
        assert [words[3:5] for words in found[:2]] == [
            ["role_arn", f"{IAM}:role/Admin"],
            ["mfa_serial", PHONE],
        ]


class TestSessions:
    """Sessions that were opened without MFA, or too long ago."""

    def test_a_role_session_is_opened_with_a_profile(self) -> None:
        """Of its role, with the device of who opened it."""
        told = remedy("session_without_mfa", **ROLE, mfa_serial=PHONE)
        assert [
            "aws",
            "configure",
            "set",
            "mfa_serial",
            PHONE,
            "--profile",
            "with-mfa",
        ] in commands(told)
        assert f"{IAM}:role/Deploy" in told

    def test_a_console_user_without_a_device_enrols_one(self) -> None:
        """Before signing in again."""
        told = remedy("session_without_mfa", credential_kind="console", mfa_active=False)
        assert [words[2] for words in commands(told)][:2] == [
            "create-virtual-mfa-device",
            "enable-mfa-device",
        ]
        assert told.index("enable-mfa-device") < told.index("sign in to the console")

    def test_calls_of_services_may_need_an_exception(self) -> None:
        """Which leaves MFA in force for the user's own."""
        told = remedy("session_without_mfa", credential_kind="forwarded")
        assert '`"Bool": {"aws:ViaAWSService": "false"}`' in told


class TestPermissions:
    """What nothing allows."""

    @pytest.mark.parametrize(
        ("fields", "home"),
        [
            ({}, "a policy of alice or of a group"),
            (ROLE, f"the policies of {IAM}:role/Deploy"),
            (
                {"role_arn": f"{IAM}:role/x/AWSReservedSSO_Read_1", "federated": True},
                "the permission set behind",
            ),
            (
                {"role_arn": f"{IAM}:role/Saml", "federated": True},
                "that the identity provider gives",
            ),
            ({"role_arn": f"{IAM}:role/web", "workload": True}, "the workload's role"),
        ],
    )
    def test_where_the_statement_belongs(self, fields: dict[str, Any], home: str) -> None:
        """To the user, the role, the permission set or the workload."""
        assert home in remedy("no_permission", **fields)

    @pytest.mark.parametrize(("fields", "demands"), [({}, True), (ROLE, False)])
    def test_the_statement_is_a_policys(self, fields: dict[str, Any], demands: bool) -> None:
        """Of a person it asks for MFA, in the form that keys cannot pass; lint finds nothing."""
        told = with_resource(remedy("no_permission", **fields), f"arn:aws:s3:::{BUCKET}/k")
        statement = json.loads(re.findall(r"`(\{.*\})`", told)[0])
        assert statement["Action"] == "s3:GetObject"
        assert statement["Resource"] == f"arn:aws:s3:::{BUCKET}/k"
        assert ("Condition" in statement) is demands
        assert lint({"Version": "2012-10-17", "Statement": statement}) == []

    def test_mfa_alone_will_not_do(self) -> None:
        """And nothing is promised of it."""
        assert commands(remedy("mfa_not_sufficient")) == []

    @pytest.mark.parametrize("federated", [True, False])
    def test_who_cannot_have_mfa_is_left_out(self, federated: bool) -> None:
        """By its role, and what stands in is named."""
        told = exempting(Denial(role_arn=f"{IAM}:role/web", federated=federated))
        assert f'"ArnNotLike": {{"aws:PrincipalArn": "{IAM}:role/web"}}' in told
        assert ("identity provider" in told) is federated


HOSTILE = ["`rm -rf /`", 'x", "Effect": "Allow', "a'b", "$(id)", "{0.__class__}", RESOURCE, "\n"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("cause", CAUSES)
def test_names_stay_names(cause: str, text: str) -> None:
    """Whatever a caller is called, or an object: no command and no statement more."""
    fields = dict.fromkeys(("principal_name", "iam_action", "policy_arn", "role_arn"), text)
    plain = with_resource(remedy(cause), "arn:aws:s3:::b/k")
    told = with_resource(remedy(cause, **fields), f"arn:aws:s3:::b/{text}")
    assert told.count("`") == plain.count("`")
    assert len(commands(told)) == len(commands(plain))
    for statement in re.findall(r"`(\{.*?\})`", told, re.DOTALL):
        assert set(json.loads(statement)) == {"Effect", "Action", "Resource", "Condition"}


def test_a_million_denials_share_a_remedy(lake_of: Callable[..., Lake]) -> None:
    """But each names its own resource."""
    why = "because no identity-based policy allows the s3:GetObject action"
    message = f"User: x is not authorized to perform: s3:GetObject on resource: {{}} {why}"
    rows = lake_of(
        *(denied("GetObject", message=message.format(f'"arn:aws:s3:::b/{n}"')) for n in (1, 2))
    ).denials()
    assert sorted(re.findall(r"arn:aws:s3:::b/\d", " ".join(rows["remedy"]))) == [
        "arn:aws:s3:::b/1",
        "arn:aws:s3:::b/2",
    ]


def test_the_trail_and_the_report_fill_the_remedy(
    lake_of: Callable[..., Lake], tmp_path: Path
) -> None:
    """The device is from a session that alice opened; bob has none, as the report says."""
    report = f"arn,mfa_active\n{IAM}:user/alice,true\n{IAM}:user/bob,false\n"
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "credential-report.csv").write_text(report)
    policy = f"with an explicit deny in an identity-based policy: {IAM}:policy/MFA_Forced"
    message = f"User: x is not authorized to perform: s3:ListAllMyBuckets {policy}"
    request = {"durationSeconds": 900, "serialNumber": PHONE}
    lake = lake_of(
        issued("GetSessionToken", "ASIAIOSFODNN7ALICE01", by=user(), request=request),
        denied(message=message),
        denied(message=message, by=session("bob", mfa=False)),
    )
    rows = lake.denials(evidence=Evidence.load(tmp_path / "evidence"))
    told = dict(zip(rows["principal_name"], rows["remedy"], strict=True))
    assert f"--serial-number {PHONE} " in told["alice"]
    assert "enable-mfa-device --user-name bob" in told["bob"]


@pytest.mark.parametrize("exported", [True, False])
def test_without_a_report_the_trail_tells_of_devices(
    lake_of: Callable[..., Lake], tmp_path: Path, exported: bool
) -> None:
    """Who was created in the trail and never enabled a device has none; a report stands above it."""
    (tmp_path / "evidence").mkdir()
    report = f"arn,mfa_active\n{IAM}:user/alice,true\n"
    (tmp_path / "evidence" / "credential-report.csv").write_text(report)
    evidence = Evidence.load(tmp_path / "evidence") if exported else None
    made = call("CreateUser", "iam", by=user("bob"), requestParameters={"userName": "alice"})
    lake = lake_of(made | {"eventTime": "2026-05-01T09:00:00Z"}, denied(by=session(mfa=False)))
    (told,) = lake.denials(evidence=evidence)["remedy"]
    assert ("enable-mfa-device --user-name alice" in told) is not exported
