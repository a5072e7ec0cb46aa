"""Many small Parquet files to few large ones: what a lake that grew by many small runs needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cloudtrail_mfa.errors import LakeError
from cloudtrail_mfa.store.dataset import Dataset
from cloudtrail_mfa.store.disk import reading
from cloudtrail_mfa.store.fingerprints import fingerprints
from cloudtrail_mfa.store.parts import ROW_GROUP, PartWriter, partition_of
from cloudtrail_mfa.store.report import Compaction
from cloudtrail_mfa.store.workers import AHEAD, in_order, readers

__all__ = ["compact"]

# Bytes as stored. A smaller file is merged with others of its partition, to one of about the larger
# size: some hundred thousand events.
_SMALL, _ENOUGH = 16 << 20, 64 << 20


def compact(dataset: Dataset, *, workers: int = 1, executor: Executor | None = None) -> Compaction:
    """Merge the small Parquet files of each account and day, and the manifest's.

    Parameters
    ----------
    workers, executor
        As in `cloudtrail_mfa.store.ingest.ingest`.

    Raises
    ------
    LakeError
        If another process is writing to the lake, it cannot be written to, or a process that
        merges was ended from outside.
    """
    with dataset.writing():
        before = dataset.names()
        groups = list(_groups(dataset, before))
        with readers(dataset, executor, min(workers, len(groups))) as chosen:
            merge = partial(_merge, staging=dataset.staging)
            places = [[str(dataset.place(name)) for name in group] for group in groups]
            parts = list(in_order(chosen, merge, places, ahead=AHEAD * workers))
        dataset.rewrite(parts, [name for group in groups for name in group])
        return Compaction(len(before), len(dataset.names()))


def _groups(dataset: Dataset, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield names of files to be merged, each group to one."""
    small: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in names:
        path = dataset.place(name)
        try:
            size = path.stat().st_size
        except OSError as error:
            problem = f"cannot be read ({error.strerror}): put it back from a copy"
            raise LakeError(path, problem) from None
        if size < _SMALL:
            small[name.rpartition("/")[0]].append((size, name))
    for files in small.values():
        group: list[str] = []
        total = 0
        for size, name in [*files, (_ENOUGH, "")]:
            if total + size > _ENOUGH:
                if len(group) > 1:
                    yield group
                group, total = [], 0
            group.append(name)
            total += size


def _merge(paths: Sequence[str], staging: Path) -> str:
    """Write the events of some files of a partition to one; return its name."""
    merged = PartWriter(staging, partition_of(paths[0]))
    waiting: list[pa.Table] = []
    for rows in _row_groups(paths):
        waiting.append(rows)
        if sum(table.get_total_buffer_size() for table in waiting) >= ROW_GROUP:
            _write(merged, waiting)
            waiting = []
    if waiting:
        _write(merged, waiting)
    return merged.close().name


def _row_groups(paths: Sequence[str]) -> Iterator[pa.Table]:
    for path in paths:
        with reading(path), pq.ParquetFile(path) as file:
            for number in range(file.num_row_groups):
                yield file.read_row_group(number)


def _write(merged: PartWriter, tables: Sequence[pa.Table]) -> None:
    # In order of time, so that readers find the row groups of an hour by their statistics.
    rows = pa.concat_tables(tables).sort_by([("event_time", "ascending")])
    merged.write(rows, fingerprints(rows["event_id"]))
