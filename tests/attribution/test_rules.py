"""Rules: what is claimed of each combination of message and credential, and what is not."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest

from cloudtrail_mfa.attribution.causes import Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.rules import RULES, judge
from tests.records import ACCOUNT, MFA_FORCED

KEY = Denial(
    account_id=ACCOUNT,
    principal_name="alice",
    access_key_id="AKIAIOSFODNN7ALICE00",
    credential_kind="long_term_key",
    mfa_present="absent",
    iam_action="s3:ListAllMyBuckets",
    message_form="bare",
    quote="Access Denied",
)
KINDS = """long_term_key root_key session_token console assumed_role federated workload_role
forwarded aws_service cross_account anonymous unknown""".split()
DENY = {
    "deny_kind": "explicit",
    "policy_type": "identity",
    "reason": "with an explicit deny in an identity-based policy",
    "message_form": "reasoned",
}
NO_ALLOW = {
    "deny_kind": "implicit",
    "policy_type": "identity",
    "reason": "because no identity-based policy allows the s3:ListAllMyBuckets action",
    "message_form": "reasoned",
}


def verdict(**fields: object) -> Verdict:
    kind = fields.get("credential_kind")
    fields.setdefault("federated", kind == "federated")
    fields.setdefault("workload", kind == "workload_role")
    return judge(dataclasses.replace(KEY, **fields))  # type: ignore[arg-type]


def claim(**fields: object) -> tuple[str, str, bool | None]:
    found = verdict(**fields)
    return found.cause, found.certainty, found.mfa_would_allow


class TestNothingKnown:
    """An AKIA key and an AccessDenied are not by themselves a cause."""

    @pytest.mark.parametrize("form", ["bare", "no_reason", "encoded", "cut", "other", "none"])
    def test_a_message_without_a_reason_determines_nothing(self, form: str) -> None:
        """Whatever the credential: but the evidence on both sides is listed."""
        found = verdict(message_form=form)
        assert (found.cause, found.certainty, found.mfa_would_allow) == (
            "undetermined",
            "unknown",
            None,
        )
        assert any(line.startswith("For MFA") for line in found.evidence)
        assert any(line.startswith("Against MFA") for line in found.evidence)

    def test_the_remedy_is_the_experiment_that_would_tell(self) -> None:
        """The command is filled in for the caller."""
        remedy = verdict().remedy
        assert f"--serial-number arn:aws:iam::{ACCOUNT}:mfa/DEVICE" in remedy
        assert "--user-name alice" in remedy

    def test_mfa_is_not_suspected_where_it_was_used(self) -> None:
        """A session with MFA that is refused lacks something else."""
        found = verdict(credential_kind="session_token", mfa_present="true")
        assert found.cause == "undetermined"
        assert not any(line.startswith("For MFA") for line in found.evidence)

    @pytest.mark.parametrize("kind", ["federated", "workload_role"])
    def test_who_cannot_use_a_device_is_not_told_to(self, kind: str) -> None:
        """No MFA device of AWS helps a federated session or a workload."""
        found = verdict(credential_kind=kind)
        assert "get-session-token" not in found.remedy
        assert "MFA cannot be had in such a session" in found.remedy

    def test_an_explicit_deny_without_a_type_determines_nothing(self) -> None:
        """Any policy may have said so."""
        assert claim(
            deny_kind="explicit", message_form="reasoned", reason="with an explicit deny"
        ) == (
            "undetermined",
            "unknown",
            None,
        )


class TestServicesAndSettings:
    """What is settled without a policy."""

    @pytest.mark.parametrize("message", [{}, DENY, NO_ALLOW])
    def test_a_service_on_its_own_behalf(self, message: dict[str, str]) -> None:
        """No person made the call, whatever the message says."""
        assert claim(credential_kind="aws_service", mfa_present="absent", **message) == (
            "service_request",
            "stated",
            None,
        )

    @pytest.mark.parametrize(
        ("message", "remedy"),
        [
            ("IAM user access not activated", "Let root activate IAM access to Billing"),
            ("You don't have access to the model with the specified model ID.", "Amazon Bedrock"),
            (
                'User: x is not authorized to perform: s3:PutBucketPolicy on resource: "b" because'  # noqa: ISC004
                " public policies are prevented by the BlockPublicPolicy setting.",
                "S3 Block Public Access",
            ),
            ("Mfa Authentication must be used for this request", "MFA Delete"),
            (
                "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
                "type the code that the device shows",
            ),
            ("Cannot call GetSessionToken with session credentials", "unset the session's"),
            ("Roles may not be assumed by root accounts.", "use an IAM user or a role"),
            (
                "The instance 'i-0123' may not be terminated. Modify its 'disableApiTermination'…",
                "disableApiTermination",
            ),
        ],
    )
    def test_a_setting(self, message: str, remedy: str) -> None:
        """MFA would not have changed it: that is known. Each has its own remedy."""
        found = verdict(message_form="other", quote=message)
        assert (found.cause, found.certainty, found.mfa_would_allow) == (
            "not_authorization",
            "stated",
            False,
        )
        assert remedy in found.remedy
        assert "get-session-token" not in found.remedy

    def test_a_name_that_quotes_such_a_message_is_none(self) -> None:
        """What a caller wrote into a key is not AWS's word."""
        quote = 'User: x … on resource: "arn:aws:s3:::b/IAM user access not activated"'
        assert claim(message_form="other", quote=quote)[0] == "undetermined"


