"""All actions there are, in classes that some policies cannot tell apart.

What a change of policies does to twenty thousand actions is decided once for each class.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cloudtrail_mfa.iam.catalog import actions
from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.iam.exceptions import may_ignore_denies, needs_no_allow
from cloudtrail_mfa.iam.matching import matches_action

__all__ = ["classes"]


def classes(policies: Iterable[Policy]) -> list[tuple[str, ...]]:
    """Return every action there is, those that no policy tells apart together.

    Parameters
    ----------
    policies
        Every policy that may be asked.
    """
    texts = {
        patterns
        for policy in policies
        for statement in policy.statements
        for patterns in [statement.action or statement.not_action]
        if patterns
    }
    return _parted(tuple(sorted(texts)))


@lru_cache(maxsize=256)
def _parted(texts: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    covered = [_covered(patterns) for patterns in texts]
    alike: dict[object, list[str]] = defaultdict(list)
    for number, action in enumerate(actions()):
        exempt = needs_no_allow(action), may_ignore_denies(action)
        alike[(exempt, *(number in numbers for numbers in covered))].append(action)
    return [tuple(found) for found in alike.values()]


@lru_cache(maxsize=1024)
def _covered(patterns: Sequence[str]) -> frozenset[int]:
    """Return the numbers of the actions that any of some patterns matches."""
    by_service: dict[str, list[str]] = defaultdict(list)
    anywhere: list[str] = []
    for pattern in patterns:
        service, colon, _ = pattern.lower().partition(":")
        plain = colon and not re.search(r"[*?]", service)
        (by_service[service] if plain else anywhere).append(pattern)
    return frozenset(
        number
        for number, action in enumerate(actions())
        if any(
            matches_action(pattern, action)
            for pattern in (*anywhere, *by_service.get(action.partition(":")[0], ()))
        )
    )
