"""Situations in which policies, or what is there, are changed between calls, or before an export."""

from __future__ import annotations

from tests.scenarios import policies as p
from tests.scenarios.case import Case
from tests.scenarios.guards import GUARDS, guarded, operation, work
from tests.scenarios.operations import BY_ACTION, Operation
from tests.scenarios.policies import Policy
from tests.scenarios.registry import situation
from tests.scenarios.world import Caller, Label, Principal

_FORCED = GUARDS["deny_if_exists"].statements
_BOOL = GUARDS["deny_bool_false"].statements
_GET = BY_ACTION["s3:GetObject"]
_LIST = BY_ACTION["s3:ListBucket"]


def _mfa(case: Case, key: Caller) -> Caller:
    """Return a session that has just passed MFA."""
    session = case.session_token(key, mfa=True, recorded=case.chance(0.75))
    case.wait(3, 60)
    return session


def _in_force(case: Case, wanted: Operation) -> tuple[Principal, Policy]:
    """Return a user who is forced to use MFA, and the policy that does it."""
    forced = case.policy("MFA_Forced", *_FORCED)
    return case.user(work(case, wanted), forced), forced


@situation()
def mfa_policy_added(case: Case) -> None:
    """The key passes, MFA is demanded from then on, and the key fails."""
    wanted = operation(case)
    user = case.user(work(case, wanted))
    key = case.key(user)
    case.call(key, wanted)
    case.wait(60, 3000)
    case.attach(user, case.policy("MFA_Forced", *_FORCED))
    case.wait(20, 900)
    case.call(key, wanted)
    if case.chance(0.5):
        case.call(_mfa(case, key), wanted)


@situation(weight=0.3, beyond="the event of the change is not in the archive")
def mfa_policy_added_unseen(case: Case) -> None:
    """As `mfa_policy_added`: the key passed a while ago, and yet MFA is what it lacks."""
    wanted = operation(case)
    user = case.user(work(case, wanted))
    key = case.key(user)
    case.call(key, wanted)
    case.wait(60, 3000)
    case.attach(user, case.policy("MFA_Forced", *_FORCED), recorded=False)
    case.wait(20, 900)
    case.call(key, wanted)


@situation()
def rewritten_to_bool(case: Case) -> None:
    """BoolIfExists is changed to Bool, as articles advise: the error ends, and the protection."""
    wanted = operation(case)
    user, forced = _in_force(case, wanted)
    key = case.key(user)
    case.call(key, wanted)
    case.wait(60, 3000)
    case.rewrite(user, forced, *_BOOL)
    case.wait(20, 300)
    case.call(key, wanted)
    if case.chance(0.5):
        case.call(case.console(user, mfa=False), wanted)


@situation()
def group_joined_between(case: Case) -> None:
    """The user joins the group that has the permission; then the session passes."""
    wanted = operation(case)
    user = case.user()
    key = case.key(user)
    case.call(key, wanted)
    case.wait(20, 900)
    name = case.group(user, work(case, wanted))
    case.by_admin("AddUserToGroup", userName=user.name, groupName=name)
    case.wait(20, 300)
    case.call(_mfa(case, key), wanted)


@situation()
def boundary_removed_between(case: Case) -> None:
    """The permissions boundary is taken away; then the session passes."""
    wanted = operation(case)
    user = case.user(work(case, wanted))
    user.boundary = Policy("B", (p.allow("sts:*"),), f"arn:aws:iam::{case.account.id}:policy/B")
    key = case.key(user)
    case.call(key, wanted)
    case.wait(20, 900)
    user.boundary = None
    case.by_admin("DeleteUserPermissionsBoundary", userName=user.name)
    case.wait(20, 300)
    case.call(_mfa(case, key), wanted)


@situation()
def trust_opened_between(case: Case) -> None:
    """The role comes to trust the user; then the session gets it."""
    user = case.user(case.policy("assume", p.allow("sts:AssumeRole")))
    role, key = case.role(trust=case.trust(case.user().arn)), case.key(user)
    case.assume(key, role)
    case.wait(20, 900)
    role.trust = case.trust(user.arn)
    case.by_admin("UpdateAssumeRolePolicy", roleName=role.name)
    case.wait(20, 300)
    case.assume(_mfa(case, key), role)


