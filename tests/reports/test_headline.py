"""The first lines: what happened, how sure that is, and what to do first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cloudtrail_mfa import Lake
from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.headline import Step, counted, headline, steps, title
from tests.records import Record, call, denied, refusal, service
from tests.reports.rows import lake_of, told


def test_who_was_refused_is_counted(proven: Contents) -> None:
    """With how sure it is that MFA was wanting."""
    assert title(proven) == "Refused AWS calls, from 2026-06-01 00:00 to 23:55 UTC"
    first, *others = headline(proven)
    assert first == (
        "313 calls were refused, from 2026-06-01 00:00 to 23:55 UTC: 13 by 6 people, 12 by 1 workload"
        " and 288 by 1 AWS service."
    )
    assert others == [
        "3 of the people were refused for want of MFA, in 8 calls: 7 proven and 1 inferred.",
        "With MFA 7 of them would have passed; of the others that is not known.",
        "Why 2 calls of people were refused cannot be told from what is known.",
    ]


def test_steps_name_whom_mfa_would_help(proven: Contents) -> None:
    """With the beginning of their remedies; what is only inferred is marked."""
    assert steps(proven) == [
        Step("Sign with a temporary session that has passed MFA, not with the key.", "alice", 0),
        Step("Open the session again, with MFA.", "bob", 1),
        Step("Open the session again, with MFA (inferred).", "carol", 2),
        Step(
            "Let sessions that have passed MFA, or roles, take the place of 2 long-term keys in use.",
            section="keys",
        ),
    ]


def test_only_services_were_refused(tmp_path: Path) -> None:
    """Then no person was, and nothing is to be done at once."""
    found = told(lake_of(tmp_path, denied(by=service()), denied(by=service())))
    assert headline(found) == [
        "2 calls were refused, at 2026-06-01 09:00 UTC: 2 by 1 AWS service.",
        "No person was refused anything.",
    ]
    assert steps(found) == []


def test_nobody_for_want_of_mfa(tmp_path: Path) -> None:
    """That is said, and how sure it is; a denial that is not settled asks for a look."""
    found = told(lake_of(tmp_path, _without_permission(), denied()))
    assert headline(found)[1:] == [
        (
            "As far as is known, no person was refused anything for want of MFA. How sure the causes"
            " of their calls are: 1 inferred."
        ),
        "Why 1 call of people was refused cannot be told from what is known.",
    ]
    assert [step.what for step in steps(found)] == [
        "Try the same call in a session that has passed MFA.",
        "Let sessions that have passed MFA, or roles, take the place of 1 long-term key in use.",
    ]


def test_of_what_is_not_known_nothing_is_claimed(tmp_path: Path) -> None:
    """Not even that MFA had no part in it."""
    found = told(lake_of(tmp_path, denied(), denied()))
    assert headline(found)[1:] == [
        "Why 2 calls of people were refused cannot be told from what is known."
    ]


def _without_permission() -> Record:
    why = "because no identity-based policy allows the s3:PutObject action"
    return denied("PutObject", message=refusal("s3:PutObject", why=why))


def test_nothing_was_refused(tmp_path: Path) -> None:
    """Calls that passed are counted; an empty lake has nothing to tell."""
    found = told(lake_of(tmp_path, call(), call()))
    assert title(found) == "Refused AWS calls: none"
    assert headline(found) == [
        "Of 2 recorded events, none that was asked for is a call refused for want of permission."
    ]
    empty = told(Lake(tmp_path / "empty"))
    assert headline(empty) == ["No event is recorded here: there is nothing to tell."]


def test_what_could_not_be_read_comes_first(tmp_path: Path) -> None:
    """Whatever else there is to do: the rest may be wrong without it."""
    (tmp_path / "bad.json").write_text("{")
    lake = lake_of(tmp_path, denied())
    lake.ingest(tmp_path / "bad.json", workers=1)
    first = steps(told(lake))[0]
    assert first.what.startswith("Read 1 log file again that could not be read")
    assert first.section == "coverage"


def test_policies_that_do_not_protect_are_to_be_mended(proven: Contents) -> None:
    """Those with an error, each counted once."""
    wrong = proven.findings.assign(severity="error")
    first = steps(replace(proven, findings=wrong))[0]
    assert first.what.startswith("Mend 1 policy whose MFA condition does not protect")
    assert first.section == "policies"


def test_times_of_another_age_are_no_span(tmp_path: Path) -> None:
    """Somebody made them up."""
    times = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-06-01T09:00:00Z"]
    found = told(lake_of(tmp_path, *(denied(time=time) for time in times)))
    assert title(found) == "Refused AWS calls, at 2026-06-01 09:00 UTC"
    other = told(lake_of(tmp_path / "other", denied(time=times[0])))
    assert title(other) == "Refused AWS calls, at no plausible time"


@pytest.mark.parametrize(
    ("number", "told_so"), [(0, "0 calls"), (1, "1 call"), (1234, "1,234 calls")]
)
def test_numbers_have_their_noun(number: int, told_so: str) -> None:
    """In the singular or the plural."""
    assert counted(number, "call") == told_so
