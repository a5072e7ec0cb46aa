"""A made-up trail for measuring: seeded, quickly written, no two records alike.

A thousand users work with keys, tokens, roles and the console, beside federated people, machines and
services; one in ten calls is refused. Some refused calls pass with MFA minutes later, and are refused
again without it. One stolen session calls from a new address with a new program each time.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

__all__ = ["write_trail"]

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
STS = f"arn:aws:sts::{ACCOUNT}"
USERS, BUCKETS, ROLES, DAYS = 1000, 200, 50, 30
A_FILE = 20_000
FIRST_DAY = date(2026, 6, 1)

# What is called, with the parameters that its record holds.
_OPERATIONS = (
    ("s3", "GetObject", True),
    ("s3", "PutObject", True),
    ("s3", "GetObject", True),
    ("s3", "ListObjects", True),
    ("s3", "ListBuckets", False),
    ("ec2", "DescribeInstances", False),
    ("ec2", "StartInstances", False),
    ("iam", "ListUsers", False),
    ("iam", "GetUser", False),
    ("lambda", "ListFunctions20150331", False),
    ("kms", "Decrypt", False),
    ("dynamodb", "DescribeTable", False),
)
_CLI = "aws-cli/2.27.{} md/awscrt#0.26.1 ua/2.1 os/linux"
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/14{}.0"
_SDK = "Boto3/1.38.{} md/Botocore#1.38.1 ua/2.1 os/linux exec-env/EC2"


@dataclass(slots=True)
class _Hand:
    """One caller with one credential at one place: what its records have in common."""

    identity: dict[str, Any]
    address: str
    program: str
    refused: float = 0.05
    more: str = ""
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = json.dumps(self.identity, separators=(",", ":"))


class _Day:
    """The writer of one file: the records of a day."""

    def __init__(self, number: int, day: date) -> None:
        self._chance = Random(2026_000 + number)  # noqa: S311
        self._day = day.isoformat()

    def records(self) -> Iterator[str]:
        """Yield records without end, one piece of work after another."""
        names, weights = zip(*_WORK, strict=True)
        while True:
            (work,) = self._chance.choices(names, weights)
            yield from work(self, self._below(20 * 3600))

    def by_key(self, at: int) -> Iterator[str]:
        """A user's script works with a long-term key."""
        yield from self._calls(self._user(self._below(USERS)), at)

    def with_token(self, at: int) -> Iterator[str]:
        """A user opens a session with MFA, less often without."""
        n, mfa = self._below(USERS), self._below(4) > 0
        opened, session = self._token(n, at, mfa=mfa)
        yield opened
        yield from self._calls(session, at)

    def with_role(self, at: int) -> Iterator[str]:
        """A user assumes a role, and every other time another one from it."""
        n = self._below(USERS)
        opened, session = self._role(self._user(n), f"user-{n}", at)
        yield opened
        yield from self._calls(session, at)
        if n % 2:
            opened, session = self._role(session, f"user-{n}", at + 60)
            yield opened
            yield from self._calls(session, at + 60)

    def in_console(self, at: int) -> Iterator[str]:
        """A user signs in to the console, which calls with two keys."""
        n, mfa = self._below(USERS), self._below(3) > 0
        user = self._user(n, key=None)
        user.program = _BROWSER.format(n % 10)
        more = (
            ',"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":'
            f'{{"MFAUsed":"{"Yes" if mfa else "No"}"}},"eventType":"AwsConsoleSignIn"'
        )
        yield self._record(user, at, "signin", "ConsoleLogin", more)
        for _ in range(2):
            session = self._session(user, at, mfa=mfa)
            session.more = ',"sessionCredentialFromConsole":"true"'
            yield from self._calls(session, at)

    def federated(self, at: int) -> Iterator[str]:
        """A person whom an identity provider vouches for works in a role."""
        n = self._below(USERS)
        person = _Hand(
            {"type": "SAMLUser", "principalId": f"idp:person-{n}", "userName": f"person-{n}"},
            f"192.0.2.{n % 256}",
            _CLI.format(n % 40),
        )
        opened, session = self._role(person, f"person-{n}", at, "AssumeRoleWithSAML")
        yield opened
        yield from self._calls(session, at)

    def by_machine(self, at: int) -> Iterator[str]:
        """An EC2 instance works in its role."""
        n = self._below(USERS)
        service = self._service("ec2")
        opened, session = self._role(service, f"i-{n:017x}", at)
        session.address, session.program = f"10.0.{n % 4}.{n % 256}", _SDK.format(n % 40)
        yield opened
        yield from self._calls(session, at)

    def by_service(self, at: int) -> Iterator[str]:
        """An AWS service calls on its own behalf."""
        yield from self._calls(self._service("config"), at)

    def by_thief(self, at: int) -> Iterator[str]:
        """A stolen session is used from everywhere, with every program."""
        thief = self._assumed(0, "stolen", "ASIASTOLEN0000000000", 0, refused=0.5)
        for step in range(self._below(28) + 12):
            bits = self._chance.getrandbits(64)
            thief.address = f"2001:db8::{bits:x}"
            thief.program = f"{bits:016x}/{step} " * 8
            yield self._call(thief, at + step)

    def trial(self, at: int) -> Iterator[str]:
        """A user is refused, shows a code, passes, and is refused again without it."""
        n = self._below(USERS)
        user = self._user(n)
        opened, session = self._token(n, at + 30, mfa=True)
        yield opened
        for bucket in self._own_buckets(n):
            asked = f',"requestParameters":{{"bucketName":"bucket-{bucket}"}}'
            refused = asked + _REFUSED
            yield self._record(user, at, "s3", "GetBucketAcl", refused)
            yield self._record(session, at + 60, "s3", "GetBucketAcl", asked)
            yield self._record(user, at + 120, "s3", "GetBucketAcl", refused)

    def of_policies(self, at: int) -> Iterator[str]:
        """An administrator writes policies, of users and for all."""
        admin = self._session(self._user(1), at, mfa=True)
        for step in range(3):
            whom = f'"userName":"user-{self._below(USERS)}","policyName":"work"'
            more = f',"requestParameters":{{{whom}}}'
            yield self._record(admin, at + step, "iam", "PutUserPolicy", more)
        asked = ',"requestParameters":{"policyName":"new","policyDocument":"{}"}'
        yield self._record(admin, at + 4, "iam", "CreatePolicy", asked)

    def _below(self, end: int) -> int:
        return int(self._chance.random() * end)

    def _calls(self, hand: _Hand, at: int) -> Iterator[str]:
        for _ in range(self._below(28) + 12):
            at += self._below(300)
            yield self._call(hand, at)

    def _call(self, hand: _Hand, at: int) -> str:
        source, name, on_object = _OPERATIONS[self._below(len(_OPERATIONS))]
        refused = self._chance.random() < hand.refused
        if not on_object:
            return self._record(hand, at, source, name, _REASONED if refused else "")
        bucket = self._own_buckets(len(hand.text))[self._below(3)]
        # Half of the objects are asked for again and again.
        n = self._below(40) if self._below(2) else self._chance.getrandbits(40)
        asked = f',"requestParameters":{{"bucketName":"bucket-{bucket}","key":"2026/{n}.csv"}}'
        return self._record(hand, at, source, name, asked + _REFUSED if refused else asked)

    def _record(self, hand: _Hand, at: int, source: str, name: str, more: str) -> str:
        minutes, second = divmod(min(at, 86_399), 60)
        hour, minute = divmod(minutes, 60)
        return (
            f'{{"eventVersion":"1.11","userIdentity":{hand.text},'
            f'"eventTime":"{self._day}T{hour:02}:{minute:02}:{second:02}Z",'
            f'"eventSource":"{source}.amazonaws.com","eventName":"{name}",'
            f'"awsRegion":"{"us-east-1" if at % 3 else "eu-west-1"}",'
            f'"sourceIPAddress":"{hand.address}","userAgent":"{hand.program}",'
            f'"eventID":"{self._chance.getrandbits(128):032x}","recipientAccountId":"{ACCOUNT}",'
            f'"tlsDetails":{{"tlsVersion":"TLSv1.3"}}{hand.more}{more}}}'
        )

    def _own_buckets(self, n: int) -> tuple[int, int, int]:
        return n % BUCKETS, (n + 1) % BUCKETS, (n + 2) % BUCKETS

    def _user(self, n: int, *, key: str | None = "AKIA") -> _Hand:
        identity = {
            "type": "IAMUser",
            "principalId": f"AIDA{n:017}",
            "arn": f"{IAM}:user/user-{n}",
            "accountId": ACCOUNT,
            "userName": f"user-{n}",
        }
        if key:
            identity["accessKeyId"] = f"{key}{n:016}"
        # A fourth of the users may do little without MFA.
        refused = 0.05 if n % 4 else 0.3
        return _Hand(identity, f"198.51.100.{n % 256}", _CLI.format(n % 40), refused)

    def _service(self, name: str) -> _Hand:
        name = f"{name}.amazonaws.com"
        return _Hand({"type": "AWSService", "invokedBy": name}, name, name)

    def _token(self, n: int, at: int, *, mfa: bool) -> tuple[str, _Hand]:
        user = self._user(n)
        session = self._session(user, at, mfa=mfa)
        request = {"serialNumber": f"{IAM}:mfa/user-{n}"} if mfa else {}
        key = {"accessKeyId": session.identity["accessKeyId"]}
        more = _answer(request, {"credentials": key})
        return self._record(user, at, "sts", "GetSessionToken", more), session

    def _session(self, user: _Hand, at: int, *, mfa: bool) -> _Hand:
        context = {"sessionContext": {"attributes": self._attributes(at, mfa=mfa)}}
        identity = {**user.identity, "accessKeyId": self._new_key(), **context}
        return _Hand(identity, user.address, user.program, 0.05 if mfa else user.refused)

    def _role(
        self, by: _Hand, name: str, at: int, operation: str = "AssumeRole"
    ) -> tuple[str, _Hand]:
        n = self._below(ROLES)
        session = self._assumed(n, name, self._new_key(), at, refused=0.1)
        session.address, session.program = by.address, by.program
        request = {"roleArn": f"{IAM}:role/role-{n}", "roleSessionName": name}
        answer = {
            "credentials": {"accessKeyId": session.identity["accessKeyId"]},
            "assumedRoleUser": {"arn": session.identity["arn"]},
        }
        return self._record(by, at, "sts", operation, _answer(request, answer)), session

    def _assumed(self, n: int, name: str, key: str, at: int, *, refused: float) -> _Hand:
        issuer = {"type": "Role", "arn": f"{IAM}:role/role-{n}", "userName": f"role-{n}"}
        attributes = self._attributes(at, mfa=False)
        identity = {
            "type": "AssumedRole",
            "principalId": f"AROA{n:017}:{name}",
            "arn": f"{STS}:assumed-role/role-{n}/{name}",
            "accountId": ACCOUNT,
            "accessKeyId": key,
            "sessionContext": {"sessionIssuer": issuer, "attributes": attributes},
        }
        return _Hand(identity, "198.51.100.1", _CLI.format(0), refused)

    def _attributes(self, at: int, *, mfa: bool) -> dict[str, str]:
        minutes, second = divmod(min(at, 86_399), 60)
        hour, minute = divmod(minutes, 60)
        began = f"{self._day}T{hour:02}:{minute:02}:{second:02}Z"
        return {"creationDate": began, "mfaAuthenticated": str(mfa).lower()}

    def _new_key(self) -> str:
        return f"ASIA{self._chance.getrandbits(64):016X}"


