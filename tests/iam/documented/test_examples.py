"""Policies that AWS publishes as examples: what each lets pass, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from cloudtrail_mfa.iam import Request
from tests.iam.documented.cases import (
    ACCOUNT,
    GUIDE,
    IAM,
    OTHER,
    OUTSIDER,
    REPORT,
    REPORTS,
    S3,
    SESSION,
    Case,
    allow,
    ask,
    cases,
    deny,
    policies,
    to,
)

EXAMPLES = f"{GUIDE}reference_policies_examples_"
GLOBAL = f"{GUIDE}reference_policies_condition-keys.html"
BUCKETS = f"{S3}example-bucket-policies.html"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/MyTable"
INSTANCE = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"
START, STOP, RUN = "ec2:StartInstances", "ec2:StopInstances", "ec2:RunInstances"
SUB = "cognito-identity.amazonaws.com:sub"


def put(**context: Any) -> Request:
    """Return a request to write an object, of somebody of the other account."""
    return ask("s3:PutObject", by=OUTSIDER, owner=ACCOUNT, context=context)


TABLES = [
    *cases(
        f"{EXAMPLES}dynamodb_specific-table.html",
        policies(
            allow(["dynamodb:List*", "dynamodb:DescribeLimits"]),
            allow(["dynamodb:Get*", "dynamodb:PutItem"], "arn:aws:dynamodb:*:*:table/MyTable"),
        ),
        ("items of the table", ask("dynamodb:GetItem", TABLE), True),
        ("items of another table", ask("dynamodb:GetItem", f"{TABLE}2"), False),
        ("the list of tables", ask("dynamodb:ListTables", "*"), True),
        ("an action that is not listed", ask("dynamodb:Scan", TABLE), False),
    ),
    *cases(
        f"{EXAMPLES}dynamodb_columns.html",
        policies(
            allow(
                ["dynamodb:GetItem", "dynamodb:Query"],
                "arn:aws:dynamodb:*:*:table/MyTable",
                when={
                    "ForAllValues:StringEquals": {"dynamodb:Attributes": ["one", "two"]},
                    "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
                },
            )
        ),
        (
            "columns that are listed",
            ask("dynamodb:GetItem", TABLE, context={"dynamodb:Attributes": ["one"]}),
            True,
        ),
        (
            "a column that is not",
            ask("dynamodb:GetItem", TABLE, context={"dynamodb:Attributes": ["one", "six"]}),
            False,
        ),
        (
            "all that an index shows",
            ask(
                "dynamodb:Query",
                TABLE,
                context={
                    "dynamodb:Attributes": ["one"],
                    "dynamodb:Select": "ALL_PROJECTED_ATTRIBUTES",
                },
            ),
            False,
        ),
    ),
    *cases(
        f"{EXAMPLES}dynamodb_rows.html",
        policies(
            allow(
                "dynamodb:GetItem",
                "arn:aws:dynamodb:*:*:table/MyTable",
                when={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [f"${{{SUB}}}"]}},
            )
        ),
        (
            "one's own row",
            ask(
                "dynamodb:GetItem",
                TABLE,
                by=SESSION,
                context={SUB: "id-1", "dynamodb:LeadingKeys": ["id-1"]},
            ),
            True,
        ),
        (
            "another's row",
            ask(
                "dynamodb:GetItem",
                TABLE,
                by=SESSION,
                context={SUB: "id-1", "dynamodb:LeadingKeys": ["id-2"]},
            ),
            False,
        ),
    ),
]

HOME = policies(
    allow(["s3:ListAllMyBuckets", "s3:GetBucketLocation"]),
    allow(
        "s3:ListBucket",
        REPORTS,
        when={"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}},
    ),
    allow("s3:*", [f"{REPORTS}/home/${{aws:username}}", f"{REPORTS}/home/${{aws:username}}/*"]),
)
ME = {"aws:username": "alice"}

OBJECTS = [
    *cases(
        f"{EXAMPLES}s3_home-directory-console.html",
        HOME,
        ("one's own folder", ask("s3:PutObject", f"{REPORTS}/home/alice/a", context=ME), True),
        ("another's folder", ask("s3:PutObject", f"{REPORTS}/home/bob/a", context=ME), False),
        (
            "a list of one's own",
            ask("s3:ListBucket", REPORTS, context=ME | {"s3:prefix": "home/alice/x"}),
            True,
        ),
        (
            "a list of another's",
            ask("s3:ListBucket", REPORTS, context=ME | {"s3:prefix": "home/bob/x"}),
            False,
        ),
        (
            "a list of the bucket",
            ask("s3:ListBucket", REPORTS, context=ME | {"s3:prefix": ""}),
            True,
        ),
    ),
    *cases(
        f"{EXAMPLES}s3_deny-except-bucket.html",
        policies(
            allow(),
            allow("s3:*", [REPORTS, f"{REPORTS}/*"]),
            deny(NotAction="s3:*", NotResource=[REPORTS, f"{REPORTS}/*"]),
        ),
        ("actions of S3 on the bucket", ask("s3:GetBucketPolicy", REPORTS), True),
        ("other services, whatever else allows them", ask(RUN, INSTANCE), False),
    ),
    *cases(
        f"{EXAMPLES}s3_cognito-bucket.html",
        policies(allow(["s3:GetObject", "s3:PutObject"], f"{REPORTS}/cognito/app/${{{SUB}}}/*")),
        (
            "objects of one's identity",
            ask(resource=f"{REPORTS}/cognito/app/id-1/a", by=SESSION, context={SUB: "id-1"}),
            True,
        ),
        (
            "objects of another",
            ask(resource=f"{REPORTS}/cognito/app/id-2/a", by=SESSION, context={SUB: "id-1"}),
            False,
        ),
    ),
    *cases(
        f"{EXAMPLES}s3_rw-bucket.html",
        policies(allow("s3:ListBucket", REPORTS), allow("s3:*Object", f"{REPORTS}/*")),
        ("actions that end in Object", ask("s3:DeleteObject"), True),
        ("not those that go on", ask("s3:GetObjectAcl"), False),
        ("the list of the bucket", ask("s3:ListBucket", REPORTS), True),
    ),
    *cases(
        f"{BUCKETS}#example-bucket-policies-use-case-1",
        policies(
            allow("s3:*"),
            resource=[
                to(
                    {"AWS": [f"{IAM}:root", f"arn:aws:iam::{OTHER}:root"]},
                    allow("s3:PutObject", when={"StringEquals": {"s3:x-amz-acl": ["public-read"]}}),
                )
            ],
        ),
        ("another account writes what all may read", put(**{"s3:x-amz-acl": "public-read"}), True),
        ("an upload without that list of rights is refused", put(), False),
    ),
    *cases(
        f"{BUCKETS}#example-bucket-policies-use-case-4",
        policies(
            resource=[
                to(
                    "*",
                    allow(
                        "s3:GetObject", when={"StringLike": {"aws:Referer": "http://example.com/*"}}
                    ),
                )
            ]
        ),
        ("a link on the site", ask(context={"aws:Referer": "http://example.com/a"}), True),
        ("a link elsewhere", ask(context={"aws:Referer": "http://example.org/a"}), False),
        ("a request without a link", ask(), False),
    ),
    *cases(
        f"{BUCKETS}#example-bucket-policies-use-case-8",
        policies(
            allow("s3:*"),
            resource=[
                to(
                    {"AWS": OTHER},
                    allow(
                        "s3:PutObject",
                        when={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
                    ),
                )
            ],
        ),
        (
            "uploads that leave the owner in control",
            put(**{"s3:x-amz-acl": "bucket-owner-full-control"}),
            True,
        ),
        ("uploads that do not", put(**{"s3:x-amz-acl": "private"}), False),
    ),
    *cases(
        f"{GLOBAL}#condition-keys-principalorgid",
        policies(
            allow("s3:*"),
            resource=[
                to(
                    "*",
                    allow("s3:PutObject", when={"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}}),
                )
            ],
        ),
        ("members of the organization", put(**{"aws:PrincipalOrgID": "o-1"}), True),
        ("members of another", put(**{"aws:PrincipalOrgID": "o-2"}), False),
        ("members of none", put(), False),
    ),
]

PASSED = "iam:PassedToService"
IDENTITIES = [
    *cases(
        f"{EXAMPLES}iam-passrole-service.html",
        policies(
            allow("iam:PassRole", when={"StringEquals": {PASSED: "cloudwatch.amazonaws.com"}})
        ),
        (
            "a role for that service",
            ask("iam:PassRole", f"{IAM}:role/x", context={PASSED: "cloudwatch.amazonaws.com"}),
            True,
        ),
        (
            "a role for another",
            ask("iam:PassRole", f"{IAM}:role/x", context={PASSED: "ec2.amazonaws.com"}),
            False,
        ),
    ),
    *cases(
        f"{EXAMPLES}iam_limit-managed.html",
        policies(
            allow(
                "iam:AttachUserPolicy",
                when={
                    "ArnEquals": {
                        "iam:PolicyARN": [
                            f"{IAM}:policy/Team",
                            "arn:aws:iam::aws:policy/ReadOnlyAccess",
                        ]
                    }
                },
            )
        ),
        (
            "a policy that is listed",
            ask(
                "iam:AttachUserPolicy",
                f"{IAM}:user/x",
                context={"iam:PolicyARN": f"{IAM}:policy/Team"},
            ),
            True,
        ),
        (
            "a managed policy that is not listed",
            ask(
                "iam:AttachUserPolicy",
                f"{IAM}:user/x",
                context={"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"},
            ),
            False,
        ),
    ),
    *cases(
        f"{EXAMPLES}iam_policy-sim-path.html",
        policies(
            allow("iam:SimulatePrincipalPolicy", "arn:aws:iam::*:user/Department/Development/*")
        ),
        (
            "users of the path",
            ask("iam:SimulatePrincipalPolicy", f"{IAM}:user/Department/Development/x"),
            True,
        ),
        (
            "users outside it",
            ask("iam:SimulatePrincipalPolicy", f"{IAM}:user/Department/Sales/x"),
            False,
        ),
    ),
    *cases(
        f"{EXAMPLES}ec2_instance-securitygroup.html",
        policies(
            allow("ec2:DescribeInstances"),
            allow(
                [START, STOP, "ec2:AuthorizeSecurityGroupIngress"],
                ["arn:aws:ec2:*:*:instance/i-1", "arn:aws:ec2:*:*:security-group/sg-1"],
            ),
        ),
        ("the one instance", ask(STOP, INSTANCE), True),
        ("another instance", ask(STOP, f"{INSTANCE}2"), False),
        (
            "the one group",
            ask(
                "ec2:AuthorizeSecurityGroupIngress",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/sg-1",
            ),
            True,
        ),
    ),
    *cases(
        f"{EXAMPLES}codecommit_pull.html",
        policies(
            allow("codecommit:GitPull", "arn:aws:codecommit:*:*:MyDemoRepo"),
            allow("codecommit:Get*"),
        ),
        (
            "pulling the repository",
            ask("codecommit:GitPull", f"arn:aws:codecommit:eu-west-1:{ACCOUNT}:MyDemoRepo"),
            True,
        ),
        (
            "pulling another",
            ask("codecommit:GitPull", f"arn:aws:codecommit:eu-west-1:{ACCOUNT}:Other"),
            False,
        ),
        (
            "pushing, which is not listed",
            ask("codecommit:GitPush", f"arn:aws:codecommit:eu-west-1:{ACCOUNT}:MyDemoRepo"),
            False,
        ),
    ),
    *cases(
        f"{GUIDE}id_roles_use_revoke-sessions.html",
        policies(
            allow(), deny(when={"DateLessThan": {"aws:TokenIssueTime": "2026-06-01T09:00:00Z"}})
        ),
        (
            "sessions from before are revoked",
            ask(by=SESSION, context={"aws:TokenIssueTime": "2026-06-01T08:00:00Z"}),
            False,
        ),
        (
            "sessions from after are not",
            ask(
                resource=REPORT, by=SESSION, context={"aws:TokenIssueTime": "2026-06-01T10:00:00Z"}
            ),
            True,
        ),
    ),
]

CASES = [*TABLES, *OBJECTS, *IDENTITIES]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_examples(case: Case) -> None:
    """A published policy does what its page says it does."""
    assert case.decided() is case.expected
