"""The policies of the evidence: mistakes, and the change that mends them."""

from __future__ import annotations

import json
from typing import Any

from cloudtrail_mfa import Evidence, Lake
from cloudtrail_mfa.iam import lint
from cloudtrail_mfa.iam.account import Account, Entity
from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.policies import difference, findings_of, mended
from tests.records import ACCOUNT, MFA_FORCED

BOOL = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": BOOL}


def with_policy(statement: dict[str, Any], *names: str) -> Evidence:
    """Return evidence in which users have a policy of each name."""
    document = {"Version": "2012-10-17", "Statement": [statement]}
    entities = {
        f"arn:aws:iam::{ACCOUNT}:user/{number}": Entity(
            f"arn:aws:iam::{ACCOUNT}:user/{number}",
            (Policy.parse({**document, "Id": str(number)}, name=name),),
        )
        for number, name in enumerate(names)
    }
    return Evidence({ACCOUNT: Account(entities, (), (), {})})


def test_mistakes_are_told_worst_first() -> None:
    """Each policy once."""
    found = findings_of(with_policy(DENY, "MFA_Forced"))
    assert found["rule"].tolist() == ["MFA001", "MFA011"]
    assert found["severity"].tolist() == ["error", "warning"]
    assert set(found["policy"]) == {"MFA_Forced"}


def test_no_policies_have_no_mistakes(lake: Lake) -> None:
    """And nothing is to be changed."""
    frame, change = mended(lake, Evidence(), {})
    assert findings_of(Evidence()).empty
    assert frame.empty
    assert change is None


def test_the_change_protects_where_the_policy_did_not(lake: Lake) -> None:
    """Bool becomes BoolIfExists, and never the other way; nothing loses its protection."""
    frame, change = mended(lake, with_policy(DENY, MFA_FORCED), {})
    (row,) = frame.to_dict("records")
    assert "BoolIfExists" not in row["before"]
    assert "BoolIfExists" in row["after"]
    assert lint(row["after"]) == []
    assert change is not None
    assert change.exposure.empty


def test_what_mending_would_have_done_is_replayed(proven: Contents) -> None:
    """Over the recorded calls."""
    assert proven.mended["policy"].tolist() == [MFA_FORCED]
    assert "BoolIfExists" in proven.mended["after"][0]
    assert proven.change is not None
    newly = proven.change.summary[proven.change.summary["change"] == "newly_allowed"]
    assert newly["principal_name"].tolist() == ["carol"]
    assert proven.change.exposure.empty


def test_a_name_of_several_policies_is_not_changed_for_one(lake: Lake) -> None:
    """It is told, and not part of the replay."""
    frame, change = mended(lake, with_policy(DENY, "same", "same"), {})
    assert frame["replayed"].tolist() == [False, False]
    assert change is None


def test_policies_of_aws_are_not_to_be_changed(lake: Lake) -> None:
    """Nobody else can."""
    frame, _ = mended(lake, with_policy(DENY, "arn:aws:iam::aws:policy/Theirs"), {})
    assert frame.empty


def test_a_difference_is_told_by_lines() -> None:
    """What goes, what comes, and what stands around it."""
    sides = (json.dumps(value, indent=2) for value in ({"a": 1, "b": 2}, {"a": 1, "b": 3}))
    row = dict(zip(("before", "after"), sides, strict=True))
    assert difference(row) == [
        "@@ -1,4 +1,4 @@",
        " {",
        '   "a": 1,',
        '-  "b": 2',
        '+  "b": 3',
        " }",
    ]
