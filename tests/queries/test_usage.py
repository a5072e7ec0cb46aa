"""usage: what speaks for MFA, what against it, and what tells nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudtrail_mfa import Lake
from tests.records import ACCOUNT, Record, call, denied, issued, role, root, service, session, user

ROLE_KEY = "ASIAIOSFODNN7ROLE000"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/alice"
SSO = role("AWSReservedSSO_Admin_0123456789abcdef", "alice@example.com", "ASIAIOSFODNN7SSO0000")


def opened(by: Record, **request: Any) -> Record:
    """Return the call that opens the session of the role."""
    return issued("AssumeRole", ROLE_KEY, by=by, request=request, eventID="opened")


@pytest.fixture
def usage(lake_of: Callable[..., Lake]) -> Callable[..., list[dict[Any, Any]]]:
    """Return a function that gives the rows that are not of a session's opening."""

    def rows(*records: Record) -> list[dict[Any, Any]]:
        found = lake_of(*records).sql("select * from usage where event_id <> 'opened' order by all")
        return found.to_dict("records")

    return rows


CASES: dict[str, tuple[list[Record], str]] = {
    "long-term key": ([call(by=user())], "long_term_key"),
    "root's key": ([call(by=root())], "long_term_key"),
    "session with MFA": ([call(by=session(mfa=True))], "with_mfa"),
    "session without MFA": ([call(by=session(mfa=False))], "without_mfa"),
    "session whose MFA is not recorded": ([call(by=session(mfa=None))], "not_told"),
    "single sign-on, of which CloudTrail says false": ([call(by=SSO)], "not_told"),
    "role that a user opened without MFA": ([opened(user()), call(by=role())], "without_mfa"),
    "role that a user opened with MFA": (
        [opened(user(), serialNumber=SERIAL), call(by=role(mfa=True))],
        "with_mfa",
    ),
    "role whose opening is not in the lake: perhaps SAML": ([call(by=role())], "not_told"),
    "role that another role opened: MFA does not outlive that": (
        [opened(role("Base", key="ASIAIOSFODNN7BASE000")), call(by=role())],
        "not_told",
    ),
    "instance": ([call(by=role("App", "i-0123456789abcdef0"))], "not_told"),
    "service with a caller's credentials": (
        [
            call(
                by=session(mfa=False) | {"invokedBy": "athena.amazonaws.com"},
                sourceIPAddress="athena.amazonaws.com",
            )
        ],
        "not_told",
    ),
    "service on its own behalf": ([call(by=service())], "not_told"),
    "long-term key and a code": (
        [
            issued(
                "GetSessionToken",
                "ASIAIOSFODNN7GST0000",
                by=user(),
                request={"serialNumber": SERIAL},
            )
        ],
        "with_mfa",
    ),
    "a code that was refused": (
        [denied("AssumeRole", "sts", by=user(), requestParameters={"serialNumber": SERIAL})],
        "long_term_key",
    ),
    "a device's number where none belongs": (
        [call("PutObject", by=user(), requestParameters={"serialNumber": SERIAL})],
        "long_term_key",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_state_of_mfa(usage: Callable[..., Any], name: str) -> None:
    """Each case has its name."""
    records, state = CASES[name]
    assert [row["mfa_state"] for row in usage(*records)] == [state]


@pytest.mark.parametrize(
    "record",
    [
        call("ConsoleLogin", "signin", by=user(key=None), eventType="AwsConsoleSignIn"),
        call("CheckMfa", "signin", by=user(key=None), eventType="AwsConsoleSignIn"),
        call("RotateKey", "kms", by=service("AWS Internal"), eventType="AwsServiceEvent"),
        call(errorCode="SignatureDoesNotMatch", errorMessage="The signature is wrong."),
        call(errorCode="Client.AuthFailure"),
    ],
)
def test_what_is_no_call(usage: Callable[..., Any], record: Record) -> None:
    """Sign-ins, service events, and requests that prove nobody."""
    assert usage(record) == []


def test_sessions_of_a_role_are_one_principal(usage: Callable[..., Any]) -> None:
    """However many names its sessions bear."""
    (row,) = usage(
        call(by=role("Deploy", "one", "ASIAIOSFODNN7ROLE001", path="/ci/")),
        call(by=role("Deploy", "two", "ASIAIOSFODNN7ROLE002", path="/ci/")),
    )
    assert (row["principal_type"], row["principal_name"], row["calls"]) == ("role", "Deploy", 2)
    assert row["principal_arn"] == f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy"


def test_a_role_without_an_issuer_is_told_by_the_session(usage: Callable[..., Any]) -> None:
    """Older records name the session alone."""
    identity = role("Deploy", "one")
    del identity["sessionContext"]
    (row,) = usage(call(by=identity))
    assert (row["principal_type"], row["principal_name"]) == ("role", "Deploy")
    assert row["principal_arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy"


def test_single_sign_on_names_the_person(usage: Callable[..., Any]) -> None:
    """The role alone would hide who it was."""
    (row,) = usage(call(by=SSO))
    assert (row["principal_type"], row["principal_name"]) == ("assumed-role", "alice@example.com")


def test_saml_names_the_person_where_the_sign_in_is_in_the_lake(usage: Callable[..., Any]) -> None:
    """Else the role is all that is known."""
    provider: Record = {"type": "SAMLUser", "principalId": "x", "userName": "alice@example.com"}
    opening = issued(
        "AssumeRoleWithSAML", ROLE_KEY, by=provider, request={"roleArn": "x"}, eventID="opened"
    )
    identity = role("Reader", "alice@example.com")
    (row,) = usage(opening, call(by=identity))
    assert (row["principal_type"], row["principal_name"]) == ("assumed-role", "alice@example.com")
    (row,) = usage(call(by=identity | {"accessKeyId": "ASIAIOSFODNN7ELSE000"}))[1:]
    assert (row["principal_type"], row["principal_name"]) == ("role", "Reader")


def test_web_identities_are_told_by_their_role(usage: Callable[..., Any]) -> None:
    """Each run of a program names its session anew."""
    provider: Any = {"webIdFederationData": {"federatedProvider": "token.example.com"}}
    rows = usage(
        *(call(by=role("Build", f"run-{n}", f"ASIAIOSFODNN7ROLE00{n}", **provider)) for n in "123")
    )
    assert [(row["principal_name"], row["calls"]) for row in rows] == [("Build", 3)]


def test_malformed_bodies_are_no_codes(usage: Callable[..., Any]) -> None:
    """Anything may stand where a request should."""
    for odd in ("not JSON", ["x"], {"serialNumber": ""}, {"serialNumber": None}, 7):
        record = call("AssumeRole", "sts", by=user(), requestParameters=odd)
        assert {row["mfa_state"] for row in usage(record)} == {"long_term_key"}
