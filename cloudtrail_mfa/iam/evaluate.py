"""Whether a request is allowed: AWS's evaluation of all policies that bind it, in three values.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from cloudtrail_mfa.iam.conditions import holds
from cloudtrail_mfa.iam.context import Context
from cloudtrail_mfa.iam.document import Effect, Policy, Statement
from cloudtrail_mfa.iam.exceptions import may_ignore_denies, needs_no_allow, roots_own
from cloudtrail_mfa.iam.logic import Truth, all_of, any_of, not_
from cloudtrail_mfa.iam.matching import covers, matches_action
from cloudtrail_mfa.iam.principals import Caller, Named, may_be_named, named, spared

__all__ = [
    "Decision",
    "Known",
    "Match",
    "Policies",
    "PolicyType",
    "Request",
    "allows",
    "evaluate",
    "same_account",
    "together",
]

PolicyType = Literal["identity", "resource", "boundary", "session", "scp", "rcp", "vpc_endpoint"]
"""The kinds of policies; a role's trust policy and a key policy are resource policies."""

_T = TypeVar("_T")

Known = Sequence[Policy] | None
"""Policies of one kind: all there are, or None where they are not known."""

_Kind = tuple[PolicyType, Known]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes
    ----------
    caller
        Who asks.
    action
        IAM action, as ``s3:GetObject``.
    resource
        ARN of what is to be touched, ``*`` where the action knows no resource, None where it is
        not known.
    context
        The condition keys.
    resource_account
        Account that owns the resource; None where it is not known, which is taken for the
        caller's own.
    """

    caller: Caller
    action: str
    resource: str | None
    context: Context = field(default_factory=Context)
    resource_account: str | None = None


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that bind a request; of each kind none (an empty sequence) or None if unknown.

    Attributes
    ----------
    identity
        Those attached to the user or role, its groups' included.
    resource
        The resource's own: a bucket policy, a key policy, a role's trust policy.
    boundary
        The permissions boundary: a sequence of one, or none.
    session
        Those passed when the session was opened.
    scps
        Service control policies, one sequence a level: root, each unit, the account. They bind
        neither the management account nor service-linked roles: pass none there.
    rcps
        Resource control policies, likewise.
    vpc_endpoint
        The endpoint's, where the request came through one.
    resource_must_allow
        Whether the resource policy has to allow the request even in the same account, as a trust
        policy and a key policy do.
    more
        The kinds of which there may be others than those that are given.
    """

    identity: Known = ()
    resource: Known = ()
    boundary: Known = ()
    session: Known = ()
    scps: Sequence[Known] | None = ()
    rcps: Sequence[Known] | None = ()
    vpc_endpoint: Known = ()
    resource_must_allow: bool = False
    more: Collection[str] = ()

    def known(self) -> Iterator[Policy]:
        """Yield every policy that is known, some of them more than once."""
        levels = (*(self.scps or ()), *(self.rcps or ()))
        own = (self.identity, self.resource, self.boundary, self.session, self.vpc_endpoint)
        for policies in (*own, *levels):
            yield from policies or ()


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that took part in a decision.

    Attributes
    ----------
    truth
        True where it matched, None where that cannot be told.
    named
        For a resource policy, how it names the caller.
    """

    policy_type: PolicyType
    policy: str
    statement: Statement
    truth: Truth
    named: Named | None = None

    @property
    def effect(self) -> Effect:
        """Allow or Deny."""
        return self.statement.effect


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes of a request.

    Attributes
    ----------
    allowed
        True, false, or None where it cannot be told.
    explicit
        Whether a Deny statement matched.
    matches
        Every statement that matched, or may have.
    missing
        Where nothing denies explicitly: the kinds of policies that do not allow the request.
    unknown
        What is not known and would matter, a sentence each.
    withheld
        The kinds of policies that are not all known, whether or not that matters.
    """

    allowed: Truth
    explicit: bool
    matches: tuple[Match, ...]
    missing: tuple[PolicyType, ...]
    unknown: tuple[str, ...]
    withheld: tuple[PolicyType, ...] = ()

    @property
    def deny(self) -> Match | None:
        """The first Deny statement that matched."""
        return next((m for m in self.matches if m.effect == "Deny" and m.truth), None)


