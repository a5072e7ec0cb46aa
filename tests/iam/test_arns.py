"""Parts of ARNs."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam.arns import account_of, partition_of


@pytest.mark.parametrize(
    ("arn", "account", "partition"),
    [
        ("arn:aws:iam::111122223333:user/alice", "111122223333", "aws"),
        ("arn:aws-cn:s3:::bucket/key", None, "aws-cn"),
        ("arn:aws:iam::x:user/alice", None, "aws"),
        ("arn::iam", None, "aws"),
        ("user bob", None, "aws"),
        ("", None, "aws"),
        (None, None, "aws"),
    ],
)
def test_account_and_partition(arn: str | None, account: str | None, partition: str) -> None:
    """Where the ARN names them; odd texts name no account."""
    assert account_of(arn) == account
    assert partition_of(arn) == partition
