"""Example policies about when and from where: dates, addresses, regions."""

from __future__ import annotations

import pytest

from tests.iam.documented.cases import (
    ACCOUNT,
    GUIDE,
    REPORTS,
    Case,
    allow,
    ask,
    cases,
    deny,
    policies,
)

EXAMPLES = f"{GUIDE}reference_policies_examples_"
GLOBAL = f"{GUIDE}reference_policies_condition-keys.html"
NOW, IP, VIA, REGION = "aws:CurrentTime", "aws:SourceIp", "aws:ViaAWSService", "aws:RequestedRegion"
OFFICES = ["192.0.2.0/24", "203.0.113.0/24"]
INSIDE, OUTSIDE = "203.0.113.7", "198.51.100.7"
INSTANCE = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"
RUN = "ec2:RunInstances"

CASES = [
    *cases(
        f"{EXAMPLES}aws-dates.html",
        policies(
            allow(
                "s3:GetObject",
                when={
                    "DateGreaterThan": {NOW: "2026-04-01T00:00:00Z"},
                    "DateLessThan": {NOW: "2026-06-30T23:59:59Z"},
                },
            )
        ),
        ("a request within the dates", ask(context={NOW: "2026-06-01T09:00:00Z"}), True),
        ("a request before the dates", ask(context={NOW: "2026-03-31T23:59:59Z"}), False),
        ("a request after the dates", ask(context={NOW: "2026-07-01T00:00:00Z"}), False),
    ),
    *cases(
        f"{EXAMPLES}aws_deny-ip.html",
        policies(allow(), deny(when={"NotIpAddress": {IP: OFFICES}, "Bool": {VIA: "false"}})),
        ("a call from an office passes", ask(context={IP: INSIDE, VIA: False}), True),
        ("a call from elsewhere does not", ask(context={IP: OUTSIDE, VIA: False}), False),
        ("by a service for the user", ask(context={IP: OUTSIDE, VIA: True}), True),
        ("through an endpoint, where no address is known", ask(context={VIA: False}), False),
    ),
    *cases(
        f"{EXAMPLES}aws_deny-ip.html",
        policies(deny(when={"NotIpAddress": {IP: OFFICES}, "Bool": {VIA: "false"}})),
        ("an office alone is allowed nothing", ask(context={IP: INSIDE, VIA: False}), False),
    ),
    *cases(
        f"{GLOBAL}#condition-keys-sourceip",
        policies(
            allow(
                "s3:PutObject",
                f"{REPORTS}/*",
                when={"Bool": {VIA: "false"}, "IpAddress": {IP: INSIDE}},
            ),
            allow("s3:PutObject", f"{REPORTS}/*", when={"Bool": {VIA: "true"}}),
        ),
        (
            "writing oneself from the address",
            ask("s3:PutObject", context={IP: INSIDE, VIA: False}),
            True,
        ),
        (
            "writing oneself from another",
            ask("s3:PutObject", context={IP: OUTSIDE, VIA: False}),
            False,
        ),
        ("by a service from wherever", ask("s3:PutObject", context={IP: OUTSIDE, VIA: True}), True),
    ),
    *cases(
        f"{EXAMPLES}aws_deny-requested-region.html",
        policies(
            allow(),
            deny(
                NotAction=["cloudfront:*", "iam:*", "route53:*", "support:*"],
                when={"StringNotEquals": {REGION: ["eu-central-1", "eu-west-1"]}},
            ),
        ),
        ("a region that is allowed", ask(RUN, "*", context={REGION: "eu-west-1"}), True),
        (
            "a region that is not listed is denied",
            ask(RUN, "*", context={REGION: "us-east-1"}),
            False,
        ),
        (
            "a global service is left out of the denial",
            ask("iam:ListUsers", "*", context={REGION: "us-east-1"}),
            True,
        ),
    ),
    *cases(
        f"{GLOBAL}#condition-keys-requestedregion",
        policies(
            allow(["ec2:Describe*", "ec2:Get*"]),
            allow(
                ["ec2:Run*", "ec2:Start*", "ec2:Stop*"],
                when={"StringEquals": {REGION: ["eu-west-1", "eu-west-2", "eu-west-3"]}},
            ),
        ),
        (
            "looking, in any region",
            ask("ec2:DescribeInstances", "*", context={REGION: "us-east-1"}),
            True,
        ),
        ("changing, in Ireland", ask(RUN, "*", context={REGION: "eu-west-1"}), True),
        ("changing, elsewhere", ask(RUN, "*", context={REGION: "us-east-1"}), False),
    ),
    *cases(
        f"{EXAMPLES}ec2_region.html",
        policies(allow("ec2:*", when={"StringEquals": {"ec2:Region": "eu-west-1"}})),
        ("EC2 in one region", ask(RUN, "*", context={"ec2:Region": "eu-west-1"}), True),
        ("EC2 in another", ask(RUN, "*", context={"ec2:Region": "us-east-1"}), False),
    ),
    *cases(
        f"{EXAMPLES}ec2_terminate-ip.html",
        policies(
            allow("ec2:TerminateInstances"),
            deny("ec2:TerminateInstances", when={"NotIpAddress": {IP: OFFICES}}),
            allow(RUN),
        ),
        (
            "terminating from an office",
            ask("ec2:TerminateInstances", INSTANCE, context={IP: INSIDE}),
            True,
        ),
        (
            "terminating from elsewhere",
            ask("ec2:TerminateInstances", INSTANCE, context={IP: OUTSIDE}),
            False,
        ),
    ),
    *cases(
        f"{EXAMPLES}rds_region.html",
        policies(allow("rds:*", "arn:aws:rds:eu-west-1:*:*"), allow("rds:Describe*")),
        (
            "a database of the region",
            ask("rds:DeleteDBInstance", f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:x"),
            True,
        ),
        (
            "one of another region",
            ask("rds:DeleteDBInstance", f"arn:aws:rds:us-east-1:{ACCOUNT}:db:x"),
            False,
        ),
        (
            "which may be looked at",
            ask("rds:DescribeDBInstances", f"arn:aws:rds:us-east-1:{ACCOUNT}:db:x"),
            True,
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_circumstances(case: Case) -> None:
    """Time and place open and close what the page says they do."""
    assert case.decided() is case.expected
