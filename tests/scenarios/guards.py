"""The policies that people write: those that demand MFA, and those that have nothing to do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.scenarios import policies as p
from tests.scenarios.case import OFFICE, Case
from tests.scenarios.operations import OPERATIONS, Operation
from tests.scenarios.policies import Policy, Statement

__all__ = ["ELSEWHERE", "GUARDS", "Guard", "guarded", "network", "operation", "work"]

ELSEWHERE = "192.0.2.50"
_OFFICE_NET = OFFICE.rpartition(".")[0]
_NAMES = ("MFA_Forced", "Force_MFA", "RequireMFA", "BaselineGuardrails", "SecurityBaseline")


@dataclass(frozen=True, slots=True)
class Guard:
    """A way to demand MFA.

    Attributes
    ----------
    statements
        What stands in the policy.
    conditional
        The condition on what is allowed; none where everything is and the policy denies.
    """

    name: str
    statements: tuple[Statement, ...] = ()
    conditional: tuple[p.Condition, ...] = ()


def _all_but(*when: p.Condition) -> tuple[Statement, ...]:
    return (p.deny_all_but(*p.SELF_SERVICE, when=when, sid="DenyAllExceptListedIfNoMFA"),)


GUARDS: dict[str, Guard] = {
    guard.name: guard
    for guard in (
        Guard("deny_if_exists", _all_but(p.IF_EXISTS_FALSE)),
        Guard("deny_bool_false", _all_but(p.BOOL_FALSE)),
        Guard("deny_unless_direct", _all_but(p.IF_EXISTS_FALSE, p.through_service())),
        Guard("allow_bool_true", conditional=(p.BOOL_TRUE,)),
        Guard("allow_if_exists_true", conditional=(p.IF_EXISTS_TRUE,)),
        Guard("allow_for_all_values", conditional=(p.ANY_MFA,)),
        Guard("allow_not_null", conditional=(p.ALLOW_NOT_NULL,)),
        Guard("deny_older", _all_but(p.older_than(3600))),
        Guard("deny_older_strictly", _all_but(p.older_than_strictly(3600))),
        Guard("allow_younger", conditional=(p.younger_than(3600),)),
        Guard("ban_keys_by_issue", _all_but(p.KEY_BY_ISSUE)),
        Guard("ban_keys_by_mfa", _all_but(p.NULL_MFA)),
    )
}
"""The ways to demand MFA, or to ban long-term keys."""


def operation(case: Case, keep: Callable[[Operation], bool] = lambda _: True) -> Operation:
    """Return one of the operations."""
    return case.random.choice([one for one in OPERATIONS if keep(one)])


def work(case: Case, *operations: Operation, when: tuple[p.Condition, ...] = ()) -> Policy:
    """Return a policy that allows operations, as narrowly as people happen to write it."""
    actions = [one.action for one in operations]
    how = case.random.random()
    if how < 0.4:
        actions = [f"{action.partition(':')[0]}:*" for action in actions]
    elif how < 0.6:
        actions = ["*"]
    own = p.allow(*dict.fromkeys(actions), when=when)
    always = [p.allow(*p.SELF_SERVICE)] if when else []
    return case.policy("work", own, *always)


def guarded(
    case: Case, guard: Guard, *operations: Operation, permitted: bool = True
) -> list[Policy]:
    """Return the policies of somebody of whom MFA is demanded in that way."""
    found = [case.policy(case.random.choice(_NAMES), *guard.statements)] if guard.statements else []
    if permitted:
        found.append(work(case, *operations, when=guard.conditional))
    found.append(case.policy("self-service", p.allow(*p.SELF_SERVICE)))
    case.random.shuffle(found)
    return found


def network(case: Case, *, named_for_mfa: float = 0.1) -> Policy:
    """Return a policy that lets calls in from the office alone."""
    name = "MFA_and_Network" if case.chance(named_for_mfa) else "OfficeOnly"
    return case.policy(name, p.deny("*", when=(p.ip_outside(_OFFICE_NET),)))
