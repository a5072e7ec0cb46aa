"""Situations by what denies: every kind of policy, with MFA in it and without."""

from __future__ import annotations

from tests.scenarios import policies as p
from tests.scenarios.case import HOME, OFFICE, Case
from tests.scenarios.guards import GUARDS, guarded, network, operation, work
from tests.scenarios.operations import BY_ACTION
from tests.scenarios.policies import Policy, Statement
from tests.scenarios.registry import situation
from tests.scenarios.world import Caller, managed

_DEMAND = GUARDS["deny_if_exists"]
_QUARANTINE = Policy(
    "AWSCompromisedKeyQuarantineV3",
    (p.deny("iam:*", "ec2:*", "s3:*"),),
    "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
)
_SQS = BY_ACTION["sqs:ReceiveMessage"]
_GET = BY_ACTION["s3:GetObject"]
_SECRET = BY_ACTION["secretsmanager:GetSecretValue"]


def _somebody(case: Case, *policies: Policy) -> Caller:
    """Return a caller with some credential."""
    key = case.key(case.user(*policies))
    way = case.random.randrange(4)
    if way == 0:
        return key
    if way == 3:
        return case.role_session(case.role(*policies), by=key, mfa=case.chance(0.5))
    return case.session_token(key, mfa=case.chance(0.5), recorded=case.chance(0.7))


@situation(weight=2)
def missing_permission(case: Case) -> None:
    """Nothing allows the call, and nothing asks for MFA."""
    other, wanted = operation(case), operation(case)
    policies = [case.policy("work", p.allow(other.action))] if case.chance(0.7) else []
    caller = _somebody(case, *policies)
    for _ in range(case.random.randint(1, 3)):
        case.call(caller, wanted)
        case.wait(5, 100)


@situation()
def plain_deny_by_address(case: Case) -> None:
    """A policy lets calls in from the office alone."""
    wanted = operation(case)
    caller = _somebody(case, work(case, wanted), network(case))
    case.call(caller, wanted, ip=HOME)


@situation()
def plain_deny_by_region(case: Case) -> None:
    """A policy keeps people out of other regions."""
    wanted = operation(case, lambda one: "{region}" in one.resource)
    region = case.policy("Regions", p.deny("*", when=(p.region_outside("us-east-1"),)))
    case.call(_somebody(case, work(case, wanted), region), wanted, region="eu-west-1")


@situation()
def quarantined_key(case: Case) -> None:
    """AWS found the key in public, and attached its quarantine policy."""
    wanted = operation(case, lambda one: one.action.startswith(("s3:", "iam:", "ec2:")))
    user = case.user(work(case, wanted))
    case.attach(user, _QUARANTINE, recorded=case.chance(0.7))
    for _ in range(case.random.randint(1, 4)):
        case.call(case.key(user), wanted)
        case.wait(2, 60)


@situation()
def revoked_session(case: Case) -> None:
    """The role's sessions were revoked: any new one would do, with MFA or without."""
    wanted = operation(case)
    role = case.role(work(case, wanted))
    session = case.role_session(role, by=case.key(case.user()), mfa=case.chance(0.5))
    case.wait(60, 600)
    revoke = Policy("AWSRevokeOlderSessions", (p.deny("*", when=(p.issued_before(case.now),)),))
    case.attach(role, revoke, recorded=case.chance(0.7))
    case.wait(5, 60)
    case.call(session, wanted)


@situation(account="demands_mfa", weight=1.5)
def scp_demands_mfa(case: Case) -> None:
    """The organization demands MFA."""
    wanted = operation(case, lambda one: not one.action.startswith("iam:"))
    policies = [work(case, wanted)] if case.chance(0.8) else []
    case.call(_somebody(case, *policies), wanted)


@situation(account="demands_mfa")
def root_key_under_scp(case: Case) -> None:
    """Root's key, where the organization demands MFA."""
    case.call(case.root_key(), operation(case, lambda one: not one.action.startswith("iam:")))


