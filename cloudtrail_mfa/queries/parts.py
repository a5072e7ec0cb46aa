"""What is asked of a part of the events, or once of all: of most of them no question wants to know.

A table or view that is temporary takes the place of the view of its name on one cursor, for all that
builds on it, too; so the files stay as they are.
"""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa

from cloudtrail_mfa.errors import QueryError
from cloudtrail_mfa.queries import RELATIONS, columns, comment, cursor_for, frame

__all__ = ["experiments", "keep"]

# Of few events each, and asked for by whatever is asked of denials.
_KEPT = ("console_keys", "devices", "issued", "permission_changes", "policy_changes")


def keep(con: duckdb.DuckDBPyConnection) -> None:
    """Compute the small relations that every question about denials asks for, once for a lake.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    cursor = cursor_for(con, " ".join(_KEPT))
    if con.execute("select 1 from duckdb_schemas() where schema_name = 'kept'").fetchall():
        return
    try:
        cursor.execute("create temp table notable as from memory.main.notable")
        cursor.execute("create schema kept")
        for name in _KEPT:
            cursor.execute(f"create table kept.{name} as from memory.main.{name}")
            cursor.execute(f"create or replace view memory.main.{name} as from kept.{name}")
            comment(con, name)
    except duckdb.Error as error:
        raise QueryError(f"the lake cannot be read: {error}") from None


def experiments(con: duckdb.DuckDBPyConnection, denials: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``experiments`` for these denials.

    Each half is asked of the events alone that may have a part in it: whoever called is told by tests
    of many texts, and of most events nobody asks.
    """
    asked = pa.Table.from_pandas(denials[list(columns("asked"))], preserve_index=False)
    try:
        found = [
            _of_part(con, "comparisons", "on_topic", asked, by="refused_topics"),
            _of_part(con, "habits", "in_week", asked, by="refused_weeks"),
        ]
    except duckdb.Error as error:
        raise QueryError(f"the lake cannot be read: {error}") from None
    return frame(pa.concat_tables(found))


def _of_part(
    con: duckdb.DuckDBPyConnection, name: str, part: str, asked: pa.Table, *, by: str
) -> pa.Table:
    """Return the rows of a relation for the calls in question, of a part of the events alone.

    What is temporary takes the place of a view of its name, for all that builds on it, too.
    """
    cursor = cursor_for(con, f"{name} {part} {by}")
    cursor.register("asked", asked)
    for few in ("questions", by):
        cursor.execute(f"create temp table {few} as from memory.main.{few}")
    none = cursor.execute(f"select 1 from {by} limit 1").fetchall() == []  # noqa: S608
    cursor.execute(
        "create temp view named as with named as not materialized (from memory.main.named)"
        f" {RELATIONS[part].sql}"
    )
    # Where nothing is to be compared, no event need be read.
    return cursor.sql(f"from {name} limit 0" if none else f"from {name}").to_arrow_table()
