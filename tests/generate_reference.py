"""Make pages of ``docs/`` from the code.

``reference.md`` has causes, certainties, tables and their columns, ``commands.md`` each command's help.

::

    python -m tests.generate_reference
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from cloudtrail_mfa import CAUSES, CERTAINTIES, Lake
from cloudtrail_mfa.archive.verdicts import CHECK_COLUMNS, DIGEST_OUTCOMES, LOG_OUTCOMES
from cloudtrail_mfa.attribution.causes import OF_TEN
from cloudtrail_mfa.attribution.exposure import EXPOSURE_COLUMNS
from cloudtrail_mfa.attribution.replay import CHANGES
from cloudtrail_mfa.attribution.what_if import CALL_COLUMNS, SUMMARY_COLUMNS
from cloudtrail_mfa.cli import cli
from cloudtrail_mfa.iam.mistakes import RULES
from cloudtrail_mfa.store.schema import EVENTS, Column

DOCS = Path(__file__).parent.parent / "docs"

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
    "aws_cloudtrail_log",
    "cloudtrail_logs",
)
_WIDTH = 100
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
                "What the others are built from",
                ("table", "what it is"),
                [
                    (f"`{name}`", grain)
                    for name, grain in grains.items()
                    if name not in (*TABLES, "events")
                ],
            ),
            (
                "Each is a file of `cloudtrail_mfa/queries/`, at whose head its columns are told; so does"
                ' `lake.describe("NAME")`.\n'
            ),
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


def commands() -> str:
    """Return the page of the commands: what each says of itself."""
    parts = [
        "# Commands\n",
        (
            "Made from the code by `python -m tests.generate_reference`. Data goes to standard output,"
            " notes and progress to standard error. Exit codes: 0 done; 1 done, but some input could not be"
            " used, each named; 2 the call cannot be carried out.\n"
        ),
    ]
    above = click.Context(
        cli, info_name="cloudtrail-mfa", terminal_width=_WIDTH - 2, **cli.context_settings
    )
    for name, command in cli.commands.items():
        told = command.get_help(click.Context(command, above, name))
        parts.append(f"## {name}\n\n```console\n$ cloudtrail-mfa {name} --help\n{told}\n```\n")
    return "\n".join(parts)


PAGES = {DOCS / "reference.md": reference, DOCS / "commands.md": commands}
"""What makes each page."""

if __name__ == "__main__":
    for _page, _make in PAGES.items():
        _page.write_text(_make())
