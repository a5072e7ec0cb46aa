"""Delivered files in pieces: where each is JSON, nothing was cut in two."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa.archive.pieces import OtherForm, Stored, pieces
from tests.records import call

MANY = [call(event_id=f"{number:03}", userAgent="ü" * (number % 7)) for number in range(90)]


def stored(text: str | bytes) -> Stored:
    raw = text if isinstance(text, bytes) else text.encode()
    return Stored(io.BytesIO(raw))


def delivered(records: list[Any]) -> str:
    return json.dumps({"Records": records}, separators=(",", ":"), ensure_ascii=False)


def small_blocks(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("cloudtrail_mfa.archive.pieces._BLOCK", size)
    monkeypatch.setattr("cloudtrail_mfa.archive.pieces._BUFFER", 64)


@pytest.mark.parametrize("size", [64, 700, 5_000, 1 << 20])
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_every_record_is_in_one_piece(
    monkeypatch: pytest.MonkeyPatch, size: int, pack: Any
) -> None:
    """However long the blocks are in which the file is unfolded."""
    small_blocks(monkeypatch, size)
    found = [json.loads(piece) for piece in pieces(stored(pack(delivered(MANY).encode())))]
    assert [record for piece in found for record in piece] == MANY
    assert (len(found) > 1) == (size < 20_000)


@pytest.mark.parametrize("text", ['{"Records":[]}', ' { "Records" : [ ] } \n'])
def test_a_file_without_records_has_no_pieces(text: str) -> None:
    """It is a delivered file all the same."""
    assert list(pieces(stored(text))) == []


def test_gzip_members_are_joined() -> None:
    """Files that were concatenated are one stream."""
    text = delivered(MANY).encode()
    packed = gzip.compress(text[:100]) + gzip.compress(text[100:])
    assert sum(len(json.loads(piece)) for piece in pieces(stored(packed))) == len(MANY)


def test_the_hash_is_of_what_is_stored() -> None:
    """Of the bytes of the file, not of the text in them."""
    packed = gzip.compress(delivered(MANY).encode())
    file = stored(packed)
    list(pieces(file))
    assert file.sha256 == hashlib.sha256(packed).hexdigest()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"[{}]",
        b'{"Events":[{}]}',
        b'{"Records":[{"a":1}]',
        b'{"Records":[{"a":1}],"more":1}',
        b'\xef\xbb\xbf{"Records":[]}',
        b'{"Records":[{"a":"\xff"}]}',
        gzip.compress(b'{"Records":[{"a":1}]}', mtime=0)[:-3],
        b"\x1f\x8b\x07nonsense",
    ],
)
def test_other_forms_are_left_to_the_careful_way(raw: bytes) -> None:
    """What is damaged, wrapped otherwise or no text at all."""
    with pytest.raises(OtherForm):
        list(pieces(stored(raw)))


def test_what_has_no_cut_is_not_held_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb of spaces ends soon."""
    small_blocks(monkeypatch, 1 << 16)
    monkeypatch.setattr("cloudtrail_mfa.archive.pieces._LONGEST", 1 << 18)
    file = stored(gzip.compress(b'{"Records":[' + b" " * (1 << 24)))
    with pytest.raises(OtherForm):
        list(pieces(file))


_VALUES = st.recursive(
    st.none() | st.text(max_size=5) | st.just('},{"a":'),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", '},{"a":', "b"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from("ab"), _VALUES, max_size=2)), st.integers(16, 90))
def test_pieces_that_are_all_json_hold_the_records(
    records: list[dict[str, Any]], size: int
) -> None:
    """Whatever records hold that looks like the end of one: a wrong cut is seen."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        small_blocks(monkeypatch, size)
        texts = list(pieces(stored(delivered(records))))
    try:
        found = [record for text in texts for record in json.loads(text)]
    except ValueError:
        return
    assert found == records
