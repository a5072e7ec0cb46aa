"""The command line: arguments, one call to the lake, rows handed on.

Data goes to standard output, progress and notes to standard error. Exit codes: 0 done; 1 done,
but some input could not be used; 2 the call cannot be carried out.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

import cloudtrail_mfa
from cloudtrail_mfa import (
    CloudTrailMfaError,
    Evidence,
    IngestReport,
    Lake,
    options,
    what_if,
)
from cloudtrail_mfa.demo import sample_change, sample_evidence, sample_logs
from cloudtrail_mfa.foresight import policy_files
from cloudtrail_mfa.lint_files import LINT_FORMATS, lint_files
from cloudtrail_mfa.output import (
    CALLS,
    CHECKS,
    COVERAGE,
    CREDENTIALS,
    DENIALS,
    EXPOSURE,
    POSTURE,
    REPLAYED,
    SESSIONS,
    SUMMARY,
    TIMELINE,
    write,
)
from cloudtrail_mfa.printable import printable_lines
from cloudtrail_mfa.progress import progress_bar

__all__ = ["main"]


_EXAMPLES = """\b
Examples:
  cloudtrail-mfa ingest AWSLogs/ --lake lake/
  cloudtrail-mfa summary --lake lake/
  cloudtrail-mfa denials --lake lake/ --principal alice --since 7d
"""
_SOURCES = """\b
Examples:
  cloudtrail-mfa ingest AWSLogs/ --lake lake/
  cloudtrail-mfa ingest s3://my-trail/AWSLogs/ --lake lake/ --since 7d
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
        except CloudTrailMfaError as error:
            raise options.hidden_error(error) from None


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXAMPLES,
)
@click.version_option(version("cloudtrail-mfa"), prog_name="cloudtrail-mfa")
def cli() -> None:
    """Why was this AWS call denied? Offline analysis of CloudTrail logs."""


@cli.command("ingest", epilog=_SOURCES)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@options.lake
@options.scope
@options.s3
@options.workers
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def ingest(
    sources: tuple[str, ...],
    folder: str,
    as_json: bool,
    workers: int | None,
    dask: str | None,
    **how: Any,
) -> int:
    """Bring log files into the lake; only what is new is read.

    A SOURCE is a file, a folder, a glob or a place in S3. Every file that could not be used is named.
    """
    with options.working(workers, dask) as who, progress_bar() as progress:
        report = Lake(folder).ingest(*sources, **options.given(how), **who, progress=progress)
    if as_json:
        write(report.frame(), "json", sys.stdout.buffer)
    else:
        click.echo(printable_lines(str(report)))
    return _exit_code(report)


@cli.command("compact")
@options.lake
@options.workers
def compact(folder: str, workers: int | None, dask: str | None) -> int:
    """Merge small Parquet files, for a lake that grew by many small runs."""
    with options.working(workers, dask) as who:
        click.echo(str(Lake(folder, create=False).compact(**who)))
    return 0


@cli.command("denials")
@options.lake
@options.evidence
@options.filters
@options.cause
@options.output
@click.option("--bodies", is_flag=True, help="Add requestParameters and resources.")
def denials(folder: str, format_: Any, output: str | None, bodies: bool, **filters: Any) -> int:
    """Tell each refused call, with its cause."""
    lake = Lake(folder, create=False)
    rows = lake.denials(**options.asked(filters), bodies=bodies)
    options.note(*lake.notes(), f"{len(rows):,} denials.")
    options.emit(rows, format_, output, DENIALS)
    return 0


@cli.command("summary")
@options.lake
@options.evidence
@options.filters
@options.cause
@options.output
def summary(folder: str, format_: Any, output: str | None, **filters: Any) -> int:
    """Tell who was denied and why: people before services."""
    lake = Lake(folder, create=False)
    rows = lake.summary(**options.asked(filters))
    options.note(*lake.notes())
    options.emit(rows, format_, output, SUMMARY)
    return 0


@cli.command("sessions")
@options.lake
@options.filters
@options.output
def sessions(folder: str, format_: Any, output: str | None, **filters: Any) -> int:
    """Tell the temporary credentials: who opened each, how, and whether with MFA."""
    lake = Lake(folder, create=False)
    rows = lake.sessions(**options.given(filters))
    without = rows["issued_in"].isna().sum()
    options.note(*lake.notes(), f"{len(rows):,} sessions, {without:,} of them without their issue.")
    options.emit(rows, format_, output, SESSIONS)
    return 0


@cli.command("posture")
@options.lake
@options.filters
@options.output
def posture(folder: str, format_: Any, output: str | None, **filters: Any) -> int:
    """Tell how each principal stands to MFA: calls, writes, sign-ins and devices."""
    lake = Lake(folder, create=False)
    rows = lake.posture(**options.given(filters))
    options.note(*lake.notes())
    options.emit(rows, format_, output, POSTURE)
    return 0


@cli.command("credentials")
@options.lake
@options.evidence
@options.filters
@options.output
def credentials(folder: str, format_: Any, output: str | None, **filters: Any) -> int:
    """Tell the long-term keys: whose they are, when and where used, and what was refused to them.

    Filters say which uses count; a key that was made and never used is told all the same.
    """
    lake = Lake(folder, create=False)
    rows = lake.credentials(**options.asked(filters))
    options.note(*lake.notes(), f"{len(rows):,} long-term keys.")
    options.emit(rows, format_, output, CREDENTIALS)
    return 0


