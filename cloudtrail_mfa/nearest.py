"""Help with a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["nearest"]

_MOST_NAMES = 16


def nearest(name: str, known: Iterable[str], *, named: Iterable[str] | None = None) -> str:
    """Return the end of a sentence that helps with a name that is not known.

    Parameters
    ----------
    known
        What could have been meant: the nearest of it is proposed.
    named
        What is listed where nothing is near; `known` itself if absent.
    """
    forms = list(known)
    if near := difflib.get_close_matches(name, forms, 1):
        return f": did you mean {near[0]}?"
    listed = forms if named is None else list(named)
    if not listed:
        return ": it holds none"
    more = f" and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
    return f": there are {', '.join(listed[:_MOST_NAMES])}{more}"
