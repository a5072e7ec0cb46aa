"""Causes: the contract's names, each with a meaning and a remedy."""

from __future__ import annotations

import pytest

from cloudtrail_mfa import CAUSES, CERTAINTIES

NAMES = """long_term_key session_without_mfa mfa_expired mfa_not_sufficient no_permission
explicit_deny service_control_policy resource_control_policy permissions_boundary session_policy
resource_policy vpc_endpoint_policy trust_policy service_request not_authorization undetermined"""


def test_the_names_are_those_that_scripts_rely_on() -> None:
    """Nothing is missing, nothing renamed."""
    assert list(CAUSES) == NAMES.split()


def test_certainties_are_ordered() -> None:
    """Surest first."""
    assert list(CERTAINTIES) == ["proven", "observed", "stated", "inferred", "unknown"]


@pytest.mark.parametrize("name", CAUSES)
def test_a_cause_says_what_it_means_and_what_to_do(name: str) -> None:
    """In whole sentences, with places that can be filled."""
    cause = next(cause for cause in CAUSES.values() if cause.name == name)
    filled = cause.remedy.format(
        user="u", action="a", policy="p", session="s", retire="r. ", statement="t", home="h"
    )
    assert cause.meaning.endswith(".")
    assert filled.endswith((".", "?"))
    assert "{" not in filled


@pytest.mark.parametrize("name", ["long_term_key", "session_without_mfa"])
def test_the_remedy_warns_of_the_change_that_ends_the_protection(name: str) -> None:
    """BoolIfExists to Bool ends the errors by letting every long-term key pass."""
    remedy = next(cause.remedy for cause in CAUSES.values() if cause.name == name)
    assert "Do not change BoolIfExists to Bool" in remedy
