"""A made-up organization: two accounts with everything that binds a call, as AWS exports it.

Account 111122223333 is a member account; 444455556666 is the management account, which neither
service nor resource control policies bind. `write` makes the folder of evidence, on demand without
one piece of it.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.records import ACCOUNT

Document = dict[str, Any]

MANAGEMENT = "444455556666"
MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
ISSUED, PRINCIPAL = "aws:TokenIssueTime", "aws:PrincipalArn"
UNLESS_MFA = {"BoolIfExists": {MFA: "false"}}
ONLY_MFA = {"Bool": {MFA: "true"}}
OFFICE = "203.0.113.0/24"
SSO = "AWSReservedSSO_Audit_0123456789abcdef"


def iam(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{name}"


def regional(service: str, name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:us-east-1:{account}:{name}"


QUEUE = regional("sqs", "orders")
TABLE = regional("dynamodb", "table/orders")
FAR_TABLE = TABLE.replace("us-east-1", "ap-south-1")
DATABASE = regional("rds", "db:orders")
SECRET = regional("secretsmanager", "secret:prod/db-AbCdEf")
TEST_SECRET = regional("secretsmanager", "secret:test/api-GhIjKl")
OPEN_KEY = regional("kms", "key/11111111-aaaa-4aaa-8aaa-111111111111")
CLOSED_KEY = regional("kms", "key/22222222-bbbb-4bbb-8bbb-222222222222")
TRAIL = regional("cloudtrail", "trail/main")
LOGS_TRAIL = regional("cloudtrail", "trail/organization", MANAGEMENT)


def statement(
    effect: str, actions: str, on: str | list[str] = "*", when: Document | None = None, **rest: Any
) -> Document:
    """Return a statement; actions stand in one text, those excepted after a minus sign."""
    excepted = actions.startswith("- ")
    names = actions.removeprefix("- ").split()
    condition = {"Condition": when} if when else {}
    element = "NotAction" if excepted else "Action"
    return {"Effect": effect, element: names, "Resource": on} | condition | rest


allow, deny = partial(statement, "Allow"), partial(statement, "Deny")


def document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def named(key: str, *values: str, operator: str = "ArnNotEquals") -> Document:
    return {operator: {key: list(values)}}


# What a user without MFA has to reach, to get it.
SELF_SERVICE = (
    "- iam:CreateVirtualMFADevice iam:EnableMFADevice iam:GetMFADevice iam:GetUser"
    " iam:ListMFADevices iam:ListVirtualMFADevices iam:ResyncMFADevice sts:GetCallerIdentity"
    " sts:GetSessionToken"
)
FORCED = document(deny(SELF_SERVICE, Sid="DenyUnlessMFA", when=UNLESS_MFA))

MANAGED: dict[str, Document] = {
    # The recommended form, the one that spares keys, and the one that asks for the key alone.
    "MFA_Forced": FORCED,
    "MFA_Legacy": document(deny(SELF_SERVICE, when={"Bool": {MFA: "false"}})),
    "MFA_NullKey": document(deny(SELF_SERVICE, when={"Null": {MFA: "true"}})),
    "MFA_ButForServices": document(
        deny(
            SELF_SERVICE,
            when={"BoolIfExists": {MFA: "false"}, "Bool": {"aws:ViaAWSService": "false"}},
        )
    ),
    "ReadWithMFA": document(
        allow("s3:Get* s3:List* ec2:Describe* iam:Get* iam:List*", when=ONLY_MFA)
    ),
    "IamWithRecentMFA": document(
        allow("iam:*", when={"NumericLessThan": {AGE: "3600"}}), allow("sts:AssumeRole")
    ),
    "NoDelete": document(deny("s3:DeleteObject* dynamodb:Delete*", Sid="NeverDelete")),
    "DevBoundary": document(allow("s3:* ec2:* sts:*")),
    "LiamBoundary": document(allow("iam:Get* dynamodb:*")),
    "MfaBoundary": document(allow("*", when=ONLY_MFA)),
    "NoIamWrites": document(allow("*"), deny("iam:Create* iam:Delete*")),
}
"""Managed policies by name, permissions boundaries among them."""

Groups = dict[str, tuple[Document, tuple[str, ...]]]

GROUPS: Groups = {
    "Developers": (
        document(
            allow(
                "s3:Get* s3:List* s3:PutObject ec2:Describe* dynamodb:* sqs:* rds:* kms:Decrypt"
                " secretsmanager:GetSecretValue secretsmanager:DeleteSecret sts:AssumeRole"
                " cloudtrail:*"
            )
        ),
        ("MFA_Forced",),
    ),
    "Legacy": (document(allow("s3:Get* s3:List* s3:PutObject iam:List*")), ("MFA_Legacy",)),
    "Auditors": (document(), ("ReadWithMFA",)),
    "Operators": (document(), ("IamWithRecentMFA",)),
}
"""Groups of the member account: their inline policy and what is attached to them."""


def user(
    name: str,
    *inline: Document,
    groups: tuple[str, ...] = (),
    attached: tuple[str, ...] = (),
    boundary: str | None = None,
    account: str = ACCOUNT,
    tags: dict[str, str] | None = None,
) -> Document:
    """Return a user as the export has it."""
    limit = {"PermissionsBoundaryType": "Policy"}
    limit |= {"PermissionsBoundaryArn": iam(f"policy/{boundary}", account)}
    own = [{"PolicyName": "own", "PolicyDocument": quote(json.dumps(document(*inline)))}]
    return {
        "UserName": name.rpartition("/")[2],
        "Path": f"/{name.rpartition('/')[0]}/".replace("//", "/"),
        "Arn": iam(f"user/{name}", account),
        "UserPolicyList": own if inline else [],
        "GroupList": list(groups),
        "AttachedManagedPolicies": _attached(attached, account),
        "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
    } | ({"PermissionsBoundary": limit} if boundary else {})


def group(name: str, policy: Document, attached: tuple[str, ...], account: str) -> Document:
    own = [{"PolicyName": "work", "PolicyDocument": policy}]
    return {
        "GroupName": name,
        "Arn": iam(f"group/{name}", account),
        "GroupPolicyList": own if policy["Statement"] else [],
        "AttachedManagedPolicies": _attached(attached, account),
    }


def role(
    name: str, trust: list[Document], *inline: Document, attached: tuple[str, ...] = ()
) -> Document:
    """Return a role as the export has it."""
    return {
        "RoleName": name.rpartition("/")[2],
        "Arn": iam(f"role/{name}"),
        "AssumeRolePolicyDocument": quote(json.dumps(document(*trust))),
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*inline)}],
        "AttachedManagedPolicies": _attached(attached, ACCOUNT),
    }


def managed(name: str, policy: Document, account: str) -> Document:
    """Return a managed policy with a former version that allowed everything."""
    versions = [(policy, "v2", True), (document(allow("*")), "v1", False)]
    return {
        "PolicyName": name,
        "Arn": iam(f"policy/{name}", account),
        "DefaultVersionId": "v2",
        "PolicyVersionList": [
            {"Document": quote(json.dumps(text)), "VersionId": number, "IsDefaultVersion": default}
            for text, number, default in versions
        ],
    }


def _attached(names: tuple[str, ...], account: str) -> list[dict[str, str]]:
    return [{"PolicyName": n, "PolicyArn": iam(f"policy/{n}", account)} for n in names]


def trusts(principal: Document, *, effect: str = "Allow", when: Document | None = None) -> Document:
    """Return a statement of a trust policy."""
    action = "sts:AssumeRoleWithSAML" if "Federated" in principal else "sts:AssumeRole"
    found = {"Effect": effect, "Principal": principal, "Action": action}
    return found | ({"Condition": when} if when else {})


AT_HOME = {"Bool": {"aws:ViaAWSService": "false"}, "NotIpAddress": {"aws:SourceIp": OFFICE}}
KEYS_AT_HOME = {"Null": {ISSUED: "true"}, "NotIpAddress": {"aws:SourceIp": OFFICE}}
HOMES = "arn:aws:s3:::homes"
OWN_HOME = HOMES + "/${aws:username}/*"
OWN_PREFIX = {"StringLike": {"s3:prefix": "${aws:username}/*"}}
TEAM = {"StringEquals": {"aws:PrincipalTag/team": "platform"}}
ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
OLD = {"NumericGreaterThanIfExists": {AGE: "1800"}}

USERS = [
    user("eng/ana", groups=("Developers",)),
    user("ben", groups=("Developers",), boundary="DevBoundary"),
    user("chloe", groups=("Legacy",)),
    user("dan", groups=("Auditors",)),
    user("ops/eva", groups=("Operators",)),
    user("finn", allow("dynamodb:* s3:*"), deny("dynamodb:UpdateTable", when=OLD)),
    user("gina", allow("*"), attached=("NoDelete",)),
    user(
        "hugo",
        allow("s3:* iam:* dynamodb:*"),
        deny("*", Sid="NoLongTermKeys", when={"Null": {ISSUED: "true"}}),
    ),
    user("iris", allow("s3:* dynamodb:*"), deny("*", when=AT_HOME)),
    user("jon", allow("ec2:* rds:* sts:AssumeRole"), deny("- sts:*", when=ELSEWHERE)),
    user(
        "people/kim",
        allow("s3:GetObject", OWN_HOME),
        allow("s3:PutObject", OWN_HOME, when=ONLY_MFA),
        allow("s3:ListBucket", HOMES, when=OWN_PREFIX),
    ),
    user(
        "liam",
        allow("dynamodb:* s3:PutObject"),
        attached=("MFA_Forced",),
        boundary="LiamBoundary",
    ),
    user(
        "mia",
        allow("dynamodb:*", when=TEAM | ONLY_MFA),
        allow("rds:*", when={"StringEquals": {"aws:ResourceTag/env": "dev"}}),
        tags={"team": "platform"},
    ),
    user("noah", allow("dynamodb:*"), attached=("MFA_NullKey",)),
    user("olga", allow("dynamodb:*", when={"BoolIfExists": {MFA: "true"}})),
    user("pete", allow("dynamodb:*", when={"Null": {MFA: "false"}})),
    user("quinn", allow("dynamodb:* iam:*"), boundary="MfaBoundary"),
    user("rosa", allow("*"), attached=("MFA_ButForServices",)),
    user("sam"),
    user("tara", allow("- organizations:*"), boundary="NoIamWrites"),
    user("uma", allow("s3:* dynamodb:*"), deny("*", when=KEYS_AT_HOME)),
    user("vera", allow("kms:*")),
]

ANYONE: Document = {"AWS": iam("root")}
EC2: Document = {"Service": "ec2.amazonaws.com"}
SAML: Document = {"Federated": iam("saml-provider/Corp")}
ROLES = [
    role("service/web", [trusts(EC2)], allow("sqs:ReceiveMessage s3:*")),
    role("batch", [trusts(EC2)], allow("dynamodb:GetItem"), attached=("MFA_Legacy",)),
    role(
        "service-role/thumbnails",
        [trusts({"Service": "lambda.amazonaws.com"})],
        allow("dynamodb:*"),
        attached=("MFA_Forced",),
    ),
    role(f"aws-reserved/sso.amazonaws.com/{SSO}", [trusts(SAML)], allow("s3:Get* s3:List*")),
    role("CorpEngineer", [trusts(SAML)], allow("dynamodb:*"), attached=("MFA_Forced",)),
    role("CorpLegacy", [trusts(SAML)], allow("s3:Get*"), attached=("MFA_Legacy",)),
    role("Admin", [trusts(ANYONE, when=ONLY_MFA)], allow("*")),
    role("BreakGlass", [trusts(ANYONE, when={"NumericLessThan": {AGE: "900"}})], allow("*")),
    role(
        "Deploy",
        [trusts({"AWS": iam("user/eng/ana")})],
        allow("dynamodb:GetItem dynamodb:DeleteTable sts:AssumeRole s3:PutObject"),
    ),
    role("Release", [trusts({"AWS": iam("role/Deploy")}, when=ONLY_MFA)], allow("s3:*")),
    role(
        "Partner",
        [
            trusts(
                {"AWS": iam("root", "777788889999")},
                when={"StringEquals": {"sts:ExternalId": "42"}},
            )
        ],
        allow("s3:*"),
    ),
    role("HugoOnly", [trusts({"AWS": iam("user/hugo")}, when=ONLY_MFA)], allow("s3:*")),
    role(
        "Guarded", [trusts(ANYONE), trusts({"AWS": iam("user/jon")}, effect="Deny")], allow("s3:*")
    ),
    role("ReadOnly", [trusts(ANYONE)], allow("s3:Get* s3:List*"), attached=("MFA_Forced",)),
]

SCPS = {
    "FullAWSAccess": document(allow("*")),
    "RegionLock": document(
        deny(
            "- iam:* sts:* organizations:* s3:ListAllMyBuckets",
            when={"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}},
        )
    ),
    "ProtectTrail": document(deny("cloudtrail:StopLogging cloudtrail:DeleteTrail")),
    "MfaForDestruction": document(
        deny("iam:DeleteUser dynamodb:DeleteTable rds:DeleteDBInstance", when=UNLESS_MFA)
    ),
    "RootGuard": document(
        deny("ec2:* rds:*", when=named(PRINCIPAL, "arn:aws:iam::*:root", operator="ArnLike"))
    ),
}
RCPS = {
    "RCPFullAWSAccess": document(allow("*", Principal="*")),
    "ProtectAudit": document(deny("s3:DeleteObject*", "arn:aws:s3:::audit-trail/*", Principal="*")),
    "SecretsMfa": document(deny("secretsmanager:DeleteSecret", Principal="*", when=UNLESS_MFA)),
}

RESOURCES: dict[str, Document | None] = {
    "arn:aws:s3:::reports": None,
    "arn:aws:s3:::homes": None,
    FAR_TABLE: None,
    "arn:aws:s3:::audit-trail": None,
    "arn:aws:s3:::ledger": document(
        deny("s3:PutObject", "arn:aws:s3:::ledger/*", Principal="*", when=UNLESS_MFA)
    ),
    "arn:aws:s3:::payroll": document(
        deny(
            "s3:*",
            ["arn:aws:s3:::payroll", "arn:aws:s3:::payroll/*"],
            Principal="*",
            when=named(PRINCIPAL, iam("user/gina"), iam("role/Admin")),
        )
    ),
    "arn:aws:s3:::vault": document(
        deny(
            "s3:GetObject",
            "arn:aws:s3:::vault/*",
            NotPrincipal={"AWS": [iam("user/eng/ana"), iam("user/ben"), iam("root")]},
        )
    ),
    "arn:aws:s3:::exchange": document(
        allow("s3:GetObject", "arn:aws:s3:::exchange/*", Principal={"AWS": iam("user/liam")}),
        allow("s3:PutObject", "arn:aws:s3:::exchange/*", Principal={"AWS": ACCOUNT}),
    ),
    OPEN_KEY: document(allow("kms:*", Principal=ANYONE)),
    CLOSED_KEY: document(
        allow("kms:Decrypt", Principal={"AWS": iam("user/vera")}),
        allow("kms:ScheduleKeyDeletion", Principal={"AWS": iam("user/vera")}, when=ONLY_MFA),
    ),
    SECRET: document(
        deny(
            "secretsmanager:GetSecretValue",
            Principal="*",
            when=named(PRINCIPAL, iam("role/service/web")),
        )
    ),
    TEST_SECRET: None,
    QUEUE: document(
        allow("sqs:SendMessage", QUEUE, Principal={"AWS": iam("user/eng/ana")}),
        deny("sqs:PurgeQueue", QUEUE, Principal="*", when=UNLESS_MFA),
    ),
    TABLE: None,
    TRAIL: None,
}
"""Policies of the member account's resources."""

