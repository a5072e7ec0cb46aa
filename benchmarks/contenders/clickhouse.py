"""ClickHouse in the process, by chdb: a file is one row, whose array of records is joined."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import chdb

from benchmarks.contenders import Rows
from cloudtrail_mfa.store.schema import STORED, Column

__all__ = ["SETTINGS", "query", "run"]

_TYPES = {"text": "String", "json": "String", "flag": "Bool", "time": "DateTime"}

SETTINGS = {
    # Bodies of any shape are kept as their text.
    "input_format_json_read_objects_as_strings": 1,
    "input_format_json_read_numbers_as_strings": 1,
    "input_format_json_read_arrays_as_strings": 1,
    "input_format_json_read_bools_as_strings": 1,
    # Any field may be absent or new.
    "input_format_skip_unknown_fields": 1,
    "input_format_null_as_default": 1,
    "input_format_json_defaults_for_missing_elements_in_named_tuple": 1,
    "input_format_json_ignore_unknown_keys_in_named_tuple": 1,
    "date_time_input_format": "'best_effort'",
    "output_format_parquet_compression_method": "'zstd'",
    # The fastest found: a twelfth less work than by default. None was found in the ways of reading
    # (input_format_parallel_parsing, max_parsing_threads, max_read_buffer_size, file read methods),
    # of inserting (max_insert_threads, block sizes) and of encoding (row groups, dictionaries).
    "output_format_compression_level": 1,
    "output_format_parquet_write_bloom_filter": 0,
    "output_format_parquet_write_page_index": 0,
}


def run(folder: Path, out: Path, cores: int) -> Rows:
    """Write the records into one Parquet file; return how many."""
    to = out / "events.parquet"
    chdb.query(query(folder, to, {**SETTINGS, "max_threads": cores}))
    counted = chdb.query(f"select count() from file('{to}', Parquet)", "TabSeparated")  # noqa: S608
    return Rows(int(str(counted)))


def query(folder: Path, to: Path, settings: dict[str, object]) -> str:
    """Return the statement that does the job."""
    columns = [column for column in STORED if column.key]
    table = ", ".join(f"`{column.name}` {_type(column)}" for column in columns)
    files = f"file('{folder}/**/*.json*', JSONEachRow, 'Records Array({_tuple(columns)})')"
    chosen = ", ".join(f"{name} = {value}" for name, value in settings.items())
    # To name each field of the record instead costs 5 ms a file, whatever the file holds.
    source = f"select untuple(record) from {files} array join Records as record"  # noqa: S608
    return f"insert into function file('{to}', Parquet, '{table}') {source} settings {chosen}"


def _tuple(columns: Iterable[Column]) -> str:
    fields = (f"`{column.key}` {_type(column)}" for column in columns)
    return f"Tuple({', '.join(fields)})"


def _type(column: Column) -> str:
    return _tuple(column.fields) if column.fields else f"Nullable({_TYPES[column.kind]})"
