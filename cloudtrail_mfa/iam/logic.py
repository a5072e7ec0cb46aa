"""Three-valued logic: true, false, and None for what cannot be told (Kleene's)."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Truth", "all_of", "any_of", "not_"]

Truth = bool | None
"""Whether something holds; None where that cannot be told."""


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return false if one is false, else None if one is unknown, else true."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return true if one is true, else None if one is unknown, else false."""
    return not_(all_of(map(not_, truths)))


def not_(truth: Truth) -> Truth:
    """Return the contrary; the contrary of unknown is unknown."""
    return None if truth is None else not truth
