"""The report of a run: a row a file, and sentences."""

from __future__ import annotations

from cloudtrail_mfa import Compaction, IngestReport, SourceFile

REPORT = IngestReport(
    [
        SourceFile(
            path="a", size=1, modified=2, outcome="ingested", records=9, events=7, duplicates=2
        ),
        SourceFile(path="b", size=1, modified=2, outcome="skipped", reason="in the lake already"),
        SourceFile(
            path="c", size=1, modified=2, outcome="rejected", reason="empty: there is nothing"
        ),
    ]
)


def test_the_counts_add_up() -> None:
    """Over all files."""
    assert (REPORT.records, REPORT.events, REPORT.duplicates, REPORT.out_of_scope) == (9, 7, 2, 0)
    assert [len(files) for files in (REPORT.ingested, REPORT.skipped, REPORT.rejected)] == [1, 1, 1]


def test_it_is_complete_where_all_could_be_used() -> None:
    """A rejected file or a problem in one says that it is not."""
    assert not REPORT.complete
    assert IngestReport(REPORT.files[:2]).complete
    told = SourceFile(path="d", size=1, modified=2, outcome="ingested", problems=["line 2: broken"])
    assert not IngestReport([told]).complete


def test_it_names_what_could_not_be_used() -> None:
    """Sentences for people, a table for notebooks."""
    assert str(REPORT).splitlines() == [
        "3 files: 1 ingested, 1 skipped, 1 rejected",
        "9 records: 7 new events, 2 duplicates",
        "skipped 1: in the lake already",
        "rejected c: empty: there is nothing",
    ]
    assert REPORT.frame()["outcome"].tolist() == ["ingested", "skipped", "rejected"]


def test_folders_that_were_not_listed_are_no_files() -> None:
    """Of a bucket; one that could not be listed may hold files, and is rejected as one."""
    told = [
        ("s3://b/2025/", "skipped", "not listed: delivered before"),
        ("s3://b/2024/", "skipped", "not listed: delivered before"),
        ("s3://b/closed/", "rejected", "cannot be read"),
        ("s3://b/a.json", "skipped", "in the lake already"),
    ]
    report = IngestReport(
        [
            SourceFile(path=path, size=0, modified=0, outcome=outcome, reason=reason)  # type: ignore[arg-type]
            for path, outcome, reason in told
        ]
    )
    assert str(report).splitlines() == [
        "2 files: 0 ingested, 1 skipped, 1 rejected",
        "0 records: 0 new events, 0 duplicates",
        "skipped 1: in the lake already",
        "2 folders not listed: delivered before",
        "rejected s3://b/closed/: cannot be read",
    ]


def test_a_compaction_is_a_sentence() -> None:
    """With separators, as lakes are large."""
    assert str(Compaction(4000, 31)) == "4,000 Parquet files before, 31 now"
