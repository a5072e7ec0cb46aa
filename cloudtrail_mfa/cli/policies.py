"""Commands about policies: their mistakes, and what a change of them would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import cloudtrail_mfa
from cloudtrail_mfa import Evidence, Lake, options
from cloudtrail_mfa.foresight import policy_files
from cloudtrail_mfa.layouts import CALLS, EXPOSURE, REPLAYED
from cloudtrail_mfa.lint_files import LINT_FORMATS, lint_files

__all__ = ["lint", "what_if"]

_SHOWN = {"summary": REPLAYED, "calls": CALLS, "exposure": EXPOSURE}


@click.command("what-if", short_help="Tell what a change of policies would have done.")
@options.lake
@options.evidence
@click.option(
    "--replace",
    multiple=True,
    metavar="NAME=POLICY.json",
    help="A policy to take the place of the one of that name; may be repeated.",
)
@click.option(
    "--add",
    multiple=True,
    metavar="WHOM=POLICY.json",
    help="A policy more, for a user, role, group, scp, rcp or resource; may be repeated.",
)
@click.option("--remove", multiple=True, metavar="NAME", help="A policy to go; may be repeated.")
@options.filters
@click.option(
    "--show",
    type=options.Choice(list(_SHOWN)),
    help="Rows instead of the story: counted, each call, or what loses its protection.",
)
@options.output
def what_if(
    *,
    folder: str,
    evidence: str | None,
    replace: tuple[str, ...],
    add: tuple[str, ...],
    remove: tuple[str, ...],
    show: str | None,
    format_: Any,
    output: str | None,
    **filters: Any,
) -> int:
    """Tell what a change of policies would have done to recorded calls.

    All calls are replayed, allowed ones too. What loses its protection by MFA is told besides,
    whether or not it was ever called.
    """
    if evidence is None:
        raise click.UsageError("--evidence DIR is needed: it holds the policies to be changed")
    known = Evidence.load(evidence)
    options.note(*known.gaps)
    lake = Lake(folder, create=False)
    told = cloudtrail_mfa.what_if(
        lake,
        known,
        policy_files(replace),
        add=policy_files(add),
        remove=remove,
        **options.given(filters),
    )
    options.note(*options.unmet(lake, filters))
    if show is None and format_ == "table":
        options.emit_text(told, output)
    else:
        options.emit(told.rows(show or "summary"), format_, output, _SHOWN[show or "summary"])
    return 0


@click.command("lint")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY.json...")
@click.option(
    "--format",
    "format_",
    type=options.Choice(LINT_FORMATS),
    default="text",
    show_default=True,
    help="SARIF is what code hosts show beside the lines.",
)
@click.option(
    "--fail-on",
    type=options.Choice(["error", "warning", "note", "never"]),
    default="error",
    show_default=True,
    help="The least severity that ends with exit code 1.",
)
@click.option("--repair", is_flag=True, help="Print the first policy mended instead.")
def lint(policies: tuple[str, ...], format_: str, fail_on: str, repair: bool) -> int:
    """Find the mistakes that people make with MFA conditions.

    A POLICY.json is a policy document as AWS prints it; a trust policy is one.
    """
    told = lint_files([Path(path) for path in policies])
    options.note(*told.problems)
    click.echo(told.repaired() if repair else told.text(format_), nl=False)
    return told.exit_code(fail_on)
