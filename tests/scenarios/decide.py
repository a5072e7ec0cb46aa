"""Whether a call passes, and why not: the generator's own decision, and the label that follows.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.scenarios.policies import Context, Policy, Statement

__all__ = ["Barrier", "Call", "Kind", "Truth", "decide", "truth_of"]

Kind = Literal[
    "scp", "rcp", "resource", "trust", "identity", "boundary", "session", "vpc_endpoint", "aws"
]

CAUSE_OF: Mapping[str, str] = {
    "scp": "service_control_policy",
    "rcp": "resource_control_policy",
    "resource": "resource_policy",
    "trust": "trust_policy",
    "boundary": "permissions_boundary",
    "session": "session_policy",
    "vpc_endpoint": "vpc_endpoint_policy",
}


@dataclass(frozen=True, slots=True)
class Barrier:
    """What stands against a call: a statement that denies, or a kind of which none allows."""

    kind: Kind
    policy: Policy | None = None
    statement: Statement | None = None

    @property
    def explicit(self) -> bool:
        """Whether a Deny stands there."""
        return self.statement is not None


@dataclass(frozen=True, slots=True)
class Call:
    """A call, and all policies that bind it.

    Attributes
    ----------
    names
        How resource policies may name the caller: ARNs, the account's id.
    long_term
        Whether a long-term key signs, itself or behind a service.
    session_token
        Whether the credentials are of GetSessionToken, which AWS itself limits.
    blind
        Whether policies never see MFA in such a session, as AWS's guide says of roles.
    bound
        The policies by kind. Of a kind that is not there, none limits the call; identity-based
        ones have to allow all the same.
    levels
        Service control policies, a tuple a level.
    must_name
        Whether the resource's policy has to allow, even in the same account.
    """

    action: str
    resource: str
    context: Context
    names: tuple[str, ...]
    long_term: bool = False
    forwarded: bool = False
    session_token: bool = False
    blind: bool = False
    is_root: bool = False
    same_account: bool = True
    must_name: bool = False
    bound: Mapping[Kind, tuple[Policy, ...]] = field(default_factory=dict)
    levels: tuple[tuple[Policy, ...], ...] = ()

    def fresh(self, *, mfa: bool) -> Call:
        """Return the same call in a session that was just opened."""
        seen = None if self.blind else mfa
        context = replace(self.context, mfa=seen, age=0 if seen else None, issued=self.context.now)
        return replace(self, context=context)


@dataclass(frozen=True, slots=True)
class Truth:
    """Why a call was refused.

    Attributes
    ----------
    also
        Causes whose definition fits as well: a policy of that kind, which AWS's message may name,
        did stand against the call.
    mfa_would_allow
        Whether a session that had just passed MFA would have been let in; None where the question
        has no meaning.
    """

    cause: str
    mfa_would_allow: bool | None
    also: frozenset[str] = frozenset()


def decide(call: Call) -> tuple[Barrier, ...]:
    """Return what stands against a call: Deny statements, else what does not allow; none: it passes."""
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    if call.action == "sts:GetCallerIdentity":
        return ()
    denies = tuple(_denies(call))
    return denies or tuple(dict.fromkeys(Barrier(kind) for kind in _missing(call)))


def _all(call: Call) -> Iterator[tuple[Kind, Policy]]:
    for kind, policies in call.bound.items():
        for policy in policies:
            yield kind, policy
    for level in call.levels:
        for policy in level:
            yield "scp", policy


def _denies(call: Call) -> Iterator[Barrier]:
    for kind, policy in _all(call):
        for statement in policy.statements:
            if statement.effect == "Deny" and _applies(call, kind, statement):
                yield Barrier(kind, policy, statement)


def _applies(call: Call, kind: Kind, statement: Statement) -> bool:
    named = kind not in ("resource", "trust") or bool(
        {"*", *call.names} & set(statement.principals)
    )
    return named and statement.speaks_of(call.action, call.resource, call.context)


def _allows(call: Call, kind: Kind, policies: tuple[Policy, ...]) -> bool:
    return any(
        statement.effect == "Allow" and _applies(call, kind, statement)
        for policy in policies
        for statement in policy.statements
    )


def _missing(call: Call) -> Iterator[Kind]:
    # GetSessionToken without MFA cannot call IAM:
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    if call.session_token and not call.context.mfa and call.action.lower().startswith("iam:"):
        yield "aws"
    if not all(_allows(call, "scp", level) for level in call.levels):
        yield "scp"
    endpoint = call.bound.get("vpc_endpoint")
    if endpoint is not None and not _allows(call, "vpc_endpoint", endpoint):
        yield "vpc_endpoint"
    yield from _not_granted(call)


def _not_granted(call: Call) -> Iterator[Kind]:
    """Yield what would have to give the call, and does not: who calls, or what is called."""
    own = [] if call.is_root else [kind for kind in _OWN if _lacks(call, kind)]
    place: Kind = "trust" if "trust" in call.bound else "resource"
    resource = not _lacks(call, place)
    if call.must_name and resource:
        yield from () if _named_itself(call, place) else own
    elif call.must_name:
        yield place
    elif not call.same_account:
        yield from own if resource else (*own, place)
    elif not resource:
        yield from own


_OWN: tuple[Kind, ...] = ("identity", "boundary", "session")


def _lacks(call: Call, kind: Kind) -> bool:
    limits = kind not in ("boundary", "session") or kind in call.bound
    return limits and not _allows(call, kind, call.bound.get(kind, ()))


def _named_itself(call: Call, place: Kind) -> bool:
    """Whether a resource's policy allows the caller by its own ARN, not by its account."""
    itself = replace(call, names=tuple(name for name in call.names if not name.isdigit()))
    return _allows(itself, place, call.bound[place])


