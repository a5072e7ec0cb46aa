"""A row of the query ``requests``; a test states only what it is about."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cloudtrail_mfa.evidence.requests import COLUMNS
from tests.records import ACCOUNT

NOW = pd.Timestamp("2026-06-01T09:00:00Z")
ROW: dict[str, Any] = dict.fromkeys(COLUMNS) | {
    "event_time": NOW,
    "region": "us-east-1",
    "principal_arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
    "principal_name": "alice",
    "principal_id": "AIDAALICE00000000000",
    "credential_kind": "long_term_key",
    "mfa_present": "absent",
    "event_source": "s3.amazonaws.com",
    "operation": "GetObject",
    "iam_action": "s3:GetObject",
    "event_action": "s3:GetObject",
    "action_known": True,
    "resource_arn": "arn:aws:s3:::b/k",
    "source_ip": "198.51.100.23",
    "user_agent": "aws-cli/2",
}
ROLE = {
    "principal_arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/carol",
    "principal_id": "AROADEPLOY0000000000:carol",
    "role_arn": f"arn:aws:iam::{ACCOUNT}:role/team/Deploy",
    "credential_kind": "assumed_role",
    "session_started": NOW - pd.Timedelta("1h"),
}
