"""Situations in which the logs hold an experiment: a call failed without MFA and passed with it.

Some of these experiments tell the truth. In the others something else was changed in between.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.scenarios import policies as p
from tests.scenarios.case import HOME, OFFICE, Case
from tests.scenarios.guards import GUARDS, guarded, network, operation, work
from tests.scenarios.operations import BY_ACTION, Operation
from tests.scenarios.policies import Policy, Statement
from tests.scenarios.registry import situation
from tests.scenarios.signing import forwarded
from tests.scenarios.world import Caller, Principal

_DENYING = ("deny_if_exists", "deny_bool_false", "allow_bool_true", "deny_older", "allow_younger")
_DAY = 86_400
_PUT = BY_ACTION["s3:PutObject"]
_GET = BY_ACTION["s3:GetObject"]

Trial = Callable[[Caller], object]


def _passes_mfa(case: Case, key: Caller) -> Caller:
    """Return a session that has just passed MFA, as its owner happens to open it."""
    if case.chance(0.7):
        return case.session_token(key, mfa=True, recorded=case.chance(0.75))
    return case.console(key.principal, mfa=True)


def _tries(case: Case, caller: Caller, trial: Trial, most: int = 3) -> None:
    for _ in range(case.random.randint(1, most)):
        trial(caller)
        case.wait(2, 40)


def _experiment(
    case: Case, user: Principal, without: Trial, with_mfa: Trial, *, between: Trial | None = None
) -> None:
    """Let a key fail, and a session with MFA pass, a few minutes later."""
    key = case.key(user)
    _tries(case, key, without)
    if between:
        case.wait(20, 900)
        between(key)
    case.wait(5, 600)
    session = _passes_mfa(case, key)
    case.wait(2, 60)
    _tries(case, session, with_mfa, 2)


def _demanded(case: Case, wanted: Operation, names: tuple[str, ...] = _DENYING) -> Principal:
    guard = GUARDS[case.random.choice(names)]
    return case.user(*guarded(case, guard, wanted))


# The experiment tells the truth.


@situation(weight=3)
def key_then_mfa(case: Case) -> None:
    """MFA is demanded: the key fails and the session passes, on one day or on several."""
    wanted = operation(case)
    names = ("deny_if_exists", "allow_bool_true", "deny_older", "ban_keys_by_issue")
    user = _demanded(case, wanted, names)
    key = case.key(user)
    for _ in range(case.random.choice((1, 1, 2, 3))):
        _tries(case, key, lambda caller: case.call(caller, wanted))
        case.wait(5, 600)
        session = _passes_mfa(case, key)
        case.wait(2, 60)
        _tries(case, session, lambda caller: case.call(caller, wanted))
        if case.chance(0.6):  # from the other window, where the key is still set
            case.call(key, wanted)
        case.wait(0.8 * _DAY, 1.2 * _DAY)


@situation(weight=2)
def session_then_mfa(case: Case) -> None:
    """The same, where it is a session without MFA that fails."""
    wanted = operation(case, lambda one: not one.action.startswith("iam:"))
    user = _demanded(case, wanted, ("deny_if_exists", "deny_bool_false", "allow_bool_true"))
    key = case.key(user)
    if case.chance(0.5):
        without = case.console(user, mfa=False)
    else:
        without = case.session_token(key, mfa=False, recorded=case.chance(0.7))
    for _ in range(case.random.choice((1, 1, 2))):
        _tries(case, without, lambda caller: case.call(caller, wanted))
        case.wait(5, 600)
        session = _passes_mfa(case, key)
        case.wait(2, 60)
        _tries(case, session, lambda caller: case.call(caller, wanted))
        case.wait(600, 7200)


@situation()
def old_mfa_then_new(case: Case) -> None:
    """MFA was too long ago; opened again, the session passes."""
    wanted = operation(case)
    user = _demanded(case, wanted, ("deny_older", "allow_younger", "deny_older_strictly"))
    key = case.key(user)
    session = _passes_mfa(case, key)
    case.wait(2, 60)
    case.call(session, wanted)
    case.wait(4000, 20_000)
    _tries(case, session, lambda caller: case.call(caller, wanted))
    session = _passes_mfa(case, key)
    case.wait(2, 60)
    case.call(session, wanted)


@situation()
def many_calls_then_mfa(case: Case) -> None:
    """Everything fails but the self-service calls, until MFA is passed."""
    several = [operation(case) for _ in range(4)]
    key = case.key(_demanded(case, several[0], ("deny_if_exists",)))
    key.principal.policies.append(work(case, *several))
    case.self_service(key, 1)
    for wanted in several:
        case.call(key, wanted)
        case.wait(1, 20)
    session = _passes_mfa(case, key)
    case.wait(2, 30)
    for wanted in several:
        case.call(session, wanted)
        case.wait(1, 20)


# It does not: where, what or how was another, and the records show it.


@situation(weight=1.5)
def other_address(case: Case) -> None:
    """The key fails at home, where calls may not come from; the session passes in the office."""
    wanted = operation(case)
    user = case.user(work(case, wanted), network(case, named_for_mfa=0.02))
    for _ in range(case.random.choice((1, 1, 2, 3))):
        _experiment(
            case,
            user,
            lambda caller: case.call(caller, wanted, ip=HOME),
            lambda caller: case.call(caller, wanted, ip=OFFICE),
        )
        if case.chance(0.3):
            case.call(case.key(user), wanted, ip=OFFICE)
        case.wait(0.8 * _DAY, 1.2 * _DAY)


@situation()
def other_region(case: Case) -> None:
    """The key fails in a region that is closed; the session passes in the one that is open."""
    wanted = operation(case, lambda one: one.source not in ("iam", "s3"))
    closed = case.policy("Regions", p.deny("*", when=(p.region_outside("us-east-1"),)))
    _experiment(
        case,
        case.user(work(case, wanted), closed),
        lambda caller: case.call(caller, wanted, region="eu-west-1"),
        lambda caller: case.call(caller, wanted),
    )


@situation()
def other_resource(case: Case) -> None:
    """The key fails on one object, the session passes on another."""
    bucket = case.names["bucket"]
    allowed = p.allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/open/*")
    _experiment(
        case,
        case.user(case.policy("work", allowed)),
        lambda caller: case.call(caller, _GET, key="closed/a.csv"),
        lambda caller: case.call(caller, _GET, key="open/a.csv"),
    )


@situation()
def other_parameters(case: Case) -> None:
    """The key puts an object without the encryption that is asked for; the session with it."""
    demand = Statement("Deny", ("s3:PutObject",), (p.encrypted("aws:kms"),))
    _experiment(
        case,
        case.user(work(case, _PUT), case.policy("Encrypt", demand)),
        lambda caller: case.call(caller, _PUT),
        lambda caller: case.call(caller, _PUT, sse="aws:kms"),
    )


@situation()
def other_network(case: Case) -> None:
    """The key fails through a VPC endpoint, the session passes through the internet."""
    wanted = case.random.choice((_GET, BY_ACTION["secretsmanager:GetSecretValue"]))
    endpoint = Policy("endpoint", (p.allow("*"), p.deny(wanted.action)))
    _experiment(
        case,
        case.user(work(case, wanted)),
        lambda caller: case.call(caller, wanted, endpoint=endpoint),
        lambda caller: case.call(caller, wanted),
    )


@situation()
def behind_a_service(case: Case) -> None:
    """Athena fails with the key, for want of an exception; directly, the session passes."""
    user = _demanded(case, _GET, ("deny_if_exists", "deny_bool_false"))
    _experiment(
        case,
        user,
        lambda caller: case.call(forwarded(case, caller), _GET),
        lambda caller: case.call(caller, _GET),
    )


@situation()
def other_session_policy(case: Case) -> None:
    """A role session with a policy of its own fails; one with MFA and without such passes."""
    wanted = operation(case)
    role, key = case.role(work(case, wanted)), case.key(case.user())
    passed = Policy("passed", (p.allow("logs:PutLogEvents"),))
    recorded = case.chance(0.7)
    narrow = case.role_session(role, by=key, session_policy=passed, recorded=recorded)
    _tries(case, narrow, lambda caller: case.call(caller, wanted))
    case.wait(5, 300)
    wide = case.role_session(role, by=key, mfa=True, recorded=recorded)
    case.wait(2, 60)
    case.call(wide, wanted)


# It does not: the policies were changed in between, and the archive holds the change.


@situation(weight=1.5)
def permission_given_between(case: Case) -> None:
    """An administrator gives the permission that was missing; then the session passes."""
    wanted = operation(case)
    user = case.user(case.policy("other", p.allow("sqs:ListQueues")))
    _experiment(
        case,
        user,
        lambda caller: case.call(caller, wanted),
        lambda caller: case.call(caller, wanted),
        between=lambda _: case.attach(user, work(case, wanted)),
    )


@situation()
def deny_removed_between(case: Case) -> None:
    """An administrator takes away a Deny that had nothing to do with MFA."""
    wanted = operation(case)
    freeze = case.policy("Freeze", p.deny("*"))
    user = case.user(work(case, wanted), freeze)
    _experiment(
        case,
        user,
        lambda caller: case.call(caller, wanted),
        lambda caller: case.call(caller, wanted),
        between=lambda _: case.detach(user, freeze),
    )


@situation()
def resource_opened_between(case: Case) -> None:
    """The bucket's policy is changed in between."""
    arn = f"arn:aws:s3:::{case.names['bucket']}"
    closed = Statement("Deny", ("s3:*",), principals=("*",))
    case.account.resources[arn] = Policy("bucket policy", (closed,))

    def opened(_: Caller) -> None:
        case.account.resources[arn] = None
        case.by_admin("DeleteBucketPolicy", source="s3", bucketName=case.names["bucket"])

    _experiment(
        case,
        case.user(work(case, _GET)),
        lambda caller: case.call(caller, _GET),
        lambda caller: case.call(caller, _GET),
        between=opened,
    )


