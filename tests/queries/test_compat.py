"""Tables of other tools: what was published for them runs as it is.

The queries ask what published ones ask, by the same columns, functions and idioms:
https://hub.tailpipe.io/plugins/turbot/aws/queries/aws_cloudtrail_log,
https://hub.powerpipe.io/mods/turbot/tailpipe-mod-aws-cloudtrail-log-detections,
https://docs.aws.amazon.com/athena/latest/ug/query-examples-cloudtrail-logs.html,
https://docs.aws.amazon.com/athena/latest/ug/tips-for-querying-cloudtrail-logs.html.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from tests.records import ACCOUNT, BUCKET, call, denied, role, root, session, user, write_log

POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}
CIPHER = "ECDHE-RSA-AES128-SHA"
TLS = {"tlsVersion": "TLSv1", "cipherSuite": CIPHER, "clientProvidedHostHeader": "s3.example"}
ARN = f"arn:aws:s3:::{BUCKET}"
RESOURCES = [{"ARN": ARN, "accountId": ACCOUNT, "type": "AWS::S3::Bucket"}]
NOBODY = {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
PROVIDER: dict[str, Any] = {
    "webIdFederationData": {"federatedProvider": "accounts.example", "attributes": {"aud": "x"}}
}
RECORDS = [
    denied(event_id="refused"),
    call("DescribeInstances", "ec2", event_id="ec2", awsRegion="eu-west-1", managementEvent=None),
    call(
        "ConsoleLogin",
        "signin",
        by=root(),
        event_id="root",
        time="2026-06-01T21:30:00Z",
        additionalEventData={"MFAUsed": "No"},
        responseElements={"ConsoleLogin": "Success"},
    ),
    call(
        "ConsoleLogin",
        "signin",
        event_id="failed",
        errorMessage="Failed authentication",
        errorCode="Failed",
        responseElements={"ConsoleLogin": "Failure"},
    ),
    call("StopLogging", "cloudtrail", by=role(), event_id="stopped", readOnly=False),
    call(
        "AttachUserPolicy",
        "iam",
        by=session(mfa=True),
        event_id="attached",
        readOnly=False,
        requestParameters={"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/Admin"},
    ),
    call(
        "AddUserToGroup",
        "iam",
        event_id="grouped",
        readOnly=False,
        requestParameters={"userName": "bob", "groupName": "Administrators"},
    ),
    call(
        "PutBucketPolicy",
        event_id="public",
        readOnly=False,
        requestParameters={"bucketName": BUCKET, "bucketPolicy": POLICY},
        resources=RESOURCES,
    ),
    call(
        "GetObject",
        by=NOBODY,
        event_id="anonymous",
        time="2026-06-02T09:00:00Z",
        requestParameters={"bucketName": BUCKET, "key": "a"},
        resources=RESOURCES,
        tlsDetails=TLS,
    ),
    call("AssumeRole", "sts", by=role(**PROVIDER), event_id="assumed", sourceIPAddress="192.0.2.1"),
    call(
        "GetObject", event_id="again", addendum={"reason": "UPDATED_DATA", "originalEventID": "x"}
    ),
]

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake of one event of each kind that the queries look for."""
    folder = tmp_path_factory.mktemp("compat")
    lake = Lake(folder / "lake")
    assert lake.ingest(write_log(folder / "log.json.gz", RECORDS), workers=1).complete
    return lake


def rows(lake: Lake, query: str) -> Rows:
    return [tuple(row) for row in lake.sql(query).itertuples(index=False)]


