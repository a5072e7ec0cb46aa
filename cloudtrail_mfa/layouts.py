"""What the tables of each command show, from left to right, and what first gives way."""

from __future__ import annotations

from cloudtrail_mfa.tables import Layout

__all__ = [
    "CALLS",
    "CHECKS",
    "COVERAGE",
    "CREDENTIALS",
    "DENIALS",
    "EXPOSURE",
    "POSTURE",
    "REPLAYED",
    "SESSIONS",
    "SUMMARY",
    "TIMELINE",
]

DENIALS = Layout(
    (
        "event_time",
        "event_id",
        "principal_name",
        "credential_kind",
        "mfa_present",
        "iam_action",
        "cause",
        "certainty",
    ),
    ("mfa_present", "credential_kind", "certainty", "event_time"),
)
SUMMARY = Layout(
    (
        "caller",
        "principal_name",
        "credential_kind",
        "cause",
        "certainty",
        "mfa_would_allow",
        "denials",
        "actions",
    ),
    ("actions", "mfa_would_allow", "caller", "credential_kind", "certainty"),
)
POSTURE = Layout(
    (
        "caller",
        "principal_name",
        "calls",
        "mfa_share",
        "with_long_term_key",
        "writes_without_mfa",
        "permissions_without_mfa",
        "sign_ins_without_mfa",
        "federated_sign_ins",
    ),
    ("federated_sign_ins", "with_long_term_key", "caller", "permissions_without_mfa", "calls"),
)
COVERAGE = Layout(
    (
        "account_id",
        "region",
        "first_time",
        "last_time",
        "events",
        "data_events",
        "rejected_files",
        "remarks",
    ),
    ("rejected_files", "data_events", "first_time", "last_time"),
)
CREDENTIALS = Layout(
    (
        "access_key_id",
        "status",
        "owner_name",
        "last_used",
        "days_used",
        "calls",
        "denials",
        "service_count",
        "owner_used_mfa",
    ),
    ("service_count", "days_used", "denials", "status", "owner_used_mfa", "calls"),
)
SESSIONS = Layout(
    (
        "first_seen",
        "principal_name",
        "credential_kind",
        "access_key_id",
        "issued_by",
        "mfa_used",
        "calls",
        "denials",
        "origin",
    ),
    ("origin", "first_seen", "issued_by", "credential_kind", "calls"),
)
TIMELINE = Layout(
    ("first_time", "calls", "lane", "outcome", "event_id", "words"),
    ("outcome", "calls", "lane", "event_id"),
)
REPLAYED = Layout(
    ("change", "principal_name", "credential_kind", "access_level", "calls", "actions"),
    ("access_level", "credential_kind"),
)
CALLS = Layout(
    (
        "event_time",
        "event_id",
        "principal_name",
        "credential_kind",
        "iam_action",
        "outcome",
        "change",
        "reasons",
    ),
    ("reasons", "event_time", "event_id", "credential_kind"),
)
CHECKS = Layout(("outcome", "kind", "path", "place", "reason"), ())
EXPOSURE = Layout(
    (
        "access_level",
        "principal_name",
        "credential",
        "iam_action",
        "resource_arn",
        "certain",
        "calls",
    ),
    ("resource_arn", "certain", "credential"),
)
