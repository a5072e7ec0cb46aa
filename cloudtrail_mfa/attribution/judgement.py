"""How a table of denials is judged: those that look alike once."""

from __future__ import annotations

from collections.abc import Callable
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

    Returns
    -------
    pandas.DataFrame
        The same rows with the columns ``cause``, ``mfa_would_allow``, ``certainty``,
        ``evidence`` (a list of sentences) and ``remedy``.
    """
    seen = _seen(denials)
    # Denials that look alike are judged once.
    places = seen.groupby(list(seen.columns), dropna=False, sort=False).ngroup()
    alike = [Denial(**row) for row in _rows(seen[~places.duplicated()])]
    verdicts = [judge(denial) for denial in alike]
    if experiments is not None and not experiments.empty:
        found = _findings(denials, experiments)
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
    told = pd.DataFrame(
        {
            "cause": pd.Categorical([v.cause for v in verdicts], list(CAUSES)),
            "mfa_would_allow": pd.array([v.mfa_would_allow for v in verdicts], "boolean"),
            "certainty": pd.Categorical([v.certainty for v in verdicts], list(CERTAINTIES)),
            "evidence": pd.Series([list(v.evidence) for v in verdicts], dtype=object),
            "remedy": pd.Series([v.remedy for v in verdicts], dtype="str"),
        }
    )
    told = told.take(places.to_numpy()).set_axis(denials.index)
    named = told["remedy"].str.contains(RESOURCE, regex=False)
    told.loc[named, "remedy"] = [
        with_resource(remedy, None if pd.isna(arn) else arn)
        for remedy, arn in zip(told["remedy"][named], denials["resource_arn"][named], strict=True)
    ]
    return pd.concat([denials, told], axis=1)


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
    rows: list[dict[Any, Any]] = pa.Table.from_pandas(frame, preserve_index=False).to_pylist()
    return rows


def _seen(denials: pd.DataFrame) -> pd.DataFrame:
    age = denials["event_time"] - denials["session_started"]
    quoted = denials["message_form"].isin(_QUOTED_FORMS)
    derived = {
        "session_started": denials["session_started"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "quote": denials["error_message"].str.slice(0, 300).where(quoted, None),
        "fresh": age.between(pd.Timedelta(0), _FRESH),
    }
    names = [field.name for field in fields(Denial)]
    return pd.DataFrame({name: derived.get(name, denials.get(name)) for name in names})
