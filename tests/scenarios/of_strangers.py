"""Situations of callers that are no person of the account, and refusals that are no policy's."""

from __future__ import annotations

from typing import Any

from tests import records
from tests.records import Record
from tests.scenarios import policies as p
from tests.scenarios.case import HOME, OFFICE, Case
from tests.scenarios.decide import Truth
from tests.scenarios.guards import GUARDS, guarded, network, operation, work
from tests.scenarios.operations import BY_ACTION
from tests.scenarios.policies import Policy, Statement
from tests.scenarios.registry import situation
from tests.scenarios.world import Label, Principal

_GET = BY_ACTION["s3:GetObject"]
_SECRET = BY_ACTION["secretsmanager:GetSecretValue"]
_NO_MFA = frozenset({"resource_policy", "no_permission"})


def _refused(
    case: Case, event: str, source: str, truth: Truth, *, by: Record, message: str | None,
    **fields: Any,
) -> None:  # fmt: skip
    """Record a refusal whose reason is known without any policy."""
    record = records.denied(
        event, source, by=by, message=message, time=case.time, event_id=case.world.event_id(),
        **fields,
    )  # fmt: skip
    text = record | {"recipientAccountId": case.account.id}
    case.world.record(text, Label(case.situation, truth))


@situation(weight=0.6)
def service_by_itself(case: Case) -> None:
    """A service writes its logs, and the bucket does not let it."""
    name = case.random.choice(("delivery.logs", "cloudtrail", "config"))
    for _ in range(case.random.randint(1, 3)):
        _refused(
            case,
            "PutObject",
            "s3",
            Truth("service_request", mfa_would_allow=None),
            by=records.service(f"{name}.amazonaws.com"),
            message=case.random.choice(("Access Denied", None)),
            sourceIPAddress=f"{name}.amazonaws.com",
            resources=[
                {"ARN": f"arn:aws:s3:::{case.names['bucket']}", "accountId": case.account.id}
            ],
        )
        case.wait(300)


_SETTINGS = (
    ("GetCostAndUsage", "ce", "IAM user access not activated"),
    ("InvokeModel", "bedrock", "You don't have access to the model with the specified model ID."),
    (
        "TerminateInstances",
        "ec2",
        "The instance 'i-0123456789abcdef0' may not be terminated. Modify its attribute and try again.",
    ),
    (
        "GetSessionToken",
        "sts",
        "MultiFactorAuthentication failed with invalid MFA one time pass code.",
    ),
    ("AssumeRole", "sts", "Roles may not be assumed by root accounts."),
)


@situation(weight=0.6)
def setting_of_the_account(case: Case) -> None:
    """Not a policy, but a setting stands against the call."""
    event, source, message = case.random.choice(_SETTINGS)
    by = case.key(case.user()).identity
    truth = Truth("not_authorization", mfa_would_allow=False)
    _refused(case, event, source, truth, by=by, message=message)


@situation(weight=0.6)
def public_access_blocked(case: Case) -> None:
    """S3 Block Public Access stands against a policy that opens a bucket."""
    key = case.key(case.user(work(case, _GET)))
    bucket = f"arn:aws:s3:::{case.names['bucket']}"
    why = (
        "because public policies are blocked by the BlockPublicPolicy block public access setting."
    )
    message = records.refusal("s3:PutBucketPolicy", to=key.said, on=f'"{bucket}"', why=why)
    truth = Truth("not_authorization", mfa_would_allow=False)
    _refused(case, "PutBucketPolicy", "s3", truth, by=key.identity, message=message)


