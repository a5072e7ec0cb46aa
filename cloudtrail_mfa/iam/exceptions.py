"""Requests that AWS decides otherwise than by the policies alone."""

from __future__ import annotations

from cloudtrail_mfa.iam.principals import Caller

__all__ = ["may_ignore_denies", "needs_no_allow", "roots_own"]

# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
_WHOAMI = "sts:getcalleridentity"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
_SESSION = "sts:getsessiontoken"
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html
_BUCKET_POLICY = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})


def needs_no_allow(action: str) -> bool:
    """Whether whoever can sign may call an action, without any policy that allows it."""
    return action.lower() in (_WHOAMI, _SESSION)


def may_ignore_denies(action: str) -> bool | None:
    """Whether a Deny does not stop an action.

    Of GetSessionToken it cannot be told: AWS's page on it says that policies do not control it,
    and AWS's own examples take care not to deny it.
    """
    return {_WHOAMI: True, _SESSION: None}.get(action.lower(), False)


def roots_own(caller: Caller, action: str) -> bool:
    """Whether a bucket's own policy cannot stop a call: root of the owner may always mend it."""
    return caller.kind == "root" and action.lower() in _BUCKET_POLICY
