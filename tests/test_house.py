"""The house: its walls, the size of its rooms, and what every test has to say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = sorted((ROOT / "cloudtrail_mfa").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


def test_imports_go_down() -> None:
    """The contracts of pyproject.toml are kept."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_one_idea(path: Path) -> None:
    """More than 450 lines are two; a module of odds and ends is none."""
    assert len(path.read_text().splitlines()) <= 450
    assert path.stem not in ("utils", "helpers", "common", "misc")


def test_every_test_states_behaviour() -> None:
    """A sentence for each: the suite reads as a specification."""
    silent = [
        f"{path.name}:{node.lineno}"
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not (ast.get_docstring(node) or "").endswith(".")
    ]
    assert silent == []


@pytest.mark.parametrize("room", ["archive", "store", "iam", "evidence", "attribution", "reports"])
def test_tests_mirror_the_modules(room: str) -> None:
    """Each module has its tests beside those of its neighbours."""
    modules = {path.stem for path in (ROOT / "cloudtrail_mfa" / room).glob("[a-z]*.py")}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / room).glob("test_*.py")}
    # The sentences of words.py are tested with the rules that speak them; laws bind several, and a
    # browser shows what they all made.
    assert modules - {"words"} == tests - {"laws", "organization", "browser"}


def test_nothing_is_left_undone() -> None:
    """No notes to ourselves in the code."""
    marks = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|NotImplemented" + "Error")
    assert [path.name for path in (*PACKAGE, *TESTS) if marks.search(path.read_text())] == []
