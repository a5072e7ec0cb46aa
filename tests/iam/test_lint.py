"""Lint: each mistake with its repair, and repairs that never weaken MFA."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa import PolicyError, lint
from cloudtrail_mfa.iam import Caller, Context, Policies, Policy, Request, evaluate, repair
from cloudtrail_mfa.iam.mistakes import RULES

PRESENT, AGE, VIA = (
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:ViaAWSService",
)
NEEDED = [
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
]


def deny(condition: dict[str, Any] | None = None, **elements: Any) -> dict[str, Any]:
    """Return the Deny that AWS recommends, with what differs."""
    block = {"BoolIfExists": {PRESENT: "false"}, "Bool": {VIA: "false"}}
    statement: dict[str, Any] = {"Sid": "NoMFA", "Effect": "Deny", "NotAction": NEEDED}
    statement["Resource"] = "*"
    statement |= {"Condition": block if condition is None else condition} | elements
    return {key: value for key, value in statement.items() if value is not ...}


def allow(condition: dict[str, Any], **elements: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}
    return statement | elements


def found(*statements: dict[str, Any]) -> list[str]:
    return [f.rule.id for f in lint({"Version": "2012-10-17", "Statement": list(statements)})]


def mended(statement: dict[str, Any]) -> dict[str, Any]:
    """Return the statement after everything was repaired."""
    (after,) = repair({"Version": "2012-10-17", "Statement": statement})["Statement"]
    return dict(after)


def also_via(condition: dict[str, Any]) -> dict[str, Any]:
    """Return a condition with the exception for services, so that it is not what is found."""
    block = {operator: dict(keys) for operator, keys in condition.items()}
    block.setdefault("Bool", {})[VIA] = "false"
    return block


class TestForms:
    """Operators and values of aws:MultiFactorAuthPresent."""

    @pytest.mark.parametrize(
        ("condition", "rule"),
        [
            ({"BoolIfExists": {PRESENT: "false"}}, None),
            ({"boolifexists": {PRESENT.lower(): False}}, None),
            ({"Bool": {PRESENT: "false"}}, "MFA001"),
            ({"ForAnyValue:Bool": {PRESENT: "false"}}, "MFA001"),
            ({"ForAnyValue:BoolIfExists": {PRESENT: "false"}}, "MFA001"),
            ({"Null": {PRESENT: "true"}}, "MFA003"),
            ({"Null": {PRESENT: "false"}}, "MFA006"),
            ({"ForAllValues:Bool": {PRESENT: "false"}}, "MFA005"),
            ({"BoolIfExists": {PRESENT: "true"}}, "MFA006"),
            ({"BoolIfExists": {PRESENT: ["true", "false"]}}, "MFA006"),
            ({"StringEquals": {PRESENT: "false"}}, "MFA013"),
            ({"BoolIfExists": {PRESENT: "no"}}, "MFA013"),
        ],
    )
    def test_in_a_deny(self, condition: dict[str, Any], rule: str | None) -> None:
        """Only BoolIfExists false stops both long-term keys and sessions without MFA."""
        wrong = set(found(deny(also_via(condition)))) - {"MFA010"}
        assert wrong == ({rule} if rule else set())

    @pytest.mark.parametrize(
        ("condition", "rule"),
        [
            ({"Bool": {PRESENT: "true"}}, None),
            ({"Bool": {PRESENT: True}}, None),
            ({"BoolIfExists": {PRESENT: "true"}}, "MFA002"),
            ({"Null": {PRESENT: "false"}}, "MFA004"),
            ({"Null": {PRESENT: "true"}}, "MFA006"),
            ({"ForAllValues:Bool": {PRESENT: "true"}}, "MFA005"),
            ({"Bool": {PRESENT: "false"}}, "MFA006"),
            ({"Bool": {PRESENT: "TRUE "}}, "MFA013"),
            ({"NumericEquals": {PRESENT: "1"}}, "MFA013"),
        ],
    )
    def test_in_an_allow(self, condition: dict[str, Any], rule: str | None) -> None:
        """Only Bool true lets in sessions with MFA alone."""
        assert found(allow(condition)) == ([rule] if rule else [])

    def test_in_a_trust_policy(self) -> None:
        """What the console's box for MFA writes lets long-term keys in."""
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": "111122223333"},
            "Action": "sts:AssumeRole",
            "Condition": {"BoolIfExists": {PRESENT: "true"}},
        }
        assert found(trust) == ["MFA002"]
        assert mended(trust)["Condition"] == {"Bool": {PRESENT: "true"}}