def truth_of(call: Call) -> Truth:
    """Return why a call is refused, by the definitions of the causes.

    Raises
    ------
    ValueError
        If it is not refused.
    """
    actual = decide(call)
    if not actual:
        raise ValueError("the call passes")
    with_mfa, without = decide(call.fresh(mfa=True)), decide(call.fresh(mfa=False))
    also = {CAUSE_OF[barrier.kind] for barrier in actual if barrier.kind in CAUSE_OF}
    if not with_mfa:
        return Truth(*_for_want_of_mfa(call, without, actual, also))
    ended = {barrier.kind for barrier in set(actual) - set(with_mfa)}
    if ended - {"aws"}:
        cause = "mfa_not_sufficient"
    elif ended:  # no policy's condition, but AWS itself asks for MFA
        left = tuple(barrier for barrier in actual if barrier.kind != "aws")
        cause, also = _otherwise(left), also | {"mfa_not_sufficient"}
    else:
        cause = _otherwise(actual)
        also |= {_otherwise((barrier,)) for barrier in actual}
        if call.blind and any(map(_is_about_mfa, actual)):
            # A Deny for want of MFA stands there, and no session could ever meet it.
            cause, also = "mfa_not_sufficient", also | {cause}
        elif _without_mfa_too(call):
            also.add("mfa_not_sufficient")
    return Truth(cause, mfa_would_allow=False, also=frozenset(also - {cause}))


def _for_want_of_mfa(
    call: Call, without: tuple[Barrier, ...], actual: tuple[Barrier, ...], also: set[str]
) -> tuple[str, bool, frozenset[str]]:
    if call.long_term:
        if call.forwarded:  # a service signs with a session of its own, which has no MFA
            also = also | {"session_without_mfa"}
        return "long_term_key", True, frozenset(also)
    is_aged = call.context.mfa and any(map(_is_about_mfa, actual))
    if not without and not is_aged:  # any new session would do
        cause = _otherwise(actual)
        return cause, True, frozenset(also - {cause})
    cause = "mfa_expired" if call.context.mfa else "session_without_mfa"
    return cause, True, frozenset(also)


def _otherwise(barriers: tuple[Barrier, ...]) -> str:
    first = barriers[0]
    if first.kind == "identity":
        return "explicit_deny" if first.explicit else "no_permission"
    return CAUSE_OF.get(first.kind, "no_permission")


def _is_about_mfa(barrier: Barrier) -> bool:
    return any(c.about_mfa for c in barrier.statement.conditions) if barrier.statement else False


def _without_mfa_too(call: Call) -> bool:
    """Whether, behind a Deny that has nothing to do with MFA, an Allow demands it besides."""
    return set(_missing(call)) != set(_missing(call.fresh(mfa=True)))
