"""Rows to Parquet files that wait to be committed: one a partition, in row groups of useful size."""

from __future__ import annotations

import uuid
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cloudtrail_mfa.store.copies import Tally, copies, repeated
from cloudtrail_mfa.store.disk import to_disk, writing
from cloudtrail_mfa.store.fingerprints import Fingerprints, fingerprints
from cloudtrail_mfa.store.identities import FILE_SCHEMA, to_file
from cloudtrail_mfa.store.schema import STORED_SCHEMA

__all__ = [
    "ROW_GROUP",
    "Part",
    "PartWriter",
    "Partition",
    "Parts",
    "folder_of",
    "partition_of",
]

Partition = tuple[str | None, date | None]
"""Account and day (UTC) of the events; None where it cannot be told."""

# Hive's own name for a partition whose value is null; DuckDB, Spark and pyarrow read it so.
_NULL = "__HIVE_DEFAULT_PARTITION__"

ROW_GROUP = 32 << 20
"""Bytes in memory of the rows that are written together."""

# Likewise of all rows that wait to be written, and of the rows of one file.
_WAITING, _FILE = 64 << 20, 256 << 20
_MOST_OPEN = 64

# What hardly ever repeats has no dictionary, which is slow to build only to be given up.
_UNIQUE = {"event_id", "request_id", "shared_event_id", "additional_event_data"}
_CODED = [name for name in FILE_SCHEMA.names if name not in _UNIQUE]
# By which readers choose the row groups to read.
_WITH_STATISTICS = [
    "event_time",
    "event_source",
    "event_name",
    "error_code",
    "event_category",
    "user_identity.access_key_id",
    "user_identity.arn",
]


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file that was written, but is not in the lake yet.

    Attributes
    ----------
    partition
        Of all its events.
    name
        Where it will be, below ``events/``.
    ids
        The fingerprint of each of its events, in order of the rows.
    """

    partition: Partition
    name: str
    ids: Fingerprints


def folder_of(partition: Partition) -> str:
    """Return a partition's folder, below ``events/``."""
    account, day = partition
    return f"account_id={account or _NULL}/date={day or _NULL}"


def partition_of(name: str) -> Partition:
    """Return the partition of a Parquet file, by its name or path."""
    account, day = (part.partition("=")[2] for part in name.split("/")[-3:-1])
    return None if account == _NULL else account, None if day == _NULL else date.fromisoformat(day)


class PartWriter:
    """One Parquet file, as the lake's are, while it is written.

    Parameters
    ----------
    staging
        The folder where it waits; it is there.
    partition
        Of all its events.

    Raises
    ------
    DiskProblem
        If the disk does not take it, by this and by every method.
    """

    @writing
    def __init__(self, staging: Path, partition: Partition) -> None:
        self._partition = partition
        self._name = f"{folder_of(partition)}/{uuid.uuid4().hex}.parquet"
        self._ids: list[Fingerprints] = []
        self.path = staging / self._name
        # Not the staging folder itself: where it is gone, the run is over.
        for folder in (self.path.parent.parent, self.path.parent):
            folder.mkdir(exist_ok=True)
        self._file = pq.ParquetWriter(
            self.path,
            FILE_SCHEMA,
            compression="zstd",
            compression_level=1,
            # The schema of Arrow would tell readers of the dictionaries.
            store_schema=False,
            use_dictionary=_CODED,
            write_statistics=_WITH_STATISTICS,
        )
        self.bytes = 0

    @writing
    def write(self, rows: pa.Table, ids: Fingerprints) -> None:
        """Add a row group."""
        self._file.write_table(to_file(rows), row_group_size=rows.num_rows)
        self._ids.append(ids)
        self.bytes += rows.get_total_buffer_size()

    @writing
    def close(self) -> Part:
        """Finish the file, and wait until it is on the disk."""
        self._file.close()
        to_disk(self.path)
        return Part(self._partition, self._name, np.concatenate(self._ids))

    @writing
    def abandon(self) -> None:
        """Remove the file, unfinished as it is."""
        self._file.close()
        self.path.unlink()


