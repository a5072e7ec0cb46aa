"""How a table of denials is judged: those that look alike once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from cloudtrail_mfa.attribution.causes import CAUSES, CERTAINTIES, Verdict
from cloudtrail_mfa.attribution.denial import Denial
from cloudtrail_mfa.attribution.experiments import Findings, weigh
from cloudtrail_mfa.attribution.remedies import RESOURCE, with_resource
from cloudtrail_mfa.evidence.requests import COLUMNS

__all__ = ["Proof", "attribute"]

_FRESH = pd.Timedelta(minutes=5)
_QUOTED_FORMS = ("bare", "other")
_ALL = tuple(field.name for field in fields(Denial))
# The account of who called decides by which policies; the rest of these tells no cause.
_IN_WORDS_ONLY = {
    "account_id",
    "principal_name",
    "access_key_id",
    "role_arn",
    "session_started",
    "issued_in",
    "opener_type",
    "mfa_serial",
    "mfa_active",
    "invoked_by",
    "reason",
}
_TO_JUDGE = tuple(name for name in _ALL if name not in _IN_WORDS_ONLY)


class Proof(Protocol):
    """What gives the verdict where there are policies to evaluate."""

    def group(self, denials: pd.DataFrame) -> pd.Series[int]:
        """Return a number for each row, the same where the policies cannot tell the calls apart."""

    def verdict(
        self, number: int, row: dict[str, Any], denial: Denial, fallback: Verdict
    ) -> Verdict:
        """Return the verdict on a row, given its number and what the rules say of it."""


def attribute(
    denials: pd.DataFrame,
    judge: Callable[[Denial], Verdict],
    proof: Proof | None = None,
    experiments: pd.DataFrame | None = None,
    *,
    in_words: bool = True,
) -> pd.DataFrame:
    """Add a verdict to each denial.

    Parameters
    ----------
    denials
        Rows of the query ``denials``.
    judge
        Gives the verdict on one.
    proof
        Gives the verdict where there are policies to evaluate.
    experiments
        Rows of the query ``experiments``.
    in_words
        Whether evidence and remedy are told. Without them many more denials look alike, as names,
        keys and times matter to the sentences alone.

    Returns
    -------
    pandas.DataFrame
        The same rows with the columns ``cause``, ``mfa_would_allow``, ``certainty``, and in words
        ``evidence`` (a list of sentences) and ``remedy``.
    """
    seen = _seen(denials, _ALL if in_words else _TO_JUDGE)
    # Denials that look alike are judged once.
    places = seen.groupby(list(seen.columns), dropna=False, sort=False).ngroup()
    alike = [Denial(**row) for row in _rows(seen[~places.duplicated()])]
    verdicts = [judge(denial) for denial in alike]
    if experiments is not None and not experiments.empty:
        told = experiments if in_words else experiments.assign(sentence="")
        found = _findings(denials, told)
        seen_so = pd.DataFrame({"place": places, "found": found.map(id)})
        first = ~seen_so.duplicated()
        told_first = zip(places[first], found[first], strict=True)
        verdicts = [weigh(alike[at], verdicts[at], findings) for at, findings in told_first]
        alike = [alike[at] for at in places[first]]
        places = seen_so.groupby(["place", "found"], sort=False).ngroup()
    if proof is not None:
        both = pd.DataFrame({"place": places, "case": proof.group(denials)})
        once = both[~both.duplicated()]
        rows = _rows(denials.loc[once.index, list(COLUMNS)])
        verdicts = [
            proof.verdict(case, row, alike[at], verdicts[at])
            for (at, case), row in zip(once.itertuples(index=False), rows, strict=True)
        ]
        places = both.groupby(["place", "case"], sort=False).ngroup()
    columns: dict[str, Any] = {
        "cause": pd.Categorical([v.cause for v in verdicts], list(CAUSES)),
        "mfa_would_allow": pd.array([v.mfa_would_allow for v in verdicts], "boolean"),
        "certainty": pd.Categorical([v.certainty for v in verdicts], list(CERTAINTIES)),
    }
    if in_words:
        columns["evidence"] = pd.Series([list(v.evidence) for v in verdicts], dtype=object)
        columns["remedy"] = pd.Series([v.remedy for v in verdicts], dtype="str")
    judged = pd.DataFrame(columns).take(places.to_numpy()).set_axis(denials.index)
    if in_words:
        _name_resources(judged, denials["resource_arn"])
    return pd.concat([denials, judged], axis=1)


def _name_resources(judged: pd.DataFrame, resources: pd.Series[str]) -> None:
    """Put each row's own resource into its remedy."""
    named = judged["remedy"].str.contains(RESOURCE, regex=False)
    judged.loc[named, "remedy"] = [
        with_resource(remedy, None if pd.isna(arn) else arn)
        for remedy, arn in zip(judged["remedy"][named], resources[named], strict=True)
    ]


def _findings(denials: pd.DataFrame, experiments: pd.DataFrame) -> pd.Series[Any]:
    """Return for each denial what was found, the same object where the same was found."""
    ordered = experiments.sort_values(["event_id", "rule"])
    told: dict[str, list[tuple[str, str]]] = {}
    for event_id, *sentence in ordered[["event_id", "rule", "sentence"]].itertuples(index=False):
        told.setdefault(event_id, []).append((sentence[0], sentence[1]))
    kept: dict[tuple[tuple[str, str], ...], Findings] = {}
    by_event = {
        event_id: kept.setdefault(tuple(found), dict(found)) for event_id, found in told.items()
    }
    nothing: Findings = {}
    return pd.Series(
        [by_event.get(event_id, nothing) for event_id in denials["event_id"]],
        index=denials.index,
        dtype=object,
    )


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return rows as dicts, in which what is null is None."""
    names = list(frame.columns)
    cells = (_cells(frame[name]) for name in names)
    return [dict(zip(names, values, strict=True)) for values in zip(*cells, strict=True)]


def _cells(column: pd.Series[Any]) -> list[Any]:
    if pd.api.types.is_string_dtype(column.dtype):
        return list(column.astype(object).where(column.notna(), None))
    cells: list[Any] = pa.array(column, from_pandas=True).to_pylist()
    return cells


def _seen(denials: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return what is looked at of each denial."""
    age = denials["event_time"] - denials["session_started"]
    quoted = denials["message_form"].isin(_QUOTED_FORMS)
    derived = {
        "session_started": denials["session_started"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "quote": denials["error_message"].str.slice(0, 300).where(quoted, None),
        "fresh": age.between(pd.Timedelta(0), _FRESH),
    }
    return pd.DataFrame({name: derived.get(name, denials.get(name)) for name in names})
