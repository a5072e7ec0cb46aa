"""What the rules look at of a denial."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.attribution.denial import Denial
from tests.records import ACCOUNT


@pytest.mark.parametrize(
    ("denial", "open_to_mfa"),
    [
        (Denial(credential_kind="long_term_key", mfa_present="absent"), True),
        (Denial(credential_kind="session_token", mfa_present="true"), False),
        (Denial(credential_kind="console", mfa_present="false"), True),
        (Denial(credential_kind="federated", federated=True), False),
        (Denial(credential_kind="workload_role", workload=True), False),
        (Denial(credential_kind="aws_service"), False),
    ],
)
def test_who_could_have_passed_mfa(denial: Denial, open_to_mfa: bool) -> None:
    """A person that has not, by a credential for which AWS has a device."""
    assert denial.mfa_is_open is open_to_mfa


@pytest.mark.parametrize(
    ("arn", "is_user"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/eng/alice", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/user/x", False),
        (None, False),
    ],
)
def test_who_is_an_iam_user(arn: str | None, is_user: bool) -> None:
    """By the ARN."""
    assert Denial(principal_arn=arn).is_user is is_user
