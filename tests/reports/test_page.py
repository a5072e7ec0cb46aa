"""The page: all of it in one file, and what came out of a log is text."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cloudtrail_mfa import CAUSES, CERTAINTIES, Evidence, Lake
from cloudtrail_mfa.attribution.causes import VERDICT_COLUMNS
from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.page import page
from tests.hostile import TRICKS
from tests.records import call, denied, role, user
from tests.reports.rows import lake_of, told

# What a terminal or an editor may obey; a page has line ends of its own.
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
NAMES = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "javascript:alert(1)",
    "{{ contents }}{% raw %}",
    "\x1b[31mred\x1b[0m\u202egpj",
    "x" * 5000,
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the page of calls whose every text tries something."""
    records = []
    for name in NAMES:
        fields = {"userAgent": name, "sourceIPAddress": name, "awsRegion": name}
        records += [
            denied(by=user(name), message=name, **fields),
            denied(name, by=role(name, name), event_id=name, **fields),
            call(by=user(name), **fields),
        ]
    return page(told(lake_of(tmp_path_factory.mktemp("hostile"), *records)))


def text_of(markup: str) -> str:
    """Return what a reader sees of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def test_every_part_is_there(proven: Contents) -> None:
    """Each with what it tells."""
    text = text_of(page(proven))
    for told_so in (
        "3 of the people were refused for want of MFA, in 8 calls: 7 proven and 1 inferred.",
        "2 of 476 records came more than once.",
        "1 0 0 0 No data events are recorded: that there are no denials of GetObject,",
        "Causes over time",
        "dave@example.com",
        "aws sts get-session-token --serial-number arn:aws:iam::111122223333:mfa/alice-phone",
        "For: evaluated with MFA just passed, the policies allow the call.",
        "Long-term keys to retire",
        "no condition on aws:ViaAWSService",
        "No action of a user loses its protection by MFA.",
        VERDICT_COLUMNS["mfa_would_allow"][1],
        "none: the whole lake",
    ):
        assert told_so in text
    for cause in set(proven.groups["cause"]):
        assert CAUSES[cause].meaning in text
    assert all(meaning in text for meaning in CERTAINTIES.values())


def test_every_number_leads_to_event_ids(proven: Contents) -> None:
    """Each link of the page has its place; each denial that is listed is there with its id."""
    markup = page(proven)
    places = re.findall(r'\bid="([^"]*)"', markup)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]*)"', markup)) <= set(places)
    for group in proven.groups["group"]:
        assert f'href="#g{group}"' in markup
    people = proven.groups[proven.groups["caller"] != "service"]["group"]
    ids = proven.denials[proven.denials["group"].isin(people)]["event_id"]
    assert [event_id for event_id in ids if event_id not in markup] == []


def test_nothing_is_asked_of_a_network(proven: Contents) -> None:
    """No script, no other file; the only links lead to AWS's documentation, by a reader's hand."""
    markup = page(proven)
    assert "<script" not in markup
    assert re.findall(r"\bsrc=|\bon\w+=|@import|url\(", markup) == []
    links = set(re.findall(r'href="([^#][^"]*)"', markup)) - {"data:,"}
    assert links
    assert all(link.startswith("https://docs.aws.amazon.com/") for link in links)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in markup


def test_what_came_out_of_a_log_is_text(hostile: str) -> None:
    """No markup, no link, no control character, no template; long names are cut, and that is told."""
    assert "<script" not in hostile
    assert "<img" not in hostile
    assert 'href="javascript' not in hostile
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in hostile
    assert "{{ contents }}" in hostile
    assert OBEYED.search(hostile) is None
    assert "\\x1b[31mred" in hostile
    assert "x" * 2001 not in hostile
    assert "… (5,000 characters)" in hostile


@pytest.mark.parametrize("trick", ["half", "nothing", "rich", "format", "mark"])
def test_tricks_are_text_in_a_name(tmp_path: Path, trick: str) -> None:
    """They can be written, too: half a character is no UTF-8."""
    record = denied(userAgent="TRICK")
    lake = lake_of(tmp_path, record)
    contents = told(lake)
    name = json.loads(TRICKS[trick])
    rows = contents.denials.assign(user_agent=pd.Series([name], dtype=object))
    markup = page(replace(contents, denials=rows))
    assert markup.encode()
    assert OBEYED.search(markup) is None


def test_an_empty_lake_has_a_page(tmp_path: Path, evidence: Evidence) -> None:
    """It says that there is nothing, with evidence, too."""
    lake = Lake(tmp_path / "lake")
    for contents in (told(lake), told(lake, evidence)):
        text = text_of(page(contents))
        assert "No event is recorded here: there is nothing to tell." in text
        assert "Nobody was refused anything that was asked for." in text
        assert "There is no story to tell." in text


def test_a_lake_without_denials_has_a_page(tmp_path: Path) -> None:
    """What is recorded and the keys are told all the same."""
    text = text_of(page(told(lake_of(tmp_path, call(), call()))))
    assert "Of 2 recorded events, none that was asked for is a call refused" in text
    assert "AKIAIOSFODNN7ALICE00" in text
    assert "take the place of 1 long-term key in use." in text


def test_limits_are_told(tmp_path: Path) -> None:
    """With the command that tells the rest."""
    records = [
        *(denied(by=user(f"user-{n:03}", f"AKIAIOSFODNN7U{n:06}")) for n in range(210)),
        *(denied(by=user("often")) for n in range(120)),
    ]
    text = text_of(page(told(lake_of(tmp_path, *records))))
    for told_so in (
        "11 more rows are not listed here: cloudtrail-mfa summary --lake DIR",
        "199 more principals are in the table above, and not told here: 12 are at most",
        "11 more keys are not listed here: cloudtrail-mfa credentials --lake DIR",
        "20 more denials are not listed here: cloudtrail-mfa denials --lake DIR --format csv",
    ):
        assert told_so in text


def test_filters_are_told(lake: Lake) -> None:
    """At the beginning and with the method."""
    text = text_of(page(told(lake, principal="ali*", region=["us-east-1", "eu-west-1"])))
    assert text.count("region us-east-1, eu-west-1 ; principal ali*") == 2
    assert "Of the whole lake, whatever was asked for" in text


def test_without_evidence_no_policy_is_spoken_of(contents: Contents) -> None:
    """What could be had with it is said."""
    text = text_of(page(contents))
    assert "No export of IAM's configuration was at hand ( --evidence DIR )" in text
    assert "The recommended change" not in text


def test_nothing_to_recommend_is_said(proven: Contents) -> None:
    """It is an answer, too; and what the evidence lacks is told."""
    nothing = replace(
        proven,
        findings=proven.findings.head(0),
        mended=proven.mended.head(0),
        change=None,
        gaps=("scp: no such folder.",),
    )
    text = text_of(page(nothing))
    assert "There is nothing to recommend" in text
    assert "None of those that are known is in the policies" in text
    assert "scp: no such folder." in text
