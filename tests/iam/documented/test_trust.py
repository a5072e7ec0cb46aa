"""Keys and roles: their own policies have to allow a request, in the same account too."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Caller
from tests.iam.documented.cases import (
    ACCOUNT,
    ALICE,
    BOB,
    GUIDE,
    IAM,
    KMS,
    OTHER,
    OUTSIDER,
    ROLE,
    ROOT,
    SESSION,
    Case,
    allow,
    ask,
    assume,
    cases,
    deny,
    policies,
    to,
    trust,
)

DEFAULT_KEY = f"{KMS}key-policy-default.html"
SWITCH = f"{GUIDE}id_roles_use_permissions-to-switch.html"
EXTERNAL = f"{GUIDE}id_roles_create_for-user_externalid.html"

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd"
USE_KEY = ask("kms:Decrypt", KEY)
OF_ACCOUNT, OF_USER = (to({"AWS": arn}, allow("kms:*")) for arn in (ROOT.arn, ALICE.arn))

KEYS = [
    *cases(
        f"{KMS}key-policies.html",
        policies(allow("kms:*"), resource=[to({"AWS": BOB.arn}, allow("kms:*"))], must=True),
        ("a user's policy has no effect without the key's", USE_KEY, False),
        ("nor has a root user a right to a key", ask("kms:Decrypt", KEY, by=ROOT), False),
    ),
    *cases(
        f"{KMS}key-policies.html",
        policies(deny("kms:*"), resource=[OF_USER], must=True),
        ("a user's policy may deny all the same", USE_KEY, False),
    ),
    *cases(
        f"{DEFAULT_KEY}#key-policy-default-allow-root-enable-iam",
        policies(allow("kms:Decrypt"), resource=[OF_ACCOUNT], must=True),
        ("a key that names the account lets users' policies decide", USE_KEY, True),
        ("what the user's policy lacks stays denied", ask("kms:Encrypt", KEY), False),
        ("and lets the root user", ask("kms:Encrypt", KEY, by=ROOT), True),
    ),
    *cases(
        f"{DEFAULT_KEY}#key-policy-default-allow-root-enable-iam",
        policies(resource=[OF_ACCOUNT], must=True),
        ("it gives no user anything by itself", USE_KEY, False),
    ),
    *cases(
        f"{DEFAULT_KEY}#key-policy-default-allow-users",
        policies(
            resource=[to({"AWS": ALICE.arn}, allow(["kms:Encrypt", "kms:Decrypt"]))], must=True
        ),
        ("a user whom the key names needs nothing else", USE_KEY, True),
        ("a key gives no more than its policy says", ask("kms:ScheduleKeyDeletion", KEY), False),
    ),
    *cases(
        f"{KMS}key-policy-modifying-external-accounts.html",
        policies(
            allow("kms:Decrypt"), resource=[to({"AWS": f"arn:aws:iam::{OTHER}:root"})], must=True
        ),
        (
            "another account's user needs both",
            ask("kms:Decrypt", KEY, by=OUTSIDER, owner=ACCOUNT),
            True,
        ),
        (
            "both have to allow each action",
            ask("kms:Encrypt", KEY, by=OUTSIDER, owner=ACCOUNT),
            False,
        ),
    ),
    *cases(
        f"{KMS}key-policy-modifying-external-accounts.html",
        policies(resource=[to({"AWS": OUTSIDER.arn}, allow("kms:*"))], must=True),
        (
            "also where the key names the user",
            ask("kms:Decrypt", KEY, by=OUTSIDER, owner=ACCOUNT),
            False,
        ),
    ),
]

THEIR_ROLE = f"arn:aws:iam::{OTHER}:role/TestAudit"
OUR_ACCOUNT = trust({"AWS": ACCOUNT})

ROLES = [
    *cases(
        f"{SWITCH}#roles-usingrole-createpolicy",
        policies(
            allow("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/Test*"),
            resource=[OUR_ACCOUNT],
            must=True,
        ),
        ("trust of the account and leave to switch", assume(role=THEIR_ROLE), True),
        ("not to a role of another name", assume(role=f"arn:aws:iam::{OTHER}:role/Audit"), False),
    ),
    *cases(
        SWITCH,
        policies(resource=[OUR_ACCOUNT], must=True),
        ("trust of the account alone is not enough", assume(role=THEIR_ROLE), False),
    ),
    *cases(
        f"{SWITCH}#roles-usingrole-createpolicy",
        policies(allow("sts:AssumeRole"), resource=[trust({"AWS": OTHER})], must=True),
        ("nor is leave to switch to a role that trusts others", assume(), False),
    ),
    *cases(
        EXTERNAL,
        policies(
            allow("sts:AssumeRole"),
            resource=[trust({"AWS": OTHER}, when={"StringEquals": {"sts:ExternalId": "12345"}})],
            must=True,
        ),
        ("the external id is right", assume(OUTSIDER, context={"sts:ExternalId": "12345"}), True),
        ("it is another customer's", assume(OUTSIDER, context={"sts:ExternalId": "67890"}), False),
        ("the external id is missing", assume(OUTSIDER), False),
        (
            "it is right, of a stranger",
            assume(
                Caller.of_arn("arn:aws:iam::777788889999:user/x"),
                context={"sts:ExternalId": "12345"},
            ),
            False,
        ),
    ),
    *cases(
        f"{GUIDE}id_roles_update-role-trust-policy.html",
        policies(resource=[trust({"AWS": ROLE})], must=True),
        ("a role that trusts itself may be assumed again", assume(SESSION), True),
        ("trust of itself is none of a user", assume(), False),
    ),
    *cases(
        f"{GUIDE}id_roles_create_for-idp_saml.html",
        policies(
            resource=[
                trust(
                    {"Federated": f"{IAM}:saml-provider/Corp"},
                    "sts:AssumeRoleWithSAML",
                    when={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
                )
            ],
            must=True,
        ),
        (
            "a sign-in meant for AWS",
            ask(
                "sts:AssumeRoleWithSAML",
                ROLE,
                by=Caller("anonymous", provider=f"{IAM}:saml-provider/Corp"),
                context={"saml:aud": "https://signin.aws.amazon.com/saml"},
            ),
            True,
        ),
        (
            "one meant for something else",
            ask(
                "sts:AssumeRoleWithSAML",
                ROLE,
                by=Caller("anonymous", provider=f"{IAM}:saml-provider/Corp"),
                context={"saml:aud": "https://example.com/"},
            ),
            False,
        ),
    ),
]

CASES = [*KEYS, *ROLES]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_trust(case: Case) -> None:
    """A key or a role lets in whom its policy names, as the page says."""
    assert case.decided() is case.expected
