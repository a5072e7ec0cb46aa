"""What a call needs: often more than the one action on the one resource that a message names.

Which operation needs what: the tables of API operations in the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/), for S3 also
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from cloudtrail_mfa.evidence.context import Row, parameters

__all__ = ["NEEDS", "Also", "Needs", "Operation", "needs_of"]


@dataclass(frozen=True, slots=True)
class Also:
    """One more action that an operation needs.

    Attributes
    ----------
    action
        Which.
    when
        Parameters of the request of which one has to be there; none means always.
    on
        On what: ``same`` as the operation's own action; ``*``; ``unknown``; ``source``, the object
        that is copied; else the parameter that holds an ARN or, of a KMS key, its id.
    """

    action: str
    when: tuple[str, ...] = ()
    on: str = "same"


@dataclass(frozen=True, slots=True)
class Operation:
    """What an operation needs besides the action that it is known by.

    Attributes
    ----------
    also
        The other actions.
    closed
        Whether nothing else may be needed.
    """

    also: tuple[Also, ...] = ()
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Needs:
    """What one call needs besides its own action.

    Attributes
    ----------
    also
        The other actions, each with its resource; None where that is not recorded.
    closed
        Whether nothing else may be needed.
    of_key
        Whether, of an object that is encrypted with a KMS key, the key has to allow it too.
    """

    also: tuple[tuple[str, str | None], ...] = ()
    closed: bool = True
    of_key: bool = False


_GRANTS = tuple(f"x-amz-grant-{what}" for what in ("full-control", "read", "read-acp", "write-acp"))
_PUT = (
    Also("s3:PutObjectAcl", ("x-amz-acl", *_GRANTS)),
    Also("s3:PutObjectTagging", ("x-amz-tagging",)),
    Also(
        "s3:PutObjectRetention",
        ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"),
    ),
    Also("s3:PutObjectLegalHold", ("x-amz-object-lock-legal-hold",)),
    Also(
        "kms:GenerateDataKey",
        ("x-amz-server-side-encryption-aws-kms-key-id",),
        "x-amz-server-side-encryption-aws-kms-key-id",
    ),
)
_IF_MATCH = Also("s3:GetObject", ("if-match",))
_BYPASS = Also("s3:BypassGovernanceRetention", ("x-amz-bypass-governance-retention",))
_SESSION = (
    Also("sts:TagSession", ("tags", "transitiveTagKeys", "principalTags")),
    Also("sts:SetSourceIdentity", ("sourceIdentity",)),
    Also("sts:SetContext", ("providedContexts",)),
)
_SOURCE = Also("s3:GetObject", on="source")

NEEDS: Mapping[str, Operation] = {
    "dynamodb:CreateTable": Operation(
        (
            Also("dynamodb:TagResource", ("tags",)),
            Also("dynamodb:PutResourcePolicy", ("resourcePolicy",)),
        )
    ),
    "dynamodb:RestoreTableFromBackup": Operation(closed=False),
    "dynamodb:RestoreTableToPointInTime": Operation(closed=False),
    "dynamodb:TransactGetItems": Operation(closed=False),
    "events:PutRule": Operation(
        (Also("iam:PassRole", ("roleArn",), "roleArn"), Also("events:TagResource", ("tags",)))
    ),
    "kms:CreateAlias": Operation((Also("kms:CreateAlias", on="targetKeyId"),)),
    "kms:CreateKey": Operation((Also("kms:TagResource", ("tags",), "unknown"),)),
    "kms:DeleteAlias": Operation((Also("kms:DeleteAlias", on="unknown"),)),
    "kms:ReplicateKey": Operation((Also("kms:CreateKey", on="*"),), closed=False),
    "kms:UpdateAlias": Operation((Also("kms:UpdateAlias", on="targetKeyId"),), closed=False),
    "lambda:CreateFunction": Operation(
        (Also("iam:PassRole", on="role"), Also("lambda:TagResource", ("tags",))), closed=False
    ),
    "lambda:UpdateFunctionConfiguration": Operation(
        (Also("iam:PassRole", ("role",), "role"),), closed=False
    ),
    "organizations:CreateAccount": Operation((Also("organizations:TagResource", ("tags",)),)),
    "s3:CompleteMultipartUpload": Operation(),
    "s3:CopyObject": Operation((*_PUT, _SOURCE), closed=False),
    "s3:CreateAccessGrantsLocation": Operation(closed=False),
    "s3:CreateBucket": Operation(
        (
            Also("s3:PutBucketAcl", ("x-amz-acl", "x-amz-grant-write", *_GRANTS)),
            Also("s3:PutBucketObjectLockConfiguration", ("x-amz-bucket-object-lock-enabled",)),
            Also("s3:PutBucketVersioning", ("x-amz-bucket-object-lock-enabled",)),
            Also("s3:PutBucketOwnershipControls", ("x-amz-object-ownership",)),
        )
    ),
    "s3:CreateJob": Operation(closed=False),
    "s3:CreateMultipartUpload": Operation(_PUT),
    "s3:DeleteObject": Operation((_BYPASS, _IF_MATCH)),
    "s3:DeleteObjects": Operation((_BYPASS,), closed=False),
    "s3:GetObjectAttributes": Operation(closed=False),
    "s3:PutBucketReplication": Operation((Also("iam:PassRole", on="unknown"),)),
    "s3:PutObject": Operation((*_PUT, _IF_MATCH)),
    "s3:PutObjectRetention": Operation((_BYPASS,)),
    "s3:UpdateObjectEncryption": Operation(closed=False),
    "s3:UploadPartCopy": Operation((_SOURCE,)),
    "secretsmanager:ValidateResourcePolicy": Operation(
        (Also("secretsmanager:PutResourcePolicy"),), closed=False
    ),
    "sqs:CreateQueue": Operation((Also("sqs:TagQueue", ("tags",)),)),
    "sqs:StartMessageMoveTask": Operation(closed=False),
    "sts:AssumeRole": Operation(_SESSION),
    "sts:GetFederationToken": Operation(_SESSION[:1]),
}
"""By the event's service and operation; of others nothing is known to be needed besides."""

