"""Make ``docs/reference.md`` from the code: causes, certainties, tables and their columns.

::

    python -m tests.generate_reference
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from cloudtrail_mfa import CAUSES, CERTAINTIES, Lake
from cloudtrail_mfa.archive.verdicts import CHECK_COLUMNS, DIGEST_OUTCOMES, LOG_OUTCOMES
from cloudtrail_mfa.attribution.causes import OF_TEN
from cloudtrail_mfa.attribution.exposure import EXPOSURE_COLUMNS
from cloudtrail_mfa.attribution.replay import CHANGES
from cloudtrail_mfa.attribution.what_if import CALL_COLUMNS, SUMMARY_COLUMNS
from cloudtrail_mfa.iam.mistakes import RULES
from cloudtrail_mfa.store.schema import EVENTS, Column

FILE = Path(__file__).parent.parent / "docs" / "reference.md"

TABLES = (
    "denials",
    "summary",
    "posture",
    "credentials",
    "coverage",
    "sessions",
    "timeline",
    "experiments",
    "calls",
    "requests",
    "issued",
    "sign_ins",
    "device_changes",
    "key_changes",
    "mfa_seen",
    "usage",
)
WHAT_IF = {"summary": SUMMARY_COLUMNS, "calls": CALL_COLUMNS, "exposure": EXPOSURE_COLUMNS}


def reference() -> str:
    """Return the page."""
    with TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake")
        grains = lake.describe().set_index("table")["meaning"]
        tables = [
            _section(
                f"`{name}`: {grains[name]}",
                ("column", "type", "meaning"),
                [
                    (f"`{column}`", type_, meaning)
                    for column, type_, meaning in lake.describe(name).itertuples(index=False)
                ],
            )
            for name in TABLES
        ]
    return "\n".join(
        [
            "# Reference\n",
            "Made from the code by `python -m tests.generate_reference`.\n",
            _section(
                "Causes",
                ("cause", "meaning", "remedy"),
                [(f"`{cause.name}`", cause.meaning, cause.remedy) for cause in CAUSES.values()],
            ),
            "In a remedy, braces stand for what the denial names.\n",
            _section(
                "Certainties",
                ("certainty", "meaning"),
                [(f"`{name}`", meaning) for name, meaning in CERTAINTIES.items()],
            ),
            _section(
                "How often an inferred cause is right",
                ("cause", "of ten made-up denials"),
                [(f"`{name}`", str(times)) for name, times in OF_TEN.items()],
            ),
            (
                "Of denials that `python -m tests.scenarios` makes up, whose cause is known; they are no"
                " sample of yours.\n"
            ),
            _section(
                "Lint rules",
                ("rule", "severity", "mistake", "why"),
                [
                    (f"[{rule.id}]({rule.page})", rule.severity, rule.title, rule.why)
                    for rule in RULES.values()
                ],
            ),
            _section(
                "What a change of policies does to a call",
                ("change", "meaning"),
                [(f"`{name}`", meaning) for name, meaning in CHANGES.items()],
            ),
            *(
                _section(
                    f"What `verify` finds of a {kind}",
                    ("outcome", "meaning"),
                    [(f"`{name}`", meaning) for name, meaning in outcomes.items()],
                )
                for kind, outcomes in (("digest", DIGEST_OUTCOMES), ("log file", LOG_OUTCOMES))
            ),
            _section(
                "`verify(…).frame()`: a row for each digest and log file",
                ("column", "meaning"),
                [(f"`{column}`", meaning) for column, meaning in CHECK_COLUMNS.items()],
            ),
            *(
                _section(
                    f"`what_if(…).{name}`",
                    ("column", "meaning"),
                    [(f"`{column}`", meaning) for column, meaning in columns.items()],
                )
                for name, columns in WHAT_IF.items()
            ),
            *tables,
            _section(
                "`events`: one row for each event, once",
                ("column", "CloudTrail's field", "meaning"),
                [row for column in EVENTS for row in _rows(column, "", "")],
            ),
        ]
    )


def _rows(column: Column, name: str, key: str) -> list[tuple[str, str, str]]:
    name, key = f"{name}{column.name}", f"{key}{column.key}"
    row = (f"`{name}`", f"`{key}`" if column.key else "", column.meaning)
    return [row, *(r for field in column.fields for r in _rows(field, f"{name}.", f"{key}."))]


def _section(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    table = [head, ("---",) * len(head), *rows]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table]
    return "\n".join([f"## {title}\n", *lines, ""])


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(reference())
