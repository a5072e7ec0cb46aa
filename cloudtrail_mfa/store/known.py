"""Which events a lake holds already, while a run adds to it."""

from __future__ import annotations

from collections import OrderedDict, defaultdict

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cloudtrail_mfa.store.copies import repeated
from cloudtrail_mfa.store.dataset import Dataset
from cloudtrail_mfa.store.disk import reading
from cloudtrail_mfa.store.fingerprints import NO_ID, Fingerprints, fingerprints
from cloudtrail_mfa.store.parts import Part, Partition, folder_of

__all__ = ["Known"]

# Fingerprints held in memory, 8 bytes each; those of the partitions not met for longest go first.
_MOST_IDS = 2_000_000


class Known:
    """The fingerprints of the events of each partition: of the lake's, and of the run's parts."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._names: dict[str, list[str]] = defaultdict(list)
        for name in dataset.names():
            self._names[name.rpartition("/")[0]].append(name)
        self._ids: OrderedDict[Partition, Fingerprints] = OrderedDict()

    def look(self, part: Part) -> tuple[NDArray[np.int64], list[str]]:
        """Return which rows of a new part may be copies, and the paths of what they may be of.

        The part is known from then on.
        """
        known = self._of(part.partition)
        names = self._names[folder_of(part.partition)]
        order = np.argsort(part.ids)
        ranked = part.ids[order]
        places = np.searchsorted(known, ranked)
        places[places == len(known)] = 0
        there = np.zeros(len(ranked), bool)
        if len(known):
            there = (known[places] == ranked) & (ranked != NO_ID)
        doubtful = np.union1d(order[there], repeated(part.ids))
        paths = [str(self._dataset.place(name)) for name in names] if there.any() else []
        # Two sorted runs, which a stable sort merges.
        self._ids[part.partition] = np.sort(np.concatenate([known, ranked]), kind="stable")
        names.append(part.name)
        while len(self._ids) > 1 and sum(map(len, self._ids.values())) > _MOST_IDS:
            self._ids.popitem(last=False)
        return doubtful, paths

    def _of(self, partition: Partition) -> Fingerprints:
        if partition not in self._ids:
            found = [np.empty(0, np.uint64)]
            for name in self._names[folder_of(partition)]:
                path = self._dataset.place(name)
                with reading(path), pq.ParquetFile(path) as file:
                    found.append(fingerprints(file.read(columns=["event_id"])["event_id"]))
            self._ids[partition] = np.sort(np.concatenate(found))
        self._ids.move_to_end(partition)
        return self._ids[partition]
