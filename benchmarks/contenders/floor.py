"""The floor: gunzip and parse by the fastest known, and do nothing with it."""

from __future__ import annotations

from pathlib import Path

import simdjson
from isal import igzip

from benchmarks.contenders import Rows
from benchmarks.contenders.batches import Batch, over_batches

__all__ = ["run"]


def run(folder: Path, out: Path, cores: int) -> Rows:
    """Parse all files; return the records."""
    return over_batches(_parse, folder, out, cores)


def _parse(batch: Batch) -> int:
    _, files, _ = batch
    parser, records = simdjson.Parser(), 0
    for path in files:
        stored = path.read_bytes()
        text = igzip.decompress(stored) if path.suffix == ".gz" else stored  # type: ignore[no-untyped-call]
        document = parser.parse(text)
        records += len(document["Records"])
        del document  # the parser is used again
    return records
