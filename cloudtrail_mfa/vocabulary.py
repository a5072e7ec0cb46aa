"""Names in texts: found as whole words in time linear in the text, whatever the names are."""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

__all__ = ["Vocabulary"]

# A word, a gap, a character that is written as in URLs and would end a word, or any other one.
_TOKEN = re.compile(
    r"[^\W_]+|\s+|%(?:2[0-9A-F]|3[A-F]|40|5[B-F]|60|7[B-E])|.", re.IGNORECASE | re.DOTALL
)


class Vocabulary:
    """Names to be found in texts, whole words alone, in capitals or not.

    It is the automaton of Aho and Corasick (https://doi.org/10.1145/360825.360855) over words instead
    of characters: a text is read once, however many names there are and however they overlap.

    Parameters
    ----------
    names
        What is looked for; any text.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._fallback = [0]
        self._longest = [0]
        for name in names:
            self._add(_alike(_TOKEN.findall(name)))
        self._connect()

    def _add(self, tokens: list[str]) -> None:
        state = 0
        for token in tokens:
            if token not in self._next[state]:
                self._next[state][token] = len(self._next)
                self._next.append({})
                self._fallback.append(0)
                self._longest.append(0)
            state = self._next[state][token]
        self._longest[state] = len(tokens)

    def _connect(self) -> None:
        """Say for each state where to go on when no name does, nearer states first."""
        waiting = deque(self._next[0].values())
        while waiting:
            state = waiting.popleft()
            for token, after in self._next[state].items():
                self._fallback[after] = self._step(self._fallback[state], token)
                self._longest[after] = self._longest[after] or self._longest[self._fallback[after]]
                waiting.append(after)

    def _step(self, state: int, token: str) -> int:
        while state and token not in self._next[state]:
            state = self._fallback[state]
        return self._next[state].get(token, 0)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the longest name begins that ends at a place, and that place, from left to right.

        Every occurrence of a name lies within one of them; they may overlap.
        """
        tokens = _TOKEN.findall(text)
        state, first, ends = 0, self._next[0], None
        for number, token in enumerate(_alike(tokens), 1):
            # Most words are in no name.
            if not state and token not in first:
                continue
            state = self._step(state, token)
            if length := self._longest[state]:
                ends = ends or [0, *itertools.accumulate(map(len, tokens))]
                yield ends[number - length], ends[number]


def _alike(found: list[str]) -> list[str]:
    """Return tokens, of which those that are to count as the same are the same."""
    return [each.casefold() if each[0].isalnum() else _sign(each) for each in found]


def _sign(found: str) -> str:
    if found.isspace():
        return " "
    return unquote(found) if len(found) > 1 else found
