"""Action, Resource and their contraries, wildcards, variables, Version."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Policies
from tests.iam.documented.cases import (
    ACCOUNT,
    GUIDE,
    IAM,
    NO_MFA,
    REPORT,
    REPORTS,
    WITH_MFA,
    Case,
    allow,
    ask,
    cases,
    conditions,
    deny,
    policies,
    policy,
)

ACTION = f"{GUIDE}reference_policies_elements_action.html"
NOT_ACTION = f"{GUIDE}reference_policies_elements_notaction.html"
RESOURCE = f"{GUIDE}reference_policies_elements_resource.html"
WILDCARDS = f"{RESOURCE}#reference_policies_elements_resource_wildcards"
NOT_RESOURCE = f"{GUIDE}reference_policies_elements_notresource.html"
VERSION = f"{GUIDE}reference_policies_elements_version.html"
VARIABLES = f"{GUIDE}reference_policies_variables.html"
USER, DEPARTMENT = "aws:username", "aws:PrincipalTag/department"
TABLES = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table"
ME = {USER: "alice"}
KEY_OF_ALICE = f"{IAM}:user/alice"

ACTIONS = [
    *cases(
        ACTION,
        policies(allow("iam:ListAccessKeys")),
        ("the action that is named", ask("iam:ListAccessKeys", KEY_OF_ALICE), True),
        ("prefix and name have no case", ask("IAM:listaccesskeys", KEY_OF_ALICE), True),
        (
            "an action that is not named is not meant",
            ask("iam:CreateAccessKey", KEY_OF_ALICE),
            False,
        ),
    ),
    *cases(
        ACTION,
        policies(allow(["sqs:SendMessage", "ec2:StartInstances", "s3:GetObject"])),
        ("any action of a list", ask("ec2:StartInstances", "*"), True),
        ("none beside it", ask("ec2:StopInstances", "*"), False),
    ),
    *cases(
        ACTION,
        policies(allow("s3:*")),
        ("a wildcard is every action of the service", ask("s3:DeleteObject"), True),
        (
            "a wildcard ends with its service",
            ask("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"),
            False,
        ),
    ),
    *cases(
        ACTION,
        policies(allow("iam:*AccessKey*")),
        ("a wildcard within a name: create", ask("iam:CreateAccessKey", KEY_OF_ALICE), True),
        ("a wildcard within a name: delete", ask("iam:DeleteAccessKey", KEY_OF_ALICE), True),
        (
            "a wildcard within a name: list, which goes on after it",
            ask("iam:ListAccessKeys", KEY_OF_ALICE),
            True,
        ),
        ("a wildcard within a name: update", ask("iam:UpdateAccessKey", KEY_OF_ALICE), True),
        (
            "a name without the text around the wildcard is not meant",
            ask("iam:CreateUser", KEY_OF_ALICE),
            False,
        ),
    ),
    *cases(
        ACTION,
        policies(allow("s3:?etObject")),
        ("a question mark is one character", ask("s3:GetObject"), True),
        ("a question mark is not several characters", ask("s3:ForgetObject"), False),
    ),
    *cases(
        NOT_ACTION,
        policies(allow(NotAction="iam:*")),
        ("everything but IAM", ask("ec2:RunInstances", "*"), True),
        ("IAM is not allowed", ask("iam:ListUsers", "*"), False),
    ),
    *cases(
        NOT_ACTION,
        policies(allow(NotAction="s3:DeleteBucket", resource="arn:aws:s3:::*")),
        ("any action on buckets and objects", ask("s3:PutObject"), True),
        ("but the one that is named", ask("s3:DeleteBucket", REPORTS), False),
        ("a list of buckets needs any resource", ask("s3:ListAllMyBuckets", "*"), False),
        (
            "actions of other services are on other resources",
            ask("ec2:StopInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"),
            False,
        ),
    ),
    *cases(
        NOT_ACTION,
        policies(
            allow(),
            deny(NotAction="iam:*", when={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        ),
        ("without MFA all but IAM is denied", ask("ec2:RunInstances", "*", context=NO_MFA), False),
        ("a Deny leaves out what NotAction lists", ask("iam:ListUsers", "*", context=NO_MFA), True),
        (
            "a Deny whose condition fails denies nothing",
            ask("ec2:RunInstances", "*", context=WITH_MFA),
            True,
        ),
    ),
    *cases(
        NOT_ACTION,
        policies(deny(NotAction="iam:*")),
        ("what a Deny leaves out is not allowed thereby", ask("iam:ListUsers", "*"), False),
    ),
]

RESOURCES = [
    *cases(
        RESOURCE,
        policies(allow(resource=f"arn:aws:sqs:us-east-2:{ACCOUNT}:queue1")),
        (
            "the queue that is named",
            ask("sqs:SendMessage", f"arn:aws:sqs:us-east-2:{ACCOUNT}:queue1"),
            True,
        ),
        (
            "not one of another region",
            ask("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue1"),
            False,
        ),
        (
            "nor of a longer name",
            ask("sqs:SendMessage", f"arn:aws:sqs:us-east-2:{ACCOUNT}:queue12"),
            False,
        ),
    ),
    *cases(
        RESOURCE,
        policies(allow("iam:*", f"{IAM}:user/Bob")),
        ("the user that is named", ask("iam:GetUser", f"{IAM}:user/Bob"), True),
        ("names of users have case", ask("iam:GetUser", f"{IAM}:user/bob"), False),
    ),
    *cases(
        RESOURCE,
        policies(allow(resource=[f"{TABLES}/books_table", f"{TABLES}/magazines_table"])),
        ("any resource of a list", ask("dynamodb:GetItem", f"{TABLES}/magazines_table"), True),
        ("none beside it", ask("dynamodb:GetItem", f"{TABLES}/papers_table"), False),
    ),
    *cases(
        WILDCARDS,
        policies(allow("iam:*", f"{IAM}:user/accounting/*")),
        ("users of a path", ask("iam:GetUser", f"{IAM}:user/accounting/bob"), True),
        ("not those outside it", ask("iam:GetUser", f"{IAM}:user/sales/bob"), False),
    ),
    *cases(
        WILDCARDS,
        policies(allow("s3:*", f"{REPORTS}/*")),
        ("everything in a bucket", ask("s3:GetObject"), True),
        ("but not the bucket itself", ask("s3:ListBucket", REPORTS), False),
        (
            "a bucket whose name only begins alike",
            ask("s3:GetObject", "arn:aws:s3:::example-reports-2/q2.csv"),
            False,
        ),
    ),
    *cases(
        WILDCARDS,
        policies(allow("s3:GetObject", f"{REPORTS}/*/test/*")),
        *(
            (f"a wildcard takes in slashes: {key}", ask(resource=f"{REPORTS}/{key}"), True)
            for key in [
                "1/test/object.jpg",
                "1/2/test/object.jpg",
                "1/2/test/3/object.jpg",
                "1/2/3/test/4/object.jpg",
                "1///test///object.jpg",
                "1/test/.jpg",
                "/test/object.jpg",
                "1/test/",
            ]
        ),
        *(
            (
                f"what stands around it has to be there: {key}",
                ask(resource=f"{REPORTS}/{key}"),
                False,
            )
            for key in ["1-test/object.jpg", "test/object.jpg", "1/2/test.jpg"]
        ),
    ),
    *cases(
        NOT_RESOURCE,
        policies(
            allow(),
            deny("s3:*", NotResource=[f"{REPORTS}/Payroll", f"{REPORTS}/Payroll/*"]),
        ),
        ("the folder that is left out is not denied", ask(resource=f"{REPORTS}/Payroll/a"), True),
        ("the rest of the bucket is", ask(resource=f"{REPORTS}/Plans/a"), False),
        ("and every other bucket", ask(resource="arn:aws:s3:::example-logs/a"), False),
        (
            "other services are not",
            ask("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"),
            True,
        ),
    ),
    *cases(
        NOT_RESOURCE,
        policies(deny("s3:*", NotResource=[f"{REPORTS}/Payroll", f"{REPORTS}/Payroll/*"])),
        ("and nothing is allowed thereby", ask(resource=f"{REPORTS}/Payroll/a"), False),
    ),
    *cases(
        NOT_RESOURCE,
        policies(allow("s3:*", NotResource=f"{REPORTS}/Payroll/*")),
        ("with Allow all that is not listed is allowed", ask(resource=f"{REPORTS}/Plans/a"), True),
        ("and what is listed is not", ask(resource=f"{REPORTS}/Payroll/b"), False),
    ),
]

OWN_FOLDER = allow("s3:GetObject", f"{REPORTS}/${{aws:username}}/*")
LITERAL = f"{REPORTS}/${{aws:username}}/q2.csv"


def dated(version: str | None) -> Policies:
    """Return a user's policy with a variable, in one version of the language."""
    return Policies(identity=(policy(OWN_FOLDER, version=version),))


