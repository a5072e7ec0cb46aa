"""Documented cases: a page of AWS's, what it says, and a request that shows it.

Names are this project's own; what is granted or denied is AWS's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudtrail_mfa.iam import Caller, Context, Policies, Policy, Request, evaluate
from cloudtrail_mfa.iam.logic import Truth
from tests.records import ACCOUNT as OURS
from tests.records import BUCKET

DOCS = "https://docs.aws.amazon.com/"
GUIDE = f"{DOCS}IAM/latest/UserGuide/"
ORGANIZATIONS = f"{DOCS}organizations/latest/userguide/"
KMS = f"{DOCS}kms/latest/developerguide/"
S3 = f"{DOCS}AmazonS3/latest/userguide/"

ACCOUNT, OTHER = OURS, "444455556666"
IAM, STS = f"arn:aws:iam::{ACCOUNT}", f"arn:aws:sts::{ACCOUNT}"
REPORTS = f"arn:aws:s3:::{BUCKET}"
REPORT = f"{REPORTS}/2026/q2.csv"
ROLE = f"{IAM}:role/Deploy"

ALICE = Caller.of_arn(f"{IAM}:user/alice")
BOB = Caller.of_arn(f"{IAM}:user/bob")
SESSION = Caller.of_arn(f"{STS}:assumed-role/Deploy/carol")
FEDERATED = Caller.of_arn(f"{STS}:federated-user/carol")
ROOT = Caller.of_arn(f"{IAM}:root")
OUTSIDER = Caller.of_arn(f"arn:aws:iam::{OTHER}:user/dave")
NOBODY = Caller("anonymous")

MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
LONG_TERM: Mapping[str, Any] = {}
NO_MFA: Mapping[str, Any] = {MFA: False}
WITH_MFA: Mapping[str, Any] = {MFA: True, AGE: 600}

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One fact.

    Attributes
    ----------
    page
        Where AWS states it.
    says
        What is stated, in a sentence.
    policies, request
        A situation in which it shows.
    expected
        What follows: true for allowed, false for denied, None where it cannot be told.
    """

    page: str
    says: str
    policies: Policies
    request: Request
    expected: Truth

    def __str__(self) -> str:
        """Return its topic, as the page's address has it, what is said of it, and what follows."""
        page, _, fragment = self.page.partition("#")
        topic = fragment or page.rpartition("/")[2].removesuffix(".html")
        outcome = {True: "allowed", False: "denied", None: "cannot be told"}[self.expected]
        return f"{topic.removeprefix('reference_policies_')}: {self.says} ({outcome})"

    def decided(self) -> Truth:
        """Return what the evaluation makes of it."""
        return evaluate(self.request, self.policies).allowed


def allow(action: str | list[str] = "*", resource: Any = "*", **elements: Any) -> Statement:
    """Return a statement; ``when`` is its condition block, and other elements go by their names."""
    when = elements.pop("when", None)
    found = {"Effect": "Allow", "Action": action, "Resource": resource} | elements
    if "NotAction" in found:
        del found["Action"]
    if "NotResource" in found:
        del found["Resource"]
    return found if when is None else found | {"Condition": when}


def deny(action: str | list[str] = "*", resource: Any = "*", **elements: Any) -> Statement:
    """Return a statement that denies."""
    return allow(action, resource, **elements) | {"Effect": "Deny"}


def to(principal: Any, statement: Statement | None = None) -> Statement:
    """Return a statement of a resource's policy, about somebody."""
    return (statement or allow()) | {"Principal": principal}


def trust(principal: Any, action: str = "sts:AssumeRole", **elements: Any) -> Statement:
    """Return a statement of a role's trust policy."""
    found = to(principal, allow(action, **elements))
    del found["Resource"]
    return found


def policy(*statements: Statement, version: str | None = "2012-10-17") -> Policy:
    """Return a policy of some statements."""
    head = {} if version is None else {"Version": version}
    return Policy.parse(head | {"Statement": list(statements)})


def _kind(statements: Iterable[Statement]) -> Sequence[Policy]:
    found = list(statements)
    return (policy(*found),) if found else ()


def policies(
    *identity: Statement,
    resource: Iterable[Statement] = (),
    boundary: Iterable[Statement] = (),
    session: Iterable[Statement] = (),
    scps: Iterable[Iterable[Statement]] = (),
    rcps: Iterable[Iterable[Statement]] = (),
    vpc_endpoint: Iterable[Statement] = (),
    must: bool = False,
) -> Policies:
    """Return all policies of a request: of each kind one, of control policies one a level.

    ``must`` is for keys and roles: their policy has to allow the request.
    """
    return Policies(
        identity=_kind(identity),
        resource=_kind(resource),
        boundary=_kind(boundary),
        session=_kind(session),
        scps=tuple(_kind(level) for level in scps),
        rcps=tuple(_kind(level) for level in rcps),
        vpc_endpoint=_kind(vpc_endpoint),
        resource_must_allow=must,
    )


def ask(
    action: str = "s3:GetObject",
    resource: str = REPORT,
    *,
    by: Caller = ALICE,
    owner: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> Request:
    """Return a request; ``owner`` is the account of the resource where it is another one."""
    return Request(by, action, resource, Context.of(context or {}), owner)


def assume(
    by: Caller = ALICE, role: str = ROLE, context: Mapping[str, Any] | None = None
) -> Request:
    """Return a request for a session of a role."""
    return ask("sts:AssumeRole", role, by=by, owner=role.split(":")[4], context=context)


Row = tuple[str, Request, Truth]
"""What is stated, a request, and what follows."""


def cases(page: str, given: Policies, *rows: Row) -> list[Case]:
    """Return the cases of one page and the same policies."""
    return [Case(page, says, given, request, expected) for says, request, expected in rows]


def conditions(
    page: str, when: Mapping[str, Any], *rows: tuple[str, Mapping[str, Any], bool]
) -> list[Case]:
    """Return cases of a condition alone: what it guards is allowed where it holds."""
    guarded = policies(allow("s3:GetObject", REPORT, when=when))
    return cases(page, guarded, *((says, ask(context=given), holds) for says, given, holds in rows))


def comparisons(page: str, *rows: tuple[str, str, Any, Any, bool]) -> list[Case]:
    """Return cases of operator, key, what the policy wants, the request's value (None: absent)."""
    return [
        case
        for name, key, wanted, value, holds in rows
        for given in [{} if value is None else {key: value}]
        for says in [f"{name} {wanted} {'holds' if holds else 'fails'} of {value}"]
        for case in conditions(page, {name: {key: wanted}}, (says, given, holds))
    ]
