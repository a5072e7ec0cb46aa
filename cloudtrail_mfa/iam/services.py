"""Which services' resources have policies of their own, and what has the policy."""

from __future__ import annotations

from cloudtrail_mfa.iam.catalog import names_no_resource

__all__ = ["WITH_RCPS", "has_no_policy", "may_be_listed", "owner_of_policy"]

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
WITH_RCPS = frozenset(
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
# Actions on what is only to be made: it has no policy yet. Those that know no resource at all, the
# catalogue tells.
_OF_NEW = frozenset(["s3:createbucket", "sts:getfederationtoken"])


def has_no_policy(action: str) -> bool:
    """Whether nothing that an action touches can have a policy of its own."""
    service = action.lower().partition(":")[0]
    return service in _WITHOUT_POLICIES or action.lower() in _OF_NEW or names_no_resource(action)


def may_be_listed(action: str) -> bool:
    """Whether an access control list (S3) or a grant (KMS) may allow what no policy does."""
    return action.lower().startswith(("s3:", "kms:"))


def owner_of_policy(resource: str | None, service: str) -> str | None:
    """Return the ARN of what has the policy: the bucket, for an object."""
    if resource is None:
        return None
    if service == "s3":
        return resource.partition("/")[0]
    if service == "dynamodb":
        return "/".join(resource.split("/")[:2])
    return resource