class Parts:
    """The files that a task writes, and the rows that wait until there are enough for a row group.

    Parameters
    ----------
    staging
        The folder where the files wait.

    Attributes
    ----------
    tally
        The copies that were found among the rows of a row group.
    """

    def __init__(self, staging: Path) -> None:
        self._staging = staging
        self._reset()

    def _reset(self) -> None:
        self.tally = Tally()
        self._waiting: dict[Partition, list[pa.Table]] = defaultdict(list)
        self._bytes: Counter[Partition] = Counter()
        self._open: OrderedDict[Partition, PartWriter] = OrderedDict()
        self._closed: list[Part] = []

    def add(self, rows: pa.Table) -> None:
        """Take in rows of `ROW_SCHEMA`, of any account and day."""
        for partition, some in _split(rows):
            self._waiting[partition].append(some)
            self._bytes[partition] += some.get_total_buffer_size()
            if self._bytes[partition] >= ROW_GROUP:
                self._write(partition)
        while self._bytes.total() > _WAITING:
            self._write(max(self._bytes, key=lambda partition: self._bytes[partition]))

    def close(self) -> list[Part]:
        """Write what waits, and finish the files."""
        for partition in list(self._waiting):
            self._write(partition)
        while self._open:
            self._close(next(iter(self._open)))
        return self._closed

    def abandon(self) -> None:
        """Remove what was written, and forget what waits."""
        for file in self._open.values():
            file.abandon()
        for part in self._closed:
            (self._staging / part.name).unlink()
        self._reset()

    def _write(self, partition: Partition) -> None:
        rows = pa.concat_tables(self._waiting.pop(partition))
        del self._bytes[partition]
        ids = fingerprints(rows["event_id"])
        if len(doubtful := repeated(ids)):
            suspects = rows.filter(_mask(doubtful, len(ids)))
            drop = doubtful[copies(suspects, STORED_SCHEMA.empty_table(), self.tally)]
            keep = pc.invert(_mask(drop, len(ids)))
            rows, ids = rows.filter(keep), ids[keep]
        file = self._file(partition)
        file.write(rows, ids)
        if file.bytes >= _FILE:
            self._close(partition)

    def _file(self, partition: Partition) -> PartWriter:
        if partition not in self._open:
            if len(self._open) >= _MOST_OPEN:
                self._close(next(iter(self._open)))
            self._open[partition] = PartWriter(self._staging, partition)
        self._open.move_to_end(partition)
        return self._open[partition]

    def _close(self, partition: Partition) -> None:
        self._closed.append(self._open.pop(partition).close())


def _mask(places: NDArray[np.int64], length: int) -> pa.Array:
    mask = np.zeros(length, bool)
    mask[places] = True
    return pa.array(mask)


def _split(rows: pa.Table) -> Iterator[tuple[Partition, pa.Table]]:
    """Yield the rows of each partition, in their order."""
    if partition := _only(rows):
        yield partition, rows
        return
    accounts, days = (rows[name].combine_chunks().dictionary_encode("encode") for name in _KEYS)
    keys = accounts.indices.to_numpy() * len(days.dictionary) + days.indices.to_numpy()
    distinct, first = np.unique(keys, return_index=True)
    for key, at in zip(distinct, first, strict=True):
        partition = (accounts[at].as_py(), days[at].as_py())
        yield partition, rows.take(pa.array(np.flatnonzero(keys == key)))


def _only(rows: pa.Table) -> Partition | None:
    """Return the partition of all rows, if there is just one and it is known."""
    found = []
    for name in _KEYS:
        if rows[name].null_count or not rows.num_rows:
            return None
        least, most = pc.min_max(rows[name]).values()
        if least != most:
            return None
        found.append(least.as_py())
    return found[0], found[1]


_KEYS = ("account_id", "date")
