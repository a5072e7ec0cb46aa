"""Which part of the archive is asked for: filters, parsed and checked once.

A filter that cannot be understood raises `ScopeError`; it never quietly matches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from cloudtrail_mfa.errors import ScopeError

__all__ = ["REGION", "Extent", "Filters", "Scope", "TextFilter", "TimeFilter", "in_utc"]

TextFilter = str | Sequence[str] | None
"""One text or several; several mean any of them."""

TimeFilter = str | datetime | None
"""A `datetime`, ISO 8601 text, or an age such as ``7d`` or ``36h``."""


REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}"
"""What a region's code looks like, as a regular expression."""


class Extent(TypedDict, total=False):
    """The filters by which a part of an archive is told, as in `Filters`: when and where."""

    since: TimeFilter
    until: TimeFilter
    account: TextFilter
    region: TextFilter


class Filters(Extent, total=False):
    """The filters that every method returning rows accepts.

    Attributes
    ----------
    since
        First moment of interest, inclusive: a `datetime`, ISO 8601 text
        (``2026-06-01``, ``2026-06-01T09:30:00Z``) or an age (``90m``, ``36h``, ``7d``, ``2w``).
        Without a zone it is UTC.
    until
        End of the time of interest, exclusive; a date alone means the end of that day.
    account
        AWS account id, twelve digits, or several.
    region
        AWS region code, or several.
    principal
        Name or ARN of the caller, or several; ``*`` and ``?`` are wildcards.
    event
        Event name, or ``source:name`` with the source's first word (``s3:ListBuckets``),
        or several; ``*`` and ``?`` are wildcards.
    """

    principal: TextFilter
    event: TextFilter


_LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)
_AGE = re.compile(r"(\d{1,6})\s*([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DATE_ONLY = re.compile(r"\d{4}-?\d\d-?\d\d|\d{4}-W\d\d(-\d)?")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(REGION, re.ASCII)


@dataclass(frozen=True, slots=True)
class Scope:
    """Filters that have been understood.

    Times are aware, in UTC; `since` is inclusive, `until` exclusive. Empty tuples mean no limit.
    """

    since: datetime | None = None
    until: datetime | None = None
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    events: tuple[str, ...] = ()

    @classmethod
    def parse(
        cls,
        *,
        since: TimeFilter = None,
        until: TimeFilter = None,
        account: TextFilter = None,
        region: TextFilter = None,
        principal: TextFilter = None,
        event: TextFilter = None,
        now: datetime | None = None,
    ) -> Scope:
        """Understand filters as a person gives them.

        Parameters
        ----------
        now
            The moment from which ages such as ``7d`` count back; the clock's by default.

        Raises
        ------
        ScopeError
            If a value cannot be understood, or `until` is not after `since`.
        """
        now = now or datetime.now(UTC)
        start = _moment("since", since, now)
        end = _moment("until", until, now)
        if start and end and end <= start:
            raise ScopeError("until", until, f"is not after since={since!r}: nothing lies between")
        return cls(
            since=start,
            until=end,
            accounts=_matching("account", account, _ACCOUNT, "an account id has twelve digits"),
            regions=_matching("region", region, _REGION, "a region looks like us-east-1"),
            principals=_texts("principal", principal),
            events=_texts("event", event),
        )


def _moment(field: str, value: TimeFilter, now: datetime) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return in_utc(value)
    if not isinstance(value, str):
        raise ScopeError(field, value, "is neither a datetime nor text")
    text = value.strip()
    try:
        if age := _AGE.fullmatch(text):
            return now - timedelta(**{_UNITS[age[2]]: int(age[1])})
        moment = in_utc(datetime.fromisoformat(text))
        # "until 2026-06-30" is said by people who mean that day too.
        whole_day = field == "until" and _DATE_ONLY.fullmatch(text) and moment < _LAST_DAY
        return moment + timedelta(days=bool(whole_day))
    except (ValueError, OverflowError):
        raise ScopeError(
            field,
            value,
            "is not a time: give ISO 8601 (2026-06-01T09:30:00Z) or an age (36h, 7d)",
        ) from None


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, which it is taken to be in where it has no zone."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _texts(field: str, value: TextFilter) -> tuple[str, ...]:
    if not isinstance(value, str | Sequence | None):
        raise ScopeError(field, value, "is neither text nor several")
    values = () if value is None else (value,) if isinstance(value, str) else tuple(value)
    for text in values:
        if not isinstance(text, str) or not text.strip():
            raise ScopeError(field, text, "is empty or not text")
        if not text.isprintable():
            raise ScopeError(field, text, "holds characters that no name has")
    return tuple(text.strip() for text in values)


def _matching(
    field: str, value: TextFilter, pattern: re.Pattern[str], rule: str
) -> tuple[str, ...]:
    texts = _texts(field, value)
    for text in texts:
        if not pattern.fullmatch(text):
            raise ScopeError(field, text, f"is not understood: {rule}")
    return texts
