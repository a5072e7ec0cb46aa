"""What a change would have done: policies in any form, and names that are checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_mfa import ChangeError, Evidence, Lake, PolicyError, ScopeError, what_if
from cloudtrail_mfa.demo import sample_change, sample_evidence
from cloudtrail_mfa.foresight import policy_files
from cloudtrail_mfa.iam import Policy
from tests.records import MFA_FORCED, denied, user


@pytest.fixture
def lake(lake_of: Callable[..., Lake]) -> Lake:
    """Return a lake of one call of alice's and one of bob's, both refused."""
    return lake_of(
        denied("GetUser", "ec2", by=user(), event_id="1"), denied(by=user("bob"), event_id="2")
    )


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence.load(sample_evidence())


@pytest.mark.parametrize("name", ["MFA_Forced", MFA_FORCED])
@pytest.mark.parametrize("form", [str, bytes, Policy])
def test_a_policy_in_any_form(lake: Lake, evidence: Evidence, name: str, form: Any) -> None:
    """Text, bytes or understood already; named by name or ARN."""
    text = sample_change().read_text()
    new: Any = {str: text, bytes: text.encode(), Policy: Policy.parse(text)}[form]
    told = what_if(lake, evidence, {name: new})
    assert len(told.calls) == 2
    assert set(told.exposure["principal_name"]) == {"alice", "bob", "carol"}


def test_policies_are_added_and_removed(lake: Lake, evidence: Evidence) -> None:
    """Both are changes."""
    text = sample_change().read_text()
    assert what_if(lake, evidence, add={"alice": text}).bound == (
        "arn:aws:iam::111122223333:user/alice",
    )
    assert len(what_if(lake, evidence, remove=["MFA_Forced"]).bound) == 3


def test_filters_say_which_calls(lake: Lake, evidence: Evidence) -> None:
    """As everywhere."""
    told = what_if(lake, evidence, remove=["MFA_Forced"], principal="bob")
    assert told.calls["event_id"].tolist() == ["2"]
    with pytest.raises(ScopeError):
        what_if(lake, evidence, remove=["MFA_Forced"], since="yesterday-ish")


def test_a_change_of_nothing_is_an_error(lake: Lake, evidence: Evidence) -> None:
    """So is a name that nothing has."""
    with pytest.raises(ChangeError, match="needs a change"):
        what_if(lake, evidence)
    with pytest.raises(ChangeError, match="did you mean MFA_Forced"):
        what_if(lake, evidence, {"MFA_Froced": sample_change().read_text()})


def test_a_document_that_is_no_policy(lake: Lake, evidence: Evidence) -> None:
    """It is named as the change names it."""
    with pytest.raises(PolicyError, match="MFA_Forced has no Statement"):
        what_if(lake, evidence, {"MFA_Forced": "{}"})


def test_policies_from_files(tmp_path: Path) -> None:
    """By name; the file's own name may have a sign that parts them."""
    path = tmp_path / "a=b.json"
    path.write_text("\ufeff" + sample_change().read_text())
    (tmp_path / "plain.json").write_text(sample_change().read_text())
    assert list(policy_files([f"MFA_Forced={tmp_path / 'plain.json'}"])) == ["MFA_Forced"]
    assert list(policy_files([f"MFA_Forced={path}"])) == ["MFA_Forced"]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("MFA_Forced", "MFA_Forced is not NAME=POLICY.json"),
        ("=x.json", "=x.json is not NAME=POLICY.json"),
        ("MFA_Forced=", "MFA_Forced= is not NAME=POLICY.json"),
        ("MFA_Forced=none.json", "none.json cannot be read (No such file or directory)"),
    ],
)
def test_options_that_cannot_be_used(option: str, sentence: str) -> None:
    """One sentence that names what is wrong."""
    with pytest.raises(PolicyError) as error:
        policy_files([option])
    assert str(error.value) == sentence


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """It is named."""
    path = tmp_path / "policy.json"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(PolicyError, match="is not UTF-8"):
        policy_files([f"x={path}"])
