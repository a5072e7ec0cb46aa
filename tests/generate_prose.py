"""Make ``cloudtrail_mfa/prose.txt``: the words of the library's own sentences and tables.

::

    python -m tests.generate_prose

A principal may be called by one of them; in a sentence the word is then not taken for the name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "cloudtrail_mfa"
FILE = PACKAGE / "prose.txt"

# A hyphenated word is one, and each of its parts is another.
_WORD = re.compile(r"[^\W_]+(?:[-_'][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")


def words() -> list[str]:
    """Return them in small letters, in order."""
    found = [word for text in _texts() for word in (*_WORD.findall(text), *_PART.findall(text))]
    return sorted({word.casefold() for word in found if not word.isdigit()})


def _texts() -> Iterator[str]:
    """Yield what the code may say: texts of several words, and words as closed vocabularies have."""
    # Help and the walk speak of the samples' alice.
    silent = {*(PACKAGE / "cli").glob("*.py"), PACKAGE / "demo.py"}
    for path in sorted({*PACKAGE.rglob("*.py")} - silent):
        yield from filter(_is_said, _constants(ast.parse(path.read_text())))
    for path in sorted(PACKAGE.rglob("*.sql")):
        head, _, sql = path.read_text().partition("\nwith ")
        # What it tells of its columns, and then what it puts into them.
        yield from re.findall(r"^-- (\S+  .*)", head, re.MULTILINE)
        yield from filter(_is_said, re.findall(r"'((?:[^']|'')*)'", re.sub("--.*", "", sql)))


def _constants(tree: ast.Module) -> Iterator[str]:
    # A text that is a statement is a docstring, which nobody is shown.
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in silent
        ):
            yield node.value


def _is_said(text: str) -> bool:
    return " " in text or bool(re.fullmatch("[a-z]+(_[a-z]+)*", text))


if __name__ == "__main__":
    FILE.write_text("\n".join([*words(), ""]))
