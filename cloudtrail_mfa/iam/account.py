"""One account's policies: who has which, and which bind a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.iam.evaluate import Known, Policies, Request, allows, same_account
from cloudtrail_mfa.iam.services import WITH_RCPS, has_no_policy, owner_of_policy

__all__ = ["Account", "Entity", "control_levels"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A user or a role.

    Attributes
    ----------
    arn
        Its ARN, path included.
    identity
        Its policies: inline, attached, and of its groups; None where one is not known.
    boundary
        Its permissions boundary, or none; None where it is not known.
    trust
        For a role, who may assume it.
    tags
        Its tags; None where they are not known.
    groups
        For a user, the names of the groups whose policies are among its own.
    more
        Whether it may have other policies, too, than those in `identity`.
    """

    arn: str
    identity: tuple[Policy, ...] | None = ()
    boundary: tuple[Policy, ...] | None = ()
    trust: Policy | None = None
    tags: Mapping[str, str] | None = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of an account's policies; what is None is not known.

    Attributes
    ----------
    entities
        Users and roles by ARN; None where there is no export of them.
    scps, rcps
        The organization's control policies that bind the account.
    resources
        Policies of resources by ARN; a value of None means that there is none.
    """

    entities: Mapping[str, Entity] | None = None
    scps: tuple[Policy, ...] | None = None
    rcps: tuple[Policy, ...] | None = None
    resources: Mapping[str, Policy | None] | None = None

    def policies(self) -> Iterator[Policy]:
        """Yield every policy, some of them more than once."""
        yield from self.scps or ()
        yield from self.rcps or ()
        yield from (policy for policy in (self.resources or {}).values() if policy)
        for entity in (self.entities or {}).values():
            yield from entity.identity or ()
            yield from entity.boundary or ()
            if entity.trust:
                yield entity.trust

    def entity(self, request: Request) -> Entity | None:
        """Return the user or role that makes a request; None where it is not known."""
        arn = request.caller.role_arn or request.caller.arn
        return None if self.entities is None else self.entities.get(arn)

    def binding(
        self,
        request: Request,
        *,
        session: tuple[Policy, ...] | None,
        vpc_endpoint: tuple[Policy, ...] | None,
        owner: Account | None = None,
    ) -> Policies:
        """Return the policies that bind a request of one of the account's principals.

        Parameters
        ----------
        session, vpc_endpoint
            What is known of the policies that the request brings with it.
        owner
            The account that owns the resource, where it is another one and known.
        """
        service = request.action.partition(":")[0].lower()
        entity = self.entity(request)
        is_root = request.caller.kind == "root"
        owner = self if same_account(request) else owner
        resource, must_allow = _resource(owner, request, service)
        return Policies(
            identity=() if is_root else entity.identity if entity else None,
            boundary=() if is_root else entity.boundary if entity else None,
            session=session,
            vpc_endpoint=vpc_endpoint,
            resource=resource,
            resource_must_allow=must_allow,
            scps=None if self.scps is None else control_levels(self.scps, request),
            rcps=_rcps(owner, request, service),
            more=("identity",) if entity and entity.more and not is_root else (),
        )


def _rcps(owner: Account | None, request: Request, service: str) -> Sequence[Known] | None:
    """Return the resource control policies: they bind the resources of the owner's organization."""
    if service not in WITH_RCPS:
        return ()
    if owner is None or owner.rcps is None:
        return None
    return control_levels(owner.rcps, request)


def _resource(
    owner: Account | None, request: Request, service: str
) -> tuple[tuple[Policy, ...] | None, bool]:
    """Return the policy of the resource, and whether it has to allow the request."""
    if request.action.lower() == "sts:assumerole":
        role = ((owner and owner.entities) or {}).get(request.resource or "")
        return (role.trust,) if role and role.trust else None, True
    must_allow = service in ("kms", "sts") if owner is None else service == "kms"
    if owner is None:
        return None, must_allow
    if has_no_policy(request.action):
        return (), False
    arn = owner_of_policy(request.resource, service)
    if owner.resources is None or arn is None or arn not in owner.resources:
        return None, must_allow
    found = owner.resources[arn]
    return (found,) if found else (), must_allow


def control_levels(policies: Sequence[Policy], request: Request) -> list[Known]:
    """Return control policies by level, as far as a plain list of them tells.

    Each level of the organization has to allow a request, and a list does not tell the levels. A
    request that all policies which allow anything allow passes every level, and one that none of
    them allows passes none; of others it is not known. Where no policy allows anything, the list
    lacks what AWS attaches to every level (FullAWSAccess), and only what is denied is known.
    """
    if not policies:
        return []
    allowing = [p for p in policies if any(s.effect == "Allow" for s in p.statements)]
    truths = {allows([policy], request) for policy in allowing}
    if truths in ({True}, {False}):
        return [policies]
    return [[*policies, _EVERYTHING], None]


_EVERYTHING = Policy.parse(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
    },
    name="FullAWSAccess",
)
