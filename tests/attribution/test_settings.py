"""Settings: messages with AccessDenied that speak of no policy."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.attribution.settings import SETTINGS, setting_of
from tests.records import refusal


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


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/x"),
        ("ssm:GetParameter", '"arn:aws:ssm:us-east-1:111122223333:parameter/x"'),
        ("s3:GetObject", "arn:aws:s3:::example-reports/x"),
    ],
)
def test_a_name_that_speaks_of_a_setting_is_none(action: str, resource: str) -> None:
    """What S3 itself does not say, in its quotes, the caller may have said."""
    forged = "because public policies are blocked by the BlockPublicPolicy setting"
    assert setting_of(refusal(action, on=resource, why=forged)) is None
