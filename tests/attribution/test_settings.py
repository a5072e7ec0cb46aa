"""Settings: messages with AccessDenied that speak of no policy."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.attribution.settings import SETTINGS, setting_of


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.pattern.pattern)
def test_each_says_what_to_do(setting: object) -> None:
    """In a sentence, and never to weaken MFA."""
    remedy = next(found.remedy for found in SETTINGS if found is setting)
    assert remedy.endswith(".")
    assert "BoolIfExists" not in remedy


@pytest.mark.parametrize("message", [None, "", "Access Denied", "x IAM user access not activated"])
def test_other_messages_are_none(message: str | None) -> None:
    """Only AWS's own words, from the beginning."""
    assert setting_of(message) is None
