"""DuckDB: a file is one JSON object, whose records are unnested."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from benchmarks.contenders import Rows, log_files, text_bytes
from cloudtrail_mfa.store.schema import STORED, Column

__all__ = ["run"]

_TYPES = {"text": "varchar", "json": "json", "flag": "boolean", "time": "timestamp"}


def run(folder: Path, out: Path, cores: int) -> Rows:
    """Copy the records into one Parquet file; return how many."""
    files = log_files(folder)
    columns = [column for column in STORED if column.key]
    picked = ", ".join(f'record."{column.key}" as {column.name}' for column in columns)
    record = _struct(columns)
    connection = duckdb.connect(config={"threads": cores})
    connection.execute("set preserve_insertion_order = false")
    # Names of columns only: nothing in it was read from anywhere.
    query = f"""
        copy (
            select {picked} from (
                select unnest("Records") as record from read_json(
                    $files, columns = {{Records: $records}}, maximum_object_size = $most
                )
            )
        ) to '{out}/events.parquet' (format parquet, compression zstd)
    """  # noqa: S608
    most = max(map(text_bytes, files)) + 1
    given = {"files": [*map(str, files)], "records": f"{record}[]", "most": most}
    copied = connection.execute(query, given).fetchone()
    return Rows(int(copied[0]) if copied else 0)


def _struct(columns: Iterable[Column]) -> str:
    fields = (
        f'"{column.key}" {_struct(column.fields) if column.fields else _TYPES[column.kind]}'
        for column in columns
    )
    return f"struct({', '.join(fields)})"
