"""The measurement of the ingest, at its smallest."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.contenders import CONTENDERS, log_files, text_bytes
from benchmarks.ingest import main
from benchmarks.memory import peak_memory
from benchmarks.table import Measured, markdown, plain
from benchmarks.trail import Trail, write_trail


def test_contenders_are_told_beside_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each reads the same records, in a process of its own; this library tells what came twice."""
    main(["library", "orjson", "duckdb", "--events=5000", "--repeats=1", f"--folder={tmp_path}"])
    told = capsys.readouterr().out
    assert told.startswith("5,000 events, 2 of them twice ")
    rows = {line.split()[0]: line.split()[-1] for line in told.splitlines() if line}
    assert rows["cloudtrail_mfa,"] == "5,000"
    assert rows["orjson"] == rows["DuckDB,"] == "5,002"
    assert "library: 2 duplicates are dropped" in told
    assert list(tmp_path.iterdir()) == []


def test_logs_that_are_there_can_be_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder of logs is read where it is, and the table can be one for a page."""
    write_trail(tmp_path, Trail(100, (1, 30)), workers=1)
    main(["orjson", f"--logs={tmp_path}", "--repeats=1", "--cores=1", "--markdown"])
    table = capsys.readouterr().out
    assert "| orjson + pyarrow |" in table
    assert table.rstrip().endswith("| 100 |")


def test_no_logs_are_an_error(tmp_path: Path) -> None:
    """Nothing is measured where nothing is."""
    with pytest.raises(SystemExit, match="holds no file"):
        main(["orjson", f"--logs={tmp_path}"])


def test_an_unknown_contender_is_an_error(tmp_path: Path) -> None:
    """Those that there are are named."""
    write_trail(tmp_path, Trail(10), workers=1)
    with pytest.raises(SystemExit, match="no contender is called awk: library, chdb"):
        main(["awk", f"--logs={tmp_path}"])


def test_a_contender_that_fails_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It stands in no table, and the command ends with an error."""
    (tmp_path / "bad.json.gz").write_bytes(gzip.compress(b'{"Records":['))
    with pytest.raises(SystemExit, match="failed: orjson"):
        main(["orjson", f"--logs={tmp_path}", "--repeats=1"])
    assert "orjson failed: orjson.JSONDecodeError" in capsys.readouterr().out


def test_memory_is_that_of_all_processes() -> None:
    """What a child holds counts, too."""
    grandchild = "import time; held = b'1' * 50_000_000; time.sleep(0.5)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    assert peak_memory(subprocess.Popen([sys.executable, "-c", child])) > 50_000_000


def test_rates_are_compared_with_chdb() -> None:
    """Whoever takes half the time has twice the rate; the fastest stands first."""
    chdb = Measured(CONTENDERS["chdb"], [2.0], [1.0], records=1000, rows=1000, stored=1)
    library = Measured(CONTENDERS["library"], [1.0, 9.0, 0.5], [1.0], records=1000)
    first, second = plain({"chdb": chdb, "library": library}).splitlines()[1:]
    assert first.split()[2:6] == ["1.00", "1.00", "1,000", "2.00"]
    assert second.split()[-4:] == ["1.00", "0", "0.0", "1,000"]
    assert "| 2.00 |" in markdown({"chdb": chdb, "library": library}).splitlines()[2]


def test_the_size_of_the_text_is_known_without_reading_it(tmp_path: Path) -> None:
    """Gzip tells it; a plain file is as long as it is."""
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b"{}" * 500))
    (tmp_path / "b.json").write_bytes(b"{}")
    assert [text_bytes(path) for path in log_files(tmp_path)] == [1000, 2]
