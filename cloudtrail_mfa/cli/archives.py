"""Commands about log files: into the lake, together there, proven by their digests."""

from __future__ import annotations

import sys
from typing import Any

import click

import cloudtrail_mfa
from cloudtrail_mfa import Lake, options
from cloudtrail_mfa.layouts import CHECKS
from cloudtrail_mfa.output import write
from cloudtrail_mfa.printable import printable_lines
from cloudtrail_mfa.progress import progress_bar

__all__ = ["compact", "ingest", "verify"]


@click.command("ingest")
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
    return options.exit_code(report)


@click.command("compact", short_help="Merge small Parquet files.")
@options.lake
@options.workers
def compact(folder: str, workers: int | None, dask: str | None) -> int:
    """Merge small Parquet files, for a lake that grew by many small runs."""
    with options.working(workers, dask) as who:
        click.echo(str(Lake(folder, create=False).compact(**who)))
    return 0


@click.command("verify", short_help="Prove log files by CloudTrail's own digests.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--public-keys",
    multiple=True,
    metavar="FILE",
    type=click.Path(),
    help="What aws cloudtrail list-public-keys prints; may be repeated.",
)
@options.scope
@options.s3
@options.output
def verify(sources: tuple[str, ...], format_: Any, output: str | None, **given: Any) -> int:
    """Prove log files by CloudTrail's own digests: unchanged, changed, missing or foreign.

    A SOURCE is a file, a folder, a glob or s3://bucket/prefix/, with the digests among its files;
    times are those of delivery. Exit code 0 means that every file is proven, 1 that some are not.
    """
    # Asked for here, it is loaded here: no other command needs it.
    with progress_bar() as progress:
        told = cloudtrail_mfa.verify(*sources, **options.given(given), progress=progress)
    if format_ == "table":
        options.emit_text(str(told), output)
    else:
        options.note(*told.counts())
        options.emit(told.frame(), format_, output, CHECKS)
    if told.intact:
        return 0
    return 1 if told.checks else 2
