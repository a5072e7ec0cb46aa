"""The time that digests cover: gaps in a chain, and files that no digest names."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cloudtrail_mfa.archive.chains import judge
from cloudtrail_mfa.archive.coverage import Coverage, Span, spans
from cloudtrail_mfa.archive.signatures import PublicKeys
from cloudtrail_mfa.archive.sources import LogFile
from tests.records import ACCOUNT, file_name
from tests.signed_archive import HOUR, START, Trail, edit, read_digests, signed_archive


def looked_through(trail: Trail, *unreadable: Path) -> list[Span]:
    here = [path for path in trail.digests if path.exists() and path not in unreadable]
    return spans(judge(read_digests(here), PublicKeys(), {}), map(str, unreadable))


def test_a_chain_has_no_gap(tmp_path: Path) -> None:
    """It tells from when to when, and that it is there from its start."""
    (span,) = looked_through(signed_archive(tmp_path))
    assert (span.digests, span.start, span.end) == (3, START, START + 3 * HOUR)
    assert (span.whole, span.gaps) == (True, ())
    assert (span.chain.account, span.bucket) == (ACCOUNT, "example-trail")


def test_a_digest_missing_between_two_is_a_gap(tmp_path: Path) -> None:
    """Named, with the time that it covered."""
    trail = signed_archive(tmp_path, hours=4)
    gone = read_digests(trail.digests)[1:3]
    trail.digests[1].unlink()
    trail.digests[2].unlink()
    (span,) = looked_through(trail)
    (gap,) = span.gaps
    assert (gap.start, gap.end) == (START + HOUR, START + 3 * HOUR)
    assert gap.missing == gone[1].place
    assert gap.after == trail.digests[3].name


def test_what_came_before_the_first_is_no_gap(tmp_path: Path) -> None:
    """A copy of some days begins somewhere; that it does is told."""
    trail = signed_archive(tmp_path)
    trail.digests[0].unlink()
    (span,) = looked_through(trail)
    assert (span.whole, span.gaps) == (False, ())


def test_a_chain_that_was_started_anew_has_a_gap(tmp_path: Path) -> None:
    """Nobody signed what was delivered between."""
    trail = Trail(tmp_path).hours(2)
    trail.restart()
    trail.hours(1, start=START + 5 * HOUR)
    (span,) = looked_through(trail)
    (gap,) = span.gaps
    assert (gap.start, gap.end, gap.missing) == (START + 2 * HOUR, START + 5 * HOUR, None)


def test_a_chain_started_anew_at_once_leaves_no_time(tmp_path: Path) -> None:
    """Validation was switched off and on within the hour."""
    trail = Trail(tmp_path).hours(2)
    trail.restart()
    trail.hours(1, start=START + 2 * HOUR)
    assert looked_through(trail)[0].gaps == ()


def test_late_digests_are_a_chain_of_their_own(tmp_path: Path) -> None:
    """They are made where log files came too late for another, and leave no gaps."""
    trail = signed_archive(tmp_path)
    trail.restart()
    trail.hour(START, [], suffix="_backfill")
    trail.restart()
    trail.hour(START + 2 * HOUR, [], suffix="_backfill")
    usual, late = looked_through(trail)
    assert (usual.digests, usual.chain.backfill, usual.gaps) == (3, False, ())
    assert (late.digests, late.chain.backfill, late.gaps) == (2, True, ())


def test_a_damaged_digest_is_not_missing(tmp_path: Path) -> None:
    """It is there; that it is invalid is told elsewhere."""
    trail = signed_archive(tmp_path)
    assert looked_through(trail, trail.digests[1])[0].gaps == ()


def test_each_trail_and_region_has_a_chain(tmp_path: Path) -> None:
    """In the order of their names."""
    for region in ("us-east-1", "eu-west-1"):
        for name in ("main", "other"):
            signed_archive(tmp_path, region=region, name=name)
    digests = read_digests(sorted(tmp_path.rglob("*Digest*.gz")))
    found = spans(judge(digests, PublicKeys(), {}), [])
    assert [(span.chain.region, span.chain.trail, span.digests) for span in found] == [
        ("eu-west-1", "main", 3),
        ("eu-west-1", "other", 3),
        ("us-east-1", "main", 3),
        ("us-east-1", "other", 3),
    ]


def coverage_of(trail: Trail) -> Coverage:
    here = [path for path in trail.digests if path.exists()]
    return Coverage(judge(read_digests(here), PublicKeys(), {}))


def file_of(folder: Path, minute: str, *, account: str = ACCOUNT) -> LogFile:
    day = folder / "AWSLogs" / account / "CloudTrail" / "us-east-1" / "2026" / "06" / "01"
    return LogFile(str(day / file_name(minute).replace(ACCOUNT, account)), 1, 1)


@pytest.mark.parametrize(
    ("minute", "outcome", "reason"),
    [
        ("20260601T0755Z", "uncovered", "before the first digest, which starts at 2026-06-01T08"),
        ("20260601T0800Z", "foreign", "digests cover the time"),
        ("20260601T0900Z", "foreign", "digests cover the time"),
        ("20260601T1040Z", "foreign", "digests cover the time"),
        # It may have been delivered just after the digest.
        (
            "20260601T1050Z",
            "uncovered",
            "after the last digest, which ends at 2026-06-01T11:00:00Z",
        ),
        ("20260601T1200Z", "uncovered", "after the last digest"),
    ],
)
def test_a_file_that_no_digest_names_is_foreign_where_one_should(
    tmp_path: Path, minute: str, outcome: str, reason: str
) -> None:
    """Before, after and between the digests nothing can be said of it."""
    told = coverage_of(signed_archive(tmp_path)).unnamed(file_of(tmp_path, minute))
    assert told[0] == outcome
    assert reason in told[1]


def test_a_file_in_a_gap_is_not_covered(tmp_path: Path) -> None:
    """The digest that is missing may have named it."""
    trail = signed_archive(tmp_path, hours=4)
    trail.digests[1].unlink()
    told = coverage_of(trail).unnamed(file_of(tmp_path, "20260601T0930Z"))
    assert told == ("uncovered", "delivered in a time that no valid digest covers")


def test_an_invalid_digest_covers_nothing(tmp_path: Path) -> None:
    """Whoever changed it may have taken the name out."""
    trail = signed_archive(tmp_path, hours=4)
    edit(trail.digests[1], '"logFiles":[{', '"logFiles":[ {')
    told = coverage_of(trail).unnamed(file_of(tmp_path, "20260601T0930Z"))
    assert told == ("uncovered", "delivered in a time that no valid digest covers")


def test_linked_digests_leave_no_time_between(tmp_path: Path) -> None:
    """Though their times do: the later says that the earlier was the one before it."""
    trail = Trail(tmp_path).hours(1)
    trail.hours(1, start=START + 3 * HOUR)
    told = coverage_of(trail).unnamed(file_of(tmp_path, "20260601T1000Z"))
    assert told[0] == "foreign"


def test_another_trails_folder_is_not_covered(tmp_path: Path) -> None:
    """A trail without digests may deliver to another bucket or prefix."""
    coverage = coverage_of(signed_archive(tmp_path / "one"))
    for file in (
        file_of(tmp_path / "two", "20260601T0900Z"),
        file_of(tmp_path / "one", "20260601T0900Z", account="222233334444"),
    ):
        told = coverage.unnamed(file)
        assert told == ("uncovered", "there is no digest of its account, region and folder")


def test_digests_and_logs_may_lie_in_one_folder(tmp_path: Path) -> None:
    """As in a copy without CloudTrail's folders."""
    trail = signed_archive(tmp_path / "archive")
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in trail.digests:
        (flat / path.name).write_bytes(path.read_bytes())
    coverage = Coverage(judge(read_digests([flat]), PublicKeys(), {}))
    file = LogFile(str(flat / file_name("20260601T0900Z")), 1, 1)
    assert coverage.unnamed(file)[0] == "foreign"


