"""What an auditor asks: how principals stand to MFA, which long-term keys there are, what is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from cloudtrail_mfa import queries
from cloudtrail_mfa.archive.layout import delivery, root
from cloudtrail_mfa.evidence.credentials import Credentials
from cloudtrail_mfa.iam.arns import account_of
from cloudtrail_mfa.iam.catalog import access_level
from cloudtrail_mfa.nearest import nearest
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.dataset import SourceFile

__all__ = ["coverage", "credentials", "notes", "posture", "unmet"]

_LONG_TERM = ("long_term_key", "root_key")
_LEVELS = pa.schema({"iam_action": pa.string(), "access_level": pa.string()})
_DENIALS = pa.schema({"access_key_id": pa.string(), "cause": pa.string(), "denials": pa.int64()})
_OWNERS = pa.schema({"principal_arn": pa.string(), "mfa_active": pa.bool_()})
_TIME = pa.timestamp("us", "UTC")
_KEYS = pa.schema(
    {
        "account_id": pa.string(),
        "principal_arn": pa.string(),
        "principal_name": pa.string(),
        "slot": pa.int64(),
        "active": pa.bool_(),
        "rotated": _TIME,
        "used": _TIME,
    }
)


_FILES = pa.schema(
    {
        "account_id": pa.string(),
        "region": pa.string(),
        "outcome": pa.string(),
        "is_damaged": pa.bool_(),
        "records": pa.int64(),
        "duplicates": pa.int64(),
        "place": pa.string(),
    }
)


def coverage(
    con: duckdb.DuckDBPyConnection, scope: Scope, sources: Iterable[SourceFile]
) -> pd.DataFrame:
    """Return what is recorded in a lake, and what is not.

    Parameters
    ----------
    con
        A connection that `queries.connect` opened.
    scope
        Which events count; of log files, those whose names tell such an account and region.
    sources
        What became of every file; the last word on each counts.

    Returns
    -------
    pandas.DataFrame
        A row for the lake, for each account, and below it for each of its regions; times are UTC.
        ``coverage.sql`` tells the columns.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    latest = {source.path: source for source in sources}
    files = [told for source in latest.values() if _is_in(scope, told := _file(source))]
    given = pa.Table.from_pylist(files, _FILES)
    return queries.frame(queries.ask(con, "coverage", {"named": scope}, files=given))


def _file(source: SourceFile) -> dict[str, object]:
    account, _, region = delivery(source.path)
    return {
        "account_id": account or None,
        "region": region or None,
        "outcome": source.outcome,
        "is_damaged": bool(source.problems),
        "records": source.records,
        "duplicates": source.duplicates,
        "place": root(source.path),
    }


def _is_in(scope: Scope, file: Mapping[str, object]) -> bool:
    """Whether the name of a file speaks for a scope, or does not tell."""
    chosen = (scope.accounts, file["account_id"]), (scope.regions, file["region"])
    return all(not wanted or named in (*wanted, None) for wanted, named in chosen)


# Filters by name, each with a sentence on one that nothing meets, and what it may have been meant for.
_NAMED = {
    "principals": ("No event is by principal", "select distinct principal_name from calls"),
    "accounts": ("No event is of account", "select distinct account_id from events"),
    "regions": ("No event is of region", "select distinct aws_region from events"),
    "events": ("No event is called", "select distinct event_name from events"),
}


def notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return what a reader of denials has to know of the archive, a sentence each."""
    facts = queries.fetch(con, "select * from coverage_notes", {}).to_pylist()[0]
    if not facts["events"]:
        return ["The lake holds no events: ingest log files first."]
    sentences = [f"{facts['events']:,} events."]
    if facts["first_time"]:
        first, last = (f"{facts[name]:%Y-%m-%d %H:%M}" for name in ("first_time", "last_time"))
        sentences = [f"{facts['events']:,} events from {first} to {last} UTC."]
    if not facts["s3_object_calls"]:
        sentences.append(
            "No S3 data events are in the lake: a 403 on HeadObject or GetObject is not recorded"
            " in such logs, so its absence tells nothing."
        )
    if facts["bad_credentials"]:
        sentences.append(
            f"{facts['bad_credentials']:,} calls failed for bad or expired credentials: that is"
            " authentication, and not counted as denials."
        )
    if facts["without_time"]:
        sentences.append(
            f"{facts['without_time']:,} events have no readable time: filters by time leave"
            " them out."
        )
    return sentences


def unmet(con: duckdb.DuckDBPyConnection, scope: Scope) -> list[str]:
    """Return a sentence for each name of a scope that nothing in the archive bears, with the nearest.

    Parameters
    ----------
    con
        A connection that `queries.connect` opened.
    scope
        What is asked for.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    return [*_unmet(con, scope)]


