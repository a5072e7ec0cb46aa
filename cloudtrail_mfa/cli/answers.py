"""Commands that ask a lake, each of them one call to it."""

from __future__ import annotations

from typing import Any

import click

import cloudtrail_mfa
from cloudtrail_mfa import Lake, options
from cloudtrail_mfa.layouts import (
    COVERAGE,
    CREDENTIALS,
    DENIALS,
    POSTURE,
    SESSIONS,
    SUMMARY,
    TIMELINE,
)

__all__ = [
    "coverage",
    "credentials",
    "denials",
    "explain",
    "posture",
    "records",
    "report",
    "sessions",
    "sql",
    "summary",
    "timeline",
]


@click.command("denials")
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
    options.note(*lake.notes(), *options.unmet(lake, filters), f"{len(rows):,} denials.")
    options.emit(rows, format_, output, DENIALS)
    return 0


@click.command("summary")
@options.lake
@options.evidence
@options.filters
@options.cause
@options.output
def summary(folder: str, format_: Any, output: str | None, **filters: Any) -> int:
    """Tell who was denied and why: people before services."""
    lake = Lake(folder, create=False)
    rows = lake.summary(**options.asked(filters))
    options.note(*lake.notes(), *options.unmet(lake, filters))
    options.emit(rows, format_, output, SUMMARY)
    return 0


@click.command("sessions", short_help="Tell the temporary credentials: by whom, how, with MFA?")
@options.lake
@options.filters
@options.output
def sessions(folder: str, format_: Any, output: str | None, **filters: Any) -> int:
    """Tell the temporary credentials: who opened each, how, and whether with MFA."""
    lake = Lake(folder, create=False)
    rows = lake.sessions(**options.given(filters))
    without = rows["issued_in"].isna().sum()
    options.note(
        *lake.notes(),
        *options.unmet(lake, filters),
        f"{len(rows):,} sessions, {without:,} of them without their issue.",
    )
    options.emit(rows, format_, output, SESSIONS)
    return 0


@click.command("posture", short_help="Tell how each principal stands to MFA.")
@options.lake
@options.filters
@options.output
def posture(folder: str, format_: Any, output: str | None, **filters: Any) -> int:
    """Tell how each principal stands to MFA: calls, writes, sign-ins and devices."""
    lake = Lake(folder, create=False)
    rows = lake.posture(**options.given(filters))
    options.note(*lake.notes(), *options.unmet(lake, filters))
    options.emit(rows, format_, output, POSTURE)
    return 0


@click.command("credentials", short_help="Tell the long-term keys, their use and their refusals.")
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
    options.note(*lake.notes(), *options.unmet(lake, filters), f"{len(rows):,} long-term keys.")
    options.emit(rows, format_, output, CREDENTIALS)
    return 0


@click.command("coverage", short_help="Tell what is recorded and what is not.")
@options.lake
@options.scope
@options.output
def coverage(folder: str, format_: Any, output: str | None, **scope: Any) -> int:
    """Tell what is recorded and what is not: times, gaps, data events, files that are missing.

    A denial that no trail records is in no log; the remarks say where that may be so.
    """
    lake = Lake(folder, create=False)
    rows = lake.coverage(**options.given(scope))
    options.note(*options.unmet(lake, scope))
    options.emit(rows, format_, output, COVERAGE)
    return 0


@click.command("timeline", short_help="Tell a story in order of time and plain words.")
@options.lake
@options.evidence
@options.filters
@click.option("--session", metavar="KEY", help="A temporary key, and what was opened with it.")
@click.option("--key", metavar="KEY", help="A long-term key, and what was opened with it.")
@click.option(
    "--figure",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Draw it besides, as PNG; needs matplotlib.",
)
@options.output
def timeline(
    folder: str, figure: str | None, format_: Any, output: str | None, **filters: Any
) -> int:
    """Tell the story of a principal, a session or a key, in order of time and plain words."""
    lake = Lake(folder, create=False)
    rows = lake.timeline(**options.asked(filters))
    options.note(
        *lake.notes(),
        *options.unmet(lake, filters),
        f"{rows['calls'].sum():,} calls in {len(rows):,} rows.",
    )
    if figure:
        options.emit_figure(rows, figure)
    options.emit(rows, format_, output, TIMELINE)
    return 0


@click.command("explain", short_help="Tell one denial in full: the evidence and the remedy.")
@click.argument("event_id")
@options.lake
@options.evidence
@options.private
@options.timezone
def explain(event_id: str, folder: str, evidence: str | None) -> int:
    """Tell one denial in full: evidence for and against, and the remedy."""
    told = Lake(folder, create=False).explain(event_id, **options.asked({"evidence": evidence}))
    for number, explanation in enumerate(told):
        if number:
            click.echo()
        options.emit_text(explanation, None)
    return 0


@click.command("report")
@options.lake
@options.evidence
@options.filters
@options.cause
@options.page
def report(folder: str, format_: Any, output: str | None, **filters: Any) -> int:
    """Write it all as one page, to hand over.

    It is for people who did not run the review; it needs no other file and asks nothing of a
    network. --format markdown is the short form.
    """
    lake = Lake(folder, create=False)
    told = cloudtrail_mfa.report(
        lake, **options.asked(filters), format_=format_, pseudonyms=options.hidden()
    )
    options.note(*lake.notes())
    options.emit_page(told, output)
    return 0


@click.command("sql")
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


@click.command("records")
@options.lake
@options.filters
@options.private
def records(folder: str, **filters: Any) -> int:
    """Give the original records back, one JSON object a line."""
    lake = Lake(folder, create=False)
    options.tell(lake.records_text(**options.given(filters)))
    options.note(*options.unmet(lake, filters))
    return 0
