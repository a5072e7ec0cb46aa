"""One denial told in full."""

from __future__ import annotations

from collections.abc import Callable

from cloudtrail_mfa import Lake
from cloudtrail_mfa.attribution.explanation import Explanation
from tests.records import MFA_FORCED, denied, refusal

MESSAGE = refusal(
    "s3:ListAllMyBuckets", why=f"with an explicit deny in an identity-based policy: {MFA_FORCED}"
)


def test_it_leads_from_the_error_to_the_answer(lake_of: Callable[..., Lake]) -> None:
    """Who, what, why, how sure, what speaks against it, and the command to type."""
    (told,) = lake_of(denied(event_id="12345678-x", message=MESSAGE)).explain("12345678-x")
    text = " ".join(str(told).split())
    for part in (
        "s3.amazonaws.com refused ListBuckets to alice",
        "time 2026-06-01 09:00:00 UTC",
        "credential long_term_key AKIAIOSFODNN7ALICE00",
        "MFA absent",
        "cause long_term_key:",
        "certainty inferred:",
        "with MFA not known whether it would have passed",
        "evidence For: AWS's message says",
        "Against: the message does not tell the policy's text",
        "remedy Sign with a temporary session",
        "aws sts get-session-token",
    ):
        assert part in text


def test_what_is_missing_is_said(lake_of: Callable[..., Lake]) -> None:
    """A record with next to nothing in it can be told too."""
    record = {"eventID": "12345678-x", "errorCode": "AccessDenied", "eventName": "x"}
    (told,) = lake_of(record).explain("12345678-x")
    assert "not known refused x to not known" in str(told)
    assert "no message" in str(told)
    assert "None" not in str(told)
    assert "<NA>" not in str(told)


def test_of_what_is_inferred_it_says_how_often_that_is_right(lake_of: Callable[..., Lake]) -> None:
    """As the scorecard of made-up denials has it; of what is sure it says nothing of the kind."""
    why = "because no identity-based policy allows the s3:ListAllMyBuckets action"
    lake = lake_of(
        denied(event_id="inferred-1", message=refusal("s3:ListAllMyBuckets", why=why)),
        denied(event_id="unknown-01"),
    )
    (inferred,) = lake.explain("inferred-1")
    assert "inferred: a pattern speaks for it; right in 8 of 10 made-up denials" in str(inferred)
    assert "made-up" not in str(lake.explain("unknown-01")[0])


def test_what_is_empty_is_said(lake_of: Callable[..., Lake]) -> None:
    """An id may be, and so may an agent's name; full stops are not taken for nothing."""
    rows = lake_of(denied(eventID="", userAgent=" . ")).denials()
    lines = str(Explanation(rows.iloc[0])).splitlines()
    assert "event       (empty)" in lines
    assert "from        198.51.100.23,  ." in lines