class TestAges:
    """aws:MultiFactorAuthAge."""

    @pytest.mark.parametrize(
        ("effect", "condition", "rule"),
        [
            ("Allow", {"NumericLessThan": {AGE: "3600"}}, None),
            ("Allow", {"NumericLessThanIfExists": {AGE: "3600"}}, "MFA012"),
            ("Deny", {"NumericGreaterThanIfExists": {AGE: 3600}}, None),
            ("Deny", {"NumericGreaterThan": {AGE: "3600"}}, "MFA012"),
            ("Deny", {"NumericLessThan": {AGE: "3600"}}, "MFA006"),
            ("Allow", {"NumericGreaterThan": {AGE: "3600"}}, "MFA006"),
            ("Allow", {"NumericLessThan": {AGE: []}}, "MFA013"),
            ("Allow", {"NumericLessThan": {AGE: "an hour"}}, "MFA013"),
            ("Allow", {"NumericLessThan": {AGE: "0"}}, "MFA013"),
            ("Allow", {"NumericLessThan": {AGE: "-1"}}, "MFA013"),
            ("Allow", {"Bool": {AGE: "true"}}, "MFA013"),
            ("Allow", {"Null": {AGE: "false"}}, None),
            ("Deny", {"Null": {AGE: "true"}}, None),
        ],
    )
    def test_conditions(self, effect: str, condition: dict[str, Any], rule: str | None) -> None:
        """The age is absent where MFA was not used."""
        assert found(allow(condition, Effect=effect)) == ([rule] if rule else [])


class TestKeys:
    """Keys that are misspelt."""

    @pytest.mark.parametrize(
        ("key", "meant"),
        [
            ("aws:MultiFactorAuthenticationPresent", PRESENT),
            ("MultiFactorAuthPresent", PRESENT),
            ("aws:MFAPresent", PRESENT),
            ("aws:MultifactorAuthAges", AGE),
        ],
    )
    def test_no_request_has_them(self, key: str, meant: str) -> None:
        """With IfExists such a test always passes."""
        (finding,) = lint({"Statement": allow({"Bool": {key: "true"}})})
        assert finding.rule.id == "MFA014"
        assert finding.message == f"{key} is no key: did you mean {meant}"
        assert finding.repaired is not None
        (statement,) = finding.repaired["Statement"]
        assert statement["Condition"] == {"Bool": {meant: "true"}}

    @pytest.mark.parametrize(
        "key",
        [
            "aws:PrincipalTag/mfa",
            "aws:RequestTag/MFA",
            "s3:ExistingObjectTag/mfa",
            "ec2:ResourceTag/mfa-required",
            "login.example.com:mfa",
            "aws:SourceIp",
        ],
    )
    def test_others_are_none_of_it(self, key: str) -> None:
        """A tag may be called anything."""
        assert found(allow({"StringEquals": {key: "x"}})) == []


