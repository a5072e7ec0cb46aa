"""Blocks of code on the pages of the documentation, and how they are run.

A ``console`` block is run line by line, and what stands below a command is what it prints; a
``python`` block is a script of its own, and the ``text`` block below it what it prints; ``json`` is
parsed and ``sql`` asked of the lake. ``…`` stands for any text, on a line of its own for any lines. A
block that cannot be run has a comment above it: ``<!-- not run: why -->``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloudtrail_mfa import Lake

__all__ = ["PAGES", "ROOT", "Block", "blocks", "run"]

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
"""Every page, made from code or written by hand."""

_BLOCK = re.compile(
    r"(?:^<!-- not run: ([^\n]+) -->\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code.

    Attributes
    ----------
    line
        Where its text begins, for whoever has to find it.
    kind
        What stands after the fence.
    text
        The code.
    reason
        Why it is not run; empty where it is.
    """

    line: int
    kind: str
    text: str
    reason: str


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    text = page.read_text()
    return [
        Block(text.count("\n", 0, found.start(3)) + 1, found[2], found[3], found[1] or "")
        for found in _BLOCK.finditer(text)
    ]


def run(page: Path, folder: Path, variables: Mapping[str, str]) -> None:
    """Run the blocks of a page in a folder, one after the other; compare what they print.

    Raises
    ------
    AssertionError
        If one fails, or prints something else; it names the page and the line.
    """
    printed = None
    for block in blocks(page):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if block.kind == "text" and not block.reason:
            assert printed is not None, f"{where}: no block above it prints this"
            _compare(where, printed, block.text)
        printed = None
        if block.reason:
            continue
        if block.kind == "python":
            command = [sys.executable, "-W", "error", "-c", block.text]
            printed = _run(where, command, folder, variables)
        elif block.kind == "console":
            for command_line, expected in _commands(block.text):
                command = ["bash", "-euo", "pipefail", "-c", command_line]
                output = _run(f"{where}: {command_line}", command, folder, variables)
                _compare(f"{where}: {command_line}", output, expected)
        elif block.kind == "json":
            json.loads(block.text)
        elif block.kind == "sql":
            Lake(folder / "lake", create=False).sql(block.text)
        else:
            assert block.kind == "text", f"{where}: nobody runs {block.kind!r}"


def _commands(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def _run(where: str, command: list[str], folder: Path, variables: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=dict(variables), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{where}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def _compare(where: str, output: str, expected: str) -> None:
    """Compare what was printed with what is shown, but for blanks at the ends of lines."""
    patterns = [
        r"(?:.*\n)*?" if line.strip() == "…" else _pattern(line) for line in expected.splitlines()
    ]
    lines = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
    if expected:
        shown = "".join(patterns)
        assert re.fullmatch(shown, lines), f"{where}: printed\n{lines}\nand not\n{expected}"


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.rstrip().split("…"))) + r"\n"
