"""The lake's folder: commits that are whole, whatever happens."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from msgspec import Raw

from cloudtrail_mfa import LakeError
from cloudtrail_mfa.store.columns import to_table
from cloudtrail_mfa.store.dataset import Dataset, SourceFile
from cloudtrail_mfa.store.disk import DiskProblem
from cloudtrail_mfa.store.parts import Parts
from tests.records import Record, call

ONE = SourceFile(path="one.json", size=1, modified=2, outcome="ingested", records=1, events=1)


def rows(*records: Record) -> pa.Table:
    return to_table([Raw(json.dumps(record).encode()) for record in records], "one.json")


def add(dataset: Dataset, *records: Record) -> None:
    """Write records as parts, and commit them."""
    dataset.stage()
    parts = Parts(dataset.staging)
    parts.add(rows(*records))
    dataset.commit([part.name for part in parts.close()], [ONE])


def test_a_folder_is_made(tmp_path: Path) -> None:
    """A new lake is an empty folder with a manifest."""
    dataset = Dataset(tmp_path / "deep" / "lake")
    assert dataset.sources() == []
    assert dataset.parquet() == []


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    """A typing error does not fill somebody's home with Parquet."""
    (tmp_path / "letter.txt").write_text("hello")
    with pytest.raises(LakeError, match="is no lake but holds other files"):
        Dataset(tmp_path)


def test_a_file_is_no_lake(tmp_path: Path) -> None:
    """The error names the path."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeError, match=r"file: cannot be a lake"):
        Dataset(tmp_path / "file")


def test_an_absent_lake_may_be_an_error(tmp_path: Path) -> None:
    """Who only reads is told that there is nothing, and nothing is made."""
    with pytest.raises(LakeError, match="there is no lake here"):
        Dataset(tmp_path / "lake", create=False)
    assert not (tmp_path / "lake").exists()


def test_events_lie_in_hive_partitions(tmp_path: Path) -> None:
    """Other tools find account and day in the path; what is unknown is Hive's null."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        add(
            dataset,
            call(),
            call(time="2026-06-02T00:00:00Z"),
            call(eventTime="soon", recipientAccountId="../../etc"),
        )
    folders = {str(Path(path).parent.relative_to(tmp_path)) for path in dataset.parquet()}
    null = "__HIVE_DEFAULT_PARTITION__"
    assert folders == {
        "events/account_id=111122223333/date=2026-06-01",
        "events/account_id=111122223333/date=2026-06-02",
        f"events/account_id={null}/date={null}",
    }


def test_sources_are_remembered(tmp_path: Path) -> None:
    """What became of a file is read back as it was written."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        dataset.commit([], [ONE])
    assert Dataset(tmp_path).sources() == [ONE]


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    """Two runs at once do not harm each other."""
    with Dataset(tmp_path).writing(), pytest.raises(LakeError, match="another process"):
        Dataset(tmp_path).writing().__enter__()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is no name of a folder"),
        (" ", "is no name of a folder"),
        ("s3://bucket/lake", "is no folder of this machine"),
        ("L\udcff", "is not UTF-8"),
        ("date=2020-01-01/lake", "a folder named like a partition"),
    ],
)
def test_names_that_no_lake_can_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, problem: str
) -> None:
    """They are refused before anything is made."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LakeError, match=problem):
        Dataset(name)
    assert list(tmp_path.iterdir()) == []


