"""The refused calls of the made-up organization as CloudTrail records them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from cloudtrail_mfa.iam.context import AGE, ISSUED, PRESENT, Context
from cloudtrail_mfa.iam.evaluate import Request
from cloudtrail_mfa.iam.principals import Caller
from tests import records
from tests.attribution import organization as org
from tests.attribution.organization import MANAGEMENT, Piece, iam
from tests.attribution.organization_denials import TABLE
from tests.records import ACCOUNT, TIME, Record, denied, issued, refusal

_ORGANIZATION = f"arn:aws:organizations::{MANAGEMENT}:policy/o-example"
_KINDS = {
    "identity": "an identity-based policy",
    "resource": "a resource-based policy",
    "scp": "a service control policy",
    "rcp": "a resource control policy",
    "boundary": "a permissions boundary",
    "session": "a session policy",
    "sessions": "a sessions policy",
    "trust": "the role trust policy",
    "vpc_endpoint": "a VPC endpoint policy",
    "vpc_scp": "a VPC endpoint policy transitively through a service control policy",
}
_TEXTS = {
    "bare": "Access Denied",
    "billing": "IAM user access not activated",
    "code": "MultiFactorAuthentication failed with invalid MFA one time pass code.",
    "endpoint": "The request was denied due to a VPC endpoint policy",
    "mfa-delete": "Mfa Authentication must be used for this request",
    "model": "You don't have access to the model with the specified model ID.",
}
_TAILS = {
    "link": ". Go to https://console.aws.amazon.com/authorization-details/0a1b2c3d",
    "encoded": " Encoded authorization failure message: kV3xZ_8-Qw",
}
_PLACES = {
    "table": org.TABLE,
    "far-table": org.FAR_TABLE,
    "queue": org.QUEUE,
    "db": org.DATABASE,
    "secret": org.SECRET,
    "test-secret": org.TEST_SECRET,
    "open-key": org.OPEN_KEY,
    "closed-key": org.CLOSED_KEY,
    "trail": org.TRAIL,
    "logs-trail": org.LOGS_TRAIL,
    "instance": org.regional("ec2", "instance/*"),
}
_EVENTS = {"s3:ListAllMyBuckets": "ListBuckets", "s3:ListBucket": "ListObjects"}
_CODES = {"ec2": "Client.UnauthorizedOperation", "s3": "AccessDenied", "sts": "AccessDenied"}
_WITH_RCPS = ("dynamodb", "kms", "s3", "secretsmanager", "sqs", "sts")
_EARLIER = "2026-06-01T06:00:00Z"
_ENDPOINT = {"vpcEndpointId": "vpce-0123456789abcdef0", "sourceIPAddress": "10.0.0.5"}
_EXTRAS: dict[str, Record] = {
    "ana-far": {"awsRegion": "ap-south-1"},
    "gina-far": {"awsRegion": "ap-south-1"},
    "gina-far-item": {"awsRegion": "ap-south-1"},
    "jon-far": {"awsRegion": "eu-west-1"},
    "jon-stop": {"awsRegion": "eu-west-1"},
    "uma-users": {"sourceIPAddress": "203.0.113.9"},
    "ana-athena": {"sourceIPAddress": "athena.amazonaws.com"},
    "delivery": {"sourceIPAddress": "delivery.logs.amazonaws.com"},
    "kim-list": {"requestParameters": {"bucketName": "homes", "prefix": "liam/"}},
    "eva-unrecorded": {"requestParameters": None},
    "sam-unrecorded": {"requestParameters": None},
    "gina-endpoint": _ENDPOINT,
    "gina-endpoint-scp": _ENDPOINT,
    "gina-endpoint-code": _ENDPOINT | {"errorCode": "VpceAccessDenied"},
    "iris-endpoint": _ENDPOINT,
}
"""Fields in which a record differs from the common ones."""

_ARNS = {
    item["Arn"].rpartition("/")[2]: item["Arn"]
    for details in org.DETAILS.values()
    for item in details["UserDetailList"]
}


def _user(kind: str, name: str) -> Record:
    """Return the identity of a user, with the path and the account that the export tells."""
    mark = f"{name}{kind}".upper()
    if kind in ("key", "gone"):
        found = records.user(name, f"AKIAIOSFODNN7{mark:0<7.7}")
    else:
        since = _EARLIER if kind == "old" else TIME
        key = f"ASIAIOSFODNN7{mark:0>7.7}"
        found = records.session(name, key, mfa=kind in ("mfa", "old"), since=since)
    arn = str(_ARNS.get(name, found["arn"]))
    return found | {"arn": arn, "accountId": arn.split(":")[4]}


_SESSION_NAMES = {
    "service/web": "i-0123456789abcdef0",
    "batch": "i-0fedcba9876543210",
    "service-role/thumbnails": "thumbnails",
    "SSO": "dana@example.com",
    "CorpEngineer": "emil@example.com",
    "CorpLegacy": "fred@example.com",
}


def _role(name: str, *, limited: bool = False) -> Record:
    """Return the identity of a role session; the call that opened it is among `PASSED`."""
    path = f"aws-reserved/sso.amazonaws.com/{org.SSO}" if name == "SSO" else name
    mark = f"{'L' if limited else ''}{name.rpartition('/')[2]}".upper()
    return records.role(
        path.rpartition("/")[2],
        _SESSION_NAMES.get(name, "ana"),
        f"ASIAIOSFODNN7{mark:0<7.7}",
        path=f"/{path.rpartition('/')[0]}/".replace("//", "/"),
    )


_OTHERS: dict[str, Record] = {
    "athena": _user("nomfa", "ana") | {"invokedBy": "athena.amazonaws.com"},
    "root": records.root(),
    "gone": _user("gone", "zed"),
    "delivery": records.service(),
    "linked": records.role(
        "AWSServiceRoleForAutoScaling", "AutoScaling", path="/aws-service-role/autoscaling/"
    ),
    "stranger": {"type": "AWSAccount", "accountId": "777788889999", "principalId": "AIDASTRANGER"},
    "anonymous": {"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""},
}


def _by(text: str) -> Record:
    kind, _, name = text.partition(" ")
    if kind in ("role", "limited"):
        return _role(name, limited=kind == "limited")
    return _user(kind, name) if name else _OTHERS[kind]


def principal(identity: Record) -> str:
    """Return the ARN by which policies know a caller: of a session, its role's."""
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
    return str(issuer.get("arn") or identity.get("arn") or "")


