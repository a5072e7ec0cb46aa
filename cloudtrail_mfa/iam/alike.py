"""What policies can tell apart in requests: what they cannot is decided once.

A million objects of a bucket are a few kinds of them, as far as policies go, and so are the ages
of a million sessions.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from cloudtrail_mfa.iam.arns import account_of
from cloudtrail_mfa.iam.conditions import moment, number, operator
from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.iam.matching import Pattern, matches_resource, plain, variables
from cloudtrail_mfa.iam.services import owner_of_policy

__all__ = ["Distinctions"]

_Read = Callable[[str], Decimal]


class Distinctions:
    """What some policies can tell apart.

    Parameters
    ----------
    policies
        Every policy that may be asked.
    resources
        By ARN, what tells resources with a policy of their own apart: equal where that policy is.

    Attributes
    ----------
    keys
        The condition keys that any of them asks for, in lower case.
    """

    def __init__(
        self, policies: Iterable[Policy], resources: Mapping[str, Hashable] | None = None
    ) -> None:
        found = list(policies)
        self.keys = frozenset(key for policy in found for key in _keys(policy))
        self._bounds = _bounds(found)
        self._resource = _likeness(found, resources or {})

    def resource(self, arn: str | None) -> Hashable:
        """Return an answer that is the same for resources that no policy tells apart."""
        return self._resource(arn)

    def value(self, key: str, value: float | None) -> Hashable:
        """Return an answer that is the same for numbers of a key that no policy tells apart.

        Parameters
        ----------
        value
            A number; of a time, seconds since 1970; None where the key is absent or unknown.
        """
        bounds = self._bounds.get(key)
        if value is None or bounds is None:
            return value
        return bisect_left(bounds, value), bisect_right(bounds, value)


def _keys(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        for condition in statement.condition:
            yield condition.key.lower()
        yield from _variables(policy)


def _variables(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        texts = [*(statement.resource or ()), *(statement.not_resource or ())]
        texts += [value for condition in statement.condition for value in condition.values]
        for text in texts:
            yield from variables(text)


def _bounds(policies: Sequence[Policy]) -> dict[str, list[Decimal]]:
    """Return what the numbers of a key are compared with; no key that is used otherwise."""
    bounds: dict[str, set[Decimal]] = defaultdict(set)
    otherwise = {key for policy in policies for key in _variables(policy)}
    for policy in policies:
        for condition in (found for each in policy.statements for found in each.condition):
            key, known = condition.key.lower(), operator(condition.operator)
            name = known.name if known else ""
            if name.startswith(("Numeric", "Date")):
                read = number if name.startswith("Numeric") else moment
                bounds[key] |= set(_numbers(condition.values, read))
            elif name != "Null":
                otherwise.add(key)
    return {key: sorted(found) for key, found in bounds.items() if key not in otherwise}


def _numbers(texts: Iterable[str], read: _Read) -> Iterator[Decimal]:
    for text in texts:
        try:
            yield read(text)
        except (ValueError, InvalidOperation):  # then it equals nothing, and is no bound
            continue


def _likeness(
    policies: Sequence[Policy], resources: Mapping[str, Hashable]
) -> Callable[[str | None], Hashable]:
    spoken = {
        (statement.resource, statement.not_resource)
        for policy in policies
        for statement in policy.statements
    }
    # Which statements speak of a resource is what counts, not by which pattern.
    speaking: dict[str, set[int]] = defaultdict(set)
    for which, (resource, not_resource) in enumerate(sorted(spoken, key=repr)):
        for text in (*(resource or ()), *(not_resource or ())):
            speaking[text].add(which)
    speaking.pop("*", None)
    # Of a thousand buckets' patterns only those that can speak of an ARN are tried.
    varied = {_beginning(text) for text in speaking if "${" in text}
    places: dict[str, list[tuple[Pattern, set[int]]]] = defaultdict(list)
    for text, each in speaking.items():
        places[_beginning(text)].append((plain(text), each))
    lengths = sorted({len(text) for text in places})

    def likeness(arn: str | None) -> Hashable:
        if arn is None or arn == "*":
            return arn
        tried = [arn[:length] for length in lengths if length <= len(arn)]
        if not varied.isdisjoint(tried):
            return arn
        found = [
            (matches_resource(pattern, arn), each)
            for place in tried
            for pattern, each in places.get(place, ())
        ]
        sure = frozenset().union(*(each for truth, each in found if truth))
        unsure = frozenset().union(*(each for truth, each in found if truth is None)) - sure
        service = next(iter(arn.split(":", 3)[2:]), "")
        owner = owner_of_policy(arn, service)
        return account_of(arn), service, resources.get(owner or arn, _NOT_LISTED), sure, unsure

    return likeness


_NOT_LISTED = "not listed"


def _beginning(text: str) -> str:
    """Return the text with which whatever a pattern matches begins, part by part or as a whole."""
    return re.split(r"[*?$]", text, maxsplit=1)[0]
