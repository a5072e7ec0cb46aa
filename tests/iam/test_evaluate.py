"""Decisions: all kinds of policies, same account and across, known and unknown.

Each case is from https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
and the pages below it, where no other is named.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudtrail_mfa.iam import Caller, Context, Decision, Policies, Policy, Request, evaluate
from cloudtrail_mfa.iam.logic import Truth
from tests.records import ACCOUNT

OTHER = "999999999999"
IAM = f"arn:aws:iam::{ACCOUNT}"
BUCKET = "arn:aws:s3:::example-reports"
OBJECT = f"{BUCKET}/2026/q2.csv"
ALICE = Caller.of_arn(f"{IAM}:user/alice")
ROLE = f"{IAM}:role/Deploy"
SESSION = Caller.of_arn(f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/carol")
MFA = "aws:MultiFactorAuthPresent"

GET = Request(ALICE, "s3:GetObject", OBJECT)


def policy(name: str, *statements: dict[str, Any]) -> Policy:
    return Policy.parse({"Version": "2012-10-17", "Statement": list(statements)}, name=name)


def allow(action: str = "*", resource: str = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | elements


def deny(action: str = "*", resource: str = "*", **elements: Any) -> dict[str, Any]:
    return allow(action, resource, **elements) | {"Effect": "Deny"}


ALLOW = [policy("allow", allow("s3:*"))]
DENY = [policy("deny", deny("s3:GetObject"))]
NOTHING = [policy("nothing", allow("ec2:*"))]
FULL = policy("FullAWSAccess", allow())


def to(principal: Any, statement: dict[str, Any] | None = None) -> list[Policy]:
    """Return a resource policy that allows somebody."""
    return [policy("resource", (statement or allow()) | {"Principal": principal})]


def decide(request: Request = GET, **policies: Any) -> Truth:
    return evaluate(request, Policies(**policies)).allowed


class TestSameAccount:
    """Identity or resource; boundary, session and control policies limit."""

    @pytest.mark.parametrize(
        ("policies", "allowed"),
        [
            ({}, False),
            ({"identity": ALLOW}, True),
            ({"identity": NOTHING}, False),
            ({"identity": [*ALLOW, *DENY]}, False),
            ({"identity": [*DENY, *ALLOW]}, False),
            ({"resource": to({"AWS": ALICE.arn})}, True),
            ({"resource": to("*")}, True),
            ({"resource": to({"AWS": ACCOUNT})}, False),
            ({"identity": ALLOW, "resource": to({"AWS": f"{IAM}:user/bob"})}, True),
            ({"identity": ALLOW, "resource": to({"AWS": ALICE.arn}, deny())}, False),
            ({"identity": ALLOW, "resource": to({"AWS": ACCOUNT}, deny())}, False),
            ({"identity": ALLOW, "resource": to("*", deny("s3:Put*"))}, True),
            ({"identity": ALLOW, "boundary": [FULL]}, True),
            ({"identity": ALLOW, "boundary": NOTHING}, False),
            ({"identity": NOTHING, "boundary": [FULL]}, False),
            ({"identity": ALLOW, "boundary": DENY}, False),
            ({"identity": ALLOW, "session": ALLOW}, True),
            ({"identity": ALLOW, "session": NOTHING}, False),
            ({"identity": ALLOW, "vpc_endpoint": to("*")}, True),
            ({"identity": ALLOW, "vpc_endpoint": to({"AWS": OTHER})}, False),
            ({"identity": ALLOW, "vpc_endpoint": to("*", deny())}, False),
            ({"identity": ALLOW, "scps": [[FULL]]}, True),
            ({"identity": ALLOW, "scps": [[FULL], NOTHING]}, False),
            ({"identity": ALLOW, "scps": [NOTHING, [FULL]]}, False),
            ({"identity": ALLOW, "scps": [[FULL], [FULL, *DENY]]}, False),
            ({"identity": NOTHING, "scps": [[FULL]]}, False),
            ({"identity": ALLOW, "rcps": [[*to("*")]]}, True),
            ({"identity": ALLOW, "rcps": [[*to("*"), *to("*", deny())]]}, False),
        ],
    )
    def test_a_user(self, policies: dict[str, Any], allowed: bool) -> None:
        """An explicit deny anywhere wins; else every kind that limits has to allow."""
        assert decide(**policies) is allowed

    @pytest.mark.parametrize(
        ("caller", "principal", "limit", "allowed"),
        [
            (ALICE, {"AWS": ALICE.arn}, "boundary", True),
            (SESSION, {"AWS": SESSION.arn}, "boundary", True),
            (SESSION, {"AWS": SESSION.arn}, "session", True),
            (SESSION, {"AWS": ROLE}, "boundary", False),
            (SESSION, {"AWS": ROLE}, "session", False),
            (SESSION, "*", "session", None),
        ],
    )
    def test_a_grant_by_name_passes_implicit_limits(
        self, caller: Caller, principal: Any, limit: str, allowed: Truth
    ) -> None:
        """Named by the ARN that signs; by the role it is limited; of everyone AWS does not say."""
        request = replace(GET, caller=caller)
        assert decide(request, resource=to(principal), **{limit: NOTHING}) is allowed
        assert decide(request, resource=to(principal), **{limit: DENY}) is False

    def test_the_role_of_a_session_counts(self) -> None:
        """Policies are attached to the role."""
        assert decide(replace(GET, caller=SESSION), resource=to({"AWS": ROLE})) is True

    def test_root_needs_no_policy(self) -> None:
        """But control policies bind it, and an explicit deny of the resource."""
        request = replace(GET, caller=Caller.of_arn(f"{IAM}:root"))
        assert decide(request) is True
        assert decide(request, scps=[[FULL, *DENY]]) is False
        assert decide(request, resource=to("*", deny())) is False


class TestOthers:
    """Across accounts, services, nobody."""

    @pytest.mark.parametrize(
        ("policies", "allowed"),
        [
            ({"identity": ALLOW}, False),
            ({"resource": to({"AWS": ALICE.arn})}, False),
            ({"identity": ALLOW, "resource": to({"AWS": ALICE.arn})}, True),
            ({"identity": ALLOW, "resource": to({"AWS": ACCOUNT})}, True),
            ({"identity": ALLOW, "resource": to("*")}, True),
            ({"identity": ALLOW, "resource": to({"AWS": OTHER})}, False),
            ({"identity": ALLOW, "resource": to({"AWS": ACCOUNT}), "boundary": NOTHING}, False),
            ({"identity": DENY, "resource": to({"AWS": ACCOUNT})}, False),
        ],
    )
    def test_across_accounts_both_have_to_allow(
        self, policies: dict[str, Any], allowed: bool
    ) -> None:
        """The caller's account and the resource's."""
        assert decide(replace(GET, resource_account=OTHER), **policies) is allowed

    def test_a_canonical_id_may_be_anybodys(self) -> None:
        """No record tells whose it is."""
        whom = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
        assert decide(identity=ALLOW, resource=to(whom, deny())) is None
        assert decide(resource=to(whom)) is None
        spared = [policy("resource", deny() | {"NotPrincipal": whom})]
        assert decide(identity=ALLOW, resource=spared) is None

    def test_a_service_needs_the_resource_policy(self) -> None:
        """It has no identity-based policies."""
        request = replace(GET, caller=Caller("service", service="delivery.logs.amazonaws.com"))
        service = {"Service": "delivery.logs.amazonaws.com"}
        assert decide(request, identity=ALLOW) is False
        assert decide(request, resource=to(service)) is True

    def test_nobody_needs_everyone(self) -> None:
        """An anonymous request passes where everyone is named."""
        request = replace(GET, caller=Caller("anonymous"))
        assert decide(request, resource=to("*")) is True
        assert decide(request, resource=to({"AWS": ACCOUNT})) is False


class TestTrustAndKeyPolicies:
    """The resource policy has to allow, in the same account too.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user.html
    """

    @pytest.mark.parametrize(
        ("policies", "allowed"),
        [
            ({"identity": ALLOW}, False),
            ({"identity": ALLOW, "resource": to({"AWS": f"{IAM}:root"})}, True),
            ({"resource": to({"AWS": f"{IAM}:root"})}, False),
            ({"resource": to({"AWS": ALICE.arn})}, True),
            ({"identity": ALLOW, "resource": to({"AWS": f"{IAM}:user/bob"})}, False),
            ({"identity": DENY, "resource": to({"AWS": ALICE.arn})}, False),
        ],
    )
    def test_same_account(self, policies: dict[str, Any], allowed: bool) -> None:
        """Named by itself it passes; named by its account it needs its own policy too."""
        assert decide(**policies, resource_must_allow=True) is allowed

    def test_a_trust_policy_names_no_resource(self) -> None:
        """It is the role itself."""
        trust = policy(
            "trust",
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ALICE.arn}},
        )
        request = Request(ALICE, "sts:AssumeRole", ROLE)
        assert decide(request, resource=[trust], resource_must_allow=True) is True

    def test_a_trust_policy_may_demand_mfa(self) -> None:
        """The usual form, and its denial of a long-term key."""
        trust = policy(
            "trust",
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": ALICE.arn},
                "Condition": {"Bool": {MFA: "true"}},
            },
        )
        key = Request(ALICE, "sts:AssumeRole", ROLE)
        session = replace(key, context=Context.of({MFA: True}))
        policies = Policies(resource=[trust], resource_must_allow=True)
        assert evaluate(key, policies).allowed is False
        assert evaluate(session, policies).allowed is True


class TestElements:
    """Action, Resource and their negations."""

    @pytest.mark.parametrize(
        ("statement", "allowed"),
        [
            (allow("s3:GetObject", OBJECT), True),
            (allow("s3:GetObject", BUCKET), False),
            (allow("s3:getobject", OBJECT), True),
            (allow("s3:GetObject", f"{BUCKET}/*"), True),
            ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
            ({"Effect": "Allow", "NotAction": ["iam:*", "s3:Get*"], "Resource": "*"}, False),
            ({"Effect": "Allow", "Action": "*", "NotResource": f"{BUCKET}/*"}, False),
            ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}, True),
            (allow("s3:*", "arn:aws:s3:::example-${aws:username}/*"), False),
            (allow("s3:*", "arn:aws:s3:::*/${s3:year}/*"), True),
        ],
    )
    def test_a_statement(self, statement: dict[str, Any], allowed: bool) -> None:
        """It applies where every element does."""
        request = replace(GET, context=Context.of({"aws:username": "alice", "s3:year": "2026"}))
        assert decide(request, identity=[policy("p", statement)]) is allowed


# The policy MFA_Forced, as AWS's tutorial has it in short form:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
SELF_SERVICE = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"]


def mfa_forced(operator: str) -> list[Policy]:
    statement = {
        "Sid": "DenyAllExceptListedIfNoMFA",
        "Effect": "Deny",
        "NotAction": SELF_SERVICE,
        "Resource": "*",
        "Condition": {operator: {MFA: "false"}},
    }
    return [FULL, policy("MFA_Forced", statement)]


class TestTheStory:
    """The change that ends the errors by ending the protection."""

    KEY = Context.of({})
    NO_MFA = Context.of({MFA: False})
    WITH_MFA = Context.of({MFA: True, "aws:MultiFactorAuthAge": 0})

    @pytest.mark.parametrize(
        ("operator", "context", "allowed"),
        [
            ("BoolIfExists", KEY, False),
            ("BoolIfExists", NO_MFA, False),
            ("BoolIfExists", WITH_MFA, True),
            ("Bool", KEY, True),  # the price: every leaked key gets in
            ("Bool", NO_MFA, False),
            ("Bool", WITH_MFA, True),
        ],
    )
    def test_both_halves(self, operator: str, context: Context, allowed: bool) -> None:
        """BoolIfExists stops long-term keys, Bool lets them pass."""
        request = Request(ALICE, "s3:ListAllMyBuckets", "*", context)
        assert decide(request, identity=mfa_forced(operator)) is allowed

    def test_self_service_is_left_out(self) -> None:
        """A user can enrol a device and ask for a session."""
        for action in SELF_SERVICE:
            assert decide(Request(ALICE, action, "*"), identity=mfa_forced("BoolIfExists")) is True

    def test_the_statement_is_named(self) -> None:
        """By policy and Sid."""
        request = Request(ALICE, "s3:ListAllMyBuckets", "*")
        decision = evaluate(request, Policies(identity=mfa_forced("BoolIfExists")))
        assert decision.explicit
        assert decision.deny is not None
        assert decision.deny.policy == "MFA_Forced"
        assert decision.deny.statement.label == "DenyAllExceptListedIfNoMFA"
        assert [match.effect for match in decision.matches] == ["Allow", "Deny"]

    def test_a_context_that_does_not_tell_mfa_decides_nothing(self) -> None:
        """And the statement that hangs on it is named."""
        request = Request(ALICE, "s3:ListAllMyBuckets", "*", Context.of({}, complete=False))
        decision = evaluate(request, Policies(identity=mfa_forced("BoolIfExists")))
        assert decision.allowed is None
        assert decision.unknown == (
            "Whether DenyAllExceptListedIfNoMFA of MFA_Forced (identity) matches cannot be told.",
        )


class TestUnknown:
    """Policies that are not known may deny, and may allow."""

    @pytest.mark.parametrize(
        ("policies", "allowed"),
        [
            ({"identity": None}, None),
            ({"identity": None, "boundary": NOTHING}, False),
            ({"identity": None, "scps": [DENY]}, False),
            ({"identity": ALLOW, "scps": None}, None),
            ({"identity": NOTHING, "scps": None}, False),
            ({"identity": ALLOW, "scps": [[FULL], None]}, None),
            ({"identity": ALLOW, "rcps": None}, None),
            ({"identity": ALLOW, "resource": None}, None),
            ({"identity": NOTHING, "resource": None}, None),
            ({"identity": DENY, "resource": None}, False),
            ({"identity": ALLOW, "boundary": None}, None),
            ({"identity": ALLOW, "session": None}, None),
            ({"identity": ALLOW, "vpc_endpoint": None}, None),
        ],
    )
    def test_nothing_is_claimed_that_they_could_change(
        self, policies: dict[str, Any], allowed: Truth
    ) -> None:
        """What they cannot change is claimed all the same."""
        decision = evaluate(GET, Policies(**policies))
        assert decision.allowed is allowed
        assert bool(decision.unknown) is (allowed is None)

    def test_an_unknown_resource(self) -> None:
        """A statement about everything applies, one about something may."""
        request = replace(GET, resource=None)
        assert decide(request, identity=ALLOW) is True
        assert decide(request, identity=[policy("p", allow("s3:*", OBJECT))]) is None
        assert decide(request, identity=[*ALLOW, policy("p", deny("s3:*", OBJECT))]) is None


class TestMissing:
    """Why an implicit denial is one."""

    @pytest.mark.parametrize(
        ("policies", "missing"),
        [
            ({}, ("identity",)),
            ({"identity": NOTHING}, ("identity",)),
            ({"identity": NOTHING, "resource": to({"AWS": OTHER})}, ("identity", "resource")),
            ({"identity": ALLOW, "boundary": NOTHING}, ("boundary",)),
            ({"identity": ALLOW, "session": NOTHING}, ("session",)),
            ({"identity": ALLOW, "scps": [NOTHING]}, ("scp",)),
            ({"identity": NOTHING, "scps": [NOTHING]}, ("identity", "scp")),
            ({"identity": ALLOW, "resource_must_allow": True}, ("resource",)),
            ({"identity": DENY}, ()),
            ({"identity": ALLOW}, ()),
        ],
    )
    def test_kinds_that_do_not_allow(
        self, policies: dict[str, Any], missing: tuple[str, ...]
    ) -> None:
        """Named, where no explicit deny decides."""
        decision: Decision = evaluate(GET, Policies(**policies))
        assert decision.missing == missing


class TestSomeAreNotKnown:
    """Policies of which there may be others than those that are given."""

    @pytest.mark.parametrize(
        ("policies", "allowed"),
        [
            ({"identity": DENY}, False),
            ({"identity": ALLOW}, None),
            ({"identity": []}, None),
            ({"identity": ALLOW, "boundary": NOTHING}, False),
        ],
    )
    def test_a_known_deny_settles_it(self, policies: dict[str, Any], allowed: Truth) -> None:
        """Whatever else there is; an Allow does not, for another may deny."""
        assert decide(**policies, more=("identity",)) is allowed

    def test_it_is_told(self) -> None:
        """As of a kind of which nothing is known."""
        decision = evaluate(GET, Policies(identity=ALLOW, more=("identity",)))
        assert decision.withheld == ("identity",)
        assert decision.unknown == ("The identity policies are not all known.",)
        assert decision.missing == ()