def evaluate(request: Request, policies: Policies) -> Decision:
    """Decide a request.

    Parameters
    ----------
    request
        What is asked, by whom.
    policies
        All policies that bind it.

    Returns
    -------
    Decision
        What comes of it, with every statement that took part.

    Raises
    ------
    ValueError
        If a condition has an operator that does not exist.
    """
    bounded, more = _bounded(request.caller, policies), policies.more
    groups = [_Group.of(request, kind, bounded, more) for kind in _kinds(request, policies)]
    matches = tuple(match for group in groups for match in group.matches)
    explicit = all_of(
        [
            any_of(truth for group in groups for truth in group.denies),
            not_(may_ignore_denies(request.action)),
        ]
    )
    free = needs_no_allow(request.action)
    grant = True if free else _grant(request, policies, groups)
    limits = [group.allows for group in groups if group.type in _LIMITS and not free]
    allowed = all_of([not_(explicit), *limits, grant])
    missing = [
        group.type
        for group in groups
        if group.allows is False
        and (group.type in _LIMITS or grant is not True)
        # That a resource has no policy stops nobody whom it need not name.
        and not (
            group.type == "resource" and not group.policies and _may_be_unnamed(request, policies)
        )
    ]
    return Decision(
        allowed,
        explicit is True,
        matches,
        () if explicit else tuple(dict.fromkeys(missing)),
        _unknown(groups) if allowed is None else (),
        tuple(dict.fromkeys(group.type for group in groups if group.withheld)),
    )


def together(decisions: Sequence[Decision]) -> Decision:
    """Return what comes of requests that all have to be allowed: of one, its own decision."""
    if len(decisions) == 1:
        return decisions[0]
    against = [one for one in decisions if one.allowed is not True] or list(decisions)

    def every(part: Callable[[Decision], tuple[_T, ...]]) -> tuple[_T, ...]:
        return tuple(dict.fromkeys(item for one in against for item in part(one)))

    matches = tuple(match for one in against for match in one.matches)
    return Decision(
        all_of(one.allowed for one in decisions),
        any(one.explicit for one in decisions),
        matches,
        every(lambda one: one.missing),
        every(lambda one: one.unknown),
        every(lambda one: one.withheld),
    )


_IN_ANY_WAY = (*Named, None)
# Each of these has to allow a request, whatever the others give.
_LIMITS = ("scp", "rcp", "vpc_endpoint")


def allows(policies: Sequence[Policy], request: Request) -> Truth:
    """Whether control policies of one level allow a request, whatever else binds it."""
    return _Group.of(request, ("scp", policies), None).allows


@dataclass(frozen=True, slots=True)
class _Group:
    """Policies of one kind (of control policies: of one level), of which one has to allow."""

    type: PolicyType
    policies: Known
    matches: tuple[Match, ...]
    withheld: bool

    @classmethod
    def of(
        cls, request: Request, kind: _Kind, bounded: Truth, more: Collection[str] = ()
    ) -> _Group:
        type_, policies = kind
        matches = (
            Match(type_, policy.name, statement, truth, way)
            for policy in policies or ()
            for statement in policy.statements
            for truth, way in [_applies(statement, request, type_, bounded=bounded)]
            if truth is not False
        )
        return cls(type_, policies, tuple(matches), policies is None or type_ in more)

    @property
    def denies(self) -> list[Truth]:
        """Whether each Deny statement matches; of policies that are unknown, one may."""
        unknown: list[Truth] = [None] if self.withheld else []
        return [match.truth for match in self.matches if match.effect == "Deny"] + unknown

    @property
    def allows(self) -> Truth:
        """Whether one of them allows the request; where there are none, nothing limits it."""
        return self.allows_by(*_IN_ANY_WAY)

    def allows_by(self, *ways: Named | None) -> Truth:
        """Whether one of them allows the request and names the caller in one of these ways."""
        if not self.policies and not self.withheld and self.type not in ("identity", "resource"):
            return True
        known = [
            match.truth for match in self.matches if match.effect == "Allow" and match.named in ways
        ]
        return any_of([*known, None] if self.withheld else known)


def _kinds(request: Request, policies: Policies) -> Iterator[_Kind]:
    mended = roots_own(request.caller, request.action) and same_account(request)
    yield "identity", policies.identity
    yield "resource", () if mended else policies.resource
    yield "boundary", policies.boundary
    yield "session", policies.session
    yield "vpc_endpoint", policies.vpc_endpoint
    # Service control policies bind the organization's own principals:
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    bound = request.caller.kind not in ("service", "anonymous")
    for level in () if not bound else [None] if policies.scps is None else policies.scps:
        yield "scp", level
    for level in [None] if policies.rcps is None else policies.rcps:
        yield "rcp", level


