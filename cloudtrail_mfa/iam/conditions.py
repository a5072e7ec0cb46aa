"""Condition operators: a table, and what each says of a key that is absent or unknown.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from cloudtrail_mfa.iam.context import Context
from cloudtrail_mfa.iam.logic import Truth, all_of, any_of, not_
from cloudtrail_mfa.iam.matching import Pattern, expand, matches_arn

__all__ = ["OPERATORS", "Condition", "Operator", "holds", "moment", "number", "operator"]

Test = Callable[[str, Pattern], Truth]
"""Whether a value of the request is as a value of the policy says."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a condition block: an operator, a key and the values it is compared with."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator as it stands in a policy.

    Attributes
    ----------
    name
        As AWS writes it, without prefix and suffix.
    test
        The positive comparison.
    negated
        Whether it is the contrary of the test.
    if_exists
        Whether it ends in ``IfExists``.
    quantifier
        ``all`` or ``any`` where it begins with ``ForAllValues:`` or ``ForAnyValue:``.
    """

    name: str
    test: Test
    negated: bool = False
    if_exists: bool = False
    quantifier: Literal["all", "any"] | None = None

    @property
    def passes_absent(self) -> bool:
        """Whether the test passes a key that is absent, or whose values are an empty set.

        Of a set that is empty ForAllValues is true and ForAnyValue false, with IfExists too:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        """
        if self.quantifier is not None:
            return self.quantifier == "all"
        return self.if_exists or self.negated


def holds(condition: Condition, context: Context, *, variables: bool = True) -> Truth:
    """Whether a condition holds of a request; None where its key is not known.

    Raises
    ------
    ValueError
        If there is no such operator.
    """
    found = operator(condition.operator)
    if found is None:
        raise ValueError(f"{condition.operator!r} is no condition operator")
    values = context.get(condition.key)
    if values is None:
        return None
    if found.name == "Null":
        return str(not values).lower() in map(str.lower, condition.values)
    if found.quantifier:  # an empty text counts as no value
        values = tuple(value for value in values if value)
    if not values:
        return found.passes_absent
    wanted = [expand(text, context, variables=variables) for text in condition.values]
    truths = [_one(found, value, wanted) for value in values]
    if found.quantifier:
        return all_of(truths) if found.quantifier == "all" else any_of(truths)
    # What AWS makes of several values without ForAllValues or ForAnyValue is not documented.
    return truths[0] if len(set(truths)) == 1 else None


def _one(found: Operator, value: str, wanted: Iterable[Pattern | Truth]) -> Truth:
    """Whether one value of the request passes: several values of the policy mean any (or none)."""
    truth = any_of(
        found.test(value, pattern) if isinstance(pattern, Pattern) else pattern
        for pattern in wanted
    )
    return not_(truth) if found.negated else truth


def _string_equals(value: str, pattern: Pattern) -> bool:
    return pattern.matches(value, wildcards=False)


def _string_equals_ignore_case(value: str, pattern: Pattern) -> bool:
    return pattern.matches(value, wildcards=False, ignore_case=True)


def _string_like(value: str, pattern: Pattern) -> bool:
    return pattern.matches(value)


def _arn_like(value: str, pattern: Pattern) -> Truth:
    return matches_arn(pattern, value)


def _bool(value: str, pattern: Pattern) -> bool:
    return value.lower() == pattern.text.lower() and value.lower() in ("true", "false")


def _binary(value: str, pattern: Pattern) -> bool:
    try:
        return base64.b64decode(value, validate=True) == base64.b64decode(
            pattern.text, validate=True
        )
    except ValueError:  # binascii.Error is one
        return False


def _address(value: str, pattern: Pattern) -> bool:
    if not _NETWORK.fullmatch(pattern.text):
        return False
    try:
        network = ipaddress.ip_network(pattern.text, strict=False)
        return ipaddress.ip_address(value) in network
    except ValueError:
        return False


# An address, alone or with the length of its prefix: no masks.
_NETWORK = re.compile(r"[0-9A-Fa-f.:]+(/\d{1,3})?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# https://www.w3.org/TR/NOTE-datetime
_DATE = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)(?P<time>T\d\d:\d\d(:\d\d(\.\d+)?)?"
    r"(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)


def number(text: str) -> Decimal:
    """Return a number as a condition reads it; InvalidOperation where it is none."""
    if not _NUMBER.fullmatch(text.strip()):
        raise InvalidOperation(text)
    return Decimal(text.strip())


def moment(text: str) -> Decimal:
    """Return seconds since 1970 of a W3C date, or of a number that is already such; ValueError else.

    A year alone is taken for a number: AWS does not say which it is.
    """
    try:
        return number(text)
    except InvalidOperation:
        found = _DATE.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no date") from None
        date = f"{found['year']}-{found['month'] or '01'}-{found['day'] or '01'}"
        when = datetime.fromisoformat(date + (found["time"] or ""))
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return Decimal(str(when.timestamp()))


def _compared(read: Callable[[str], Decimal], verdict: Callable[[Decimal, Decimal], bool]) -> Test:
    def test(value: str, pattern: Pattern) -> bool:
        try:
            return verdict(read(value), read(pattern.text))
        except (ValueError, InvalidOperation):
            return False

    return test


_EQUAL = Decimal.__eq__
_LESS = Decimal.__lt__
_LESS_EQUAL = Decimal.__le__
_GREATER = Decimal.__gt__
_GREATER_EQUAL = Decimal.__ge__

_TABLE: tuple[Operator, ...] = (
    Operator("StringEquals", _string_equals),
    Operator("StringNotEquals", _string_equals, negated=True),
    Operator("StringEqualsIgnoreCase", _string_equals_ignore_case),
    Operator("StringNotEqualsIgnoreCase", _string_equals_ignore_case, negated=True),
    Operator("StringLike", _string_like),
    Operator("StringNotLike", _string_like, negated=True),
    Operator("NumericEquals", _compared(number, _EQUAL)),
    Operator("NumericNotEquals", _compared(number, _EQUAL), negated=True),
    Operator("NumericLessThan", _compared(number, _LESS)),
    Operator("NumericLessThanEquals", _compared(number, _LESS_EQUAL)),
    Operator("NumericGreaterThan", _compared(number, _GREATER)),
    Operator("NumericGreaterThanEquals", _compared(number, _GREATER_EQUAL)),
    Operator("DateEquals", _compared(moment, _EQUAL)),
    Operator("DateNotEquals", _compared(moment, _EQUAL), negated=True),
    Operator("DateLessThan", _compared(moment, _LESS)),
    Operator("DateLessThanEquals", _compared(moment, _LESS_EQUAL)),
    Operator("DateGreaterThan", _compared(moment, _GREATER)),
    Operator("DateGreaterThanEquals", _compared(moment, _GREATER_EQUAL)),
    Operator("Bool", _bool),
    Operator("BinaryEquals", _binary),
    Operator("IpAddress", _address),
    Operator("NotIpAddress", _address, negated=True),
    Operator("ArnEquals", _arn_like),
    Operator("ArnLike", _arn_like),
    Operator("ArnNotEquals", _arn_like, negated=True),
    Operator("ArnNotLike", _arn_like, negated=True),
    Operator("Null", _bool),  # asks for the key, not for its value
)

OPERATORS: dict[str, Operator] = {found.name.lower(): found for found in _TABLE}
"""The operators without prefix and suffix, by their name in lower case."""

_QUANTIFIERS: dict[str, Literal["all", "any"]] = {"forallvalues:": "all", "foranyvalue:": "any"}
_IF_EXISTS = "ifexists"


@lru_cache(maxsize=4096)
def operator(name: str) -> Operator | None:
    """Return the operator of that name, prefix and suffix understood; None if there is none.

    Names are not case sensitive. ``Null`` takes neither prefix nor suffix.
    """
    rest = name.lower()
    quantifier = next((q for prefix, q in _QUANTIFIERS.items() if rest.startswith(prefix)), None)
    rest = rest.split(":", 1)[1] if quantifier else rest
    if_exists = rest.endswith(_IF_EXISTS)
    found = OPERATORS.get(rest.removesuffix(_IF_EXISTS) if if_exists else rest)
    if found is None or (found.name == "Null" and (if_exists or quantifier)):
        return None
    return Operator(found.name, found.test, found.negated, if_exists, quantifier)
