"""What does the same job: gzipped CloudTrail files in, every column of every record as Parquet out.

A contender is a module with ``run(folder, out, cores)``, which returns the `Rows` that it wrote. Each runs in a
process of its own, started by `benchmarks.ingest`. The columns of all are derived from
`cloudtrail_mfa.store.schema.STORED`. The library does more: it drops duplicates, tells the source
file, keeps what no column holds, and lays the events out by account and day.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

__all__ = ["CONTENDERS", "Contender", "Rows", "log_files", "text_bytes"]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the job.

    Attributes
    ----------
    title
        As a table names it.
    module
        Where it is, in this package.
    needs
        Module that has to be installed.
    sample
        Bytes, gzipped, after which it gets no further file, as all would take minutes; 0 is all.
    every_record
        Whether it writes each record that it reads, so that its rows can be compared.
    """

    title: str
    module: str
    needs: str
    sample: int = 0
    every_record: bool = True


CONTENDERS = {
    "library": Contender("cloudtrail_mfa, Lake.ingest", "library", "cloudtrail_mfa"),
    "chdb": Contender("ClickHouse (chdb), JSONEachRow", "clickhouse", "chdb"),
    "duckdb": Contender("DuckDB, read_json", "duck", "duckdb"),
    "orjson": Contender("orjson + pyarrow", "objects", "orjson"),
    "pandas": Contender("pandas, json_normalize", "normalized", "pandas", sample=4_000_000),
    "jq": Contender("zcat, jq: refused calls only", "jq", "", every_record=False),
    "simdjson": Contender("isal + simdjson, parse only", "floor", "simdjson"),
}
"""By the names that the command takes; all but the first and the last two do the same job."""


class Rows(NamedTuple):
    """How many rows were written, and how many records were dropped as duplicates."""

    written: int
    dropped: int = 0


def log_files(folder: Path) -> list[Path]:
    """Return the log files below a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*.json*") if path.is_file())


def text_bytes(file: Path) -> int:
    """Return the bytes of JSON in a file, which gzip tells in its last four."""
    with file.open("rb") as stored:
        if file.suffix != ".gz":
            return file.stat().st_size
        stored.seek(-4, 2)
        return int.from_bytes(stored.read(), "little")
