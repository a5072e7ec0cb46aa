"""What a report tells: asked of the lake once, and agreeing with itself."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cloudtrail_mfa import Lake
from cloudtrail_mfa.reports.contents import MOST_STORIES, Contents
from tests.records import ACCOUNT, denied, role, service, user
from tests.reports.rows import MADE, lake_of, told


def test_each_denial_is_counted_by_one_row(contents: Contents, proven: Contents) -> None:
    """So that every number leads to the events behind it."""
    for each in (contents, proven):
        counts = each.denials.groupby("group").size()
        assert counts.tolist() == each.groups["denials"].tolist()
        keys = ["principal_name", "credential_kind", "cause"]
        joined = each.denials.merge(each.groups, on="group", suffixes=("", "_of_group"))
        for key in keys:
            pairs = joined[[key, f"{key}_of_group"]].astype("str")
            assert pairs[key].equals(pairs[f"{key}_of_group"])


def test_people_come_first_and_those_whom_mfa_would_help_before_others(tmp_path: Path) -> None:
    """However often others were refused."""
    message = "User: x is not authorized to perform: s3:X because no identity-based policy allows"
    records = [
        *(denied(by=service()) for _ in range(9)),
        *(denied("GetUser", "iam", by=user("bob", "AKIAIOSFODNN7BOB0000")) for _ in range(3)),
        denied(by=role("web", "i-0123456789abcdef0", ec2RoleDelivery="2.0"), message=message),
    ]
    people = told(lake_of(tmp_path, *records)).people
    assert people["caller"].tolist() == ["person", "workload", "service"]
    assert people["denials"].tolist() == [3, 1, 9]
    assert people["told"].tolist() == [True, True, False]


def test_those_for_want_of_mfa_are_counted(contents: Contents) -> None:
    """Of each principal."""
    people = contents.people[["principal_name", "denials", "for_mfa"]].head(2)
    assert people.to_numpy().tolist() == [["alice", 2, 2], ["bob", 1, 0]]


def test_stories_are_those_of_the_principals(contents: Contents) -> None:
    """With their sessions; services have none."""
    names = contents.people["principal_name"].tolist()
    calls = contents.stories.groupby("who")["calls"].sum()
    assert {names[int(who)]: number for who, number in zip(calls.index, calls, strict=True)} == {
        "alice": 4,
        "bob": 1,
    }


def test_no_more_stories_than_a_page_holds(tmp_path: Path) -> None:
    """Those of the most important principals; who is left out is known."""
    records = [denied(by=user(f"user-{n:02}", f"AKIAIOSFODNN7USER{n:03}")) for n in range(15)]
    people = told(lake_of(tmp_path, *records)).people
    assert people["told"].tolist() == [True] * MOST_STORIES + [False] * 3


def test_a_name_that_is_a_pattern_is_not_asked_for(tmp_path: Path) -> None:
    """It would tell the story of everybody."""
    names = ["*", "al?ce", "a\u202eb", "\x00", " alice"]
    records = [denied(by=user(name)) for name in names]
    found = told(lake_of(tmp_path, *records))
    assert len(found.people) == len(names)
    assert not found.people["told"].any()
    assert found.stories.empty


def test_filters_choose_what_is_told(lake: Lake) -> None:
    """And the report knows them; an age counts back from when it was made."""
    found = told(lake, principal="ali*", since="7d", cause="long_term_key")
    assert set(found.denials["principal_name"]) <= {"alice"}
    assert found.asked == {
        "since": "2026-06-01 12:00:00 UTC",
        "principal_name": ("ali*",),
        "cause": ("long_term_key",),
    }
    assert found.made == MADE


def test_an_empty_lake_has_nothing_to_tell(tmp_path: Path) -> None:
    """No row, and no error."""
    found = told(Lake(tmp_path / "lake"))
    assert all(
        frame.empty
        for frame in (found.denials, found.groups, found.people, found.stories, found.keys)
    )
    assert found.notes == ("The lake holds no events: ingest log files first.",)


def test_accounts_are_told_apart(tmp_path: Path) -> None:
    """A user of the same name in another account is somebody else."""
    other = "444455556666"
    records = [denied(), denied(recipientAccountId=other)]
    people = told(lake_of(tmp_path, *records)).people
    assert pd.Series(people["account_id"]).tolist() == [ACCOUNT, other]
