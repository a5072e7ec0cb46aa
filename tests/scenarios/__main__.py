"""Make up refused calls whose cause is known, let the library judge them, and print how it did.

::

    python -m tests.scenarios --cases 10000 --seed 1
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import pandas as pd

from tests.scenarios.judged import SURE, generate, judge
from tests.scenarios.tables import scorecard, summary

_NAMES = ("situation", "by", "certainty", "cause", "true_cause", "mfa_would_allow", "true_mfa")


def _shown(rows: pd.DataFrame, each: int) -> str:
    """Return wrong rows with their evidence, the surest first."""
    wrong = rows[rows["wrong"]].sort_values(["situation", "by"], kind="stable")
    order = pd.concat([wrong[wrong["certainty"].isin(SURE)], wrong[~wrong["certainty"].isin(SURE)]])
    lines = []
    for names, found in order.groupby(list(_NAMES[:5]), sort=False):
        lines.append(f"{len(found)} wrong: {', '.join(map(str, names))}")
        for row in found.head(each).to_dict("records"):
            mfa = f"mfa_would_allow {row['mfa_would_allow']}, in truth {row['true_mfa']}"
            lines.append(f"  {row['event_id']} {row['credential_kind']}, {mfa}")
            lines += [f"    {sentence}" for sentence in row["evidence"]]
    return "\n".join(lines) or "Nothing is wrong."


@click.command()
@click.option("--cases", default=10_000, show_default=True, help="Refused calls, at least.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same table.")
@click.option("--show-wrong", default=0, metavar="N", help="Show N wrong rows of each kind.")
@click.option("--short", is_flag=True, help="Print precision and recall alone.")
@click.option("--keep", metavar="DIR", type=click.Path(path_type=Path), help="Keep logs and lake.")
def main(cases: int, seed: int, show_wrong: int, *, short: bool, keep: Path | None) -> None:
    """Print how often the library is right about made-up denials."""
    with tempfile.TemporaryDirectory() as scratch:
        rows = judge(list(generate(cases, seed)), keep or Path(scratch))
    click.echo("\n\n".join(summary(rows) if short else scorecard(rows)))
    if show_wrong:
        click.echo("\n" + _shown(rows, show_wrong))


if __name__ == "__main__":
    main()
