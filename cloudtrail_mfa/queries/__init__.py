"""Questions to the lake, each a ``.sql`` file that runs as it stands where ``events`` is a view.

A file is one relation, named by its stem; the comment at its head states its grain and its
columns, and is the only statement of them. Filters are bound to the result, outside the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from cloudtrail_mfa.errors import QueryError
from cloudtrail_mfa.nearest import nearest
from cloudtrail_mfa.queries.spill import new_folder
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.schema import EVENTS, SCHEMA

__all__ = [
    "ASKED",
    "RELATIONS",
    "Relation",
    "ask",
    "columns",
    "comment",
    "connect",
    "cursor_for",
    "describe",
    "fetch",
    "frame",
    "grains",
    "run",
    "select",
    "sessions",
    "stream",
    "summarize",
    "where",
]


@dataclass(frozen=True, slots=True)
class Relation:
    """One ``.sql`` file.

    Attributes
    ----------
    name
        Name of the view.
    grain
        What one row is.
    columns
        Meaning of each column, in order.
    sql
        The file's text.
    """

    name: str
    grain: str
    columns: Mapping[str, str]
    sql: str

    @classmethod
    def load(cls, name: str) -> Relation:
        """Read the file of that stem."""
        sql = _read(f"compat/{name}.sql" if name in _COMPAT else f"{name}.sql")
        head = re.match(rf"-- {name}: (.+)\n--\n((?:-- .+\n)+)", sql)
        if head is None:
            raise ValueError(f"{name}.sql does not begin with its name, grain and columns")
        lines = (line[3:].partition(" ") for line in head[2].splitlines())
        return cls(
            name,
            head[1],
            {column: meaning.strip() for column, _, meaning in lines},
            sql,
        )


def _read(file: str) -> str:
    return resources.files(__package__).joinpath(file).read_text("utf-8")


# Tables that other tools have, under their names: what was published for them runs as it is.
_COMPAT = "aws_cloudtrail_log", "cloudtrail_logs"

# Each builds on those before it.
_VIEWS = (
    *_COMPAT,
    "error_codes",
    "policy_phrases",
    "action_names",
    "action_prefixes",
    "self_service",
    "notable",
    "devices",
    "policy_changes",
    "permission_changes",
    "console_keys",
    "issued",
    "named",
    "operations",
    "identified",
    "calls",
    "denials",
    "requests",
    "records",
    "sign_ins",
    "used_sessions",
    "sessions",
    "asked",
    "questions",
    "own_calls",
    "refused_topics",
    "on_topic",
    "refused_weeks",
    "in_week",
    "comparisons",
    "habits",
    "experiments",
    "coverage_notes",
    "usage",
    "device_changes",
    "key_changes",
    "mfa_seen",
    "stories",
    "principal_names",
)

ASKED = ("summary", "posture", "credentials", "timeline", "coverage")
"""Questions that are no views: they need what SQL alone does not know, as causes and log files."""

RELATIONS = {name: Relation.load(name) for name in (*_VIEWS, *ASKED)}
"""Every question, by name."""


def _named(text: str) -> set[str]:
    """Return the views that a text names, in whatever way."""
    return set(_VIEWS) & set(re.findall(r"[a-z_]+", re.sub(r"--.*", "", text.lower())))


_BUILDS_ON = {name: _named(RELATIONS[name].sql) - {name} for name in _VIEWS}
# A query of these may be about views that it does not name.
_OF_THE_CATALOG = re.compile(
    r"duckdb_|information_schema|\b(?:show|describe|pragma|query)\b", re.IGNORECASE
)

_ATHENA = _read("compat/athena.sql")

_BATCH = 10_000

# Tests of a row's columns, each with the parameter of its name bound.
_TESTS = {
    "since": "event_time >= $since and date >= cast($since as date)",
    "until": "event_time < $until and date <= cast($until as date)",
    "accounts": "list_contains($accounts, account_id)",
    "regions": "list_contains($regions, region)",
    "principals": """exists (
        select 1 from (select unnest($principals) as pattern)
        where lower(principal_name) glob pattern
        or lower(principal_arn) glob pattern
        or lower(regexp_extract(principal_arn, '[^/:]+$')) glob pattern
    )""",
    "events": """exists (
        select 1 from (select unnest($events) as pattern)
        where lower(event_name) glob pattern
        or lower(split_part(event_source, '.', 1) || ':' || event_name) glob pattern
    )""",
}


# The same of a session, which lasts: it is in scope where one of its calls may be.
_TESTS_OF_SESSIONS = {
    "since": "last_seen >= $since",
    "until": "first_seen < $until",
    "accounts": "list_contains($accounts, account_id)",
    "regions": "list_has_any(regions, $regions)",
    "principals": """exists (
        select 1 from (select unnest($principals) as pattern)
        where lower(principal_name) glob pattern
        or lower(principal_arn) glob pattern
        or lower(session_name) glob pattern
        or lower(origin) glob pattern
        or lower(regexp_extract(origin, '[^/:]+$')) glob pattern
    )""",
    "events": f"access_key_id in (select access_key_id from calls where {_TESTS['events']})",  # noqa: S608
}


def connect(parquet: Sequence[str]) -> duckdb.DuckDBPyConnection:
    """Open DuckDB in memory with ``events`` over these Parquet files; views are made when asked for.

    Nothing is downloaded: extensions are neither installed nor loaded on demand. What does not fit
    into memory goes to the system's temporary folder.

    Raises
    ------
    QueryError
        If a Parquet file is none.
    """
    con = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "temp_directory": new_folder(),
        }
    )
    if parquet:
        try:
            con.sql(_EVENTS, params={"parquet": list(parquet)}).create_view("events")
        except duckdb.Error as error:
            raise QueryError(f"the lake cannot be read: {error}") from None
    else:
        con.from_arrow(SCHEMA.empty_table()).create_view("events")
    comment(con, "events")
    return con


_EVENTS = """
select * from read_parquet(
    $parquet,
    hive_partitioning = true,
    hive_types = {'account_id': 'varchar', 'date': 'date'}
)
"""


def cursor_for(con: duckdb.DuckDBPyConnection, query: str) -> duckdb.DuckDBPyConnection:
    """Return a cursor for one query, with the views that it names.

    What is set on a connection does not reach its cursors.
    """
    names = _named(query)
    _make_views(con, set(_VIEWS) if _OF_THE_CATALOG.search(query) else names)
    # Where DuckDB takes many rows for few, it would join each with each.
    cursor = con.cursor().execute("set TimeZone = 'UTC'; set asof_loop_join_threshold = 0")
    return cursor.execute(_ATHENA) if "cloudtrail_logs" in names else cursor


def _make_views(con: duckdb.DuckDBPyConnection, names: set[str]) -> None:
    """Make the views that are not there yet, and those that they build on.

    To make all of them takes longer than most queries of a small lake.
    """
    found = con.execute("select view_name from duckdb_views() where not internal").fetchall()
    made = {name for (name,) in found}
    wanted = names - made
    while more := {each for name in wanted for each in _BUILDS_ON[name]} - wanted - made:
        wanted |= more
    for name in _VIEWS:
        if name in wanted:
            # The library's own text; by way of a relation, DuckDB would bind it twice.
            con.execute(f"create view {name} as {RELATIONS[name].sql}")
            comment(con, name)


def comment(con: duckdb.DuckDBPyConnection, view: str) -> None:
    """Tell DuckDB's catalogue what a view and its columns mean."""
    # Names and texts are this library's own; DDL takes no parameters.
    con.execute(f"comment on view {view} is {_literal(grains()[view])}")
    for column, meaning in columns(view).items():
        con.execute(f"comment on column {view}.{column} is {_literal(meaning)}")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def where(scope: Scope, tests: Mapping[str, str] = _TESTS) -> tuple[str, dict[str, Any]]:
    """Return a condition for the rows in scope, and the values to bind to it."""
    values = {
        "since": scope.since,
        "until": scope.until,
        "accounts": list(scope.accounts),
        "regions": list(scope.regions),
        "principals": [_pattern(text) for text in scope.principals],
        "events": [_pattern(text) for text in scope.events],
    }
    used = {name: value for name, value in values.items() if value}
    return " and ".join(tests[name] for name in used) or "true", used