CENTRAL = "arn:aws:s3:::central-logs"
MANAGEMENT_RESOURCES: dict[str, Document | None] = {
    CENTRAL: document(
        allow("s3:GetObject", f"{CENTRAL}/shared/*", Principal={"AWS": iam("root")}),
    ),
    LOGS_TRAIL: None,
}

Piece = str
"""An ARN; or a file or folder of an account, as ``111122223333/scp``."""


def _details(
    users: list[Document],
    groups: Groups,
    roles: list[Document],
    *names: str,
) -> Any:
    account = users[0]["Arn"].split(":")[4]
    return {
        "UserDetailList": users,
        "GroupDetailList": [group(name, *found, account) for name, found in groups.items()],
        "RoleDetailList": roles,
        "Policies": [managed(name, MANAGED[name], account) for name in names],
        "IsTruncated": False,
    }


MANAGEMENT_GROUPS: Groups = {"Admins": (document(allow("iam:* cloudtrail:*")), ("MFA_Forced",))}
MANAGEMENT_USERS = [
    user("zoe", groups=("Admins",), account=MANAGEMENT),
    user("yan", allow("iam:Get*"), account=MANAGEMENT),
]
DETAILS: dict[str, Any] = {
    ACCOUNT: _details(USERS, GROUPS, ROLES, *MANAGED),
    MANAGEMENT: _details(MANAGEMENT_USERS, MANAGEMENT_GROUPS, [], "MFA_Forced"),
}
CONTROLS: dict[str, dict[str, dict[str, Document]]] = {
    ACCOUNT: {"scp": SCPS, "rcp": RCPS},
    MANAGEMENT: {"scp": {}, "rcp": {}},
}
POLICIES = {ACCOUNT: RESOURCES, MANAGEMENT: MANAGEMENT_RESOURCES}
FILES = ("account-authorization-details.json", "resource-policies.json")
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def pieces() -> list[Piece]:
    """Return everything that can be withheld by itself."""
    found = [
        item["Arn"] for details in DETAILS.values() for name in LISTS for item in details[name]
    ]
    found += [f"{account}/{kind}" for account, kinds in CONTROLS.items() for kind in kinds]
    return found + [arn for resources in POLICIES.values() for arn in resources]


