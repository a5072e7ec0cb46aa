"""Requests and policies, made up by chance: what two evaluators are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

__all__ = ["ACCOUNT", "ANONYMOUS", "CALLERS", "OTHER", "ROLES", "SERVICE", "Case", "case"]

Case = dict[str, Any]
"""A request and its policies, as JSON's values."""

ACCOUNT, OTHER = "111122223333", "999999999999"
IAM = f"arn:aws:iam::{ACCOUNT}"
SERVICE = "delivery.logs.amazonaws.com"
ANONYMOUS = "anonymous"
# Each session with its role: the session's ARN lacks the role's path.
ROLES = {
    f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/carol": f"{IAM}:role/Deploy",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/Audit/dave": f"{IAM}:role/ops/Audit",
}
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/erin"
USERS = [f"{IAM}:user/alice", f"{IAM}:user/ops/bob"]
ROOT = f"{IAM}:root"
CALLERS = [*USERS, *ROLES, FEDERATED, ROOT, SERVICE, ANONYMOUS]


@dataclass(frozen=True, slots=True)
class Target:
    """An action with something that it touches; `{}` is the owner's account."""

    action: str
    resource: str
    patterns: tuple[str, ...] = ()
    shared: bool = False
    keys: tuple[str, ...] = ()


TARGETS = [
    Target(
        "s3:GetObject",
        "arn:aws:s3:::reports/alice/q1.csv",
        (
            "arn:aws:s3:::reports/*",
            "arn:aws:s3:::reports/${aws:username}/*",
            "arn:aws:s3:::reports/${aws:PrincipalTag/team, 'alice'}/q1.csv",
            "arn:aws:s3:::reports/*/q?.csv",
            "arn:aws:s3:::r*",
            "arn:aws:s3:::reports",
            "arn:aws:s3:::reports/alice/q${*}.csv",
            "arn:*:s3:::reports/*",
            "arn:aws:s3:::*",
        ),
        shared=True,
    ),
    Target(
        "s3:ListBucket",
        "arn:aws:s3:::reports",
        ("arn:aws:s3:::report?", "arn:aws:s3:::*", "arn:aws:s3:::reports/*"),
        shared=True,
        keys=("s3:prefix",),
    ),
    Target("s3:ListAllMyBuckets", "*", ("arn:aws:s3:::*",)),
    Target("ec2:DescribeInstances", "*", ("*",)),
    Target(
        "iam:CreateAccessKey",
        f"{IAM}:user/alice",
        (f"{IAM}:user/${{aws:username}}", f"{IAM}:user/*", "arn:aws:iam::*:user/alice"),
    ),
    Target(
        "sts:AssumeRole",
        "arn:aws:iam::{}:role/ops/Break",
        ("arn:aws:iam::*:role/*", "arn:aws:iam::{}:role/ops/*"),
        shared=True,
    ),
    Target(
        "kms:Decrypt",
        "arn:aws:kms:eu-central-1:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ("arn:aws:kms:*:*:key/*", "arn:aws:kms:eu-central-1:{}:key/*"),
        shared=True,
    ),
    Target(
        "sqs:SendMessage",
        "arn:aws:sqs:us-east-1:{}:alice-queue",
        ("arn:aws:sqs:*:{}:${aws:username}-queue", "arn:aws:sqs:us-*:*:*"),
        shared=True,
    ),
    Target(
        "lambda:InvokeFunction",
        "arn:aws:lambda:us-east-1:{}:function:report",
        ("arn:aws:lambda:*:*:function:*", "arn:aws:lambda:us-east-1:{}:function:rep*"),
        shared=True,
    ),
]
# Services whose resource policy has to allow a request in the same account too.
HAVE_TO_ALLOW = ("sts", "kms")
# Services that resource control policies bind.
CONTROLLED = ("s3", "sts", "kms", "sqs")

STRING = ["Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"]
ORDER = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
OPERATORS = {
    "String": [f"String{name}" for name in STRING],
    "Numeric": [f"Numeric{name}" for name in ORDER],
    "Date": [f"Date{name}" for name in ORDER],
    "Bool": ["Bool"],
    "Binary": ["BinaryEquals"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
}


@dataclass(frozen=True, slots=True)
class Key:
    """A condition key: what it may hold, and what policies may ask of it."""

    kind: str
    values: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    several: bool = False


FLAG = Key("Bool", ("true", "false"), ("True", "TRUE"))
MOMENT = Key(
    "Date",
    ("2026-06-01T09:00:00Z", "2026-05-31T23:59:59Z", "2026-06-01T00:00:00Z"),
    ("2026-06-01", "2026-06-01T11:00:00+02:00", "1780304400"),
)
ARN = Key(
    "Arn",
    (USERS[0], *ROLES.values(), "arn:aws:sns:us-east-1:111122223333:topic"),
    (
        "arn:aws:iam::*:user/*",
        f"{IAM}:role/*",
        "arn:aws:sns:*:*:t*",
        f"{IAM}:user/${{aws:username}}",
    ),
)
KEYS = {
    "aws:MultiFactorAuthPresent": FLAG,
    "aws:MultiFactorAuthAge": Key("Numeric", ("0", "3600", "7200"), ("60", "3600.0", "3600.5")),
    "aws:TokenIssueTime": MOMENT,
    "aws:CurrentTime": MOMENT,
    "aws:EpochTime": Key(
        "Date", ("1780304400", "1780304401"), ("1780304400", "2026-06-01T09:00:00Z")
    ),
    "aws:SecureTransport": FLAG,
    "aws:username": Key(
        "String", ("alice", "bob"), ("ALICE", "a*", "?ob", "${aws:PrincipalTag/team}")
    ),
    "aws:PrincipalTag/team": Key(
        "String",
        ("red", "Red", "r*", "alice"),
        ("r*", "r${*}", "r?d", "${aws:username}", "${aws:PrincipalOrgID, 'red'}"),
    ),
    "aws:PrincipalTag/blob": Key("Binary", ("QmluYXJ5", "b3RoZXI="), ("QmluYXJ5Cg==",)),
    "aws:PrincipalOrgID": Key("String", ("o-exampleorg", "o-otherorg12"), ("o-*",)),
    "aws:SourceIp": Key(
        "Ip",
        ("203.0.113.7", "198.51.100.9", "2001:db8::1"),
        ("203.0.113.0/24", "0.0.0.0/0", "2001:db8::/32", "203.0.113.7/32"),
    ),
    "aws:PrincipalArn": ARN,
    "aws:SourceArn": ARN,
    "aws:TagKeys": Key("String", ("team", "cost", "owner"), ("t*", "TEAM"), several=True),
    "aws:CalledVia": Key(
        "String",
        ("athena.amazonaws.com", "cloudformation.amazonaws.com"),
        ("*.amazonaws.com",),
        several=True,
    ),
    "s3:prefix": Key("String", ("alice/", "bob/x", ""), ("${aws:username}/*", "*", "bob/?")),
}
PROBED = ("identity", "resource", "boundary", "session", "vpc_endpoint", "scps", "rcps")
MFA = ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge")
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
EVERYONE = {"Principal": "*"}


def case(chance: Random) -> Case:
    """Make up a request and the policies that bind it."""
    target, caller = chance.choice(TARGETS), chance.choices(CALLERS, [4, 2, 4, 2, 1, 1, 1, 1])[0]
    owner = OTHER if target.shared and chance.random() < 0.3 else ACCOUNT
    writer = _Writer(chance, target, caller, owner)
    known = caller.startswith("arn:")
    session = caller in ROLES or caller == FEDERATED
    limited = known and caller not in (ROOT, FEDERATED)
    must = target.action.startswith(HAVE_TO_ALLOW)
    # Whether policies of a kind can bind such a request, and how often they do.
    often = {
        "identity": known and caller != ROOT,
        "resource": target.shared and (1 if must else 0.5),
        "boundary": limited and 0.3,
        "session": session and 0.5,
        "vpc_endpoint": 0.1,
        "scps": known and 0.3,
        "rcps": target.shared and target.action.startswith(CONTROLLED) and 0.2,
    }
    found = {kind: writer.policies(kind) if writer.has(kind, often[kind]) else [] for kind in often}
    return {
        "caller": caller,
        "action": target.action,
        "resource": target.resource.replace("{}", owner),
        "owner": owner,
        "must": must,
        "context": writer.context(),
        "policies": found,
    }


class _Writer:
    """Writes policies that are likely to have something to do with a request."""

    def __init__(self, chance: Random, target: Target, caller: str, owner: str) -> None:
        self.caller = caller
        self.chance = chance
        self.target = target
        # Half of all cases turn on one statement: whatever else there is allows everything.
        self.probed = chance.choice([None, *PROBED])
        self.resource = target.resource.replace("{}", owner)
        self.patterns = [pattern.replace("{}", owner) for pattern in target.patterns]
        self.keys = [key for key in KEYS if key.startswith("aws:") or key in target.keys]

    def context(self) -> dict[str, Any]:
        chance = self.chance
        held: dict[str, Any] = {}
        for name in self.keys:
            key = KEYS[name]
            if chance.random() < (0.7 if name in MFA else 0.5):
                values = chance.sample(key.values, chance.randint(1, 2) if key.several else 1)
                held[name] = values if key.several else values[0]
        return held

    def has(self, kind: str, often: float) -> bool:
        return often > 0 and (kind == self.probed or self.chance.random() < often)

    def policies(self, kind: str) -> list[Any]:
        """Return a few documents; of control policies some at each of a few levels."""
        if kind not in ("scps", "rcps"):
            return self.documents(kind, 2 if kind == "identity" else 1)
        levels = self.chance.randint(1, 3) if self.probed in (None, kind) else 1
        return [self.documents(kind, 2) for _ in range(levels)]

    def documents(self, kind: str, most: int) -> list[dict[str, Any]]:
        return [self.document(kind) for _ in range(self.chance.randint(1, most))]

    def document(self, kind: str) -> dict[str, Any]:
        chance = self.chance
        # Of resource control policies there is always one that allows everything.
        full = [] if kind in ("resource", "rcps") else [dict(FULL)]
        if kind == "vpc_endpoint":
            full = [FULL | EVERYONE]
        if self.probed is None:
            statements = [self.statement(kind) for _ in range(chance.randint(1, 3))]
            statements += full if chance.random() < 0.5 else []
        elif kind in (self.probed, "rcps"):
            statements = [self.statement(kind)]
            statements += full if statements[0]["Effect"] == "Deny" else []
        else:
            statements = full or self.trusting()
        if kind == self.probed == "resource" and statements[0]["Effect"] == "Deny":
            statements += self.trusting()
        old = kind not in ("scps", "rcps") and chance.random() < 0.03
        return {"Version": "2008-10-17" if old else "2012-10-17", "Statement": statements}

    def trusting(self) -> list[dict[str, Any]]:
        """Leave it to the identity-based policies; beside other limits name the caller at times."""
        who: Any = {"AWS": ACCOUNT}
        if not self.caller.startswith("arn:"):
            who = "*"
        elif self.probed in ("boundary", "session") and self.chance.random() < 0.5:
            who = self.chance.choice(
                [{"AWS": self.caller}, {"AWS": ROLES.get(self.caller, self.caller)}, "*"]
            )
        found = {"Effect": "Allow", "Principal": who, "Action": "*"}
        return [found if self.target.action.startswith("sts:") else found | {"Resource": "*"}]

    def statement(self, kind: str) -> dict[str, Any]:
        chance = self.chance
        deny = kind == "rcps" or chance.random() < 0.35
        found: dict[str, Any] = {"Effect": "Deny" if deny else "Allow"}
        if kind == "rcps":
            found |= EVERYONE | {"Action": self.action(plain=False)}
        else:
            if kind == "vpc_endpoint":
                found |= EVERYONE
            elif kind == "resource":
                found |= self.principal(deny=deny)
            element = "NotAction" if chance.random() < 0.2 else "Action"
            found[element] = self.some(self.action, 2)
        trust = kind == "resource" and self.target.action.startswith("sts:")
        if not trust:
            element = "NotResource" if chance.random() < 0.2 and kind != "rcps" else "Resource"
            found[element] = self.some(self.pattern, 2)
        if chance.random() < 0.6:
            found["Condition"] = self.conditions()
        return found

    def some(self, make: Any, most: int) -> Any:
        found = list(dict.fromkeys(make() for _ in range(self.chance.randint(1, most))))
        return found[0] if len(found) == 1 and self.chance.random() < 0.7 else found

    def action(self, *, plain: bool = True) -> str:
        service, name = self.target.action.split(":")
        return self.chance.choice(
            [
                *(["*", "iam:*", "s3:Put*"] if plain else []),
                f"{service}:*",
                self.target.action,
                f"{service}:{name[:3]}*",
                f"{service}:?{name[1:]}",
                f"{service}:{name.lower()}",
                f"{service}:*{name[-3:]}",
            ]
        )

    def pattern(self) -> str:
        return self.chance.choice(["*", "*", self.resource, *self.patterns, "arn:aws:s3:::other/*"])

    def principal(self, *, deny: bool) -> dict[str, Any]:
        chance = self.chance
        who: Any = chance.choice(
            [
                "*",
                {"AWS": "*"},
                {"AWS": ACCOUNT},
                {"AWS": ROOT},
                {"AWS": OTHER},
                {"AWS": chance.choice([*USERS, *ROLES, *ROLES.values(), FEDERATED, FEDERATED])},
                {"AWS": [chance.choice([*USERS, *ROLES.values()]), chance.choice([OTHER, ROOT])]},
                {"Service": SERVICE},
                {"AWS": USERS[0], "Service": [SERVICE, "ec2.amazonaws.com"]},
            ]
        )
        if deny and chance.random() < 0.25:
            session = chance.choice(list(ROLES))
            who = chance.choice(
                [
                    {"AWS": [USERS[0], ROOT]},
                    {"AWS": [session, ROLES[session], ROOT]},
                    {"AWS": f"arn:aws:iam::{OTHER}:root"},
                    {"Service": SERVICE},
                    who,
                ]
            )
            return {"NotPrincipal": who}
        return {"Principal": who}

    def conditions(self) -> dict[str, Any]:
        block: dict[str, Any] = {}
        for _ in range(self.chance.choices([1, 2, 3], [6, 3, 1])[0]):
            operator, key, wanted = self.condition()
            block.setdefault(operator, {})[key] = wanted
        return block

    def condition(self) -> tuple[str, str, Any]:
        chance = self.chance
        name = chance.choice([*self.keys, *MFA, *MFA, *MFA])
        key = KEYS[name]
        shown = name.lower() if chance.random() < 0.1 else name
        if chance.random() < 0.1:
            return "Null", shown, chance.choice(["true", "false", True, False])
        families = OPERATORS[key.kind if chance.random() < 0.8 else "String"]
        operator = chance.choice(families)
        if chance.random() < (0.9 if key.several else 0.1):
            operator = f"{chance.choice(['ForAllValues', 'ForAnyValue'])}:{operator}"
        if chance.random() < 0.3:
            operator += "IfExists"
        pool: Sequence[str] = [*key.values, *key.wanted]
        return operator, shown, self.some(lambda: chance.choice(pool), 2)
