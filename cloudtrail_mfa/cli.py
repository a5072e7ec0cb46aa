"""The command line: arguments, one call to the lake, rows handed on.

Data goes to standard output, progress and notes to standard error. Exit codes: 0 done; 1 done,
but some input could not be used; 2 the call cannot be carried out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pandas as pd

from cloudtrail_mfa import CAUSES, CloudTrailMfaError, Evidence, IngestReport, Lake
from cloudtrail_mfa.demo import sample_evidence, sample_logs
from cloudtrail_mfa.lint_files import LINT_FORMATS, lint_files
from cloudtrail_mfa.output import DENIALS, FORMATS, SUMMARY, Layout, save, write
from cloudtrail_mfa.printable import printable_lines
from cloudtrail_mfa.progress import progress_bar

__all__ = ["main"]


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_lake = click.option(
    "--lake",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(),
    help="The lake's folder.",
)
_scope = _options(
    click.option(
        "--since",
        metavar="TIME",
        help="From this time on: ISO 8601, or an age (7d, 36h).",
    ),
    click.option("--until", metavar="TIME", help="Up to this time; a date means its end."),
    click.option("--account", multiple=True, metavar="ID", help="Account id; may be repeated."),
    click.option("--region", multiple=True, metavar="CODE", help="Region; may be repeated."),
)
_filters = _options(
    _scope,
    click.option("--principal", multiple=True, metavar="NAME", help="Name or ARN; * and ? match."),
    click.option("--event", multiple=True, metavar="NAME", help="ListBuckets or s3:List*."),
)
_cause = click.option("--cause", multiple=True, metavar="NAME", help=", ".join(CAUSES) + ".")
_evidence = click.option(
    "--evidence",
    metavar="DIR",
    type=click.Path(),
    help="Exports of IAM's configuration, whose policies are evaluated.",
)
_output = _options(
    click.option(
        "--format",
        "format_",
        type=click.Choice(list(FORMATS)),
        default="table",
        show_default=True,
        help="A table is for people; the others hold every column.",
    ),
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help="Write to a file.",
    ),
)


_EXAMPLES = """\b
Examples:
  cloudtrail-mfa ingest AWSLogs/ --lake lake/
  cloudtrail-mfa summary --lake lake/
  cloudtrail-mfa denials --lake lake/ --principal alice --since 7d
