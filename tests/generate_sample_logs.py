"""Make ``sample_logs/``: a day in a made-up account, in CloudTrail's own layout on S3.

::

    python -m tests.generate_sample_logs

The same files come out each time. Names, keys and addresses are those that AWS's documentation
and RFC 5737 set aside for examples.
"""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests import records
from tests.records import ACCOUNT, BUCKET, MFA_FORCED, Record, call, denied, issued, refusal

FOLDER = Path(__file__).parent.parent / "sample_logs"

ALICE_KEY = "AKIAIOSFODNN7ALICE00"
ALICE_SESSION = "ASIAIOSFODNN7ALICE01"
ALICE_LATER = "ASIAIOSFODNN7ALICE02"
CONSOLE = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BY_MFA_POLICY = f"with an explicit deny in an identity-based policy: {MFA_FORCED}"
BY_AGE_POLICY = (
    "with an explicit deny in an identity-based policy: "
    f"arn:aws:iam::{ACCOUNT}:policy/MFA_Recent_For_Delete"
)
OBJECT = f"arn:aws:s3:::{BUCKET}/2026/q2.csv"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/alice-phone"


def story() -> list[Record]:
    """Return every record of the day, in order of time."""
    chance = random.Random(2026)  # noqa: S311
    days = [*alice(), *bob(), *carol(), *dave(), *erin(), *workload(), *noise(chance)]
    days.sort(key=lambda record: record["eventTime"])
    for record in days:
        record["eventID"] = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        record["requestID"] = f"{chance.getrandbits(64):016X}"
    return days


def at(clock: str) -> str:
    """Return a time of that day."""
    return f"2026-06-01T{clock}Z"


