"""One event once, however often it was delivered.

CloudTrail delivers at least once, and overlapping trails deliver every event twice: an event is
known by its id. Two records of one id but of different content are not one event: somebody wrote
at least one of them, so both are kept and the file is told of.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cloudtrail_mfa.store.fingerprints import NO_ID, Fingerprints
from cloudtrail_mfa.store.identities import plain
from cloudtrail_mfa.store.originals import parse, restore

__all__ = ["Tally", "copies", "repeated"]


@dataclass(slots=True)
class Tally:
    """What was found of copies.

    Attributes
    ----------
    duplicates
        For each source file, how many of its records were known, with equal content.
    conflicts
        For each source file, the ids that were known, but with other content.
    """

    duplicates: Counter[str] = field(default_factory=Counter)
    conflicts: dict[str, list[str]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Take in what was found elsewhere."""
        self.duplicates += other.duplicates
        for path, events in other.conflicts.items():
            self.conflicts.setdefault(path, []).extend(events)


def repeated(ids: Fingerprints) -> NDArray[np.int64]:
    """Return the places of ids that stand more than once."""
    order = np.argsort(ids, kind="stable")
    ranked = ids[order]
    again = np.flatnonzero((ranked[1:] == ranked[:-1]) & (ranked[1:] != NO_ID))
    return np.unique(order[np.concatenate([again, again + 1])])


def copies(rows: pa.Table, there: pa.Table, tally: Tally) -> list[int]:
    """Return the places of the rows that are copies of a row before them, or of one of `there`.

    Parameters
    ----------
    rows, there
        Events of one account and day, with the columns of `STORED`.
    tally
        Is told of every copy, and of rows whose id is known with other content: these are none.
    """
    rows, there = plain(rows), plain(there)
    first: dict[str, int] = {}
    again: list[tuple[int, int]] = []
    known: list[int] = []
    elsewhere = set(there["event_id"].to_pylist())
    for at, event in enumerate(rows["event_id"].to_pylist()):
        if not event:  # without an id nothing can be recognised: it is kept
            continue
        if event in elsewhere:
            known.append(at)
        elif event in first:
            again.append((at, first[event]))
        else:
            first[event] = at
    same = {*_same(rows, rows, again), *_equal_to_any(rows, known, there)}
    doubtful = sorted({at for at, _ in again}.union(known) - same)
    different = _first_of_each(rows, doubtful)
    same.update(set(doubtful) - different)
    tally.duplicates.update(rows["source_file"].take(pa.array(same, pa.int64())).to_pylist())
    told = rows.select(["source_file", "event_id"]).take(pa.array(sorted(different), pa.int64()))
    for row in told.to_pylist():
        tally.conflicts.setdefault(row["source_file"], []).append(row["event_id"])
    return sorted(same)


def _equal_to_any(rows: pa.Table, places: Sequence[int], there: pa.Table) -> set[int]:
    """Return which of `places` hold an event that stands in `there`, content and all."""
    if not places:
        return set()
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
        return _sorted(parse(text, tuple))
    except RecursionError:  # too deep to be compared but as the text it is
        return text


def _sorted(value: Any) -> str:
    if isinstance(value, tuple):  # an object: a key that stands twice counts twice
        return "{" + ",".join(sorted(f"{key!r}:{_sorted(item)}" for key, item in value)) + "}"
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