class TestExceptions:
    """What a Deny without MFA leaves out."""

    def test_the_recommended_policy_has_a_note_alone(self) -> None:
        """Whoever has no device yet is not protected: that cannot be mended in a policy."""
        assert found(deny()) == ["MFA010"]
        aws = [*NEEDED, "iam:GetMFADevice", "iam:ChangePassword"]
        assert found(deny(NotAction=aws)) == ["MFA010"]

    @pytest.mark.parametrize("action", NEEDED)
    def test_each_action_that_a_user_needs(self, action: str) -> None:
        """Without it the first device can never be used."""
        rest = [known for known in NEEDED if known != action]
        assert "MFA007" in found(deny(NotAction=rest))
        assert sorted(mended(deny(NotAction=rest))["NotAction"]) == sorted(NEEDED)

    def test_a_deny_of_everything(self) -> None:
        """It is mended into one with exceptions."""
        statement = deny(Action="*", NotAction=...)
        assert found(statement) == ["MFA007"]
        assert "Action" not in mended(statement)
        assert sorted(mended(statement)["NotAction"]) == sorted(NEEDED)

    def test_a_deny_of_some_services(self) -> None:
        """What it does not touch is left out as it is."""
        assert found(deny(Action=["s3:*", "ec2:*"], NotAction=...)) == []
        assert found(deny(Action=["iam:*"], NotAction=...)) == ["MFA007"]

    @pytest.mark.parametrize(
        "action",
        [
            "*",
            "iam:*",
            "iam:Create*",
            "iam:CreateLoginProfile",
            "iam:CreateAccessKey",
            "iam:PutUserPolicy",
            "sts:*",
            "sts:AssumeRole",
            "s3:GetObject",
            "sts:GetFederationToken",
        ],
    )
    def test_too_wide(self, action: str) -> None:
        """A stolen key could do it."""
        assert "MFA008" in found(deny(NotAction=[*NEEDED, action]))
        assert sorted(mended(deny(NotAction=[*NEEDED, action]))["NotAction"]) == sorted(NEEDED)

    @pytest.mark.parametrize(
        "action", ["iam:List*", "iam:GetAccountSummary", "sts:GetCallerIdentity"]
    )
    def test_what_only_tells_is_not_too_wide(self, action: str) -> None:
        """Reading in IAM gives a key nothing to hold."""
        assert found(deny(NotAction=[*NEEDED, action])) == ["MFA010"]

    @pytest.mark.parametrize("action", ["iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice"])
    def test_removal_of_a_device(self, action: str) -> None:
        """A stolen key would remove its user's and enrol one of its own."""
        assert "MFA009" in found(deny(NotAction=[*NEEDED, action]))
        assert action not in mended(deny(NotAction=[*NEEDED, action]))["NotAction"]

    @pytest.mark.parametrize(
        "elements",
        [
            {"Action": "s3:*", "Principal": "*"},
            {"Action": "*", "NotPrincipal": {"AWS": "111122223333"}},
            {"Action": "*", "Resource": "arn:aws:s3:::b/*"},
            {"NotAction": "s3:GetObject", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]},
        ],
    )
    def test_a_bucket_has_no_self_service(self, elements: dict[str, Any]) -> None:
        """A statement about other things than users denies no device."""
        assert found(deny(**{"NotAction": ..., **elements})) == []

    def test_two_statements_may_be_one(self) -> None:
        """A Deny of false beside a Deny of whoever lacks the key is BoolIfExists."""
        both = [{"Bool": {PRESENT: "false"}}, {"Null": {PRESENT: "true"}}]
        parts = [deny(block, Action="s3:*", NotAction=...) for block in both]
        assert {"MFA001", "MFA003"}.isdisjoint(found(*parts))
        assert "MFA001" in found(parts[0])
        assert "MFA003" in found(parts[1])
        elsewhere = parts[1] | {"Action": "ec2:*"}
        assert "MFA001" in found(parts[0], elsewhere)

    def test_an_age_in_two_statements(self) -> None:
        """S3's own way to demand recent MFA."""
        blocks = [{"Null": {AGE: "true"}}, {"NumericGreaterThan": {AGE: "3600"}}]
        parts = [deny(block, Action="s3:*", NotAction=...) for block in blocks]
        assert found(*parts) == []
        assert found(parts[1]) == ["MFA012"]
        assert mended(parts[1])["Condition"] == {"NumericGreaterThanIfExists": {AGE: "3600"}}

    def test_several_ages_stay(self) -> None:
        """They are ORed: one of them alone would be weaker."""
        block = {"NumericGreaterThan": {AGE: ["3600", "900"]}}
        after = mended(deny(block, Action="s3:*", NotAction=...))["Condition"]
        assert after == {"NumericGreaterThanIfExists": {AGE: ["3600", "900"]}}


