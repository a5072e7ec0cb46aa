"""The operations that the made-up people call: how they are recorded, and how AWS refuses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from tests.records import refusal
from tests.scenarios.decide import Barrier

__all__ = ["BY_ACTION", "OPERATIONS", "SELF", "Form", "Operation", "message_of"]

Form = Literal["reason", "arn", "no_reason", "bare", "none", "encoded", "encoded_reason", "cut"]
"""How much AWS's message tells."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation.

    Attributes
    ----------
    resource
        ARN with places for ``account``, ``region``, ``bucket`` and ``name``.
    said
        Whether AWS's message names the resource.
    owner
        ARN of what may have a policy of its own; empty where nothing may.
    """

    action: str
    event: str
    source: str
    resource: str = "*"
    said: bool = True
    owner: str = ""
    style: Literal["s3", "ec2", "json"] = "json"
    code: str = "AccessDenied"
    is_data: bool = False
    is_read: bool = True

    def parameters(self, names: Mapping[str, str]) -> dict[str, Any] | None:
        """Return what is asked for."""
        if self.style == "s3" and self.resource != "*":
            bucket = {"bucketName": names["bucket"], "Host": "s3.amazonaws.com"}
            return bucket | ({"key": names["key"]} if "{key}" in self.resource else {})
        name = _PARAMETERS.get(self.action)
        found: dict[str, Any] | None = {name: names["name"]} if name else None
        if self.source == "dynamodb" and found:
            return found | {"key": {"id": names["key"]}}
        return found


_PARAMETERS = {
    "iam:CreateUser": "userName",
    "secretsmanager:GetSecretValue": "secretId",
    "ssm:GetParameter": "name",
    "dynamodb:GetItem": "tableName",
    "logs:DeleteLogGroup": "logGroupName",
    "sqs:ReceiveMessage": "queueName",
}

_EXCEPTION = "AccessDeniedException"
_EC2 = "Client.UnauthorizedOperation"
_OBJECT = "arn:aws:s3:::{bucket}/{key}"
_BUCKET = "arn:aws:s3:::{bucket}"
_IAM = "arn:aws:iam::{account}"

OPERATIONS: tuple[Operation, ...] = (
    Operation("s3:ListAllMyBuckets", "ListBuckets", "s3", said=False, style="s3"),
    Operation("s3:GetObject", "GetObject", "s3", _OBJECT, owner=_BUCKET, style="s3", is_data=True),
    Operation("s3:GetObject", "HeadObject", "s3", _OBJECT, owner=_BUCKET, style="s3", is_data=True),
    Operation(
        "s3:PutObject",
        "PutObject",
        "s3",
        _OBJECT,
        owner=_BUCKET,
        style="s3",
        is_data=True,
        is_read=False,
    ),
    Operation("s3:ListBucket", "ListObjects", "s3", _BUCKET, owner=_BUCKET, style="s3"),
    Operation(
        "s3:GetEncryptionConfiguration",
        "GetBucketEncryption",
        "s3",
        _BUCKET,
        owner=_BUCKET,
        style="s3",
    ),
    Operation(
        "ec2:DescribeInstances", "DescribeInstances", "ec2", said=False, style="ec2", code=_EC2
    ),
    Operation(
        "ec2:TerminateInstances",
        "TerminateInstances",
        "ec2",
        "arn:aws:ec2:{region}:{account}:instance/i-0{hex}",
        style="ec2",
        code=_EC2,
        is_read=False,
    ),
    Operation("iam:ListUsers", "ListUsers", "iam", _IAM + ":user/"),
    Operation("iam:CreateUser", "CreateUser", "iam", _IAM + ":user/{name}", is_read=False),
    Operation(
        "lambda:ListFunctions", "ListFunctions20150331", "lambda", said=False, code=_EXCEPTION
    ),
    Operation(
        "dynamodb:GetItem",
        "GetItem",
        "dynamodb",
        "arn:aws:dynamodb:{region}:{account}:table/{name}",
        owner="arn:aws:dynamodb:{region}:{account}:table/{name}",
        code=_EXCEPTION,
        is_data=True,
    ),
    Operation(
        "secretsmanager:GetSecretValue",
        "GetSecretValue",
        "secretsmanager",
        "arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf",
        owner="arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf",
        code=_EXCEPTION,
    ),
    Operation(
        "ssm:GetParameter",
        "GetParameter",
        "ssm",
        "arn:aws:ssm:{region}:{account}:parameter/{name}",
        owner="arn:aws:ssm:{region}:{account}:parameter/{name}",
        code=_EXCEPTION,
    ),
    Operation(
        "sqs:ReceiveMessage",
        "ReceiveMessage",
        "sqs",
        "arn:aws:sqs:{region}:{account}:{name}",
        owner="arn:aws:sqs:{region}:{account}:{name}",
        is_data=True,
    ),
    Operation("cloudwatch:DescribeAlarms", "DescribeAlarms", "monitoring", said=False),
    Operation(
        "logs:DeleteLogGroup",
        "DeleteLogGroup",
        "logs",
        "arn:aws:logs:{region}:{account}:log-group:{name}:log-stream:",
        code=_EXCEPTION,
        is_read=False,
    ),
)
SELF: tuple[Operation, ...] = (
    Operation("iam:GetUser", "GetUser", "iam", _IAM + ":user/{user}"),
    Operation("iam:ListMFADevices", "ListMFADevices", "iam", _IAM + ":user/{user}"),
    Operation("iam:ListVirtualMFADevices", "ListVirtualMFADevices", "iam", said=False),
    Operation("sts:GetCallerIdentity", "GetCallerIdentity", "sts", said=False),
)
"""What a policy that demands MFA leaves open."""

BY_ACTION = {operation.action: operation for operation in (*OPERATIONS, *SELF)}

_PHRASES = {
    "scp": "service control policy",
    "rcp": "resource control policy",
    "resource": "resource-based policy",
    "trust": "role trust policy",
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "vpc_endpoint": "VPC endpoint policy",
}
_WEIGHTS: dict[str, dict[Form, int]] = {
    "s3": {"reason": 4, "arn": 2, "bare": 4, "cut": 1},
    "ec2": {"bare": 2, "encoded": 3, "encoded_reason": 3, "cut": 2, "reason": 1},
    "json": {"reason": 4, "arn": 3, "no_reason": 4, "bare": 1},
}
_ENCODED = " Encoded authorization failure message: "
_EC2_SAYS = "You are not authorized to perform this operation."
_LIMIT = 1024


def message_of(  # noqa: PLR0911
    random: Random,
    operation: Operation,
    barrier: Barrier,
    *,
    to: str,
    on: str,
    form: Form | None = None,
) -> str | None:
    """Return AWS's message, in one of the forms that the service has; None where there is none."""
    if operation.event == "HeadObject":
        return None if random.random() < 0.7 else "Access Denied"
    weights = _WEIGHTS[operation.style]
    form = form or random.choices(list(weights), list(weights.values()))[0]
    if barrier.kind == "aws" or form == "none":
        return "Access Denied"
    on = (f'"{on}"' if operation.style == "s3" else on) if operation.said else ""
    says = refusal(operation.action, to=to, on=on, why=_why(barrier, operation, form))
    if form in ("reason", "arn"):
        return f"{_EC2_SAYS} {says}" if operation.style == "ec2" else says
    if form == "no_reason":
        return refusal(operation.action, to=to, on=on)
    if form == "encoded":
        return _EC2_SAYS + _ENCODED + _blob(random, random.randint(300, 700))
    if form == "encoded_reason":
        return f"{_EC2_SAYS} {says}.{_ENCODED}" + _blob(random, random.randint(200, 400))
    if form == "cut":
        if operation.style == "ec2":
            return (_EC2_SAYS + _ENCODED + _blob(random, _LIMIT))[:_LIMIT]
        return says.replace(on, on[:-1] + "/x" * 500 + on[-1:])[:_LIMIT] if on else "Access Denied"
    return _EC2_SAYS if operation.style == "ec2" else "Access Denied"


def _why(barrier: Barrier, operation: Operation, form: Form) -> str:
    phrase = _PHRASES.get(barrier.kind, "")
    if not barrier.explicit:
        return f"because no {phrase} allows the {operation.action} action"
    article = "the" if barrier.kind == "trust" else "an" if phrase[0] in "aeiou" else "a"
    arn = barrier.policy.arn if barrier.policy and form == "arn" else None
    return f"with an explicit deny in {article} {phrase}" + (f": {arn}" if arn else "")


def _blob(random: Random, length: int) -> str:
    return "".join(
        random.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789-_", k=length)
    )
