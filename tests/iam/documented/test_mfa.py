"""The MFA keys: what a long-term key, a session without MFA and one with it may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cloudtrail_mfa.iam import Request
from tests.iam.documented.cases import (
    ACCOUNT,
    AGE,
    ALICE,
    GUIDE,
    IAM,
    LONG_TERM,
    MFA,
    NO_MFA,
    OTHER,
    OUTSIDER,
    REPORTS,
    S3,
    WITH_MFA,
    Case,
    Row,
    Statement,
    allow,
    ask,
    assume,
    cases,
    comparisons,
    deny,
    policies,
    to,
    trust,
)

PRESENT = f"{GUIDE}reference_policies_condition-keys.html#condition-keys-multifactorauthpresent"
AGES = f"{GUIDE}reference_policies_condition-keys.html#condition-keys-multifactorauthage"
API = f"{GUIDE}id_credentials_mfa_configure-api-require.html"
OWN_CREDENTIALS = f"{GUIDE}reference_policies_examples_aws_my-sec-creds-self-manage.html"
OWN_DEVICE = f"{GUIDE}reference_policies_examples_iam_mfa-selfmanage.html"
PRODUCTION = f"{GUIDE}reference_policies_examples_s3_full-access-except-production.html"
MFA_DATES = f"{GUIDE}reference_policies_examples_aws_mfa-dates.html"
NO_MFA_BOX = {"BoolIfExists": {MFA: "false"}}


def three(what: Statement, expected: tuple[bool, bool, bool]) -> list[Case]:
    """Return the cases of a statement beside an Allow of nothing, or of all where it denies."""
    others = [allow()] if what["Effect"] == "Deny" else []
    ((operator, block),) = what["Condition"].items()
    states = [("no key", LONG_TERM), ("false", NO_MFA), ("true", WITH_MFA)]
    rows: list[Row] = [
        (f"{what['Effect']} {operator} {block[MFA]} of {state}", ask(context=given), holds)
        for (state, given), holds in zip(states, expected, strict=True)
    ]
    return cases(PRESENT, policies(*others, what), *rows)


TRUTH_TABLE = [
    *three(deny(when={"BoolIfExists": {MFA: "false"}}), (False, False, True)),
    *three(deny(when={"Bool": {MFA: "false"}}), (True, False, True)),
    *three(allow(when={"BoolIfExists": {MFA: "true"}}), (True, False, True)),
    *three(allow(when={"Bool": {MFA: "true"}}), (False, False, True)),
    *three(allow(when={"Null": {MFA: "false"}}), (False, True, True)),
]

SERVICES = [
    *cases(
        PRESENT,
        policies(allow(), deny(when=NO_MFA_BOX)),
        (
            "a call that a service makes with one's key has the key, and false",
            ask(context={**NO_MFA, "aws:ViaAWSService": True}),
            False,
        ),
    ),
    *cases(
        f"{GUIDE}reference_policies_condition-keys.html#condition-keys-viaawsservice",
        policies(allow(), deny(when=NO_MFA_BOX | {"Bool": {"aws:ViaAWSService": "false"}})),
        (
            "a condition may leave such calls out",
            ask(context={**NO_MFA, "aws:ViaAWSService": True}),
            True,
        ),
        (
            "and direct ones not",
            ask(context={**NO_MFA, "aws:ViaAWSService": False}),
            False,
        ),
    ),
]

AGE_CONDITIONS = comparisons(
    AGES,
    ("NumericLessThan", AGE, "3600", 600, True),
    ("NumericLessThan", AGE, "3600", 3600, False),
    ("NumericLessThan", AGE, "3600", 7200, False),
    ("NumericLessThan", AGE, "3600", None, False),
    ("NumericLessThanEquals", AGE, "3600", 3600, True),
    ("NumericLessThanIfExists", AGE, "3600", None, True),
    ("NumericGreaterThan", AGE, "3600", 7200, True),
    ("NumericGreaterThan", AGE, "3600", 600, False),
    ("NumericGreaterThan", AGE, "3600", None, False),
    ("NumericGreaterThanIfExists", AGE, "3600", None, True),
    ("NumericGreaterThanIfExists", AGE, "3600", 600, False),
    ("Null", AGE, "true", None, True),
    ("Null", AGE, "true", 600, False),
)

WITH = {"Bool": {MFA: "true"}}

PROTECTED = [
    *cases(
        f"{API}#MFAProtectedAPI-policies",
        policies(allow("sts:AssumeRole"), resource=[trust({"AWS": OTHER}, when=WITH)], must=True),
        ("users with MFA may take the role", assume(OUTSIDER, context=WITH_MFA), True),
        ("a session without it may not", assume(OUTSIDER, context=NO_MFA), False),
        ("a long-term key is refused", assume(OUTSIDER, context=LONG_TERM), False),
        ("nor a user of another account", assume(ALICE, context=WITH_MFA), False),
    ),
    *cases(
        f"{API}#MFAProtectedAPI-cross-account-delegation",
        policies(
            allow("sts:AssumeRole", f"{IAM}:role/CrossAccountRole"),
            resource=[trust({"AWS": OTHER}, when=WITH)],
            must=True,
        ),
        (
            "leave and MFA together",
            assume(OUTSIDER, f"{IAM}:role/CrossAccountRole", WITH_MFA),
            True,
        ),
        ("leave without MFA", assume(OUTSIDER, f"{IAM}:role/CrossAccountRole"), False),
        ("MFA without leave", assume(OUTSIDER, f"{IAM}:role/Else", WITH_MFA), False),
    ),
    *cases(
        f"{API}#MFAProtectedAPI-user-mfa",
        policies(allow(["ec2:StopInstances", "ec2:TerminateInstances"], when=WITH)),
        ("stopping with MFA", ask("ec2:StopInstances", "*", context=WITH_MFA), True),
        ("terminating with MFA", ask("ec2:TerminateInstances", "*", context=WITH_MFA), True),
        (
            "a session without MFA is refused",
            ask("ec2:TerminateInstances", "*", context=NO_MFA),
            False,
        ),
        ("a long-term key is refused here too", ask("ec2:TerminateInstances", "*"), False),
        (
            "MFA gives no more than the statement says",
            ask("ec2:RunInstances", "*", context=WITH_MFA),
            False,
        ),
    ),
    *cases(
        f"{API}#MFAProtectedAPI-resource-policies",
        policies(
            allow("s3:*"),
            resource=[
                to(
                    {"AWS": [ACCOUNT, OTHER]},
                    allow(["s3:PutObject", "s3:DeleteObject"], f"{REPORTS}/*", when=WITH),
                )
            ],
        ),
        (
            "a bucket that demands MFA of another account's users",
            ask("s3:PutObject", by=OUTSIDER, owner=ACCOUNT, context=WITH_MFA),
            True,
        ),
        (
            "lets no session without it in",
            ask("s3:PutObject", by=OUTSIDER, owner=ACCOUNT, context=NO_MFA),
            False,
        ),
        (
            "a long-term key is refused",
            ask("s3:PutObject", by=OUTSIDER, owner=ACCOUNT),
            False,
        ),
    ),
    *cases(
        f"{S3}example-bucket-policies.html#example-bucket-policies-use-case-7",
        policies(
            allow("s3:*"),
            resource=[
                to("*", deny("s3:*", f"{REPORTS}/tax/*", when={"Null": {AGE: True}})),
                to("*", deny("s3:*", f"{REPORTS}/tax/*", when={"NumericGreaterThan": {AGE: 3600}})),
            ],
        ),
        ("recent MFA opens the folder", ask(resource=f"{REPORTS}/tax/a", context={AGE: 60}), True),
        (
            "older than an hour does not",
            ask(resource=f"{REPORTS}/tax/a", context={AGE: 3601}),
            False,
        ),
        ("a folder that demands MFA is closed without it", ask(resource=f"{REPORTS}/tax/a"), False),
        ("other folders need none", ask(resource=f"{REPORTS}/plans/a"), True),
    ),
]

DATED = {
    "Bool": {MFA: True},
    "DateGreaterThan": {"aws:CurrentTime": "2026-07-01T00:00:00Z"},
    "DateLessThan": {"aws:CurrentTime": "2026-12-31T23:59:59Z"},
}
SUMMER, SPRING = "2026-08-01T12:00:00Z", "2026-05-01T12:00:00Z"


def at(moment: str, mfa: Mapping[str, Any]) -> Request:
    """Return a request of some time."""
    return ask(context={"aws:CurrentTime": moment, **mfa})


DATES_AND_MFA = cases(
    MFA_DATES,
    policies(allow("s3:*", when=DATED)),
    ("MFA, and in time", at(SUMMER, WITH_MFA), True),
    ("MFA, too early", at(SPRING, WITH_MFA), False),
    ("MFA, too late", at("2027-01-01T00:00:00Z", WITH_MFA), False),
    ("in time, without MFA", at(SUMMER, NO_MFA), False),
    ("in time, with a long-term key", at(SUMMER, LONG_TERM), False),
)

OWN, MY_DEVICE, ME = f"{IAM}:user/alice", f"{IAM}:mfa/alice", {"aws:username": "alice"}
USERS, DEVICES = "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/${aws:username}"
MANAGE_ALL = policies(
    allow(["iam:GetAccountSummary", "iam:ListVirtualMFADevices"]),
    allow(["iam:ChangePassword", "iam:GetUser"], USERS),
    allow(["iam:CreateAccessKey", "iam:ListAccessKeys"], USERS),
    allow(["iam:CreateVirtualMFADevice"], DEVICES),
    allow(["iam:DeactivateMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice"], USERS),
    deny(
        NotAction=[
            "iam:CreateVirtualMFADevice",
            "iam:EnableMFADevice",
            "iam:GetUser",
            "iam:ListMFADevices",
            "iam:ListVirtualMFADevices",
            "iam:ResyncMFADevice",
            "sts:GetSessionToken",
        ],
        when=NO_MFA_BOX,
    ),
)
MANAGE_DEVICE = policies(
    allow(["iam:ListUsers", "iam:ListVirtualMFADevices"]),
    allow(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"], [DEVICES, USERS]),
    allow("iam:DeactivateMFADevice", [DEVICES, USERS], when=WITH),
    deny(
        NotAction=["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListUsers"],
        when=NO_MFA_BOX,
    ),
)


def do(action: str, resource: str, mfa: Mapping[str, Any]) -> Request:
    """Return a request of alice about IAM."""
    return ask(f"iam:{action}", resource, context={**ME, **mfa})


SELF_SERVICE = [
    *cases(
        OWN_CREDENTIALS,
        MANAGE_ALL,
        ("with MFA one changes one's password", do("ChangePassword", OWN, WITH_MFA), True),
        ("without it one does not", do("ChangePassword", OWN, NO_MFA), False),
        ("a long-term key is refused here too", do("ChangePassword", OWN, LONG_TERM), False),
        ("with MFA one makes a key", do("CreateAccessKey", OWN, WITH_MFA), True),
        ("for oneself only", do("CreateAccessKey", f"{IAM}:user/bob", WITH_MFA), False),
        ("without it one makes none", do("CreateAccessKey", OWN, NO_MFA), False),
        ("without MFA one makes a device", do("CreateVirtualMFADevice", MY_DEVICE, NO_MFA), True),
        ("of one's own name", do("CreateVirtualMFADevice", f"{IAM}:mfa/bob", NO_MFA), False),
        ("and enables it", do("EnableMFADevice", OWN, NO_MFA), True),
        ("with a long-term key too", do("EnableMFADevice", OWN, LONG_TERM), True),
        ("and brings it back in step", do("ResyncMFADevice", OWN, NO_MFA), True),
        ("but does not take it off", do("DeactivateMFADevice", OWN, NO_MFA), False),
        ("as one does with MFA", do("DeactivateMFADevice", OWN, WITH_MFA), True),
        ("without MFA one sees oneself", do("GetUser", OWN, NO_MFA), True),
        ("but not the account", do("GetAccountSummary", "*", NO_MFA), False),
        ("with MFA one sees it", do("GetAccountSummary", "*", WITH_MFA), True),
        ("what no statement allows stays denied", do("ListUsers", "*", WITH_MFA), False),
    ),
    *cases(
        OWN_DEVICE,
        MANAGE_DEVICE,
        ("a device without MFA", do("CreateVirtualMFADevice", MY_DEVICE, LONG_TERM), True),
        ("another user's device", do("CreateVirtualMFADevice", f"{IAM}:mfa/bob", LONG_TERM), False),
        ("it is taken off with MFA", do("DeactivateMFADevice", OWN, WITH_MFA), True),
        ("a session without MFA is refused", do("DeactivateMFADevice", OWN, NO_MFA), False),
        ("a long-term key is refused here too", do("DeactivateMFADevice", OWN, LONG_TERM), False),
        ("users are listed without MFA", do("ListUsers", "*", NO_MFA), True),
    ),
]

ADMIN = policies(
    allow("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
    allow(["s3:PutObject", "s3:GetObject", "s3:DeleteObject"], "arn:aws:s3:::*/*"),
    deny(
        "s3:*",
        ["arn:aws:s3:::production/*", "arn:aws:s3:::production"],
        when={"NumericGreaterThanIfExists": {AGE: "1800"}},
    ),
)
PRODUCT = "arn:aws:s3:::production/a"

RECENT_MFA = cases(
    PRODUCTION,
    ADMIN,
    ("production with MFA of ten minutes ago", ask(resource=PRODUCT, context={AGE: 600}), True),
    ("of half an hour ago", ask(resource=PRODUCT, context={AGE: 1800}), True),
    ("of an hour ago", ask(resource=PRODUCT, context={AGE: 3600}), False),
    ("with a long-term key", ask(resource=PRODUCT), False),
    ("other buckets need none", ask(resource=f"{REPORTS}/a"), True),
)

CASES = [
    *TRUTH_TABLE,
    *SERVICES,
    *AGE_CONDITIONS,
    *PROTECTED,
    *DATES_AND_MFA,
    *SELF_SERVICE,
    *RECENT_MFA,
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_mfa(case: Case) -> None:
    """Who has used MFA, and who has not, gets what the page says."""
    assert case.decided() is case.expected
