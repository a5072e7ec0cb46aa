"""A table of denials is judged: those that look alike once."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from cloudtrail_mfa import Evidence, Lake, queries
from cloudtrail_mfa.attribution.causes import Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.judgement import attribute
from cloudtrail_mfa.attribution.rules import judge
from cloudtrail_mfa.denials import attributed
from cloudtrail_mfa.scope import Scope
from tests.records import Record, denied, file_name, session, write_log
from tests.scenarios.export import write_evidence
from tests.scenarios.judged import generate


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


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., pd.DataFrame]:
    """Return a function that judges some of the denials of a made-up world, with its policies."""
    folder = tmp_path_factory.mktemp("world")
    (world,) = generate(150, 4)
    write_log(folder / "logs" / file_name(), [*world.records, *world.again])
    write_evidence(world, folder / "evidence")
    lake = Lake(folder / "lake")
    lake.ingest(folder / "logs")
    evidence = Evidence.load(folder / "evidence")

    def judge_them(condition: str = "true", *, in_words: bool = True) -> pd.DataFrame:
        return attributed(lake._kept(), condition, Scope(), evidence, in_words=in_words)

    return judge_them


def test_a_denial_alone_is_judged_as_among_others(judged: Callable[..., pd.DataFrame]) -> None:
    """Which others are judged with it, and how many look alike, does not matter."""
    told = judged()
    columns = ["cause", "certainty", "mfa_would_allow", "evidence", "remedy"]
    rows = told.iloc[:: max(len(told) // 40, 1)]
    for row in rows.to_dict("records"):
        alone = judged(f"event_id = '{row['event_id']}'").to_dict("records")
        assert [row[name] for name in columns] in [[one[name] for name in columns] for one in alone]


def test_without_words_the_verdict_is_the_same(judged: Callable[..., pd.DataFrame]) -> None:
    """Names, keys and times are looked at by the sentences alone."""
    told, counted = judged(), judged(in_words=False)
    columns = ["event_id", "cause", "certainty", "mfa_would_allow"]
    pd.testing.assert_frame_equal(counted[columns], told[columns])
    assert not {"evidence", "remedy"} & set(counted.columns)
    assert told["cause"].nunique() > 5