def test_other_names_are_foreign_and_insights_are_not(tmp_path: Path) -> None:
    """CloudTrail gives no log file another name; AWS does not say that digests name Insights."""
    coverage = coverage_of(signed_archive(tmp_path))
    assert coverage.unnamed(LogFile(str(tmp_path / "a.json"), 1, 1))[0] == "foreign"
    insight = tmp_path / "CloudTrail-Insight" / "us-east-1" / "a.json.gz"
    assert coverage.unnamed(LogFile(str(insight), 1, 1))[0] == "uncovered"


def test_a_late_digest_adds_no_time(tmp_path: Path) -> None:
    """It names what another left out, and not all that was delivered."""
    trail = Trail(tmp_path)
    trail.hour(START, [], suffix="_backfill")
    told = coverage_of(trail).unnamed(file_of(tmp_path, "20260601T0830Z"))
    assert told == ("uncovered", "there is no digest of its account, region and folder")


def test_a_chain_of_minutes_is_told_in_order(tmp_path: Path) -> None:
    """Digests that overlap, as AWS never makes them, give no negative time."""
    trail = Trail(tmp_path).hours(2)
    gone = trail.digests[1]
    trail.hour(START + timedelta(minutes=30), [])
    gone.unlink()
    (gap,) = looked_through(trail)[0].gaps
    assert gap.start <= gap.end