@situation()
def permission_given_each_day(case: Case) -> None:
    """A tool gives a permission each morning, after MFA, and takes it in the evening."""
    wanted = operation(case)
    user, given = case.user(), work(case, wanted)
    key = case.key(user)
    for _ in range(case.random.choice((2, 3))):
        _tries(case, key, lambda caller: case.call(caller, wanted))
        case.attach(user, given)
        case.wait(20, 60)
        session = _passes_mfa(case, key)
        case.wait(2, 60)
        case.call(session, wanted)
        case.wait(3000, 9000)
        case.detach(user, given)
        case.wait(20, 600)
        case.call(key, wanted)
        case.wait(0.5 * _DAY, 0.9 * _DAY)


@situation()
def mfa_policy_removed_between(case: Case) -> None:
    """The policy that demands MFA is taken away: after that the key passes, too."""
    wanted = operation(case)
    forced = case.policy("MFA_Forced", *GUARDS["deny_if_exists"].statements)
    user = case.user(work(case, wanted), forced)
    key = case.key(user)
    _tries(case, key, lambda caller: case.call(caller, wanted))
    case.wait(20, 900)
    case.detach(user, forced)
    case.wait(20, 300)
    case.call(key, wanted)


# It does not: AWS did not know everywhere yet.


@situation(weight=1.5)
def new_role(case: Case) -> None:
    """A role is made, the key is refused it for some seconds, and then let in."""
    user = case.user(case.policy("assume", p.allow("sts:AssumeRole")))
    role, key = case.role(trust=case.trust(user.arn)), case.key(user)
    case.by_admin("CreateRole", recorded=case.chance(0.8), roleName=role.name)
    for _ in range(case.random.randint(2, 4)):
        case.assume(key, role, seen=Policy("not known yet", ()))
        case.wait(1, 4)
    case.assume(key, role)


