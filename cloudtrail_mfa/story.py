"""The story of a principal, a session or a key: its calls in order, runs of like ones as one row."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from cloudtrail_mfa import queries
from cloudtrail_mfa.errors import ScopeError
from cloudtrail_mfa.scope import Scope

__all__ = ["Denials", "timeline"]

Denials = Callable[..., pd.DataFrame]
"""Gives attributed denials: ``(condition, scope, **values)``."""

_KEY = re.compile(r"A[A-Z0-9]{15,127}")

# The sessions that a key opened, itself or by way of others, are those in whose chain it stands.
_OPENED_WITH = """
select access_key_id, issued_in
from sessions
where len(list_filter(chain, lambda step: ends_with(step, $key))) > 0
"""
_MADE = "select event_id from key_changes where access_key_id = $key"
_DONE_TO_THEM = """exists (
    select 1 from (select unnest($principals) as pattern)
    where outcome = 'allowed' and lower(changes_whom) glob pattern
)"""


def timeline(
    con: duckdb.DuckDBPyConnection,
    scope: Scope,
    denials: Denials,
    *,
    session: str | None = None,
    key: str | None = None,
) -> pd.DataFrame:
    """Return the story of a principal, a session or a key.

    Parameters
    ----------
    con
        A connection that `queries.connect` opened.
    scope
        Which calls may belong to it. With ``principals``, those of them, of every session at whose
        beginning they stand, and what others changed of theirs in IAM.
    denials
        Tells why calls were denied.
    session
        A temporary key: its calls, its issue, and the sessions that were opened with it.
    key
        A long-term key: its calls, what became of it, and the sessions that were opened with it.

    Returns
    -------
    pandas.DataFrame
        A row a run of like calls, in order of time, UTC; ``timeline.sql`` tells the columns.

    Raises
    ------
    ScopeError
        If nothing says whose story it is, more than one thing does, or a key is none.
    QueryError
        If the lake cannot be read.
    """
    theirs, values = _theirs(con, scope, _one(scope, session=session, key=key))
    wide = replace(scope, principals=())
    told = denials(theirs, wide, **values)
    verdicts = told[["event_id", "cause", "certainty"]].astype("str").drop_duplicates("event_id")
    in_scope, bound = queries.where(wide)
    whose = f"({theirs} or {_DONE_TO_THEM})" if "principals" in values else theirs
    text = f"select * from stories where {in_scope} and {whose}"  # noqa: S608
    return queries.frame(
        queries.ask(
            con,
            "timeline",
            {},
            story=queries.fetch(con, text, bound | values),
            verdicts=pa.Table.from_pandas(verdicts, preserve_index=False),
        )
    )


def _one(scope: Scope, *, session: str | None, key: str | None) -> str | None:
    """Return the key whose story it is; None where it is that of principals."""
    given = {"principal": scope.principals, "session": session, "key": key}
    named = [name for name, value in given.items() if value]
    if not named:
        raise ScopeError("principal", None, "is missing: say whose story, a principal's or a key's")
    if len(named) > 1:
        raise ScopeError(named[1], given[named[1]], f"cannot stand beside {named[0]}: ask for one")
    found = session or key
    if found and not _KEY.fullmatch(found):
        raise ScopeError(named[0], found, "is no access key id: it looks like ASIA… or AKIA…")
    return found


def _theirs(
    con: duckdb.DuckDBPyConnection, scope: Scope, key: str | None
) -> tuple[str, dict[str, Any]]:
    """Return a condition for the calls of a story, and the values to bind to it."""
    if key is None:
        whose, values = queries.where(Scope(principals=scope.principals))
        opened = queries.sessions(con, Scope(principals=scope.principals, accounts=scope.accounts))
        keys, events = [], []
    else:
        whose, values = "false", {}
        opened = queries.frame(queries.fetch(con, _OPENED_WITH, {"key": key}))
        keys = [key]
        events = queries.fetch(con, _MADE, {"key": key})["event_id"].to_pylist()
    lists = {
        "keys": [*keys, *opened["access_key_id"].dropna()],
        "issues": [*events, *opened["issued_in"].dropna()],
    }
    for name, column in (("keys", "access_key_id"), ("issues", "event_id")):
        if lists[name]:
            whose += f" or list_contains(${name}, {column})"
            values[name] = lists[name]
    return f"({whose})", values
