"""The .sql files: each states its own output, runs as it stands and is the only copy of itself."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import sqlfluff

from cloudtrail_mfa import queries
from cloudtrail_mfa.queries import ASKED, RELATIONS, Relation
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.schema import SCHEMA

FOLDER = Path(queries.__file__).parent
PATHS = {path.stem: path for path in FOLDER.rglob("*.sql")}
FILES = sorted(PATHS.keys() - {"athena"})  # which makes functions


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    """Return a connection with every view: a question about the catalogue needs all."""
    con = queries.connect([])
    queries.run(con, "show tables")
    return con


def test_a_view_is_made_when_it_is_named() -> None:
    """With those that it builds on, and no others; in capitals and in quotes, too."""
    con = queries.connect([])
    assert queries.run(con, "show all tables")["name"].tolist() != []
    con = queries.connect([])
    assert queries.run(con, 'select count(*) as n from "Issued"')["n"].tolist() == [0]
    made = con.sql("select view_name from duckdb_views() where not internal").fetchall()
    assert sorted(made) == [("events",), ("issued",), ("notable",)]
    assert queries.run(con, "select count(*) as n from SESSIONS")["n"].tolist() == [0]


def test_every_file_is_a_relation() -> None:
    """No file lies about unused."""
    assert sorted(RELATIONS) == FILES


ALL_EVENTS = ("records", "named", "on_topic", "in_week", "operations", "identified")


@pytest.mark.parametrize("name", [name for name in FILES if name not in (*ASKED, *ALL_EVENTS)])
def test_the_header_states_the_columns(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Names and order are those that DuckDB gives."""
    assert list(RELATIONS[name].columns) == con.table(name).columns


@pytest.mark.parametrize("name", ALL_EVENTS)
def test_headers_need_not_repeat_the_stored_columns(
    con: duckdb.DuckDBPyConnection, name: str
) -> None:
    """What is beside them is told, there or by the relation that is built on."""
    told = list(queries.columns(name))
    assert con.table(name).columns == told
    assert told[: len(SCHEMA.names)] == SCHEMA.names


def test_every_column_has_a_meaning() -> None:
    """A header without words helps nobody."""
    assert all(meaning for name in RELATIONS for meaning in RELATIONS[name].columns.values())


@pytest.mark.parametrize(
    "name",
    [
        "aws_cloudtrail_log",
        "cloudtrail_logs",
        "calls",
        "denials",
        "issued",
        "coverage_notes",
        "usage",
        "mfa_seen",
    ],
)
def test_a_file_runs_as_it_stands(name: str) -> None:
    """In a shell with the events at hand, after the files it builds on."""
    plain = duckdb.connect()
    plain.from_arrow(SCHEMA.empty_table()).create_view("events")
    for other in RELATIONS:
        if other == name:
            break
        plain.sql(PATHS[other].read_text()).create_view(other)
    assert plain.sql(PATHS[name].read_text()).columns


def test_descriptions_are_in_the_catalogue(con: duckdb.DuckDBPyConnection) -> None:
    """A user of DuckDB alone finds them."""
    found = con.sql(
        "select comment from duckdb_columns() where table_name = 'denials'"
        " and column_name = 'deny_kind'"
    ).fetchall()
    assert found == [(RELATIONS["denials"].columns["deny_kind"],)]


@pytest.mark.parametrize("name", sorted(PATHS))
def test_sql_is_in_the_house_style(name: str) -> None:
    """The linter has nothing to say."""
    root = Path(__file__).parents[2] / "pyproject.toml"
    found = sqlfluff.lint(PATHS[name].read_text(), config_path=str(root))
    assert [(issue["start_line_no"], issue["code"], issue["description"]) for issue in found] == []


def test_a_header_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that does not say what it is is refused at once."""
    monkeypatch.setattr(Path, "read_text", lambda *_: "select 1")
    with pytest.raises(ValueError, match=r"denials\.sql does not begin"):
        Relation.load("denials")


@pytest.mark.parametrize("text", ["'; drop table events; --", "[a-z]*", "%", "\\", '"'])
def test_filters_are_bound(con: duckdb.DuckDBPyConnection, text: str) -> None:
    """What a user types is a value, never SQL, and only * and ? have a meaning."""
    assert queries.select(con, "calls", Scope(principals=(text,), events=(text,))).empty
    assert con.sql("select count(*) from events").fetchall() == [(0,)]
