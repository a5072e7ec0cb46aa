"""The library against made-up calls whose cause is known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from cloudtrail_mfa.attribution.causes import OF_TEN
from tests.scenarios.__main__ import main
from tests.scenarios.judged import SURE, generate, judge
from tests.scenarios.registry import SITUATIONS
from tests.scenarios.tables import compact, markdown, precision, scorecard, within_reach


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return judge(list(generate(1800, seed=1)), tmp_path_factory.mktemp("worlds"))


def test_nothing_is_missed(rows: pd.DataFrame) -> None:
    """Every refused call is told, and none that was not refused."""
    assert rows["cause"].notna().all()
    assert rows["true_cause"].notna().all()


def test_what_is_sure_is_right(rows: pd.DataFrame) -> None:
    """What is proven, observed or stated is wrong nowhere."""
    sure = within_reach(rows[rows["certainty"].isin(SURE)])
    wrong = sure[sure["wrong"]]
    assert wrong.empty, wrong[["situation", "event_id", "cause", "true_cause"]]
    assert len(sure) > 300


def test_every_situation_occurs(rows: pd.DataFrame) -> None:
    """Each kind of situation is met, and there are many more than twenty."""
    assert set(rows["situation"]) == set(SITUATIONS)
    assert len(SITUATIONS) >= 20


def test_every_cause_occurs(rows: pd.DataFrame) -> None:
    """Each cause is the true one of some call, but for the one that says nothing."""
    assert rows["true_cause"].nunique() == 15
    assert set(rows["true_mfa"].dropna()) == {True, False}


def test_a_seed_gives_the_same_world() -> None:
    """What is made up depends on the seed alone."""
    one, same = (next(generate(300, seed=7)) for _ in range(2))
    other = next(generate(300, seed=8))
    assert one.records == same.records
    assert one.labels == same.labels
    assert one.records != other.records


def test_the_scorecard_says_how_often(rows: pd.DataFrame) -> None:
    """It counts what is right beside what only fits, and never rounds up to certainty."""
    text = "\n".join(scorecard(rows))
    assert "refused calls of" in text
    assert "| logs     | stated" in text
    assert "How often what is inferred is right:" in text
    assert set(compact(rows)["cause"]) <= set(rows["cause"])
    table = precision(rows)
    assert table["rows"].sum() == len(rows)
    assert markdown(pd.DataFrame({"share": [0.999, 1.0], "of": ["a", "b"]})).splitlines() == [
        "| share | of |",
        "| ----: | -- |",
        "|  0.99 | a  |",
        "|     1 | b  |",
    ]


def test_one_command_prints_it(tmp_path: Path) -> None:
    """The same seed prints the same tables, and what is wrong with its evidence."""
    asked = ["--cases", "300", "--seed", "3", "--show-wrong", "1"]
    one = CliRunner().invoke(main, asked)
    assert one.exit_code == 0, one.output
    assert "| inferred" in one.output
    assert " wrong: " in one.output
    assert CliRunner().invoke(main, [*asked, "--keep", str(tmp_path)]).output == one.output
    short = CliRunner().invoke(main, [*asked[:4], "--short"]).output
    assert one.output.startswith(short.rstrip())


def test_what_is_inferred_is_right_as_often_as_is_said(rows: pd.DataFrame) -> None:
    """Where there are enough of a cause to tell: one in ten more or less, as chance has it."""
    inferred = within_reach(rows[rows["certainty"] == "inferred"])
    shares = inferred.groupby("cause", observed=True)["right"].agg(["size", "mean"])
    shares = shares[shares["size"] >= 40]
    assert len(shares) >= 3
    stated = [OF_TEN[cause] / 10 for cause in shares.index]
    assert shares["mean"].to_list() == pytest.approx(stated, abs=0.15)