def s3_object(name: str, **fields: Any) -> Record:
    """Return a data event on the one object, denied where there is a message."""
    make = denied if "message" in fields else call
    return make(
        name,
        "s3",
        **fields,
        requestParameters={"bucketName": BUCKET, "key": "2026/q2.csv"},
        resources=[
            {"type": "AWS::S3::Object", "ARN": OBJECT},
            {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{BUCKET}"},
        ],
        managementEvent=False,
        eventCategory="Data",
    )


def alice() -> list[Record]:
    """Alice's key is refused, she asks for a session with MFA and passes; later it is too old."""
    key = records.user("alice", ALICE_KEY)
    morning = records.session("alice", ALICE_SESSION, mfa=True, since=at("09:07:30"))
    afternoon = records.session("alice", ALICE_LATER, mfa=True, since=at("15:24:10"))
    device = {"durationSeconds": 43200, "serialNumber": DEVICE}
    no_buckets = refusal("s3:ListAllMyBuckets", why=BY_MFA_POLICY)
    no_object = refusal("s3:GetObject", on=f'"{OBJECT}"', why=BY_MFA_POLICY)
    no_delete = refusal("s3:DeleteObject", on=f'"{OBJECT}"', why=BY_AGE_POLICY)
    return [
        denied("ListBuckets", by=key, time=at("09:02:11"), message=no_buckets),
        denied("ListBuckets", by=key, time=at("09:02:58"), message=no_buckets),
        s3_object("HeadObject", by=key, time=at("09:03:40"), message=no_object),
        call("GetCallerIdentity", "sts", by=key, time=at("09:05:02")),
        call("ListMFADevices", "iam", by=key, time=at("09:06:15")),
        issued("GetSessionToken", ALICE_SESSION, by=key, request=device, time=at("09:07:30")),
        call("ListBuckets", by=morning, time=at("09:08:04")),
        s3_object("HeadObject", by=morning, time=at("09:08:41")),
        s3_object("GetObject", by=morning, time=at("09:08:42")),
        s3_object("DeleteObject", by=morning, time=at("15:21:37"), message=no_delete)
        | {"readOnly": False},
        issued("GetSessionToken", ALICE_LATER, by=key, request=device, time=at("15:24:10")),
        s3_object("DeleteObject", by=afternoon, time=at("15:24:55")) | {"readOnly": False},
    ]


def bob() -> list[Record]:
    """Bob signs in to the console without MFA, and its pages stay empty."""
    console = records.session("bob", "ASIAIOSFODNN7BOB0000", mfa=False, since=at("10:00:05"))
    marks = {"sessionCredentialFromConsole": "true", "userAgent": CONSOLE}
    to = f"arn:aws:iam::{ACCOUNT}:user/bob"
    why = "You are not authorized to perform this operation. "
    return [
        call(
            "ConsoleLogin",
            "signin",
            by=records.user("bob", None),
            time=at("10:00:05"),
            responseElements={"ConsoleLogin": "Success"},
            additionalEventData={"LoginTo": "https://console.aws.amazon.com/", "MFAUsed": "No"},
            eventType="AwsConsoleSignIn",
            userAgent=CONSOLE,
        ),
        *(
            denied(
                f"Describe{what}",
                "ec2",
                by=console,
                time=at(f"10:00:{second}"),
                code="Client.UnauthorizedOperation",
                message=why + refusal(f"ec2:Describe{what}", to=to, why=BY_MFA_POLICY),
                **marks,
            )
            for what, second in (("Instances", 21), ("Volumes", 22), ("Vpcs", 23))
        ),
    ]


def carol() -> list[Record]:
    """Carol's calls are refused for reasons that AWS tells, and for some that it does not."""
    key = records.user("carol", "AKIAIOSFODNN7CAROL00")
    mfa = records.session("carol", "ASIAIOSFODNN7CAROL03", mfa=True, since=at("11:08:00"))
    deploy = records.role("Deploy", "carol", "ASIAIOSFODNN7CAROL01", mfa=True, since=at("11:10:00"))
    athena = records.session("carol", "ASIAIOSFODNN7CAROL02", mfa=False, since=at("11:30:00"))
    to = f"arn:aws:iam::{ACCOUNT}:user/carol"
    table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"
    no_allow = "because no identity-based policy allows the dynamodb:DeleteTable action"
    return [
        # The bucket is another organization's: S3 does not say why.
        denied(
            "ListObjects",
            by=key,
            time=at("11:02:30"),
            requestParameters={"bucketName": "partner-exchange"},
        ),
        denied(
            "AssumeRole",
            "sts",
            by=key,
            time=at("11:05:12"),
            message=refusal("sts:AssumeRole", to=to, on=f"arn:aws:iam::{ACCOUNT}:role/Admin"),
        ),
        issued(
            "AssumeRole",
            "ASIAIOSFODNN7CAROL01",
            by=mfa,
            request={
                "roleArn": f"arn:aws:iam::{ACCOUNT}:role/Deploy",
                "roleSessionName": "carol",
            },
            time=at("11:10:00"),
        ),
        denied(
            "DeleteTable",
            "dynamodb",
            by=deploy,
            time=at("11:12:44"),
            code="AccessDeniedException",
            message=refusal("dynamodb:DeleteTable", to=deploy["arn"], on=table, why=no_allow),
            readOnly=False,
        ),
        # Athena reads S3 with her credentials, and to S3 they look like a session without MFA.
        s3_object(
            "GetObject",
            by={**athena, "invokedBy": "athena.amazonaws.com"},
            time=at("11:30:03"),
            message=refusal("s3:GetObject", to=to, on=f'"{OBJECT}"', why=BY_MFA_POLICY),
            sourceIPAddress="athena.amazonaws.com",
            userAgent="athena.amazonaws.com",
        ),
    ]


def dave() -> list[Record]:
    """Dave signs in through the company's identity provider; what he lacks is a permission."""
    name = "AWSReservedSSO_ReadOnly_0123456789abcdef"
    person = "dave@example.com"
    by = records.role(name, person, "ASIAIOSFODNN7DAVE000", since=at("13:00:00"))
    provider = {
        "type": "SAMLUser",
        "principalId": f"EXAMPLE:{person}",
        "userName": person,
        "identityProvider": "EXAMPLE",
    }
    no_allow = "because no identity-based policy allows the s3:PutObject action"
    return [
        issued(
            "AssumeRoleWithSAML",
            "ASIAIOSFODNN7DAVE000",
            by=provider,
            request={"roleArn": by["sessionContext"]["sessionIssuer"]["arn"]},
            time=at("13:00:00"),
        ),
        s3_object(
            "PutObject",
            by=by,
            time=at("13:04:19"),
            message=refusal("s3:PutObject", to=by["arn"], on=f'"{OBJECT}"', why=no_allow),
            sourceIPAddress="203.0.113.77",
        )
        | {"readOnly": False},
    ]


def erin() -> list[Record]:
    """Erin, with MFA, is stopped by the organization: no servers in that region."""
    by = records.role("Admin", "erin", "ASIAIOSFODNN7ERIN000", mfa=True, since=at("14:00:00"))
    scp = "arn:aws:organizations::444455556666:policy/o-example/service_control_policy/p-example"
    return [
        denied(
            "RunInstances",
            "ec2",
            by=by,
            time=at("14:06:30"),
            code="Client.UnauthorizedOperation",
            message="You are not authorized to perform this operation. "
            + refusal(
                "ec2:RunInstances",
                to=by["arn"],
                on=f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*",
                why=f"with an explicit deny in a service control policy: {scp}",
            ),
            awsRegion="eu-west-1",
            readOnly=False,
        ),
    ]


def workload() -> list[Record]:
    """A server asks for a secret that its role may not read, every hour."""
    by = records.role(
        "web-server",
        "i-0123456789abcdef0",
        "ASIAIOSFODNN7EC20000",
        since=at("00:10:00"),
        ec2RoleDelivery="2.0",
    )
    secret = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-AbCdEf"
    why = "because no identity-based policy allows the secretsmanager:GetSecretValue action"
    return [
        denied(
            "GetSecretValue",
            "secretsmanager",
            by=by,
            time=at(f"{hour:02}:15:00"),
            code="AccessDeniedException",
            message=refusal("secretsmanager:GetSecretValue", to=by["arn"], on=secret, why=why),
            sourceIPAddress="192.0.2.10",
            userAgent="aws-sdk-java/2.31.0",
        )
        for hour in range(1, 24, 2)
    ]


def noise(chance: random.Random) -> list[Record]:
    """Log delivery that is refused all day, and a day's ordinary calls that pass."""
    start = datetime.fromisoformat(at("00:00:00"))
    refused = [
        denied(
            "PutObject",
            by=records.service(),
            time=f"{start + timedelta(minutes=5 * step, seconds=7):%Y-%m-%dT%H:%M:%SZ}",
            requestParameters={"bucketName": "flow-logs", "key": f"AWSLogs/{step:04}.log.gz"},
            sourceIPAddress="delivery.logs.amazonaws.com",
            userAgent="delivery.logs.amazonaws.com",
            managementEvent=False,
            eventCategory="Data",
            readOnly=False,
        )
        for step in range(288)
    ]
    server = records.role(
        "web-server",
        "i-0123456789abcdef0",
        "ASIAIOSFODNN7EC20000",
        since=at("00:10:00"),
        ec2RoleDelivery="2.0",
    )
    passed = [
        call(
            *chance.choice((("DescribeInstances", "ec2"), ("GetParameter", "ssm"))),
            by=server,
            time=f"{start + timedelta(seconds=chance.randrange(86_400)):%Y-%m-%dT%H:%M:%SZ}",
            sourceIPAddress="192.0.2.10",
            userAgent="aws-sdk-java/2.31.0",
        )
        for _ in range(150)
    ]
    return refused + passed


def files() -> dict[Path, list[Record]]:
    """Return each file's path below the folder, and its records: one an hour and region.

    CloudTrail delivers at least once: alice's first denial comes a second time, an hour later.
    """
    by_file: dict[Path, list[Record]] = defaultdict(list)
    for number, record in enumerate(days := story()):
        hour = int(record["eventTime"][11:13])
        by_file[_path(record["awsRegion"], hour)].append(record)
        if record["eventName"] == "ListBuckets" and "errorCode" in record:
            by_file[_path(record["awsRegion"], hour + 1)].append(days[number])
    return dict(by_file)


def _path(region: str, hour: int) -> Path:
    unique = random.Random(f"{region}{hour}").choices("0123456789abcdefghijklmnopqrstuvwxyz", k=16)  # noqa: S311
    name = f"{ACCOUNT}_CloudTrail_{region}_20260601T{hour:02}55Z_{''.join(unique)}.json.gz"
    return Path("AWSLogs", ACCOUNT, "CloudTrail", region, "2026", "06", "01", name)


if __name__ == "__main__":
    for path, found in files().items():
        records.write_log(FOLDER / path, found)
