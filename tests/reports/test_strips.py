"""Causes over time, each with a scale of its own."""

from __future__ import annotations

import pandas as pd
import pytest

from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.strips import chart_of


def test_each_cause_has_its_own_scale(contents: Contents) -> None:
    """Forty requests of a service do not hide one of a person."""
    chart = chart_of(contents.denials)
    assert chart is not None
    by_cause = {strip.cause: strip for strip in chart.strips}
    assert by_cause["service_control_policy"].highest == 1
    assert by_cause["service_request"].calls == 40
    assert all(max(bar.height for bar in strip.bars) == 100 for strip in chart.strips)


def test_no_call_is_lost(contents: Contents) -> None:
    """Each bar names the first of its events, and stands at its place."""
    chart = chart_of(contents.denials)
    assert chart is not None
    assert sum(bar.calls for strip in chart.strips for bar in strip.bars) == 43
    times = contents.denials.set_index("event_id")["event_time"]
    for strip in chart.strips:
        for bar in strip.bars:
            assert bar.start <= times[bar.event_id] < bar.start + pd.Timedelta(hours=6)
            assert 0 <= bar.left < bar.left + bar.width <= 100
    assert chart.step == "6 hours"
    assert chart.first <= times.min()
    assert times.max() < chart.last


@pytest.mark.parametrize(
    ("span", "step"),
    [
        ("0s", "1 minute"),
        ("50min", "1 minute"),
        ("1h", "5 minutes"),
        ("23h", "1 hour"),
        ("10D", "6 hours"),
        ("59D", "1 day"),
        ("365D", "1 week"),
        ("3650D", "26 weeks"),
        ("20000D", "104 weeks"),
    ],
)
def test_bars_are_as_many_as_can_be_told_apart(span: str, step: str) -> None:
    """Whatever the time; weeks begin with a Monday."""
    first = pd.Timestamp("2026-06-01T09:00:00", tz="UTC")
    last = first + pd.Timedelta(span)
    denials = pd.DataFrame(
        {"event_time": [first, last], "cause": "no_permission", "event_id": ["1", "2"]}
    )
    chart = chart_of(denials)
    assert chart is not None
    assert chart.step == step
    if "week" in step:
        assert chart.first.day_name() == "Monday"


def test_times_that_are_not_plausible_have_no_place() -> None:
    """They are counted; without any other there is no chart."""
    times = pd.to_datetime(["2026-06-01", "1970-01-01", ""], utc=True)
    denials = pd.DataFrame({"event_time": times, "cause": "undetermined", "event_id": list("abc")})
    chart = chart_of(denials)
    assert chart is not None
    assert (chart.left_out, chart.strips[0].calls) == (2, 1)
    assert chart_of(denials[1:]) is None
