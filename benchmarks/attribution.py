"""Time the attribution of many denials, with and without policies to evaluate.

::

    python -m benchmarks.attribution --denials 1000000 --repeats 3

A seeded generator makes an account of many users, sessions, buckets and roles, the export of its
policies, and a log of refused calls; each object, time and session differs. Medians of the repeats
are printed, with the peak memory of the process.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cloudtrail_mfa import Evidence, Lake

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
FORCED = f"{IAM}:policy/MFA_Forced"
USERS, BUCKETS, ROLES = 1000, 200, 50
START = datetime(2026, 6, 1, tzinfo=UTC)
MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def write_evidence(folder: Path) -> None:
    """Write the export: users in ten teams, each with its buckets; roles; control policies."""
    forced = document(
        {
            "Sid": "NoMFA",
            "Effect": "Deny",
            "NotAction": ["iam:ListMFADevices", "sts:GetSessionToken"],
            "Resource": "*",
            "Condition": {"BoolIfExists": {MFA: "false"}, "Bool": {"aws:ViaAWSService": "false"}},
        },
        {
            "Sid": "OldMFA",
            "Effect": "Deny",
            "Action": "s3:DeleteObject",
            "Resource": "*",
            "Condition": {"NumericGreaterThanIfExists": {AGE: "3600"}},
        },
    )
    groups = [
        {
            "GroupName": f"team-{team}",
            "Arn": f"{IAM}:group/team-{team}",
            "GroupPolicyList": [
                {"PolicyName": "work", "PolicyDocument": document(_work(team))},
            ],
            "AttachedManagedPolicies": [{"PolicyName": "MFA_Forced", "PolicyArn": FORCED}],
        }
        for team in range(10)
    ]
    details = {
        "UserDetailList": [
            {
                "UserName": f"user-{n}",
                "Arn": f"{IAM}:user/user-{n}",
                "GroupList": [f"team-{n % 10}"],
            }
            for n in range(USERS)
        ],
        "GroupDetailList": groups,
        "RoleDetailList": [
            {
                "RoleName": f"role-{n}",
                "Arn": f"{IAM}:role/role-{n}",
                "RolePolicyList": [
                    {"PolicyName": "p", "PolicyDocument": document(_work(n % 10))},
                ],
                "AssumeRolePolicyDocument": document(),
            }
            for n in range(ROLES)
        ],
        "Policies": [
            {
                "Arn": FORCED,
                "PolicyVersionList": [{"Document": forced, "IsDefaultVersion": True}],
            }
        ],
    }
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    (folder / "scp").mkdir(parents=True)
    (folder / "rcp").mkdir()
    (folder / "account-authorization-details.json").write_text(json.dumps(details))
    (folder / "scp" / "FullAWSAccess.json").write_text(json.dumps(everything))
    buckets = {f"arn:aws:s3:::bucket-{n}": None for n in range(BUCKETS)}
    (folder / "resource-policies.json").write_text(json.dumps(buckets))


def _work(team: int) -> dict[str, Any]:
    resources = [f"arn:aws:s3:::bucket-{n}" for n in range(team, BUCKETS, 10)]
    resources += [f"{arn}/*" for arn in resources]
    return {"Effect": "Allow", "Action": ["s3:*", "ec2:Describe*"], "Resource": [*resources, "*"]}


def denials(number: int) -> Iterator[dict[str, Any]]:
    """Yield refused calls: by keys, by sessions with MFA and without, by roles."""
    chance = random.Random(2026)  # noqa: S311
    for n in range(number):
        at = START + timedelta(seconds=chance.randrange(30 * 86_400))
        yield {
            "eventVersion": "1.11",
            "userIdentity": _identity(chance, at),
            "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "awsRegion": "us-east-1",
            "sourceIPAddress": f"198.51.100.{chance.randrange(256)}",
            "userAgent": f"aws-cli/2.{chance.randrange(40)}",
            "errorCode": "AccessDenied",
            "eventID": f"{chance.getrandbits(128):032x}",
            "eventType": "AwsApiCall",
            "managementEvent": False,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Data",
            "tlsDetails": {"tlsVersion": "TLSv1.3"},
            **_asked(chance, n),
        }


def _identity(chance: random.Random, at: datetime) -> dict[str, Any]:
    kind = chance.choice(("key", "key", "mfa", "nomfa", "role"))
    if kind == "role":
        n = chance.randrange(ROLES)
        issuer = {"type": "Role", "arn": f"{IAM}:role/role-{n}", "userName": f"role-{n}"}
        return {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/role-{n}/s",
            "accountId": ACCOUNT,
            **_session(f"role-{n}", at, "false", {"sessionIssuer": issuer}),
        }
    n = chance.randrange(USERS)
    user = {
        "type": "IAMUser",
        "arn": f"{IAM}:user/user-{n}",
        "accountId": ACCOUNT,
        "userName": f"user-{n}",
    }
    if kind == "key":
        return {**user, "accessKeyId": f"AKIA{n:016}"}
    used = "true" if kind == "mfa" else "false"
    return {**user, **_session(f"user-{n}", at, used, {})}


def _session(who: str, at: datetime, mfa: str, context: dict[str, Any]) -> dict[str, Any]:
    """Return the session of that day: each caller opens one each morning."""
    attributes = {"creationDate": f"{at:%Y-%m-%d}T00:00:00Z", "mfaAuthenticated": mfa}
    key = f"{random.Random(f'{who} {at:%d} {mfa}').getrandbits(64):016X}"  # noqa: S311
    return {"accessKeyId": f"ASIA{key}", "sessionContext": {"attributes": attributes, **context}}


def _asked(chance: random.Random, n: int) -> dict[str, Any]:
    name = chance.choice(("GetObject", "PutObject", "DeleteObject", "HeadObject", "RunInstances"))
    if name == "RunInstances":
        return {"eventSource": "ec2.amazonaws.com", "eventName": name, "requestParameters": None}
    bucket, key = f"bucket-{chance.randrange(BUCKETS)}", f"2026/{n}.csv"
    return {
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "errorMessage": "Access Denied",
        "requestParameters": {"bucketName": bucket, "key": key, "Host": "s3.amazonaws.com"},
        "resources": [
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
            {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ],
    }


def write_logs(folder: Path, number: int, *, a_file: int = 10_000) -> None:
    """Write the log, gzipped, in files as CloudTrail delivers them."""
    folder.mkdir()
    found, batch = denials(number), 0
    while records := [record for _, record in zip(range(a_file), found, strict=False)]:
        text = json.dumps({"Records": records}).encode()
        (folder / f"{batch:06}.json.gz").write_bytes(gzip.compress(text, 1))
        batch += 1


def timed(repeats: int, work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median of seconds, and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--denials", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_evidence(folder / "evidence")
        write_logs(folder / "logs", options.denials)
        lake = Lake(folder / "lake")
        lake.ingest(folder / "logs", workers=2)
        evidence = Evidence.load(folder / "evidence")
        plain, _ = timed(options.repeats, lake.denials)
        seconds, rows = timed(options.repeats, lambda: lake.denials(evidence=evidence))
    proven = int((rows["certainty"] == "proven").sum())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{len(rows):,} denials, medians of {options.repeats}")
    print(f"without evidence: {plain:.1f} s")
    print(f"with evidence:    {seconds:.1f} s, {proven:,} proven")
    print(f"peak memory:      {peak:.1f} GiB")


if __name__ == "__main__":
    main()