def _place(text: str, action: str) -> str:
    """Return what a resource of the table is called in a message; nothing for none."""
    if text == "-":
        return ""
    if action.startswith("s3:"):
        return f"arn:aws:s3:::{text}"
    kind, _, name = text.partition(" ")
    return iam(f"role/{name}") if kind == "role" else _PLACES.get(text, text)


def _message(text: str, action: str, by: Record, on: str) -> str:
    kind, *rest = text.split()
    if kind in _TEXTS:
        return _TEXTS[kind]
    why = ""
    if kind in ("deny", "none"):
        words = _KINDS[rest[0]]
        why = f"because no {words.partition(' ')[2]} allows the {action} action"
        if kind == "deny":
            why = f"with an explicit deny in {words}" + "".join(
                _TAILS.get(name) or f": {_policy_arn(rest[0], name, by)}" for name in rest[1:]
            )
    quoted = f'"{on}"' if action.startswith("s3:") and on else on
    message = refusal(action, to=by.get("arn", ""), on=quoted, why=why)
    prefix = "You are not authorized to perform this operation. "
    return prefix + message if action.startswith("ec2:") else message


def _policy_arn(kind: str, name: str, by: Record) -> str:
    types = {"scp": "service_control_policy", "rcp": "resource_control_policy"}
    if kind in types:
        return f"{_ORGANIZATION}/{types[kind]}/p-{name.lower():.8}"
    return iam(f"policy/{name}", by["accountId"])


def _holder(action: str, on: str) -> Piece:
    """Return what has the resource's policy; nothing where there is none."""
    if action.startswith("s3:"):
        return on.partition("/")[0]
    listed = {arn for resources in org.POLICIES.values() for arn in resources}
    return on if on in listed or ":role/" in on else ""


def _owner(action: str, on: str, by: Record) -> str:
    """Return the account whose resource it is: the caller's own, where nothing else is told."""
    holder = _holder(action, on)
    owners = [account for account, resources in org.POLICIES.items() if holder in resources]
    return next(iter(owners), str(by.get("accountId", ACCOUNT)))


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused call, and what has to be said of it.

    Attributes
    ----------
    name
        What the table calls it.
    record
        As CloudTrail has it.
    action, on
        What was asked for; an empty text for no resource.
    claim
        Cause, certainty and mfa_would_allow.
    reason
        Why.
    needs
        The pieces of evidence without which the claim could be another one.
    """

    name: str
    record: Record
    action: str
    on: str
    claim: tuple[str, str, bool | None]
    reason: str
    needs: frozenset[Piece]

    @property
    def event_id(self) -> str:
        """CloudTrail's eventID."""
        return str(self.record["eventID"])

    def with_mfa(self) -> Refused:
        """Return the same call, signed in a session that has just passed MFA."""
        by = self.record["userIdentity"]
        attributes = {"creationDate": self.record["eventTime"], "mfaAuthenticated": "true"}
        context = by.get("sessionContext", {}) | {"attributes": attributes}
        fresh = by | {"accessKeyId": "ASIAIOSFODNN7FRESH00", "sessionContext": context}
        return replace(self, record=self.record | {"userIdentity": fresh})

    def request(self) -> Request:
        """Return what policies see of the call, as AWS's guide on condition keys tells it."""
        record, by = self.record, self.record["userIdentity"]
        arn = principal(by)
        told = by["sessionContext"]["attributes"]
        keys: dict[str, Any] = {
            PRESENT: told["mfaAuthenticated"],
            AGE: "0",
            ISSUED: told["creationDate"],
            "aws:PrincipalArn": arn,
            "aws:PrincipalAccount": by["accountId"],
            "aws:RequestedRegion": record["awsRegion"],
            "aws:ViaAWSService": "false",
        }
        if "vpcEndpointId" not in record:
            keys["aws:SourceIp"] = record["sourceIPAddress"]
        if by["type"] == "IAMUser":
            keys["aws:username"] = by["userName"]
        if "prefix" in (asked := record["requestParameters"] or {}):
            keys["s3:prefix"] = asked["prefix"]
        for item in org.USERS:
            if item["Arn"] == arn:
                keys |= {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in item["Tags"]}
        caller = Caller.of_arn(by["arn"], role_arn=arn if by["type"] == "AssumedRole" else None)
        resource = self.on if self.on.startswith("arn:") else "*"
        owner = _owner(self.action, self.on, by)
        return Request(caller, self.action, resource, Context.of(keys), owner)


