"""Fingerprints: equal ids have equal ones, and no id has none."""

from __future__ import annotations

import uuid
from random import Random

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa.store.fingerprints import NO_ID, fingerprints


def chunked(*lists: list[str | None]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(some, pa.string()) for some in lists], pa.string())


@given(st.lists(st.none() | st.text(max_size=40)))
def test_they_do_not_depend_on_what_stands_beside(ids: list[str | None]) -> None:
    """Of an id alone, among others or in another chunk, it is the same."""
    together = fingerprints(chunked(ids, ids[::-1])).tolist()
    alone = [fingerprints(chunked([one])).tolist()[0] for one in ids]
    assert together == alone + alone[::-1]


@given(st.lists(st.none() | st.text(max_size=40)))
def test_only_what_has_no_id_has_none(ids: list[str | None]) -> None:
    """Null and empty ids are the same: nothing."""
    found = fingerprints(chunked(ids)).tolist()
    assert [one == NO_ID for one in found] == [not one for one in ids]


def test_slices_are_read_where_they_begin() -> None:
    """Arrow's slices share the buffers of the whole."""
    ids = chunked(["a", None, "bcd", "", "efghijklmnop"])
    whole = fingerprints(ids).tolist()
    assert fingerprints(ids.slice(2)).tolist() == whole[2:]


def test_four_hundred_thousand_ids_do_not_meet() -> None:
    """Of as many UUIDs no two share theirs, nor do those that differ in one digit."""
    chance = Random(1)  # noqa: S311
    ids = [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(200_000)]
    ids += [f"{ids[0][:-6]}{number:06x}" for number in range(200_000)]
    assert len(set(fingerprints(chunked([*ids])).tolist())) == len(set(ids))
