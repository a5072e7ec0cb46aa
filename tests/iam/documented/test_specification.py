"""The specification as a whole: how many cases it has, and what they stand on."""

from __future__ import annotations

from collections import Counter

from tests.iam.documented import (
    test_circumstances,
    test_controls,
    test_elements,
    test_examples,
    test_logic,
    test_mfa,
    test_operators,
    test_principals,
    test_sets,
    test_tags,
    test_trust,
)
from tests.iam.documented.cases import DOCS, Case

CASES: list[Case] = [
    *test_circumstances.CASES,
    *test_controls.CASES,
    *test_elements.CASES,
    *test_examples.CASES,
    *test_logic.CASES,
    *test_mfa.CASES,
    *test_operators.CASES,
    *test_principals.CASES,
    *test_sets.CASES,
    *test_tags.CASES,
    *test_trust.CASES,
]


def test_there_are_enough() -> None:
    """Many cases, of many pages, and both allowed and denied."""
    assert len(CASES) >= 220
    assert len({case.page for case in CASES}) >= 40
    outcomes = Counter(case.expected for case in CASES)
    assert min(outcomes[True], outcomes[False]) >= 100


def test_no_two_are_the_same() -> None:
    """Each puts a question of its own."""
    asked = Counter(repr((case.policies, case.request)) for case in CASES)
    twice = [case.says for case in CASES if asked[repr((case.policies, case.request))] > 1]
    assert twice == []


def test_every_case_is_documented() -> None:
    """It names the page of AWS's that states it, and says what in a sentence."""
    assert all(case.page.startswith(DOCS) for case in CASES)
    assert all(case.says.strip() for case in CASES)
