"""What the commands have in common: options, filters, the evidence, and rows handed on."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

import cloudtrail_mfa
from cloudtrail_mfa import (
    CAUSES,
    S3,
    Filters,
    Lake,
    completion,
    dask_cluster,
    draw_timeline,
    terminal,
)
from cloudtrail_mfa.figures import png
from cloudtrail_mfa.nearest import nearest
from cloudtrail_mfa.output import FORMATS, save, save_bytes, write
from cloudtrail_mfa.printable import printable_json, printable_lines
from cloudtrail_mfa.privacy import evidence_in, hidden, hidden_error, hidden_text, private
from cloudtrail_mfa.reports import REPORT_FORMATS
from cloudtrail_mfa.tables import Layout, in_zone, text_table
from cloudtrail_mfa.zones import zone_of

if TYPE_CHECKING:
    import pandas as pd

    from cloudtrail_mfa import IngestReport

__all__ = [
    "Choice",
    "asked",
    "cause",
    "emit",
    "emit_figure",
    "emit_page",
    "emit_text",
    "evidence",
    "exit_code",
    "filters",
    "given",
    "hidden",
    "hidden_error",
    "lake",
    "note",
    "output",
    "page",
    "private",
    "s3",
    "scope",
    "tell",
    "timezone",
    "unmet",
    "workers",
    "working",
]


def _options(*parts: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(parts):
            command = option(command)
        return command

    return decorate


class Choice(click.Choice[str]):
    """A choice that proposes the nearest where something else is typed."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return what is said of something else."""
        del ctx
        return f"{value!r} is not one of the choices{nearest(str(value), self.choices)}"


lake = click.option(
    "--lake",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(),
    help="The lake's folder.",
)
scope = _options(
    click.option(
        "--since",
        metavar="TIME",
        help="From this time on: ISO 8601, or an age (7d, 36h).",
    ),
    click.option("--until", metavar="TIME", help="Up to this time; a date means its end."),
    click.option(
        "--account",
        multiple=True,
        metavar="ID",
        help="Account id; may be repeated.",
        shell_complete=completion.of_lake("select distinct account_id from events"),
    ),
    click.option(
        "--region",
        multiple=True,
        metavar="CODE",
        help="Region; may be repeated.",
        shell_complete=completion.of_lake("select distinct aws_region from events"),
    ),
)
filters = _options(
    scope,
    click.option(
        "--principal",
        multiple=True,
        metavar="NAME",
        help="Name or ARN; * and ? match.",
        shell_complete=completion.of_lake("select distinct principal_name from calls"),
    ),
    click.option("--event", multiple=True, metavar="NAME", help="ListBuckets or s3:List*."),
)
_S3_OPTIONS = {
    "region": click.option(
        "--s3-region", metavar="CODE", help="The bucket's region; asked for if absent."
    ),
    "profile": click.option(
        "--s3-profile", metavar="NAME", help="Profile of ~/.aws/config (needs botocore)."
    ),
    "role": click.option("--s3-role", metavar="ARN", help="Role to assume."),
    "external_id": click.option("--s3-external-id", metavar="ID", help="What the role asks for."),
    "session_name": click.option(
        "--s3-session-name", metavar="NAME", help="What CloudTrail records of the role's session."
    ),
    "anonymous": click.option(
        "--s3-anonymous", is_flag=True, default=None, help="Sign nothing: for public buckets."
    ),
    "endpoint": click.option(
        "--s3-endpoint", metavar="URL", help="Another server that speaks S3's language."
    ),
    "requester_pays": click.option(
        "--s3-requester-pays",
        is_flag=True,
        default=None,
        help="Pay for what is read, where the bucket's owner asks for it (needs botocore).",
    ),
}


