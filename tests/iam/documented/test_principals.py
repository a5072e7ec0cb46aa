"""Whom a resource's policy names, and whom it leaves out."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Caller, Request
from tests.iam.documented.cases import (
    ACCOUNT,
    ALICE,
    BOB,
    FEDERATED,
    GUIDE,
    IAM,
    NOBODY,
    OTHER,
    OUTSIDER,
    REPORTS,
    ROLE,
    ROOT,
    SESSION,
    STS,
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

PAGE = f"{GUIDE}reference_policies_elements_principal.html"
NOT_PRINCIPAL = f"{GUIDE}reference_policies_elements_notprincipal.html"
THEIRS = f"arn:aws:iam::{OTHER}"
THEIR_ROLE = f"{THEIRS}:role/Audit"
THEIR_SESSION = Caller.of_arn(f"arn:aws:sts::{OTHER}:assumed-role/Audit/app")
SOMEBODY_ELSE = Caller.of_arn("arn:aws:iam::777788889999:user/eve")

IN = ask(by=ALICE)
ACROSS = ask(by=OUTSIDER, owner=ACCOUNT)
EVERYTHING = allow()


def service(name: str) -> Request:
    """Return a request of a service for a role."""
    return ask("sts:AssumeRole", ROLE, by=Caller("service", service=name))


def signed_in(provider: str, action: str = "sts:AssumeRoleWithWebIdentity") -> Request:
    """Return a request of somebody whom an identity provider has let in."""
    return ask(action, ROLE, by=Caller("anonymous", provider=provider))


ACCOUNTS = [
    case
    for form in (f"{THEIRS}:root", OTHER)
    for case in [
        *cases(
            f"{PAGE}#principal-accounts",
            policies(EVERYTHING, resource=[to({"AWS": form})]),
            (f"{form} is any user of the account who is allowed there too", ACROSS, True),
            (f"{form} is no other account's", ask(by=SOMEBODY_ELSE, owner=ACCOUNT), False),
        ),
        *cases(
            f"{PAGE}#principal-accounts",
            policies(resource=[to({"AWS": form})]),
            (f"{form} leaves it to that account to allow its user", ACROSS, False),
        ),
    ]
] + [
    *cases(
        f"{PAGE}#principal-accounts",
        policies(
            EVERYTHING,
            resource=[to({"AWS": [f"{IAM}:root", "444455556666"], "CanonicalUser": "79a59d"})],
        ),
        ("forms of an account may stand together", ACROSS, True),
    ),
    *cases(
        f"{PAGE}#principal-accounts",
        policies(EVERYTHING, resource=[to({"CanonicalUser": "79a59df900b949e5"})]),
        ("a canonical id is an account's, and no request tells whose", ACROSS, None),
    ),
    *cases(
        f"{PAGE}#Principal_specifying",
        policies(EVERYTHING, resource=[to({"AWS": ["123456789012", OTHER]})]),
        ("one of several is enough", ACROSS, True),
        ("none of them is not", ask(by=SOMEBODY_ELSE, owner=ACCOUNT), False),
    ),
    *cases(
        f"{PAGE}#Principal_specifying",
        policies(resource=[to({"AWS": f"{IAM}:group/admins"})]),
        ("a group is no principal", IN, False),
    ),
]

ROLES = [
    *cases(
        f"{PAGE}#principal-roles",
        policies(resource=[to({"AWS": ROLE})]),
        ("a role is each of its sessions", ask(by=SESSION), True),
        ("not those of another role", ask(by=Caller.of_arn(f"{STS}:assumed-role/X/carol")), False),
        ("a user is neither a role nor a service", IN, False),
    ),
    *cases(
        f"{PAGE}#principal-roles",
        policies(EVERYTHING, resource=[to({"AWS": THEIR_ROLE})]),
        ("a role of another account too", ask(by=THEIR_SESSION, owner=ACCOUNT), True),
        ("but not a user of that account", ACROSS, False),
    ),
    *cases(
        f"{PAGE}#principal-roles",
        policies(resource=[to({"AWS": ROLE})], session=[allow("ec2:*")]),
        ("a session policy limits what a role is given", ask(by=SESSION), False),
    ),
    *cases(
        f"{PAGE}#principal-roles",
        policies(resource=[trust({"AWS": "AROAIOSFODNN7DEPLOY0"})], must=True),
        ("the id of a role that was deleted is not the new role", assume(SESSION), False),
    ),
    *cases(
        f"{PAGE}#principal-role-session",
        policies(resource=[to({"AWS": SESSION.arn})]),
        ("a session by its name", ask(by=SESSION), True),
        ("no other session", ask(by=Caller.of_arn(f"{STS}:assumed-role/Deploy/dan")), False),
    ),
    *cases(
        f"{PAGE}#principal-role-session",
        policies(resource=[to({"AWS": f"{STS}:assumed-role/Deploy/*"})]),
        ("a wildcard is not all sessions", ask(by=SESSION), False),
    ),
    *cases(
        f"{PAGE}#sts-session-principals",
        policies(resource=[to({"AWS": FEDERATED.arn})]),
        ("a federated user by name", ask(by=FEDERATED), True),
        ("another federated user", ask(by=Caller.of_arn(f"{STS}:federated-user/dan")), False),
        ("nor the user of that name", ask(by=Caller.of_arn(f"{IAM}:user/carol")), False),
    ),
]

PROVIDERS = [
    *cases(
        f"{PAGE}#principal-federated-web-identity",
        policies(
            resource=[trust({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity")],
            must=True,
        ),
        ("a web identity's provider", signed_in("accounts.google.com"), True),
        ("another provider", signed_in("graph.facebook.com"), False),
    ),
    *cases(
        f"{PAGE}#principal-saml",
        policies(
            resource=[
                trust({"Federated": f"{IAM}:saml-provider/Corp"}, "sts:AssumeRoleWithSAML"),
            ],
            must=True,
        ),
        (
            "a SAML provider by its ARN",
            signed_in(f"{IAM}:saml-provider/Corp", "sts:AssumeRoleWithSAML"),
            True,
        ),
        (
            "another provider's users do not get in",
            signed_in(f"{IAM}:saml-provider/Else", "sts:AssumeRoleWithSAML"),
            False,
        ),
    ),
    *cases(
        f"{PAGE}#principal-services",
        policies(
            resource=[
                trust({"Service": ["ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com"]})
            ],
            must=True,
        ),
        ("a service by its name", service("ecs.amazonaws.com"), True),
        ("and the second one", service("elasticloadbalancing.amazonaws.com"), True),
        ("no other service", service("ec2.amazonaws.com"), False),
        ("a user is neither a role nor a service", assume(), False),
    ),
]

USERS = [
    *cases(
        f"{PAGE}#principal-users",
        policies(resource=[to({"AWS": [BOB.arn, ALICE.arn]})]),
        ("one of two users", IN, True),
        ("the other one", ask(by=BOB), True),
        ("a name has case", ask(by=Caller.of_arn(f"{IAM}:user/Alice")), False),
        ("a third user", ask(by=Caller.of_arn(f"{IAM}:user/eve")), False),
    ),
    *cases(
        f"{PAGE}#principal-users",
        policies(resource=[to({"AWS": f"{IAM}:user/*"})]),
        ("a wildcard is not all users", IN, False),
    ),
    *cases(
        f"{PAGE}#principal-users",
        policies(resource=[trust({"AWS": "AIDAIOSFODNN7ALICE00"})], must=True),
        ("the id of a user who was deleted is not the new user", assume(), False),
    ),
]

ALL = [
    *cases(
        f"{PAGE}#principal-anonymous",
        policies(resource=[to("*")]),
        ("everyone, without a signature too", ask(by=NOBODY), True),
        ("who belongs to the account needs nothing else", IN, True),
        ("who does not needs a permission there", ACROSS, False),
    ),
    *cases(
        f"{PAGE}#principal-anonymous",
        policies(resource=[to({"AWS": "*"})]),
        ("for nobody the longer form is the same", ask(by=NOBODY), True),
    ),
    *cases(
        f"{PAGE}#principal-anonymous",
        policies(EVERYTHING, resource=[to("*")]),
        ("with a permission there it is allowed", ACROSS, True),
    ),
    *cases(
        f"{PAGE}#principal-anonymous",
        policies(
            EVERYTHING,
            resource=[
                to(
                    "*",
                    deny(
                        "s3:*",
                        [REPORTS, f"{REPORTS}/*"],
                        when={"ArnNotEquals": {"aws:PrincipalArn": ALICE.arn}},
                    ),
                )
            ],
        ),
        (
            "a condition takes one user out of a denial of everyone",
            ask(context={"aws:PrincipalArn": ALICE.arn}),
            True,
        ),
        (
            "all others stay denied",
            ask(by=BOB, context={"aws:PrincipalArn": BOB.arn}),
            False,
        ),
    ),
]

SPARED_USER = deny("s3:*", [REPORTS, f"{REPORTS}/*"])
SPARED_USER |= {"NotPrincipal": {"AWS": [OUTSIDER.arn, f"{THEIRS}:root"]}}
SPARED_SESSION = deny("s3:*", [REPORTS, f"{REPORTS}/*"])
SPARED_SESSION |= {"NotPrincipal": {"AWS": [THEIR_SESSION.arn, THEIR_ROLE, f"{THEIRS}:root"]}}
ALL_BUT = allow("s3:GetObject") | {"NotPrincipal": {"AWS": [f"{THEIRS}:user/eve"]}}

LEFT_OUT = [
    *cases(
        f"{NOT_PRINCIPAL}#specifying-notprincipal",
        policies(EVERYTHING, resource=[SPARED_USER, to({"AWS": OUTSIDER.arn})]),
        ("user and account together are left out", ACROSS, True),
        ("users of the bucket's account are denied", IN, False),
        ("and those of a third account", ask(by=SOMEBODY_ELSE, owner=ACCOUNT), False),
        ("a call without a signature is denied", ask(by=NOBODY), False),
    ),
    *cases(
        f"{NOT_PRINCIPAL}#specifying-notprincipal",
        policies(EVERYTHING, resource=[SPARED_USER]),
        ("who is left out of a denial is not allowed thereby", ACROSS, False),
    ),
    *cases(
        f"{NOT_PRINCIPAL}#specifying-notprincipal",
        policies(EVERYTHING, resource=[SPARED_SESSION, to({"AWS": THEIR_ROLE})]),
        (
            "session, role and account together are left out",
            ask(by=THEIR_SESSION, owner=ACCOUNT),
            True,
        ),
        ("sessions of roles of one's own are denied", ask(by=SESSION), False),
    ),
    *cases(
        f"{NOT_PRINCIPAL}#specifying-notprincipal-allow",
        policies(resource=[ALL_BUT]),
        ("with Allow all others are let in", IN, True),
        ("a call without a signature is let in", ask(by=NOBODY), True),
    ),
    *cases(
        f"{GUIDE}access_policies.html#access_policies-root",
        policies(resource=[to({"AWS": ROOT.arn}, deny("s3:*"))]),
        ("a root user may be denied by a resource's policy", ask(by=ROOT), False),
    ),
]

CASES = [*ACCOUNTS, *ROLES, *PROVIDERS, *USERS, *ALL, *LEFT_OUT]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_principals(case: Case) -> None:
    """A policy of a resource speaks of those whom it names."""
    assert case.decided() is case.expected
