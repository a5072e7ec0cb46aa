"""What the commands have in common: options, filters, the evidence, and rows handed on."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import click
import pandas as pd

from cloudtrail_mfa import CAUSES, S3, Evidence, dask_cluster
from cloudtrail_mfa.output import FORMATS, Layout, save, save_bytes, write
from cloudtrail_mfa.printable import printable_lines

__all__ = [
    "asked",
    "cause",
    "emit",
    "emit_bytes",
    "emit_text",
    "evidence",
    "filters",
    "given",
    "lake",
    "note",
    "output",
    "s3",
    "scope",
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
output = _options(
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
        told["evidence"] = Evidence.load(told["evidence"])
        note(*told["evidence"].gaps)
    return told


def note(*sentences: str) -> None:
    """Write sentences to standard error."""
    for sentence in sentences:
        click.echo(printable_lines(sentence), err=True)


def emit_text(text: str, target: str | None) -> None:
    """Write lines of text to a file that was named, else to standard output."""
    lines = printable_lines(text) + "\n"
    if target is None:
        click.echo(lines, nl=False)
    else:
        emit_bytes(lines.encode(), target)


def emit_bytes(content: bytes, target: str) -> None:
    """Write bytes to a file."""
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
    if target is None:
        write(rows, format_, sys.stdout.buffer, layout=layout)
        sys.stdout.flush()
        return
    try:
        save(rows, format_, Path(target), layout=layout)
    except OSError as error:
        raise _unwritable(target, error) from None