@situation()
def new_permission_then_mfa(case: Case) -> None:
    """A permission was given, and AWS does not know for some seconds; meanwhile MFA is passed."""
    wanted = operation(case)
    user = case.user()
    key = case.key(user)
    case.attach(user, work(case, wanted))
    for _ in range(case.random.randint(1, 3)):
        case.call(key, wanted, seen=())
        case.wait(1, 4)
    session = _passes_mfa(case, key)
    case.wait(3, 12)
    case.call(session, wanted)


# It does not, and nobody could tell from this archive.


@situation(weight=0.3, beyond="the IAM event is not in the archive")
def permission_given_unseen(case: Case) -> None:
    """As `permission_given_between`, in an archive that lacks the event."""
    wanted = operation(case)
    user = case.user(case.policy("other", p.allow("sqs:ListQueues")))
    _experiment(
        case,
        user,
        lambda caller: case.call(caller, wanted),
        lambda caller: case.call(caller, wanted),
        between=lambda _: case.attach(user, work(case, wanted), recorded=False),
    )


@situation(weight=0.2, beyond="the IAM events are not in the archive")
def permission_given_each_day_unseen(case: Case) -> None:
    """As `permission_given_each_day`: even repetition does not tell it apart."""
    wanted = operation(case)
    user, given = case.user(), work(case, wanted)
    key = case.key(user)
    for _ in range(2):
        case.call(key, wanted)
        case.attach(user, given, recorded=False)
        case.wait(20, 60)
        session = _passes_mfa(case, key)
        case.wait(2, 60)
        case.call(session, wanted)
        case.detach(user, given, recorded=False)
        case.wait(20, 600)
        case.call(key, wanted)
        case.wait(0.5 * _DAY, 0.9 * _DAY)


@situation(weight=0.3, beyond="the event of the change is not in the archive")
def mfa_policy_removed_unseen(case: Case) -> None:
    """As `mfa_policy_removed_between`: the key passes later, and yet MFA was what it lacked."""
    wanted = operation(case)
    forced = case.policy("MFA_Forced", *GUARDS["deny_if_exists"].statements)
    user = case.user(work(case, wanted), forced)
    key = case.key(user)
    _tries(case, key, lambda caller: case.call(caller, wanted))
    case.wait(20, 900)
    case.detach(user, forced, recorded=False)
    case.wait(20, 300)
    case.call(key, wanted)


@situation(weight=0.3, beyond="the IAM event is not in the archive")
def new_permission_then_mfa_unseen(case: Case) -> None:
    """As `new_permission_then_mfa`, in an archive that lacks the event."""
    wanted = operation(case)
    user = case.user()
    key = case.key(user)
    case.attach(user, work(case, wanted), recorded=False)
    for _ in range(case.random.randint(1, 3)):
        case.call(key, wanted, seen=())
        case.wait(1, 4)
    session = _passes_mfa(case, key)
    case.wait(3, 12)
    case.call(session, wanted)
