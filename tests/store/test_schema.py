"""The stored table, declared once."""

from __future__ import annotations

import pyarrow as pa

from cloudtrail_mfa.store.schema import EVENTS, PARTITIONS, SCHEMA, STORED, Column


def leaves(columns: tuple[Column, ...]) -> list[Column]:
    return [leaf for column in columns for leaf in (column, *leaves(column.fields))]


def test_every_column_says_what_it_means() -> None:
    """A reader of the table finds a sentence for each column and field."""
    assert all(column.meaning for column in leaves(EVENTS))


def test_names_and_keys_are_unique() -> None:
    """No field of a record feeds two columns."""
    keys = [column.key for column in STORED if column.key]
    assert len(set(keys)) == len(keys)
    assert len(set(SCHEMA.names)) == len(SCHEMA.names)


def test_folder_names_come_last() -> None:
    """The partition columns are read from the path, so they follow what is stored."""
    assert SCHEMA.names[-2:] == [column.name for column in PARTITIONS] == ["account_id", "date"]


def test_times_are_typed_and_in_utc() -> None:
    """A time is a time, not a text."""
    assert SCHEMA.field("event_time").type == pa.timestamp("us", "UTC")