@situation(account="regions")
def scp_limits_regions(case: Case) -> None:
    """The organization keeps out of other regions."""
    wanted = operation(case, lambda one: not one.action.startswith(("iam:", "s3:")))
    caller = _somebody(case, *guarded(case, _DEMAND, wanted, permitted=True))
    if case.chance(0.6):
        caller = _somebody(case, work(case, wanted))
    case.call(caller, wanted, region="ap-southeast-2")


@situation(account="listed")
def scp_lists_services(case: Case) -> None:
    """The organization allows a list of services, and this is none of them."""
    wanted = operation(case, lambda one: not one.action.startswith(("s3:", "ec2:", "iam:", "sts:")))
    demand = [case.policy("MFA_Forced", *_DEMAND.statements)] if case.chance(0.3) else []
    case.call(_somebody(case, work(case, wanted), *demand), wanted)


@situation(account="shielded")
def rcp_demands_mfa(case: Case) -> None:
    """The organization's resources demand MFA."""
    wanted = case.random.choice((_GET, _SECRET))
    case.call(_somebody(case, work(case, wanted)), wanted)


@situation(account="shielded")
def rcp_denies(case: Case) -> None:
    """The organization closes its queues."""
    case.call(_somebody(case, work(case, _SQS)), _SQS)


@situation(weight=1.5)
def boundary_leaves_out(case: Case) -> None:
    """The permissions boundary does not let the call pass, or only with MFA."""
    wanted = operation(case)
    caller = _somebody(case, work(case, wanted))
    when = (p.BOOL_TRUE,) if case.chance(0.3) else ()
    inside = wanted.action if when else operation(case).action
    limit = p.allow(inside, "sts:*", when=when)
    caller.principal.boundary = managed(case.account, case.world.name("Boundary"), limit)
    case.call(caller, wanted)


@situation()
def session_policy_leaves_out(case: Case) -> None:
    """The policy that was passed with AssumeRole does not let the call pass."""
    wanted = operation(case)
    passed = Policy("passed", (p.allow(operation(case).action),))
    session = case.role_session(
        case.role(work(case, wanted)),
        by=case.key(case.user()),
        mfa=case.chance(0.5),
        session_policy=passed,
        recorded=case.chance(0.7),
    )
    case.call(session, wanted)


def _bucket_policy(case: Case, *statements: Statement) -> None:
    arn = f"arn:aws:s3:::{case.names['bucket']}"
    case.account.resources[arn] = Policy("bucket policy", statements)


@situation(weight=1.5)
def resource_demands_mfa(case: Case) -> None:
    """The bucket's policy demands MFA."""
    when = case.random.choice((p.IF_EXISTS_FALSE, p.NULL_MFA, p.older_than(1800)))
    _bucket_policy(case, Statement("Deny", ("s3:*",), (when,), principals=("*",)))
    caller = _somebody(case, *([work(case, _GET)] if case.chance(0.8) else []))
    case.wait(1, 3000)
    case.call(caller, _GET)


@situation()
def resource_denies(case: Case) -> None:
    """The bucket's policy lets calls in from the office alone."""
    when = (p.ip_outside(OFFICE.rpartition(".")[0]),)
    _bucket_policy(case, Statement("Deny", ("s3:*",), when, principals=("*",)))
    demand = [case.policy("MFA_Forced", *_DEMAND.statements)] if case.chance(0.3) else []
    case.call(_somebody(case, work(case, _GET), *demand), _GET, ip=HOME)


@situation()
def endpoint_leaves_out(case: Case) -> None:
    """The call came through a VPC endpoint, whose policy does not let it pass."""
    wanted = case.random.choice((_GET, _SECRET, _SQS))
    closed = Policy("endpoint", (p.allow("*"), p.deny(wanted.action)))
    narrow = Policy("endpoint", (p.allow("kms:*"),))
    caller = _somebody(case, work(case, wanted))
    case.call(caller, wanted, endpoint=case.random.choice((closed, narrow)))


