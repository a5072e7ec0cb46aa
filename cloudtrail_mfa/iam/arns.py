"""Parts of ARNs: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html."""

from __future__ import annotations

__all__ = ["account_of", "partition_of"]


def account_of(arn: str | None) -> str | None:
    """Return the account that an ARN names; None where it names none, as S3's."""
    in_arn = (arn or "").split(":")[4:5]
    return in_arn[0] if in_arn and in_arn[0].isdigit() else None


def partition_of(arn: str | None) -> str:
    """Return the partition of an ARN: ``aws`` where it names none."""
    return next(iter((arn or "").split(":")[1:2]), "") or "aws"
