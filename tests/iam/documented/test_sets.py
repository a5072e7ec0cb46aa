"""Several conditions, several values in a policy, several values in a request."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Request
from tests.iam.documented.cases import (
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

LOGIC = f"{GUIDE}reference_policies_condition-logic-multiple-context-keys-or-values.html"
SETS = f"{GUIDE}reference_policies_condition-single-vs-multi-valued-context-keys.html"
EXAMPLES = f"{GUIDE}reference_policies_condition_examples-multi-valued-context-keys.html"
GLOBAL = f"{GUIDE}reference_policies_condition-keys.html"

DEPARTMENT, ROLE = "aws:PrincipalTag/department", "aws:PrincipalTag/role"
ARN, COLUMNS, TAGS = "aws:PrincipalArn", "dynamodb:requestedAttributes", "aws:TagKeys"
VIA, PATHS = "aws:CalledVia", "aws:PrincipalOrgPaths"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/Thread"
ALICE_HR = {DEPARTMENT: "hr", ROLE: "audit", ARN: f"{IAM}:user/alice"}

TOGETHER = [
    *conditions(
        f"{LOGIC}#reference_policies_multiple-conditions-eval",
        {
            "StringEquals": {DEPARTMENT: ["finance", "hr", "legal"], ROLE: ["audit", "security"]},
            "ArnLike": {ARN: [f"{IAM}:user/alice", f"{IAM}:user/bob"]},
        },
        ("every key and operator has to hold", ALICE_HR, True),
        ("any of the values will do", ALICE_HR | {DEPARTMENT: "legal"}, True),
        ("one key that differs is enough to fail", ALICE_HR | {ROLE: "sales"}, False),
        ("one operator that fails is too", ALICE_HR | {ARN: f"{IAM}:user/eve"}, False),
        ("a missing tag fails", {DEPARTMENT: "hr", ARN: f"{IAM}:user/alice"}, False),
    ),
    *conditions(
        f"{LOGIC}#reference_policies_multiple-conditions-negated-matching-eval",
        {"StringNotEquals": {DEPARTMENT: ["finance", "hr"]}},
        ("none of the values of a negated operator may match", {DEPARTMENT: "legal"}, True),
        ("the first of them fails it", {DEPARTMENT: "finance"}, False),
        ("so does the second", {DEPARTMENT: "hr"}, False),
        ("an absent key passes it", {}, True),
    ),
    *conditions(
        f"{LOGIC}#reference_policies_multiple-conditions-negated-matching-eval",
        {"StringNotEquals": {DEPARTMENT: "finance", ROLE: "audit"}},
        ("two keys of a negated operator both have to differ", {DEPARTMENT: "hr"}, True),
        ("one that is equal fails", {DEPARTMENT: "hr", ROLE: "audit"}, False),
    ),
]


def columns(action: str, *names: str) -> Request:
    """Return a request for some columns of a table; none where the key is absent."""
    return ask(action, TABLE, context={COLUMNS: names} if names else {})


ONLY_THESE = {"ForAllValues:StringLike": {COLUMNS: ["PostDateTime", "Message", "Tags"]}}
NOT_THESE = {"ForAnyValue:StringLike": {COLUMNS: ["ID", "PostDateTime"]}}
READ, WRITE = "dynamodb:GetItem", "dynamodb:PutItem"

COLUMN_SETS = [
    *cases(
        f"{GUIDE}reference_policies_multi-value-conditions.html",
        policies(allow(READ, TABLE, when=ONLY_THESE)),
        ("all columns are listed", columns(READ, "PostDateTime", "Message"), True),
        ("one that is listed is enough", columns(READ, "Tags"), True),
        ("one that is not listed fails", columns(READ, "PostDateTime", "Message", "ID"), False),
        ("as it does for any other", columns(READ, "PostDateTime", "UserName"), False),
        ("of no columns ForAllValues holds", columns(READ), True),
    ),
    *cases(
        f"{GUIDE}reference_policies_multi-value-conditions.html",
        policies(allow(WRITE, TABLE), deny(WRITE, TABLE, when=NOT_THESE)),
        ("any forbidden column is denied", columns(WRITE, "PostDateTime", "Message"), False),
        ("one of three is enough", columns(WRITE, "UserName", "Message", "PostDateTime"), False),
        ("others are not denied", columns(WRITE, "UserName"), True),
        ("of no columns ForAnyValue fails", columns(WRITE), True),
    ),
    *cases(
        f"{GUIDE}reference_policies_multi-value-conditions.html",
        policies(deny(WRITE, TABLE, when=NOT_THESE)),
        ("what is not denied is not allowed thereby", columns(WRITE, "UserName"), False),
    ),
]

TAG_SETS = [
    *conditions(
        SETS,
        {"ForAllValues:StringEquals": {TAGS: ["environment", "cost-center"]}},
        ("every key of the request is listed", {TAGS: ["environment", "cost-center"]}, True),
        ("one key that is not listed fails", {TAGS: ["environment", "owner"]}, False),
        ("a request without tags passes", {}, True),
    ),
    *conditions(
        SETS,
        {
            "ForAllValues:StringEquals": {TAGS: ["environment", "cost-center"]},
            "Null": {TAGS: "false"},
        },
        ("with Null a request without tags fails", {}, False),
        ("and one with a listed tag passes", {TAGS: ["environment"]}, True),
    ),
    *conditions(
        SETS,
        {"ForAnyValue:StringEquals": {TAGS: ["environment", "cost-center"]}},
        ("one listed key is enough", {TAGS: ["owner", "environment"]}, True),
        ("no listed key at all fails", {TAGS: ["owner"]}, False),
        ("ForAnyValue fails where there are no tags", {}, False),
    ),
    *cases(
        EXAMPLES,
        policies(allow(), deny("iam:TagUser", when={"ForAllValues:StringLike": {TAGS: "key1*"}})),
        (
            "a Deny of a prefix denies where all keys have it",
            ask("iam:TagUser", f"{IAM}:user/bob", context={TAGS: ["key1", "key1-b"]}),
            False,
        ),
        (
            "and lets keys pass of which one is another",
            ask("iam:TagUser", f"{IAM}:user/bob", context={TAGS: ["key1", "other"]}),
            True,
        ),
    ),
    *cases(
        EXAMPLES,
        policies(allow(), deny("iam:TagUser", when={"ForAnyValue:StringLike": {TAGS: "key1*"}})),
        (
            "with ForAnyValue one key of the prefix is denied",
            ask("iam:TagUser", f"{IAM}:user/bob", context={TAGS: ["key1", "other"]}),
            False,
        ),
        (
            "and keys without it are not",
            ask("iam:TagUser", f"{IAM}:user/bob", context={TAGS: ["other"]}),
            True,
        ),
    ),
]

ROOT, UNIT = "o-a1b2c3d4e5/r-f6g7h8i9j0example", "ou-ghi0-awsccccc/ou-jkl0-awsddddd"
CLOUDFORMATION, DYNAMODB = "cloudformation.amazonaws.com", "dynamodb.amazonaws.com"

GLOBAL_SETS = [
    *conditions(
        f"{GLOBAL}#condition-keys-calledvia",
        {"ForAnyValue:StringEquals": {VIA: [DYNAMODB]}},
        ("a service anywhere in the chain will do", {VIA: [CLOUDFORMATION, DYNAMODB]}, True),
        ("a chain without it will not", {VIA: [CLOUDFORMATION]}, False),
        ("a direct call has no chain", {}, False),
    ),
    *conditions(
        f"{GLOBAL}#condition-keys-calledvia",
        {"StringEquals": {f"{VIA}First": CLOUDFORMATION, f"{VIA}Last": DYNAMODB}},
        (
            "first and last of the chain are compared",
            {f"{VIA}First": CLOUDFORMATION, f"{VIA}Last": DYNAMODB},
            True,
        ),
        (
            "first and last in the wrong order fail",
            {f"{VIA}First": DYNAMODB, f"{VIA}Last": CLOUDFORMATION},
            False,
        ),
    ),
    *conditions(
        f"{GLOBAL}#condition-keys-principalorgpaths",
        {"ForAnyValue:StringEquals": {PATHS: [f"{ROOT}/{UNIT}/"]}},
        ("an account of the unit itself", {PATHS: [f"{ROOT}/{UNIT}/"]}, True),
        ("not one of a unit below", {PATHS: [f"{ROOT}/{UNIT}/ou-x/"]}, False),
    ),
    *conditions(
        f"{GLOBAL}#condition-keys-principalorgpaths",
        {"ForAnyValue:StringLike": {PATHS: [f"{ROOT}/{UNIT}/*"]}},
        ("a wildcard takes in the units below", {PATHS: [f"{ROOT}/{UNIT}/ou-x/"]}, True),
        ("but no other branch", {PATHS: [f"{ROOT}/ou-def0-awsbbbbb/"]}, False),
        ("nor who is in no organization", {}, False),
    ),
]

CASES = [*TOGETHER, *COLUMN_SETS, *TAG_SETS, *GLOBAL_SETS]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_sets(case: Case) -> None:
    """Conditions are joined, and sets compared, as the page says."""
    assert case.decided() is case.expected