def test_a_colon_in_a_name_is_a_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrow would take it for the scheme of a URI."""
    monkeypatch.chdir(tmp_path)
    dataset = Dataset("run:1")
    with dataset.writing():
        add(dataset, call())
    assert len(dataset.parquet()) == 1


def test_a_full_disk_is_an_error_and_adds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run does it all again."""
    dataset = Dataset(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with dataset.writing():
        with monkeypatch.context() as patch:
            patch.setattr("pathlib.Path.write_bytes", full)
            with pytest.raises(
                LakeError, match=r"cannot be written to \(No space left on device\)"
            ):
                add(dataset, call())
        assert dataset.sources() == []
        add(dataset, call())
    assert len(dataset.parquet()) == 1


def test_an_unfinished_commit_leaves_nothing(tmp_path: Path) -> None:
    """A process that died before its manifest was written has done nothing."""
    dataset = Dataset(tmp_path)
    staged = tmp_path / "staging" / "account_id=1" / "date=2"
    staged.mkdir(parents=True)
    (staged / "dead.parquet").write_bytes(b"half")
    assert dataset.parquet() == []
    with dataset.writing():
        assert not (tmp_path / "staging").exists()


def test_a_task_that_still_writes_keeps_nothing_alive(tmp_path: Path) -> None:
    """Its folder is taken away, and it makes no other."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        late = Parts(dataset.staging)
        dataset.stage()
        late.add(rows(call()))
        late._file(("111122223333", None))
    with pytest.raises(DiskProblem):
        late.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "manifest"]


def test_a_commit_that_was_not_moved_is_read_and_finished(tmp_path: Path) -> None:
    """A process that died after its manifest was written has done everything."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        add(dataset, call())
    (placed,) = map(Path, dataset.parquet())
    staged = tmp_path / "staging" / placed.relative_to(tmp_path / "events")
    staged.parent.mkdir(parents=True)
    placed.rename(staged)
    assert dataset.parquet() == [str(staged)]
    with dataset.writing():
        assert dataset.parquet() == [str(placed)]


def test_files_are_replaced_by_others(tmp_path: Path) -> None:
    """The new ones are in and the old ones gone, by one commit."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        add(dataset, call(event_id="one"))
        add(dataset, call(event_id="two"))
        old = dataset.names()
        parts = Parts(dataset.staging)
        parts.add(rows(call(event_id="one"), call(event_id="two")))
        dataset.rewrite([part.name for part in parts.close()], old)
    (path,) = dataset.parquet()
    assert [str(path)] == [str(found) for found in tmp_path.glob("events/*/*/*.parquet")]
    assert dataset.sources() == [ONE]
    assert len(list((tmp_path / "manifest").iterdir())) == 1


def test_a_replacement_that_was_not_finished_is_read_once_and_finished(tmp_path: Path) -> None:
    """A process that died before the old files were gone leaves no event twice."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        add(dataset, call(event_id="one"))
        (old,) = map(Path, dataset.parquet())
        kept = old.read_bytes()
        parts = Parts(dataset.staging)
        parts.add(rows(call(event_id="one")))
        dataset.rewrite([part.name for part in parts.close()], dataset.names())
    old.write_bytes(kept)
    assert len(dataset.parquet()) == 1
    with dataset.writing():
        assert not old.exists()


@pytest.mark.parametrize("torn", [b"", b"\0" * 300, b"{", None], ids=["", "zeros", "open", "cut"])
def test_a_manifest_torn_by_a_crash_is_never_believed(tmp_path: Path, torn: bytes | None) -> None:
    """Nothing of its commit was done yet: it did not happen, and the next one takes its place."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        add(dataset, call(event_id="one"))
        (path,) = (tmp_path / "manifest").iterdir()
    whole = path.read_bytes()
    (tmp_path / "manifest" / "00000001-x.json").write_bytes(whole[:-1] if torn is None else torn)
    assert dataset.sources() == [ONE]
    assert len(dataset.parquet()) == 1
    with dataset.writing():
        add(dataset, call(event_id="two"))
    assert len(dataset.parquet()) == 2
    assert len(list((tmp_path / "manifest").iterdir())) == 2


def test_a_torn_manifest_may_be_the_first(tmp_path: Path) -> None:
    """The lake is empty, and can be written to."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        pass
    (tmp_path / "manifest" / "00000000-x.json").write_bytes(b"")
    assert dataset.parquet() == []
    with dataset.writing():
        add(dataset, call())
    assert len(dataset.parquet()) == 1


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": 2, "parquet": 7}'])
def test_a_manifest_that_was_whole_once_is_named(tmp_path: Path, damage: bytes) -> None:
    """Its Parquet files lie in their places: to go on without it would be to forget events."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        add(dataset, call())
    (path,) = (tmp_path / "manifest").iterdir()
    path.write_bytes(damage)
    for read in (dataset.sources, dataset.writing().__enter__):
        with pytest.raises(LakeError, match=f"{path.name}: is a damaged manifest .* from a copy"):
            read()
    assert len(list(tmp_path.glob("events/*/*/*.parquet"))) == 1


def test_a_damaged_manifest_before_others_is_named(tmp_path: Path) -> None:
    """No crash tears what was written long ago."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        add(dataset, call())
    (tmp_path / "manifest" / "-1-x.json").write_text("{")
    with pytest.raises(LakeError, match=r"-1-x\.json: is a damaged manifest"):
        dataset.sources()


def test_answers_about_other_events_are_removed(tmp_path: Path) -> None:
    """By a later writer, when nobody can still be reading them; those about the present events stay."""
    dataset = Dataset(tmp_path)
    with dataset.writing():
        add(dataset, call(event_id="one"))
    old = dataset.answers()
    (old / "rules").mkdir(parents=True)
    with dataset.writing():
        add(dataset, call(event_id="two"))
    new = dataset.answers()
    (new / "rules").mkdir(parents=True)
    assert old.exists()
    assert old != new
    for path in tmp_path.glob("answers/**"):
        os.utime(path, (0, 0))
    with dataset.writing():
        pass
    assert new.exists()
    assert not old.exists()


def test_what_a_manifest_names_is_on_the_disk_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files first, then the folders that hold their names, then the manifest, then its name."""
    seen: list[str] = []
    to_disk, replace = os.fsync, Path.replace

    def fsync(opened: int) -> None:
        seen.append(f"sync {Path(f'/proc/self/fd/{opened}').readlink().relative_to(tmp_path)}")
        to_disk(opened)

    def named(path: Path, target: Path) -> Path:
        seen.append(f"name {target.parent.relative_to(tmp_path)}")
        return replace(path, target)

    monkeypatch.setattr("os.fsync", fsync)
    monkeypatch.setattr("pathlib.Path.replace", named)
    dataset = Dataset(tmp_path / "new" / "lake")
    with dataset.writing():
        add(dataset, call())
    (part,) = dataset.names()
    day = f"lake/staging/{Path(part).parent}"
    made = ["sync new/lake", "sync new", "sync ."]
    held = [f"sync new/{day.rpartition('/')[0]}", f"sync new/{day}"]
    assert seen == [
        *made,
        f"sync new/lake/staging/{part}",
        "sync new/lake/staging/manifest.json",
        *held,
        "sync new/lake/staging",
        "sync new/lake",
        "name new/lake/manifest",
        "sync new/lake/manifest",
        f"name new/lake/events/{Path(part).parent}",
    ]
