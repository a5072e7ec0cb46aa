"""What a shell may complete: names that stand in the lake, and those of causes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ZshComplete

from cloudtrail_mfa import CAUSES, CloudTrailMfaError, Lake

__all__ = ["SHELLS", "causes", "of_lake", "script"]

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
"""The shells that are known, each with what speaks its language."""

_PROGRAM = "cloudtrail-mfa"
_VARIABLE = "_CLOUDTRAIL_MFA_COMPLETE"

# A shell would obey them, or a filter takes them for wildcards.
_OBEYED = frozenset("`$\\\"';|&<>()*? ")

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def script(command: click.Command, shell: str) -> str:
    """Return what a shell has to run so that it completes a command."""
    return SHELLS[shell](command, {}, _PROGRAM, _VARIABLE).source()


def causes(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete the name of a cause; a shell that shows help shows its meaning."""
    return [
        CompletionItem(name, help=cause.meaning)
        for name, cause in CAUSES.items()
        if name.startswith(typed)
    ]


def of_lake(query: str) -> Complete:
    """Return what completes by the lake that is named already; nothing where none is.

    Parameters
    ----------
    query
        SQL of the library's own, whose first column is what there is.
    """

    def complete(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
        folder: Any = context.params.get("folder")
        if not folder:
            return []
        try:
            rows = Lake(folder, create=False).sql(query)
        except CloudTrailMfaError:
            # Who asks for more than there is gets no message amid what is typed.
            return []
        names = rows.iloc[:, 0].dropna().astype("str")
        harmless = [name for name in names if name.isprintable() and _OBEYED.isdisjoint(name)]
        return [CompletionItem(name) for name in sorted(harmless) if name.startswith(typed)]

    return complete
