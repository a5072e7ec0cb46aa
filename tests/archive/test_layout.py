"""Layout: what the paths of CloudTrail's files and folders tell."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.archive.layout import delivery, divides, is_folder, other_kind, outside, root
from cloudtrail_mfa.scope import Scope
from tests.records import file_name

TRAIL = "s3://example-trail/prefix/AWSLogs/o-exampleorg1/111122223333/CloudTrail/us-east-1/"
JUNE = Scope.parse(since="2026-06-10", until="2026-06-11")


def test_a_delivered_file_tells_account_minute_and_region() -> None:
    """Whatever its folder is called."""
    assert delivery(f"/logs/{file_name()}") == ("111122223333", "20260601T0905", "us-east-1")


@pytest.mark.parametrize("name", ["events.json", file_name("20261301T0905Z")])
def test_another_name_tells_nothing(name: str) -> None:
    """Nor one that looks alike but holds no time."""
    assert delivery(name) == ("", "", "")


def test_other_kinds_are_known_by_folder_or_name() -> None:
    """Digests and Insights, on a disk and in a bucket."""
    assert "digest" in (other_kind(TRAIL.replace("CloudTrail/", "CloudTrail-Digest/")) or "")
    assert "Insights" in (other_kind("x_CloudTrail-Insight_us-east-1_x.json.gz") or "")
    assert other_kind(TRAIL) is None


def test_only_folders_of_buckets_end_in_a_slash() -> None:
    """Which tells them from files."""
    assert is_folder(TRAIL)
    assert not is_folder(TRAIL + file_name())


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("2025/", "before"),
        ("2026/05/", "before"),
        ("2026/06/09/", "before"),
        ("2026/06/10/", None),
        ("2026/07/12/", None),  # events of the eleventh, tried again for thirty days
        ("2026/07/13/", "more than 30 days after"),
        ("2026/08/", "more than 30 days after"),
        ("2027/", "more than 30 days after"),
        ("2026/06/", None),
        ("2026/", None),
        ("", None),
        ("2026/06/09/more/", None),
        ("2026/06/09", None),
    ],
)
def test_folders_are_left_out_by_their_date(folder: str, why: str | None) -> None:
    """It is the day of delivery: events come late, but never early."""
    found = outside(TRAIL + folder, JUNE)
    assert found is None if why is None else why in (found or "")


@pytest.mark.parametrize(
    ("scope", "why"),
    [
        (Scope(accounts=("999999999999",)), "of another account, by its name"),
        (Scope(regions=("eu-west-1",)), "of another region, by its name"),
        (Scope(accounts=("111122223333",), regions=("us-east-1",)), None),
        (Scope.parse(since="0001-01-01", until="9999-12-31"), None),
    ],
)
def test_files_and_folders_are_left_out_by_account_and_region(
    scope: Scope, why: str | None
) -> None:
    """Both carry them in their names."""
    for path in (TRAIL, f"{TRAIL}2026/06/01/", f"/anywhere/{file_name()}"):
        assert outside(path, scope) == why


def test_files_are_left_out_by_the_minute_of_their_delivery() -> None:
    """The last minute counts; how late events come cannot be told of a file on a disk."""
    for moment in ("2026-06-01T09:05:30Z", "2026-06-01T09:05:00.5Z"):
        since = Scope.parse(since=moment)
        assert outside(file_name("20260601T0905Z"), since) is None
        assert "before" in (outside(file_name("20260601T0904Z"), since) or "")
    assert outside(file_name("20270101T0000Z"), JUNE) is None


@pytest.mark.parametrize(
    ("folder", "scope", "expected"),
    [
        ("s3://b/AWSLogs/", Scope(), True),
        ("s3://b/AWSLogs/o-exampleorg1/", Scope(), True),
        ("s3://b/AWSLogs/111122223333/", Scope(), True),
        ("s3://b/AWSLogs/111122223333/CloudTrail/", Scope(), True),
        ("s3://b/AWSLogs/111122223333/Config/", JUNE, False),
        ("s3://b/elsewhere/", JUNE, False),
        (TRAIL, Scope(), False),
        (TRAIL, Scope(accounts=("111122223333",)), False),
        (TRAIL, JUNE, True),
        (f"{TRAIL}2026/", JUNE, True),
        (f"{TRAIL}2026/06/", JUNE, True),
        (f"{TRAIL}2026/06/10/", JUNE, False),
        (f"{TRAIL}2026/", Scope.parse(since="2025-03-01"), False),
        (f"{TRAIL}2026/", Scope.parse(until="2028-03-01"), False),
    ],
)
def test_only_what_may_be_left_out_in_part_is_looked_into(
    folder: str, scope: Scope, expected: bool
) -> None:
    """A month that is wholly inside is listed at once: its days would cost a request each."""
    assert divides(folder, scope) is expected


@pytest.mark.parametrize(
    "where", ["s3://trail/audit/AWSLogs", "/logs/AWSLogs/o-a1b2c3d4e5", "logs"]
)
@pytest.mark.parametrize(
    "below",
    [
        "111122223333/CloudTrail/us-east-1/2026/06/01",
        "111122223333/CloudTrail-Digest/us-east-1/2026/06/01",
        "us-east-1/2026/06/01",
        "",
    ],
    ids=["log", "digest", "by region", "flat"],
)
def test_a_trail_has_one_root(where: str, below: str) -> None:
    """Whatever of CloudTrail's folders was kept below it."""
    assert root("/".join([where, *([below] if below else []), "file.json.gz"])) == where
