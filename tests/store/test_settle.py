"""Doubts about a part: it is written again without what is no news."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Raw

from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.parts import Part, Parts
from cloudtrail_mfa.store.settle import Doubt, settle
from tests.records import Record, call

ONE, TWO, THREE = (call(event_id=name) for name in ("one", "two", "three"))
NO_FILES: frozenset[str] = frozenset()


def part_of(staging: Path, *groups: list[Record], file: str = "a.json") -> Part:
    """Write a part with these row groups, copies and all."""
    parts = Parts(staging)
    for records in groups:
        texts = [Raw(json.dumps(record).encode()) for record in records]
        parts.add(pa.concat_tables([to_table([text], file) for text in texts]))
        parts._write(("111122223333", next(iter(parts._waiting))[1]))
    (part,) = parts.close()
    return part


def ids(part: Part | None, staging: Path) -> list[str]:
    assert part is not None
    return list(pq.ParquetFile(staging / part.name).read()["event_id"].to_pylist())


def doubt(part: Part, *rows: int, others: list[str] | None = None) -> Doubt:
    return Doubt(part, np.array(rows, np.int64), others or [], NO_FILES)


def test_copies_of_others_are_dropped(tmp_path: Path) -> None:
    """Of the rows in doubt only: the rest is taken as it is."""
    other = part_of(tmp_path, [TWO], [ONE])
    part = part_of(tmp_path, [ONE, THREE], [TWO])
    rest, tally = settle(doubt(part, 0, 2, others=[str(tmp_path / other.name)]), tmp_path)
    assert ids(rest, tmp_path) == ["three"]
    assert tally.duplicates == {"a.json": 2}
    assert rest is not None
    assert rest.ids.tolist() == part.ids[[1]].tolist()


def test_copies_across_row_groups_are_dropped(tmp_path: Path) -> None:
    """The first stays."""
    part = part_of(tmp_path, [ONE, TWO], [THREE, ONE])
    rest, tally = settle(doubt(part, 0, 3), tmp_path)
    assert ids(rest, tmp_path) == ["one", "two", "three"]
    assert tally.duplicates == {"a.json": 1}


def test_an_id_with_other_content_is_kept_and_told_of(tmp_path: Path) -> None:
    """A fingerprint is a suspicion, an id is one too."""
    other = part_of(tmp_path, [ONE])
    part = part_of(tmp_path, [ONE | {"userAgent": "forged"}, TWO])
    rest, tally = settle(doubt(part, 0, 1, others=[str(tmp_path / other.name)]), tmp_path)
    assert ids(rest, tmp_path) == ["one", "two"]
    assert tally.conflicts == {"a.json": ["one"]}


def test_of_a_part_of_copies_nothing_is_left(tmp_path: Path) -> None:
    """No file is written for nothing."""
    other = part_of(tmp_path, [ONE, TWO])
    part = part_of(tmp_path, [TWO, ONE])
    rest, tally = settle(doubt(part, 0, 1, others=[str(tmp_path / other.name)]), tmp_path)
    assert rest is None
    assert tally.duplicates.total() == 2


def test_rows_of_a_copied_file_are_dropped(tmp_path: Path) -> None:
    """Those without an id as well: the very bytes are known."""
    nameless = {key: value for key, value in ONE.items() if key != "eventID"}
    part = part_of(tmp_path, [nameless, ONE], file="copy.json")
    told = Doubt(part, np.array([], np.int64), [], frozenset({"copy.json"}))
    rest, tally = settle(told, tmp_path)
    assert rest is None
    assert not tally.duplicates