class TestNamedPolicyType:
    """AWS's message names the kind of the policy."""

    CAUSES = (
        ("scp", "service_control_policy"),
        ("rcp", "resource_control_policy"),
        ("boundary", "permissions_boundary"),
        ("session", "session_policy"),
        ("resource", "resource_policy"),
        ("vpc_endpoint", "vpc_endpoint_policy"),
        ("trust", "trust_policy"),
    )

    @pytest.mark.parametrize(("deny", "named"), [*product(["explicit", "implicit"], CAUSES)])
    def test_its_kind_is_the_cause(self, deny: str, named: tuple[str, str]) -> None:
        """Stated, but whether MFA would have helped is not known: it names one policy only."""
        policy_type, cause = named
        found = verdict(
            deny_kind=deny, policy_type=policy_type, reason="…", message_form="reasoned"
        )
        assert (found.cause, found.certainty, found.mfa_would_allow) == (cause, "stated", None)
        assert any("others may deny as well" in line for line in found.evidence)


class TestNoIdentityAllow:
    """No identity-based policy allows it: an Allow that demands MFA says so too."""

    @pytest.mark.parametrize("kind", ["long_term_key", "session_token", "console", "forwarded"])
    def test_it_is_inferred_where_mfa_may_matter(self, kind: str) -> None:
        """The trap of Allow with Bool true is told."""
        found = verdict(credential_kind=kind, **NO_ALLOW)
        assert (found.cause, found.certainty, found.mfa_would_allow) == (
            "no_permission",
            "inferred",
            None,
        )
        assert any("an Allow that demands MFA" in line for line in found.evidence)

    @pytest.mark.parametrize("kind", ["federated", "workload_role", "assumed_role"])
    def test_it_is_inferred_where_mfa_cannot_be_had(self, kind: str) -> None:
        """What the session lacks may be just that."""
        found = verdict(credential_kind=kind, mfa_present="false", **NO_ALLOW)
        assert (found.cause, found.certainty) == ("no_permission", "inferred")
        assert any("an Allow that demands MFA" in line for line in found.evidence)

    @pytest.mark.parametrize("message", [{}, NO_ALLOW, DENY | {"policy_arn": MFA_FORCED}])
    def test_a_role_session_is_told_of_the_guide_and_the_trail(
        self, message: dict[str, str]
    ) -> None:
        """CloudTrail records MFA for role sessions, AWS's guide says that policies do not see it."""
        found = verdict(credential_kind="assumed_role", mfa_present="false", **message)
        assert any(
            "as CloudTrail records it; AWS's guide says that policies cannot see" in line
            for line in found.evidence
        )

    @pytest.mark.parametrize("fresh", [True, False])
    def test_with_mfa_it_is_inferred_as_well(self, fresh: bool) -> None:
        """An Allow may demand that MFA be recent, by minutes or by seconds."""
        assert claim(
            credential_kind="session_token", mfa_present="true", fresh=fresh, **NO_ALLOW
        ) == ("no_permission", "inferred", None)


