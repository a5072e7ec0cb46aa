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
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs
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


# The kernel's own libraries, not the notebook, leave sockets to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_incident_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leads from two error messages to the answer, with figures."""
    # Each test process has its own; matplotlib and IPython write there.
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = stored(FOLDER / "incident_review.ipynb")
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": tmp_path}}).execute()
    text = printed(notebook)
    for part in (
        "25 files: 25 ingested",
        "long_term_key",
        "aws sts get-session-token",
        "alice opened a session with MFA",
        "Against MFA",
        "12 original records of alice",
    ):
        assert part in text
    assert pictures(notebook) == 2
