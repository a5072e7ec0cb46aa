"""sign_ins: MFA of users and root is told, of everybody else it is not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from tests.records import ACCOUNT, Record, call, role, root, session, user

PHONE = f"arn:aws:iam::{ACCOUNT}:mfa/alice-phone"
SSO = role("AWSReservedSSO_Admin_0123456789abcdef", "alice@example.com")


def sign_in(by: Record, mfa: str | None = "No", answer: str = "Success", **more: Any) -> Record:
    """Return the record of an attempt."""
    data = {"LoginTo": "https://console.aws.amazon.com/", "MobileVersion": "No"} | more
    return call(
        "ConsoleLogin",
        "signin",
        by=by,
        eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": answer},
        additionalEventData=data | ({} if mfa is None else {"MFAUsed": mfa}),
    )


@pytest.fixture
def sign_ins(lake_of: Callable[..., Lake]) -> Callable[..., pd.DataFrame]:
    """Return a function that gives the attempts."""
    return lambda *records: lake_of(*records).sql("select * from sign_ins order by event_id")


# name: the record, its principal_type, whether it is federated, its mfa_used
CASES: dict[str, tuple[Record, str | None, bool, bool | None]] = {
    "user with MFA": (sign_in(user(key=None), "Yes"), "user", False, True),
    "user without MFA": (sign_in(user(key=None)), "user", False, False),
    "root without MFA": (sign_in(root(key="")), "root", False, False),
    "user, not recorded": (sign_in(user(key=None), None), "user", False, None),
    "user, an odd word": (sign_in(user(key=None), "Perhaps"), "user", False, None),
    "single sign-on, of which CloudTrail says No": (sign_in(SSO), "assumed-role", True, None),
    "SAML": (
        sign_in(
            role("Reader", "alice@example.com")
            | {"sessionContext": {"webIdFederationData": {"federatedProvider": "x"}}},
            SamlProviderArn=f"arn:aws:iam::{ACCOUNT}:saml-provider/idp",
        ),
        "assumed-role",
        True,
        None,
    ),
    "pre-authenticated URL of a role opened without MFA": (sign_in(role()), "role", True, None),
    "pre-authenticated URL of a role opened with MFA": (
        sign_in(role(mfa=True)),
        "role",
        True,
        True,
    ),
    "federated user": (
        sign_in(
            {
                "type": "FederatedUser",
                "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/alice",
                "accountId": ACCOUNT,
                "sessionContext": session(mfa=False)["sessionContext"],
            }
        ),
        "federated-user",
        True,
        None,
    ),
    "nobody": (sign_in({}), None, False, None),
}


@pytest.mark.parametrize("name", CASES)
def test_kinds(sign_ins: Callable[..., Any], name: str) -> None:
    """Each has its named case."""
    record, principal_type, federated, mfa_used = CASES[name]
    (row,) = (
        sign_ins(record).astype(object).where(lambda rows: rows.notna(), None).to_dict("records")
    )
    assert (row["principal_type"], row["federated"], row["mfa_used"]) == (
        principal_type,
        federated,
        mfa_used,
    )
    assert row["passed"] is True


def test_what_cloudtrail_says_is_kept(sign_ins: Callable[..., Any]) -> None:
    """Beside what it means."""
    rows = sign_ins(sign_in(SSO), sign_in(user(key=None), "Yes", MFAIdentifier=PHONE))
    assert set(rows["mfa_recorded"]) == {"No", "Yes"}
    assert rows["mfa_device"].dropna().tolist() == [PHONE]


@pytest.mark.parametrize(("answer", "passed"), [("Failure", False), ("", None), ("?", None)])
def test_attempts(sign_ins: Callable[..., Any], answer: str, passed: bool | None) -> None:
    """A failure is told; an odd answer is neither."""
    (row,) = sign_ins(sign_in(user(key=None), answer=answer)).to_dict("records")
    assert row["passed"] is passed or (passed is None and pd.isna(row["passed"]))


@pytest.mark.parametrize("odd", ["text", ["x"], 7, None])
def test_odd_bodies_tell_nothing(sign_ins: Callable[..., Any], odd: Any) -> None:
    """They are no reason to lose the event."""
    record = sign_in(user(key=None)) | {"responseElements": odd, "additionalEventData": odd}
    (row,) = sign_ins(record).to_dict("records")
    assert pd.isna(row["passed"])
    assert pd.isna(row["mfa_used"])


def test_only_sign_ins(sign_ins: Callable[..., Any]) -> None:
    """Neither checks of a code, nor another service's event of that name."""
    events = [
        call("CheckMfa", "signin"),
        call("ConsoleLogin", "s3"),
        call("GetSigninToken", "signin"),
    ]
    assert sign_ins(*events).empty
