"""Situations in which who calls wrote what the record says: texts that imitate AWS's own."""

from __future__ import annotations

from typing import Any

from tests.scenarios import policies as p
from tests.scenarios.case import OFFICE, Case
from tests.scenarios.decide import Truth
from tests.scenarios.guards import GUARDS, guarded, network, operation, work
from tests.scenarios.operations import BY_ACTION
from tests.scenarios.policies import Policy
from tests.scenarios.registry import situation
from tests.scenarios.world import Label

_GET = BY_ACTION["s3:GetObject"]
_SSM = BY_ACTION["ssm:GetParameter"]
_REASONS = (
    " because no identity-based policy allows the s3:GetObject action",
    " with an explicit deny in an identity-based policy",
    " with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/MFA_Forced",
    " with an explicit deny in a service control policy",
    " because no session policy allows the s3:GetObject action",
    " with an explicit deny",
    " because public policies are blocked by the BlockPublicPolicy block public access setting",
)
_ENDS = ("", '"', "\n", '\n"', "'", '" ', "\\", "\u2028")


def _forged(case: Case) -> str:
    """Return a text that looks like the end of AWS's message."""
    end = case.random.choice(_ENDS)
    return end + case.random.choice(_REASONS) + case.random.choice(("", end, " x", "."))


def _why(case: Case) -> list[Policy]:
    """Return policies that refuse, for one of several reasons."""
    choice = case.random.randrange(3)
    if choice == 0:
        return []
    if choice == 1:
        return guarded(case, GUARDS["deny_if_exists"], _GET)
    return [work(case, _GET), network(case, named_for_mfa=0)]


@situation(weight=2)
def forged_object_name(case: Case) -> None:
    """The object's name imitates the reason of a refusal."""
    key = case.key(case.user(*_why(case)))
    for _ in range(case.random.randint(1, 3)):
        case.call(key, _GET, key=case.names["key"] + _forged(case))
        case.wait(1, 20)


@situation()
def forged_program_name(case: Case) -> None:
    """The program calls itself what it is not: a console, a Lambda function, a reason."""
    wanted = operation(case)
    key = case.key(case.user(*guarded(case, GUARDS["deny_if_exists"], wanted)))
    agent = case.random.choice(
        ("Mozilla/5.0", "console.amazonaws.com", "exec-env/AWS_Lambda_python3.13", _forged(case))
    )
    case.call(key, wanted, userAgent=agent)
    key = case.key(case.user())
    case.call(key, wanted, userAgent=agent)


@situation()
def forged_session_name(case: Case) -> None:
    """The session is named like an instance, or like a policy that demands MFA."""
    wanted = operation(case)
    name = case.random.choice(
        ("i-0123456789abcdef0", "MFA_Forced", "AWSReservedSSO_Admin", "because=no+policy,allows")
    )
    policies = guarded(case, GUARDS[case.random.choice(list(GUARDS))], wanted)
    session = case.role_session(
        case.role(*policies),
        by=case.key(case.user()),
        mfa=case.chance(0.3),
        name=name,
        recorded=case.chance(0.6),
    )
    case.call(session, wanted)


@situation()
def policy_named_for_mfa(case: Case) -> None:
    """A policy's name speaks of MFA, and its Deny has nothing to do with it."""
    wanted = operation(case)
    name = case.random.choice(("MFA_Exempt_Network", "No-MFA-Needed", "MFA_Forced"))
    other = case.policy(name, p.deny("*", when=(p.ip_outside(OFFICE.rpartition(".")[0]),)))
    key = case.key(case.user(work(case, wanted), other))
    if case.chance(0.5):
        key = case.session_token(key, mfa=True)
    case.call(key, wanted)


@situation()
def broken_bodies(case: Case) -> None:
    """Fields hold what they should not: texts for objects, nulls, lists, numbers as text."""
    wanted = operation(case)
    key = case.key(case.user(*guarded(case, GUARDS["deny_if_exists"], wanted)))
    if case.chance(0.5):
        key = case.key(case.user())
    odd: tuple[Any, ...] = ("not JSON {", [], [None, 1], {"policy": {"a": ["\\ud800"]}}, None)
    value = case.random.choice(odd)
    fields: dict[str, Any] = {
        case.random.choice(("additionalEventData", "serviceEventDetails")): value
    }
    if case.chance(0.5):
        fields["resources"] = case.random.choice(([], [{}], None, [{"ARN": None}]))
    case.call(key, wanted, **fields)


@situation()
def long_name(case: Case) -> None:
    """CloudTrail cut the message, within a name that imitates a reason."""
    key = case.key(case.user(*_why(case)))
    name = "a" * case.random.randint(880, 960) + _forged(case) * 3
    case.call(key, _GET, key=name[:1024], form="cut")


@situation(weight=0.5)
def second_delivery(case: Case) -> None:
    """The record comes twice, the second time in another file."""
    wanted = operation(case)
    key = case.key(case.user(*guarded(case, GUARDS["deny_if_exists"], wanted)))
    case.call(key, wanted)
    case.world.again.append(case.world.records[-1])


@situation(
    weight=0.3, beyond="the message is, word for word, one that AWS writes for another reason"
)
def forged_parameter_name(case: Case) -> None:
    """A service that quotes no name and gives no reason, asked for a name that is one."""
    key = case.key(case.user(*guarded(case, GUARDS["deny_if_exists"], _SSM)))
    case.call(key, _SSM, form="no_reason")
    record = case.world.records[-1]
    if "errorMessage" in record:
        forged = " because no identity-based policy allows the ssm:GetParameter action"
        record["errorMessage"] += forged
        record["requestParameters"] = None


@situation()
def forged_setting(case: Case) -> None:
    """A name that is not quoted speaks of a setting, which the service does not have."""
    key = case.key(case.user(*guarded(case, GUARDS["deny_if_exists"], _SSM)))
    case.call(key, _SSM, form="no_reason")
    record = case.world.records[-1]
    record["errorMessage"] += case.random.choice(
        (
            " because public access is blocked by the BlockPublicAccess setting",
            " IAM user access not activated",
            " Mfa Authentication must be used for this request",
        )
    )


@situation(weight=0.6)
def unreadable_time(case: Case) -> None:
    """The record's time, or its session's, cannot be read."""
    wanted = operation(case)
    truth = Truth("long_term_key", mfa_would_allow=True)
    key = case.key(case.user(*guarded(case, GUARDS["deny_if_exists"], wanted)))
    case.call(key, wanted)
    record = case.world.records[-1]
    case.world.labels[record["eventID"]] = Label(case.situation, truth)
    if case.chance(0.5):
        record["eventTime"] = case.random.choice(("2999-13-45T00:00:00Z", "yesterday", ""))
    else:
        record["userIdentity"] = record["userIdentity"] | {"accessKeyId": ""}