TAILPIPE: dict[str, tuple[str, Rows]] = {
    "events a day": (
        """select strftime(event_time, '%Y-%m-%d') as event_date, count(*) as event_count
        from aws_cloudtrail_log group by event_date order by event_date asc;""",
        [("2026-06-01", 10), ("2026-06-02", 1)],
    ),
    "most frequent events": (
        """select event_source, event_name, count(*) as event_count from aws_cloudtrail_log
        group by event_source, event_name, order by event_count desc, event_name limit 1;""",
        [("signin.amazonaws.com", "ConsoleLogin", 2)],
    ),
    "writes": (
        "select count(*) as n from aws_cloudtrail_log where not read_only;",
        [(4,)],
    ),
    "error codes": (
        """select error_code, count(*) as event_count from aws_cloudtrail_log
        where error_code is not null group by error_code order by error_code;""",
        [("AccessDenied", 1), ("Failed", 1)],
    ),
    "logging stopped": (
        """select event_time, user_identity.arn as user_arn, recipient_account_id as account_id
        from aws_cloudtrail_log where event_source = 'cloudtrail.amazonaws.com'
        and event_name in ('StopLogging', 'DeleteTrail') and error_code is null
        order by event_time desc;""",
        [(pd.Timestamp("2026-06-01 09:00"), f"{role()['arn']}", ACCOUNT)],
    ),
    "root": (
        """select tp_index, additional_event_data ->> 'MFAUsed' as mfa from aws_cloudtrail_log
        where user_identity.type = 'Root' and (response_elements ->> 'ConsoleLogin') = 'Success';
        """,
        [(ACCOUNT, "No")],
    ),
    "regions": (
        "select event_id from aws_cloudtrail_log where aws_region not in ('us-east-1');",
        [("ec2",)],
    ),
    "addresses": (
        """select distinct tp_source_ip from aws_cloudtrail_log
        where source_ip_address not like '%.amazonaws.com' and tp_source_ip <> '198.51.100.23';""",
        [("192.0.2.1",)],
    ),
    "permissions of users": (
        """select tp_timestamp as timestamp,
        string_split(event_source, '.')[1] || ':' || event_name as operation,
        request_parameters ->> 'userName' as resource, tp_id as source_id
        from aws_cloudtrail_log where event_name in ('AttachUserPolicy', 'PutUserPolicy');""",
        [(pd.Timestamp("2026-06-01 09:00"), "iam:AttachUserPolicy", "bob", "attached")],
    ),
    "made an administrator": (
        """select event_id from aws_cloudtrail_log where event_name = 'AddUserToGroup'
        and (request_parameters ->> 'groupName') ilike '%admin%';""",
        [("grouped",)],
    ),
    "a bucket made public": (
        """select request_parameters ->> 'bucketName' as bucket from aws_cloudtrail_log
        where event_name = 'PutBucketPolicy'
        and json_contains(request_parameters -> 'bucketPolicy', '{"Principal": "*"}')
        and json_contains(request_parameters -> 'bucketPolicy', '{"Effect": "Allow"}');""",
        [(BUCKET,)],
    ),
    "all columns of one": (
        """select *, tp_akas[1] as first from aws_cloudtrail_log
        where event_name = 'GetObject' and tp_date = '2026-06-03';""",
        [],
    ),
    "a burst": (
        """select user_identity.arn as user_arn, count(*) as event_count,
        date_trunc('hour', event_time) as event_hour from aws_cloudtrail_log
        where event_source = 'iam.amazonaws.com' group by user_identity.arn, event_hour
        having count(*) > 1 order by event_count desc;""",
        [(user()["arn"], 2, pd.Timestamp("2026-06-01 09:00"))],
    ),
    "out of hours": (
        """select event_id from aws_cloudtrail_log
        where cast(strftime(event_time, '%H') as integer) >= 20
        or cast(strftime(event_time, '%H') as integer) < 6;""",
        [("root",)],
    ),
    "sessions with MFA": (
        """select event_id from aws_cloudtrail_log
        where user_identity.session_context.attributes.mfa_authenticated = 'true'
        and user_identity.session_context.attributes.creation_date = 1780304400000;""",
        [("attached",)],
    ),
    "who and what": (
        """select tp_usernames, tp_akas, tp_ips, resources -> 0 ->> 'type' as type
        from aws_cloudtrail_log where event_id = 'public';""",
        [(["AKIAIOSFODNN7ALICE00", "alice"], [ARN], ["198.51.100.23"], "AWS::S3::Bucket")],
    ),
    "old TLS": (
        """select tls_details.cipher_suite as suite from aws_cloudtrail_log
        where tls_details.tls_version in ('TLSv1', 'TLSv1.1');""",
        [(CIPHER,)],
    ),
    "nothing said": (
        """select count(*) as n from aws_cloudtrail_log where request_parameters is null
        and response_elements is null and tls_details is null and tp_akas is null;""",
        [(5,)],
    ),
}


