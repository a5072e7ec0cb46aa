"""coverage: what is recorded, and what cannot be in such logs."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_mfa import Lake
from tests.records import ACCOUNT, call, file_name, write_log

OTHER = "444455556666"
NO_DATA = "No data events are recorded: that there are no denials of GetObject, HeadObject and the like tells nothing."
NO_S3 = NO_DATA.replace("No data events are", "Of S3 no data events are")
NO_READS = (
    "Nothing that only reads is recorded, as by a trail of writes alone: refused List, Get and"
    " Describe calls are missing."
)
NO_MANAGEMENT = (
    "No management events are recorded: sign-ins, sessions and changes of policies are missing."
)

DATA: dict[str, Any] = {"eventCategory": "Data", "managementEvent": False}
GET, WRITE = call("GetObject", **DATA), call("PutBucketPolicy", readOnly=False)


def whole(lake: Lake, **filters: Any) -> dict[Any, Any]:
    """Return the row of the lake."""
    found: dict[Any, Any] = lake.coverage(**filters).iloc[0].to_dict()
    assert found["level"] == "lake"
    return found


@pytest.mark.parametrize(
    ("records", "remarks"),
    [
        ([call(), GET], []),
        ([call()], [NO_DATA]),
        ([call(), call("Invoke", "lambda", **DATA)], [NO_S3]),
        ([WRITE, call("PutObject", readOnly=False, **DATA)], [NO_READS]),
        ([GET], [NO_MANAGEMENT]),
        ([], ["No event is recorded."]),
        ([call(), GET | {"eventTime": "soon"}], ["1 events have no readable time."]),
    ],
    ids=["all", "no data", "no S3", "writes alone", "data alone", "nothing", "no time"],
)
def test_what_may_be_missing_is_said(
    lake_of: Callable[..., Lake], records: list[dict[str, Any]], remarks: list[str]
) -> None:
    """Of what no trail records there are no denials, whatever was refused."""
    assert whole(lake_of(*records))["remarks"] == remarks


def test_events_are_told_by_what_they_are_of(lake_of: Callable[..., Lake]) -> None:
    """Old records do not say their category; the operation tells."""
    old: dict[str, Any] = {"eventVersion": "1.05", "eventCategory": None, "managementEvent": None}
    endpoint: dict[str, Any] = {"eventCategory": "NetworkActivity", "managementEvent": False}
    found = whole(
        lake_of(
            GET,
            GET | {"eventID": "x"},
            call("PutObject", **old),
            call(**old),
            call(**endpoint),
            WRITE,
        )
    )
    counts = {name: found[name] for name in found if name.endswith(("events", "reads", "writes"))}
    assert counts == {
        "events": 6,
        "management_events": 2,
        "data_events": 3,
        "other_events": 1,
        "reads": 5,
        "writes": 1,
    }
    assert found["data_operations"] == ["s3:GetObject", "s3:PutObject"]


def test_spans_without_events_are_counted(lake_of: Callable[..., Lake]) -> None:
    """Longer than a day, of each account and region by itself."""
    times = ["01T00:00:00", "02T00:00:00", "03T00:00:01", "05T09:30:00"]
    lake = lake_of(GET, *(call(time=f"2026-06-{time}Z") for time in times))
    found = whole(lake)
    assert found["gaps"] == 2
    assert f"{found['longest_gap_from']:%F %T}" == "2026-06-03 00:00:01"
    assert f"{found['longest_gap_until']:%F %T}" == "2026-06-05 09:30:00"
    (remark,) = found["remarks"]
    assert remark == (
        "2 spans of more than a day without an event, the longest from 2026-06-03 00:00 to"
        " 2026-06-05 09:30 UTC."
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a lake of two accounts and of files of which some are no good."""
    logs = tmp_path / "logs"
    day = "CloudTrail/us-east-1/2026/06/01"
    here = logs / "one" / "AWSLogs" / ACCOUNT / day
    write_log(here / file_name(), [call(event_id="a"), call(event_id="b", awsRegion="eu-west-1")])
    write_log(logs / "two" / "AWSLogs" / ACCOUNT / day / file_name(), [call(event_id="a"), GET])
    there = file_name(unique="1123456789abcdef").replace(ACCOUNT, OTHER)
    write_log(logs / "one" / "AWSLogs" / OTHER / day / there, [call(recipientAccountId=OTHER)])
    (here / file_name(unique="broken0000000000")).write_bytes(gzip.compress(b"{")[:-4])
    (logs / "more.json").write_text('{"Records": [{"no": "event"}]}')
    found = Lake(tmp_path / "lake")
    found.ingest(logs)
    return found


def test_there_is_a_row_for_the_lake_each_account_and_each_region(lake: Lake) -> None:
    """The lake first, each account above its regions; what no name tells last."""
    found = lake.coverage()
    places = found[["level", "account_id", "region", "events"]].astype(object)
    assert list(places.where(places.notna(), None).itertuples(index=False, name=None)) == [
        ("lake", None, None, 4),
        ("account", ACCOUNT, None, 3),
        ("region", ACCOUNT, "eu-west-1", 1),
        ("region", ACCOUNT, "us-east-1", 2),
        ("account", OTHER, None, 1),
        ("region", OTHER, "us-east-1", 1),
        ("account", None, None, 0),
        ("region", None, None, 0),
    ]


def test_files_count_where_their_names_say(lake: Lake, tmp_path: Path) -> None:
    """What is missing of them is missing there; records that came twice are told with the places."""
    found = lake.coverage()
    columns = ["files", "rejected_files", "records", "duplicates"]
    assert [tuple(row) for row in found[columns].itertuples(index=False)] == [
        (3, 2, 5, 1),
        (2, 1, 4, 1),
        (0, 0, 0, 0),
        (2, 1, 4, 1),
        (1, 0, 1, 0),
        (1, 0, 1, 0),
        (0, 1, 0, 0),
        (0, 1, 0, 0),
    ]
    account = found.iloc[1]
    assert account["places"] == [f"{tmp_path}/logs/one/AWSLogs", f"{tmp_path}/logs/two/AWSLogs"]
    assert account["remarks"] == [
        "1 of 3 log files could not be read: what they hold is missing.",
        "1 of 4 records came more than once, from 2 places. Each counts once.",
    ]


def test_filters_choose_events_and_files_by_their_names(lake: Lake) -> None:
    """A file whose name tells nothing may hold anything."""
    found = whole(lake, account=OTHER, since="2026-06-01", until="2026-06-30", region="us-east-1")
    assert (found["events"], found["files"], found["rejected_files"]) == (1, 1, 1)
    assert whole(lake, since="2026-07-01")["events"] == 0
