"""Notebooks: run from a clean kernel, top to bottom."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def stored(path: Path) -> nbformat.NotebookNode:
    """Return a notebook as it lies in the repository."""
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def printed(notebook: nbformat.NotebookNode) -> str:
    """Return all text that the cells put out."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(
        output.get("text", "") + "".join(map(str, output.get("data", {}).values()))
        for output in outputs
    )


def pictures(notebook: nbformat.NotebookNode) -> int:
    """Return how many figures the cells drew."""
    return sum(
        "image/png" in output.get("data", {})
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs(path: Path) -> None:
    """A change of the code is seen as such; what it prints is seen by running it."""
    notebook = stored(path)
    assert all(not cell.get("outputs") for cell in notebook.cells)


# What each is to show, and how many figures.
SHOWN: dict[str, tuple[int, tuple[str, ...]]] = {
    "incident_review": (
        3,
        (
            "25 files: 25 ingested",
            "long_term_key",
            "aws sts get-session-token",
            "alice opened a session with MFA",
            "Against MFA",
            "12 original records of alice",
            "certainty   proven",
        ),
    ),
    "audit_long_term_keys": (
        2,
        (
            "AKIAIOSFODNN7ALICE00",
            "datetime64[us, UTC]",
            "Calls of people, and the share with MFA",
            "make inactive once its calls are made with sessions",
        ),
    ),
    "policy_change_review": (
        1,
        (
            "MFA001 error",
            "3 newly allowed, 0 newly denied",
            "A long-term key that leaks gets in so",
            "BoolIfExists",
            "No action of a user loses its protection by MFA.",
            "actions that lose MFA",
        ),
    ),
    "batch_archive": (
        1,
        (
            "366 files",
            "90 files: 90 ingested",
            "366 files: 186 ingested, 180 skipped",
            " Parquet files before, 183 now",
            "39162  39162",
            "2026-05-31",
        ),
    ),
}


# The kernel's own libraries, not the notebook, leave sockets to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_from_a_clean_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    """Top to bottom, to the answers and with the figures."""
    # Each test process has its own; matplotlib and IPython write there.
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = stored(path)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": tmp_path}}).execute()
    text = printed(notebook)
    figures, parts = SHOWN[path.stem]
    for part in parts:
        assert part in text
    assert pictures(notebook) == figures
