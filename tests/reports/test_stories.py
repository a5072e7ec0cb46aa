"""Stories: why, what to do, and what happened."""

from __future__ import annotations

from pathlib import Path

from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.stories import stories_of
from tests.records import call, denied
from tests.reports.rows import lake_of, told


def test_a_story_tells_why_and_what_to_do(contents: Contents) -> None:
    """With the evidence of the first denial."""
    alice, bob = stories_of(contents)
    (refusal,) = alice.refusals
    assert refusal.group["cause"] == "long_term_key"
    assert refusal.first["event_id"] == "alice-00-1"
    assert "aws sts get-session-token" in refusal.first["remedy"]
    assert [row["outcome"] for row in alice.rows] == ["denied", "allowed", "allowed", "denied"]
    assert bob.refusals[0].group["cause"] == "service_control_policy"
    assert alice.rows_left_out == bob.rows_left_out == 0


def test_refusals_stay_where_a_story_is_cut(tmp_path: Path) -> None:
    """Rows that passed are left out before them, and are counted."""
    hours = [
        call("GetUser", "iam", time=f"2026-06-{1 + n // 10:02}T{n % 10 * 2:02}:00:00Z")
        for n in range(60)
    ]
    last = denied(time="2026-06-09T09:00:00Z", event_id="last-0001")
    (story,) = stories_of(told(lake_of(tmp_path, *hours, last)))
    assert len(story.rows) == 40
    assert story.rows_left_out == 21
    assert story.rows[-1]["event_id"] == "last-0001"
    times = [row["first_time"] for row in story.rows]
    assert times == sorted(times)
