"""A whole organization: every cause told right with full evidence, and no more than it carries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from cloudtrail_mfa import Evidence, Lake
from cloudtrail_mfa.attribution.causes import CauseName
from cloudtrail_mfa.iam.evaluate import evaluate
from tests.attribution import organization as org
from tests.attribution.organization_calls import PASSED, REFUSED, Refused
from tests.records import file_name, write_log

Claim = tuple[str, str, bool | None]

PROVEN = [refused for refused in REFUSED if refused.claim[1] == "proven"]


def names(refused: Refused) -> str:
    return refused.name


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake of all the calls."""
    folder = tmp_path_factory.mktemp("organization")
    records = [*PASSED, *(refused.record for refused in REFUSED)]
    found = Lake(folder / "lake")
    assert found.ingest(write_log(folder / "logs" / file_name(), records)).complete
    return found


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Return everything that there is to know."""
    return Evidence.load(org.write(tmp_path_factory.mktemp("evidence")))


@pytest.fixture(scope="module")
def claims(lake: Lake, full: Evidence) -> Mapping[str, Claim]:
    """Return what is claimed of each refusal with full evidence."""
    return claimed(lake, full)


def claimed(lake: Lake, evidence: Evidence) -> dict[str, Claim]:
    rows = lake.denials(evidence=evidence).set_index("event_id")
    cells = rows[["cause", "certainty", "mfa_would_allow"]].astype(object)
    known = {refused.event_id: refused.name for refused in REFUSED}
    return {
        known[str(event_id)]: (cause, certainty, None if pd.isna(allowed) else bool(allowed))
        for event_id, cause, certainty, allowed in cells.itertuples(name=None)
    }


def test_the_organization_is_large_enough() -> None:
    """Its people, roles, refusals and causes: a change must not thin it out."""
    assert len(org.USERS) >= 15
    assert len(org.ROLES) >= 8
    assert len(REFUSED) >= 70
    assert len({refused.name for refused in REFUSED}) == len(REFUSED)
    assert {refused.claim[0] for refused in REFUSED} == set(get_args(CauseName))
    assert all(refused.reason.endswith(".") for refused in REFUSED)


def test_full_evidence_has_no_gaps(full: Evidence) -> None:
    """What is said to be known is known."""
    assert full.gaps == ()


def test_each_refusal_is_one_denial(claims: Mapping[str, Claim]) -> None:
    """Nothing is lost, and the calls that passed are none."""
    assert set(claims) == {refused.name for refused in REFUSED}


@pytest.mark.parametrize("refused", REFUSED, ids=names)
def test_what_full_evidence_tells(refused: Refused, claims: Mapping[str, Claim]) -> None:
    """Cause, certainty and what MFA would do are as AWS's rules have it."""
    assert claims[refused.name] == refused.claim, refused.reason


@pytest.mark.parametrize("piece", org.pieces())
def test_what_is_withheld_is_not_guessed(
    piece: org.Piece, lake: Lake, claims: Mapping[str, Claim], tmp_path: Path
) -> None:
    """Without a piece no proof turns, none is left that needs it, and nothing else is settled."""
    less = claimed(lake, Evidence.load(org.write(tmp_path / "evidence", without=piece)))
    proven = [r.name for r in REFUSED if less[r.name][1] == "proven"]
    turned = {name: less[name] for name in proven if less[name] != claims[name]}
    assert turned == {}
    assert [r.name for r in REFUSED if piece in r.needs and r.name in proven] == []
    for name, (cause, certainty, allowed) in less.items():
        settled = certainty == "proven" or cause == "not_authorization"
        # What was tried with MFA, too, is settled without policies; and as they would settle it.
        assert allowed is None or settled or (allowed, claims[name][2]) == (False, False), name


def test_every_piece_is_needed() -> None:
    """A user, role or policy that no claim hangs on would test nothing."""
    needed: set[org.Piece] = set().union(*(refused.needs for refused in REFUSED))
    assert sorted(set(org.pieces()) - needed) == []


@pytest.mark.parametrize("refused", PROVEN, ids=names)
def test_what_mfa_would_do(refused: Refused, full: Evidence) -> None:
    """The same call in a session that has just passed MFA, given to the policies directly."""
    again = refused.with_mfa()
    account = full.accounts[again.record["userIdentity"]["accountId"]]
    endpoint = None if "vpcEndpointId" in again.record else ()
    asked = again.request()
    owner = full.accounts.get(asked.resource_account or "")
    policies = account.binding(asked, session=(), vpc_endpoint=endpoint, owner=owner)
    assert evaluate(asked, policies).allowed is refused.claim[2]
