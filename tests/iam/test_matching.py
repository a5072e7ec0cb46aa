"""Patterns: wildcards, variables, ARNs part by part."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Context
from cloudtrail_mfa.iam.logic import Truth
from cloudtrail_mfa.iam.matching import Pattern, expand, matches_action, matches_arn

ALICE = Context.of({"aws:username": "alice", "aws:PrincipalTag/team": "a*", "two": ["x", "y"]})


def covers(pattern: str, arn: str, context: Context = ALICE) -> Truth:
    found = expand(pattern, context, variables=True)
    return matches_arn(found, arn) if isinstance(found, Pattern) else found


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("*", "s3:GetObject", True),
        ("s3:*", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),
        ("iam:*AccessKey*", "iam:CreateAccessKey", True),
        ("iam:*AccessKey*", "iam:ListAccessKeys", True),
        ("s3:GetObjec?", "s3:GetObject", True),
        ("s3:Get", "s3:GetObject", False),
        ("s3:Get*", "s3:PutObject", False),
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("ec2:*", "s3:GetObject", False),
        ("s3.*", "s3:GetObject", False),
    ],
)
def test_actions(pattern: str, action: str, matches: bool) -> None:
    """Prefix and name are not case sensitive; the whole action is compared."""
    assert matches_action(pattern, action) is matches


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("*", "arn:aws:s3:::b/k", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b:c", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False),
        ("arn:aws:s3:::B/*", "arn:aws:s3:::b/k", False),
        ("arn:aws:s3:::b?/*", "arn:aws:s3:::b1/k", True),
        ("arn:aws:s3:::*/[a]", "arn:aws:s3:::b/[a]", True),
        ("arn:aws:iam::*:user/x", "arn:aws:iam::111122223333:user/x", True),
        ("arn:aws:iam:*:user/x", "arn:aws:iam::111122223333:user/x", None),
        ("arn:aws:iam:*", "arn:aws:s3:::b", False),
        ("**", "arn:aws:s3:::b", True),
        ("arn:*:s3:::b", "arn:aws-cn:s3:::b", True),
        ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::alice/k", True),
        ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::bob/k", False),
        ("arn:aws:s3:::${AWS:UserName}", "arn:aws:s3:::alice", True),
        ("arn:aws:s3:::${aws:nothing}/*", "arn:aws:s3:::/k", False),
        ("arn:aws:s3:::${aws:nothing, 'public'}/*", "arn:aws:s3:::public/k", True),
        ("arn:aws:s3:::${aws:username, 'public'}/*", "arn:aws:s3:::public/k", False),
        ("arn:aws:s3:::${two}", "arn:aws:s3:::x", False),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/k", False),
        ("arn:aws:s3:::b/${?}${$}", "arn:aws:s3:::b/?$", True),
    ],
)
def test_resources(pattern: str, arn: str, matches: Truth) -> None:
    """Case matters, each part of the ARN by itself, variables filled in."""
    assert covers(pattern, arn) is matches


def test_a_value_has_no_wildcards() -> None:
    """A tag of a* is those two characters."""
    assert covers("arn:aws:s3:::${aws:PrincipalTag/team}", "arn:aws:s3:::a*") is True
    assert covers("arn:aws:s3:::${aws:PrincipalTag/team}", "arn:aws:s3:::abc") is False


def test_an_unknown_variable_is_unknown() -> None:
    """It may be any value."""
    unknown = Context.of({}, complete=False)
    assert covers("arn:aws:s3:::${aws:username}", "arn:aws:s3:::alice", unknown) is None


def test_old_policies_take_variables_for_text() -> None:
    """Before version 2012-10-17 they are plain characters."""
    pattern = expand("${aws:username}", ALICE, variables=False)
    assert isinstance(pattern, Pattern)
    assert pattern.matches("${aws:username}")
