"""Actions, resources and texts against the patterns of a policy.

``*`` and ``?`` are wildcards, ``${…}`` are policy variables:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from cloudtrail_mfa.iam.context import Context
from cloudtrail_mfa.iam.logic import Truth

__all__ = [
    "Pattern",
    "covers",
    "expand",
    "matches_action",
    "matches_arn",
    "matches_resource",
    "plain",
    "variables",
]

# ${key} and ${key, 'default'}; ${*}, ${?} and ${$} are those characters themselves.
_VARIABLE = re.compile(r"\$\{\s*(?P<key>[^},]+?)\s*(?:,\s*'(?P<default>[^']*)'\s*)?\}")
_LITERALS = frozenset("*?$")
_ARN_PARTS = 6


class Pattern:
    """A text of a policy with its variables filled in: literal pieces and wildcards."""

    __slots__ = ("_parts", "pieces")

    def __init__(self, pieces: tuple[tuple[str, bool], ...]) -> None:
        # Each piece is a text and whether its * and ? are wildcards: those of a value are not.
        self.pieces = pieces
        self._parts: list[Pattern] | None = None

    @property
    def text(self) -> str:
        """The text, wildcards and all."""
        return "".join(text for text, _ in self.pieces)

    def matches(self, value: str, *, wildcards: bool = True, ignore_case: bool = False) -> bool:
        """Whether a value is as the pattern says."""
        flags = re.IGNORECASE if ignore_case else 0
        return _compiled(self.pieces, wildcards, flags).fullmatch(value) is not None

    def arn_parts(self) -> list[Pattern]:
        """Return the six parts of an ARN; fewer where it has fewer colons."""
        if self._parts is None:
            self._parts = self._split()
        return self._parts

    def _split(self) -> list[Pattern]:
        parts: list[list[tuple[str, bool]]] = [[]]
        for text, wild in self.pieces:
            chunks = text.split(":", _ARN_PARTS - len(parts)) if wild else [text]
            parts[-1].append((chunks[0], wild))
            parts += [[(chunk, wild)] for chunk in chunks[1:]]
        return [Pattern(tuple(part)) for part in parts]


@lru_cache(maxsize=65_536)
def plain(text: str) -> Pattern:
    """Return the pattern of a text without variables."""
    return Pattern(((text, True),))


@lru_cache(maxsize=4096)
def _compiled(pieces: tuple[tuple[str, bool], ...], wildcards: bool, flags: int) -> re.Pattern[str]:
    pattern = ""
    for text, wild in pieces:
        escaped = re.escape(text)
        if wild and wildcards:
            escaped = escaped.replace(r"\*", ".*").replace(r"\?", ".")
        pattern += escaped
    return re.compile(pattern, flags | re.DOTALL)


def expand(text: str, context: Context, *, variables: bool) -> Pattern | Truth:
    """Fill in the variables of a policy's text.

    Returns
    -------
    Pattern
        Or false where a variable's key is absent and has no default (then nothing matches), or
        None where the key is unknown.
    """
    if not variables or "${" not in text:
        return plain(text)
    pieces: list[tuple[str, bool]] = []
    for piece in _pieces(text, context):
        if not isinstance(piece, tuple):
            return piece
        pieces.append(piece)
    return Pattern(tuple(pieces))


def _pieces(text: str, context: Context) -> Iterator[tuple[str, bool] | Truth]:
    end = 0
    for found in _VARIABLE.finditer(text):
        yield text[end : found.start()], True
        end = found.end()
        key, default = found["key"], found["default"]
        if key in _LITERALS:
            yield key, False
            continue
        values = context.get(key)
        if values is None:
            yield None
        elif len(values) == 1:
            yield values[0], False
        elif not values and default is not None:
            yield default, False
        else:  # absent, or of several values, which a variable cannot hold
            yield False
    yield text[end:], True


def variables(text: str) -> Iterator[str]:
    """Yield the keys of a text's variables, in lower case."""
    for found in _VARIABLE.finditer(text):
        if found["key"] not in _LITERALS:
            yield found["key"].lower()


@lru_cache(maxsize=65_536)
def matches_action(pattern: str, action: str) -> bool:
    """Whether an action is as a policy says; neither prefix nor name is case sensitive."""
    return plain(pattern).matches(action, ignore_case=True)


def matches_resource(pattern: Pattern, arn: str) -> Truth:
    """Whether an ARN is as an element Resource says.

    There an asterisk at the end of a part may stand for the parts that follow, too. Of a pattern
    with all six parts that is not sure: AWS's pages differ.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
    """
    truth = matches_arn(pattern, arn)
    if truth or not pattern.matches(arn):
        return truth
    text = pattern.text
    short = text.count(":") < _ARN_PARTS - 1
    return True if short and text.startswith("arn:") and text.endswith("*") else None


def covers(text: str, arn: str | None, context: Context, *, variables: bool) -> Truth:
    """Whether an ARN is as an element Resource says; None where that, or the ARN, is not known."""
    if arn is not None and not (variables and "${" in text):
        return _covers(text, arn)
    pattern = expand(text, context, variables=variables)
    if not isinstance(pattern, Pattern):
        return pattern
    return None if arn is None else matches_resource(pattern, arn)


@lru_cache(maxsize=65_536)
def _covers(text: str, arn: str) -> Truth:
    return matches_resource(plain(text), arn)


def matches_arn(pattern: Pattern, arn: str) -> Truth:
    """Whether an ARN is as a policy says: each of its six parts is compared by itself.

    What AWS makes of a pattern of fewer parts is not documented: where it would match as plain
    text, that cannot be told.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    patterns = pattern.arn_parts()
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(patterns) != len(parts):
        everything = not pattern.text.strip("*")
        return (everything or None) if pattern.matches(arn) else False
    return all(part.matches(value) for part, value in zip(patterns, parts, strict=True))
