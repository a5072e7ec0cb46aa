"""Filters: understood once, or an error; never an empty result."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa import ScopeError
from cloudtrail_mfa.scope import Scope

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-01", datetime(2026, 6, 1, tzinfo=UTC)),
        ("2026-06-01T09:30:00Z", datetime(2026, 6, 1, 9, 30, tzinfo=UTC)),
        ("2026-06-01T09:30", datetime(2026, 6, 1, 9, 30, tzinfo=UTC)),
        ("2026-06-01T09:30:00+09:00", datetime(2026, 6, 1, 0, 30, tzinfo=UTC)),
        ("90m", NOW - timedelta(minutes=90)),
        ("36h", NOW - timedelta(hours=36)),
        ("7d", NOW - timedelta(days=7)),
        (" 2 w ", NOW - timedelta(weeks=2)),
        (datetime(2026, 6, 1), datetime(2026, 6, 1, tzinfo=UTC)),  # noqa: DTZ001
        (
            datetime(2026, 6, 1, 9, tzinfo=timezone(timedelta(hours=9))),
            datetime(2026, 6, 1, tzinfo=UTC),
        ),
    ],
)
def test_times(text: str | datetime, moment: datetime) -> None:
    """ISO 8601, an age, or a datetime; without a zone it is UTC."""
    assert Scope.parse(since=text, now=NOW).since == moment


def test_a_date_as_the_end_means_its_end() -> None:
    """People who say until the thirtieth mean that day too."""
    assert Scope.parse(until="2026-06-30").until == datetime(2026, 7, 1, tzinfo=UTC)
    assert Scope.parse(until="9999-12-31").until == datetime(9999, 12, 31, tzinfo=UTC)
    assert Scope.parse(until="2026-06-30T00:00").until == datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "filters",
    [
        {"since": "yesterday"},
        {"since": "7 days"},
        {"since": ""},
        {"since": 7},
        {"since": "999999w"},
        {"since": "2026-02-30"},
        {"since": "2026-06-02", "until": "2026-06-01T00:00"},
        {"account": "12"},
        {"account": "11112222333a"},
        {"account": ["111122223333", "1111-2222-3333"]},
        {"region": "Ireland"},
        {"region": "us_east_1"},
        {"principal": ""},
        {"principal": [" "]},
        {"event": 5},
        {"event": [5]},
        {"principal": "\udcff"},
        {"principal": "a\nb"},
    ],
)
def test_what_cannot_be_understood_is_an_error(filters: dict[str, Any]) -> None:
    """The error names the filter and its value."""
    with pytest.raises(ScopeError) as caught:
        Scope.parse(**filters)
    assert caught.value.field in filters
    assert str(caught.value).startswith(f"{caught.value.field}=")


def test_one_text_or_several() -> None:
    """Both are taken, and white space around them is dropped."""
    assert Scope.parse(principal=" alice ").principals == ("alice",)
    regions = "us-east-1", "us-gov-west-1", "eusc-de-east-1"
    assert Scope.parse(region=regions).regions == regions


def test_no_filters_are_no_limit() -> None:
    """Everything is in scope."""
    assert Scope.parse() == Scope()


@given(st.text())
def test_any_text_is_a_time_or_an_error(text: str) -> None:
    """Nothing that a person types ends in another exception."""
    with contextlib.suppress(ScopeError):
        assert Scope.parse(since=text).since is not None
