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
    CloudTrailMfaError,
    Evidence,
    Filters,
    Lake,
    Pseudonyms,
    completion,
    dask_cluster,
    draw_timeline,
    terminal,
)
from cloudtrail_mfa.figures import png
from cloudtrail_mfa.nearest import nearest
from cloudtrail_mfa.output import FORMATS, save, save_bytes, write
from cloudtrail_mfa.printable import printable_json, printable_lines
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
    "emit_text",
    "evidence",
    "exit_code",
    "filters",
    "given",
    "hidden_error",
    "lake",
    "note",
    "output",
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


class _Private:
    """Who is told of, hidden: the key that was named, and the names of the lake that is asked."""

    def __init__(self, context: click.Context, key: bytes) -> None:
        self._context = context
        self.key = key

    @functools.cached_property
    def pseudonyms(self) -> Pseudonyms:
        """Pseudonyms for the names of the lake, and of the evidence where there is some."""
        asked = self._context.params
        # Of log files that are in no lake, forms alone tell what is to be hidden.
        lake = Lake(asked["folder"], create=False) if "folder" in asked else None
        names = [*lake.sql("from principal_names")["name"]] if lake else []
        if asked.get("evidence"):
            names += _principals(_evidence(asked["evidence"]))
        found = Pseudonyms(self.key, names)
        if found.common:
            click.echo(
                f"{found.common:,} names are also words of the sentences here, and stay in sentences.",
                err=True,
            )
        return found


def _evidence(folder: str) -> Evidence:
    """Return what a folder holds, read once for a command."""
    known = click.get_current_context().meta.setdefault(f"{__name__}.evidence", {})
    if folder not in known:
        known[folder] = Evidence.load(folder)
    found: Evidence = known[folder]
    return found


def _principals(evidence: Evidence) -> list[str]:
    """Return the names of the users and roles that exports tell of."""
    known = [arn for account in evidence.accounts.values() for arn in account.entities or ()]
    return [arn.rpartition("/")[2] for arn in (*known, *evidence.credentials) if "/" in arn]


_META = "cloudtrail_mfa.private"


def _set_private(context: click.Context, _: click.Parameter, path: str | None) -> None:
    if path is not None:
        context.meta[_META] = _Private(context, Pseudonyms.read_key(path))


def _hidden() -> Pseudonyms | None:
    """Return the pseudonyms that were asked for."""
    asked = click.get_current_context().meta.get(_META)
    return asked and asked.pseudonyms


def _text(text: str) -> str:
    hidden = _hidden()
    return hidden.text(text) if hidden else text


def hidden_error(error: CloudTrailMfaError) -> CloudTrailMfaError:
    """Return an error as it may be told: with pseudonyms, where these were asked for."""
    asked = click.get_current_context().meta.get(_META)
    if asked is None:
        return error
    try:
        hidden = asked.pseudonyms
    except CloudTrailMfaError:
        # Of a lake that cannot be read, no name was read either.
        hidden = Pseudonyms(asked.key)
    return CloudTrailMfaError(hidden.text(str(error)))


private = click.option(
    "--pseudonymise",
    metavar="KEYFILE",
    expose_value=False,
    callback=_set_private,
    type=click.Path(),
    help="Hide who is told of: accounts, keys, addresses and names, by the secret in a file.",
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
        told["evidence"] = _evidence(told["evidence"])
        note(*told["evidence"].gaps)
    return told


def note(*sentences: str) -> None:
    """Write sentences to standard error, a line each."""
    for sentence in sentences:
        terminal.note(printable_lines(_text(sentence)))


def unmet(lake: Lake, filters: dict[str, Any]) -> list[str]:
    """Return a sentence for each filter that was given and that nothing in the lake meets."""
    names = Filters.__annotations__
    chosen = {name: value for name, value in given(filters).items() if name in names}
    return lake.unmet(**cast("Filters", chosen))


def tell(records: Iterable[str]) -> None:
    """Write JSON texts to standard output, each as a line that a terminal does not obey."""
    for record in records:
        click.echo(printable_json(_text(record)))


def emit_text(told: object, target: str | None) -> None:
    """Write a story as lines of text to a file that was named, else to standard output."""
    hidden = _hidden()
    if hidden:
        told = hidden.text(told) if isinstance(told, str) else hidden.told(told)
    if isinstance(told, cloudtrail_mfa.Explanation):
        told = told.in_zone(_zone())
    text = printable_lines(str(told))
    if target is None:
        terminal.show(text.split("\n"))
    else:
        _emit_bytes(f"{text}\n".encode(), target)


def emit_figure(rows: pd.DataFrame, target: str) -> None:
    """Draw a timeline into a file."""
    hidden = _hidden()
    rows = in_zone(hidden.frame(rows) if hidden else rows, _zone())
    _emit_bytes(png(draw_timeline(rows)), target)


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
    if hidden := _hidden():
        rows = hidden.frame(rows)
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
