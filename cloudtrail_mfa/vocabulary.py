"""Names in texts: found as whole words in time linear in the text, whatever the names are."""

from __future__ import annotations

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
            self._add([token for token, _ in _tokens(name)])
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
        state, starts = 0, []
        for token, match in _tokens(text):
            starts.append(match.start())
            state = self._step(state, token)
            if length := self._longest[state]:
                yield starts[-length], match.end()


def _tokens(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the tokens of a text, those alike that are to count as the same."""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token.isspace():
            yield " ", match
        elif token[0] == "%" and len(token) > 1:
            yield unquote(token), match
        else:
            yield token.casefold(), match
