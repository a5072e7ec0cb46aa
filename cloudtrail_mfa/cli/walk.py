"""The walk on the sample logs."""

from __future__ import annotations

import click

from cloudtrail_mfa import Evidence, Lake, options, what_if
from cloudtrail_mfa.demo import sample_change, sample_evidence, sample_logs
from cloudtrail_mfa.layouts import DENIALS, SUMMARY, TIMELINE
from cloudtrail_mfa.printable import printable_lines

__all__ = ["demo"]


@click.command("demo", short_help="Walk through the samples.")
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
    options.emit(rows, "table", None, DENIALS, paged=False)
    first = rows["event_id"][0]
    click.echo(f"The first of them in full (cloudtrail-mfa explain {first} --lake {folder}):\n")
    click.echo(printable_lines(str(lake.explain(first)[0])))
    click.echo(f"\nHer day (cloudtrail-mfa timeline --principal alice --lake {folder}):")
    options.emit(lake.timeline(principal="alice"), "table", None, TIMELINE, paged=False)
    evidence = Evidence.load(sample_evidence())
    click.echo("\nWhat if BoolIfExists became Bool in MFA_Forced (cloudtrail-mfa what-if):\n")
    told = what_if(lake, evidence, {"MFA_Forced": sample_change().read_bytes()})
    click.echo(printable_lines(str(told)))
    click.echo("\nWho was denied, and why, once the policies are evaluated (--evidence):")
    options.emit(lake.summary(evidence=evidence), "table", None, SUMMARY, paged=False)
    return options.exit_code(report)