def pieces_of(arn: str) -> set[Piece]:
    """Return what holds the identity-based policies of a user or role, and its boundary."""
    if arn.endswith(":root"):
        return set()
    details = DETAILS[arn.split(":")[4]]
    (item,) = (i for name in LISTS[:3] for i in details[name] if i["Arn"] == arn)
    found = {arn} | {policy["PolicyArn"] for policy in item["AttachedManagedPolicies"]}
    if "PermissionsBoundary" in item:
        found.add(item["PermissionsBoundary"]["PermissionsBoundaryArn"])
    for name in item.get("GroupList", ()):
        found |= pieces_of(iam(f"group/{name}", arn.split(":")[4]))
    return found


def file_of(piece: Piece) -> Piece:
    """Return the file or folder in which a piece stands."""
    for account, resources in POLICIES.items():
        if piece in resources:
            return f"{account}/{FILES[1]}"
    return f"{piece.split(':')[4]}/{FILES[0]}" if piece.startswith("arn:") else piece


def write(folder: Path, *, without: Piece = "") -> Path:
    """Write the evidence, and leave one piece out of it."""
    for account, details in DETAILS.items():
        kept = {name: [i for i in details[name] if i["Arn"] != without] for name in LISTS}
        listed = {arn: text for arn, text in POLICIES[account].items() if arn != without}
        contents: dict[str, Any] = dict(zip(FILES, (details | kept, listed), strict=True))
        for kind, policies in CONTROLS[account].items():
            if f"{account}/{kind}" != without:
                (folder / account / kind).mkdir(parents=True)
                contents |= {f"{kind}/{name}.json": text for name, text in policies.items()}
        for name, content in contents.items():
            if f"{account}/{name}" != without:
                (folder / account / name).write_text(json.dumps(content))
    return folder
