"""Figures: a lane for each credential, a mark for each run of calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake, MissingPackageError, draw_timeline
from cloudtrail_mfa.figures import png
from tests import records
from tests.records import Record, call, denied, issued

LakeOf = Callable[..., Lake]
SESSION = "ASIAIOSFODNN7ALICE01"


def afternoon() -> list[Record]:
    """Return a call refused, a session opened, the call passed, and one that failed."""
    by = records.session(key=SESSION, mfa=True)
    return [
        denied(time="2026-06-01T09:00:00Z"),
        issued(
            "GetSessionToken",
            SESSION,
            by=records.user(),
            request={"serialNumber": "arn:aws:iam::111122223333:mfa/alice"},
            time="2026-06-01T09:01:00Z",
        ),
        call(by=by, time="2026-06-01T09:02:00Z"),
        denied("GetObject", code="NoSuchKey", by=by, time="2026-06-01T09:03:00Z"),
    ]


def drawn(lake: Lake, **whose: Any) -> Any:
    figure = draw_timeline(lake.timeline(**(whose or {"principal": "alice"})))
    (axes,) = figure.axes
    return axes


def test_a_lane_for_each_credential(lake_of: LakeOf) -> None:
    """In the order in which they begin, from above."""
    labels = [label.get_text() for label in drawn(lake_of(*afternoon())).get_yticklabels()]
    assert labels == [
        "long-term key AKIAIOSFODNN7ALICE00",
        f"session of alice with MFA {SESSION}",
    ]
    heights = drawn(lake_of()).get_yticks()
    assert list(heights) == sorted(heights, reverse=True)


def test_a_mark_for_each_run_by_its_outcome(lake_of: LakeOf) -> None:
    """Named in the legend."""
    axes = drawn(lake_of(*afternoon()))
    marks = {mark.get_label(): len(mark.get_offsets()) for mark in axes.collections}
    assert {name: marks[name] for name in ("allowed", "denied", "failed")} == {
        "allowed": 2,
        "denied": 1,
        "failed": 1,
    }


def test_an_arrow_leads_to_the_session_that_was_opened(lake_of: LakeOf) -> None:
    """From the call that opened it."""
    (arrow,) = drawn(lake_of(*afternoon())).texts
    assert arrow.xy[1] == pytest.approx(0.12)
    assert arrow.arrow_patch is not None


def test_of_many_credentials_those_with_denials_have_lanes(lake_of: LakeOf) -> None:
    """And the figure says how many have not."""
    calls = [call(by=records.session(key=f"ASIAIOSFODNN7MANY{n:03}", mfa=True)) for n in range(30)]
    axes = drawn(lake_of(*calls, denied()))
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(labels) == 24
    assert "long-term key AKIAIOSFODNN7ALICE00" in labels
    assert axes.get_xlabel() == "time, UTC; 7 more credentials are not shown"


def test_calls_without_a_time_have_no_place(lake_of: LakeOf) -> None:
    """Nor have those of another age: they are counted instead."""
    lake = lake_of(
        *afternoon(),
        denied(time="soon"),
        denied(time="9999-12-31T23:59:59Z"),
        denied(time="1970-01-01T00:00:00Z"),
    )
    axes = drawn(lake)
    assert axes.get_xlabel() == "time, UTC; 3 calls of no plausible time are not shown"
    assert png(axes.figure).startswith(b"\x89PNG")


def test_no_calls_are_an_empty_figure(lake_of: LakeOf) -> None:
    """Which can be saved, too."""
    figure = draw_timeline(lake_of().timeline(principal="nobody"))
    assert png(figure).startswith(b"\x89PNG")


def test_names_from_logs_are_text(lake_of: LakeOf) -> None:
    """No formula, no line of its own, and the key stays whole."""
    by = records.role("R" * 60, "$\\frac{1}{0}$\nx", "ASIAIOSFODNN7ROLE000")
    lake = lake_of(call(by=by))
    axes = drawn(lake, principal="R*")
    (label,) = axes.get_yticklabels()
    assert label.get_text().endswith("ASIAIOSFODNN7ROLE000")
    assert len(label.get_text()) == 60
    assert png(axes.figure).startswith(b"\x89PNG")


def test_without_matplotlib_the_way_to_have_it_is_told(
    lake_of: LakeOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence."""
    rows = lake_of(*afternoon()).timeline(principal="alice")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'cloudtrail-mfa\[notebook\]'"):
        draw_timeline(rows)
