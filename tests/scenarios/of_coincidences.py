"""Situations in which a call is refused, passes with MFA and is refused again, and MFA did nothing.

Something else went to and fro at the same time. The records show what, or leave open that it could.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests import records
from tests.scenarios import policies as p
from tests.scenarios.case import OFFICE, Case
from tests.scenarios.guards import network, operation, work
from tests.scenarios.operations import BY_ACTION
from tests.scenarios.policies import Policy, Statement
from tests.scenarios.registry import situation
from tests.scenarios.world import Account, Caller, moved

_GET = BY_ACTION["s3:GetObject"]
_ITEM = BY_ACTION["dynamodb:GetItem"]
_TERMINATE = BY_ACTION["ec2:TerminateInstances"]
_SQS = BY_ACTION["sqs:ReceiveMessage"]
_DAY = 86_400

Step = Callable[[], object]


def _between(
    case: Case, key: Caller, refused: Callable[[Caller], object], passes: Callable[[Caller], object],
    opened: Step = lambda: None, closed: Step = lambda: None,
) -> None:  # fmt: skip
    """Refused with the key; opened; passed with MFA; closed; refused with the key again."""
    refused(key)
    case.wait(90, 1500)
    opened()
    case.wait(90, 600)
    session = case.session_token(key, mfa=True, recorded=case.chance(0.75))
    case.wait(3, 60)
    passes(session)
    case.wait(90, 600)
    closed()
    case.wait(90, 1500)
    refused(key)


@situation(weight=0.7)
def resource_tag_goes_and_comes(case: Case) -> None:
    """An instance is freed and protected again, by tags."""
    protect = p.deny("ec2:TerminateInstances", when=(p.tagged("protected", "yes"),))
    key = case.key(case.user(work(case, _TERMINATE), case.policy("Protect", protect)))
    tagged = {"protected": "yes"}

    def event(name: str) -> None:
        items = {"items": [{"resourceId": f"i-0{case.names['hex']}"}]}
        case.by_admin(name, source="ec2", resourcesSet=items)

    _between(
        case,
        key,
        lambda caller: case.call(caller, _TERMINATE, resource_tags=tagged),
        lambda caller: case.call(caller, _TERMINATE, resource_tags={}),
        lambda: event("DeleteTags"),
        lambda: event("CreateTags"),
    )


@situation(weight=0.7)
def queue_policy_goes_and_comes(case: Case) -> None:
    """A queue's policy is an attribute, set by an operation that is not named for policies."""
    key = case.key(case.user(work(case, _SQS)))
    places = case.names | {"account": case.account.id, "region": "us-east-1"}
    arn = _SQS.owner.format(**places)
    closed = Policy("queue policy", (Statement("Deny", ("sqs:*",), principals=("*",)),))

    def set_to(policy: Policy | None) -> None:
        case.account.resources[arn] = policy
        url = f"https://sqs.us-east-1.amazonaws.com/{case.account.id}/{case.names['name']}"
        case.by_admin("SetQueueAttributes", source="sqs", queueUrl=url)

    set_to(closed)
    case.wait(90)
    _between(
        case,
        key,
        lambda caller: case.call(caller, _SQS),
        lambda caller: case.call(caller, _SQS),
        lambda: set_to(None),
        lambda: set_to(closed),
    )


@situation(weight=0.7)
def bucket_policy_elsewhere_goes_and_comes(case: Case) -> None:
    """A bucket of another account is opened for a while; that account's trail shows it."""
    other = case.world.accounts["listed"]
    user = case.user(work(case, _GET))
    arn = f"arn:aws:s3:::{case.names['bucket']}"
    named = Policy("bucket policy", (Statement("Allow", ("s3:*",), principals=(user.arn,)),))

    def set_to(policy: Policy | None, event: str) -> None:
        other.resources[arn] = policy
        record = records.call(
            event, time=case.time, event_id=case.world.event_id(),
            by=records.role("Admin", "root-admin", mfa=True, since=case.time),
            requestParameters={"bucketName": case.names["bucket"]},
        )  # fmt: skip
        case.world.record(moved(record, other))

    _between(
        case,
        case.key(user),
        lambda caller: case.call(caller, _GET, owner=other),
        lambda caller: case.call(caller, _GET, owner=other),
        lambda: set_to(named, "PutBucketPolicy"),
        lambda: set_to(None, "DeleteBucketPolicy"),
    )


