"""What the rules look at, and how a table of denials is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from cloudtrail_mfa.attribution.causes import CAUSES, CERTAINTIES, Verdict
from cloudtrail_mfa.evidence.requests import COLUMNS

__all__ = ["Denial", "Proof", "attribute"]

# Kinds whose owner can pass MFA and sign again.
_PEOPLE = frozenset(
    {"long_term_key", "root_key", "session_token", "console", "assumed_role", "forwarded"}
)

_FRESH = pd.Timedelta(minutes=5)
_QUOTED_FORMS = ("bare", "other")


@dataclass(frozen=True, slots=True)
class Denial:
    """One denial, as far as the rules look: those that agree in all of it have one verdict.

    Attributes
    ----------
    quote
        The message, where it gives no reason.
    fresh
        Whether the session was opened within five minutes before the call.

    The others are columns of the query ``denials``, which states their meaning.
    """

    account_id: str | None = None
    principal_arn: str | None = None
    principal_name: str | None = None
    access_key_id: str | None = None
    credential_kind: str = "unknown"
    federated: bool = False
    workload: bool = False
    mfa_present: str | None = None
    session_started: str | None = None
    issued_by: str | None = None
    issued_in: str | None = None
    opener_type: str | None = None
    invoked_by: str | None = None
    iam_action: str | None = None
    deny_kind: str | None = None
    policy_type: str | None = None
    policy_arn: str | None = None
    reason: str | None = None
    message_form: str = "none"
    quote: str | None = None
    fresh: bool = False

    @property
    def signed_with_key(self) -> bool:
        """Whether a long-term key signed the call, a user's or root's."""
        return self.credential_kind in ("long_term_key", "root_key")

    @property
    def no_device(self) -> bool:
        """Whether no MFA device of AWS can help such a caller, even behind a service."""
        return self.federated or self.workload

    @property
    def mfa_is_open(self) -> bool:
        """Whether a person could have passed MFA for this call and had not."""
        return self.credential_kind in _PEOPLE and not self.no_device and self.mfa_present != "true"


class Proof(Protocol):
    """What gives the verdict where there are policies to evaluate."""

    def group(self, denials: pd.DataFrame) -> pd.Series[int]:
        """Return a number for each row, the same where the policies cannot tell the calls apart."""

    def verdict(
        self, number: int, row: dict[str, Any], denial: Denial, fallback: Verdict
    ) -> Verdict:
        """Return the verdict on a row, given its number and what the rules say of it."""


def attribute(
    denials: pd.DataFrame, judge: Callable[[Denial], Verdict], proof: Proof | None = None
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
    return pd.concat([denials, told.take(places.to_numpy()).set_axis(denials.index)], axis=1)


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
