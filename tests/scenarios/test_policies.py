"""The conditions do what AWS's guide says, whoever evaluates them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.scenarios import policies as p
from tests.scenarios.policies import Condition, Context, Policy, Statement

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ABSENT, FALSE = Context(NOW), Context(NOW, mfa=False, issued=NOW)
TRUE, OLD = (Context(NOW, mfa=True, age=age, issued=NOW) for age in (60, 7200))

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
TABLE = (
    (p.BOOL_FALSE, (False, True, False, False)),
    (p.IF_EXISTS_FALSE, (True, True, False, False)),
    (p.BOOL_TRUE, (False, False, True, True)),
    (p.IF_EXISTS_TRUE, (True, False, True, True)),
    (p.NULL_MFA, (True, False, False, False)),
    (p.ALLOW_NOT_NULL, (False, True, True, True)),
    (p.ANY_MFA, (True, False, True, True)),
    (p.KEY_BY_ISSUE, (True, False, False, False)),
    (p.younger_than(3600), (False, False, True, False)),
    (p.older_than(3600), (True, True, False, True)),
    (p.older_than_strictly(3600), (False, False, False, True)),
)


@pytest.mark.parametrize(
    ("condition", "expected"), TABLE, ids=[f"{c.operator}-{c.value}" for c, _ in TABLE]
)
def test_conditions_on_mfa(condition: Condition, expected: tuple[bool, ...]) -> None:
    """Absent, false, true and old: each condition matches where the guide's table says so."""
    assert tuple(map(condition.holds, (ABSENT, FALSE, TRUE, OLD))) == expected
    assert condition.about_mfa


def test_other_conditions() -> None:
    """Negated operators match where the key is absent; none of these asks for MFA."""
    office, region = p.ip_outside("203.0.113"), p.region_outside("us-east-1")
    assert office.holds(ABSENT)
    assert not office.holds(Context(NOW, ip="203.0.113.9"))
    assert office.holds(Context(NOW, ip=None))
    assert region.holds(Context(NOW, region="eu-west-1"))
    assert p.encrypted("aws:kms").holds(ABSENT)
    assert p.tag_differs("team", "billing").holds(ABSENT)
    assert not p.tagged("protected", "yes").holds(ABSENT)
    assert p.issued_before(NOW + timedelta(seconds=1)).holds(FALSE)
    assert not p.issued_before(NOW).holds(ABSENT)
    assert not any(c.about_mfa for c in (office, region, p.through_service()))


@pytest.mark.parametrize(
    ("statement", "action", "speaks"),
    [
        (p.allow("s3:Get*"), "s3:getobject", True),
        (p.allow("s3:Get*"), "s3:PutObject", False),
        (p.deny_all_but("iam:GetUser", when=()), "iam:GetUser", False),
        (p.deny_all_but("iam:GetUser", when=()), "iam:ListUsers", True),
        (p.allow("*", on="arn:aws:s3:::example-reports/open/*"), "s3:GetObject", False),
    ],
)
def test_actions_and_resources(statement: Statement, action: str, *, speaks: bool) -> None:
    """Actions match in any case, NotAction all but those; resources as they are written."""
    assert statement.speaks_of(action, "arn:aws:s3:::example-reports/a", ABSENT) is speaks


def test_a_document_says_what_is_evaluated() -> None:
    """The JSON that is exported holds the same operators, keys and values."""
    statement = Statement(
        "Deny",
        ("s3:*",),
        (p.IF_EXISTS_FALSE, p.through_service()),
        but=True,
        principals=("111122223333", "arn:aws:iam::111122223333:user/alice"),
    )
    expected: dict[str, Any] = {
        "Effect": "Deny",
        "NotAction": ["s3:*"],
        "Principal": {
            "AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/alice"]
        },
        "Resource": ["*"],
        "Condition": {
            "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
            "Bool": {"aws:ViaAWSService": "false"},
        },
    }
    assert Policy("x", (statement,)).document("resource")["Statement"] == [expected]