def _applies(
    statement: Statement, request: Request, type_: PolicyType, *, bounded: Truth
) -> tuple[Truth, Named | None]:
    """Whether a statement speaks of a request, and how it names the caller."""
    way: Named | None = None
    whom: Truth = True
    if type_ in ("resource", "vpc_endpoint", "rcp"):
        if statement.not_principal is not None:
            whom, way = (
                not_(spared(statement.not_principal, request.caller, statement.effect)),
                Named.EVERYONE,
            )
            if statement.effect == "Deny":
                whom = any_of([whom, bounded])
            whom = None if whom and statement.not_principal.canonical_user else whom
        elif statement.principal is not None:
            way = named(statement.principal, request.caller)
            whom = way is not None
            if type_ == "vpc_endpoint" and way is Named.ACCOUNT and request.caller.kind != "root":
                # A gateway endpoint lets in root alone then, an interface endpoint everybody:
                # https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
                whom = None if request.action.lower().startswith(("s3:", "dynamodb:")) else True
            if way is None and (unsure := may_be_named(statement.principal, request.caller)):
                way, whom = unsure, None
    return all_of(_tests(statement, request, whom)), way


def _tests(statement: Statement, request: Request, whom: Truth) -> Iterator[Truth]:
    """Yield what has to hold, the cheapest first: nothing is looked at behind what does not."""
    yield whom
    yield _action(statement, request.action)
    for condition in statement.condition:
        yield holds(condition, request.context, variables=statement.variables)
    yield _resource(statement, request)


def _bounded(caller: Caller, policies: Policies) -> Truth:
    """Whether the caller has a boundary: NotPrincipal in a Deny spares nobody who has one."""
    if caller.kind not in ("user", "role_session"):
        return False
    known = policies.boundary is not None and "boundary" not in policies.more
    return bool(policies.boundary) or (False if known else None)


def _action(statement: Statement, action: str) -> bool:
    if statement.not_action is not None:
        return not any(matches_action(pattern, action) for pattern in statement.not_action)
    return any(matches_action(pattern, action) for pattern in statement.action or ())


def _resource(statement: Statement, request: Request) -> Truth:
    patterns = statement.not_resource if statement.resource is None else statement.resource
    if patterns is None:  # a trust policy names no resource: it is the role itself
        return True
    # Of a long list the asterisk alone settles it.
    everything = "*" in patterns
    truth = everything or any_of(
        covers(text, request.resource, request.context, variables=statement.variables)
        for text in patterns
    )
    return truth if statement.resource is not None else not_(truth)


def _grant(request: Request, policies: Policies, groups: Sequence[_Group]) -> Truth:
    """Whether identity and resource policies give what is asked, within boundary and session."""
    of = {group.type: group for group in groups}
    resource = of["resource"].allows_by
    limits = all_of([of["boundary"].allows, of["session"].allows])
    caller = request.caller
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    session = of["session"]
    bare = caller.kind == "federated_user" and not session.policies and not session.withheld
    identity: Truth
    if caller.kind in ("service", "anonymous") or bare:
        identity = False
    elif caller.kind == "root":
        identity = True
    else:
        identity = all_of([of["identity"].allows, limits])
    if caller.account and not same_account(request):
        return all_of([identity, resource(*Named)])
    # Whoever is named by the ARN that signs is not limited by what boundary or session leave out,
    # but to assume a role (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html);
    # whoever is named by the role is; of everyone, AWS's guide does not say.
    assumes = request.action.lower() == "sts:assumerole"
    direct = any_of(
        [
            all_of([resource(Named.ITSELF), limits]) if assumes else resource(Named.ITSELF),
            all_of([resource(Named.ROLE), limits]),
            all_of([resource(Named.EVERYONE), limits or None]),
        ]
    )
    if policies.resource_must_allow:
        return any_of([direct, all_of([resource(Named.ACCOUNT), identity])])
    return any_of([identity, direct])


def _may_be_unnamed(request: Request, policies: Policies) -> bool:
    return same_account(request) and not policies.resource_must_allow


def same_account(request: Request) -> bool:
    """Whether the resource is the caller's own account's; where its owner is not known, it is."""
    return request.resource_account in (None, request.caller.account)


def _unknown(groups: Sequence[_Group]) -> tuple[str, ...]:
    sentences = [
        f"The {group.type} policies are not {'' if group.policies is None else 'all '}known."
        for group in groups
        if group.withheld
    ]
    sentences += [
        f"Whether {match.statement.label} of {match.policy} ({match.policy_type}) matches cannot be"
        " told."
        for group in groups
        for match in group.matches
        if match.truth is None
    ]
    return tuple(dict.fromkeys(sentences)) or (_EVERYONE,)


_EVERYONE = (
    "AWS does not document whether a grant to everyone passes what a boundary or a session policy"
    " leaves out."
)
