"""Why was this AWS call denied? Offline analysis of CloudTrail logs.

>>> import cloudtrail_mfa as ctm
>>> lake = ctm.Lake("lake/")                      # doctest: +SKIP
>>> lake.ingest("AWSLogs/")                       # doctest: +SKIP
>>> lake.denials(since="7d", principal="alice")   # doctest: +SKIP
"""

from cloudtrail_mfa import iam
from cloudtrail_mfa.attribution.causes import CAUSES, CERTAINTIES, Verdict
from cloudtrail_mfa.attribution.explanation import Explanation
from cloudtrail_mfa.attribution.what_if import WhatIf
from cloudtrail_mfa.errors import (
    ChangeError,
    CloudTrailMfaError,
    EventError,
    EvidenceError,
    LakeError,
    MissingPackageError,
    PolicyError,
    QueryError,
    ScopeError,
    SourceError,
)
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.figures import draw_timeline
from cloudtrail_mfa.foresight import what_if
from cloudtrail_mfa.iam import Finding, lint
from cloudtrail_mfa.lake import Lake
from cloudtrail_mfa.scope import Filters
from cloudtrail_mfa.store.dataset import SourceFile
from cloudtrail_mfa.store.ingest import IngestReport, Progress

__all__ = [
    "CAUSES",
    "CERTAINTIES",
    "ChangeError",
    "CloudTrailMfaError",
    "EventError",
    "Evidence",
    "EvidenceError",
    "Explanation",
    "Filters",
    "Finding",
    "IngestReport",
    "Lake",
    "LakeError",
    "MissingPackageError",
    "PolicyError",
    "Progress",
    "QueryError",
    "ScopeError",
    "SourceError",
    "SourceFile",
    "Verdict",
    "WhatIf",
    "draw_timeline",
    "iam",
    "lint",
    "what_if",
]
