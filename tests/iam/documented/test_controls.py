"""Control policies of an organization, and what stands at endpoints and between services."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Caller
from tests.iam.documented.cases import (
    ACCOUNT,
    ALICE,
    BOB,
    DOCS,
    GUIDE,
    IAM,
    ORGANIZATIONS,
    OTHER,
    OUTSIDER,
    REPORT,
    REPORTS,
    ROOT,
    SESSION,
    Case,
    allow,
    ask,
    cases,
    deny,
    policies,
    to,
)

SCP = f"{ORGANIZATIONS}orgs_manage_policies_scps.html"
SCP_EVALUATION = f"{ORGANIZATIONS}orgs_manage_policies_scps_evaluation.html"
SCP_EXAMPLES = f"{ORGANIZATIONS}orgs_manage_policies_scps_examples_general.html"
RCP = f"{ORGANIZATIONS}orgs_manage_policies_rcps.html"
RCP_EVALUATION = f"{ORGANIZATIONS}orgs_manage_policies_rcps_evaluation.html"
RCP_EXAMPLES = f"{ORGANIZATIONS}orgs_manage_policies_rcps_examples.html"
DEPUTY = f"{GUIDE}confused-deputy.html"
ENDPOINTS = f"{DOCS}vpc/latest/privatelink/vpc-endpoints-access.html"
BUCKET_ENDPOINTS = f"{DOCS}AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html"

FULL, S3_ONLY, NO_S3 = allow(), allow("s3:*"), deny("s3:*")
EC2 = ask("ec2:RunInstances", "*")

SCPS = [
    *cases(
        f"{SCP_EVALUATION}#how_scps_allow",
        policies(allow(), scps=[[FULL], [FULL], [S3_ONLY]]),
        ("root, unit and account all allow", ask(), True),
        ("what the account's does not is denied", EC2, False),
    ),
    *cases(
        f"{SCP_EVALUATION}#how_scps_allow",
        policies(allow(), scps=[[FULL], [S3_ONLY], [FULL]]),
        ("a unit between them has to allow too", EC2, False),
    ),
    *cases(
        f"{SCP_EVALUATION}#how_scps_allow",
        policies(allow(), scps=[[S3_ONLY], [FULL], [FULL]]),
        ("the root of the organization has to allow too", EC2, False),
    ),
    *cases(
        f"{SCP_EVALUATION}#how_scps_deny",
        policies(allow(), scps=[[FULL], [FULL, NO_S3], [FULL]]),
        ("a denial at any level holds for all below", ask(), False),
        ("and for nothing else", EC2, True),
    ),
    *cases(
        SCP,
        policies(scps=[[FULL]]),
        ("an SCP grants nothing", ask(), False),
    ),
    *cases(
        f"{SCP}#scp-effects-on-permissions",
        policies(resource=[to({"AWS": ALICE.arn})], scps=[[allow("ec2:*")]]),
        ("it limits what a resource's policy grants to its principals", ask(), False),
    ),
    *cases(
        f"{SCP}#scp-effects-on-permissions",
        policies(scps=[[FULL, deny("s3:DeleteBucket")]]),
        ("it limits the root user", ask("s3:DeleteBucket", REPORTS, by=ROOT), False),
    ),
    *cases(
        f"{SCP}#scp-effects-on-permissions",
        policies(
            allow(),
            scps=[[FULL, deny(when={"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::*:root"]}})]],
        ),
        (
            "root users may be denied everything",
            ask(by=ROOT, context={"aws:PrincipalArn": ROOT.arn}),
            False,
        ),
        (
            "a denial of root users leaves others alone",
            ask(context={"aws:PrincipalArn": ALICE.arn}),
            True,
        ),
    ),
    *cases(
        f"{SCP}#scp-effects-on-permissions",
        policies(allow(), scps=[[FULL, deny("organizations:LeaveOrganization")]]),
        ("an account may be kept from leaving", ask("organizations:LeaveOrganization", "*"), False),
    ),
    *cases(
        SCP_EXAMPLES,
        policies(
            allow(),
            scps=[
                [
                    FULL,
                    deny(
                        NotAction=["iam:*", "organizations:*", "support:*"],
                        when={
                            "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1"]},
                            "ArnNotLike": {"aws:PrincipalArn": f"{IAM}:role/Allowed"},
                        },
                    ),
                ]
            ],
        ),
        (
            "other regions are denied",
            ask("ec2:RunInstances", "*", context={"aws:RequestedRegion": "us-east-1"}),
            False,
        ),
        (
            "the allowed region is not",
            ask("ec2:RunInstances", "*", context={"aws:RequestedRegion": "eu-central-1"}),
            True,
        ),
        (
            "global services are left out",
            ask("iam:ListUsers", "*", context={"aws:RequestedRegion": "us-east-1"}),
            True,
        ),
        (
            "so is a role that is allowed to",
            ask(
                "ec2:RunInstances",
                "*",
                by=SESSION,
                context={
                    "aws:RequestedRegion": "us-east-1",
                    "aws:PrincipalArn": f"{IAM}:role/Allowed",
                },
            ),
            True,
        ),
    ),
]

EVERYBODY, ORGANIZATION = to("*"), "o-a1b2c3d4e5"
OWN_PEOPLE_ONLY = to(
    "*",
    deny(
        "s3:*",
        when={
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    ),
)

RCPS = [
    *cases(
        RCP,
        policies(rcps=[[EVERYBODY]]),
        ("an RCP grants nothing", ask(), False),
    ),
    *cases(
        f"{RCP_EVALUATION}#how_rcps_deny",
        policies(allow(), rcps=[[EVERYBODY], [EVERYBODY, to("*", NO_S3)], [EVERYBODY]]),
        ("a denial at any level denies", ask(), False),
    ),
    *cases(
        f"{RCP_EVALUATION}#how_rcps_deny",
        policies(allow(), rcps=[[EVERYBODY], [EVERYBODY], [EVERYBODY]]),
        ("the default lets everything pass", ask(), True),
    ),
    *cases(
        f"{RCP}#rcp-effects-on-permissions",
        policies(rcps=[[EVERYBODY, to("*", NO_S3)]]),
        ("it binds the root user", ask(by=ROOT), False),
    ),
    *cases(
        RCP_EXAMPLES,
        policies(
            allow(),
            resource=[to({"AWS": [OTHER, ACCOUNT]})],
            rcps=[[EVERYBODY, OWN_PEOPLE_ONLY]],
        ),
        (
            "people of another organization are denied",
            ask(by=OUTSIDER, owner=ACCOUNT, context={"aws:PrincipalOrgID": "o-else"}),
            False,
        ),
        ("so are those of none", ask(by=OUTSIDER, owner=ACCOUNT), False),
        ("one's own are not", ask(context={"aws:PrincipalOrgID": ORGANIZATION}), True),
    ),
    *cases(
        RCP_EXAMPLES,
        policies(
            resource=[to({"Service": "cloudtrail.amazonaws.com"})],
            rcps=[[EVERYBODY, OWN_PEOPLE_ONLY]],
        ),
        (
            "services are left out of it",
            ask(
                "s3:PutObject",
                by=Caller("service", service="cloudtrail.amazonaws.com"),
                context={"aws:PrincipalIsAWSService": True},
            ),
            True,
        ),
    ),
]

THROUGH = to("*", allow("s3:*", [REPORTS, f"{REPORTS}/*"]))
GATE = to("*", allow(when={"StringEquals": {"aws:PrincipalArn": ALICE.arn}}))
FROM = "aws:SourceVpce"

GATES = [
    *cases(
        f"{ENDPOINTS}#default-endpoint-policy",
        policies(allow("s3:*"), vpc_endpoint=[to("*")]),
        ("the default endpoint policy limits nothing", ask(), True),
    ),
    *cases(
        ENDPOINTS,
        policies(vpc_endpoint=[to("*")]),
        ("it does not stand in for the user's policy", ask(), False),
    ),
    *cases(
        ENDPOINTS,
        policies(allow("s3:*"), vpc_endpoint=[THROUGH]),
        ("what the endpoint allows passes", ask(), True),
        ("other buckets do not", ask(resource="arn:aws:s3:::other/a"), False),
    ),
    *cases(
        f"{ENDPOINTS}#vpc-endpoint-policies-gateway",
        policies(allow("s3:*"), vpc_endpoint=[GATE]),
        (
            "a gateway endpoint names one by a condition",
            ask(context={"aws:PrincipalArn": ALICE.arn}),
            True,
        ),
        ("and no other passes", ask(by=BOB, context={"aws:PrincipalArn": BOB.arn}), False),
    ),
    *cases(
        f"{BUCKET_ENDPOINTS}#example-bucket-policies-restrict-accesss-vpc-endpoint",
        policies(
            allow("s3:*"),
            resource=[
                to(
                    "*",
                    deny(
                        "s3:*",
                        [REPORTS, f"{REPORTS}/*"],
                        when={"StringNotEquals": {FROM: "vpce-1a2b3c4d"}},
                    ),
                )
            ],
        ),
        ("a bucket open to one endpoint", ask(context={FROM: "vpce-1a2b3c4d"}), True),
        ("is closed to another", ask(context={FROM: "vpce-else"}), False),
        ("and to those who come through none", ask(), False),
    ),
    *cases(
        f"{BUCKET_ENDPOINTS}#example-bucket-policies-restrict-access-vpc",
        policies(
            allow("s3:*"),
            resource=[
                to(
                    "*",
                    deny(
                        "s3:*",
                        [REPORTS, f"{REPORTS}/*"],
                        when={"StringNotEquals": {"aws:SourceVpc": "vpc-111bbb22"}},
                    ),
                )
            ],
        ),
        ("a bucket open to one VPC", ask(context={"aws:SourceVpc": "vpc-111bbb22"}), True),
        (
            "a bucket open to one VPC is closed to others",
            ask(resource=REPORT, context={"aws:SourceVpc": "vpc-2"}),
            False,
        ),
    ),
]

DELIVERY = Caller("service", service="sns.amazonaws.com")
QUEUE, TOPIC = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q", f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"

DEPUTIES = [
    *cases(
        DEPUTY,
        policies(
            resource=[
                to(
                    {"Service": "sns.amazonaws.com"},
                    allow(
                        "sqs:SendMessage",
                        QUEUE,
                        when={
                            "ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"},
                            "StringEquals": {"aws:SourceAccount": ACCOUNT},
                        },
                    ),
                )
            ]
        ),
        (
            "a service that acts for one's own topic",
            ask(
                "sqs:SendMessage",
                QUEUE,
                by=DELIVERY,
                context={"aws:SourceArn": TOPIC, "aws:SourceAccount": ACCOUNT},
            ),
            True,
        ),
        (
            "not for somebody else's",
            ask(
                "sqs:SendMessage",
                QUEUE,
                by=DELIVERY,
                context={
                    "aws:SourceArn": f"arn:aws:sns:eu-west-1:{OTHER}:t",
                    "aws:SourceAccount": OTHER,
                },
            ),
            False,
        ),
        (
            "a service that names no source is not let in",
            ask("sqs:SendMessage", QUEUE, by=DELIVERY),
            False,
        ),
        ("a grant to a service is none to users", ask("sqs:SendMessage", QUEUE), False),
    ),
]

CASES = [*SCPS, *RCPS, *GATES, *DEPUTIES]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_controls(case: Case) -> None:
    """Policies that are neither a user's nor an ordinary resource's decide as the page says."""
    assert case.decided() is case.expected