@situation(weight=0.7)
def scp_goes_and_comes(case: Case) -> None:
    """The organization lets go for a while; the management account's trail shows it."""
    wanted = operation(case, lambda one: one.source != "iam")
    key = case.key(case.user(work(case, wanted)))
    arn = (
        "arn:aws:organizations::999999999999:policy/o-exampleorg/service_control_policy/p-freeze01"
    )
    full = Policy("p-FullAWSAccess", (p.allow("*"),))
    freeze = ((full, Policy("p-freeze01", (p.deny("*"),), arn)),)

    def set_to(levels: tuple[tuple[Policy, ...], ...], event: str) -> None:
        case.levels = levels
        record = records.call(
            event, "organizations", time=case.time, event_id=case.world.event_id(),
            by=records.role("OrganizationAdmin", "root-admin", mfa=True, since=case.time),
            requestParameters={"policyId": "p-freeze01", "targetId": case.account.id},
        )  # fmt: skip
        case.world.record(moved(record, Account("999999999999")))

    set_to(freeze, "AttachPolicy")
    case.wait(90)
    _between(
        case,
        key,
        lambda caller: case.call(caller, wanted),
        lambda caller: case.call(caller, wanted),
        lambda: set_to((), "DetachPolicy"),
        lambda: set_to(freeze, "AttachPolicy"),
    )


@situation(weight=0.7)
def closed_each_night(case: Case) -> None:
    """The key calls at night, when all is closed; the session with MFA calls in the day."""
    wanted = operation(case)
    opens = (case.now + timedelta(hours=4)).replace(microsecond=0)
    closes = opens + timedelta(hours=12)
    frozen = [
        p.Condition(name, "aws:CurrentTime", f"{at:%Y-%m-%dT%H:%M:%SZ}", holds)
        for name, at, holds in (
            ("DateLessThan", opens, lambda c: c.now < opens),
            ("DateGreaterThan", closes, lambda c: c.now > closes),
        )
    ]
    nights = case.policy("Freeze", *(p.deny("*", when=(night,)) for night in frozen))
    key = case.key(case.user(work(case, wanted), nights))
    case.call(key, wanted)
    case.wait(5 * 3600, 9 * 3600)
    session = case.session_token(key, mfa=True)
    case.wait(3, 60)
    case.call(session, wanted)
    case.wait(max(1, (closes - case.now).total_seconds() + 600))
    case.call(key, wanted)


@situation(weight=0.7)
def another_item(case: Case) -> None:
    """Of one table the key asks for one item, the session for another; refusals often hide which."""
    closed = p.deny(_ITEM.action, when=(p.of_item("closed"),))
    key = case.key(case.user(work(case, _ITEM), case.policy("Items", closed)))
    _between(
        case,
        key,
        lambda caller: case.call(caller, _ITEM, key="closed"),
        lambda caller: case.call(caller, _ITEM, key="open"),
    )


@situation(weight=0.7)
def office_between(case: Case) -> None:
    """The laptop goes to the office and back; MFA is passed there."""
    wanted = operation(case)
    key = case.key(case.user(work(case, wanted), network(case, named_for_mfa=0.02)))
    _between(
        case,
        key,
        lambda caller: case.call(caller, wanted),
        lambda caller: case.call(caller, wanted, ip=OFFICE),
    )


@situation(weight=0.7)
def permission_comes_and_goes(case: Case) -> None:
    """A permission is given for an hour; IAM's events show it."""
    wanted = operation(case)
    user, given = case.user(), work(case, wanted)
    _between(
        case,
        case.key(user),
        lambda caller: case.call(caller, wanted),
        lambda caller: case.call(caller, wanted),
        lambda: case.attach(user, given),
        lambda: case.detach(user, given),
    )


@situation(weight=0.7)
def older_sessions_revoked(case: Case) -> None:
    """The user's older sessions were revoked: the new one passes, and happens to have MFA."""
    wanted = operation(case, lambda one: one.source != "iam")
    user = case.user(work(case, wanted))
    key = case.key(user)
    old = case.console(user, mfa=False)
    case.wait(60, 600)
    revoke = Policy("AWSRevokeOlderSessions", (p.deny("*", when=(p.issued_before(case.now),)),))
    case.attach(user, revoke)
    case.wait(90, 600)
    _between(
        case,
        old if case.chance(0.9) else key,
        lambda caller: case.call(caller, wanted),
        lambda caller: case.call(caller, wanted),
    )


@situation(weight=0.2, beyond="that something else went to and fro is not in the archive")
def tag_goes_and_comes_unseen(case: Case) -> None:
    """As `resource_tag_goes_and_comes`, in an archive that lacks the events."""
    protect = p.deny("ec2:TerminateInstances", when=(p.tagged("protected", "yes"),))
    key = case.key(case.user(work(case, _TERMINATE), case.policy("Protect", protect)))
    _between(
        case,
        key,
        lambda caller: case.call(caller, _TERMINATE, resource_tags={"protected": "yes"}),
        lambda caller: case.call(caller, _TERMINATE, resource_tags={}),
    )
