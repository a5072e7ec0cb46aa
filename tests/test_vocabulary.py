"""Vocabularies: names are found as whole words, all of them, in one reading of the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa.vocabulary import Vocabulary

TEXTS = st.text(st.sampled_from("ab.@ -_%2F"), max_size=20)


def found(names: list[str], text: str) -> list[str]:
    return [text[start:end] for start, end in Vocabulary(names).spans(text)]


@pytest.mark.parametrize(
    ("names", "text", "expected"),
    [
        (["alice"], "alice, Alice and malice", ["alice", "Alice"]),
        (["alice"], "alice_x alice2 /alice/", ["alice", "alice"]),
        (["alice"], "user%2Falice%22", ["alice"]),
        (["a@b.c"], "a%40b.c", ["a%40b.c"]),
        (["al ice"], "al\n    ice", ["al\n    ice"]),
        (["(.*)+$"], "is (.*)+$ here", ["(.*)+$"]),
        (["a b", "b"], "a b", ["a b"]),
        (["a b c", "b"], "a b d", ["b"]),
        ([], "alice", []),
    ],
    ids=["capitals", "parts", "url", "url-at", "wrapped", "pattern", "longest", "within", "none"],
)
def test_whole_words(names: list[str], text: str, expected: list[str]) -> None:
    """In capitals or not, beside any other character, wrapped or as in URLs."""
    assert found(names, text) == expected


@given(st.lists(TEXTS.filter(bool), max_size=6), TEXTS, TEXTS)
def test_every_occurrence_is_covered(names: list[str], before: str, after: str) -> None:
    """By one of the spans, however names overlap."""
    for name in names:
        text = f"{before}|{name}|{after}"
        spans = [*Vocabulary(names).spans(text)]
        place = len(before) + 1
        assert any(start <= place and place + len(name) <= end for start, end in spans)


def test_a_text_is_read_once() -> None:
    """Names within names, of which each could begin at each word, are no more work than one."""
    names = ["a " * length + "b" for length in range(1, 300)]
    steps = 0

    class Counted(Vocabulary):
        def _step(self, state: int, token: str) -> int:
            nonlocal steps
            steps += 1
            return super()._step(state, token)

    vocabulary = Counted(names)
    steps = 0
    text = "a " * 5_000
    assert [*vocabulary.spans(text)] == []
    assert steps == len(re.findall(r"\S| ", text))
