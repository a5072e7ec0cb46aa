"""A story as lanes and marks, in per cent of the width."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.lanes import Mark, Opening, figure_of
from tests.records import call, denied, session
from tests.reports.rows import lake_of


def story(contents: Contents, name: str) -> pd.DataFrame:
    who = contents.people.set_index("principal_name").loc[name, "who"]
    return contents.stories[contents.stories["who"] == who]


def test_a_lane_for_each_credential_and_a_mark_for_each_outcome(contents: Contents) -> None:
    """An opening leads from one lane to the other."""
    figure = figure_of(story(contents, "alice"))
    assert figure is not None
    assert [lane.label for lane in figure.lanes] == [
        "long-term key AKIAIOSFODNN7ALICE00",
        "session of alice with MFA ASIAIOSFODNN7ALICE01",
    ]
    assert figure.calls == {"allowed": 2, "failed": 0, "denied": 2}
    key, _ = figure.lanes
    assert [mark.at for mark in key.marks if mark.outcome == "denied"] == [3.0, 97.0]
    assert figure.openings == (Opening(81.33, 0, 1),)


def test_one_call_stands_in_the_middle(contents: Contents) -> None:
    """There is no span of time to place it in."""
    figure = figure_of(story(contents, "bob"))
    assert figure is not None
    assert figure.lanes[0].marks == (Mark("denied", 1, 50.0, 50.0),)
    assert figure.first == figure.last


def test_marks_that_would_lie_upon_each_other_are_one(tmp_path: Path) -> None:
    """A figure of ten thousand runs is no larger than one of sixty; no call is lost."""
    records = [
        (denied if second % 2 else call)(time=f"2026-06-01T09:{second // 60:02}:{second % 60:02}Z")
        for second in range(600)
    ]
    figure = figure_of(lake_of(tmp_path, *records).timeline(principal="alice"))
    assert figure is not None
    marks = figure.lanes[0].marks
    assert len(marks) < 140
    assert sum(mark.calls for mark in marks) == 600
    assert max(mark.size for mark in marks) <= 2


def test_what_has_no_lane_and_no_time_is_counted(tmp_path: Path) -> None:
    """Nothing is left out in silence."""
    records = [call(by=session(key=f"ASIAIOSFODNN7MANY{n:03}", mfa=True)) for n in range(30)]
    records.append(denied(time="9999-12-31T23:59:59Z"))
    figure = figure_of(lake_of(tmp_path, *records).timeline(principal="alice"))
    assert figure is not None
    assert (len(figure.lanes), figure.lanes_left_out, figure.calls_left_out) == (24, 6, 1)


def test_no_plausible_time_is_no_figure(tmp_path: Path) -> None:
    """Nor are no calls."""
    lake = lake_of(tmp_path, denied(time="1970-01-01T00:00:00Z"))
    assert figure_of(lake.timeline(principal="alice")) is None
    assert figure_of(lake.timeline(principal="nobody")) is None
