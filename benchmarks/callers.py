"""Who calls in a made-up trail: users with keys, tokens, roles and the console, people, machines.

A thousand users to an account. Some refused calls pass with MFA a minute later, and are refused again
without it. One stolen session of each account calls from a new address with a new program each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.operations import BUCKETS, Asked, Call, Draw, asked_for, bucket_acl, policy

__all__ = ["Day", "Timed"]

USERS, ROLES = 1000, 50

Timed = tuple[int, str]
"""The second of the day, and the record."""

_CLI = (
    "aws-cli/2.27.{0} md/awscrt#0.26.1 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.13.3 "
    "md/pyimpl#CPython m/N,b,E cfg/retry-mode#standard md/installer#exe md/prompt#off"
)
_BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/13{}.0.0.0 "
    "Safari/537.36"
)
_SDK = "Boto3/1.38.{} md/Botocore#1.38.1 ua/2.1 os/linux#6.1.0 lang/python#3.13.3 exec-env/EC2"

# The share of refused calls that the chances below make; another share is asked for by a factor.
_REFUSED = 0.1


@dataclass(slots=True)
class _Hand:
    """One caller with one credential at one place: what its records have in common."""

    identity: dict[str, Any]
    address: str
    program: str
    home: int
    refused: float = 0.05
    tail: str = ""
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = json.dumps(self.identity, separators=(",", ":"))

    @property
    def name(self) -> str:
        """The ARN that a message names."""
        return str(self.identity.get("arn", self.identity.get("invokedBy", "")))


class Day:
    """What is recorded in one account and region on one day.

    Parameters
    ----------
    seed
        Makes the day: equal seeds give equal records.
    account, region, day
        Where and when; the day as ``2026-06-01``.
    refused
        Share of calls that are refused.
    """

    def __init__(self, seed: str, *, account: str, region: str, day: str, refused: float) -> None:
        self._draw = Draw(seed)
        self._account, self._region, self._day = account, region, day
        self._iam, self._sts = f"arn:aws:iam::{account}", f"arn:aws:sts::{account}"
        self._often = refused / _REFUSED

    def records(self) -> Iterator[Timed]:
        """Yield records without end, one piece of work after another."""
        # Trials are made of refused calls, and IAM is recorded in one region only.
        factors: dict[_Work, float] = {
            Day.trial: self._often,
            Day.of_policies: self._region == "us-east-1",
        }
        works = list(_WORK)
        weights = [weight * factors.get(work, 1) for work, weight in _WORK.items()]
        while True:
            (work,) = self._draw.choices(works, weights)
            yield from work(self, self._draw.below(20 * 3600))

    def by_key(self, at: int) -> Iterator[Timed]:
        """A user's script works with a long-term key."""
        yield from self._calls(self._user(self._draw.below(USERS)), at)

    def with_token(self, at: int) -> Iterator[Timed]:
        """A user opens a session with MFA, less often without."""
        n, mfa = self._draw.below(USERS), self._draw.below(4) > 0
        opened, session = self._token(n, at, mfa=mfa)
        yield opened
        yield from self._calls(session, at)

    def with_role(self, at: int) -> Iterator[Timed]:
        """A user assumes a role, and every other time another one from it."""
        n = self._draw.below(USERS)
        opened, session = self._role(self._user(n), f"user-{n}", at)
        yield opened
        yield from self._calls(session, at)
        if n % 2:
            opened, session = self._role(session, f"user-{n}", at + 60)
            yield opened
            yield from self._calls(session, at + 60)

    def in_console(self, at: int) -> Iterator[Timed]:
        """A user signs in to the console, which calls with two keys."""
        n, mfa = self._draw.below(USERS), self._draw.below(3) > 0
        user = self._user(n, key=None)
        user.program = _BROWSER.format(n % 10)
        device = f',"MFAIdentifier":"{self._iam}:mfa/user-{n}"' if mfa else ""
        where = '"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No"'
        more = f'{{{where},"MFAUsed":"{"Yes" if mfa else "No"}"{device}}}'
        signed_in = Call(
            "signin", "ConsoleLogin", answer='{"ConsoleLogin":"Success"}', more=more, reads=False
        )
        yield self._record(user, at, signed_in, kind="AwsConsoleSignIn")
        for _ in range(2):
            session = self._session(user, at, mfa=mfa)
            session.tail = ',"sessionCredentialFromConsole":"true"'
            yield from self._calls(session, at)

    def federated(self, at: int) -> Iterator[Timed]:
        """A person whom an identity provider vouches for works in a role."""
        n = self._draw.below(USERS)
        person = _Hand(
            {"type": "SAMLUser", "principalId": f"idp:person-{n}", "userName": f"person-{n}"},
            f"192.0.2.{n % 256}",
            _CLI.format(n % 40),
            n,
        )
        opened, session = self._role(person, f"person-{n}", at, "AssumeRoleWithSAML")
        yield opened
        yield from self._calls(session, at)

    def by_machine(self, at: int) -> Iterator[Timed]:
        """An EC2 instance works in its role."""
        n = self._draw.below(USERS)
        service = self._service("ec2")
        opened, session = self._role(service, f"i-{n:017x}", at, delivery="2.0")
        session.address, session.program = f"10.0.{n % 4}.{n % 256}", _SDK.format(n % 40)
        yield opened
        yield from self._calls(session, at)

    def by_service(self, at: int) -> Iterator[Timed]:
        """An AWS service calls on its own behalf."""
        yield from self._calls(self._service("config"), at)

    def by_thief(self, at: int) -> Iterator[Timed]:
        """A stolen session is used from everywhere, with every program."""
        key = f"ASIASTOLEN{self._account[-10:]}"
        thief = self._assumed(0, "stolen", key, 0, refused=0.5 * self._often)
        for step in range(self._draw.below(28) + 12):
            thief.address = f"2001:db8::{self._draw.hexadecimal(16)}"
            thief.program = f"{self._draw.hexadecimal(16)}/{step} " * 8
            yield self._call(thief, at + step)

    def trial(self, at: int) -> Iterator[Timed]:
        """A user is refused, shows a code, passes, and is refused again without it."""
        n = self._draw.below(USERS)
        user = self._user(n)
        opened, session = self._token(n, at + 30, mfa=True)
        yield opened
        for bucket in (n % BUCKETS, (n + 1) % BUCKETS, (n + 2) % BUCKETS):
            asked = bucket_acl(self._asked(user), bucket)
            yield self._record(user, at, asked, refused=True)
            yield self._record(session, at + 60, asked)
            yield self._record(user, at + 120, asked, refused=True)

    def of_policies(self, at: int) -> Iterator[Timed]:
        """An administrator writes policies, of users and for all."""
        admin = self._session(self._user(1), at, mfa=True)
        for step in range(3):
            text = policy(self._draw, '\\"')
            whom = f'"userName":"user-{self._draw.below(USERS)}","policyName":"work"'
            request = f'{{{whom},"policyDocument":"{text}"}}'
            written = Call("iam", "PutUserPolicy", request, reads=False)
            yield self._record(admin, at + step, written)
        name = f'"policyName":"new-{at}"'
        answer = (
            f'{{"policy":{{{name},"policyId":"ANPA{self._draw.capitals(17)}","path":"/",'
            f'"arn":"{self._iam}:policy/new-{at}","defaultVersionId":"v1","attachmentCount":0}}}}'
        )
        request = f'{{{name},"policyDocument":"{policy(self._draw, chr(92) + chr(34))}"}}'
        created = Call("iam", "CreatePolicy", request, answer, reads=False)
        yield self._record(admin, at + 4, created)

    def _calls(self, hand: _Hand, at: int) -> Iterator[Timed]:
        for _ in range(self._draw.below(28) + 12):
            at += self._draw.below(300)
            yield self._call(hand, at)

    def _call(self, hand: _Hand, at: int) -> Timed:
        refused = self._draw.random() < hand.refused
        return self._record(hand, at, asked_for(self._asked(hand)), refused=refused)

    def _asked(self, hand: _Hand) -> Asked:
        return Asked(self._draw, self._account, self._region, hand.home)

    def _record(
        self,
        hand: _Hand,
        at: int,
        call: Call,
        *,
        refused: bool = False,
        kind: str = "AwsApiCall",
    ) -> Timed:
        at = min(at, 86_399)
        source, name, request, answer, more, resources, reads, data, version = call
        error = ""
        if refused:
            error, answer = self._refusal(hand, call), "null"
            request = request if source == "s3" else "null"
        more = more and f'"additionalEventData":{more},'
        resources = resources and f'"resources":{resources},'
        version = version and f'"apiVersion":"{version}",'
        tail = hand.tail if hand.tail is not _OF_SERVICE else f'{_OF_SERVICE}"{self._draw.uuid()}"'
        tls = "" if hand.tail is _OF_SERVICE else self._tls(source)
        text = (
            f'{{"eventVersion":"1.11","userIdentity":{hand.text},"eventTime":"{self._time(at)}",'
            f'"eventSource":"{source}.amazonaws.com","eventName":"{name}","awsRegion":'
            f'"{self._region}","sourceIPAddress":"{hand.address}","userAgent":"{hand.program}",'
            f'{error}"requestParameters":{request},"responseElements":{answer},{more}'
            f'"requestID":"{self._request_id(source)}","eventID":"{self._draw.uuid()}","readOnly":'
            f'{"true" if reads else "false"},{resources}"eventType":"{kind}",{version}'
            f'"managementEvent":{"false" if data else "true"},"recipientAccountId":'
            f'"{self._account}","eventCategory":"{"Data" if data else "Management"}"{tls}{tail}}}'
        )
        return at, text

    def _request_id(self, source: str) -> str:
        return self._draw.capitals(16) if source == "s3" else self._draw.uuid()

    def _tls(self, source: str) -> str:
        return (
            ',"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256",'
            f'"clientProvidedHostHeader":"{source}.{self._region}.amazonaws.com"}}'
        )

    def _refusal(self, hand: _Hand, call: Call) -> str:
        """Return code and message, in the form of the service."""
        code, action = "AccessDenied", f"{call.source}:{call.name}"
        told = f"User: {hand.name} is not authorized to perform: {action}"
        if call.source == "s3":
            told = "Access Denied"
        elif call.source == "ec2":
            code, sealed = "Client.UnauthorizedOperation", self._draw.opaque(480)
            told = (
                f"You are not authorized to perform this operation. {told} because no identity-based "
                f"policy allows the {action} action. Encoded authorization failure message: {sealed}"
            )
        elif hand.home % 4:
            told += f" because no identity-based policy allows the {action} action"
        else:
            told += " with an explicit deny in an identity-based policy"
        return f'"errorCode":"{code}","errorMessage":"{told}",'

    def _time(self, at: int) -> str:
        minutes, second = divmod(at, 60)
        hour, minute = divmod(minutes, 60)
        return f"{self._day}T{hour:02}:{minute:02}:{second:02}Z"

    def _user(self, n: int, *, key: str | None = "AKIA") -> _Hand:
        identity = {
            "type": "IAMUser",
            "principalId": f"AIDA{self._account[:4]}{n:013}",
            "arn": f"{self._iam}:user/user-{n}",
            "accountId": self._account,
            "userName": f"user-{n}",
        }
        if key:
            identity["accessKeyId"] = f"{key}{self._account[:4]}{n:012}"
        # A fourth of the users may do little without MFA.
        refused = (0.05 if n % 4 else 0.3) * self._often
        return _Hand(identity, f"198.51.100.{n % 256}", _CLI.format(n % 40), n, refused)

    def _service(self, name: str) -> _Hand:
        name = f"{name}.amazonaws.com"
        identity = {"type": "AWSService", "invokedBy": name}
        return _Hand(identity, name, name, 7, 0.05 * self._often, _OF_SERVICE)

    def _token(self, n: int, at: int, *, mfa: bool) -> tuple[Timed, _Hand]:
        user = self._user(n)
        session = self._session(user, at, mfa=mfa)
        request = f'{{"serialNumber":"{self._iam}:mfa/user-{n}"}}' if mfa else "null"
        answer = f'{{"credentials":{self._credentials(session)}}}'
        return self._record(user, at, Call("sts", "GetSessionToken", request, answer)), session

    def _credentials(self, session: _Hand) -> str:
        key, token = session.identity["accessKeyId"], self._draw.opaque(480)
        until = "Jun 2, 2026, 9:00:00 AM"
        return f'{{"accessKeyId":"{key}","sessionToken":"{token}","expiration":"{until}"}}'

    def _session(self, user: _Hand, at: int, *, mfa: bool) -> _Hand:
        context = {"sessionIssuer": {}, "webIdFederationData": {}, **self._attributes(at, mfa=mfa)}
        key = self._new_key()
        identity = {**user.identity, "accessKeyId": key, "sessionContext": context}
        refused = 0.05 * self._often if mfa else user.refused
        return _Hand(identity, user.address, user.program, user.home, refused)

    def _role(
        self, by: _Hand, name: str, at: int, operation: str = "AssumeRole", *, delivery: str = ""
    ) -> tuple[Timed, _Hand]:
        n = self._draw.below(ROLES)
        refused = 0.1 * self._often
        session = self._assumed(n, name, self._new_key(), at, refused=refused, delivery=delivery)
        session.address, session.program = by.address, by.program
        request = f'{{"roleArn":"{self._iam}:role/role-{n}","roleSessionName":"{name}"}}'
        ids = f'"assumedRoleId":"{session.identity["principalId"]}","arn":"{session.name}"'
        answer = f'{{"credentials":{self._credentials(session)},"assumedRoleUser":{{{ids}}}}}'
        arn = f'"type":"AWS::IAM::Role","ARN":"{self._iam}:role/role-{n}"'
        resources = f'[{{"accountId":"{self._account}",{arn}}}]'
        opened = Call("sts", operation, request, answer, resources=resources)
        return self._record(by, at, opened), session

    def _assumed(
        self, n: int, name: str, key: str, at: int, *, refused: float, delivery: str = ""
    ) -> _Hand:
        issuer = {
            "type": "Role",
            "principalId": f"AROA{self._account[:4]}{n:013}",
            "arn": f"{self._iam}:role/role-{n}",
            "accountId": self._account,
            "userName": f"role-{n}",
        }
        context = {"sessionIssuer": issuer, **self._attributes(at, mfa=False)}
        if delivery:
            context["ec2RoleDelivery"] = delivery
        identity = {
            "type": "AssumedRole",
            "principalId": f"AROA{self._account[:4]}{n:013}:{name}",
            "arn": f"{self._sts}:assumed-role/role-{n}/{name}",
            "accountId": self._account,
            "accessKeyId": key,
            "sessionContext": context,
        }
        return _Hand(identity, "198.51.100.1", _CLI.format(0), n, refused)

    def _attributes(self, at: int, *, mfa: bool) -> dict[str, Any]:
        began = self._time(min(at, 86_399))
        return {"attributes": {"creationDate": began, "mfaAuthenticated": str(mfa).lower()}}

    def _new_key(self) -> str:
        return f"ASIA{self._draw.capitals(16)}"


_OF_SERVICE = ',"sharedEventID":'

_Work = Callable[[Day, int], Iterator[Timed]]

_WORK: dict[_Work, float] = {
    Day.by_key: 34,
    Day.with_token: 22,
    Day.with_role: 12,
    Day.in_console: 6,
    Day.federated: 6,
    Day.by_machine: 10,
    Day.by_service: 4,
    Day.trial: 4,
    Day.by_thief: 1,
    Day.of_policies: 1,
}
