"""Parts in which there may be copies of what other parts hold: written again without them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cloudtrail_mfa.store.copies import Tally, copies
from cloudtrail_mfa.store.disk import reading
from cloudtrail_mfa.store.parts import Part, PartWriter
from cloudtrail_mfa.store.schema import STORED_SCHEMA

__all__ = ["Doubt", "settle"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A part, and why not all of it may be new.

    Attributes
    ----------
    rows
        The places of the events that may be copies, of each other or of what `others` hold.
    others
        Paths of the Parquet files of the same account and day that were there before.
    copied
        Source files of which another one has the very bytes: none of their rows is new.
    """

    part: Part
    rows: NDArray[np.int64]
    others: Sequence[str]
    copied: frozenset[str]


def settle(doubt: Doubt, staging: Path) -> tuple[Part | None, Tally]:
    """Return the part without copies, and what they were; None where nothing is left of it."""
    tally = Tally()
    with pq.ParquetFile(staging / doubt.part.name) as file:
        drop = _of_files(file, doubt.copied)
        rows = doubt.rows[~drop[doubt.rows]]
        suspects = _take(file, rows)
        there = _with_ids(doubt.others, suspects["event_id"])
        drop[rows[copies(suspects, there, tally)]] = True
        return _without(file, doubt.part, drop, staging), tally


def _of_files(file: pq.ParquetFile, paths: frozenset[str]) -> NDArray[np.bool_]:
    """Return for each row whether it is from one of these source files."""
    if not paths:
        return np.zeros(file.metadata.num_rows, bool)
    sources = file.read(columns=["source_file"])["source_file"]
    return np.asarray(pc.is_in(sources, pa.array(paths)))


def _take(file: pq.ParquetFile, rows: NDArray[np.int64]) -> pa.Table:
    """Read some rows, one row group at a time."""
    found = [
        group.take(pa.array(rows[(rows >= start) & (rows < start + group.num_rows)] - start))
        for start, group in _groups(file, rows)
    ]
    return pa.concat_tables([STORED_SCHEMA.empty_table(), *found])


def _with_ids(paths: Sequence[str], ids: pa.ChunkedArray) -> pa.Table:
    """Read the events of these ids."""
    found = []
    for path in paths:
        with reading(path), pq.ParquetFile(path) as file:
            mask = pc.is_in(file.read(columns=["event_id"])["event_id"], ids)
            found.append(_take(file, np.flatnonzero(mask)))
    return pa.concat_tables([STORED_SCHEMA.empty_table(), *found])


def _groups(file: pq.ParquetFile, rows: NDArray[np.int64]) -> Iterator[tuple[int, pa.Table]]:
    """Read the row groups that hold any of these rows; yield each with the place of its first."""
    start = 0
    for number in range(file.num_row_groups):
        end = start + file.metadata.row_group(number).num_rows
        if np.any((rows >= start) & (rows < end)):
            yield start, file.read_row_group(number)
        start = end


def _without(
    file: pq.ParquetFile, part: Part, drop: NDArray[np.bool_], staging: Path
) -> Part | None:
    if drop.all():
        return None
    rest = PartWriter(staging, part.partition)
    for start, group in _groups(file, np.flatnonzero(~drop)):
        keep = ~drop[start : start + group.num_rows]
        rest.write(group.filter(pa.array(keep)), part.ids[start : start + group.num_rows][keep])
    return rest.close()
