"""orjson: records as Python objects, lists of them as Arrow columns."""

from __future__ import annotations

import gc
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from isal import igzip

from benchmarks.contenders import Rows
from benchmarks.contenders.batches import Batch, over_batches
from cloudtrail_mfa.store.schema import STORED, Column, arrow_type

__all__ = ["read", "run"]

_COLUMNS = [column for column in STORED if column.key]


def run(folder: Path, out: Path, cores: int) -> Rows:
    """Write a Parquet file a batch; return the records."""
    return over_batches(_convert, folder, out, cores)


def read(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file."""
    stored = path.read_bytes()
    text = igzip.decompress(stored) if path.suffix == ".gz" else stored  # type: ignore[no-untyped-call]
    records: list[dict[str, Any]] = orjson.loads(text)["Records"]
    return records


def _convert(batch: Batch) -> int:
    number, files, out = batch
    gc.disable()  # records make no circles; looking for them takes a third of the time
    records = [record for path in files for record in read(path)]
    table = pa.table(
        {
            column.name: pa.array(
                [_value(column, record.get(column.key)) for record in records], arrow_type(column)
            )
            for column in _COLUMNS
        }
    )
    pq.write_table(table, out / f"{number:06}.parquet", compression="zstd")
    return len(records)


def _value(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.kind == "group":
        return {field.name: _value(field, value.get(field.key)) for field in column.fields}
    if column.kind == "json" or (column.kind == "text" and type(value) is not str):
        return orjson.dumps(value).decode()
    return datetime.fromisoformat(value) if column.kind == "time" else value
