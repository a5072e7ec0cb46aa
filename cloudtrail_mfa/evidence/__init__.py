"""The policies behind the denials, as far as exports of IAM's configuration tell them."""

from cloudtrail_mfa.evidence.exports import Evidence

__all__ = ["Evidence"]
