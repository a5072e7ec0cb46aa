"""Cases: calls that no policy tells apart are one, and each has the policies that bind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtrail_mfa.evidence.cases import Case, Cases
from cloudtrail_mfa.evidence.requests import worlds_of
from cloudtrail_mfa.iam import evaluate
from cloudtrail_mfa.iam.account import Account, Entity
from tests.evidence.rows import NOW, ROLE, ROW
from tests.iam.test_account import policy
from tests.records import ACCOUNT

ALICE, DEPLOY = str(ROW["principal_arn"]), str(ROLE["role_arn"])
OTHER = "444455556666"


def accounts(tags: Mapping[str, str] | None = None, **elements: Any) -> dict[str, Account]:
    """Return an account in which everybody has one policy."""
    has = (policy(**elements),)
    entities = {arn: Entity(arn, has, tags=tags or {}) for arn in (ALICE, DEPLOY)}
    return {ACCOUNT: Account(entities, (), (), {})}


def case(known: Mapping[str, Account], **fields: Any) -> Case:
    found = Cases(known).case(ROW | fields)
    assert found is not None
    return found


def groups(known: Mapping[str, Account], *rows: dict[str, Any]) -> list[int]:
    """Return the number of each row's case."""
    frame = pd.DataFrame([ROW | row for row in rows])
    for name in ("event_time", "session_started"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return Cases(known).group(frame).tolist()


SESSION = {"credential_kind": "session_token", "mfa_present": "true"}
TASK = {
    "event_source": "iam.amazonaws.com",
    "operation": "CreateUser",
    "iam_action": "iam:CreateUser",
    "event_action": "iam:CreateUser",
}
LATER = {"event_time": NOW + pd.Timedelta("10min")}
AGE = {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}


@pytest.mark.parametrize(
    ("condition", "one", "other", "same"),
    [
        ({}, {}, LATER, True),
        ({}, {}, {"source_ip": "192.0.2.1", "user_agent": "x"}, True),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, {}, {"source_ip": "192.0.2.1"}, False),
        ({}, {}, {"principal_arn": "arn:aws:iam::1:user/bob"}, False),
        ({}, {}, {"resource_arn": "arn:aws:s3:::b/other"}, True),
        ({}, {}, {"resource_arn": "arn:aws:s3:::other/k"}, True),
        ({}, {}, {"request_parameters": '{"key":"k"}'}, True),
        ({}, {}, {"request_parameters": '{"tags":[{"key":"a"}]}'}, True),
        (
            {},
            TASK,
            TASK | {"request_parameters": '{"tags":[{"key":"a"}]}'},
            False,
        ),
        ({"StringLike": {"s3:prefix": "a/*"}}, {}, {"request_parameters": '{"prefix":"a"}'}, False),
        (
            AGE,
            SESSION | {"session_started": NOW},
            SESSION | {"session_started": NOW} | LATER,
            True,
        ),
        (
            AGE,
            SESSION | {"session_started": NOW - pd.Timedelta("55min")},
            SESSION | {"session_started": NOW - pd.Timedelta("55min")} | LATER,
            False,
        ),
        (
            {"DateGreaterThan": {"aws:CurrentTime": "2026-06-01T09:05:00Z"}},
            {},
            LATER,
            False,
        ),
    ],
)
def test_calls_are_told_apart_where_a_policy_does(
    condition: dict[str, Any], one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    """By who asks for what, and by whatever a condition looks at."""
    first, second = groups(accounts(Condition=condition), one, other)
    assert (first == second) is same


def test_a_case_has_the_policies_that_bind_it() -> None:
    """Those of whoever calls."""
    known = accounts()
    found = case(known)
    assert found.account_id == ACCOUNT
    assert found.policies(known).identity == (policy(),)


def test_across_accounts_the_owners_policies_bind() -> None:
    """Where its account is in the evidence."""
    bucket = policy(Principal={"AWS": ALICE})
    known = accounts() | {OTHER: Account({}, (), (), {"arn:aws:s3:::b": bucket})}
    found = case(known, resource_account=OTHER)
    assert found.policies(known).resource == (bucket,)
    assert found.policies(accounts()).resource is None


def test_an_account_that_is_not_known() -> None:
    """Nothing can be said of its callers."""
    with pytest.raises(KeyError):
        Cases({}).case(ROW)


def test_what_names_too_little_is_no_case() -> None:
    """Nothing is evaluated for it."""
    assert Cases(accounts()).case(ROW | {"iam_action": None}) is None


@pytest.mark.parametrize(
    ("fields", "session"),
    [
        ({}, ()),
        ({"credential_kind": "root_key"}, ()),
        (ROLE, None),
        (ROLE | {"session_policy": False}, ()),
        (ROLE | {"session_policy": True}, None),
    ],
)
def test_a_session_may_bring_a_policy(fields: dict[str, Any], session: tuple[()] | None) -> None:
    """Only a role's; where the request for it is recorded, it tells whether."""
    assert case(accounts(), **fields).session == session


def test_what_a_call_needs_besides_has_a_context_of_its_own() -> None:
    """What the record tells of resource and operation holds for the main request alone."""
    names = ("aws:ResourceAccount", "s3:x-amz-acl", "aws:username")
    known = accounts(Condition={"StringEquals": dict.fromkeys(names, "x")})
    copy = {
        "operation": "UploadPartCopy",
        "iam_action": "s3:PutObject",
        "event_action": "s3:PutObject",
        "resource_account": ACCOUNT,
        "request_parameters": '{"x-amz-copy-source": "other/k", "x-amz-acl": "private"}',
    }
    found = case(known, **copy)
    (source,) = found.also
    assert source.resource == "arn:aws:s3:::other/k"
    assert [found.request.context.get(key) for key in names] == [
        (ACCOUNT,),
        ("private",),
        ("alice",),
    ]
    assert [source.context.get(key) for key in names] == [None, None, ("alice",)]


TEAM = {"StringEquals": {"aws:PrincipalTag/team": "x", "aws:PrincipalTag/Site": "y"}}
GIVEN = '[{"key": "Team", "value": "given"}]'


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("own",), ()]),
        (ROLE, [None, None]),
        (ROLE | {"session_tags": "[]"}, [("own",), ()]),
        (ROLE | {"session_tags": GIVEN}, [("given",), ()]),
        (ROLE | {"session_tags": '{"TEAM": "saml"}'}, [("saml",), ()]),
        (ROLE | {"session_tags": "{"}, [None, None]),
        ({"principal_arn": f"arn:aws:iam::{ACCOUNT}:user/gone"}, [None, None]),
        ({"principal_arn": f"arn:aws:iam::{ACCOUNT}:root"}, [(), ()]),
    ],
)
def test_tags_of_who_calls(fields: dict[str, Any], expected: list[tuple[str, ...] | None]) -> None:
    """The export's own, under those that the session was given; unknown where that is."""
    known = accounts(tags={"Team": "own"}, Condition=TEAM)
    context = case(known, **fields).request.context
    assert [context.get("aws:PrincipalTag/team"), context.get("aws:PrincipalTag/site")] == expected