def _needs(text: str, by: Record, action: str, on: str) -> frozenset[Piece]:
    arn, account = principal(by), by.get("accountId", "")
    found: set[Piece] = set()
    for word in text.split():
        if word in ("all", "caller"):
            found |= org.pieces_of(arn)
        if word in ("all", "scp"):
            found.add(f"{account}/scp")
        if word == "rcp" or (word == "all" and on and action.partition(":")[0] in _WITH_RCPS):
            found.add(f"{_owner(action, on, by)}/rcp")
        if word in ("all", "on") and (holder := _holder(action, on)):
            found.add(holder)
        if word == "self":
            found.add(arn)
        if word in org.MANAGED:
            found.add(iam(f"policy/{word}", account))
    return frozenset(found | {org.file_of(piece) for piece in found})


def _refused(row: str, reason: str) -> Refused:
    name, caller, action, place, said, claimed, needed = (part.strip() for part in row.split("|"))
    by, on = _by(caller), _place(place, action)
    service, _, verb = action.partition(":")
    asked: Record | None = {"s3": _bucket(on), "sts": _role_asked(on)}.get(service) if on else None
    record = denied(
        _EVENTS.get(action, verb),
        service,
        by=by,
        code=_CODES.get(service, "AccessDeniedException"),
        message=_message(said, action, by, on),
        requestParameters=asked,
        recipientAccountId=by.get("accountId", ACCOUNT),
        event_id=str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
    )
    if service == "s3" and on:
        owner = _owner(action, on, by)
        record |= {"managementEvent": False, "eventCategory": "Data"}
        record["resources"] = [
            {"type": "AWS::S3::Object", "ARN": on},
            {"type": "AWS::S3::Bucket", "ARN": _holder(action, on), "accountId": owner},
        ]
    if caller.startswith("console"):
        record["sessionCredentialFromConsole"] = "true"
    cause, certainty, mfa = claimed.split()
    return Refused(
        name,
        record | _EXTRAS.get(name, {}),
        action,
        on,
        (cause, certainty, {"yes": True, "no": False, "null": None}[mfa]),
        reason.strip(),
        _needs(needed, by, action, on),
    )


def _bucket(on: str) -> Record:
    bucket, _, key = on.rpartition(":")[2].partition("/")
    return {"bucketName": bucket} | ({"key": key} if key else {})


def _role_asked(on: str) -> Record:
    return {"roleArn": on, "roleSessionName": "work"}


_lines = TABLE.splitlines()
REFUSED = [_refused(*pair) for pair in zip(_lines[::2], _lines[1::2], strict=True)]
"""Every refusal."""


def _opened(identity: Record, operation: str, by: Record, **request: Any) -> Record:
    asked = {"roleArn": principal(identity), "roleSessionName": "work"} | request
    return issued(operation, identity["accessKeyId"], by=by, request=asked)


_ONLY_READ = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
)
_PERSON = {"type": "SAMLUser", "principalId": "EXAMPLE:dana@example.com", "userName": "dana"}
PASSED = [
    _opened(_role("Deploy"), "AssumeRole", _user("mfa", "ana")),
    _opened(_role("Deploy", limited=True), "AssumeRole", _user("mfa", "ana"), policy=_ONLY_READ),
    _opened(_role("ReadOnly"), "AssumeRole", _user("mfa", "ana")),
    _opened(_role("service/web"), "AssumeRole", records.service("ec2.amazonaws.com")),
    _opened(_role("batch"), "AssumeRole", records.service("ec2.amazonaws.com")),
    _opened(
        _role("service-role/thumbnails"), "AssumeRole", records.service("lambda.amazonaws.com")
    ),
    *(
        _opened(_role(name), "AssumeRoleWithSAML", _PERSON)
        for name in ("SSO", "CorpEngineer", "CorpLegacy")
    ),
]
"""The calls that opened the role sessions."""
