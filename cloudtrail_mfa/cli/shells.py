"""Completion of commands, options and names by a shell."""

from __future__ import annotations

import click

from cloudtrail_mfa import completion as completing
from cloudtrail_mfa import options

__all__ = ["completion"]


@click.command("completion", short_help="Print what bash, zsh or fish needs to complete names.")
@click.argument("shell", type=options.Choice(list(completing.SHELLS)))
def completion(shell: str) -> int:
    """Print what a shell runs so that it completes commands, options and names.

    SHELL is bash, zsh or fish. Put the line into ~/.bashrc or ~/.zshrc. Accounts, regions and
    principals are those of the lake, where --lake stands before them.
    """
    group = click.get_current_context().find_root().command
    click.echo(completing.script(group, shell))
    return 0