class TestServicesAndPrincipals:
    """Calls that services make, and who cannot have MFA."""

    def test_no_exception_for_services(self) -> None:
        """Such calls carry MFA as false, whatever the user did."""
        statement = deny({"BoolIfExists": {PRESENT: "false"}})
        assert set(found(statement)) == {"MFA010", "MFA011"}
        assert mended(statement)["Condition"]["Bool"] == {VIA: "false"}

    @pytest.mark.parametrize("key", [VIA, "aws:CalledVia", "aws:CalledViaFirst"])
    def test_any_exception_will_do(self, key: str) -> None:
        """AWS has several keys for it."""
        block = {"BoolIfExists": {PRESENT: "false"}, "StringNotEquals": {key: "x"}}
        assert found(deny(block)) == ["MFA010"]

    @pytest.mark.parametrize(
        ("principal", "rules"),
        [
            ({"Federated": "arn:aws:iam::111122223333:saml-provider/Corp"}, ["MFA015"]),
            ({"Service": "ec2.amazonaws.com"}, ["MFA015"]),
            ({"AWS": "111122223333"}, []),
            ("*", []),
        ],
    )
    def test_who_cannot_have_mfa(self, principal: Any, rules: list[str]) -> None:
        """No device of AWS can satisfy it."""
        assert found(allow({"Bool": {PRESENT: "true"}}, Principal=principal)) == rules


def test_a_finding_names_its_place_and_reason() -> None:
    """Policy, statement, rule, what stands there, why, where AWS says so."""
    document = {"Statement": [allow({}), deny({"Bool": {PRESENT: "false", VIA: "false"}})]}
    finding = lint(json.dumps(document), name="p.json")[0]
    assert (finding.policy, finding.statement, finding.pointer) == (
        "p.json",
        "NoMFA",
        "/Statement/1",
    )
    assert str(finding).startswith(
        "p.json, NoMFA: MFA001 error: Bool {aws:MultiFactorAuthPresent: false} in a Deny."
    )
    assert RULES["MFA001"].page in str(finding)


def test_a_repair_leaves_the_document_as_it_was() -> None:
    """The mended one is another."""
    document = {"Statement": deny({"Bool": {PRESENT: "false"}})}
    before = json.dumps(document)
    assert lint(document)[0].repaired is not None
    assert repair(document) != document
    assert json.dumps(document) == before


def test_what_is_no_policy_is_an_error() -> None:
    """With all that is wrong."""
    with pytest.raises(PolicyError, match="has no Statement"):
        lint("{}")


operators = st.sampled_from(
    ["Bool", "BoolIfExists", "Null", "ForAllValues:Bool", "ForAnyValue:Bool", "StringEquals"]
)
values = st.sampled_from(["true", "false", ["true", "false"], "x"])
present = st.builds(lambda operator, value: {operator: {PRESENT: value}}, operators, values)
ages = st.builds(
    lambda operator, value: {operator: {AGE: value}},
    st.sampled_from(["NumericLessThan", "NumericGreaterThan", "NumericGreaterThanIfExists"]),
    st.sampled_from(["3600", "x"]),
)
actions = st.lists(
    st.sampled_from([*NEEDED, "iam:*", "s3:*", "*", "iam:DeactivateMFADevice", "iam:List*"]),
    min_size=1,
    max_size=4,
)
statements = st.builds(
    lambda effect, action, negated, condition: {
        "Effect": effect,
        ("NotAction" if negated else "Action"): action,
        "Resource": "*",
        "Condition": condition,
    },
    st.sampled_from(["Allow", "Deny"]),
    actions,
    st.booleans(),
    present | ages | st.just({}),
)
documents = st.lists(statements, min_size=1, max_size=3).map(
    lambda found: {"Version": "2012-10-17", "Statement": found}
)


@given(documents)
def test_repairs_come_to_an_end(document: dict[str, Any]) -> None:
    """A mended policy has nothing left to mend."""
    assert not any(finding.repaired for finding in lint(repair(document)))


@given(
    documents,
    st.sampled_from(
        ["s3:GetObject", "iam:CreateUser", "iam:DeactivateMFADevice", "sts:AssumeRole"]
    ),
    st.sampled_from([{}, {PRESENT: "false"}]),
)
def test_a_repair_never_lets_in_who_has_no_mfa(
    document: dict[str, Any], action: str, mfa: dict[str, str]
) -> None:
    """What a caller without MFA could not do before, but for using a device, it cannot do after."""
    everything = Policy.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    caller = Caller.of_arn("arn:aws:iam::111122223333:user/alice")
    request = Request(caller, action, "*", Context.of({VIA: "false"} | mfa))
    for others in ([], [everything]):
        before, after = (
            evaluate(request, Policies(identity=[*others, Policy.parse(version)])).allowed
            for version in (document, repair(document))
        )
        assert before or not after
