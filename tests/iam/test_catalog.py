"""The catalogue of actions: what AWS's own list says of them."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import catalog


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("s3:GetObject", "Read"),
        ("S3:getobject", "Read"),
        ("s3:PutBucketPolicy", "Permissions management"),
        ("s3:PutObject", "Write"),
        ("s3:PutObjectTagging", "Tagging"),
        ("s3:ListAllMyBuckets", "List"),
        ("s3:MakeCoffee", None),
        ("coffee:Make", None),
        ("coffee", None),
    ],
)
def test_access_levels(action: str, level: str | None) -> None:
    """As AWS classifies them; names are not case sensitive."""
    assert catalog.access_level(action) == level
    assert catalog.exists(action) is (level is not None)


def test_every_action_has_a_level() -> None:
    """And stands once in a long list."""
    found = catalog.actions()
    assert len(found) == len(set(found)) > 15_000
    assert {catalog.access_level(action) for action in found} == set(catalog.LEVELS)


@pytest.mark.parametrize(
    ("action", "alone"),
    [("sts:GetCallerIdentity", True), ("s3:GetObject", False), ("coffee:Make", False)],
)
def test_some_actions_know_no_resource(action: str, alone: bool) -> None:
    """Of what does not exist that is not said."""
    assert catalog.names_no_resource(action) is alone