@pytest.mark.parametrize("name", TAILPIPE)
def test_what_is_written_for_tailpipe_runs(lake: Lake, name: str) -> None:
    """Its table has the columns, types and nulls that queries for it rely on."""
    query, expected = TAILPIPE[name]
    assert [_plain(row) for row in rows(lake, query)] == expected


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(cell.tolist() if hasattr(cell, "tolist") else cell for cell in row)


ATHENA: dict[str, tuple[str, Rows]] = {
    "who called what": (
        """SELECT useridentity.arn, eventname, sourceipaddress, eventtime
        FROM cloudtrail_logs WHERE eventid = 'refused' LIMIT 100;""",
        [(user()["arn"], "ListBuckets", "198.51.100.23", "2026-06-01T09:00:00Z")],
    ),
    "a user's day": (
        """SELECT eventid FROM cloudtrail_logs WHERE userIdentity.userName = 'alice'
        AND eventTime >= '2026-06-01T00:00:00Z' AND eventTime < '2026-06-02T00:00:00Z'
        AND eventName LIKE 'Put%';""",
        [("public",)],
    ),
    "anonymous requests": (
        f"""SELECT eventid FROM cloudtrail_logs WHERE eventsource = 's3.amazonaws.com'
        AND eventname in ('GetObject') AND useridentity.accountid = 'anonymous'
        AND useridentity.arn IS NULL AND requestparameters LIKE '%{BUCKET}%';""",
        [("anonymous",)],
    ),
    "old TLS": (
        """SELECT eventsource, COUNT(*) AS calls FROM cloudtrail_logs
        WHERE tlsDetails.tlsVersion IN ('TLSv1', 'TLSv1.1') GROUP BY eventsource;""",
        [("s3.amazonaws.com", 1)],
    ),
    "refused calls": (
        """SELECT errorcode, count(*) AS n FROM cloudtrail_logs
        WHERE errorcode IN ('Client.UnauthorizedOperation', 'AccessDenied') GROUP BY 1;""",
        [("AccessDenied", 1)],
    ),
    "sign-ins without MFA": (
        """SELECT useridentity.type FROM cloudtrail_logs WHERE eventname = 'ConsoleLogin'
        AND json_extract_scalar(additionaleventdata, '$.MFAUsed') = 'No'
        AND json_extract_scalar(responseelements, '$.ConsoleLogin') = 'Success';""",
        [("Root",)],
    ),
    "calls of sessions without MFA": (
        """SELECT eventid FROM cloudtrail_logs
        WHERE useridentity.sessioncontext.attributes.mfaauthenticated = 'false'
        AND useridentity.sessioncontext.sessionissuer.username = 'Deploy' ORDER BY eventid;""",
        [("assumed",), ("stopped",)],
    ),
    "writes": (
        "SELECT count(*) AS n FROM cloudtrail_logs WHERE readonly = 'false';",
        [(4,)],
    ),
    "a partition": (
        """SELECT eventid FROM cloudtrail_logs WHERE account = '111122223333'
        AND region = 'us-east-1' AND year = '2026' AND month = '06' AND day = '02';""",
        [("anonymous",)],
    ),
    "projected partitions": (
        """SELECT eventid FROM cloudtrail_logs
        WHERE "timestamp" BETWEEN '2026/06/02' AND '2026/06/30';""",
        [("anonymous",)],
    ),
    "times": (
        """SELECT eventid FROM cloudtrail_logs
        WHERE from_iso8601_timestamp(eventtime) > timestamp '2026-06-02 00:00:00 UTC'
        AND date_parse(eventtime, '%Y-%m-%dT%H:%i:%sZ') < date_add('day', 1, date '2026-06-02')
        AND eventtime < date_format(now(), '%Y-%m-%dT%H:%i:%sZ')
        AND eventtime < date_format(current_timestamp - interval '1' hour, '%Y-%m-%dT%T');""",
        [("anonymous",)],
    ),
    "resources": (
        """SELECT eventid, r.arn FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS t(r)
        WHERE r.type = 'AWS::S3::Bucket' AND cardinality(resources) = 1 ORDER BY eventid;""",
        [("anonymous", ARN), ("public", ARN)],
    ),
    "patterns": (
        """SELECT array_join(array_agg(DISTINCT eventname), ',') AS names,
        approx_distinct(eventid) AS n
        FROM cloudtrail_logs WHERE regexp_like(eventname, '^(Put|Stop)') AND eventname <> 'x'
        GROUP BY eventname HAVING eventname LIKE 'P%';""",
        [("PutBucketPolicy", 1)],
    ),
    "federated sessions": (
        """SELECT useridentity.sessioncontext.webidfederationdata.attributes['aud'] AS audience
        FROM cloudtrail_logs
        WHERE useridentity.sessioncontext.webidfederationdata.federatedprovider IS NOT NULL;""",
        [("x",)],
    ),
    "delivered again": (
        """SELECT addendum.reason, addendum.originaleventid FROM cloudtrail_logs
        WHERE addendum IS NOT NULL;""",
        [("UPDATED_DATA", "x")],
    ),
}


