"""Identities in memory and in Parquet files: each is spread once, however many calls it made.

Rows on their way hold a number instead of an identity of some thirty fields. In a file each field
is a column with a dictionary of its own, as Parquet has it; readers see plain strings.
"""

from __future__ import annotations

from itertools import accumulate

import pyarrow as pa
import pyarrow.compute as pc

from cloudtrail_mfa.store.schema import SCHEMA, STORED_SCHEMA

__all__ = ["FILE_SCHEMA", "ROW_SCHEMA", "numbered", "plain", "renumbered", "to_file"]

_AT = SCHEMA.get_field_index("user_identity")
_IDENTITY = SCHEMA.field(_AT)


def _coded_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(type_):
        return pa.struct([pa.field(field.name, _coded_type(field.type)) for field in type_])
    return pa.dictionary(pa.int32(), type_)


ROW_SCHEMA = SCHEMA.set(_AT, pa.field(_IDENTITY.name, pa.dictionary(pa.int32(), _IDENTITY.type)))
"""Of rows on their way to the lake."""

FILE_SCHEMA = STORED_SCHEMA.set(_AT, pa.field(_IDENTITY.name, _coded_type(_IDENTITY.type)))
"""Of rows as they are written."""


def numbered(distinct: pa.StructArray, places: pa.Array) -> pa.DictionaryArray:
    """Return identities as numbers: each of `places` names one of `distinct`, or is null."""
    return pa.DictionaryArray.from_arrays(places.cast(pa.int32()), distinct)


def renumbered(rows: pa.Table) -> pa.Table:
    """Return rows whose identities are in full with a number for each: the schema is `ROW_SCHEMA`."""
    distinct = rows.column(_AT).combine_chunks()
    places = pa.array(range(rows.num_rows), pa.int32())
    return rows.set_column(_AT, ROW_SCHEMA.field(_AT), numbered(distinct, places))


def plain(rows: pa.Table) -> pa.Table:
    """Return rows with their identities in full."""
    column = rows.column(_AT)
    if not pa.types.is_dictionary(column.type):
        return rows
    chunks = [chunk.dictionary_decode() for chunk in column.chunks]
    return rows.set_column(_AT, _IDENTITY, pa.chunked_array(chunks, _IDENTITY.type))


def to_file(rows: pa.Table) -> pa.Table:
    """Return rows with the schema `FILE_SCHEMA`."""
    column = rows.column(_AT)
    if pa.types.is_dictionary(column.type):
        lengths = (len(chunk.dictionary) for chunk in column.chunks)
        firsts = accumulate(lengths, initial=0)
        distinct = pa.concat_arrays([chunk.dictionary for chunk in column.chunks])
        # One less: the last of the firsts is the end of all.
        places = pa.concat_arrays(
            [
                pc.add(chunk.indices, pa.scalar(first, pa.int32()))
                for chunk, first in zip(column.chunks, firsts, strict=False)
            ]
        )
    else:
        distinct, places = column.combine_chunks(), None
    coded = _coded(distinct, places)
    return rows.select(FILE_SCHEMA.names).set_column(_AT, FILE_SCHEMA.field(_AT), coded)


def _coded(array: pa.Array, places: pa.Array | None) -> pa.Array:
    if not pa.types.is_struct(array.type):
        codes = array.dictionary_encode()
        indices = codes.indices if places is None else codes.indices.take(places)
        return pa.DictionaryArray.from_arrays(indices, codes.dictionary)
    present = array.is_valid() if places is None else array.is_valid().take(places)
    return pa.StructArray.from_arrays(
        [_coded(array.field(at), places) for at in range(array.type.num_fields)],
        fields=list(_coded_type(array.type)),
        mask=pc.invert(pc.fill_null(present, fill_value=False)),
    )
