"""What was found: a row for each file, sentences for people, and counts that add up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pandas as pd
import pytest

from cloudtrail_mfa import Check, Verification
from cloudtrail_mfa.archive.decode import Unreadable
from cloudtrail_mfa.archive.verdicts import (
    CHECK_COLUMNS,
    DIGEST_OUTCOMES,
    LOG_OUTCOMES,
    Outcome,
    why,
)

HOUR = datetime(2026, 6, 1, 8, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)
CHECKS = (
    Check("log", "changed", path="/a/x", reason="its SHA-256 is 1, but its digest says 2"),
    Check("digest", "missing", place="s3://b/d", reason="no digest is here"),
    Check("log", "missing", place="s3://b/y", reason="named by d"),
    Check("digest", "gap", reason="none", start=HOUR[0], end=HOUR[1], account_id="1", region="r"),
    Check("log", "unverifiable", path="/a/1", reason="so"),
    Check("log", "unverifiable", path="/a/2", reason="so"),
    Check("log", "uncovered", path="/a/3", reason="late"),
    Check("digest", "verified", path="/a/d"),
    Check("log", "unchanged", path="/a/z"),
)


def test_every_outcome_has_a_meaning() -> None:
    """And no other has."""
    assert {*DIGEST_OUTCOMES, *LOG_OUTCOMES} == set(get_args(Outcome))


def test_it_reads_as_sentences() -> None:
    """Counts first, then what is not in order, each by name; what is much alike is counted."""
    assert str(Verification(CHECKS, outside=4)).splitlines() == [
        "1 digests: 1 verified; 1 missing, 1 gap",
        "5 log files: 1 unchanged, 1 changed, 2 not verifiable, 1 not covered; 1 missing",
        "4 files outside the filters",
        "changed /a/x: its SHA-256 is 1, but its digest says 2",
        "missing s3://b/d: no digest is here",
        "missing s3://b/y: named by d",
        "gap in 1 r: none",
        "not verifiable 2 log files: so; the first: /a/1",
        "not covered /a/3: late",
    ]


def test_no_line_can_be_forged() -> None:
    """What a digest or a name says stays on its own line, and a terminal obeys none of it."""
    place = "s3://b/x\n5 log files: 5 unchanged\x1b[2J"
    text = str(Verification([Check("log", "missing", place=place, reason="r")]))
    assert len(text.splitlines()) == 3
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "bad", [o for o in get_args(Outcome) if o not in ("verified", "unchanged")]
)
def test_it_is_intact_where_all_is_proven(bad: Outcome) -> None:
    """One file that is not is enough."""
    assert Verification(CHECKS[-2:]).intact
    assert not Verification([*CHECKS[-2:], Check("log", bad)]).intact


def test_nothing_is_not_intact() -> None:
    """Filters that leave nothing prove nothing."""
    assert not Verification([], outside=3).intact


def test_checks_can_be_picked() -> None:
    """By what became of them, and of which kind."""
    told = Verification(CHECKS)
    assert [len(told.of("missing")), len(told.of("missing", "log"))] == [2, 1]


def test_rows_have_the_columns_that_are_documented() -> None:
    """Texts, and times in UTC; what is not there is missing."""
    rows = Verification(CHECKS).frame()
    assert list(rows.columns) == list(CHECK_COLUMNS)
    assert len(rows) == len(CHECKS)
    assert rows["start"].dropna().tolist() == [pd.Timestamp(HOUR[0])]
    assert rows["path"].isna().sum() == 3
    assert rows["outcome"].tolist()[0] == "changed"
    empty = Verification([]).frame()
    assert empty.dtypes.equals(rows.dtypes)


def test_times_beyond_all_calendars_are_rows_too() -> None:
    """A digest may claim any."""
    early, late = (datetime(year, 1, 1, tzinfo=UTC) for year in (1, 9999))
    rows = Verification([Check("digest", "invalid", start=early, end=late)]).frame()
    assert rows["end"][0] == pd.Timestamp(late)


def test_why_a_file_was_not_read() -> None:
    """The disk's reason, or what is wrong with the content."""
    assert why(PermissionError(13, "Permission denied")) == "cannot be read (Permission denied)"
    assert why(OSError("not a regular file")) == "cannot be read (not a regular file)"
    assert why(Unreadable("empty")) == "empty"
