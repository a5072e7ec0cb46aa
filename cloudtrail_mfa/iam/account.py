"""One account's policies: who has which, and which bind a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.iam.evaluate import Known, Policies, Request, allows, same_account
from cloudtrail_mfa.iam.matching import Pattern, matches_arn, variables

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
        Its tags.
    """

    arn: str
    identity: tuple[Policy, ...] | None = ()
    boundary: tuple[Policy, ...] | None = ()
    trust: Policy | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


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

    def keys(self) -> frozenset[str]:
        """Return the condition keys that any of the policies asks for, in lower case."""
        return frozenset(key for policy in self._policies() for key in _keys(policy))

    def alike(self) -> Callable[[str | None], Hashable]:
        """Return a function whose answer is the same for resources that no policy tells apart.

        A million objects of a bucket are a few kinds of them, as far as policies go.
        """
        patterns = {
            text
            for policy in self._policies()
            for statement in policy.statements
            for text in (*(statement.resource or ()), *(statement.not_resource or ()))
            if text != "*"
        }
        by_service: dict[str, list[Pattern]] = defaultdict(list)
        varied: set[str] = set()
        for text in sorted(patterns):
            service = [*text.split(":"), "", "*", "*"][2]
            (varied.add(service) if "${" in text else by_service[service].append(_plain(text)))
        common = [*by_service.pop("*", ()), *by_service.pop("", ())]
        odd = {service for service in (*by_service, *varied) if "*" in service or "?" in service}

        def likeness(resource: str | None) -> Hashable:
            if resource is None or resource == "*":
                return resource
            service = [*resource.split(":"), "", "", ""][2]
            if odd or service in varied or varied & {"", "*"}:
                return resource
            owner = _owner_of_policy(resource, service)
            found = (*common, *by_service.get(service, ()))
            return owner, tuple(matches_arn(pattern, resource) for pattern in found)

        return likeness

    def _policies(self) -> Iterator[Policy]:
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
    ) -> Policies:
        """Return the policies that bind a request.

        Parameters
        ----------
        session, vpc_endpoint
            What is known of the policies that the request brings with it.
        """
        service, _, _ = request.action.partition(":")
        entity = self.entity(request)
        is_root = request.caller.kind == "root"
        resource, must_allow = self._resource(request, service.lower())
        return Policies(
            identity=() if is_root else entity.identity if entity else None,
            boundary=() if is_root else entity.boundary if entity else None,
            session=session,
            vpc_endpoint=vpc_endpoint,
            resource=resource,
            resource_must_allow=must_allow,
            scps=None if self.scps is None else control_levels(self.scps, request),
            rcps=self._rcps(request, service.lower()),
        )

    def _rcps(self, request: Request, service: str) -> Sequence[Known] | None:
        if service not in _WITH_RCPS:
            return ()
        # They bind the resources of the owner's organization.
        if self.rcps is None or not same_account(request):
            return None
        return control_levels(self.rcps, request)

    def _resource(self, request: Request, service: str) -> tuple[tuple[Policy, ...] | None, bool]:
        """Return the policy of the resource, and whether it has to allow the request."""
        if not same_account(request):  # its owner's policies are not this account's to tell
            return None, service in ("kms", "sts")
        if request.action.lower() == "sts:assumerole":
            role = (self.entities or {}).get(request.resource or "")
            return (role.trust,) if role and role.trust else None, True
        if service in _WITHOUT_POLICIES or request.action.lower() in _WITHOUT_RESOURCE:
            return (), False
        arn = _owner_of_policy(request.resource, service)
        if self.resources is None or arn is None or arn not in self.resources:
            return None, service == "kms"
        found = self.resources[arn]
        return (found,) if found else (), service == "kms"


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


def _plain(text: str) -> Pattern:
    return Pattern(((text, True),))


def _keys(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        texts = [*(statement.resource or ()), *(statement.not_resource or ())]
        for condition in statement.condition:
            yield condition.key.lower()
            texts += condition.values
        for text in texts:
            yield from variables(text)


# Services whose resources have no policies of their own; of any other one may stand against a call:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
_WITHOUT_POLICIES = frozenset(
    [
        "access-analyzer",
        "account",
        "athena",
        "autoscaling",
        "billing",
        "budgets",
        "ce",
        "cloudformation",
        "cloudfront",
        "cloudwatch",
        "cognito-idp",
        "config",
        "cur",
        "ec2",
        "elasticache",
        "elasticloadbalancing",
        "elasticmapreduce",
        "guardduty",
        "health",
        "iam",
        "inspector2",
        "pricing",
        "rds",
        "route53",
        "servicequotas",
        "support",
        "tag",
        "trustedadvisor",
    ]
)
# Services whose resources resource control policies bind:
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
_WITH_RCPS = frozenset(
    [
        "aoss",
        "cognito-identity",
        "dynamodb",
        "ecr",
        "kms",
        "logs",
        "s3",
        "secretsmanager",
        "sqs",
        "sts",
    ]
)
# Their actions on no resource, or on none that could have a policy.
_WITHOUT_RESOURCE = frozenset(
    [
        "kms:listkeys",
        "kms:listaliases",
        "kms:createkey",
        "lambda:listfunctions",
        "s3:createbucket",
        "s3:getaccountpublicaccessblock",
        "s3:listallmybuckets",
        "s3:putaccountpublicaccessblock",
        "secretsmanager:listsecrets",
        "sns:listtopics",
        "sqs:listqueues",
        "sts:decodeauthorizationmessage",
        "sts:getcalleridentity",
        "sts:getfederationtoken",
        "sts:getsessiontoken",
        "dynamodb:listtables",
        "logs:describeloggroups",
        "ecr:getauthorizationtoken",
        "events:listrules",
    ]
)


def _owner_of_policy(resource: str | None, service: str) -> str | None:
    """Return the ARN of what has the policy: the bucket, for an object."""
    if resource is None:
        return None
    if service == "s3":
        return resource.partition("/")[0]
    if service == "dynamodb":
        return "/".join(resource.split("/")[:2])
    return resource