@pytest.mark.parametrize("name", ATHENA)
def test_what_is_written_for_athena_runs(lake: Lake, name: str) -> None:
    """The table has AWS's columns and types, and Athena's functions are there."""
    query, expected = ATHENA[name]
    assert rows(lake, query) == expected


def test_athenas_functions_are_there_for_its_table_alone(lake: Lake) -> None:
    """Whoever asks in DuckDB's words gets DuckDB's functions."""
    query = "select date_add(date '2026-06-01', interval 1 day) as next from events limit 1"
    assert rows(lake, query) == [(pd.Timestamp("2026-06-02"),)]


def test_the_types_are_those_of_the_tables(lake: Lake) -> None:
    """A column that a query takes for JSON, a time or a list is one."""
    tailpipe = lake.describe("aws_cloudtrail_log").set_index("column")["type"]
    for name in ("request_parameters", "resources", "response_elements", "additional_event_data"):
        assert tailpipe[name] == "JSON"
    assert tailpipe["event_time"] == tailpipe["tp_timestamp"] == "TIMESTAMP"
    assert (tailpipe["tp_date"], tailpipe["tp_akas"]) == ("DATE", "VARCHAR[]")
    assert (tailpipe["read_only"], tailpipe["user_agent"]) == ("BOOLEAN", "VARCHAR")
    athena = lake.describe("cloudtrail_logs").set_index("column")["type"]
    texts = {name for name, type_ in athena.items() if type_ == "VARCHAR"}
    others = {"useridentity", "resources", "addendum", "tlsdetails"}
    assert set(athena.index) - texts == others


def test_what_duckdb_does_not_take_for_json_ends_no_query(tmp_path: Path) -> None:
    """One hostile record is null there; the events hold what it said."""
    text = '{"Records":[{"eventID":"x","eventName":"y","awsRegion":"z","eventTime":"no",'
    log = tmp_path / "log.json"
    log.write_text(text + '"requestParameters":{"a":"\\ud83d"},"resources":"none","addendum":7}]}')
    lake = Lake(tmp_path / "lake")
    assert lake.ingest(log, workers=1).complete
    query = "select request_parameters is null as a, tp_akas, event_time from aws_cloudtrail_log"
    assert lake.sql(query)["a"].tolist() == [True]
    query = "select requestparameters, resources, eventtime, addendum from cloudtrail_logs"
    row = lake.sql(query).iloc[0]
    assert row["requestparameters"] == '{"a":"\\ud83d"}'
    assert row["addendum"]["reason"] is None
