"""The public types, as used: mypy reads this file, nothing runs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_type

import pandas as pd
from matplotlib.figure import Figure

import cloudtrail_mfa as ctm

lake = ctm.Lake("lake/")
assert_type(lake.ingest("AWSLogs/", since="7d", workers=2), ctm.IngestReport)
assert_type(lake.ingest("s3://my-trail/AWSLogs/", s3=ctm.S3(profile="audit")), ctm.IngestReport)
assert_type(
    lake.denials(since="2026-06-01", principal=["alice"], cause="long_term_key"), pd.DataFrame
)
assert_type(lake.summary(account="111122223333"), pd.DataFrame)
assert_type(lake.sessions(principal="alice"), pd.DataFrame)
assert_type(lake.timeline(principal="alice"), pd.DataFrame)
assert_type(lake.timeline(session="ASIAIOSFODNN7EXAMPLE", since="7d"), pd.DataFrame)
assert_type(lake.posture(principal="alice", since="90d"), pd.DataFrame)
assert_type(lake.credentials(account="111122223333"), pd.DataFrame)
assert_type(lake.explain("cce719c1"), list[ctm.Explanation])
evidence = ctm.Evidence.load("evidence/")
assert_type(lake.denials(evidence=evidence), pd.DataFrame)
assert_type(lake.credentials(evidence=evidence), pd.DataFrame)
assert_type(ctm.what_if(lake, evidence, {"MFA_Forced": {}}, since="7d"), ctm.WhatIf)
assert_type(ctm.report(lake, evidence=evidence, since="7d", format_="markdown"), str)
assert_type(lake.requests(principal="alice"), pd.DataFrame)
assert_type(ctm.draw_path(lake.requests(), lake.sessions(), service="sts"), Figure)
assert_type(lake.records(event="s3:*"), Iterator[dict[str, Any]])
assert_type(lake.sql("select $x", {"x": 1}), pd.DataFrame)
assert_type(lake.describe("denials"), pd.DataFrame)
assert_type(lake.notes(), list[str])
assert_type(lake.unmet(principal="alcie"), list[str])
assert_type(ctm.lint("{}"), list[ctm.Finding])
assert_type(ctm.verify("AWSLogs/", public_keys="keys.json", since="7d"), ctm.Verification)
assert_type(ctm.verify("AWSLogs/", public_keys=["a.json", "b.json"]).of("changed"), list[ctm.Check])
assert_type(ctm.verify("AWSLogs/").frame(), pd.DataFrame)
filters: ctm.Filters = {"since": "7d", "region": "us-east-1"}
assert_type(lake.denials(**filters), pd.DataFrame)
