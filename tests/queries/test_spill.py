"""What does not fit into memory: it goes to the system's temporary folder, and is gone afterwards."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cloudtrail_mfa import queries
from cloudtrail_mfa.queries import spill

SORT = """
import os
from cloudtrail_mfa import queries
con = queries.connect([])
con.execute("set memory_limit = '60MB'; set threads = 1")
con.execute("create temp table t as select md5(cast(range as text)) as a from range(3000000)")
print(os.path.dirname(con.execute("select current_setting('temp_directory')").fetchone()[0]))
print(sum(size for _, size in con.execute("from duckdb_temporary_files()").fetchall()) > 0)
print(os.listdir())
"""


def test_nothing_is_left_in_the_current_folder(tmp_path: Path) -> None:
    """Neither while a query spills nor after the process has ended."""
    # Of a long query in no file DuckDB prints the progress, as for somebody who waits.
    script, here = tmp_path / "sort.py", tmp_path / "here"
    script.write_text(SORT)
    here.mkdir()
    done = subprocess.run(
        [sys.executable, script], cwd=here, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    folder, spilt, seen = done.stdout.splitlines()
    assert (spilt, seen, list(here.iterdir())) == ("True", "[]", [])
    assert Path(folder).parent == Path(tempfile.gettempdir())
    assert not Path(folder).exists()


def test_connections_do_not_share_a_folder() -> None:
    """Files of two databases may bear the same names."""
    folders = {
        queries.connect([]).sql("select current_setting('temp_directory')").fetchall()[0][0]
        for _ in range(2)
    }
    assert len(folders) == 2


def test_only_the_owner_can_read_it() -> None:
    """What is spilt is as confidential as the logs."""
    assert Path(spill.new_folder()).parent.stat().st_mode & 0o077 == 0


def test_without_a_temporary_folder_nothing_is_spilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions that fit into memory are answered all the same."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    spill._root.cache_clear()
    try:
        con = queries.connect([])
        assert con.sql("select current_setting('temp_directory')").fetchall() == [("",)]
        assert queries.run(con, "select count(*) as n from sessions")["n"].tolist() == [0]
    finally:
        spill._root.cache_clear()


def test_a_forked_process_removes_nothing(tmp_path: Path) -> None:
    """Its parent may be in the midst of a query."""
    spill._remove(str(tmp_path), owner=-1)
    assert tmp_path.exists()