@cli.command("coverage")
@options.lake
@options.scope
@options.output
def coverage(folder: str, format_: Any, output: str | None, **scope: Any) -> int:
    """Tell what is recorded and what is not: times, gaps, data events, files that are missing.

    A denial that no trail records is in no log; the remarks say where that may be so.
    """
    rows = Lake(folder, create=False).coverage(**options.given(scope))
    options.emit(rows, format_, output, COVERAGE)
    return 0


@cli.command("timeline")
@options.lake
@options.evidence
@options.filters
@click.option("--session", metavar="KEY", help="A temporary key, and what was opened with it.")
@click.option("--key", metavar="KEY", help="A long-term key, and what was opened with it.")
@click.option("--figure", metavar="FILE", help="Draw it besides, as PNG; needs matplotlib.")
@options.output
def timeline(
    folder: str, figure: str | None, format_: Any, output: str | None, **filters: Any
) -> int:
    """Tell the story of a principal, a session or a key, in order of time and plain words."""
    lake = Lake(folder, create=False)
    rows = lake.timeline(**options.asked(filters))
    options.note(*lake.notes(), f"{rows['calls'].sum():,} calls in {len(rows):,} rows.")
    if figure:
        options.emit_figure(rows, figure)
    options.emit(rows, format_, output, TIMELINE)
    return 0


@cli.command("explain")
@click.argument("event_id")
@options.lake
@options.evidence
@options.private
def explain(event_id: str, folder: str, evidence: str | None) -> int:
    """Tell one denial in full: evidence for and against, and the remedy."""
    told = Lake(folder, create=False).explain(event_id, **options.asked({"evidence": evidence}))
    for number, explanation in enumerate(told):
        if number:
            click.echo()
        options.emit_text(explanation, None)
    return 0


@cli.command("sql")
@click.argument("query")
@options.lake
@options.output
def sql(query: str, folder: str, format_: Any, output: str | None) -> int:
    """Run a query over the lake; "from tables" lists what there is.

    QUERY is DuckDB's SQL over events, calls, denials and the other views.
    """
    lake = Lake(folder, create=False)
    options.emit(lake.describe() if query == "from tables" else lake.sql(query), format_, output)
    return 0


@cli.command("records")
@options.lake
@options.filters
@options.private
def records(folder: str, **filters: Any) -> int:
    """Give the original records back, one JSON object a line."""
    options.tell(Lake(folder, create=False).records_text(**options.given(filters)))
    return 0


_SHOWN = {"summary": REPLAYED, "calls": CALLS, "exposure": EXPOSURE}


@cli.command("what-if")
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
    type=click.Choice(list(_SHOWN)),
    help="Rows instead of the story: counted, each call, or what loses its protection.",
)
@options.output
def what_if_command(
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
    told = what_if(
        Lake(folder, create=False),
        known,
        policy_files(replace),
        add=policy_files(add),
        remove=remove,
        **options.given(filters),
    )
    if show is None and format_ == "table":
        options.emit_text(told, output)
    else:
        options.emit(told.rows(show or "summary"), format_, output, _SHOWN[show or "summary"])
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
    options.note(*told.problems)
    click.echo(told.repaired() if repair else told.text(format_), nl=False)
    return told.exit_code(fail_on)


@cli.command("verify")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--public-keys",
    multiple=True,
    metavar="FILE",
    help="What aws cloudtrail list-public-keys prints; may be repeated.",
)
@options.scope
@options.s3
@options.output
def verify_command(sources: tuple[str, ...], format_: Any, output: str | None, **given: Any) -> int:
    """Prove log files by CloudTrail's own digests: unchanged, changed, missing or foreign.

    A SOURCE is a file, a folder, a glob or s3://bucket/prefix/, with the digests among its files;
    times are those of delivery. Exit code 0 means that every file is proven, 1 that some are not.
    """
    # Asked for here, it is loaded here: no other command needs it.
    told = cloudtrail_mfa.verify(*sources, **options.given(given))
    if format_ == "table":
        options.emit_text(str(told), output)
    else:
        options.note(*told.counts())
        options.emit(told.frame(), format_, output, CHECKS)
    if told.intact:
        return 0
    return 1 if told.checks else 2


@cli.command("demo")
@click.argument("folder", default="demo-lake", type=click.Path())
def demo(folder: str) -> int:
    """Walk through the samples: ingest, denials, one explained, a day, a change of policy, summary.

    FOLDER is where the lake is made.
    """
    lake = Lake(folder)
    report = lake.ingest(sample_logs())
    click.echo(printable_lines(str(report)))
    rows = lake.denials(principal="alice")
    click.echo("\nWhat was refused to alice:")
    options.emit(rows, "table", None, DENIALS)
    first = rows["event_id"][0]
    click.echo(f"The first of them in full (cloudtrail-mfa explain {first} --lake {folder}):\n")
    click.echo(printable_lines(str(lake.explain(first)[0])))
    click.echo(f"\nHer day (cloudtrail-mfa timeline --principal alice --lake {folder}):")
    options.emit(lake.timeline(principal="alice"), "table", None, TIMELINE)
    evidence = Evidence.load(sample_evidence())
    click.echo("\nWhat if BoolIfExists became Bool in MFA_Forced (cloudtrail-mfa what-if):\n")
    told = what_if(lake, evidence, {"MFA_Forced": sample_change().read_bytes()})
    click.echo(printable_lines(str(told)))
    click.echo("\nWho was denied, and why, once the policies are evaluated (--evidence):")
    options.emit(lake.summary(evidence=evidence), "table", None, SUMMARY)
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


def _exit_code(report: IngestReport) -> int:
    if report.complete:
        return 0
    return 1 if report.ingested or report.skipped else 2
