"""What policies can tell apart in requests: what they cannot is decided once.

A million objects of a bucket are a few kinds of them, as far as policies go, and so are the ages
of a million sessions.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation

from cloudtrail_mfa.iam.conditions import moment, number, operator
from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.iam.matching import Pattern, matches_resource, variables
from cloudtrail_mfa.iam.services import owner_of_policy

__all__ = ["Distinctions"]

_Read = Callable[[str], Decimal]


class Distinctions:
    """What some policies can tell apart.

    Parameters
    ----------
    policies
        Every policy that may be asked.

    Attributes
    ----------
    keys
        The condition keys that any of them asks for, in lower case.
    """

    def __init__(self, policies: Iterable[Policy]) -> None:
        found = list(policies)
        self.keys = frozenset(key for policy in found for key in _keys(policy))
        self._bounds = _bounds(found)
        self._resource = _likeness(found)

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


def _likeness(policies: Sequence[Policy]) -> Callable[[str | None], Hashable]:
    texts = {
        text
        for policy in policies
        for statement in policy.statements
        for text in (*(statement.resource or ()), *(statement.not_resource or ()))
        if text != "*"
    }
    by_service: dict[str, list[Pattern]] = defaultdict(list)
    varied: set[str] = set()
    for text in sorted(texts):
        service = [*text.split(":"), "", "*", "*"][2]
        (varied.add(service) if "${" in text else by_service[service].append(_plain(text)))
    common = [*by_service.pop("*", ()), *by_service.pop("", ())]
    odd = {service for service in (*by_service, *varied) if "*" in service or "?" in service}

    def likeness(arn: str | None) -> Hashable:
        if arn is None or arn == "*":
            return arn
        service = [*arn.split(":"), "", "", ""][2]
        if odd or service in varied or varied & {"", "*"}:
            return arn
        patterns = (*common, *by_service.get(service, ()))
        owner = owner_of_policy(arn, service)
        return owner, owner == arn, tuple(matches_resource(pattern, arn) for pattern in patterns)

    return likeness


def _plain(text: str) -> Pattern:
    return Pattern(((text, True),))
