"""Experiments: what each finding makes of the verdict that the rules came to."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import pytest

from cloudtrail_mfa import queries
from cloudtrail_mfa.attribution.causes import Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.experiments import EXPERIMENTS, weigh
from cloudtrail_mfa.attribution.rules import judge
from tests.attribution.test_rules import DENY, KEY, NO_ALLOW
from tests.records import MFA_FORCED

BETWEEN = "passed_with_mfa_between_refusals"
SESSION = dataclasses.replace(
    KEY, credential_kind="session_token", mfa_present="false", access_key_id="ASIAIOSFODNN7ALICE00"
)
BY_NAME = dataclasses.replace(KEY, **DENY, policy_arn=MFA_FORCED)  # type: ignore[arg-type]
IMPLICIT = dataclasses.replace(KEY, **NO_ALLOW)  # type: ignore[arg-type]
BY_SCP = dataclasses.replace(BY_NAME, policy_type="scp", policy_arn=None)
SETTING = dataclasses.replace(KEY, quote="IAM user access not activated")


def told(denial: Denial, *rules: str) -> Verdict:
    return weigh(denial, judge(denial), {rule: f"Found {rule}." for rule in rules})


def claim(denial: Denial, *rules: str) -> tuple[str, str, bool | None]:
    found = told(denial, *rules)
    return found.cause, found.certainty, found.mfa_would_allow


def test_every_rule_of_the_query_is_known_here() -> None:
    """But the one that is seen only."""
    sql = "".join(queries.RELATIONS[name].sql for name in ("comparisons", "habits"))
    named = {line.split("'")[1] for line in sql.splitlines() if line.endswith("as rule,")}
    assert named == {rule.__name__ for rule in EXPERIMENTS} | {"passed_with_mfa_elsewhere"}


def test_nothing_found_changes_nothing() -> None:
    """The rules' verdict stands."""
    assert weigh(KEY, judge(KEY), {}) == judge(KEY)


@pytest.mark.parametrize("rules", list(combinations([rule.__name__ for rule in EXPERIMENTS], 2)))
@pytest.mark.parametrize("denial", [KEY, SESSION, BY_NAME, IMPLICIT, BY_SCP])
def test_what_was_found_stays_in_the_evidence(denial: Denial, rules: tuple[str, str]) -> None:
    """For and against, whichever rule wins."""
    evidence = told(denial, *rules).evidence
    assert {f"Found {rule}." for rule in rules} <= set(evidence)
    assert len(set(evidence)) == len(evidence)


@pytest.mark.parametrize("rule", [rule.__name__ for rule in EXPERIMENTS])
def test_a_setting_is_no_matter_of_experiments(rule: str) -> None:
    """Nor is a service of its own."""
    assert told(SETTING, rule) == judge(SETTING)


class TestPassedWithMfaBetweenRefusals:
    """The experiment itself: observed."""

    @pytest.mark.parametrize(
        ("denial", "cause"),
        [
            (KEY, "long_term_key"),
            (SESSION, "session_without_mfa"),
            (BY_NAME, "long_term_key"),
            (IMPLICIT, "long_term_key"),
            (BY_SCP, "long_term_key"),
        ],
    )
    def test_mfa_decided(self, denial: Denial, cause: str) -> None:
        """Whatever AWS's message names: an Allow, a Deny or a control policy may demand it."""
        assert claim(denial, BETWEEN, "passed_with_mfa") == (cause, "observed", True)

    @pytest.mark.parametrize("rule", ["passed_without_mfa", "refused_with_mfa"])
    def test_what_speaks_against_it_lowers_the_certainty(self, rule: str) -> None:
        """Then nothing is observed, nor inferred."""
        cause, certainty, allows = claim(KEY, BETWEEN, "passed_with_mfa", rule)
        assert (cause, certainty, allows) == ("undetermined", "unknown", None)

    def test_the_remedy_keeps_mfa_in_force(self) -> None:
        """A session that has passed it."""
        assert "get-session-token" in told(KEY, BETWEEN).remedy


class TestPassedWithMfa:
    """Once is a hint."""

    @pytest.mark.parametrize("denial", [KEY, IMPLICIT, BY_NAME])
    def test_it_is_inferred(self, denial: Denial) -> None:
        """Whether this very call would have passed is not claimed."""
        assert claim(denial, "passed_with_mfa") == ("long_term_key", "inferred", None)

    def test_what_aws_states_stands(self) -> None:
        """With the sentence beside it."""
        assert claim(BY_SCP, "passed_with_mfa") == ("service_control_policy", "stated", None)

    def test_elsewhere_it_is_seen_only(self) -> None:
        """Other circumstances, or other policies."""
        assert claim(KEY, "passed_with_mfa_elsewhere") == ("undetermined", "unknown", None)