def _object_comes(case: Case, *, seen: bool) -> None:
    """Let a key ask for an object that is not there: without s3:ListBucket, S3 says 403."""
    permitted = case.policy("work", p.allow("s3:GetObject", "s3:PutObject"))
    key = case.key(case.user(permitted))
    case.call(key, _LIST)
    refusal = case.world.records[-1]
    label = case.world.labels.pop(refusal["eventID"])
    # S3 refuses to say that nothing is there, for want of ListBucket.
    refusal |= {"eventName": "GetObject", "errorMessage": "Access Denied"}
    refusal |= {"eventCategory": "Data", "managementEvent": False}
    refusal["requestParameters"] = _GET.parameters(case.names)
    case.world.labels[refusal["eventID"]] = Label(case.situation, label.truth)
    case.wait(20, 300)
    if seen:
        case.call(case.key(case.user(permitted)), BY_ACTION["s3:PutObject"])
    case.wait(5, 60)
    case.call(_mfa(case, key), _GET)


@situation()
def object_comes_between(case: Case) -> None:
    """The object was not there yet; it was put before the session asked for it."""
    _object_comes(case, seen=True)


@situation(weight=0.3, beyond="that the object came is not in the archive")
def object_comes_unseen(case: Case) -> None:
    """As `object_comes_between`, in an archive that lacks the event."""
    _object_comes(case, seen=False)


# Where a weaker credential passes, and MFA is demanded all the same.


@situation()
def key_passes_where_session_fails(case: Case) -> None:
    """Deny with Bool stops sessions without MFA, and lets the user's key pass."""
    wanted = operation(case, lambda one: not one.action.startswith("iam:"))
    way = case.random.choice(("deny_bool_false", "allow_if_exists_true", "allow_for_all_values"))
    user = case.user(*guarded(case, GUARDS[way], wanted))
    key = case.key(user)
    case.call(key, wanted)
    case.wait(20, 600)
    console = case.console(user, mfa=False)
    case.wait(5, 60)
    case.call(console, wanted)
    case.call(key, wanted)
    if case.chance(0.5):
        case.call(_mfa(case, key), wanted)


@situation()
def session_passes_where_key_fails(case: Case) -> None:
    """Long-term keys are banned: any session passes, with MFA or without."""
    wanted = operation(case, lambda one: not one.action.startswith("iam:"))
    way = case.random.choice(("ban_keys_by_issue", "ban_keys_by_mfa", "allow_not_null"))
    user = case.user(*guarded(case, GUARDS[way], wanted))
    key = case.key(user)
    case.call(key, wanted)
    case.wait(20, 600)
    session = case.session_token(key, mfa=case.chance(0.5), recorded=case.chance(0.7))
    case.wait(5, 60)
    case.call(session, wanted)
    if case.chance(0.5):
        case.call(key, wanted)


@situation()
def role_with_mfa_passes(case: Case) -> None:
    """A role's policy demands MFA: opened without, the session fails, with it, it may pass."""
    wanted = operation(case)
    way = case.random.choice(("deny_if_exists", "deny_bool_false", "allow_bool_true"))
    role = case.role(*guarded(case, GUARDS[way], wanted))
    opener = case.key(case.user(case.policy("assume", p.allow("sts:AssumeRole"))))
    for mfa in (False, True):
        session = case.role_session(role, by=opener, mfa=mfa, recorded=case.chance(0.7))
        case.wait(5, 200)
        case.call(session, wanted)


# The policies that were exported are not those that were in force at the call.


@situation()
def permission_given_before_export(case: Case) -> None:
    """The permission was missing; what is exported later has it, and demands MFA too."""
    wanted = operation(case)
    user = case.user()
    case.call(case.key(user), wanted)
    case.wait(600, 6000)
    case.attach(user, work(case, wanted))
    case.attach(user, case.policy("MFA_Forced", *_FORCED))


@situation(weight=0.3, beyond="the events of the changes are not in the archive")
def permission_given_before_export_unseen(case: Case) -> None:
    """As `permission_given_before_export`, in an archive that lacks the events."""
    wanted = operation(case)
    user = case.user()
    case.call(case.key(user), wanted)
    case.wait(600, 6000)
    case.attach(user, work(case, wanted), recorded=False)
    case.attach(user, case.policy("MFA_Forced", *_FORCED), recorded=False)


@situation()
def guard_relaxed_before_export(case: Case) -> None:
    """MFA was demanded; what is exported later no longer does, and lacks the permission."""
    wanted = operation(case)
    forced, given = case.policy("MFA_Forced", *_FORCED), work(case, wanted)
    user = case.user(forced, given)
    case.call(case.key(user), wanted)
    case.wait(600, 6000)
    case.detach(user, forced)
    case.detach(user, given)


@situation()
def changed_since_export(case: Case) -> None:
    """The export shows MFA demanded and the permission; both were taken away before the call."""
    wanted = operation(case)
    forced, given = case.policy("MFA_Forced", *_FORCED), work(case, wanted)
    user = case.user()
    user.policies = [forced, given]
    user.exported = [forced, given]
    key = case.key(user)
    case.detach(user, forced)
    case.detach(user, given)
    case.wait(60, 600)
    case.call(key, wanted)