FILLED_IN = [
    *cases(
        VERSION,
        dated("2012-10-17"),
        (
            "the newer version fills in variables",
            ask(resource=f"{REPORTS}/alice/q2.csv", context=ME),
            True,
        ),
    ),
    *cases(
        VERSION,
        dated("2008-10-17"),
        ("the older one does not", ask(resource=f"{REPORTS}/alice/q2.csv", context=ME), False),
        ("it takes them for text", ask(resource=LITERAL, context=ME), True),
    ),
    *cases(
        f"{VARIABLES}#policy-vars-intro",
        dated(None),
        ("a policy without a version takes them for text too", ask(resource=LITERAL), True),
        ("and fills in nothing", ask(resource=f"{REPORTS}/alice/q2.csv"), False),
    ),
    *cases(
        f"{VARIABLES}#policy-vars-intro",
        policies(allow("iam:*AccessKey*", f"{IAM}:user/${{aws:username}}")),
        ("a user's own keys", ask("iam:CreateAccessKey", KEY_OF_ALICE, context=ME), True),
        (
            "the keys of another user",
            ask("iam:CreateAccessKey", f"{IAM}:user/bob", context=ME),
            False,
        ),
        ("nor anybody's where the name is absent", ask("iam:CreateAccessKey", KEY_OF_ALICE), False),
    ),
    *cases(
        f"{VARIABLES}#policy-vars-wheretouse",
        policies(allow("sqs:*", "arn:aws:sqs:us-east-2:*:${aws:username}-queue")),
        (
            "a variable may be a part of a name",
            ask("sqs:SendMessage", f"arn:aws:sqs:us-east-2:{ACCOUNT}:alice-queue", context=ME),
            True,
        ),
        (
            "which then is one's own",
            ask("sqs:SendMessage", f"arn:aws:sqs:us-east-2:{ACCOUNT}:bob-queue", context=ME),
            False,
        ),
    ),
    *cases(
        f"{VARIABLES}#policy-vars-tags",
        policies(allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/department}")),
        (
            "a tag fills in a name",
            ask("s3:ListBucket", "arn:aws:s3:::hr", context={DEPARTMENT: "hr"}),
            True,
        ),
        (
            "of its own value only",
            ask("s3:ListBucket", "arn:aws:s3:::it", context={DEPARTMENT: "hr"}),
            False,
        ),
    ),
    *cases(
        f"{VARIABLES}#policy-vars-infotouse",
        policies(allow("s3:GetObject", f"{REPORTS}/${{AWS:UserName}}/*")),
        ("names of variables have no case", ask(resource=f"{REPORTS}/alice/a", context=ME), True),
    ),
    *cases(
        f"{VARIABLES}#policy-vars-default-values",
        policies(allow("s3:GetObject", f"{REPORTS}/${{aws:userid, 'anonymous'}}/*")),
        ("a default stands for an absent key", ask(resource=f"{REPORTS}/anonymous/a"), True),
        (
            "the key's own value goes first",
            ask(resource=f"{REPORTS}/AIDA1/a", context={"aws:userid": "AIDA1"}),
            True,
        ),
        (
            "and then the default is not used",
            ask(resource=f"{REPORTS}/anonymous/a", context={"aws:userid": "AIDA1"}),
            False,
        ),
    ),
    *cases(
        f"{VARIABLES}#policy-vars-specialchars",
        policies(
            allow(
                "s3:GetObject", [f"{REPORTS}/a${{*}}", f"{REPORTS}/b${{?}}", f"{REPORTS}/c${{$}}"]
            )
        ),
        ("an asterisk may be meant", ask(resource=f"{REPORTS}/a*"), True),
        ("and is no wildcard then", ask(resource=f"{REPORTS}/abc"), False),
        ("a question mark may be meant", ask(resource=f"{REPORTS}/b?"), True),
        ("and is no wildcard either", ask(resource=f"{REPORTS}/bc"), False),
        ("a dollar sign may be meant", ask(resource=f"{REPORTS}/c$"), True),
    ),
    *conditions(
        f"{VARIABLES}#policy-vars-conditionelement",
        {
            "StringLike": {"sns:endpoint": "https://example.com/${aws:username}/"},
            "StringEquals": {"sns:Protocol": "https"},
        },
        (
            "a variable in a condition",
            {"sns:endpoint": "https://example.com/alice/", "sns:Protocol": "https"} | ME,
            True,
        ),
        (
            "holds of one's own value",
            {"sns:endpoint": "https://example.com/bob/", "sns:Protocol": "https"} | ME,
            False,
        ),
    ),
    *conditions(
        f"{VARIABLES}#policy-vars-conditionelement",
        {"StringLike": {"iam:ResourceTag/costCenter": ["12345", "67890"]}},
        ("a listed value of a tag", {"iam:ResourceTag/costCenter": "67890"}, True),
        ("a tag of another value", {"iam:ResourceTag/costCenter": "1"}, False),
        ("a resource without the tag", {}, False),
    ),
    *cases(
        f"{GUIDE}access_policies.html#policies-introduction",
        policies(allow("s3:PutObject", REPORT), allow("s3:GetObject", REPORT)),
        ("one statement that allows is enough", ask(), True),
    ),
]

CASES = [*ACTIONS, *RESOURCES, *FILLED_IN]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_elements(case: Case) -> None:
    """A statement speaks of what its elements say."""
    assert case.decided() is case.expected