@situation(weight=0.6)
def anonymous_caller(case: Case) -> None:
    """Nobody signed, and the bucket is not open."""
    by = case.random.choice(
        (
            {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"},
            {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"},
        )
    )
    arn = f"arn:aws:s3:::{case.names['bucket']}/{case.names['key']}"
    _refused(
        case,
        case.random.choice(("GetObject", "HeadObject")),
        "s3",
        Truth("no_permission", mfa_would_allow=None, also=_NO_MFA),
        by=by,
        message=case.random.choice(("Access Denied", None)),
        resources=[{"type": "AWS::S3::Object", "ARN": arn}],
    )


@situation()
def caller_from_another_account(case: Case) -> None:
    """The resource's owner sees somebody of another account refused, and little else."""
    by = {"type": "AWSAccount", "principalId": "AIDAEXAMPLE0STRANGER", "accountId": "999988887777"}
    stranger = "arn:aws:iam::999988887777:user/mallory"
    why = "because no resource-based policy allows the s3:GetObject action"
    arn = f"arn:aws:s3:::{case.names['bucket']}/{case.names['key']}"
    says = records.refusal("s3:GetObject", to=stranger, on=f'"{arn}"', why=why)
    _refused(
        case,
        "GetObject",
        "s3",
        Truth("resource_policy", mfa_would_allow=False),
        by=by,
        message=case.random.choice((says, "Access Denied")),
        sharedEventID=case.world.event_id(),
    )


@situation(weight=1.5)
def resource_of_another_account(case: Case) -> None:
    """The resource is another account's: it has to name the caller, and may demand MFA."""
    other = case.world.accounts["regions"]
    wanted = case.random.choice((_GET, _SECRET))
    user = case.user(*guarded(case, GUARDS["deny_if_exists"], wanted))
    if case.chance(0.5):
        user = case.user(work(case, wanted))
    key = case.key(user)
    places = case.names | {"account": other.id, "region": "us-east-1"}
    when = (p.BOOL_TRUE,) if case.chance(0.5) else ()
    named = user.arn if case.chance(0.6) else "arn:aws:iam::999988887777:user/mallory"
    allowed = Statement("Allow", (wanted.action,), when, principals=(named,))
    other.resources[wanted.owner.format(**places)] = Policy("resource policy", (allowed,))
    case.call(key, wanted, owner=other)
    if case.chance(0.5):
        session = case.session_token(key, mfa=True)
        case.wait(3, 60)
        case.call(session, wanted, owner=other)


@situation()
def namesake(case: Case) -> None:
    """Two people share a name: one's key fails, the other's session with MFA passes."""
    wanted = operation(case)
    mine = case.user(case.policy("other", p.allow("sqs:ListQueues")))
    arn = mine.arn.replace(":user/", ":user/contractors/")
    theirs = Principal(mine.name, arn, case.account, [work(case, wanted)])
    case.account.principals[arn] = theirs
    case.call(case.key(mine), wanted)
    case.wait(20, 200)
    key = case.key(theirs)
    key.identity["arn"], key.identity["principalId"] = arn, "AIDAOTHERNAMESAKE000"
    session = case.session_token(key, mfa=True)
    session.identity["arn"], session.identity["principalId"] = arn, "AIDAOTHERNAMESAKE000"
    case.wait(3, 60)
    case.call(session, wanted)


@situation()
def two_people_in_one_role(case: Case) -> None:
    """Of two sessions of one role, without MFA at home and with MFA in the office, one fails."""
    wanted = operation(case)
    role = case.role(work(case, wanted), network(case, named_for_mfa=0.02))
    one = case.role_session(role, by=case.key(case.user()), name="dan")
    case.call(one, wanted, ip=HOME)
    case.wait(20, 200)
    other = case.role_session(role, by=case.key(case.user()), mfa=True, name="erin")
    case.wait(3, 60)
    case.call(other, wanted, ip=OFFICE)


_FAILURES = (
    ("ThrottlingException", "Rate exceeded"),
    ("NoSuchBucket", "The specified bucket does not exist"),
    ("ExpiredToken", "The security token included in the request is expired"),
    ("InvalidClientTokenId", "The security token included in the request is invalid."),
    (
        "ValidationException",
        "1 validation error: User: x is not authorized to perform: s3:GetObject",
    ),
    ("SignatureDoesNotMatch", "The request signature we calculated does not match"),
)


@situation(weight=0.6)
def failures_of_other_kinds(case: Case) -> None:
    """Many calls fail for other reasons, which are none of authorization's; one is refused."""
    key = case.key(case.user())
    for code, message in _FAILURES:
        case.note("GetObject", "s3", by=key.identity, errorCode=code, errorMessage=message)
        case.wait(1, 9)
    case.note(
        "ConsoleLogin", "signin", by=records.user(key.principal.name, None),
        eventType="AwsConsoleSignIn", errorMessage="Failed authentication",
    )  # fmt: skip
    case.note(
        "InitiateAuth", "cognito-idp", by={"type": "Unknown", "principalId": "Anonymous"},
        errorCode="NotAuthorizedException", errorMessage="Incorrect username or password.",
    )  # fmt: skip
    case.call(key, operation(case))
