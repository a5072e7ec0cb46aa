"""Answers as HTML for notebooks, in which what came out of a log is text and nothing else."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

from cloudtrail_mfa.printable import printable

__all__ = ["block", "commands", "listed", "table", "text"]

_LEFT = ' style="text-align:left;vertical-align:top"'


def text(value: object) -> str:
    """Return a value as text on one line, nothing of which is markup."""
    return html.escape(printable(str(value)))


def commands(sentences: str) -> str:
    """Return sentences in which commands stand between backticks."""
    parts = sentences.split("`")
    return "".join(
        f"<code>{text(part)}</code>" if number % 2 else text(part)
        for number, part in enumerate(parts)
    )


def listed(items: Iterable[str]) -> str:
    """Return a list of what is HTML already; nothing where there is none."""
    told = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{told}</ul>" if told else ""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of texts; without a head where that is empty."""
    heads = "".join(f"<th{_LEFT}>{text(name)}</th>" for name in head)
    cells = ("".join(f"<td{_LEFT}>{text(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return (
        f"<table>{f'<thead><tr>{heads}</tr></thead>' if heads else ''}<tbody>{body}</tbody></table>"
    )


def block(title: str, *parts: str, facts: Mapping[str, str] | None = None) -> str:
    """Return a titled part of a page: facts by their names, each HTML already, then the other parts."""
    rows = "".join(
        f"<tr><th{_LEFT}>{text(name)}</th><td{_LEFT}>{fact}</td></tr>"
        for name, fact in (facts or {}).items()
    )
    told = f"<table><tbody>{rows}</tbody></table>" if rows else ""
    # What looks like a formula in a log is none.
    return (
        f'<div class="tex2jax_ignore mathjax_ignore"><p><b>{text(title)}</b></p>'
        f"{told}{''.join(parts)}</div>"
    )