@situation(weight=1.5)
def trust_demands_mfa(case: Case) -> None:
    """The role is for those who passed MFA; then somebody does, and gets it."""
    when = case.random.choice((p.BOOL_TRUE, p.younger_than(900)))
    role = case.role(trust=case.trust(case.account.id, when=(when,)))
    user = case.user(case.policy("assume", p.allow("sts:AssumeRole")))
    key = case.key(user)
    caller = key if case.chance(0.7) else case.session_token(key, mfa=False)
    for _ in range(case.random.randint(1, 3)):
        case.assume(caller, role)
        case.wait(2, 30)
    if case.chance(0.6):
        case.assume(key, role, serial=True)


@situation()
def trust_names_others(case: Case) -> None:
    """The role trusts somebody else."""
    role = case.role(trust=case.trust(case.user().arn))
    user = case.user(case.policy("assume", p.allow("sts:AssumeRole")))
    caller = case.key(user)
    if case.chance(0.4):
        caller = case.session_token(caller, mfa=case.chance(0.5))
    case.assume(caller, role, serial=case.chance(0.2))


@situation()
def not_permitted_to_assume(case: Case) -> None:
    """The role trusts the account, and the user has no permission."""
    case.assume(_somebody(case), case.role(), serial=case.chance(0.2))


@situation(weight=1.5)
def mfa_would_not_do(case: Case) -> None:
    """MFA is demanded, and something else stands against the call besides."""
    wanted = operation(case)
    policies = guarded(case, _DEMAND, wanted, permitted=case.chance(0.5))
    policies.append(network(case, named_for_mfa=0.2))
    key = case.key(case.user(*policies))
    caller = key if case.chance(0.6) else case.console(key.principal, mfa=False)
    case.call(caller, wanted, ip=HOME)


@situation()
def combined_policy(case: Case) -> None:
    """One policy, named for MFA, demands MFA and the office."""
    wanted = operation(case)
    office = p.deny("*", when=(p.ip_outside(OFFICE.rpartition(".")[0]),))
    both = case.policy("MFA_and_Network", *_DEMAND.statements, office)
    key = case.key(case.user(both, work(case, wanted)))
    with_mfa = case.session_token(key, mfa=True)
    case.wait(5, 50)
    case.call(case.random.choice((key, with_mfa)), wanted, ip=case.random.choice((HOME, OFFICE)))


@situation()
def old_mfa(case: Case) -> None:
    """MFA was used, too long ago for what is to be deleted."""
    wanted = operation(case)
    when = case.random.choice((p.older_than(3600), p.older_than_strictly(3600)))
    name = case.random.choice(("MFA_Recent", "FreshSignIn"))
    recent = case.policy(name, p.deny(wanted.action, when=(when,)))
    user = case.user(work(case, wanted), recent)
    caller = case.session_token(case.key(user), mfa=True, recorded=case.chance(0.7))
    if case.chance(0.4):
        caller = case.console(user, mfa=True)
    case.call(caller, wanted)
    case.wait(3700, 20_000)
    case.call(caller, wanted)


@situation(weight=0.6)
def tight_age(case: Case) -> None:
    """MFA has to be minutes old at most, and the session is a little older."""
    wanted = operation(case)
    limit = case.random.choice((60, 120, 240))
    if case.chance(0.5):
        policies = [work(case, wanted, when=(p.younger_than(limit),))]
    else:
        recent = p.deny(wanted.action, when=(p.older_than(limit),))
        policies = [work(case, wanted), case.policy("Recent", recent)]
    caller = case.session_token(case.key(case.user(*policies)), mfa=True)
    case.wait(limit + 2, limit + 60)
    case.call(caller, wanted)


@situation()
def session_token_calls_iam(case: Case) -> None:
    """A session of GetSessionToken without MFA cannot call IAM, whatever is allowed."""
    wanted = operation(case, lambda one: one.action.startswith("iam:"))
    key = case.key(case.user(work(case, wanted)))
    case.call(case.session_token(key, mfa=False, recorded=case.chance(0.8)), wanted)