class TestPassedWithoutMfa:
    """The very same kind of credential passed: MFA is not what differed."""

    def test_an_inferred_mfa_cause_falls(self) -> None:
        """The denying policy's name speaks of MFA, the calls do not."""
        assert judge(BY_NAME).cause == "long_term_key"
        assert claim(BY_NAME, "passed_without_mfa") == ("undetermined", "unknown", None)

    @pytest.mark.parametrize("denial", [KEY, BY_NAME])
    def test_nobody_is_told_to_use_mfa(self, denial: Denial) -> None:
        """But to compare the calls."""
        assert told(denial, "passed_without_mfa").remedy.startswith("Compare the two calls")

    def test_another_cause_stands(self) -> None:
        """It says nothing of MFA."""
        assert claim(IMPLICIT, "passed_without_mfa") == ("no_permission", "inferred", None)


class TestRefusedWithMfa:
    """Refused with MFA, too: it would not have helped."""

    @pytest.mark.parametrize(
        ("denial", "expected"),
        [
            (KEY, ("undetermined", "unknown", False)),
            (BY_NAME, ("mfa_not_sufficient", "inferred", False)),
            (IMPLICIT, ("no_permission", "inferred", False)),
            (BY_SCP, ("service_control_policy", "stated", False)),
        ],
    )
    def test_mfa_alone_does_not_help(
        self, denial: Denial, expected: tuple[str, str, bool | None]
    ) -> None:
        """Whatever the cause."""
        assert claim(denial, "refused_with_mfa") == expected

    def test_nobody_is_told_to_try_with_mfa(self) -> None:
        """That has been tried."""
        assert "MFA alone does not help" in told(KEY, "refused_with_mfa").remedy

    def test_with_a_call_that_passed_nothing_is_claimed(self) -> None:
        """They contradict each other."""
        assert claim(KEY, "refused_with_mfa", "passed_with_mfa") == (
            "undetermined",
            "unknown",
            None,
        )


class TestNotYetKnownEverywhere:
    """A change made seconds before was not yet known."""

    def test_nothing_allowed_the_call_yet(self) -> None:
        """With MFA neither; and the remedy is to wait."""
        assert claim(KEY, "not_yet_known_everywhere") == ("no_permission", "inferred", False)
        assert told(KEY, "not_yet_known_everywhere").remedy.startswith("Wait and try again")

    def test_what_aws_states_stands(self) -> None:
        """With the sentence beside it."""
        assert claim(BY_SCP, "not_yet_known_everywhere")[:2] == ("service_control_policy", "stated")


class TestPassedAfterAGrant:
    """A policy more, and the call passed without MFA."""

    @pytest.mark.parametrize("denial", [KEY, IMPLICIT])
    def test_it_was_a_permission_that_lacked(self, denial: Denial) -> None:
        """An Allow that demands MFA may have been there before, so that stays open."""
        assert claim(denial, "passed_after_a_grant") == ("no_permission", "inferred", None)

    def test_no_grant_ends_an_explicit_deny(self) -> None:
        """Something else changed."""
        assert claim(BY_NAME, "passed_after_a_grant") == judge_claim(BY_NAME)

    def test_a_call_that_passed_with_mfa_before_speaks_against_it(self) -> None:
        """Then it may have been either."""
        found = claim(KEY, "passed_after_a_grant", "passed_with_mfa")
        assert found == ("long_term_key", "inferred", None)


def judge_claim(denial: Denial) -> tuple[str, str, bool | None]:
    found = judge(denial)
    return found.cause, found.certainty, found.mfa_would_allow


class TestOnlySelfServicePasses:
    """Nothing passes without MFA but what it takes to enrol a device."""

    def test_it_is_inferred(self) -> None:
        """For a key as for a session without MFA."""
        assert claim(KEY, "only_self_service_passes") == ("long_term_key", "inferred", None)
        assert claim(SESSION, "only_self_service_passes") == (
            "session_without_mfa",
            "inferred",
            None,
        )

    def test_a_call_that_is_refused_with_mfa_is_another_matter(self) -> None:
        """It lacks more than that."""
        assert claim(KEY, "only_self_service_passes", "refused_with_mfa")[0] == "undetermined"