CONDITIONS = [
    {},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": ["3300", "3600"]}},
    {"DateLessThan": {"aws:TokenIssueTime": "2026-06-01T08:30:00Z"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2026-06-01T09:05:00Z"}},
    {"StringLike": {"s3:prefix": "a/*"}},
    {"StringEquals": {"aws:PrincipalTag/team": "${aws:RequestTag/team}"}},
    {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
    {"Null": {"aws:SourceVpce": "false"}},
    {"Bool": {"aws:ViaAWSService": "true"}},
]
RESOURCES = ["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", "arn:*:b/k", "*k"]
FIELDS: dict[str, list[Any]] = {
    "credential_kind": ["long_term_key", "session_token", "forwarded", "console"],
    "mfa_present": ["absent", "true", "false", None],
    "session_started": [None, NOW - pd.Timedelta("55min"), NOW - pd.Timedelta("1h")],
    "event_time": [NOW, NOW + pd.Timedelta("10min")],
    "resource_arn": [
        None,
        "*",
        "user bob",
        "arn:aws:s3:::b/k",
        "arn:aws:s3:::b/alice/k",
        "arn:aws:s3:::c",
    ],
    "iam_action": ["s3:GetObject", "sts:AssumeRole", None],
    "request_parameters": [
        None,
        "{}",
        '{"prefix": "a/b"}',
        '{"serialNumber": "arn:aws:iam::111122223333:mfa/x"}',
        '{"tags": [{"key": "team", "value": "x"}]}',
        '{"x-amz-acl": "private"}',
    ],
    "source_ip": ["198.51.100.23", "10.0.0.1", "athena.amazonaws.com"],
    "vpc_endpoint_id": [None, "vpce-1"],
    "invoked_by": [None, "athena.amazonaws.com"],
}
rows = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FIELDS.items()})
statements = st.fixed_dictionaries(
    {
        "effect": st.sampled_from(["Allow", "Deny"]),
        "Resource": st.sampled_from(RESOURCES),
        "Condition": st.sampled_from(CONDITIONS),
    }
)


def evaluated(known: Mapping[str, Account], row: dict[str, Any]) -> object:
    """Return all that comes of a row when it is looked at by itself."""
    found = Cases(known).case(row)
    if found is None:
        return None
    asked = (found.request, *found.also)
    return found.needs.closed, [
        evaluate(request, found.policies(known, each))
        for each in asked
        for world in worlds_of(each, row)
        for request in (world.actual, world.with_mfa, world.without_mfa)
    ]


@settings(max_examples=400)
@given(
    st.lists(statements, min_size=1, max_size=3),
    rows,
    st.dictionaries(st.sampled_from(sorted(FIELDS)), st.integers(0, 5), max_size=2),
)
def test_what_is_one_case_has_one_answer(
    policies: list[dict[str, Any]], row: dict[str, Any], changed: dict[str, int]
) -> None:
    """Whatever the policies: rows that differ in a field or two are one case only where it is moot."""
    known = {
        ACCOUNT: Account(
            {ALICE: Entity(ALICE, tuple(policy(**each) for each in policies), tags={"team": "x"})},
            (),
            (),
            {"arn:aws:s3:::b": None},
        )
    }
    other = row | {name: FIELDS[name][at % len(FIELDS[name])] for name, at in changed.items()}
    first, second = groups(known, row, other)
    if first == second:
        assert evaluated(known, ROW | row) == evaluated(known, ROW | other)
