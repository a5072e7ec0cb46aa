"""Exposure: what loses its protection by MFA, in use or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa.attribution.exposure import EXPOSURE_COLUMNS, exposure
from cloudtrail_mfa.iam import Policy
from cloudtrail_mfa.iam.catalog import LEVELS, actions
from cloudtrail_mfa.iam.change import Change
from tests.attribution.test_proof import ALLOW, FORCED, IAM, MFA, document, evidence
from tests.records import BUCKET

BOOL = FORCED | {"Condition": {"Bool": {MFA: "false"}}}
EVERYTHING = ALLOW | {"Action": "*"}
NO_CALLS = pd.DataFrame({"principal_arn": [], "iam_action": []}, dtype="str")
Lost = tuple[str, str]


def lost(
    folder: Path,
    before: tuple[dict[str, Any], ...],
    change: Change,
    rows: pd.DataFrame = NO_CALLS,
    **parts: Any,
) -> pd.DataFrame:
    accounts = evidence(folder / "evidence", *before, **parts).accounts
    return exposure(rows, accounts, change.applied(accounts))


def to(*statements: dict[str, Any], name: str = "p") -> Change:
    """Return the change of a policy to some statements."""
    return Change(replace={name: Policy.parse(document(*statements))})


def kinds(frame: pd.DataFrame) -> set[Lost]:
    return set(zip(frame["principal_name"], frame["credential"], strict=True))


def test_bool_exposes_keys_alone(tmp_path: Path) -> None:
    """Sessions without MFA stay out, and so does what was not allowed or not protected."""
    frame = lost(tmp_path, (ALLOW, FORCED), to(ALLOW, BOOL))
    assert kinds(frame) == {("alice", "long_term_key")}
    assert set(frame["iam_action"]) == {a for a in actions() if a.startswith("s3:")}
    assert frame["certain"].all()


def test_without_the_policy_sessions_are_exposed_too(tmp_path: Path) -> None:
    """Nothing asks for MFA any more."""
    frame = lost(tmp_path, (ALLOW, FORCED), to(ALLOW))
    assert kinds(frame) == {("alice", "long_term_key"), ("alice", "session_without_mfa")}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((ALLOW, BOOL), (ALLOW, FORCED)),
        ((ALLOW, FORCED), (ALLOW, FORCED, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"})),
        ((ALLOW,), (EVERYTHING,)),
        ((FORCED,), (BOOL,)),
    ],
)
def test_what_protects_as_before_exposes_nothing(
    tmp_path: Path, before: tuple[dict[str, Any], ...], after: tuple[dict[str, Any], ...]
) -> None:
    """A stricter policy, one more Allow of what was never protected, no Allow at all."""
    frame = lost(tmp_path, before, to(*after))
    assert frame.empty
    assert list(frame.columns) == list(EXPOSURE_COLUMNS)


def test_an_exception_is_exposed(tmp_path: Path) -> None:
    """What NotAction newly leaves out, and no more."""
    wider = FORCED | {"NotAction": ["sts:GetSessionToken", "s3:GetObject"]}
    frame = lost(tmp_path, (ALLOW, FORCED), to(ALLOW, wider))
    assert set(frame["iam_action"]) == {"s3:GetObject"}
    assert kinds(frame) == {("alice", "long_term_key"), ("alice", "session_without_mfa")}


def test_an_allow_that_demands_mfa(tmp_path: Path) -> None:
    """The console's own box lets keys in, where Bool did not."""
    strict, loose = (
        ALLOW | {"Condition": {operator: {MFA: "true"}}} for operator in ("Bool", "BoolIfExists")
    )
    assert kinds(lost(tmp_path, (strict,), to(loose))) == {("alice", "long_term_key")}


def test_the_riskiest_first_and_what_is_in_use_before_the_rest(tmp_path: Path) -> None:
    """By access level; with the number of recorded calls."""
    used = ["s3:GetObject", "s3:getobject", "s3:PutObject", "ec2:RunInstances"]
    rows = pd.DataFrame({"principal_arn": f"{IAM}:user/alice", "iam_action": used})
    frame = lost(tmp_path, (ALLOW, FORCED), to(ALLOW, BOOL), rows)
    codes = frame["access_level"].cat.codes
    assert codes.is_monotonic_increasing
    assert frame["access_level"].cat.categories.tolist() == list(LEVELS)
    calls = dict(zip(frame["iam_action"], frame["calls"], strict=True))
    assert (calls["s3:GetObject"], calls["s3:PutObject"], calls["s3:DeleteObject"]) == (2, 1, 0)
    write = frame[frame["access_level"] == "Write"]
    assert write["iam_action"].iloc[0] == "s3:PutObject"


def test_where_it_depends_it_is_not_certain(tmp_path: Path) -> None:
    """On the resource, or on an address that a call would come from."""
    one = ALLOW | {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    here = ALLOW | {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    for allow in (one, here):
        frame = lost(tmp_path, (allow, FORCED), to(allow, BOOL))
        assert not frame.empty
        assert not frame["certain"].any()


def test_a_control_policy_that_demands_mfa(tmp_path: Path) -> None:
    """Without it every user of the account is exposed."""
    full = document(EVERYTHING)
    frame = lost(tmp_path, (ALLOW,), Change(remove=("1",)), scp=(full, document(FORCED)))
    assert ("alice", "long_term_key") in kinds(frame)


def test_a_trust_policy(tmp_path: Path) -> None:
    """Whoever could assume the role with MFA only, can without."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"{IAM}:user/alice"},
        "Action": "sts:AssumeRole",
    }
    before = document(trust | {"Condition": {"Bool": {MFA: "true"}}})
    frame = lost(tmp_path, (ALLOW,), to(trust, name="role/Deploy"), trust=before)
    assert set(frame["iam_action"]) == {"sts:AssumeRole"}
    assert set(frame["resource_arn"]) == {f"{IAM}:role/Deploy"}
    assert frame["certain"].all()


def test_a_bucket_policy(tmp_path: Path) -> None:
    """Its own actions, on that bucket."""
    arn = f"arn:aws:s3:::{BUCKET}"
    deny: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    forced = deny | {"Condition": {"BoolIfExists": {MFA: "false"}}}
    frame = lost(tmp_path, (ALLOW,), Change(remove=(arn,)), resources={arn: document(forced)})
    assert set(frame["resource_arn"]) == {arn}
    assert {action.partition(":")[0] for action in frame["iam_action"]} == {"s3"}


def test_tags_of_the_user_are_known(tmp_path: Path) -> None:
    """The export has them: what asks for another user's does not count."""
    tagged = ALLOW | {"Condition": {"StringEquals": {"aws:username": "bob"}}}
    assert lost(tmp_path, (tagged, FORCED), to(tagged, BOOL)).empty
