"""What a call needs besides its own action."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudtrail_mfa.evidence.needs import NEEDS, Needs, needs_of
from cloudtrail_mfa.iam import catalog
from tests.evidence.rows import ROW

OBJECT = "arn:aws:s3:::b/k"
ROLE = "arn:aws:iam::111122223333:role/worker"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"


def needs(event: str, *, action: str | None = None, **parameters: Any) -> Needs:
    """Return what a call of an operation needs, given what it asks for."""
    service, _, name = event.partition(":")
    row: dict[str, Any] = ROW | {
        "event_source": f"{service}.amazonaws.com",
        "operation": name,
        "iam_action": action or event,
        "event_action": event,
        "request_parameters": json.dumps(parameters) if parameters else None,
    }
    return needs_of(row)


@pytest.mark.parametrize("event", NEEDS)
def test_the_table_names_actions_that_there_are(event: str) -> None:
    """Each in AWS's own list."""
    assert all(catalog.exists(need.action) for need in NEEDS[event].also)


@pytest.mark.parametrize(
    ("event", "parameters", "also"),
    [
        ("s3:PutObject", {"key": "k"}, ()),
        ("s3:PutObject", {"x-amz-acl": ["private"]}, (("s3:PutObjectAcl", OBJECT),)),
        ("s3:PutObject", {"x-amz-tagging": "a=1"}, (("s3:PutObjectTagging", OBJECT),)),
        (
            "s3:CopyObject",
            {"x-amz-copy-source": "/from/a%20b"},
            (("s3:GetObject", "arn:aws:s3:::from/a b"),),
        ),
        (
            "s3:UploadPartCopy",
            {"x-amz-copy-source": "from/k?versionId=7"},
            (("s3:GetObjectVersion", "arn:aws:s3:::from/k"),),
        ),
        ("s3:UploadPartCopy", {"key": "k"}, (("s3:GetObject", None),)),
        ("sts:AssumeRole", {"roleArn": ROLE}, ()),
        ("sts:AssumeRole", {"roleArn": ROLE, "policy": "{}"}, ()),
        ("sts:AssumeRole", {"tags": []}, ()),
        ("sts:AssumeRole", {"tags": [{"key": "a"}]}, (("sts:TagSession", OBJECT),)),
        ("sts:AssumeRole", {"sourceIdentity": "x"}, (("sts:SetSourceIdentity", OBJECT),)),
        ("lambda:CreateFunction", {"role": ROLE}, (("iam:PassRole", ROLE),)),
        ("kms:ReplicateKey", {"keyId": "1"}, (("kms:CreateKey", "*"),)),
    ],
)
def test_other_actions(
    event: str, parameters: dict[str, Any], also: tuple[tuple[str, str | None], ...]
) -> None:
    """Where the request asks for what needs them, on what it names."""
    assert needs(event, **parameters).also == also


@pytest.mark.parametrize(
    ("event", "parameters", "closed"),
    [
        ("s3:GetObject", {}, True),
        ("s3:PutObject", {}, False),
        ("s3:PutObject", {"key": "k"}, True),
        ("s3:PutObject", {"x-amz-server-side-encryption-aws-kms-key-id": KEY}, False),
        ("s3:CopyObject", {"key": "k"}, False),
        ("s3:DeleteObjects", {"bucketName": "b"}, False),
        ("ec2:DescribeInstances", {}, True),
        ("ec2:RunInstances", {"x": "y"}, False),
        ("ecs:RegisterTaskDefinition", {"taskRoleArn": ROLE}, False),
        ("ecs:RegisterTaskDefinition", {"tags": [{"key": "a"}]}, False),
        ("ecs:RegisterTaskDefinition", {"family": "x"}, False),
        ("ecs:DescribeTasks", {"cluster": "x"}, True),
        ("glue:GetTable", {"name": "x"}, False),
        ("ssm:GetParameter", {"name": "x"}, True),
        ("ssm:GetParameters", {"names": ["x", "y"]}, False),
        ("dynamodb:GetItem", {"tableName": "x"}, True),
        ("dynamodb:BatchGetItem", {"requestItems": {}}, False),
        ("kms:ReEncrypt", {"keyId": "x"}, False),
        ("kms:Decrypt", {"keyId": "x"}, True),
        ("iam:AddRoleToInstanceProfile", {"roleName": "x"}, False),
        ("iam:CreateUser", {"userName": "x"}, True),
        ("iam:CreateUser", {"tags": [{"key": "a"}]}, False),
        ("cloudtrail:CreateTrail", {"name": "x"}, False),
        ("cloudtrail:StopLogging", {"name": "x"}, True),
        ("iam:ListUsers", {}, True),
        ("sts:GetCallerIdentity", {}, True),
        ("sts:AssumeRole", {"roleArn": ROLE}, True),
        ("sts:AssumeRole", {}, False),
        ("sts:GetSessionToken", {}, False),
    ],
)
def test_whether_that_is_all(event: str, parameters: dict[str, Any], closed: bool) -> None:
    """Not where roles, tags or several resources come in, nor where the request is not recorded."""
    assert needs(event, **parameters).closed is closed


def test_several_resources_may_each_need_it() -> None:
    """What the record lists counts; of S3 the object's bucket is listed beside it."""
    row: dict[str, Any] = ROW | {"resource_count": 2}
    assert needs_of(row).closed
    other = {"event_source": "kms.amazonaws.com", "operation": "Decrypt"}
    action = dict.fromkeys(("iam_action", "event_action"), "kms:Decrypt")
    assert not needs_of(row | other | action).closed


def test_a_message_may_name_another_action_than_the_main_one() -> None:
    """Then what is needed besides it is not known to be all."""
    found = needs("s3:CopyObject", action="s3:GetObject", key="k")
    assert not found.closed
    assert not needs("ec2:RunInstances", action="iam:PassRole", x="y").closed


def test_the_same_need_is_told_once() -> None:
    """What AWS refused, on the object that it names, is not needed again."""
    source = {"x-amz-copy-source": "b/k"}
    assert needs("s3:UploadPartCopy", action="s3:GetObject", **source).also == ()


@pytest.mark.parametrize(
    ("event", "of_key"),
    [
        ("s3:GetObject", True),
        ("secretsmanager:GetSecretValue", True),
        ("s3:ListBucket", False),
        ("iam:GetUser", False),
    ],
)
def test_objects_may_be_encrypted(event: str, of_key: bool) -> None:
    """Then a key has to allow it, too."""
    assert needs(event).of_key is of_key
