"""Access by tags: of who asks, of what is asked for, and of the request."""

from __future__ import annotations

import pytest

from tests.iam.documented.cases import (
    ACCOUNT,
    GUIDE,
    IAM,
    Case,
    allow,
    ask,
    cases,
    conditions,
    deny,
    policies,
)

TAGS = f"{GUIDE}access_tags.html"
IAM_TAGS = f"{GUIDE}access_iam-tags.html"
EXAMPLES = f"{GUIDE}reference_policies_examples_"
GLOBAL = f"{GUIDE}reference_policies_condition-keys.html"
ABAC = f"{GUIDE}tutorial_attribute-based-access-control.html"

INSTANCE = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"
VOLUME = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:volume/vol-1"
BOB = f"{IAM}:user/bob"
ME = {"aws:username": "alice"}
OWNER, COST = "ec2:ResourceTag/Owner", "ec2:ResourceTag/CostCenter"
MINE, DEPARTMENT = "aws:PrincipalTag/CostCenter", "aws:RequestTag/Department"
JOB, KEYS, ENVIRONMENT = "aws:RequestTag/JobFunction", "aws:TagKeys", "aws:RequestTag/environment"

OF_RESOURCES = [
    *cases(
        f"{TAGS}#access_tags_control-resources",
        policies(
            allow(
                ["ec2:StartInstances", "ec2:StopInstances"],
                "arn:aws:ec2:*:*:instance/*",
                when={"StringEquals": {"aws:ResourceTag/Owner": "${aws:username}"}},
            ),
            allow("ec2:DescribeInstances"),
        ),
        (
            "an owner starts an instance of his own",
            ask("ec2:StartInstances", INSTANCE, context=ME | {"aws:ResourceTag/Owner": "alice"}),
            True,
        ),
        (
            "an instance of another owner",
            ask("ec2:StartInstances", INSTANCE, context=ME | {"aws:ResourceTag/Owner": "bob"}),
            False,
        ),
        ("nor one without an owner", ask("ec2:StartInstances", INSTANCE, context=ME), False),
        ("everybody sees them", ask("ec2:DescribeInstances", "*", context=ME), True),
    ),
    *conditions(
        f"{EXAMPLES}ec2_tag-owner.html",
        {"StringEquals": {OWNER: "${aws:username}"}},
        ("the service's own key does the same", ME | {OWNER: "alice"}, True),
        ("for the owner only", ME | {OWNER: "bob"}, False),
    ),
    *conditions(
        f"{EXAMPLES}ec2-start-stop-match-tags.html",
        {"StringEquals": {COST: "${aws:PrincipalTag/CostCenter}"}},
        ("tags of user and instance are the same", {COST: "7", MINE: "7"}, True),
        ("tags of user and instance differ", {COST: "7", MINE: "8"}, False),
        ("the user has none", {COST: "7"}, False),
        ("the instance has none", {MINE: "7"}, False),
    ),
    *cases(
        f"{EXAMPLES}ec2_ebs-owner.html",
        policies(
            allow(
                "ec2:AttachVolume",
                "arn:aws:ec2:*:*:instance/*",
                when={"StringEquals": {"aws:ResourceTag/Department": "Development"}},
            ),
            allow(
                "ec2:AttachVolume",
                "arn:aws:ec2:*:*:volume/*",
                when={"StringEquals": {"aws:ResourceTag/VolumeUser": "${aws:username}"}},
            ),
        ),
        (
            "the instance is one for development",
            ask(
                "ec2:AttachVolume", INSTANCE, context={"aws:ResourceTag/Department": "Development"}
            ),
            True,
        ),
        (
            "the instance is not one for development",
            ask("ec2:AttachVolume", INSTANCE, context={"aws:ResourceTag/Department": "Sales"}),
            False,
        ),
        (
            "the volume is the user's",
            ask("ec2:AttachVolume", VOLUME, context=ME | {"aws:ResourceTag/VolumeUser": "alice"}),
            True,
        ),
        (
            "or is not the user's",
            ask("ec2:AttachVolume", VOLUME, context=ME | {"aws:ResourceTag/VolumeUser": "bob"}),
            False,
        ),
    ),
    *conditions(
        f"{EXAMPLES}rds_tag-owner.html",
        {"StringEqualsIgnoreCase": {"rds:db-tag/Owner": "${aws:username}"}},
        ("an owner's name may ignore case", ME | {"rds:db-tag/Owner": "Alice"}, True),
        ("and is still a name", ME | {"rds:db-tag/Owner": "Bob"}, False),
    ),
    *cases(
        f"{IAM_TAGS}#access_iam-tags_control-resources",
        policies(
            allow("iam:DeleteUser", when={"StringEquals": {"iam:ResourceTag/status": "terminated"}})
        ),
        (
            "a user who has left may be deleted",
            ask("iam:DeleteUser", BOB, context={"iam:ResourceTag/status": "terminated"}),
            True,
        ),
        (
            "one who has not may not",
            ask("iam:DeleteUser", BOB, context={"iam:ResourceTag/status": "active"}),
            False,
        ),
        ("nor one of whom nothing is said", ask("iam:DeleteUser", BOB), False),
    ),
]

