"""The table of mistakes: ids that stay, reasons, pages."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam.mistakes import RULES

IDS = {
    "MFA001": "error",
    "MFA002": "error",
    "MFA003": "error",
    "MFA004": "error",
    "MFA005": "error",
    "MFA006": "error",
    "MFA007": "warning",
    "MFA008": "error",
    "MFA009": "error",
    "MFA010": "note",
    "MFA011": "warning",
    "MFA012": "error",
    "MFA013": "error",
    "MFA014": "error",
    "MFA015": "error",
}


def test_ids_and_severities_stay() -> None:
    """Pipelines rely on them."""
    assert {rule.id: rule.severity for rule in RULES.values()} == IDS


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_each_has_a_reason_and_a_page(rule: object) -> None:
    """In whole sentences, with AWS's own page."""
    found = next(known for known in RULES.values() if known is rule)
    assert found.why.endswith(".")
    assert found.page.startswith("https://docs.aws.amazon.com/")