def s3(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of how buckets are reached; the command gets them as one, ``s3``."""

    @functools.wraps(command)
    def reached(**values: Any) -> Any:
        told = {name: values.pop(f"s3_{name}") for name in _S3_OPTIONS}
        return command(**values, s3=S3(**given(told)))

    return cast("Callable[..., Any]", _options(*_S3_OPTIONS.values())(reached))


workers = _options(
    click.option(
        "--workers",
        type=click.IntRange(1),
        help="Processes that work; all cores if absent.",
    ),
    click.option(
        "--dask",
        metavar="ADDRESS",
        help="Scheduler of a Dask cluster that works instead, as tcp://host:8786.",
    ),
)
cause = click.option(
    "--cause",
    multiple=True,
    metavar="NAME",
    help=", ".join(CAUSES) + ".",
    shell_complete=completion.causes,
)
evidence = click.option(
    "--evidence",
    metavar="DIR",
    type=click.Path(),
    help="Exports of IAM's configuration, whose policies are evaluated.",
)


_ZONE = "cloudtrail_mfa.zone"


def _set_zone(context: click.Context, _: click.Parameter, name: str | None) -> None:
    if name is not None:
        context.meta[_ZONE] = zone_of(name)


def _zone() -> dt.tzinfo:
    """Return the time zone that was asked for, else UTC."""
    zone: dt.tzinfo = click.get_current_context().meta.get(_ZONE, dt.UTC)
    return zone


timezone = click.option(
    "--timezone",
    metavar="ZONE",
    expose_value=False,
    callback=_set_zone,
    help="Times for people in this zone, as Europe/Berlin; filters, JSON and Parquet stay in UTC.",
)


def _for_a_browser(context: click.Context, _: click.Parameter, target: str | None) -> str | None:
    """Refuse to fill a terminal with a page, before anything is asked of the lake."""
    if target is None and context.params.get("format_") == "html" and sys.stdout.isatty():
        raise click.UsageError("-o FILE is needed: a page is for a browser, not for a terminal")
    return None if target == "-" else target


output = _options(
    private,
    click.option(
        "--format",
        "format_",
        type=Choice(list(FORMATS)),
        default="table",
        show_default=True,
        help="A table, in Markdown too, is for people; the others hold every column.",
    ),
    timezone,
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help="Write to a file.",
    ),
)

page = _options(
    private,
    click.option(
        "--format",
        "format_",
        type=click.Choice(list(REPORT_FORMATS)),
        default="html",
        show_default=True,
        help="A page for people, or the short form for a ticket.",
    ),
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(dir_okay=False, allow_dash=True),
        callback=_for_a_browser,
        help="Write to a file; - is standard output.",
    ),
)


def given(values: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in values.items() if value not in (None, ())}


@contextlib.contextmanager
def working(number: int | None, dask: str | None) -> Iterator[dict[str, Any]]:
    """Yield who works, as the lake's methods take it."""
    if dask is None:
        yield {"workers": number}
        return
    if number is not None:
        raise click.UsageError("--workers and --dask: name one, a cluster has workers of its own")
    with dask_cluster(dask) as cluster:
        yield cluster._asdict()


def asked(values: dict[str, Any]) -> dict[str, Any]:
    """Return what was given, the evidence read; its gaps are told."""
    told = given(values)
    if "evidence" in told:
        told["evidence"] = evidence_in(told["evidence"])
        note(*told["evidence"].gaps)
    return told


def note(*sentences: str) -> None:
    """Write sentences to standard error, a line each."""
    for sentence in sentences:
        terminal.note(printable_lines(hidden_text(sentence)))


def unmet(lake: Lake, filters: dict[str, Any]) -> list[str]:
    """Return a sentence for each filter that was given and that nothing in the lake meets."""
    names = Filters.__annotations__
    chosen = {name: value for name, value in given(filters).items() if name in names}
    return lake.unmet(**cast("Filters", chosen))


def tell(records: Iterable[str]) -> None:
    """Write JSON texts to standard output, each as a line that a terminal does not obey."""
    for record in records:
        click.echo(printable_json(hidden_text(record)))


def emit_text(told: object, target: str | None) -> None:
    """Write a story as lines of text to a file that was named, else to standard output."""
    if found := hidden():
        told = found.text(told) if isinstance(told, str) else found.told(told)
    if isinstance(told, cloudtrail_mfa.Explanation):
        told = told.in_zone(_zone())
    text = printable_lines(str(told))
    if target is None:
        terminal.show(text.split("\n"))
    else:
        _emit_bytes(f"{text}\n".encode(), target)


def emit_figure(rows: pd.DataFrame, target: str) -> None:
    """Draw a timeline into a file."""
    found = hidden()
    rows = in_zone(found.frame(rows) if found else rows, _zone())
    _emit_bytes(png(draw_timeline(rows)), target)


def emit_page(text: str, target: str | None) -> None:
    """Write a report to a file that was named, else to standard output."""
    if target is None:
        click.echo(text, nl=False)
    else:
        _emit_bytes(text.encode(), target)


def _emit_bytes(content: bytes, target: str) -> None:
    try:
        save_bytes(content, Path(target))
    except OSError as error:
        raise _unwritable(target, error) from None


def _unwritable(target: str, error: OSError) -> click.ClickException:
    return click.ClickException(f"{target}: cannot be written ({error.strerror})")


def emit(
    rows: pd.DataFrame,
    format_: Any,
    target: str | None,
    layout: Layout | None = None,
    *,
    paged: bool = True,
) -> None:
    """Write rows to a file that was named, else to standard output, where a terminal gets what fits."""
    if found := hidden():
        rows = found.frame(rows)
    if target is not None:
        try:
            save(rows, format_, Path(target), layout=layout, zone=_zone())
        except OSError as error:
            raise _unwritable(target, error) from None
    elif format_ == "table":
        _show(in_zone(rows, _zone()), layout, paged=paged)
    else:
        write(rows, format_, sys.stdout.buffer, layout=layout, zone=_zone())
        sys.stdout.flush()


def _show(rows: pd.DataFrame, layout: Layout | None, *, paged: bool) -> None:
    table = text_table(rows, layout, width=terminal.columns(), styled=terminal.is_styled())
    terminal.show(table.lines, paged=paged)
    if table.left_out:
        names = ", ".join(table.left_out)
        note(f"No room for {names}: a wider terminal shows more, --format csv all.")


def exit_code(report: IngestReport) -> int:
    """Return 0 if all could be used, 1 if some, 2 if nothing."""
    if report.complete:
        return 0
    return 1 if report.ingested or report.skipped else 2
