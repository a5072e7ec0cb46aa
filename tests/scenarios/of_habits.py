"""Situations that show only in many calls of one principal, and those in which time plays a part."""

from __future__ import annotations

from datetime import timedelta

from tests.scenarios import policies as p
from tests.scenarios.case import HOME, OFFICE, Case
from tests.scenarios.guards import GUARDS, guarded, network, operation, work
from tests.scenarios.operations import BY_ACTION, OPERATIONS
from tests.scenarios.registry import situation

_DEMAND = GUARDS["deny_if_exists"]
_SECRET = BY_ACTION["secretsmanager:GetSecretValue"]
_TERMINATE = BY_ACTION["ec2:TerminateInstances"]
_DAY = 86_400


@situation(weight=1.5)
def only_self_service_passes(case: Case) -> None:
    """MFA is demanded of somebody with wide permissions: all fails but the self-service calls."""
    policies = [case.policy("MFA_Forced", *_DEMAND.statements), case.policy("all", p.allow("*"))]
    key = case.key(case.user(*policies))
    case.self_service(key, 1)
    for wanted in case.random.sample(OPERATIONS, 8):
        case.call(key, wanted)
        case.wait(1, 90)
    case.self_service(key)


@situation(weight=1.5)
def only_self_service_is_permitted(case: Case) -> None:
    """The same to look at: a new user, who may do nothing else yet, and MFA has no part in it."""
    key = case.key(case.user(case.policy("ManageOwnMFA", p.allow(*p.SELF_SERVICE))))
    case.self_service(key, 1)
    for wanted in case.random.sample(OPERATIONS, 8):
        case.call(key, wanted)
        case.wait(1, 90)
    case.self_service(key)


@situation()
def nobody_permitted_anything(case: Case) -> None:
    """A stolen key of somebody with few permissions: everything fails."""
    key = case.key(case.user())
    for wanted in case.random.sample(OPERATIONS, 6):
        case.call(key, wanted)
        case.wait(1, 10)
    case.self_service(key)


@situation()
def mfa_passed_and_still_refused(case: Case) -> None:
    """The key is refused, and so is the session with MFA: the permission is missing besides."""
    wanted = operation(case)
    key = case.key(case.user(*guarded(case, _DEMAND, wanted, permitted=False)))
    case.call(key, wanted)
    case.wait(20, 600)
    session = case.session_token(key, mfa=True, recorded=case.chance(0.7))
    case.wait(2, 60)
    case.call(session, wanted)
    case.self_service(session)


@situation(weight=1.5)
def resource_tags_decide(case: Case) -> None:
    """One key passes and fails in turn, as an instance is tagged and freed again."""
    protect = p.deny("ec2:TerminateInstances", when=(p.tagged("protected", "yes"),))
    key = case.key(case.user(work(case, _TERMINATE), case.policy("Protect", protect)))
    for _ in range(case.random.randint(1, 3)):
        case.call(key, _TERMINATE, resource_tags={"protected": "yes"})
        case.wait(20, 600)
        case.by_admin("DeleteTags", source="ec2", recorded=case.chance(0.7))
        case.call(key, _TERMINATE, resource_tags={})
        case.wait(20, 600)


@situation()
def resource_tags_decide_and_mfa(case: Case) -> None:
    """The instance was tagged while the key called, and freed before the session did."""
    protect = p.deny("ec2:TerminateInstances", when=(p.tagged("protected", "yes"),))
    key = case.key(case.user(work(case, _TERMINATE), case.policy("Protect", protect)))
    case.call(key, _TERMINATE, resource_tags={"protected": "yes"})
    case.wait(20, 600)
    case.by_admin("DeleteTags", source="ec2")
    session = case.session_token(key, mfa=True)
    case.wait(2, 60)
    case.call(session, _TERMINATE, resource_tags={})


@situation(weight=0.3, beyond="the event of the tag is not in the archive")
def resource_tags_decide_unseen(case: Case) -> None:
    """As `resource_tags_decide_and_mfa`, in an archive that lacks the event."""
    protect = p.deny("ec2:TerminateInstances", when=(p.tagged("protected", "yes"),))
    key = case.key(case.user(work(case, _TERMINATE), case.policy("Protect", protect)))
    case.call(key, _TERMINATE, resource_tags={"protected": "yes"})
    case.wait(20, 600)
    session = case.session_token(key, mfa=True)
    case.wait(2, 60)
    case.call(session, _TERMINATE, resource_tags={})


@situation()
def principal_tag_decides(case: Case) -> None:
    """The user lacks a tag at first, and gets it before the session with MFA calls."""
    need = case.policy("Team", p.deny(_SECRET.action, when=(p.tag_differs("team", "billing"),)))
    user = case.user(work(case, _SECRET), need)
    key = case.key(user)
    case.call(key, _SECRET)
    user.tags = {"team": "billing"}
    case.by_admin("TagUser", userName=user.name, tags=[{"key": "team", "value": "billing"}])
    case.wait(20, 300)
    session = case.session_token(key, mfa=True)
    case.wait(2, 60)
    case.call(session, _SECRET)


@situation()
def key_at_home_console_in_office(case: Case) -> None:
    """Day by day the key fails at home and the console, with MFA, passes in the office."""
    wanted = operation(case)
    user = case.user(work(case, wanted), network(case, named_for_mfa=0.02))
    key = case.key(user)
    for _ in range(3):
        case.call(key, wanted, ip=HOME)
        case.wait(1200, 3600)
        console = case.console(user, mfa=True)
        case.wait(5, 60)
        case.call(console, wanted, ip=OFFICE)
        case.wait(0.6 * _DAY, 0.9 * _DAY)


@situation()
def closed_at_night(case: Case) -> None:
    """Nothing passes at night; in the morning the session with MFA does."""
    wanted = operation(case)
    opens = (case.now + timedelta(hours=9)).replace(microsecond=0)
    closed = p.Condition(
        "DateLessThan", "aws:CurrentTime", f"{opens:%Y-%m-%dT%H:%M:%SZ}", lambda c: c.now < opens
    )
    key = case.key(
        case.user(work(case, wanted), case.policy("Freeze", p.deny("*", when=(closed,))))
    )
    case.call(key, wanted)
    case.wait(33_000, 40_000)
    session = case.session_token(key, mfa=True)
    case.wait(2, 60)
    case.call(session, wanted)


@situation(weight=0.3, beyond="the same call, minutes apart, and only the time was another")
def opened_by_the_clock(case: Case) -> None:
    """As `closed_at_night`, where the session happens to call minutes after it opens."""
    wanted = operation(case)
    opens = (case.now + timedelta(minutes=5)).replace(microsecond=0)
    closed = p.Condition(
        "DateLessThan", "aws:CurrentTime", f"{opens:%Y-%m-%dT%H:%M:%SZ}", lambda c: c.now < opens
    )
    key = case.key(
        case.user(work(case, wanted), case.policy("Freeze", p.deny("*", when=(closed,))))
    )
    case.call(key, wanted)
    case.wait(300, 500)
    session = case.session_token(key, mfa=True)
    case.wait(2, 60)
    case.call(session, wanted)
