"""A change of policies: some replaced, some added, some removed, in accounts that are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from cloudtrail_mfa.errors import ChangeError
from cloudtrail_mfa.iam.account import Account, Entity
from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.nearest import nearest

__all__ = ["Change"]

_INLINE = re.compile(r"(?P<policy>.+) \(inline, (?P<owner>.+)\)")


@dataclass(frozen=True, slots=True)
class Change:
    """Policies replaced, added and removed.

    A policy is called by its ARN or name; an inline one also ``owner/name``; an organization's by
    its file's name; a resource's own by the ARN of the resource (of a role: its trust policy).

    Attributes
    ----------
    replace
        What takes the place of a policy, by the policy's name.
    add
        A policy that is given, by whom it is given to: a user, role or group (a name, an ARN or
        ``user/alice``), ``scp`` or ``rcp``, ``boundary:`` and a user or role, or the ARN of a
        resource that has none.
    remove
        Names of policies that go.
    """

    replace: Mapping[str, Policy] = field(default_factory=dict)
    add: Mapping[str, Policy] = field(default_factory=dict)
    remove: tuple[str, ...] = ()

    def applied(self, accounts: Mapping[str, Account]) -> dict[str, Account]:
        """Return the accounts as they are after the change.

        Raises
        ------
        ChangeError
            If it names a policy or principal that none of the accounts has.
        """
        changed = dict(accounts)
        for name, policy in self.replace.items():
            changed = _swapped(changed, name, policy)
        for name in self.remove:
            changed = _swapped(changed, name, None)
        for target, policy in self.add.items():
            changed = _given(changed, target, policy)
        return changed


_Swap = Callable[[Policy], Policy | None]


def _names(policy: str) -> set[str]:
    """Return what a policy may be called."""
    if found := _INLINE.fullmatch(policy):
        return {policy, found["policy"], f"{found['owner']}/{found['policy']}"}
    if policy.startswith("trust policy of "):
        arn = policy.removeprefix("trust policy of ")
        return {policy, arn, arn.rpartition(":")[2]}
    if policy.startswith("arn:"):
        last = policy.rpartition(":")[2]
        return {policy, last, last.rpartition("/")[2]}
    return {policy}


def _swapped(accounts: Mapping[str, Account], name: str, new: Policy | None) -> dict[str, Account]:
    """Return accounts in which every policy of a name is another, or none."""
    seen: set[str] = set()
    known: set[str] = set()

    def each(policy: Policy) -> Policy | None:
        known.add(policy.name)
        if name not in _names(policy.name):
            return policy
        seen.add(policy.name)
        return new and replace(new, name=policy.name)

    changed = {account_id: _mapped(account, each) for account_id, account in accounts.items()}
    if not seen:
        raise ChangeError(name, f"is no policy of the evidence{_nearest(name, known)}")
    return changed


def _mapped(account: Account, each: _Swap) -> Account:
    """Return an account with every policy put through a function; None means that it goes."""

    def all_of(policies: tuple[Policy, ...] | None) -> tuple[Policy, ...] | None:
        if policies is None:
            return None
        return tuple(new for policy in policies if (new := each(policy)))

    def of_entity(entity: Entity) -> Entity:
        trust = entity.trust and each(entity.trust)
        if entity.trust and trust is None:
            raise ChangeError(entity.arn, "cannot be without a trust policy: replace it instead")
        return replace(
            entity,
            identity=all_of(entity.identity),
            boundary=all_of(entity.boundary),
            trust=trust,
        )

    entities, resources = account.entities, account.resources
    return Account(
        None if entities is None else {arn: of_entity(found) for arn, found in entities.items()},
        all_of(account.scps),
        all_of(account.rcps),
        None
        if resources is None
        else {arn: policy and each(policy) for arn, policy in resources.items()},
    )


def _given(accounts: Mapping[str, Account], target: str, policy: Policy) -> dict[str, Account]:
    """Return accounts in which someone has one policy more."""
    changed = {
        account_id: _with(account, target, policy) for account_id, account in accounts.items()
    }
    if changed == dict(accounts):
        known = [name for account in accounts.values() for name in _targets(account)]
        raise ChangeError(target, f"is nobody of the evidence{_nearest(target, known)}")
    return changed


def _with(account: Account, target: str, policy: Policy) -> Account:
    if target in ("scp", "rcp"):
        known = account.scps if target == "scp" else account.rcps
        if known is None:
            raise ChangeError(target, f"cannot be added to: the evidence has no folder {target}/")
        more = (*known, policy)
        return replace(account, scps=more) if target == "scp" else replace(account, rcps=more)
    if account.resources is not None and target in account.resources:
        if account.resources[target] is not None:
            raise ChangeError(target, "has a policy, and can have one only: replace it instead")
        return replace(account, resources={**account.resources, target: policy})
    kind, _, whom = target.rpartition("boundary:")
    entities = {
        arn: _entity_with(entity, policy, is_boundary=bool(kind or target != whom))
        if _is_called(entity, whom)
        else entity
        for arn, entity in (account.entities or {}).items()
    }
    return account if account.entities is None else replace(account, entities=entities)


def _entity_with(entity: Entity, policy: Policy, *, is_boundary: bool) -> Entity:
    if is_boundary:
        return replace(entity, boundary=(policy,))
    if entity.identity is None:
        raise ChangeError(entity.arn, "cannot be given a policy: the others are not all known")
    return replace(entity, identity=(*entity.identity, policy))


def _is_called(entity: Entity, name: str) -> bool:
    last = entity.arn.rpartition(":")[2]
    kind, _, path = last.partition("/")
    own = path.rpartition("/")[2]
    groups = {form for group in entity.groups for form in (group, f"group/{group}")}
    return name in {entity.arn, last, own, f"{kind}/{own}", *groups}


def _targets(account: Account) -> Iterable[str]:
    for entity in (account.entities or {}).values():
        yield entity.arn.rpartition("/")[2]
        yield from entity.groups
    yield from account.resources or ()


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return what helps with a name: a policy has several."""
    full = sorted(set(known))
    return nearest(name, sorted({form for one in full for form in _names(one)}), named=full)
