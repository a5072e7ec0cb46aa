"""One history of a made-up world: who is there, what they call, and what AWS records of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests import records
from tests.records import Record
from tests.scenarios.binding import bound_by, context_of, signed
from tests.scenarios.decide import Barrier, Call, decide, truth_of
from tests.scenarios.operations import SELF, Form, Operation, message_of
from tests.scenarios.policies import Policy, Statement
from tests.scenarios.world import Account, Caller, Label, Principal, World, managed, moved

__all__ = ["HOME", "OFFICE", "Case"]

HOME, OFFICE = "198.51.100.23", "203.0.113.8"
_START = datetime(2026, 6, 1, 6, tzinfo=UTC)
_ASSUME = Operation("sts:AssumeRole", "AssumeRole", "sts", "{role}")
_AGENTS = (
    "aws-cli/2.27.0 md/awscrt#0.26.1 ua/2.1 os/linux command/s3.ls",
    "Boto3/1.38.0 md/Botocore#1.38.0 ua/2.1 os/macos",
    "APN/1.0 HashiCorp/1.0 Terraform/1.11.0",
)


class Case:
    """One history, whose people and keys are in no other.

    Parameters
    ----------
    world
        Where it plays.
    situation
        What it is an example of.
    kind
        Which of the world's accounts.
    """

    def __init__(self, world: World, situation: str, kind: str = "plain") -> None:
        self.world, self.situation, self.account = world, situation, world.accounts[kind]
        self.random: Random = world.random
        self.levels = self.account.levels
        self.now = _START + timedelta(seconds=self.random.randrange(40_000))
        self.agent = self.random.choice(_AGENTS)
        self.names = {
            "bucket": world.name("example-reports"),
            "key": f"2026/{self.random.randrange(100)}.csv",
            "name": world.name("orders"),
            "hex": f"{self.random.getrandbits(60):016x}"[:16],
        }

    def chance(self, share: float) -> bool:
        """Whether something happens that happens in that share of cases."""
        return self.random.random() < share

    def wait(self, least: float, most: float | None = None) -> None:
        """Let seconds pass."""
        seconds = least if most is None else self.random.uniform(least, most)
        self.now += timedelta(seconds=max(1, round(seconds)))

    # Who is there.

    def user(self, *policies: Policy, **tags: str) -> Principal:
        """Return a user with these policies."""
        name = self.world.name(self.random.choice(("alice", "bob", "carol", "dan", "erin")))
        arn = f"arn:aws:iam::{self.account.id}:user/{name}"
        found = self._known(Principal(name, arn, self.account, list(policies), tags=tags))
        if policies and self.chance(0.2):
            self.group(found, found.policies.pop())
        return found

    def group(self, user: Principal, *policies: Policy) -> str:
        """Put a user into a new group with these policies, and return its name."""
        name = self.world.name("Developers")
        self.account.groups[name] = list(policies)
        user.groups.append(name)
        return name

    def role(
        self, *policies: Policy, trust: Policy | None = None, prefix: str = "Deploy"
    ) -> Principal:
        """Return a role with these policies."""
        name = self.world.name(prefix)
        arn = f"arn:aws:iam::{self.account.id}:role/{name}"
        own = trust or self.trust(self.account.id)
        return self._known(Principal(name, arn, self.account, list(policies), trust=own))

    def _known(self, principal: Principal) -> Principal:
        self.account.principals[principal.arn] = principal
        return principal

    def trust(self, *principals: str, when: Sequence[Any] = ()) -> Policy:
        """Return a trust policy."""
        actions = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
        statement = Statement("Allow", actions, tuple(when), principals=principals)
        return Policy("trust", (statement,))

    def policy(self, name: str, *statements: Statement, inline: float = 0.4) -> Policy:
        """Return a policy, managed or inline."""
        if self.chance(inline):
            return Policy(name, statements)
        return managed(self.account, self.world.name(name), *statements)

    # What they sign with.

    def key(self, user: Principal) -> Caller:
        """Return a user's long-term key."""
        identity = records.user(user.name, self.world.key("AKIA"))
        return Caller(user, moved(identity, self.account), long_term=True)

    def root_key(self) -> Caller:
        """Return root's key."""
        root = Principal("root", f"arn:aws:iam::{self.account.id}:root", self.account)
        identity = records.root(self.world.key("AKIA"))
        return Caller(root, moved(identity, self.account), long_term=True)

    def session_token(self, key: Caller, *, mfa: bool, recorded: bool = True) -> Caller:
        """Return a session of GetSessionToken."""
        user = key.principal
        signed = self.world.key("ASIA")
        identity = records.session(user.name, signed, mfa=mfa, since=self.time)
        request = {"durationSeconds": 43200} | (
            {"serialNumber": f"arn:aws:iam::{records.ACCOUNT}:mfa/{user.name}"} if mfa else {}
        )
        if recorded:
            self.issue("GetSessionToken", signed, key.identity, request)
        return Caller(
            user, moved(identity, self.account), mfa, self.now.replace(microsecond=0),
            session_token=True,
        )  # fmt: skip

    def console(self, user: Principal, *, mfa: bool, marked: bool = True) -> Caller:
        """Return a console session."""
        identity = records.session(user.name, self.world.key("ASIA"), mfa=mfa, since=self.time)
        agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
        fields = {"userAgent": agent, "sessionCredentialFromConsole": "true"}
        if not marked:
            fields.pop("sessionCredentialFromConsole")
        signed_in = records.user(user.name, None)
        self.note(
            "ConsoleLogin", "signin", by=signed_in, eventType="AwsConsoleSignIn",
            responseElements={"ConsoleLogin": "Success"},
            additionalEventData={"MFAUsed": "Yes" if mfa else "No"},
        )  # fmt: skip
        return Caller(
            user, moved(identity, self.account), mfa, self.now.replace(microsecond=0), fields=fields
        )

    def role_session(
        self,
        role: Principal,
        *,
        mfa: bool = False,
        by: Caller | None = None,
        event: str = "AssumeRole",
        session_policy: Policy | None = None,
        recorded: bool = True,
        name: str = "carol",
        shown: bool | None = None,
        context: Mapping[str, Any] | None = None,
        opener: Record | None = None,
    ) -> Caller:
        """Return a role session; `shown` is what policies see of MFA where that differs."""
        signed = self.world.key("ASIA")
        identity = records.role(
            role.name, name, signed, mfa=mfa, since=self.time, **(context or {})
        )
        request: Record = {"roleArn": role.arn, "roleSessionName": name}
        if mfa and by:
            request["serialNumber"] = f"arn:aws:iam::{records.ACCOUNT}:mfa/{by.principal.name}"
        if session_policy:
            request["policy"] = json.dumps(session_policy.document())
        opened_by = opener or (by.identity if by else None)
        if recorded and opened_by:
            self.issue(event, signed, opened_by, request)
        is_blind = event == "AssumeRole" and shown is None and not self.world.roles_show_mfa
        absent = is_blind or event != "AssumeRole"
        return Caller(
            role,
            moved(identity, self.account),
            (None if absent else mfa) if shown is None else shown,
            self.now.replace(microsecond=0),
            blind=is_blind,
            session_policy=session_policy,
        )

    # What they call.

    @property
    def time(self) -> str:
        """The moment, as CloudTrail writes it: in seconds."""
        return f"{self.now:%Y-%m-%dT%H:%M:%SZ}"

    def note(self, event: str, source: str, *, by: Record, **fields: Any) -> None:
        """Record a call that passed, whoever made it."""
        record = records.call(
            event, source, by=by, time=self.time, event_id=self.world.event_id(), **fields
        )
        self.world.record(moved(record, self.account))

    def issue(self, event: str, key: str, by: Record, request: Record) -> None:
        """Record that a temporary key was handed out."""
        record = records.issued(
            event, key, by=by, request=request, time=self.time, event_id=self.world.event_id()
        )
        self.world.record(moved(record, self.account))

    def by_admin(
        self, event: str, *, recorded: bool = True, source: str = "iam", **asked: Any
    ) -> None:
        """Record what an administrator changes; or not, where the archive lacks it."""
        if recorded:
            admin = records.role("Admin", "root-admin", mfa=True, since=self.time)
            self.note(
                event, source, by=admin, requestParameters=asked, readOnly=False,
                sourceIPAddress="192.0.2.77",
            )  # fmt: skip
        self.wait(1, 4)

    def _place(self, principal: Principal, policy: Policy) -> tuple[str, str, list[Policy]]:
        """Return what has a policy: a group of the user's, else the user or role."""
        groups = self.account.groups
        for name in principal.groups:
            if policy in groups[name]:
                return "Group", name, groups[name]
        kind = "User" if ":user/" in principal.arn else "Role"
        return kind, principal.name, principal.policies

    def attach(self, principal: Principal, policy: Policy, *, recorded: bool = True) -> None:
        """Give a user or role one more policy."""
        kind, owner, policies = self._place(principal, policy)
        policies.append(policy)
        asked = {f"{kind.lower()}Name": owner}
        if policy.arn:
            event, asked["policyArn"] = f"Attach{kind}Policy", policy.arn
        else:
            event, asked["policyName"] = f"Put{kind}Policy", policy.name
            asked["policyDocument"] = json.dumps(policy.document())
        self.by_admin(event, recorded=recorded, **asked)

    def detach(self, principal: Principal, policy: Policy, *, recorded: bool = True) -> None:
        """Take a policy from a user or role, or from the group that has it."""
        kind, owner, policies = self._place(principal, policy)
        policies.remove(policy)
        asked = {f"{kind.lower()}Name": owner}
        if policy.arn:
            event, asked["policyArn"] = f"Detach{kind}Policy", policy.arn
        else:
            event, asked["policyName"] = f"Delete{kind}Policy", policy.name
        self.by_admin(event, recorded=recorded, **asked)

    def rewrite(
        self, principal: Principal, old: Policy, *statements: Statement, recorded: bool = True
    ) -> None:
        """Give a policy another text."""
        kind, owner, policies = self._place(principal, old)
        new = replace(old, statements=statements)
        policies[policies.index(old)] = new
        asked: Record = {"policyDocument": json.dumps(new.document())}
        if old.arn:
            event, asked["policyArn"], asked["setAsDefault"] = "CreatePolicyVersion", old.arn, True
        else:
            event, asked["policyName"] = f"Put{kind}Policy", old.name
            asked[f"{kind.lower()}Name"] = owner
        self.by_admin(event, recorded=recorded, **asked)

    def self_service(self, caller: Caller, share: float = 0.7) -> None:
        """Make some of the calls that a policy that demands MFA leaves open."""
        for operation in SELF:
            if self.chance(share):
                self.call(caller, operation)

    def call(
        self,
        caller: Caller,
        operation: Operation,
        *,
        ip: str = HOME,
        region: str = "us-east-1",
        sse: str | None = None,
        key: str | None = None,
        resource_tags: Mapping[str, str] | None = None,
        seen: Sequence[Policy] | None = None,
        endpoint: Policy | None = None,
        owner: Account | None = None,
        form: Form | None = None,
        **fields: Any,
    ) -> bool:
        """Make a call, record it, and return whether it passed.

        Parameters
        ----------
        seen
            The caller's policies, where AWS does not know the latest yet.
        endpoint
            The policy of a VPC endpoint that the call comes through.
        owner
            The account that the resource is of, where it is another.
        """
        home = owner or self.account
        names = self.names | {"user": caller.principal.name} | ({"key": key} if key else {})
        places = names | {"account": home.id, "region": region}
        resource = operation.resource.format(**places)
        policies_of = operation.owner.format(**places) if operation.owner else None
        if policies_of:
            home.resources.setdefault(policies_of, None)
        bound = bound_by(caller, home, policies_of, seen)
        if operation.action.partition(":")[0] in ("s3", "sqs", "secretsmanager", "sts", "dynamodb"):
            bound["rcp"] = home.rcps
        if endpoint:
            bound["vpc_endpoint"] = (endpoint,)
            fields["vpcEndpointId"] = "vpce-0a1b2c3d4e5f67890"
        asked = operation.parameters(names)
        if sse and asked is not None:
            asked["x-amz-server-side-encryption"] = sse
        made = Call(
            operation.action,
            resource,
            context_of(
                caller, self.now, None if endpoint else ip, region, sse, names["key"], resource_tags
            ),
            caller.names,
            same_account=home is self.account,
            **signed(caller),
            bound=bound,
            levels=self.levels,
        )
        extra: Record = {"sourceIPAddress": "10.0.0.7" if endpoint else ip, "awsRegion": region}
        extra |= {"userAgent": self.agent, "readOnly": operation.is_read}
        extra["tlsDetails"] = {"tlsVersion": "TLSv1.3"}
        if operation.is_data:
            extra |= {"eventCategory": "Data", "managementEvent": False}
            kind = "AWS::S3::Object" if "{key}" in operation.resource else "AWS::Resource"
            extra["resources"] = [{"type": kind, "ARN": resource, "accountId": home.id}]
        extra |= {**caller.fields, **fields}
        return self._recorded(caller, operation, made, resource, asked, form, extra)

    def assume(
        self, caller: Caller, role: Principal, *, seen: Policy | None = None, serial: bool = False,
        ip: str = HOME, form: Form | None = None,
    ) -> bool:  # fmt: skip
        """Ask for a role, record it, and return whether it was given.

        Parameters
        ----------
        seen
            The trust policy, where AWS does not know the latest yet.
        serial
            Whether the request itself carries an MFA code.
        """
        context = context_of(caller, self.now, ip)
        if serial:
            context = replace(context, mfa=True, age=0)
        bound = bound_by(caller, self.account)
        bound["trust"] = (seen or role.trust or Policy("none", ()),)
        bound["rcp"] = role.account.rcps
        made = Call(
            "sts:AssumeRole", role.arn, context, caller.names, **signed(caller), bound=bound,
            levels=self.levels, must_name=True,
        )  # fmt: skip
        asked: Record = {"roleArn": role.arn, "roleSessionName": "carol"}
        if serial:
            asked["serialNumber"] = f"arn:aws:iam::{self.account.id}:mfa/{caller.principal.name}"
        answer = {"credentials": {"accessKeyId": self.world.key("ASIA")}}
        extra: Record = {"sourceIPAddress": ip, "userAgent": self.agent, **caller.fields}
        operation = replace(_ASSUME, resource=role.arn)
        return self._recorded(caller, operation, made, role.arn, asked, form, extra, answer)

    def _recorded(
        self, caller: Caller, operation: Operation, made: Call, resource: str, asked: Record | None,
        form: Form | None, extra: Record, answer: Record | None = None,
    ) -> bool:  # fmt: skip
        against = decide(made)
        record = records.call(
            operation.event, operation.source, by=caller.identity, time=self.time,
            event_id=self.world.event_id(), requestParameters=asked, responseElements=answer,
        )  # fmt: skip
        record = moved(record, self.account) | extra
        if not against:
            self.world.record(record)
            return True
        barrier: Barrier = self.random.choice(against)
        message = message_of(
            self.random, operation, barrier, to=caller.said, on=resource, form=form
        )
        record |= {"errorCode": operation.code, "responseElements": None}
        if operation.style != "s3" and self.chance(0.6):
            record["requestParameters"] = None
        if message is not None:
            record["errorMessage"] = message
        self.world.record(record, Label(self.situation, truth_of(made)))
        return False
