from . import iam
from .archive.s3 import S3
from .archive.sources import Progress
from .archive.verdicts import Check, Verification
from .archive.verification import verify
from .attribution.causes import CAUSES, CERTAINTIES, Verdict
from .attribution.explanation import Explanation
from .attribution.what_if import WhatIf
from .cluster import Cluster, dask_cluster
from .errors import (
    ChangeError,
    CloudTrailMfaError,
    ClusterError,
    EventError,
    EvidenceError,
    LakeError,
    MissingPackageError,
    PolicyError,
    PseudonymError,
    PublicKeyError,
    QueryError,
    ScopeError,
    SourceError,
)
from .evidence.exports import Evidence
from .figures import draw_timeline
from .flows import draw_path
from .foresight import what_if
from .iam import Finding, lint
from .lake import Lake
from .pseudonyms import Pseudonyms
from .reports import report
from .scope import Filters
from .store.dataset import SourceFile
from .store.report import Compaction, IngestReport

__all__ = [
    "CAUSES",
    "CERTAINTIES",
    "S3",
    "ChangeError",
    "Check",
    "CloudTrailMfaError",
    "Cluster",
    "ClusterError",
    "Compaction",
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
    "PseudonymError",
    "Pseudonyms",
    "PublicKeyError",
    "QueryError",
    "ScopeError",
    "SourceError",
    "SourceFile",
    "Verdict",
    "Verification",
    "WhatIf",
    "dask_cluster",
    "draw_path",
    "draw_timeline",
    "iam",
    "lint",
    "report",
    "verify",
    "what_if",
]
