"""Identities: one for many calls in memory, plain columns for whoever reads a file."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec import Raw

from cloudtrail_mfa.store.columns import spread, to_table, usual
from cloudtrail_mfa.store.identities import (
    FILE_SCHEMA,
    ROW_SCHEMA,
    plain,
    renumbered,
    to_file,
)
from cloudtrail_mfa.store.schema import SCHEMA
from tests.records import call, role, session, user

WHO: list[Any] = [user(), role(), user(), session(mfa=True), {}, user() | {"onBehalfOf": {}}]


def rows(*identities: Any) -> pa.Table:
    records = json.dumps([call(by=identity) for identity in identities]).encode()
    found = usual(records)
    assert found is not None
    return spread([(found, "a.json")])


def identities(table: pa.Table) -> list[Any]:
    return list(table["user_identity"].to_pylist())


def test_an_identity_is_held_once() -> None:
    """Rows have numbers."""
    table = rows(user(), role(), user(), user())
    assert table.schema == ROW_SCHEMA
    (chunk,) = table["user_identity"].chunks
    assert len(chunk.dictionary) == 2
    assert chunk.indices.to_pylist() == [0, 1, 0, 0]


def test_plain_rows_are_those_of_the_schema() -> None:
    """Identities in full; and numbered again they are the same."""
    table = pa.concat_tables([rows(*WHO), rows(*WHO[::-1])])
    assert plain(table).schema == SCHEMA
    assert plain(plain(table)) == plain(table)
    assert identities(renumbered(plain(table))) == identities(table)


@pytest.mark.parametrize("number", [lambda table: table, plain])
def test_readers_of_a_file_see_plain_columns(number: Any) -> None:
    """Absent, empty and nested fields are as they were, from several pieces."""
    table = number(pa.concat_tables([rows(*WHO), rows(), rows(*WHO[::-1])]))
    place = io.BytesIO()
    with pq.ParquetWriter(place, FILE_SCHEMA, store_schema=False) as file:
        file.write_table(to_file(table))
    back = pq.ParquetFile(place).read()
    assert back.schema.field("user_identity").type == SCHEMA.field("user_identity").type
    assert back["user_identity"].to_pylist() == identities(table)


def test_a_call_of_nobody_has_none() -> None:
    """A record without userIdentity, among others."""
    nobody = {key: value for key, value in call().items() if key != "userIdentity"}
    texts = [Raw(json.dumps(record).encode()) for record in (call(), nobody, call(by=role()))]
    table = to_table(texts, "a.json")
    assert [found is None for found in identities(table)] == [False, True, False]
    assert identities(to_file(table)) == identities(table)
