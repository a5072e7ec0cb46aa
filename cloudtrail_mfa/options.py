"""What the commands have in common: options, filters, the evidence, and rows handed on."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import click
import pandas as pd

from cloudtrail_mfa import (
    CAUSES,
    S3,
    CloudTrailMfaError,
    Evidence,
    IngestReport,
    Lake,
    Pseudonyms,
    dask_cluster,
    draw_timeline,
)
from cloudtrail_mfa.figures import png
from cloudtrail_mfa.output import FORMATS, Layout, save, save_bytes, write
from cloudtrail_mfa.printable import printable_json, printable_lines
from cloudtrail_mfa.reports import REPORT_FORMATS

__all__ = [
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
    "workers",
    "working",
]


def _options(*parts: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(parts):
            command = option(command)
        return command

    return decorate


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
    click.option("--account", multiple=True, metavar="ID", help="Account id; may be repeated."),
    click.option("--region", multiple=True, metavar="CODE", help="Region; may be repeated."),
)
filters = _options(
    scope,
    click.option("--principal", multiple=True, metavar="NAME", help="Name or ARN; * and ? match."),
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
cause = click.option("--cause", multiple=True, metavar="NAME", help=", ".join(CAUSES) + ".")
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


def hidden() -> Pseudonyms | None:
    """Return the pseudonyms that were asked for."""
    asked = click.get_current_context().meta.get(_META)
    return asked and asked.pseudonyms


def _text(text: str) -> str:
    found = hidden()
    return found.text(text) if found else text


def hidden_error(error: CloudTrailMfaError) -> CloudTrailMfaError:
    """Return an error as it may be told: with pseudonyms, where these were asked for."""
    asked = click.get_current_context().meta.get(_META)
    if asked is None:
        return error
    try:
        found = asked.pseudonyms
    except CloudTrailMfaError:
        # Of a lake that cannot be read, no name was read either.
        found = Pseudonyms(asked.key)
    return CloudTrailMfaError(found.text(str(error)))


private = click.option(
    "--pseudonymise",
    metavar="KEYFILE",
    expose_value=False,
    callback=_set_private,
    type=click.Path(),
    help="Hide who is told of: accounts, keys, addresses and names, by the secret in a file.",
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
        told["evidence"] = _evidence(told["evidence"])
        note(*told["evidence"].gaps)
    return told


def note(*sentences: str) -> None:
    """Write sentences to standard error."""
    for sentence in sentences:
        click.echo(printable_lines(_text(sentence)), err=True)


def tell(records: Iterable[str]) -> None:
    """Write JSON texts to standard output, each as a line that a terminal does not obey."""
    for record in records:
        click.echo(printable_json(_text(record)))


def emit_text(told: object, target: str | None) -> None:
    """Write a story as lines of text to a file that was named, else to standard output."""
    if found := hidden():
        told = found.text(told) if isinstance(told, str) else found.told(told)
    lines = printable_lines(str(told)) + "\n"
    if target is None:
        click.echo(lines, nl=False)
    else:
        _emit_bytes(lines.encode(), target)


def emit_figure(rows: pd.DataFrame, target: str) -> None:
    """Draw a timeline into a file."""
    found = hidden()
    _emit_bytes(png(draw_timeline(found.frame(rows) if found else rows)), target)


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
) -> None:
    """Write rows to a file that was named, else to standard output."""
    if found := hidden():
        rows = found.frame(rows)
    if target is None:
        write(rows, format_, sys.stdout.buffer, layout=layout)
        sys.stdout.flush()
        return
    try:
        save(rows, format_, Path(target), layout=layout)
    except OSError as error:
        raise _unwritable(target, error) from None


def exit_code(report: IngestReport) -> int:
    """Return 0 if all could be used, 1 if some, 2 if nothing."""
    if report.complete:
        return 0
    return 1 if report.ingested or report.skipped else 2