"""


class _Group(click.Group):
    """The commands; a reader that has seen enough, as head has, ends any of them well."""

    def invoke(self, context: click.Context) -> Any:
        if sys.stdout is None:
            raise click.ClickException("standard output is closed: there is nowhere to write to")
        try:
            return super().invoke(context)
        except BrokenPipeError:
            _give_up_output()
            return 0


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXAMPLES,
)
@click.version_option(version("cloudtrail-mfa"), prog_name="cloudtrail-mfa")
def cli() -> None:
    """Why was this AWS call denied? Offline analysis of CloudTrail logs."""


@cli.command("ingest")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@_lake
@_scope
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Processes that read; all cores if absent.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def ingest(
    sources: tuple[str, ...],
    folder: str,
    workers: int | None,
    as_json: bool,
    **scope: Any,
) -> int:
    """Bring log files into the lake; only what is new is read.

    A SOURCE is a file, a folder or a glob. Every file that could not be used is named.
    """
    with progress_bar() as progress:
        report = Lake(folder).ingest(
            *sources,
            **_given(scope),
            workers=workers or os.cpu_count() or 1,
            progress=progress,
        )
    if as_json:
        write(report.frame(), "json", sys.stdout.buffer)
    else:
        click.echo(printable_lines(str(report)))
    return _exit_code(report)


@cli.command("denials")
@_lake
@_evidence
@_filters
@_cause
@_output
@click.option("--bodies", is_flag=True, help="Add requestParameters and resources.")
def denials(folder: str, format_: Any, output: str | None, bodies: bool, **filters: Any) -> int:
    """Tell each refused call, with its cause."""
    lake = Lake(folder, create=False)
    rows = lake.denials(**_asked(filters), bodies=bodies)
    _note(*lake.notes(), f"{len(rows):,} denials.")
    _emit(rows, format_, output, DENIALS)
    return 0


@cli.command("summary")
@_lake
@_evidence
@_filters
@_cause
@_output
def summary(folder: str, format_: Any, output: str | None, **filters: Any) -> int:
    """Tell who was denied and why: people before services."""
    lake = Lake(folder, create=False)
    rows = lake.summary(**_asked(filters))
    _note(*lake.notes())
    _emit(rows, format_, output, SUMMARY)
    return 0


@cli.command("explain")
@click.argument("event_id")
@_lake
@_evidence
def explain(event_id: str, folder: str, evidence: str | None) -> int:
    """Tell one denial in full: evidence for and against, and the remedy."""
    told = Lake(folder, create=False).explain(event_id, **_asked({"evidence": evidence}))
    click.echo("\n\n".join(printable_lines(str(explanation)) for explanation in told))
    return 0


@cli.command("sql")
@click.argument("query")
@_lake
@_output
def sql(query: str, folder: str, format_: Any, output: str | None) -> int:
    """Run a query over the lake; "from tables" lists what there is.

    QUERY is DuckDB's SQL over events, calls, denials and the other views.
    """
    lake = Lake(folder, create=False)
    _emit(lake.describe() if query == "from tables" else lake.sql(query), format_, output)
    return 0


@cli.command("records")
@_lake
@_filters
def records(folder: str, **filters: Any) -> int:
    """Give the original records back, one JSON object a line."""
    for record in Lake(folder, create=False).records_text(**_given(filters)):
        click.echo(record)
    return 0


@cli.command("lint")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY.json...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(LINT_FORMATS),
    default="text",
    show_default=True,
    help="SARIF is what code hosts show beside the lines.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
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
    _note(*told.problems)
    click.echo(told.repaired() if repair else told.text(format_), nl=False)
    return told.exit_code(fail_on)


@cli.command("demo")
@click.argument("folder", default="demo-lake", type=click.Path())
def demo(folder: str) -> int:
    """Walk through the samples: ingest, denials, one of them explained, summary.

    FOLDER is where the lake is made.
    """
    lake = Lake(folder)
    report = lake.ingest(sample_logs())
    click.echo(printable_lines(str(report)))
    rows = lake.denials(principal="alice")
    click.echo("\nWhat was refused to alice:")
    _emit(rows, "table", None, DENIALS)
    first = rows["event_id"][0]
    click.echo(f"The first of them in full (cloudtrail-mfa explain {first} --lake {folder}):\n")
    click.echo(printable_lines(str(lake.explain(first)[0])))
    click.echo("\nWho was denied, and why, once the policies are evaluated (--evidence):")
    evidence = Evidence.load(sample_evidence())
    _emit(lake.summary(evidence=evidence), "table", None, SUMMARY)
    return _exit_code(report)


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        code = 130
    except CloudTrailMfaError as error:
        click.echo(f"cloudtrail-mfa: {printable_lines(str(error))}", err=True)
        code = 2
    except OSError as error:
        what = printable_lines(str(error.filename or "standard output"))
        click.echo(f"cloudtrail-mfa: {what}: cannot be used ({error.strerror})", err=True)
        _give_up_output()
        code = 2
    sys.exit(code)


def _give_up_output() -> None:
    """Write no more: at exit Python would try once more what it still holds, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _given(filters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value not in (None, ())}


def _asked(filters: dict[str, Any]) -> dict[str, Any]:
    """Return what was given, the evidence read; its gaps are told."""
    given = _given(filters)
    if "evidence" in given:
        given["evidence"] = Evidence.load(given["evidence"])
        _note(*given["evidence"].gaps)
    return given


def _exit_code(report: IngestReport) -> int:
    if report.complete:
        return 0
    return 1 if report.ingested or report.skipped else 2


def _note(*sentences: str) -> None:
    for sentence in sentences:
        click.echo(sentence, err=True)


def _emit(
    rows: pd.DataFrame,
    format_: Any,
    output: str | None,
    layout: Layout | None = None,
) -> None:
    if output is None:
        write(rows, format_, sys.stdout.buffer, layout=layout)
        sys.stdout.flush()
        return
    try:
        save(rows, format_, Path(output), layout=layout)
    except OSError as error:
        raise click.ClickException(f"{output}: cannot be written ({error.strerror})") from None
