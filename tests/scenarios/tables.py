"""The scorecard: how often the library is right, by cause and certainty."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cloudtrail_mfa import CAUSES
from cloudtrail_mfa.attribution.causes import CERTAINTIES
from tests.scenarios.judged import SURE
from tests.scenarios.registry import SITUATIONS

__all__ = [
    "calibration",
    "compact",
    "markdown",
    "precision",
    "recall",
    "scorecard",
    "situations",
    "summary",
    "within_reach",
]


def within_reach(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of situations that the archive, or the evidence, does show."""
    beyond = [name for name, found in SITUATIONS.items() if found.beyond]
    return rows[~rows["situation"].isin(beyond)]


def precision(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, for each certainty and cause, how many rows are right.

    A row is right if the cause is the true one, or one whose definition fits as well (a policy of
    that kind, which AWS's message names, did stand against the call): those are told apart under
    ``fits as well``. Of ``mfa_would_allow`` it counts how often it was told, and rightly.
    """
    order = pd.DataFrame(
        [(certainty, cause) for certainty in CERTAINTIES for cause in CAUSES],
        columns=["certainty", "cause"],
    )
    groups = rows.groupby(["by", "certainty", "cause"])
    found = groups.agg(
        rows=("event_id", "size"),
        right=("right", "sum"),
        exact=("exact", "sum"),
        mfa_told=("mfa_would_allow", "count"),
        mfa_right=("mfa_right", "sum"),
    ).reset_index()
    out = order.merge(found, on=["certainty", "cause"])
    out = out.sort_values("by", kind="stable", ignore_index=True)
    out["fits as well"] = out["right"] - out.pop("exact")
    claims = out["cause"] != "undetermined"
    out["precision"] = (out["right"] / out["rows"]).where(claims)
    out["right"] = out["right"].where(claims)
    names = ["by", "certainty", "cause", "rows", "right", "fits as well", "precision"]
    return out[[*names, "mfa_told", "mfa_right"]]


def recall(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, for each true cause, how many rows were told it, and how many surely."""
    sure = rows["certainty"].isin(SURE)
    marked = rows.assign(found=rows["right"], surely=rows["right"] & sure)
    out = (
        marked.groupby(["by", "true_cause"])
        .agg(rows=("event_id", "size"), found=("found", "sum"), surely=("surely", "sum"))
        .reset_index()
    )
    out["recall"], out["surely recalled"] = out["found"] / out["rows"], out["surely"] / out["rows"]
    places = {cause: number for number, cause in enumerate(CAUSES)}
    order = out["true_cause"].map(places)
    return out.assign(order=order).sort_values(["by", "order"], ignore_index=True)[
        ["by", "true_cause", "rows", "found", "surely", "recall", "surely recalled"]
    ]


def situations(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, for each kind of situation, how many rows are told, and how many wrongly."""
    sure = rows["certainty"].isin(SURE)
    marked = rows.assign(sure=sure, wrong_sure=rows["wrong"] & sure)
    out = (
        marked.groupby("situation")
        .agg(
            rows=("event_id", "size"),
            told=("told", "sum"),
            wrong=("wrong", "sum"),
            sure=("sure", "sum"),
            wrong_sure=("wrong_sure", "sum"),
        )
        .reset_index()
    )
    out["beyond"] = [SITUATIONS[name].beyond for name in out["situation"]]
    return out


def markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown, shares in two digits that are never rounded up to 1."""
    lines = [list(map(str, table.columns))]
    lines += [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    numbers = [pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]
    rule = [
        "-" * (width - 1) + ":" if number else "-" * width
        for width, number in zip(widths, numbers, strict=True)
    ]
    return "\n".join(
        "| "
        + " | ".join(_put(c, w, n) for c, w, n in zip(line, widths, numbers, strict=True))
        + " |"
        for line in (lines[0], rule, *lines[1:])
    )


def _put(text: str, width: int, number: bool) -> str:
    return text.rjust(width) if number else text.ljust(width)


def _cell(value: object) -> str:
    if value is pd.NA or value != value:  # noqa: PLR0124
        return ""
    if isinstance(value, float):
        return f"{int(value * 100) / 100:.2f}" if value < 1 or value % 1 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def compact(rows: pd.DataFrame) -> pd.DataFrame:
    """Return precision and recall by cause and certainty, with policies at hand and without.

    Recall is the share of the calls with that cause which are told it, that surely.
    """
    told = precision(rows)[["by", "certainty", "cause", "rows", "right", "precision"]]
    true = rows.groupby(["by", "true_cause"]).size().rename("of").reset_index()
    exact = rows[rows["exact"]].groupby(["by", "certainty", "cause"]).size().rename("exact")
    found = told.merge(exact.reset_index(), how="left", on=["by", "certainty", "cause"])
    found = found.merge(true, how="left", left_on=["by", "cause"], right_on=["by", "true_cause"])
    found["recall"] = found["exact"].fillna(0) / found["of"]
    found = found[found["cause"] != "undetermined"]
    parts = [
        found[found["by"] == by]
        .set_index(["certainty", "cause"])[["rows", "precision", "recall"]]
        .add_prefix(f"{by}: ")
        for by in ("logs", "policies")
    ]
    out = pd.concat(parts, axis=1)
    order = [(one, two) for one in CERTAINTIES for two in CAUSES if (one, two) in out.index]
    out = out.loc[order].reset_index()
    counts = [name for name in map(str, out) if name.endswith("rows")]
    return out.astype(dict.fromkeys(counts, "Int64"))


def calibration(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often what is inferred is right, by cause and kind of credential."""
    inferred = rows[rows["certainty"] == "inferred"]
    out = (
        inferred.groupby(
            ["by", "cause", "credential_kind", "deny_kind"], observed=True, dropna=False
        )
        .agg(rows=("event_id", "size"), right=("right", "sum"))
        .reset_index()
    )
    out["share"] = out["right"] / out["rows"]
    return out


def summary(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the scorecard in short."""
    reach = within_reach(rows)
    sure = reach[reach["certainty"].isin(SURE)]
    kinds = rows["situation"].nunique()
    yield (
        f"{rows['event_id'].nunique():,} refused calls of {kinds} kinds of situation, judged by the"
        f" logs; {(rows['by'] == 'policies').sum():,} of them with the policies, too. Of"
        f" {len(sure):,} verdicts that are {', '.join(SURE[:-1])} or {SURE[-1]},"
        f" {sure['wrong'].sum():,} are wrong."
    )
    yield markdown(compact(reach))


def scorecard(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the scorecard's paragraphs."""
    yield from summary(rows)
    reach, kinds = within_reach(rows), situations(rows)
    lost = rows["cause"].isna().sum(), rows["true_cause"].isna().sum()
    yield f"Refused calls that are missed: {lost[0]}; others that are taken for refused: {lost[1]}."
    yield "How often a row is right:"
    yield markdown(precision(reach))
    yield "How many are found, by the true cause:"
    yield markdown(recall(reach))
    yield "How often what is inferred is right:"
    yield markdown(calibration(reach))
    yield "By kind of situation:"
    yield markdown(kinds[kinds["beyond"] == ""].drop(columns="beyond"))
    yield "What neither archive nor policies show, left out above but for this table:"
    yield markdown(kinds[kinds["beyond"] != ""])
