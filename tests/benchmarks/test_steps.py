"""The steps of an ingest are timed on the files that it reads the fast way."""

from __future__ import annotations

from pathlib import Path

from benchmarks.steps import STEPS, measure
from tests.records import call, file_name, write_log


def test_each_step_is_measured(tmp_path: Path) -> None:
    """On one core, a number for each; a file of another form is left out."""
    write_log(tmp_path / file_name(), [call(), call()])
    (tmp_path / "other.json").write_text("[{}]")
    ours = {name: step for name, step in STEPS.items() if name != "floor"}
    took = measure(tmp_path, 1, ours)
    assert list(took) == ["unfold", "decode", "convert", "write", "whole"]
    assert all(each > 0 for each in took.values())
