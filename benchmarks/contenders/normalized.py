"""pandas: every field of every body a column of its own, as most notebooks do it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks.contenders import Rows
from benchmarks.contenders.batches import Batch, over_batches
from benchmarks.contenders.objects import read

__all__ = ["run"]


def run(folder: Path, out: Path, cores: int) -> Rows:
    """Write a Parquet file a batch; return the records."""
    return over_batches(_normalize, folder, out, cores)


def _normalize(batch: Batch) -> int:
    number, files, out = batch
    rows = pd.json_normalize([record for path in files for record in read(path)])
    # A field may be a text here, a list there: Parquet takes it as text.
    rows.astype("string").to_parquet(out / f"{number:06}.parquet", compression="zstd")
    return len(rows)
