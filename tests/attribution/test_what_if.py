"""A change of policies, looked at from both sides."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from cloudtrail_mfa import Evidence, Lake, WhatIf
from cloudtrail_mfa.attribution.exposure import EXPOSURE_COLUMNS
from cloudtrail_mfa.attribution.replay import CHANGES
from cloudtrail_mfa.attribution.what_if import CALL_COLUMNS, SUMMARY_COLUMNS, compare
from cloudtrail_mfa.demo import sample_change, sample_evidence, sample_logs
from cloudtrail_mfa.iam import Policy
from cloudtrail_mfa.iam.change import Change

Compare = Callable[[Change], WhatIf]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compare:
    """Return a function that compares the samples with the samples after a change."""
    lake = Lake(tmp_path_factory.mktemp("samples") / "lake")
    lake.ingest(sample_logs())
    known = Evidence.load(sample_evidence()).accounts
    rows = lake.requests()
    return lambda change: compare(rows, known, change.applied(known))


@pytest.fixture(scope="module")
def loosened(compared: Compare) -> WhatIf:
    """Return the change from BoolIfExists to Bool."""
    new = Policy.parse(sample_change().read_bytes())
    return compared(Change(replace={"MFA_Forced": new}))


def test_both_halves_of_bool(loosened: WhatIf) -> None:
    """Alice's errors end, and her key, bob's and carol's are open: that is the same change."""
    changed = loosened.calls[loosened.calls["change"] == "newly_allowed"]
    assert changed["principal_name"].tolist() == ["alice"] * 3
    assert set(changed["credential_kind"]) == {"long_term_key"}
    assert set(loosened.exposure["principal_name"]) == {"alice", "bob", "carol"}
    assert set(loosened.exposure["credential"]) == {"long_term_key"}
    told = str(loosened)
    assert "3 newly allowed, 0 newly denied" in told
    assert "long_term_key of alice, bob, carol" in told
    assert "A long-term key that leaks gets in so" in told


def test_what_protects_no_worse_is_said_so(compared: Compare) -> None:
    """A change that exposes nothing, and touches one role."""
    told = str(compared(Change(remove=("Deploy/access",))))
    assert told.startswith("The change touches role/Deploy.")
    assert told.endswith("No action of a user loses its protection by MFA.")
    assert "keep the protection" not in told


def test_who_is_newly_denied_is_named(compared: Compare) -> None:
    """With the calls and what they give."""
    told = compared(Change(remove=("web-server/access",)))
    assert "newly denied: web-server, workload_role: " in str(told)
    assert set(told.summary["change"]) >= {"newly_denied", "unchanged"}


def test_counts_add_up(loosened: WhatIf) -> None:
    """Every call is in one line of the summary, what changes first."""
    assert loosened.summary["calls"].sum() == len(loosened.calls)
    assert loosened.summary["change"].cat.codes.is_monotonic_increasing
    assert loosened.summary["change"].cat.categories.tolist() == list(CHANGES)
    assert set(loosened.summary["event_id"]) <= set(loosened.calls["event_id"])


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("calls", CALL_COLUMNS),
        ("summary", SUMMARY_COLUMNS),
        ("exposure", EXPOSURE_COLUMNS),
    ],
)
def test_the_columns_are_those_that_are_explained(
    loosened: WhatIf, name: str, columns: dict[str, str]
) -> None:
    """Names and order."""
    rows = loosened.rows(name)
    assert isinstance(rows, pd.DataFrame)
    assert list(rows.columns) == list(columns)


def test_what_is_touched_is_named(compared: Compare) -> None:
    """Users and roles, resources, the organization's policies."""
    bucket = "arn:aws:s3:::example-reports"
    policy = Policy.parse(sample_change().read_bytes())
    assert compared(Change(add={"rcp": policy})).bound == ("rcp",)
    assert compared(Change(add={bucket: policy})).bound == (bucket,)
    assert compared(Change(remove=("OnlyUsEast1",))).bound == ("scp",)


def test_long_lists_are_cut(compared: Compare) -> None:
    """A line is to be read."""
    told = str(compared(Change(remove=("MFA_Forced",))))
    (line,) = {line for line in told.splitlines() if line.startswith("    never called: ")}
    assert line.count(",") == 4
    assert line.endswith(" more")
