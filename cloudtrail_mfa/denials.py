"""The denials of a lake, with their causes: as rows, before a user holds them."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from typing import get_args

import pandas as pd
import pyarrow as pa

from cloudtrail_mfa import queries
from cloudtrail_mfa.attribution.causes import CAUSES, CERTAINTIES, VERDICT_COLUMNS, CauseName
from cloudtrail_mfa.attribution.judgement import attribute
from cloudtrail_mfa.attribution.proof import Prover
from cloudtrail_mfa.attribution.rules import judge
from cloudtrail_mfa.errors import EventError, ScopeError
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.evidence.trail import Trail
from cloudtrail_mfa.nearest import nearest
from cloudtrail_mfa.queries import parts
from cloudtrail_mfa.queries.kept import Kept
from cloudtrail_mfa.scope import Scope, TextFilter
from cloudtrail_mfa.store.parts import partition_of

__all__ = [
    "BODIES",
    "DENIAL_COLUMNS",
    "attributed",
    "attributed_by_account",
    "categorized",
    "known_causes",
    "one",
]

BODIES = ("request_parameters", "resources")
"""The columns of a denial that are told on request."""

DENIAL_COLUMNS: tuple[str, ...] = (
    "event_id",
    "event_time",
    "account_id",
    "region",
    "principal_arn",
    "principal_name",
    "access_key_id",
    "credential_kind",
    "mfa_present",
    "event_source",
    "event_name",
    "iam_action",
    "resource_arn",
    "source_ip",
    "user_agent",
    "error_code",
    "error_message",
    "deny_kind",
    "policy_type",
    "policy_arn",
    *VERDICT_COLUMNS,
    "session_name",
    "session_started",
    "federated",
    "workload",
    "issued_by",
    "issued_in",
    "opener_type",
    "invoked_by",
    "reason",
    "message_form",
)
"""The columns of `Lake.denials`, in order."""

_CATEGORIES = (
    "account_id",
    "region",
    "credential_kind",
    "mfa_present",
    "event_source",
    "deny_kind",
    "policy_type",
    "message_form",
    "caller",
    "outcome",
    "status",
    "owner_type",
)


# What is added to the columns of the query ``denials``.
_ADDED = {
    "mfa_active": pa.bool_(),
    "cause": pa.string(),
    "mfa_would_allow": pa.bool_(),
    "certainty": pa.string(),
    "evidence": pa.list_(pa.string()),
    "remedy": pa.string(),
}
_VERDICTS = "verdicts"
_BRIEFLY = "(select * exclude (evidence, remedy) from verdicts)"


def attributed(
    kept: Kept,
    condition: str,
    scope: Scope,
    evidence: Evidence | None,
    *,
    in_words: bool = True,
    **values: object,
) -> pd.DataFrame:
    """Return the denials that meet a condition, each with its verdict.

    Parameters
    ----------
    kept
        The lake, and what is kept of its answers: once all denials were asked for, whatever else is
        asked of them is found there.
    condition
        SQL of the library's own, with ``$name`` for what is bound.
    scope
        What the denials are chosen from.
    evidence
        The policies, where there is an export of them; what the lake holds of IAM's writes is used
        with it and without it.
    in_words
        Whether evidence and remedy are told, which takes longer than the cause alone.
    **values
        What is bound.
    """
    if condition == "true" and scope == Scope():
        # With evidence the verdicts are others, each time: those by the logs alone need not be known.
        (_keep_verdicts if evidence is None else parts.keep_denials)(kept)
    if evidence is None and kept.has(_VERDICTS):
        relation = _VERDICTS if in_words else _BRIEFLY
        rows = queries.select(kept.con, relation, scope, condition, **values)
        rows["cause"] = pd.Categorical(rows["cause"], list(CAUSES))
        rows["certainty"] = pd.Categorical(rows["certainty"], list(CERTAINTIES))
        return rows
    parts.keep(kept)
    rows = queries.select(kept.con, "denials", scope, condition, **values)
    return _judged(kept, rows, evidence, in_words=in_words)


def _keep_verdicts(kept: Kept) -> None:
    """Keep all denials, what speaks to them, and their verdicts by the logs alone."""
    if kept.has(_VERDICTS):
        return
    parts.keep_denials(kept)
    rows = queries.select(kept.con, "denials", Scope())
    judged = _judged(kept, rows, None, in_words=True)
    fields = [*queries.fetch(kept.con, "from denials limit 0", {}).schema]
    schema = pa.schema([*fields, *(pa.field(*each) for each in _ADDED.items())])
    table = pa.Table.from_pandas(judged, schema, preserve_index=False)
    kept.keep(_VERDICTS, kept.con.from_arrow(table))


def _judged(
    kept: Kept, rows: pd.DataFrame, evidence: Evidence | None, *, in_words: bool
) -> pd.DataFrame:
    writes = queries.select(kept.con, "policy_changes", Scope())
    trail = None if writes.empty else Trail(writes, evidence)
    devices = trail.devices(rows["principal_arn"].dropna().unique()) if trail else {}
    if evidence:
        devices |= {arn: found.mfa_active for arn, found in evidence.credentials.items()}
    rows["mfa_active"] = rows["principal_arn"].map(devices).astype("boolean")
    prover = Prover(evidence, trail) if evidence or trail else None
    experiments = parts.experiments(kept, rows)
    return attribute(rows, judge, prover, experiments, in_words=in_words)


def one(kept: Kept, event_id: str, evidence: Evidence | None) -> pd.DataFrame:
    """Return a denial with its verdict: several rows where several records claim its id.

    Parameters
    ----------
    event_id
        CloudTrail's eventID, or its beginning.

    Raises
    ------
    EventError
        If there is no such denial, or more than one event has that beginning.
    """
    if len(event_id) < _SHORTEST_ID:
        raise EventError(event_id, f"is too short: give {_SHORTEST_ID} characters or more")
    rows = attributed(kept, _OF_ID, Scope(), evidence, event_id=event_id)
    if event_id in set(rows["event_id"]):
        rows = rows[rows["event_id"] == event_id]
    if rows.empty:
        raise EventError(event_id, _why_no_denial(kept, event_id))
    if len(found := rows["event_id"].unique()) > 1:
        ids = ", ".join(found[:5])
        raise EventError(event_id, f"is the beginning of several events: {ids}")
    return rows


_OF_ID = "starts_with(event_id, $event_id)"
_SHORTEST_ID = 8
# Of ids that nobody types, two slips are many.
_NEAREST = """
select event_id
from denials
where levenshtein(event_id[:len($event_id)], $event_id) <= 2
order by levenshtein(event_id[:len($event_id)], $event_id), event_id
limit 1
"""


def _why_no_denial(kept: Kept, event_id: str) -> str:
    found = queries.select(kept.con, "calls", Scope(), _OF_ID, event_id=event_id)
    if found.empty:
        near = queries.fetch(kept.con, _NEAREST, {"event_id": event_id})["event_id"].to_pylist()
        return "is not in this lake" + (f": did you mean {near[0]}?" if near else "")
    failure = found[["error_code", "error_message"]].iloc[0].dropna()
    if failure.empty:
        return "was not denied: the call passed"
    return f"was not denied: it failed with {failure.iloc[0]}, which is not about permission"


def attributed_by_account(
    executor: Executor,
    parquet: tuple[str, ...],
    scope: Scope,
    evidence: Evidence | None,
) -> pd.DataFrame:
    """Return all denials as `attributed` does, each account's denials by a worker of its own.

    Parameters
    ----------
    executor
        Whose workers see the Parquet files under the same paths.
    parquet
        The lake's files; their folders tell the accounts.
    """
    found = {partition_of(path)[0] for path in parquet}
    accounts = sorted(account for account in found if account is not None)
    asked = [
        ("true", replace(scope, accounts=(account,)))
        for account in accounts
        if not scope.accounts or account in scope.accounts
    ]
    if None in found and not scope.accounts:
        asked.append(("account_id is null", scope))
    running = [executor.submit(_part, parquet, *one, evidence) for one in asked]
    frames = [frame for future in running if len(frame := future.result())]
    if not frames:
        return _part(parquet, "true", scope, evidence)
    rows = pd.concat(frames, ignore_index=True)
    return rows.sort_values(["event_time", "event_id"], kind="stable", ignore_index=True)


def _part(
    parquet: tuple[str, ...], condition: str, scope: Scope, evidence: Evidence | None
) -> pd.DataFrame:
    return attributed(Kept(queries.connect(parquet)), condition, scope, evidence)


def known_causes(cause: TextFilter) -> list[str]:
    """Return the causes that a filter names.

    Raises
    ------
    ScopeError
        If one of them is no cause.
    """
    causes = [] if cause is None else [cause] if isinstance(cause, str) else list(cause)
    known = get_args(CauseName)
    for name in causes:
        if name not in known:
            raise ScopeError("cause", name, f"is not the name of a cause{nearest(name, known)}")
    return causes


def categorized(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with closed vocabularies, and what repeats in nearly every row, as categories."""
    return rows.astype({name: "category" for name in _CATEGORIES if name in rows.columns})
