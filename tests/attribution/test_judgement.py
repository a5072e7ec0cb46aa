"""A table of denials is judged: those that look alike once."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from cloudtrail_mfa import Lake, queries
from cloudtrail_mfa.attribution.causes import Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.judgement import attribute
from cloudtrail_mfa.attribution.rules import judge
from cloudtrail_mfa.scope import Scope
from tests.records import Record, denied, session


@pytest.fixture
def denials(lake_of: Callable[..., Lake]) -> Callable[..., pd.DataFrame]:
    """Return a function that gives the facts of some denied calls."""

    def facts(*records: Record) -> pd.DataFrame:
        lake = lake_of(*records)
        return queries.select(lake._connection(), "denials", Scope())

    return facts


def test_like_denials_are_judged_once(denials: Callable[..., pd.DataFrame]) -> None:
    """A million refusals of log delivery are one question."""
    asked: list[Denial] = []

    def count(denial: Denial) -> Verdict:
        asked.append(denial)
        return judge(denial)

    told = attribute(denials(*(denied() for _ in range(50)), denied("GetObject")), count)
    assert len(asked) == 2
    assert len(told) == 51


def test_rows_keep_their_order_and_columns(denials: Callable[..., pd.DataFrame]) -> None:
    """The verdict stands beside the facts of the same denial."""
    facts = denials(denied(), denied(code="AccessDenied", message="IAM user access not activated"))
    told = attribute(facts, judge)
    assert told[facts.columns.tolist()].equals(facts)
    by_id = dict(zip(told["error_message"], told["cause"], strict=True))
    assert by_id == {
        "Access Denied": "undetermined",
        "IAM user access not activated": "not_authorization",
    }


def test_no_denials_are_no_rows(denials: Callable[..., pd.DataFrame]) -> None:
    """The columns are there all the same."""
    told = attribute(denials(), judge)
    assert told.empty
    assert {"cause", "mfa_would_allow", "certainty", "evidence", "remedy"} <= set(told.columns)


@pytest.mark.parametrize(
    ("since", "fresh"),
    [
        ("2026-06-01T08:56:00Z", True),
        ("2026-06-01T08:54:00Z", False),
        ("2026-06-01T09:01:00Z", False),
        ("nonsense", False),
    ],
)
def test_a_session_is_fresh_for_five_minutes(
    denials: Callable[..., pd.DataFrame], since: str, fresh: bool
) -> None:
    """The call comes at nine."""
    seen: list[Denial] = []

    def look(denial: Denial) -> Verdict:
        seen.append(denial)
        return judge(denial)

    attribute(denials(denied(by=session(mfa=True, since=since))), look)
    assert seen[0].fresh is fresh
