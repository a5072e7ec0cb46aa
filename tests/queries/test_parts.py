"""What is asked of a part of the events, or once of all, is what would be found in all of them."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pandas as pd
import pytest

from cloudtrail_mfa import Lake, queries
from cloudtrail_mfa.errors import QueryError
from cloudtrail_mfa.queries import parts
from cloudtrail_mfa.queries.kept import Kept
from cloudtrail_mfa.scope import Scope
from tests.scenarios.judged import generate

KEPT = ("console_keys", "devices", "issued", "permission_changes", "policy_changes")
FEW = pd.DataFrame({name: ["a"] for name in queries.columns("asked")})


@pytest.fixture
def con(lake_of: Callable[..., Lake]) -> duckdb.DuckDBPyConnection:
    """Return a connection to made-up calls of every kind, some of them trials with MFA and without."""
    (world,) = generate(300, 1)
    return lake_of(*world.records, *world.again)._connection()


def rows_of(con: duckdb.DuckDBPyConnection, relation: str) -> pd.DataFrame:
    return queries.run(con, f"from {relation} order by all")


def in_order(found: pd.DataFrame) -> list[tuple[object, ...]]:
    return sorted(found.itertuples(index=False, name=None))


def test_experiments_of_a_part_are_those_of_all(con: duckdb.DuckDBPyConnection) -> None:
    """The file, which asks all events, finds the same."""
    found = parts.experiments(Kept(con), queries.select(con, "denials", Scope()))
    assert found["rule"].nunique() > 5
    assert in_order(found) == in_order(rows_of(con, "experiments"))


def test_experiments_of_some_denials_are_those_of_all(con: duckdb.DuckDBPyConnection) -> None:
    """Whatever else was refused, what speaks to a denial is the same."""
    asked = queries.select(con, "denials", Scope()).iloc[::3]
    found = parts.experiments(Kept(con), asked)
    of_all = rows_of(con, "experiments")
    assert in_order(found) == in_order(of_all[of_all["event_id"].isin(asked["event_id"])])


def test_what_is_kept_is_what_it_was(con: duckdb.DuckDBPyConnection) -> None:
    """Relations are computed once, with the same rows, columns and descriptions."""
    before = {name: rows_of(con, name) for name in KEPT}
    told = {name: queries.describe(con, name) for name in KEPT}
    parts.keep(Kept(con))
    for name in KEPT:
        pd.testing.assert_frame_equal(rows_of(con, name), before[name])
        assert queries.describe(con, name) == told[name]


def test_what_is_kept_needs_the_notable_events_alone(con: duckdb.DuckDBPyConnection) -> None:
    """In all events, too, nothing else would be found."""
    before = {name: rows_of(con, name) for name in KEPT}
    con.execute("create or replace view notable as from events")
    for name in KEPT:
        pd.testing.assert_frame_equal(rows_of(con, name), before[name])


def test_a_part_is_gone_with_its_question(con: duckdb.DuckDBPyConnection) -> None:
    """Whoever asks next, asks all events."""
    before = rows_of(con, "operations")
    parts.experiments(Kept(con), queries.select(con, "denials", Scope()).head(1))
    pd.testing.assert_frame_equal(rows_of(con, "operations"), before)


@pytest.mark.parametrize(
    "ask", [lambda con: parts.keep(Kept(con)), lambda con: parts.experiments(Kept(con), FEW)]
)
def test_a_lake_that_cannot_be_read_is_told(
    con: duckdb.DuckDBPyConnection, ask: Callable[[duckdb.DuckDBPyConnection], object]
) -> None:
    """As one error, whichever question came upon it."""
    con.execute("create table readable as from events")
    con.execute(
        "create or replace view events as"
        " select * replace (cast(error('gone') as varchar) as event_id) from readable"
    )
    with pytest.raises(QueryError):
        ask(con)
