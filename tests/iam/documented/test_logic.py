"""How policies of all kinds are put together, in one account and across two."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.iam import Caller
from tests.iam.documented.cases import (
    ACCOUNT,
    ALICE,
    BOB,
    FEDERATED,
    GUIDE,
    IAM,
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

DECIDE = f"{GUIDE}reference_policies_evaluation-logic_policy-eval-denyallow.html"
BASICS = f"{GUIDE}reference_policies_evaluation-logic_policy-eval-basics.html"
LOGIC = f"{GUIDE}reference_policies_evaluation-logic.html"
INTERPLAY = f"{GUIDE}reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html"
ACROSS = f"{GUIDE}reference_policies_evaluation-logic-cross-account.html"
EITHER = f"{GUIDE}access_policies_identity-vs-resource.html"
BOUNDARIES = f"{GUIDE}access_policies_boundaries.html"
KINDS = f"{GUIDE}access_policies.html"
FEDERATION = f"{GUIDE}id_credentials_temp_control-access_getfederationtoken.html"
ASSUMED = f"{GUIDE}id_credentials_temp_control-access_assumerole.html"

READ, NOTHING = allow("s3:GetObject", REPORT), allow("ec2:*")
ROLE_ARN = {"AWS": f"{IAM}:role/Deploy"}
ITSELF, OF_SESSION = to({"AWS": ALICE.arn}, READ), to({"AWS": SESSION.arn}, READ)
OF_ROLE, OF_FEDERATED = to(ROLE_ARN, READ), to({"AWS": FEDERATED.arn}, READ)

ONE_ACCOUNT = [
    *cases(
        DECIDE,
        policies(),
        ("without a policy everything is denied", ask(), False),
        ("but to the root user", ask("s3:GetObject", by=ROOT), True),
    ),
    *cases(DECIDE, policies(READ), ("an Allow of the user's own", ask(), True)),
    *cases(DECIDE, policies(resource=[ITSELF]), ("an Allow of the resource's", ask(), True)),
    *cases(DECIDE, policies(READ, deny()), ("a Deny beside it wins", ask(), False)),
    *cases(
        DECIDE,
        policies(READ, boundary=[allow(), deny()]),
        ("a Deny of a boundary wins", ask(), False),
    ),
    *cases(
        DECIDE,
        policies(READ, resource=[to("*", deny())]),
        ("a Deny of the resource wins", ask(), False),
    ),
    *cases(
        DECIDE,
        policies(READ, session=[allow(), deny("s3:*")]),
        ("a Deny of a session policy wins", ask(by=SESSION), False),
    ),
    *cases(
        DECIDE,
        policies(READ, scps=[[allow(), deny("s3:*")]]),
        ("a Deny of an SCP wins", ask(), False),
    ),
    *cases(
        DECIDE,
        policies(READ, rcps=[[to("*"), to("*", deny("s3:*"))]]),
        ("a Deny of an RCP wins", ask(), False),
    ),
    *cases(
        DECIDE,
        policies(resource=[ITSELF], boundary=[NOTHING]),
        ("a boundary does not limit what names the user", ask(), True),
    ),
    *cases(
        DECIDE,
        policies(resource=[OF_ROLE], boundary=[NOTHING]),
        ("it limits what names the role", ask(by=SESSION), False),
    ),
    *cases(
        DECIDE,
        policies(resource=[OF_ROLE], boundary=[allow()], session=[allow("s3:*")]),
        ("where boundary and session allow, the role's grant holds", ask(by=SESSION), True),
    ),
    *cases(
        DECIDE,
        policies(NOTHING, resource=[OF_SESSION], boundary=[NOTHING], session=[NOTHING]),
        ("neither limits what names the session", ask(by=SESSION), True),
    ),
    *cases(
        DECIDE,
        policies(NOTHING, resource=[OF_FEDERATED], boundary=[NOTHING], session=[NOTHING]),
        ("nor what names the federated user", ask(by=FEDERATED), True),
    ),
    *cases(
        DECIDE,
        policies(READ, resource=[to({"AWS": ALICE.arn})], session=[NOTHING]),
        ("what names the user does not get past the session policy", ask(by=FEDERATED), False),
    ),
    *cases(
        DECIDE,
        policies(resource=[OF_SESSION], session=[allow(), deny("s3:GetObject")]),
        ("but an explicit denial does", ask(by=SESSION), False),
    ),
    *cases(
        DECIDE,
        policies(READ, session=[NOTHING]),
        ("a session policy that does not allow denies", ask(by=SESSION), False),
    ),
    *cases(
        DECIDE,
        policies(READ, session=[allow("s3:*")]),
        ("one that does lets the role's policies decide", ask(by=SESSION), True),
    ),
    *cases(
        DECIDE,
        policies(READ),
        ("a session of a role without one has all that the role has", ask(by=SESSION), True),
    ),
]

SELF_SERVICE = [
    allow(["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "arn:aws:s3:::*"),
    allow("s3:*", [REPORTS, f"{REPORTS}/*"]),
    deny("s3:*", "arn:aws:s3:::*log*"),
]
GET_AND_LIST = [allow(["iam:Get*", "iam:List*"]), deny("iam:*Report")]

EXAMPLES = [
    *cases(
        f"{BASICS}#reference_policies_evaluation-logic_policies_evaluation_example",
        policies(*SELF_SERVICE, resource=[to({"AWS": ALICE.arn}, allow("s3:*"))]),
        ("both policies allow", ask("s3:PutObject"), True),
        ("a bucket for logs is denied", ask("s3:PutObject", "arn:aws:s3:::example-logs/a"), False),
    ),
    *cases(
        f"{BASICS}#reference_policies_evaluation-logic_policies_evaluation_example",
        policies(*SELF_SERVICE),
        ("one of them is enough", ask("s3:PutObject"), True),
        ("and no bucket but one's own", ask("s3:PutObject", "arn:aws:s3:::example/a"), False),
        ("its log is denied too", ask("s3:PutObject", f"{REPORTS}/catalog"), False),
    ),
    *cases(
        INTERPLAY,
        policies(*GET_AND_LIST),
        ("reading is allowed", ask("iam:GetUser", BOB.arn), True),
        ("writing is not", ask("iam:CreatePolicy", "*"), False),
        ("reports are denied", ask("iam:GetOrganizationsAccessReport", "*"), False),
    ),
    *cases(
        INTERPLAY,
        policies(*GET_AND_LIST, allow("iam:GenerateCredentialReport")),
        ("whatever else allows them", ask("iam:GenerateCredentialReport", "*"), False),
    ),
    *cases(
        EITHER,
        policies(resource=[to({"AWS": ALICE.arn}, allow("s3:*"))]),
        ("the resource's policy alone gives full access", ask("s3:DeleteObject"), True),
    ),
    *cases(
        EITHER,
        policies(
            allow(["s3:ListBucket", "s3:GetObject"]),
            resource=[to({"AWS": ALICE.arn}, allow("s3:PutObject"))],
        ),
        ("both together: writing by the resource's", ask("s3:PutObject"), True),
        ("reading by the user's", ask("s3:GetObject"), True),
        ("deleting by neither", ask("s3:DeleteObject"), False),
    ),
    *cases(
        EITHER,
        policies(allow("s3:*"), resource=[to({"AWS": ALICE.arn}, deny("s3:*"))]),
        ("a resource that denies is closed to whoever is allowed", ask("s3:ListBucket"), False),
    ),
    *cases(
        f"{LOGIC}#policy-eval-basics-id-scp",
        policies(READ, scps=[[allow("s3:*")]]),
        ("user's policy and SCP both allow", ask(), True),
    ),
    *cases(
        f"{LOGIC}#policy-eval-basics-id-scp",
        policies(READ, scps=[[NOTHING]]),
        ("the SCP does not", ask(), False),
    ),
    *cases(
        f"{LOGIC}#policy-eval-basics-id-scp",
        policies(NOTHING, scps=[[allow()]]),
        ("the user's policy does not", ask(), False),
    ),
]

PRODUCTION, PRODUCTION_LOGS = "arn:aws:s3:::production/a", "arn:aws:s3:::production-logs/a"
DEVELOPER = [
    allow("s3:ListAllMyBuckets"),
    allow("s3:*Object*", "arn:aws:s3:::production/*"),
    deny("s3:*", ["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"]),
]
SHARED = to(
    {"AWS": ALICE.arn}, allow(["s3:GetObject*", "s3:PutObject*"], "arn:aws:s3:::production/*")
)

TWO_ACCOUNTS = [
    *cases(
        f"{ACROSS}#policies_evaluation_example-cross-account",
        policies(*DEVELOPER, resource=[SHARED]),
        ("both accounts allow", ask("s3:PutObject", PRODUCTION, owner=OTHER), True),
        (
            "the owner does not allow it to delete",
            ask("s3:DeleteObject", PRODUCTION, owner=OTHER),
            False,
        ),
    ),
    *cases(
        f"{ACROSS}#policies_evaluation_example-cross-account",
        policies(*DEVELOPER),
        (
            "the user's own policy denies logs",
            ask("s3:PutObject", PRODUCTION_LOGS, owner=OTHER),
            False,
        ),
    ),
    *cases(
        f"{ACROSS}#policy-eval-cross-account",
        policies(READ),
        ("the user's account alone is not enough", ask(owner=OTHER), False),
    ),
    *cases(
        f"{ACROSS}#policy-eval-cross-account",
        policies(resource=[ITSELF]),
        ("nor is the owner's alone", ask(owner=OTHER), False),
    ),
    *cases(
        f"{ACROSS}#policy-eval-cross-account",
        policies(READ, resource=[to({"AWS": ACCOUNT}, READ)]),
        ("the owner may name the whole account", ask(owner=OTHER), True),
    ),
    *cases(
        f"{ACROSS}#policy-eval-cross-account",
        policies(READ, resource=[ITSELF], boundary=[NOTHING]),
        ("limits of the user's account hold", ask(owner=OTHER), False),
    ),
    *cases(
        f"{ACROSS}#policy-eval-cross-account",
        policies(READ, resource=[ITSELF], scps=[[NOTHING]]),
        ("and its organization's", ask(owner=OTHER), False),
    ),
]

FULL_S3 = allow(["s3:*", "cloudwatch:*", "ec2:*"])
OURS = f"{IAM}:policy/Boundary"
DELEGATED = [
    allow(
        ["iam:CreateUser", "iam:AttachUserPolicy"],
        when={"StringEquals": {"iam:PermissionsBoundary": OURS}},
    ),
    allow(["cloudwatch:*", "iam:GetUser", "iam:DeletePolicy"]),
    deny(["iam:DeletePolicy", "iam:CreatePolicyVersion"], OURS),
    deny("iam:DeleteUserPermissionsBoundary"),
]
NEW_USER = f"{IAM}:user/new"
WITH_BOUNDARY = {"iam:PermissionsBoundary": OURS}

LIMITS = [
    *cases(
        BOUNDARIES,
        policies(allow("iam:CreateUser"), boundary=[FULL_S3]),
        ("what a boundary leaves out is denied", ask("iam:CreateUser", NEW_USER), False),
        ("what it holds is not allowed thereby", ask(), False),
    ),
    *cases(
        BOUNDARIES,
        policies(allow("s3:GetObject"), boundary=[FULL_S3]),
        ("what both hold is allowed", ask(), True),
    ),
    *cases(
        f"{BOUNDARIES}#access_policies_boundaries-eval-logic",
        policies(allow(), boundary=[FULL_S3], scps=[[allow("s3:*")]]),
        ("user, boundary and SCP all allow", ask(), True),
        ("what the SCP leaves out is denied", ask("ec2:RunInstances", "*"), False),
    ),
    *cases(
        f"{BOUNDARIES}#access_policies_boundaries-eval-logic",
        policies(allow(), boundary=[FULL_S3], session=[allow(["s3:GetObject", "iam:*"])]),
        ("role, boundary and session all allow", ask(by=SESSION), True),
        ("the boundary leaves it out", ask("iam:ListUsers", "*", by=SESSION), False),
        ("the session leaves it out", ask("s3:PutObject", by=SESSION), False),
    ),
    *cases(
        f"{BOUNDARIES}#access_policies_boundaries-delegate",
        policies(allow("iam:*"), allow("s3:ListBucket"), boundary=DELEGATED),
        (
            "with the boundary one may make users",
            ask("iam:CreateUser", NEW_USER, context=WITH_BOUNDARY),
            True,
        ),
        ("without it one may not", ask("iam:CreateUser", NEW_USER), False),
        (
            "making users with another boundary is denied",
            ask("iam:CreateUser", NEW_USER, context={"iam:PermissionsBoundary": "x"}),
            False,
        ),
        ("the boundary itself is not to be deleted", ask("iam:DeletePolicy", OURS), False),
        ("other policies are", ask("iam:DeletePolicy", f"{IAM}:policy/x"), True),
        ("nor may it be taken off", ask("iam:DeleteUserPermissionsBoundary", NEW_USER), False),
        ("what the boundary lacks is denied", ask("s3:ListBucket", REPORTS), False),
        ("what only the boundary has is too", ask("cloudwatch:PutMetricData", "*"), False),
    ),
]

SESSIONS = [
    *cases(
        f"{KINDS}#policies_session",
        policies(allow("s3:*"), session=[allow(["s3:GetObject", "sqs:*"])]),
        ("a session has what both hold", ask(by=SESSION), True),
        ("not what the role alone holds", ask("s3:PutObject", by=SESSION), False),
        ("nor what its policy alone holds", ask("sqs:ListQueues", "*", by=SESSION), False),
    ),
    *cases(
        f"{KINDS}#policies_session",
        policies(resource=[to(ROLE_ARN, allow("s3:*"))], session=[allow("s3:GetObject")]),
        ("a grant to the role is limited to the session's", ask(by=SESSION), True),
        ("and denied outside it", ask("s3:PutObject", by=SESSION), False),
    ),
    *cases(
        f"{KINDS}#policies_session",
        policies(
            resource=[to({"AWS": SESSION.arn}, allow("s3:*"))], session=[allow("s3:GetObject")]
        ),
        ("a grant to the session is not", ask("s3:PutObject", by=SESSION), True),
    ),
    *cases(
        ASSUMED,
        policies(
            allow("s3:ListBucket", REPORTS),
            allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"{REPORTS}/*"),
            session=[
                allow("s3:ListBucket", REPORTS),
                allow(["s3:GetObject", "s3:PutObject"], f"{REPORTS}/*"),
            ],
        ),
        ("a session may list", ask("s3:ListBucket", REPORTS, by=SESSION), True),
        ("a session may write what both policies allow", ask("s3:PutObject", by=SESSION), True),
        ("but what is filtered out is denied", ask("s3:DeleteObject", by=SESSION), False),
    ),
    *cases(
        ASSUMED,
        policies(
            allow("s3:*", f"{REPORTS}/*"),
            resource=[to({"AWS": "*"}, deny("s3:DeleteObject", f"{REPORTS}/*"))],
        ),
        ("a bucket that denies all denies sessions", ask("s3:DeleteObject", by=SESSION), False),
        ("the bucket denies sessions nothing else", ask("s3:PutObject", by=SESSION), True),
    ),
    *cases(
        FEDERATION,
        policies(
            allow(["sqs:ReceiveMessage", "s3:ListBucket", "sns:ListSubscriptions"]),
            session=[allow("s3:ListBucket", REPORTS), allow("s3:GetObject", f"{REPORTS}/*")],
        ),
        ("a federated user has what both hold", ask("s3:ListBucket", REPORTS, by=FEDERATED), True),
        ("not what the user lacks", ask(by=FEDERATED), False),
        ("nor what was not passed on", ask("sns:ListSubscriptions", "*", by=FEDERATED), False),
        ("nor other buckets", ask("s3:ListBucket", "arn:aws:s3:::other", by=FEDERATED), False),
    ),
    *cases(
        FEDERATION,
        policies(
            allow("s3:ListBucket"), resource=[to({"AWS": FEDERATED.arn}, allow("s3:GetObject"))]
        ),
        ("a bucket may name the federated user", ask(by=FEDERATED), True),
        ("and gives no more than it says", ask("s3:DeleteObject", by=FEDERATED), False),
    ),
    *cases(
        f"{KINDS}#access_policies-root",
        policies(scps=[[allow(), deny("ec2:*")]]),
        ("SCPs bind a root user", ask("ec2:RunInstances", "*", by=ROOT), False),
        ("who is free otherwise", ask("s3:ListAllMyBuckets", "*", by=ROOT), True),
    ),
    *cases(
        f"{KINDS}#policies_resource-based",
        policies(allow("s3:GetObject"), resource=[to({"AWS": f"arn:aws:iam::{OTHER}:root"})]),
        (
            "trust of an account is half of it, its user's policy the other",
            ask(by=OUTSIDER, owner=ACCOUNT),
            True,
        ),
        (
            "which a user of a third account lacks",
            ask(by=Caller.of_arn("arn:aws:iam::777788889999:user/x"), owner=ACCOUNT),
            False,
        ),
    ),
]

CASES = [*ONE_ACCOUNT, *EXAMPLES, *TWO_ACCOUNTS, *LIMITS, *SESSIONS]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_logic(case: Case) -> None:
    """All policies together decide as the page says."""
    assert case.decided() is case.expected
