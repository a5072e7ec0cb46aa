"""What a recorded call asked for: its parameters, and the tags among them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

__all__ = ["Row", "parameters", "tags_in", "tags_of"]

Row = Mapping[str, Any]
"""A row of the query ``requests``; what is null is None."""


def parameters(row: Row) -> Mapping[str, Any] | None:
    """Return what was asked for; None where it is not recorded, as of many refused calls."""
    return _object(row["request_parameters"])


@lru_cache(maxsize=64)
def _object(text: str | None) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text or "null")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def tags_in(text: str | None) -> Mapping[str, str] | None:
    """Return the tags that a request, JSON text, gives; None where it shows none that are clear.

    The services write them in several forms: lists of keys and values, EC2's specifications, and
    plain objects.
    """
    asked = _object(text)
    if asked is None:
        return None
    found = [asked[name] for name in _TAG_PARAMETERS if name in asked]
    return tags_of(found[0]) if len(found) == 1 else None


_TAG_PARAMETERS = ("tags", "Tags", "tagSet", "tagSpecificationSet", "tagsList")
_PAIRS = (("key", "value"), ("Key", "Value"), ("tagKey", "tagValue"), ("TagKey", "TagValue"))


def tags_of(found: Any) -> Mapping[str, str] | None:
    """Return tags from one of their forms; None for any other.

    Names that differ in their case alone are one name to policies, so that none of both is clear.
    """
    pairs = _pairs(found)
    if pairs is None or any(not isinstance(text, str) for pair in pairs for text in pair):
        return None
    return dict(pairs) if len({name.lower() for name, _ in pairs}) == len(pairs) else None


def _pairs(found: Any) -> list[tuple[Any, Any]] | None:
    if isinstance(found, list):
        each = [_pair(item) for item in found]
        return None if None in each else [pair for pair in each if pair]
    if not isinstance(found, dict):
        return None
    if set(found) == {"items"} and isinstance(found["items"], list):
        specified = [item["tags"] for item in found["items"] if _is_specification(item)]
        if not specified:
            return _pairs(found["items"])
        return _pairs(specified[0]) if len(found["items"]) == 1 else None
    return list(found.items())


def _is_specification(item: Any) -> bool:
    return isinstance(item, dict) and set(item) == {"resourceType", "tags"}


def _pair(item: Any) -> tuple[Any, Any] | None:
    if isinstance(item, dict):
        for key, value in _PAIRS:
            if set(item) in ({key, value}, {key}):
                return item[key], item.get(value, "")
    return None
