"""One event once, however often it was delivered.

CloudTrail delivers at least once, and overlapping trails deliver every event twice: an event is
known by its id. Two records of one id but of different content are not one event: somebody wrote
at least one of them, so both are kept and the file is told of.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset

from cloudtrail_mfa.store.columns import parse, restore
from cloudtrail_mfa.store.dataset import Dataset

__all__ = ["Deduplicator", "Fresh"]

_Partition = tuple[str | None, date | None]

# Ids held in memory, about 100 bytes each; those of the partitions not met for longest go first.
_MOST_IDS = 2_000_000


@dataclass(slots=True)
class Fresh:
    """What remains of some rows.

    Attributes
    ----------
    rows
        The events that are new.
    duplicates
        For each source file, how many of its records were known, with equal content.
    conflicts
        For each source file, the ids that were known, but with other content.
    """

    rows: pa.Table
    duplicates: Counter[str] = field(default_factory=Counter)
    conflicts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


class Deduplicator:
    """Remembers the events of a lake while a run adds to it."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._known: OrderedDict[_Partition, set[str]] = OrderedDict()

    def fresh(self, rows: pa.Table) -> Fresh:
        """Return what of `rows` is new; it is known from then on."""
        first: dict[tuple[_Partition, str], int] = {}
        again: list[tuple[int, int]] = []
        stored: dict[_Partition, list[int]] = defaultdict(list)
        accounts, dates, ids = (
            rows[name].to_pylist() for name in ("account_id", "date", "event_id")
        )
        for at, (account, day, event) in enumerate(zip(accounts, dates, ids, strict=True)):
            partition = (account, day)
            if not event:  # without an id nothing can be recognised: it is kept
                continue
            if event in self._ids(partition):
                stored[partition].append(at)
            elif (partition, event) in first:
                again.append((at, first[partition, event]))
            else:
                first[partition, event] = at
        for partition, event in first:
            self._ids(partition).add(event)
        same = set(_same(rows, rows, again))
        for partition, places in stored.items():
            there = self._stored(partition, [ids[at] for at in places])
            same.update(_equal_to_any(rows, places, there))
        others = [at for at, _ in again] + [at for places in stored.values() for at in places]
        different = _first_of_each(rows, sorted(set(others) - same))
        return self._result(rows, sorted(set(others) - different), sorted(different))

    def _result(self, rows: pa.Table, same: Sequence[int], different: Sequence[int]) -> Fresh:
        drop = pa.array(same, pa.int64())
        keep = pc.invert(pc.is_in(pa.array(range(rows.num_rows), pa.int64()), drop))
        fresh = Fresh(rows.filter(keep))
        fresh.duplicates.update(rows["source_file"].take(drop).to_pylist())
        told = rows.select(["source_file", "event_id"]).take(pa.array(different, pa.int64()))
        for row in told.to_pylist():
            fresh.conflicts[row["source_file"]].append(row["event_id"])
        return fresh

    def _ids(self, partition: _Partition) -> set[str]:
        if partition in self._known:
            self._known.move_to_end(partition)
            return self._known[partition]
        files = self._dataset.partition(*partition)
        ids = _parquet(files, columns=["event_id"])["event_id"].to_pylist() if files else []
        self._known[partition] = set(ids)
        while len(self._known) > 1 and sum(map(len, self._known.values())) > _MOST_IDS:
            self._known.popitem(last=False)
        return self._known[partition]

    def _stored(self, partition: _Partition, ids: Iterable[str]) -> pa.Table:
        wanted = pc.field("event_id").isin(pa.array(set(ids), pa.string()))
        return _parquet(self._dataset.partition(*partition), filter=wanted)


def _parquet(files: list[str], **options: Any) -> pa.Table:
    return pyarrow.dataset.dataset(files, format="parquet").to_table(**options)


def _equal_to_any(rows: pa.Table, places: Sequence[int], there: pa.Table) -> set[int]:
    """Return which of `places` hold an event that stands in `there`, content and all."""
    variants: dict[str, list[int]] = defaultdict(list)
    for at, event in enumerate(there["event_id"].to_pylist()):
        variants[event].append(at)
    ids = dict(
        zip(places, rows["event_id"].take(pa.array(places, pa.int64())).to_pylist(), strict=True)
    )
    same = set(_same(rows, there, [(at, variants[event][0]) for at, event in ids.items()]))
    # Of an id with several contents each is written out once, not compared with each.
    doubtful = [at for at, event in ids.items() if at not in same and len(variants[event]) > 1]
    contents = {
        event: {_content(there, at) for at in variants[event]}
        for event in {ids[at] for at in doubtful}
    }
    return same | {at for at in doubtful if _content(rows, at) in contents[ids[at]]}


def _same(left: pa.Table, right: pa.Table, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Return the left places of those pairs whose records are equal as JSON."""
    if not pairs:
        return []
    ours = _flat(left.take(pa.array([at for at, _ in pairs], pa.int64())))
    theirs = _flat(right.take(pa.array([at for _, at in pairs], pa.int64())))
    equal = pa.array([True] * len(pairs))
    for one, other in zip(ours.columns, theirs.columns, strict=True):
        both_null = pc.and_(pc.is_null(one), pc.is_null(other))
        equal = pc.and_(
            equal, pc.or_(pc.fill_null(pc.equal(one, other), fill_value=False), both_null)
        )
    told = list(zip(pairs, equal.to_pylist(), strict=True))
    same = [at for (at, _), yes in told if yes]
    # Texts may differ while the JSON is equal: other spaces, another order of keys.
    doubtful = [pair for pair, yes in told if not yes]
    return same + [at for at, other in doubtful if _content(left, at) == _content(right, other)]


def _first_of_each(rows: pa.Table, places: Sequence[int]) -> set[int]:
    """Return those places whose record is the first of its content."""
    firsts: dict[str, int] = {}
    for at in places:
        firsts.setdefault(_content(rows, at), at)
    return set(firsts.values())


def _content(rows: pa.Table, at: int) -> str:
    """Return a record as a text that is the same for every record equal to it."""
    text = next(restore(rows.slice(at, 1)))
    try:
        return _sorted(parse(text))
    except RecursionError:  # too deep to be compared but as the text it is
        return text


def _sorted(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{_sorted(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_sorted, value)) + "]"
    # A number of thousands of digits has no repr: hex has no limit.
    return hex(value) if isinstance(value, int) and not isinstance(value, bool) else repr(value)


def _flat(rows: pa.Table) -> pa.Table:
    """Return the rows without the columns that say where they lie, fields of fields as columns."""
    rows = rows.drop_columns(
        [name for name in ("source_file", "account_id", "date") if name in rows.column_names]
    )
    while any(pa.types.is_struct(type_) for type_ in rows.schema.types):
        rows = rows.flatten()
    return rows
