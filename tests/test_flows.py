"""The way from key to calls, drawn: who opened what, with MFA or without, and what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake, MissingPackageError, draw_path
from cloudtrail_mfa.figures import png
from tests import records
from tests.records import Record, call, denied, issued

LakeOf = Callable[..., Lake]
KEY, SESSION, PLAIN = "AKIAIOSFODNN7ALICE00", "ASIAIOSFODNN7ALICE01", "ASIAIOSFODNN7ALICE02"


def opened(key: str, *, mfa: bool, time: str) -> Record:
    device = {"serialNumber": "arn:aws:iam::111122223333:mfa/alice"}
    request = device if mfa else {"durationSeconds": 900}
    return issued("GetSessionToken", key, by=records.user(), request=request, time=time)


def afternoon() -> list[Record]:
    """Return calls refused to a key, two sessions, and what was called with each."""
    with_mfa = records.session(key=SESSION, mfa=True)
    without = records.session(key=PLAIN, mfa=False)
    return [
        denied(time="2026-06-01T09:00:00Z"),
        denied(time="2026-06-01T09:05:00Z"),
        call("GetCallerIdentity", "sts", time="2026-06-01T09:06:00Z"),
        opened(PLAIN, mfa=False, time="2026-06-01T09:10:00Z"),
        denied(by=without, time="2026-06-01T09:11:00Z"),
        opened(SESSION, mfa=True, time="2026-06-01T09:20:00Z"),
        call(by=with_mfa, time="2026-06-01T09:21:00Z"),
    ]


def drawn(lake: Lake, **how: Any) -> list[str]:
    """Return the texts of the figure, from above."""
    whose = {"principal": "alice"}
    figure = draw_path(lake.requests(**whose), lake.sessions(**whose), **how)
    assert png(figure).startswith(b"\x89PNG")
    (axes,) = figure.axes
    texts = sorted(axes.texts, key=lambda text: -text.get_position()[1])
    return [text.get_text() for text in texts if text.get_text()]


def test_calls_are_told_by_key_action_and_outcome(lake_of: LakeOf) -> None:
    """With counts and times; a request for a session is a way, and no call."""
    texts = drawn(lake_of(*afternoon()))
    assert f"long-term key\n{KEY}" in texts
    for told in (
        "2 × s3:ListAllMyBuckets refused, 09:00–09:05",
        "1 × other services passed, 09:06",
        "1 × s3:ListAllMyBuckets refused, 09:11",
        "1 × s3:ListAllMyBuckets passed, 09:21",
        "times in UTC, 2026-06-01",
    ):
        assert told in texts
    assert not any("sts:GetSessionToken" in text for text in texts)


def test_openings_say_whether_with_mfa(lake_of: LakeOf) -> None:
    """In the order of time, below the key that opened them."""
    texts = drawn(lake_of(*afternoon()))
    ways = [text for text in texts if text.startswith("GetSessionToken")]
    assert ways == ["GetSessionToken without MFA, 09:10:00", "GetSessionToken with MFA, 09:20:00"]
    boxes = [text.partition("\n")[2] for text in texts if "\n" in text]
    assert boxes == [KEY, PLAIN, SESSION]


def test_a_session_without_its_issue_says_so(lake_of: LakeOf) -> None:
    """As where logs begin later."""
    texts = drawn(lake_of(call(by=records.session(key=SESSION, mfa=True))))
    assert "opened, by whom is not recorded, with MFA, 09:00:00" in texts


def test_of_many_keys_those_with_denials_are_drawn(lake_of: LakeOf) -> None:
    """And the figure says how many are not."""
    calls = [call(by=records.session(key=f"ASIAIOSFODNN7MANY{n:03}", mfa=True)) for n in range(20)]
    texts = drawn(lake_of(*calls, denied()))
    assert sum("\n" in text for text in texts) == 12
    assert f"long-term key\n{KEY}" in texts
    assert any(text.endswith("; 9 more keys are not shown") for text in texts)


def test_of_many_kinds_of_calls_the_rest_is_counted(lake_of: LakeOf) -> None:
    """So that a key takes no more room than it deserves."""
    names = ("GetObject", "PutObject", "DeleteObject", "ListObjects", "GetBucketAcl", "ListBuckets")
    calls = [call(name, time=f"2026-06-01T09:0{n}:00Z") for n, name in enumerate(names)]
    texts = drawn(lake_of(*calls, denied("GetBucketPolicy", time="2026-06-01T09:09:00Z")))
    assert "2 × 2 other kinds of calls" in texts


def test_another_service_may_be_the_end(lake_of: LakeOf) -> None:
    """Whatever the question is about."""
    texts = drawn(lake_of(*afternoon()), service="sts")
    assert "1 × sts:GetCallerIdentity passed, 09:06" in texts
    assert "2 × other services refused, 09:00–09:05" in texts


def test_no_calls_are_an_empty_figure(lake_of: LakeOf) -> None:
    """And calls without a time have their place."""
    assert drawn(lake_of()) == ["times in UTC"]
    assert any("at no known time" in text for text in drawn(lake_of(denied(time="soon"))))


def test_names_from_logs_are_text(lake_of: LakeOf) -> None:
    """No formula, and no line of its own."""
    name = "$\\frac{1}{0}$\nx" * 9
    texts = drawn(lake_of(denied(name)))
    assert all(text.count("\n") <= 1 for text in texts)


def test_without_matplotlib_the_way_to_have_it_is_told(
    lake_of: LakeOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence."""
    lake = lake_of(*afternoon())
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'cloudtrail-mfa\[notebook\]'"):
        draw_path(lake.requests(), lake.sessions())