def _pattern(text: str) -> str:
    """Return a text for GLOB in which ``*`` and ``?`` alone have a meaning."""
    return text.lower().replace("\\", "\\\\").replace("[", "[[]")


def fetch(con: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any]) -> pa.Table:
    """Run one of the library's own queries and return its rows."""
    try:
        return cursor_for(con, query).sql(query, params=dict(values)).to_arrow_table()
    except duckdb.Error as error:
        raise QueryError(f"the lake cannot be read: {error}") from None


def stream(con: duckdb.DuckDBPyConnection, relation: str, scope: Scope) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a relation that are in scope, in order of time, as they come."""
    text, values = _selection(relation, scope, "true")
    try:
        yield from cursor_for(con, text).sql(text, params=values).to_arrow_reader(_BATCH)
    except duckdb.Error as error:
        raise QueryError(f"the lake cannot be read: {error}") from None


def select(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    scope: Scope,
    condition: str = "true",
    **values: object,
) -> pd.DataFrame:
    """Return the rows of a relation that are in scope and meet a condition, in order of time."""
    text, bound = _selection(relation, scope, condition)
    return frame(fetch(con, text, bound | values))


def sessions(con: duckdb.DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Return the sessions in scope, in order of time."""
    in_scope, values = where(scope, _TESTS_OF_SESSIONS)
    text = f"select * from sessions where {in_scope} order by first_seen, access_key_id"  # noqa: S608
    return frame(fetch(con, text, values))


