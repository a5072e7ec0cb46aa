"""The rooms behind the lake, each imported when it is first asked for something.

An ingest needs neither DuckDB nor pandas, which are slow to import, and a command's help needs nothing
of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudtrail_mfa.later import Later

__all__ = [
    "audit",
    "causes",
    "compact",
    "cores",
    "dataset",
    "denied",
    "explanation",
    "ingest",
    "kept",
    "originals",
    "parts",
    "pd",
    "places",
    "queries",
    "story",
]

if TYPE_CHECKING:
    import pandas as pd

    from cloudtrail_mfa import audit, queries, story
    from cloudtrail_mfa import denials as denied
    from cloudtrail_mfa.archive import sources as places
    from cloudtrail_mfa.attribution import causes, explanation
    from cloudtrail_mfa.queries import kept, parts
    from cloudtrail_mfa.store import compact, dataset, ingest, originals
    from cloudtrail_mfa.store import workers as cores
else:
    pd = Later("pandas")
    audit = Later("cloudtrail_mfa.audit")
    causes = Later("cloudtrail_mfa.attribution.causes")
    compact = Later("cloudtrail_mfa.store.compact")
    cores = Later("cloudtrail_mfa.store.workers")
    dataset = Later("cloudtrail_mfa.store.dataset")
    denied = Later("cloudtrail_mfa.denials")
    explanation = Later("cloudtrail_mfa.attribution.explanation")
    ingest = Later("cloudtrail_mfa.store.ingest")
    kept = Later("cloudtrail_mfa.queries.kept")
    originals = Later("cloudtrail_mfa.store.originals")
    parts = Later("cloudtrail_mfa.queries.parts")
    places = Later("cloudtrail_mfa.archive.sources")
    queries = Later("cloudtrail_mfa.queries")
    story = Later("cloudtrail_mfa.story")
