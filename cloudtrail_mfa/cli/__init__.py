"""The command line: arguments, one call to the lake, rows handed on.

Data goes to standard output, progress and notes to standard error. Exit codes: 0 done; 1 done,
but some input could not be used; 2 the call cannot be carried out.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Any

import click

from cloudtrail_mfa import CloudTrailMfaError, options
from cloudtrail_mfa.cli import answers, archives, policies, shells, walk
from cloudtrail_mfa.cli.examples import epilog
from cloudtrail_mfa.printable import printable_lines

__all__ = ["cli", "main"]


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
    epilog=epilog(""),
)
@click.version_option(version("cloudtrail-mfa"), prog_name="cloudtrail-mfa")
def cli() -> None:
    """Why was this AWS call denied? Offline analysis of CloudTrail logs."""


_COMMANDS = (
    archives.ingest,
    archives.compact,
    answers.denials,
    answers.summary,
    answers.sessions,
    answers.posture,
    answers.credentials,
    answers.coverage,
    answers.timeline,
    answers.explain,
    answers.report,
    answers.sql,
    answers.records,
    policies.what_if,
    policies.lint,
    archives.verify,
    walk.demo,
    shells.completion,
)
for _command in _COMMANDS:
    _command.epilog = epilog(str(_command.name))
    cli.add_command(_command)


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