_REFUSED = ',"errorCode":"AccessDenied","errorMessage":"Access Denied"'
_REASONED = (
    ',"errorCode":"AccessDenied","errorMessage":"User: arn:aws:iam::111122223333:user/someone is not'
    ' authorized to perform: iam:ListUsers with an explicit deny in an identity-based policy"'
)

_WORK: tuple[tuple[Callable[[_Day, int], Iterator[str]], float], ...] = (
    (_Day.by_key, 34),
    (_Day.with_token, 22),
    (_Day.with_role, 12),
    (_Day.in_console, 6),
    (_Day.federated, 6),
    (_Day.by_machine, 10),
    (_Day.by_service, 4),
    (_Day.trial, 4),
    (_Day.by_thief, 1),
    (_Day.of_policies, 1),
)


def _answer(request: dict[str, Any], answer: dict[str, Any]) -> str:
    return f',"requestParameters":{json.dumps(request)},"responseElements":{json.dumps(answer)}'


def _write_file(task: tuple[Path, int, int, int]) -> None:
    folder, number, files, records = task
    day = FIRST_DAY + timedelta(days=number * DAYS // files)
    text = ",".join(islice(_Day(number, day).records(), records))
    path = folder / f"{number:06}.json.gz"
    path.write_bytes(gzip.compress(f'{{"Records":[{text}]}}'.encode(), 1))


def write_trail(folder: Path, events: int, *, workers: int = 2) -> None:
    """Write the trail, gzipped, in files as CloudTrail delivers them, in order of time.

    Parameters
    ----------
    folder
        Where to; it is made.
    events
        How many records.
    workers
        Processes that write.
    """
    folder.mkdir(parents=True)
    files = -(-events // A_FILE)
    tasks = [(folder, n, files, min(A_FILE, events - n * A_FILE)) for n in range(files)]
    with get_context("spawn").Pool(workers) as pool:
        pool.map(_write_file, tasks, chunksize=4)
