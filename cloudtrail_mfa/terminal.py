"""The terminal: how wide it is, whether it wants colours, and a screen at a time where there are more."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from itertools import chain, islice

import click

__all__ = ["columns", "is_styled", "note", "show"]

# git's own: colours are shown, and what was read stays on the screen.
_LESS = "FRX"


def columns() -> int | None:
    """Return how many columns the terminal has; None where standard output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def is_styled() -> bool:
    """Return whether what is written may hold colours.

    On a terminal, or where ``FORCE_COLOR`` asks for it; never where ``NO_COLOR`` is set
    (https://no-color.org/).
    """
    if os.environ.get("NO_COLOR"):
        return False
    seen = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return seen or bool(os.environ.get("FORCE_COLOR"))


def note(sentence: str) -> None:
    """Write a sentence to standard error; on a terminal no word of it is broken."""
    if sys.stderr is not None and sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        sentence = click.wrap_text(sentence, width, preserve_paragraphs=True)
    click.echo(sentence, err=True)


def show(lines: Iterable[str], *, paged: bool = True) -> None:
    """Write lines to standard output; on a terminal, more than a screen by way of the pager.

    Parameters
    ----------
    lines
        Without line ends; the first are shown before the last are made.
    paged
        Whether the pager may be asked: ``PAGER``, else ``less`` or ``more``.
    """
    coming = iter(lines)
    first: list[str] = []
    # Where nobody sits, or a program answers, everything comes at once.
    if paged and sys.stdin.isatty() and sys.stdout.isatty():
        height = shutil.get_terminal_size().lines
        # The prompt takes the last line.
        first = [*islice(coming, height)]
        if len(first) == height:
            os.environ.setdefault("LESS", _LESS)
            click.echo_via_pager((f"{line}\n" for line in chain(first, coming)), color=is_styled())
            return
    sys.stdout.flush()
    sys.stdout.buffer.writelines(f"{line}\n".encode() for line in chain(first, coming))
    sys.stdout.buffer.flush()
