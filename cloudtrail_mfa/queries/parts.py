"""What is asked of a part of the events, or once of all: of most of them no question wants to know.

A table or view that is temporary takes the place of the view of its name on one cursor, for all that
builds on it, too; so the files stay as they are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import duckdb
import pandas as pd
import pyarrow as pa

from cloudtrail_mfa.errors import QueryError
from cloudtrail_mfa.queries import RELATIONS, columns, cursor_for, fetch, frame
from cloudtrail_mfa.queries.kept import Kept

__all__ = ["experiments", "keep", "keep_denials", "keep_sessions"]

# Of few events each, and asked for by whatever is asked of denials.
_KEPT = ("console_keys", "devices", "issued", "permission_changes", "policy_changes")
_ASKED = f"select {', '.join(columns('asked'))} from denials"  # noqa: S608


def keep(kept: Kept) -> None:
    """Work out the small relations that every question about denials asks for, once for a lake.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    if missing := [name for name in _KEPT if not kept.has(name)]:
        cursor = cursor_for(kept.con, " ".join(missing))
        with _told():
            cursor.execute("create temp table notable as from memory.main.notable")
            for name in missing:
                kept.keep(name, cursor.sql(f"from memory.main.{name}"))


def keep_denials(kept: Kept) -> None:
    """Work out all denials and what the other calls of their principals say of them.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    keep(kept)
    with _told():
        if not kept.has("denials"):
            kept.keep("denials", cursor_for(kept.con, "denials").sql("from memory.main.denials"))
        if not kept.has("experiments"):
            asked = fetch(kept.con, _ASKED, {})
            kept.keep("experiments", kept.con.from_arrow(_experiments(kept.con, asked)))


def keep_sessions(kept: Kept) -> None:
    """Work out all sessions: whichever are asked for, each may be opened by any other.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    if not kept.has("sessions"):
        with _told():
            kept.keep("sessions", cursor_for(kept.con, "sessions").sql("from memory.main.sessions"))


def experiments(kept: Kept, denials: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``experiments`` for these denials.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    asked = pa.Table.from_pandas(denials[list(columns("asked"))], preserve_index=False)
    with _told():
        if not kept.has("experiments"):
            return frame(_experiments(kept.con, asked))
        cursor = kept.con.cursor()
        cursor.register("asked", asked)
        found = cursor.sql(
            "from memory.main.experiments where event_id in (select event_id from asked)"
        )
        return frame(found.to_arrow_table())


def _experiments(con: duckdb.DuckDBPyConnection, asked: pa.Table) -> pa.Table:
    """Return what is known of these denials.

    Each half is asked of the events alone that may have a part in it: whoever called is told by tests
    of many texts, and of most events nobody asks.
    """
    return pa.concat_tables(
        [
            _of_part(con, "comparisons", "on_topic", asked, by="refused_topics"),
            _of_part(con, "habits", "in_week", asked, by="refused_weeks"),
        ]
    )


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell that the lake cannot be read, where it cannot."""
    try:
        yield
    except duckdb.Error as error:
        raise QueryError(f"the lake cannot be read: {error}") from None


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
