"""AWS's policy language and its evaluation, by themselves: no logs, no files, no network.

>>> from cloudtrail_mfa import iam
>>> policy = iam.Policy.parse({
...     "Version": "2012-10-17",
...     "Statement": {
...         "Sid": "NoMFA", "Effect": "Deny", "Action": "*", "Resource": "*",
...         "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
...     },
... })
>>> alice = iam.Caller.of_arn("arn:aws:iam::111122223333:user/alice")
>>> request = iam.Request(alice, "s3:ListAllMyBuckets", "*")
>>> decision = iam.evaluate(request, iam.Policies(identity=[policy]))
>>> decision.allowed, decision.deny.statement.label
(False, 'NoMFA')
"""

from cloudtrail_mfa.iam.conditions import OPERATORS, Condition
from cloudtrail_mfa.iam.context import Context
from cloudtrail_mfa.iam.document import Policy, Principals, Statement
from cloudtrail_mfa.iam.evaluate import Decision, Match, Policies, Request, evaluate
from cloudtrail_mfa.iam.lint import Finding, lint, repair
from cloudtrail_mfa.iam.principals import Caller, Named

__all__ = [
    "OPERATORS",
    "Caller",
    "Condition",
    "Context",
    "Decision",
    "Finding",
    "Match",
    "Named",
    "Policies",
    "Policy",
    "Principals",
    "Request",
    "Statement",
    "evaluate",
    "lint",
    "repair",
]
