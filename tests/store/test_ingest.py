"""The way in: every file ends up ingested, skipped or rejected, and the counts add up."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from cloudtrail_mfa import IngestReport, Lake, LakeError, Progress, ScopeError, SourceFile
from cloudtrail_mfa.store.originals import restore
from tests.records import Record, call, file_name, write_log

ONE = call(event_id="one")
TWO = call(event_id="two", awsRegion="eu-west-1")
LATER = call(event_id="later", time="2026-06-03T12:00:00Z")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def outcomes(report: IngestReport) -> dict[str, str]:
    return {Path(file.path).name: file.outcome for file in report.files}


def ids(lake: Lake) -> list[str]:
    return sorted(record["eventID"] for record in lake.records())


def write_mess(logs: Path) -> dict[str, str]:
    """Write files that overlap; return each distinct record and the file that had it first."""
    chance = Random(7)  # noqa: S311
    first: dict[str, str] = {}
    for number in range(40):
        path = logs / f"{number:03}.json.gz"
        records = [
            call(
                event_id=f"{chance.randrange(120):03}",
                time=f"2026-06-0{chance.choice('1112')}T09:00:00Z",
                userAgent=chance.choice(("plain", "plain", "plain", "forged")),
            )
            | ({"invented": 1} if chance.random() < 0.1 else {})
            for _ in range(chance.randrange(1, 12))
        ]
        write_log(path, records)
        for record in records:
            first.setdefault(json.dumps(record, sort_keys=True), str(path))
    return first


def everything(lake: Lake) -> list[tuple[str, str]]:
    """Return each record of a lake and its file."""
    files = lake._dataset.parquet()
    tables = [pq.ParquetFile(path).read() for path in files]
    return sorted(
        (json.dumps(json.loads(text), sort_keys=True), file)
        for table in tables
        for text, file in zip(restore(table), table["source_file"].to_pylist(), strict=True)
    )


def counts(file: SourceFile) -> tuple[object, ...]:
    return file.path, file.outcome, file.records, file.events, file.duplicates, file.notes


class TestFiles:
    """What becomes of a file."""

    def test_good_files_are_in(self, lake: Lake, logs: Path) -> None:
        """The report counts files, records and events."""
        write_log(logs / file_name(unique="a" * 16), [ONE, TWO])
        write_log(logs / file_name(unique="b" * 16), [LATER])
        report = lake.ingest(logs)
        assert (len(report.ingested), report.records, report.events) == (2, 3, 3)
        assert report.complete
        assert ids(lake) == ["later", "one", "two"]

    def test_bad_files_are_named_and_the_rest_goes_on(self, lake: Lake, logs: Path) -> None:
        """Truncated, empty, broken, foreign and unreadable files each have their reason."""
        good = write_log(logs / "good.json.gz", [ONE])
        (logs / "truncated.json.gz").write_bytes(good.read_bytes()[:-20])
        (logs / "empty.json.gz").write_bytes(b"")
        (logs / "broken.json").write_text('{"Records": [{"eventName')
        (logs / "foreign.json").write_text('{"some": "thing"}')
        (logs / "text.txt").write_text("hello")
        (logs / "dangling.json").symlink_to(logs / "nowhere")
        report = lake.ingest(logs)
        assert outcomes(report).pop("good.json.gz") == "ingested"
        reasons = {Path(file.path).name: file.reason for file in report.rejected}
        assert {name: reason.split(":")[0] for name, reason in reasons.items()} == {
            "truncated.json.gz": "truncated gzip",
            "empty.json.gz": "empty",
            "broken.json": "broken JSON",
            "foreign.json": "another kind of JSON",
            "text.txt": "not JSON",
            "dangling.json": "cannot be read (No such file or directory)",
        }
        assert not report.complete
        assert all(name in str(report) for name in reasons)
        assert ids(lake) == ["one"]

    def test_a_name_that_is_no_text_is_rejected(self, lake: Lake, logs: Path) -> None:
        """Parquet's readers need names they can read; the others go on."""
        write_log(logs / "good.json", [ONE])
        (logs / os.fsdecode(b"a\xff.json")).write_text(json.dumps(ONE))
        report = lake.ingest(logs)
        assert outcomes(report) == {"good.json": "ingested", "a\\xff.json": "rejected"}
        assert report.rejected[0].reason == "its name is not UTF-8: rename it"

    def test_what_does_not_fit_in_memory_is_rejected(
        self, lake: Lake, logs: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A gzip bomb costs itself, not the run."""
        monkeypatch.setattr("cloudtrail_mfa.archive.decode.LARGEST", 1 << 20)
        write_log(logs / "good.json.gz", [ONE])
        (logs / "bomb.json.gz").write_bytes(gzip.compress(b" " * (2 << 20)))
        report = lake.ingest(logs)
        assert outcomes(report) == {"good.json.gz": "ingested", "bomb.json.gz": "rejected"}
        assert "too large" in report.rejected[0].reason

    def test_a_folder_that_cannot_be_listed_is_rejected(
        self, lake: Lake, logs: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By name; what can be read is."""
        write_log(logs / "good.json.gz", [ONE])
        write_log(logs / "closed" / "a.json.gz", [TWO])
        listed = os.scandir

        def scandir(path: str) -> object:
            if str(path).endswith("closed"):
                raise PermissionError(13, "Permission denied", path)
            return listed(path)

        monkeypatch.setattr("os.scandir", scandir)
        report = lake.ingest(logs)
        assert outcomes(report) == {"good.json.gz": "ingested", "closed": "rejected"}
        assert "a folder that cannot be listed" in report.rejected[0].reason

    def test_the_lakes_own_files_are_no_source(self, tmp_path: Path) -> None:
        """A lake may lie beside its logs, and the folder of both be named."""
        write_log(tmp_path / "log.json", [ONE])
        lake = Lake(tmp_path / "lake")
        lake.ingest(tmp_path)
        again = lake.ingest(tmp_path)
        assert again.complete
        assert {file.reason for file in again.skipped} == {"in the lake already", "the lake's own"}

    @pytest.mark.parametrize("name", [file_name("20261399T0905Z"), "plain.json"])
    def test_names_that_tell_no_time_are_read(self, lake: Lake, logs: Path, name: str) -> None:
        """Even with a filter: the records tell."""
        write_log(logs / name, [ONE])
        assert lake.ingest(logs, since="2026-01-01").events == 1

    def test_a_second_run_does_nothing_twice(self, lake: Lake, logs: Path) -> None:
        """What is in is skipped; what could not be used is named again."""
        write_log(logs / "good.json.gz", [ONE])
        (logs / "broken.json").write_text("{")
        lake.ingest(logs)
        again = lake.ingest(logs)
        assert outcomes(again) == {"good.json.gz": "skipped", "broken.json": "rejected"}
        assert again.skipped[0].reason == "in the lake already"
        assert again.events == 0
        assert ids(lake) == ["one"]

    def test_a_run_without_news_leaves_the_manifest_alone(self, lake: Lake, logs: Path) -> None:
        """A job that runs every hour does not grow the lake for nothing."""
        write_log(logs / "good.json.gz", [ONE])
        (logs / "broken.json").write_text("{")
        for _ in range(3):
            lake.ingest(logs)
        assert len(list((logs.parent / "lake" / "manifest").iterdir())) == 1

    def test_only_what_is_new_is_read(self, lake: Lake, logs: Path) -> None:
        """A new file beside old ones is the only one read."""
        write_log(logs / "old.json.gz", [ONE])
        lake.ingest(logs)
        write_log(logs / "new.json.gz", [TWO])
        assert outcomes(lake.ingest(logs)) == {"old.json.gz": "skipped", "new.json.gz": "ingested"}

    def test_a_changed_file_is_read_again(self, lake: Lake, logs: Path) -> None:
        """What it held before is recognised, what it holds beside is new."""
        write_log(logs / "log.json.gz", [ONE])
        lake.ingest(logs)
        write_log(logs / "log.json.gz", [ONE, TWO])
        report = lake.ingest(logs)
        assert (report.records, report.events, report.duplicates) == (2, 1, 1)

    def test_a_rejected_file_that_was_mended_is_read(self, lake: Lake, logs: Path) -> None:
        """A rejection is not for ever."""
        (logs / "log.json").write_text("{")
        lake.ingest(logs)
        (logs / "log.json").write_text(json.dumps(ONE))
        assert lake.ingest(logs).events == 1

    def test_digests_and_insights_are_skipped(self, lake: Lake, logs: Path) -> None:
        """By their folder, or by what they hold."""
        write_log(logs / "CloudTrail-Digest" / "a.json.gz", [])
        (logs / "b.json").write_text('{"digestS3Bucket": "b"}')
        report = lake.ingest(logs)
        assert outcomes(report) == {"a.json.gz": "skipped", "b.json": "skipped"}
        assert report.complete

    def test_a_file_without_records_is_in(self, lake: Lake, logs: Path) -> None:
        """An empty list of records is no error."""
        write_log(logs / "none.json", [])
        assert outcomes(lake.ingest(logs)) == {"none.json": "ingested"}

    def test_a_file_of_which_a_part_is_good_is_in_and_told_of(self, lake: Lake, logs: Path) -> None:
        """The good records are in, the exit is not a clean one."""
        (logs / "log.jsonl").write_text(json.dumps(ONE) + "\n{broken\n" + json.dumps(TWO))
        report = lake.ingest(logs)
        assert report.events == 2
        assert report.files[0].problems == ["line 2: broken JSON"]
        assert not report.complete

    def test_many_problems_of_a_file_are_counted(self, lake: Lake, logs: Path) -> None:
        """A file of ten thousand bad lines does not fill the screen."""
        (logs / "log.jsonl").write_text(json.dumps(ONE) + "\n{" * 100)
        problems = lake.ingest(logs).files[0].problems
        assert len(problems) == 6
        assert problems[-1] == "and 95 more like these"

    def test_gzipped_lines_are_taken(self, lake: Lake, logs: Path) -> None:
        """One record a line, gzipped."""
        lines = "\n".join(map(json.dumps, (ONE, TWO)))
        (logs / "log.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
        assert lake.ingest(logs).events == 2


class TestDuplicates:
    """At least once is once."""

    def test_overlapping_trails_are_counted_not_stored_twice(self, lake: Lake, logs: Path) -> None:
        """Two trails deliver the same event in different files."""
        write_log(logs / "a.json.gz", [ONE, TWO])
        write_log(logs / "b.json.gz", [TWO, LATER])
        report = lake.ingest(logs)
        assert (report.records, report.events, report.duplicates) == (4, 3, 1)
        assert ids(lake) == ["later", "one", "two"]

    def test_a_copy_of_a_file_holds_duplicates_alone(self, lake: Lake, logs: Path) -> None:
        """Even events without an id are not taken twice from a copied file."""
        nameless = {key: value for key, value in ONE.items() if key != "eventID"}
        write_log(logs / "a.json.gz", [ONE, nameless])
        lake.ingest(logs)
        write_log(logs / "b.json.gz", [ONE, nameless])
        report = lake.ingest(logs)
        assert (report.events, report.duplicates) == (0, 2)
        assert len(list(lake.records())) == 2

    def test_conflicting_records_are_kept_and_told_of(self, lake: Lake, logs: Path) -> None:
        """One id with two contents is a matter for the reviewer."""
        write_log(logs / "a.json.gz", [ONE])
        write_log(logs / "b.json.gz", [ONE | {"userAgent": "forged"}])
        report = lake.ingest(logs)
        assert report.events == 2
        assert "event one is also known with other content" in str(report)
        assert report.complete


class TestScope:
    """Filters: what lies outside is counted, not stored."""

    @pytest.mark.parametrize(
        ("filters", "kept"),
        [
            ({"since": "2026-06-02"}, ["later"]),
            ({"until": "2026-06-02"}, ["one", "two"]),
            ({"region": "eu-west-1"}, ["two"]),
            ({"account": "999999999999"}, []),
        ],
    )
    def test_records_outside_are_left_out(
        self, lake: Lake, logs: Path, filters: dict[str, str], kept: list[str]
    ) -> None:
        """The counts still add up."""
        write_log(logs / "log.json.gz", [ONE, TWO, LATER])
        report = lake.ingest(logs, **filters)  # type: ignore[arg-type]
        assert ids(lake) == kept
        assert report.events + report.out_of_scope == report.records == 3

    def test_what_cannot_be_told_is_inside(self, lake: Lake, logs: Path) -> None:
        """An event without a readable time may be of any."""
        write_log(logs / "log.json", [ONE | {"eventTime": "soon"}])
        assert lake.ingest(logs, since="2026-06-02").events == 1

    def test_a_file_read_in_part_is_read_again_for_more(self, lake: Lake, logs: Path) -> None:
        """A filter of yesterday does not hide events from today's wider one."""
        write_log(logs / "log.json.gz", [ONE, LATER])
        lake.ingest(logs, since="2026-06-02")
        assert lake.ingest(logs, since="2026-06-02").skipped
        assert lake.ingest(logs).events == 1
        assert ids(lake) == ["later", "one"]

    @pytest.mark.parametrize(
        ("filters", "reason"),
        [
            ({"account": "999999999999"}, "of another account, by its name"),
            ({"region": "eu-west-1"}, "of another region, by its name"),
            ({"since": "2026-06-02"}, "delivered before the time of interest, by its name"),
        ],
    )
    def test_files_outside_are_known_by_their_names(
        self, lake: Lake, logs: Path, filters: dict[str, str], reason: str
    ) -> None:
        """An archive of years is not read for one week."""
        write_log(logs / file_name("20260601T0905Z"), [ONE])
        assert [file.reason for file in lake.ingest(logs, **filters).skipped] == [reason]  # type: ignore[arg-type]

    def test_a_filter_that_cannot_be_understood_is_an_error(self, lake: Lake, logs: Path) -> None:
        """It never quietly matches nothing."""
        with pytest.raises(ScopeError, match="account='12'"):
            lake.ingest(logs, account="12")


class TestRuns:
    """How a run goes."""

    def test_processes_bring_the_same_lake(self, tmp_path: Path, logs: Path) -> None:
        """Four hundred small files, in one process or in two."""
        for number in range(400):
            record = call(event_id=f"{number:03}", time=f"2026-06-01T{number % 24:02}:00:00Z")
            write_log(logs / file_name(unique=f"{number:016}"), [record])
        lakes = [Lake(tmp_path / name) for name in ("one", "two")]
        reports = [lake.ingest(logs, workers=workers + 1) for workers, lake in enumerate(lakes)]
        one, two = (sorted(lake.records_text()) for lake in lakes)
        assert one == two
        assert len(one) == 400
        assert outcomes(reports[0]) == outcomes(reports[1])

    def test_small_files_do_not_make_small_files(self, lake: Lake, logs: Path) -> None:
        """A file a task for each account and day, not one for each log file."""
        for number in range(300):
            record = call(event_id=f"{number}", time=f"2026-06-0{number % 2 + 1}T09:00:00Z")
            write_log(logs / file_name(unique=f"{number:016}"), [record])
        lake.ingest(logs, workers=2)
        assert len(lake._dataset.parquet()) == 4

    def test_want_of_memory_costs_the_run_not_the_files_beside(
        self, lake: Lake, logs: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Their rows wait with those that do not fit: no file is called in whose rows are not."""
        write_log(logs / "a.json.gz", [ONE])
        write_log(logs / "b.json.gz", [TWO])

        def no_memory(*_: object) -> None:
            raise MemoryError

        with monkeypatch.context() as patch:
            patch.setattr("cloudtrail_mfa.store.load._RECORDS", 2)
            patch.setattr("cloudtrail_mfa.store.load.spread", no_memory)
            with pytest.raises(LakeError, match="memory is not enough"):
                lake.ingest(logs)
        assert ids(lake) == []
        assert lake.ingest(logs).events == 2

    def test_a_process_that_is_killed_costs_the_run_not_the_lake(
        self, tmp_path: Path, logs: Path
    ) -> None:
        """The error says so in a sentence, and the next run does what is left."""
        for number in range(900):
            write_log(logs / file_name(unique=f"{number:016}"), [call(event_id=f"{number}")] * 9)
        lake = Lake(tmp_path / "lake")

        def kill(_: Progress) -> None:
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)

        with pytest.raises(LakeError, match="a process was ended from outside"):
            lake.ingest(logs, workers=2, progress=kill)
        assert lake.ingest(logs, workers=2).events <= 900
        assert len(ids(lake)) == 900
        assert not (tmp_path / "lake" / "staging").exists()

    @pytest.mark.parametrize(
        ("task", "row_group", "commit_rows"),
        [
            (1, 1, 1),
            (1, 10**9, 10**6),
            (10**6, 1, 10**6),
            (10**6, 20_000, 1),
            (5_000, 20_000, 7),
            (40_000, 10**9, 7),
        ],
    )
    def test_however_it_is_dealt_the_lake_is_the_same(
        self,
        tmp_path: Path,
        logs: Path,
        monkeypatch: pytest.MonkeyPatch,
        task: int,
        row_group: int,
        commit_rows: int,
    ) -> None:
        """Copies and conflicts within a row group, a file, a task, a commit, and across them."""
        write_mess(logs)
        plain = Lake(tmp_path / "plain")
        expected = plain.ingest(logs)
        monkeypatch.setattr("cloudtrail_mfa.store.ingest._COMMIT_ROWS", commit_rows)
        monkeypatch.setattr("cloudtrail_mfa.store.load._SMALLEST_TASK", task)
        monkeypatch.setattr("cloudtrail_mfa.store.load._LARGEST_TASK", task)
        monkeypatch.setattr("cloudtrail_mfa.store.load._RECORDS", row_group % 97)
        monkeypatch.setattr("cloudtrail_mfa.store.parts.ROW_GROUP", row_group)
        monkeypatch.setattr("cloudtrail_mfa.store.parts._FILE", 3 * row_group)
        monkeypatch.setattr("cloudtrail_mfa.store.known._MOST_IDS", commit_rows)
        other = Lake(tmp_path / "other")
        report = other.ingest(logs)
        assert everything(other) == everything(plain)
        assert [counts(file) for file in report.files] == [counts(file) for file in expected.files]
        assert other.ingest(logs).events == 0
        assert not (tmp_path / "other" / "staging").exists()

    def test_the_counts_of_a_mess_are_those_of_a_plain_count(self, lake: Lake, logs: Path) -> None:
        """Each id with each content once; the first file that holds it is named."""
        first = write_mess(logs)
        report = lake.ingest(logs)
        assert everything(lake) == sorted(first.items())
        assert report.events == len(first)
        assert report.duplicates == report.records - len(first)

    def test_progress_is_told(self, lake: Lake, logs: Path) -> None:
        """The last word says that all is done."""
        write_log(logs / "a.json", [ONE])
        seen: list[Progress] = []
        lake.ingest(logs, progress=seen.append)
        last = seen[-1]
        assert (last.files, last.records, last.bytes) == (last.total_files, 1, last.total_bytes)

    def test_the_number_of_processes_is_checked(self, lake: Lake, logs: Path) -> None:
        """None at all would wait for ever."""
        with pytest.raises(ScopeError, match="workers=0"):
            lake.ingest(logs, workers=0)

    def test_a_lake_in_use_is_not_written_to(self, lake: Lake, logs: Path) -> None:
        """Another process holds the lock: the error says so."""
        write_log(logs / "a.json", [ONE])
        holder = (
            "import sys; from cloudtrail_mfa.store.dataset import Dataset\n"
            "with Dataset(sys.argv[1]).writing(): print('held', flush=True); sys.stdin.read()"
        )
        command = [sys.executable, "-c", holder, str(logs.parent / "lake")]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
            with pytest.raises(LakeError, match="being written to by another process"):
                lake.ingest(logs)
            process.communicate()
        assert lake.ingest(logs).events == 1

    def test_the_report_is_a_table_too(self, lake: Lake, logs: Path) -> None:
        """A row a file, for notebooks."""
        write_log(logs / "a.json", [ONE])
        frame = lake.ingest(logs).frame()
        (row,) = frame[["outcome", "records", "events"]].to_dict("records")
        assert row == {"outcome": "ingested", "records": 1, "events": 1}


def test_half_a_character_costs_nothing(lake: Lake, logs: Path) -> None:
    """Every record of the file is in, and comes back as it was."""
    cut = "cut \ud83d"
    records = [ONE, TWO | {"userAgent": cut}, LATER | {"requestParameters": {"key": cut}}]
    (logs / "log.json").write_text(json.dumps({"Records": records}))
    assert lake.ingest(logs).events == 3
    assert len(lake.denials()) == 0
    back = {record["eventID"]: record for record in lake.records()}
    assert back == {record["eventID"]: record for record in records}


def test_every_record_comes_back_from_the_lake(lake: Lake, logs: Path) -> None:
    """Absent, null, empty and unknown fields survive Parquet and DuckDB."""
    records: list[Record] = [
        ONE,
        TWO | {"requestParameters": None, "invented": {"a": [1, None]}},
        LATER | {"userIdentity": {"type": "IAMUser", "sessionContext": {"sessionIssuer": {}}}},
        call(event_id="zero", userIdentity={}, resources=[], errorMessage=""),
    ]
    write_log(logs / "a.json", records)
    lake.ingest(logs)
    back = {record["eventID"]: record for record in lake.records()}
    assert back == {record["eventID"]: record for record in records}


class Counted(ThreadPoolExecutor):
    """Remembers what it was given."""

    def __init__(self) -> None:
        super().__init__(1)
        self.given: list[str] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it, and note what it was."""
        self.given.append(getattr(fn, "func", fn).__name__)
        return super().submit(fn, *args, **kwargs)


def test_a_run_commits_as_it_goes(lake: Lake, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be settled before a commit does not wait behind all that is still to be read."""
    monkeypatch.setattr("cloudtrail_mfa.store.load._SMALLEST_TASK", 1)
    monkeypatch.setattr("cloudtrail_mfa.store.load._LARGEST_TASK", 1)
    monkeypatch.setattr("cloudtrail_mfa.store.ingest._COMMIT_ROWS", 4)
    for number in range(40):
        records = [call(event_id="again"), call(event_id=f"{number}")]
        write_log(logs / file_name(unique=f"{number:016}"), records)
    committed: list[int] = []

    def progress(_: Progress) -> None:
        committed.append(len(lake._dataset._manifests()))

    with Counted() as executor:
        report = lake.ingest(logs, executor=executor, workers=1, progress=progress)
    assert (report.events, report.duplicates) == (41, 39)
    assert executor.given.count("load") == 40
    assert executor.given.index("settle") <= 8
    assert committed[10] > 0
    assert committed[-1] > 10