OF_PRINCIPALS = [
    *conditions(
        f"{GLOBAL}#condition-keys-principaltag",
        {"StringEquals": {"aws:PrincipalTag/tagManager": "true"}},
        ("a user with the tag", {"aws:PrincipalTag/tagManager": "true"}, True),
        ("one with another value", {"aws:PrincipalTag/tagManager": "false"}, False),
        ("one without tags", {}, False),
    ),
    *cases(
        ABAC,
        policies(
            allow(
                "secretsmanager:*",
                when={
                    "StringEquals": {
                        f"aws:ResourceTag/{name}": f"${{aws:PrincipalTag/{name}}}"
                        for name in ("access-project", "access-team")
                    }
                },
            ),
            deny("secretsmanager:UntagResource"),
        ),
        *(
            (
                f"a secret of team {team} for the same project and team red: {holds}",
                ask(
                    "secretsmanager:GetSecretValue",
                    f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:s",
                    context={
                        "aws:PrincipalTag/access-project": "peg",
                        "aws:PrincipalTag/access-team": "red",
                        "aws:ResourceTag/access-project": "peg",
                        "aws:ResourceTag/access-team": team,
                    },
                ),
                holds,
            )
            for team, holds in [("red", True), ("blue", False)]
        ),
    ),
]

OF_REQUESTS = [
    *conditions(
        f"{TAGS}#access_tags_control-requests",
        {
            "StringEquals": {ENVIRONMENT: ["preprod", "production"]},
            "ForAllValues:StringEquals": {KEYS: "environment"},
        },
        ("a listed value of the tag", {ENVIRONMENT: "preprod", KEYS: ["environment"]}, True),
        (
            "a value of the tag that is not listed",
            {ENVIRONMENT: "test", KEYS: ["environment"]},
            False,
        ),
        (
            "a second key beside the one that is listed",
            {ENVIRONMENT: "preprod", KEYS: ["environment", "x"]},
            False,
        ),
        ("a key of another case", {ENVIRONMENT: "preprod", KEYS: ["Environment"]}, False),
    ),
    *conditions(
        f"{TAGS}#access_tags_control-tag-keys",
        {"ForAllValues:StringEquals": {KEYS: ["environment", "CostCenter"]}},
        ("one of the keys that may be set", {KEYS: ["CostCenter"]}, True),
        ("one that may not", {KEYS: ["Owner"]}, False),
    ),
    *conditions(
        f"{IAM_TAGS}#access_iam-tags_control-requests",
        {"StringLike": {"aws:RequestTag/department": ["HR", "CS"]}},
        ("a user may be put into this department", {"aws:RequestTag/department": "HR"}, True),
        ("not into that one", {"aws:RequestTag/department": "IT"}, False),
    ),
    *conditions(
        f"{IAM_TAGS}#access_iam-tags_control-tag-keys",
        {"ForAllValues:StringEquals": {KEYS: ["temporary"]}},
        ("a temporary tag may be taken off", {KEYS: ["temporary"]}, True),
        ("another may not", {KEYS: ["temporary", "department"]}, False),
    ),
    *conditions(
        f"{EXAMPLES}iam-new-user-tag.html",
        {
            "StringEqualsIfExists": {DEPARTMENT: ["Development", "Quality"], JOB: "Employee"},
            "ForAllValues:StringEquals": {KEYS: ["Department", "JobFunction"]},
        },
        (
            "both tags with their values",
            {DEPARTMENT: "Quality", JOB: "Employee", KEYS: ["Department", "JobFunction"]},
            True,
        ),
        ("one of them is enough", {DEPARTMENT: "Quality", KEYS: ["Department"]}, True),
        ("a value that is not listed", {DEPARTMENT: "Sales", KEYS: ["Department"]}, False),
        ("values have case", {JOB: "employee", KEYS: ["JobFunction"]}, False),
        ("a tag beside them", {JOB: "Employee", KEYS: ["JobFunction", "Project"]}, False),
    ),
    *conditions(
        f"{EXAMPLES}iam-add-tag.html",
        {
            "StringEquals": {
                "iam:ResourceTag/JobFunction": "Manager",
                DEPARTMENT: ["Marketing", "Development"],
            },
            "ForAllValues:StringEquals": {KEYS: "Department"},
        },
        (
            "a manager gets a department",
            {
                "iam:ResourceTag/JobFunction": "Manager",
                DEPARTMENT: "Marketing",
                KEYS: ["Department"],
            },
            True,
        ),
        (
            "somebody else does not",
            {"iam:ResourceTag/JobFunction": "Clerk", DEPARTMENT: "Marketing", KEYS: ["Department"]},
            False,
        ),
        (
            "nor anything beside it",
            {
                "iam:ResourceTag/JobFunction": "Manager",
                DEPARTMENT: "Marketing",
                KEYS: ["Department", "Level"],
            },
            False,
        ),
    ),
    *conditions(
        f"{EXAMPLES}iam-manage-tags.html",
        {"ForAllValues:StringEquals": {KEYS: "Department"}},
        ("any value of the one key", {KEYS: ["Department"]}, True),
        ("no other key", {KEYS: ["Department", "Team"]}, False),
    ),
]

CASES = [*OF_RESOURCES, *OF_PRINCIPALS, *OF_REQUESTS]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_tags(case: Case) -> None:
    """Tags open and close what the page says they do."""
    assert case.decided() is case.expected