def _unmet(con: duckdb.DuckDBPyConnection, scope: Scope) -> Iterator[str]:
    for field, (sentence, known) in _NAMED.items():
        for name in getattr(scope, field):
            asked: dict[str, Any] = {field: (name,)}
            condition, bound = queries.where(Scope(**asked))
            # What is there is found at once; only of a slip the whole archive is read.
            text = f"select 1 from calls where {condition} limit 1"  # noqa: S608 - the library's own
            if not queries.fetch(con, text, bound).num_rows:
                names = sorted(filter(None, queries.fetch(con, known, {})[0].to_pylist()))
                yield f"{sentence} {name!r}{nearest(name.strip('*?'), names)}"


def posture(con: duckdb.DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Return how each principal of an account stands to MFA.

    Parameters
    ----------
    con
        A connection that `queries.connect` opened.
    scope
        Which calls, sign-ins and changes of devices count.

    Returns
    -------
    pandas.DataFrame
        A row a principal of an account: people first, those with the most writes without MFA
        before others. Counts are whole numbers, shares go from 0 to 1, times are UTC; for each
        worrying count there is the id of an event. ``posture.sql`` tells the columns.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    usage = queries.ask(con, "usage", {"calls": scope})
    actions = usage["iam_action"].drop_null().unique().to_pylist()
    levels = [{"iam_action": name, "access_level": access_level(name)} for name in actions]
    rows = queries.ask(
        con,
        "posture",
        {"sign_ins": scope, "device_changes": scope},
        usage=usage,
        access_levels=pa.Table.from_pylist(levels, _LEVELS),
    )
    return queries.frame(rows)


def credentials(
    con: duckdb.DuckDBPyConnection,
    scope: Scope,
    denials: pd.DataFrame,
    reported: Mapping[str, Credentials],
) -> pd.DataFrame:
    """Return the long-term keys, as far as the trail and the credential report show them.

    Parameters
    ----------
    con
        A connection that `queries.connect` opened.
    scope
        Which uses count. What became of a key is told whenever it happened, of the accounts and
        owners in scope; whether its owner used MFA is told from the whole lake.
    denials
        Attributed denials in scope.
    reported
        What credential reports say, by ARN.

    Returns
    -------
    pandas.DataFrame
        A row a key, the active ones first, the longest unused before others; times are UTC.
        ``credentials.sql`` tells the columns.

    Raises
    ------
    QueryError
        If the lake cannot be read.
    """
    owners = Scope(accounts=scope.accounts, principals=scope.principals)
    return queries.frame(
        queries.ask(
            con,
            "credentials",
            {"calls": scope, "key_changes": owners, "reported": owners},
            key_denials=_by_cause(denials),
            reported=pa.Table.from_pylist(_keys(reported), _KEYS),
            reported_owners=pa.Table.from_pylist(
                [
                    {"principal_arn": arn, "mfa_active": found.mfa_active}
                    for arn, found in reported.items()
                ],
                _OWNERS,
            ),
        )
    )


def _by_cause(denials: pd.DataFrame) -> pa.Table:
    by_key = denials[denials["credential_kind"].isin(_LONG_TERM)]
    counts = by_key.astype({"cause": "str"}).groupby(["access_key_id", "cause"]).size()
    return pa.Table.from_pandas(counts.reset_index(name="denials"), _DENIALS, preserve_index=False)


def _keys(reported: Mapping[str, Credentials]) -> list[dict[str, object]]:
    """Return the keys of credential reports; a line without a date is that of no key."""
    return [
        {
            "account_id": account_of(arn),
            "principal_arn": arn,
            "principal_name": arn.rpartition("/")[2] if "/" in arn else "root",
            "slot": slot,
            "active": key.active,
            "rotated": key.rotated,
            "used": key.used,
        }
        for arn, found in reported.items()
        for slot, key in enumerate(found.keys, 1)
        if key.active or key.rotated or key.used
    ]