class TestIdentityDeny:
    """An explicit deny in an identity-based policy."""

    def test_without_a_name_nothing_is_claimed_of_a_key(self) -> None:
        """The deny may be about MFA or not."""
        assert claim(**DENY)[:2] == ("undetermined", "unknown")

    @pytest.mark.parametrize(
        "name", ["MFA_Forced", "ForceMFA", "ForceMfa", "require-mfa", "Multi-Factor"]
    )
    @pytest.mark.parametrize("kind", ["long_term_key", "root_key"])
    def test_a_policy_named_after_mfa_stopped_a_long_term_key(self, name: str, kind: str) -> None:
        """Inferred from its name; whether MFA would be enough is not known."""
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        found = verdict(credential_kind=kind, policy_arn=arn, **DENY)
        assert (found.cause, found.certainty, found.mfa_would_allow) == (
            "long_term_key",
            "inferred",
            None,
        )
        assert any(arn in line for line in found.evidence)
        assert any("not known that MFA would be enough" in line for line in found.evidence)

    @pytest.mark.parametrize("kind", ["session_token", "console", "assumed_role", "forwarded"])
    def test_it_stopped_a_session_without_mfa(self, kind: str) -> None:
        """The session carried false."""
        assert claim(credential_kind=kind, mfa_present="false", policy_arn=MFA_FORCED, **DENY) == (
            "session_without_mfa",
            "inferred",
            None,
        )

    def test_it_stopped_a_session_whose_mfa_is_old(self) -> None:
        """A policy about MFA that denies a session with MFA looks at its age."""
        assert claim(
            credential_kind="session_token", mfa_present="true", policy_arn=MFA_FORCED, **DENY
        ) == ("mfa_expired", "inferred", None)

    def test_a_fresh_session_is_not_called_expired(self) -> None:
        """MFA of five minutes ago is not too old."""
        assert claim(
            credential_kind="session_token",
            mfa_present="true",
            fresh=True,
            policy_arn=MFA_FORCED,
            **DENY,
        )[:2] == ("undetermined", "unknown")
        found = verdict(
            credential_kind="session_token",
            mfa_present="true",
            fresh=True,
            policy_arn=MFA_FORCED,
            **DENY,
        )
        assert "Against MFA: it was used, minutes before." in found.evidence
        assert any("speaks of MFA" in line for line in found.evidence)

    @pytest.mark.parametrize("name", ["Forced", "comfama-limits", "Mfandation", "DenyAll"])
    def test_other_names_say_nothing(self, name: str) -> None:
        """Three letters inside a word are no MFA."""
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        assert claim(policy_arn=arn, **DENY)[:2] == ("undetermined", "unknown")

    def test_a_policy_about_devices_is_not_one_that_demands_mfa(self) -> None:
        """A policy named after MFA may forbid to remove devices, with MFA or without."""
        assert claim(iam_action="iam:DeactivateMFADevice", policy_arn=MFA_FORCED, **DENY)[:2] == (
            "undetermined",
            "unknown",
        )

    def test_a_deny_of_a_session_with_mfa_is_another_deny(self) -> None:
        """Inferred: an age condition is possible."""
        assert claim(credential_kind="console", mfa_present="true", **DENY) == (
            "explicit_deny",
            "inferred",
            None,
        )

    @pytest.mark.parametrize("flag", ["federated", "workload"])
    def test_a_service_in_between_does_not_change_that(self, flag: str) -> None:
        """A forwarded call of an instance, or of a single-sign-on user, has no device either."""
        fields = DENY | {"credential_kind": "forwarded", "policy_arn": MFA_FORCED}
        found = verdict(**fields, **{flag: True}, mfa_present="false")
        assert found.cause == "undetermined"
        assert "MFA cannot be had in such a session" in found.remedy

    @pytest.mark.parametrize("kind", ["federated", "workload_role"])
    def test_who_cannot_use_a_device_is_not_told_to(self, kind: str) -> None:
        """Neither by a named policy nor by an unnamed one."""
        unnamed = verdict(credential_kind=kind, **DENY)
        named = verdict(credential_kind=kind, policy_arn=MFA_FORCED, **DENY)
        assert (unnamed.cause, unnamed.certainty) == ("explicit_deny", "inferred")
        assert named.cause == "undetermined"
        assert "get-session-token" not in unnamed.remedy + named.remedy