# Operations of these are all known; of other services only what is told apart below.
_KNOWN = frozenset({"kms", "s3", "sts"})
# To pass a role, to tag what is made.
_MORE = re.compile(r":role/|\"(tags?|tagSet|tagSpecificationSet|Tags)\": ?[\[{][^\]}]")
_READS = re.compile(r"ec2:(describe|get|list)")
_PARTS = frozenset({"s3:putobject", "s3:getobject", "s3:getobjectversion"})
# A session of GetSessionToken can call nothing else of STS:
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
_IN_SESSIONS = frozenset({"sts:assumerole", "sts:getcalleridentity"})


def needs_of(row: Row) -> Needs:
    """Return what a call needs besides its own action on its own resource."""
    action = (row["iam_action"] or "").lower()
    operation, asked = NEEDS.get(_operation(row)), parameters(row)
    also = () if operation is None else tuple(_also(operation, asked or {}, row))
    # What is asked for a copy of, is asked for in its own right.
    also = tuple(need for need in also if need != (row["iam_action"], row["resource_arn"]))
    closed = (
        _is_closed(action, row["request_parameters"] or "")
        if operation is None
        else operation.closed
    )
    if asked is None and operation is not None and operation.also:
        closed = False
    if row["event_action"] != row["iam_action"]:  # the message names another than the main one
        closed = False
    if action.startswith("sts:") and action not in _IN_SESSIONS:
        closed = False
    return Needs(also, closed, action in _PARTS)


def _operation(row: Row) -> str:
    service = (row["event_source"] or "").partition(".")[0]
    return f"{service}:{_VERSION.sub('', row['event_name'] or '')}"


_VERSION = re.compile(r"20\d{6}(v\d+)?$")


def _is_closed(action: str, asked: str) -> bool:
    """Whether an operation that is not in the table needs nothing else."""
    service = action.partition(":")[0]
    if service == "ec2":  # EC2 checks every instance, network, volume and image that is touched
        return bool(_READS.match(action))
    return service in _KNOWN or not _MORE.search(asked)


def _also(
    operation: Operation, asked: Mapping[str, Any], row: Row
) -> Iterator[tuple[str, str | None]]:
    for need in operation.also:
        if not need.when or any(asked.get(name) for name in need.when):
            yield from _on(need, asked, row)


def _on(need: Also, asked: Mapping[str, Any], row: Row) -> Iterator[tuple[str, str | None]]:
    if need.on == "same":
        yield need.action, row["resource_arn"]
    elif need.on == "*":
        yield need.action, "*"
    elif need.on == "source":
        yield _copied(need.action, asked.get("x-amz-copy-source"), row)
    else:
        value = asked.get(need.on)
        arn = value if isinstance(value, str) and value.startswith("arn:") else None
        yield need.action, None if arn and ":alias/" in arn else arn


def _copied(action: str, source: Any, row: Row) -> tuple[str, str | None]:
    """Return the action on the object that is copied, and that object."""
    if not isinstance(source, str) or source.startswith("arn:"):
        return action, None
    # bucket/key?versionId=…, URL-encoded
    path, _, version = unquote(source).lstrip("/").partition("?versionId=")
    partition = next(iter((row["principal_arn"] or "").split(":")[1:2]), "aws")
    return f"{action}Version" if version else action, f"arn:{partition}:s3:::{path}"