def _selection(relation: str, scope: Scope, condition: str) -> tuple[str, dict[str, Any]]:
    # Relation and condition are the library's own; what a user gave is bound.
    in_scope, values = where(scope)
    chosen = f"select * from {relation} where {in_scope} and {condition}"  # noqa: S608
    return f"{chosen} order by event_time, event_id", values


def ask(
    con: duckdb.DuckDBPyConnection, name: str, scopes: Mapping[str, Scope], **given: pa.Table
) -> pa.Table:
    """Ask a question of less than there is, and of what SQL alone does not know.

    Parameters
    ----------
    name
        The relation.
    scopes
        Relations that it builds on, each with what is to be seen of it.
    **given
        Tables that take the place of relations, or stand beside them.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    inputs: list[str] = []
    values: dict[str, Any] = {}
    for relation, scope in scopes.items():
        condition, bound = where(scope)
        source = f"given_{relation}" if relation in given else f"memory.main.{relation}"
        inputs.append(f"{relation} as (select * from {source} where {condition})")  # noqa: S608
        values |= bound
    inputs += [f"{table} as (from given_{table})" for table in given if table not in scopes]
    text = f"with {', '.join(inputs)} select * from ({RELATIONS[name].sql})"  # noqa: S608
    try:
        cursor = cursor_for(con, text)
        for table, rows in given.items():
            cursor.register(f"given_{table}", rows)
        return cursor.sql(text, params=values).to_arrow_table()
    except duckdb.Error as error:
        raise QueryError(f"the lake cannot be read: {error}") from None


def grains() -> dict[str, str]:
    """Return what one row of each table is."""
    told = {name: relation.grain for name, relation in RELATIONS.items()}
    return {"events": "one row for each event, once"} | told


def columns(name: str) -> dict[str, str]:
    """Return the meaning of each column of a table, in order."""
    if name == "events":
        return {column.name: column.meaning for column in EVENTS}
    told = dict(RELATIONS[name].columns)
    others = told.pop("*", "").rpartition(" ")[2]
    return columns(others) | told if others else told


def describe(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, tuple[str, str]]:
    """Return type (DuckDB's) and meaning of each column of a table, in order."""
    meanings = columns(name)
    if name in ASKED:
        return {column: ("", meaning) for column, meaning in meanings.items()}
    view = cursor_for(con, name).table(name)
    types = dict(zip(view.columns, map(str, view.types), strict=True))
    return {column: (types[column], meanings.get(column, "")) for column in types}


def frame(table: pa.Table) -> pd.DataFrame:
    """Return rows as a DataFrame: times in UTC, flags that may be null, lists as lists."""
    out: pd.DataFrame = table.to_pandas(
        types_mapper={pa.bool_(): pd.BooleanDtype()}.get, date_as_object=False
    )
    for column in table.schema:
        if pa.types.is_list(column.type):
            out[column.name] = pd.Series(table[column.name].to_pylist(), dtype=object)
        elif pa.types.is_timestamp(column.type) and column.type.tz:
            out[column.name] = out[column.name].dt.tz_convert("UTC")
    return out


def summarize(con: duckdb.DuckDBPyConnection, attributed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``summary`` for denials whose cause is known."""
    cursor = cursor_for(con, RELATIONS["summary"].sql)
    cursor.register("attributed", pa.Table.from_pandas(attributed, preserve_index=False))
    return frame(cursor.sql(RELATIONS["summary"].sql).to_arrow_table())


def run(con: duckdb.DuckDBPyConnection, query: str, params: Any = None) -> pd.DataFrame:
    """Run a user's query.

    Raises
    ------
    QueryError
        If DuckDB refuses it.
    """
    if not query.strip():
        raise QueryError("the query is empty")
    try:
        cursor = cursor_for(con, query).execute(query, params)
        out = cursor.df() if cursor.description else pd.DataFrame()
    except duckdb.CatalogException as error:
        raise QueryError(_without_table(str(error))) from None
    except (duckdb.Error, ValueError, TypeError) as error:
        raise QueryError(str(error)) from None
    for name in out.select_dtypes("datetimetz"):
        out[name] = out[name].dt.tz_convert("UTC")
    return out


def _without_table(message: str) -> str:
    """Return what DuckDB says of a table that is not there, with ours instead of its own as the nearest."""
    found = re.search(r"Table with name (\S+) does not exist", message)
    if found is None:
        return message
    if found[1] in ASKED:
        return f"{found[1]} is no table: it is the command of that name, or the lake's method"
    return f"there is no table {found[1]!r}{nearest(found[1], ['events', *_VIEWS])}"