class TestRemedies:
    """What to do, for that very caller."""

    def test_a_long_term_key(self) -> None:
        """A temporary session with MFA, and no weaker policy."""
        remedy = verdict(policy_arn=MFA_FORCED, **DENY).remedy
        assert "aws sts get-session-token" in remedy
        assert "Do not change BoolIfExists to Bool" in remedy

    def test_roots_key(self) -> None:
        """It ought not to exist."""
        remedy = verdict(credential_kind="root_key", policy_arn=MFA_FORCED, **DENY).remedy
        assert "delete root's access key" in remedy

    def test_roots_session(self) -> None:
        """Root is no IAM user."""
        arn = f"arn:aws:iam::{ACCOUNT}:root"
        remedy = verdict(credential_kind="session_token", principal_arn=arn).remedy
        assert "sign in as root with its MFA device" in remedy
        assert "--user-name" not in remedy

    def test_a_chain_of_roles(self) -> None:
        """MFA does not survive it."""
        fields = {"credential_kind": "assumed_role", "mfa_present": "false"}
        remedy = verdict(**fields, opener_type="AssumedRole").remedy
        assert "MFA does not survive a chain of roles" in remedy
        assert "chain" not in verdict(**fields, opener_type="IAMUser").remedy

    def test_a_role_whose_opener_is_not_known(self) -> None:
        """It may be a federated one: the evidence says so."""
        fields = {"credential_kind": "assumed_role", "mfa_present": "false"}
        assert any("who opened the session" in line for line in verdict(**fields).evidence)

    @pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
    def test_other_partitions(self, partition: str) -> None:
        """A device's serial number begins as the user's ARN does."""
        remedy = verdict(principal_arn=f"arn:{partition}:iam::{ACCOUNT}:user/alice").remedy
        assert f"--serial-number arn:{partition}:iam::{ACCOUNT}:mfa/DEVICE" in remedy

    def test_a_console_user(self) -> None:
        """The way is the console's."""
        fields = DENY | {"credential_kind": "console", "mfa_present": "false"}
        remedy = verdict(policy_arn=MFA_FORCED, **fields).remedy
        assert "sign in to the console with the MFA device" in remedy

    def test_a_forwarded_call(self) -> None:
        """The service in between is named, and the exception that the policy may lack."""
        fields = DENY | {"credential_kind": "forwarded", "mfa_present": "false"}
        found = verdict(policy_arn=MFA_FORCED, invoked_by="athena.amazonaws.com", **fields)
        assert "athena.amazonaws.com" in found.remedy
        assert "aws:ViaAWSService" in found.remedy

    def test_a_name_cannot_add_to_the_command(self) -> None:
        """What is copied into a shell is quoted."""
        assert "--user-name 'a; rm -rf /'" in verdict(principal_name="a; rm -rf /").remedy


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("message", [{}, DENY, NO_ALLOW, {"deny_kind": "explicit"}])
@pytest.mark.parametrize("mfa", ["true", "false", "absent", None])
def test_laws(kind: str, message: dict[str, str], mfa: str | None) -> None:
    """Without policies or experiments nothing is proven, and no call is said to pass with MFA."""
    found = verdict(credential_kind=kind, mfa_present=mfa, **message)
    assert found.certainty not in ("proven", "observed")
    assert found.mfa_would_allow is not True
    assert found.evidence
    assert all(line.endswith((".", ";")) for line in found.evidence)
    assert (found.certainty == "unknown") == (found.cause == "undetermined")


def test_the_last_rule_always_answers() -> None:
    """No denial is left without a verdict."""
    assert all(rule(Denial()) is None for rule in RULES[:-1])
    assert RULES[-1](Denial()) is not None
