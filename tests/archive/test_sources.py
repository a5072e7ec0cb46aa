"""Sources: a file, a folder tree or a glob, each file once."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Barrier

import pytest

from cloudtrail_mfa import SourceError
from cloudtrail_mfa.archive.sources import LogFile, find, opened_ahead
from tests.records import file_name
from tests.s3_server import Bucket


def touch(path: Path, text: str = "{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def names(files: list[LogFile]) -> list[str]:
    return [Path(file.path).name for file in files]


def test_a_file_is_found_with_its_size_and_time(tmp_path: Path) -> None:
    """A file names itself; size and time let a later run tell whether it changed."""
    path = touch(tmp_path / "one.json", "{ }")
    (found,) = find([path])
    assert (found.path, found.size) == (str(path), 3)
    assert found.modified == path.stat().st_mtime_ns


def test_a_folder_is_searched_to_the_bottom(tmp_path: Path) -> None:
    """A folder stands for every file below it, whatever its name."""
    touch(tmp_path / "a" / "b" / "deep.json.gz")
    touch(tmp_path / "notes.txt")
    assert sorted(names(find([tmp_path]))) == ["deep.json.gz", "notes.txt"]


def test_a_glob_is_expanded(tmp_path: Path) -> None:
    """Two stars go down the tree, and what does not match is not found."""
    touch(tmp_path / "a" / "one.json")
    touch(tmp_path / "b" / "two.json")
    touch(tmp_path / "b" / "three.txt")
    assert names(find([str(tmp_path / "**" / "*.json")])) == ["one.json", "two.json"]


def test_a_name_that_looks_like_a_glob_is_taken_literally(tmp_path: Path) -> None:
    """A folder named [old] is that folder."""
    touch(tmp_path / "[old]" / "one.json")
    assert names(find([tmp_path / "[old]"])) == ["one.json"]


def test_a_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde means the home folder, although no shell was there to say so."""
    monkeypatch.setenv("HOME", str(tmp_path))
    touch(tmp_path / "logs" / "one.json")
    assert names(find(["~/logs"])) == ["one.json"]


def test_a_file_named_twice_is_found_once(tmp_path: Path) -> None:
    """A folder and a file in it name that file once."""
    path = touch(tmp_path / "one.json")
    assert len(find([tmp_path, path, path])) == 1


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    """A link to a folder counts as the folder; a link back up is entered once."""
    touch(tmp_path / "elsewhere" / "linked.json")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "link").symlink_to(tmp_path / "elsewhere")
    (logs / "circle").symlink_to(logs)
    assert names(find([logs])) == ["linked.json"]


def test_a_dangling_link_is_found_to_be_rejected_later(tmp_path: Path) -> None:
    """A link to nowhere is not passed over in silence: reading it says what is wrong."""
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nowhere")
    (found,) = find([tmp_path])
    with pytest.raises(FileNotFoundError):
        found.open()


def test_files_come_by_account_and_delivery(tmp_path: Path) -> None:
    """The copies of overlapping trails lie side by side, whatever their folders."""
    late = touch(tmp_path / "a" / file_name("20260602T0000Z"))
    early = touch(tmp_path / "b" / file_name("20260601T0000Z"))
    assert names(find([tmp_path])) == [early.name, late.name]


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("CloudTrail-Digest", "digest"), ("CloudTrail-Insight", "Insights")],
)
def test_other_kinds_of_files_are_known_by_their_folder(
    tmp_path: Path, folder: str, kind: str
) -> None:
    """Digests and Insights lie beside the logs, and are none."""
    (found,) = find([touch(tmp_path / folder / "us-east-1" / "x.json.gz")])
    assert kind in (found.other_kind or "")


def test_a_log_file_is_of_no_other_kind(tmp_path: Path) -> None:
    """What lies in CloudTrail's own folder is a log."""
    (found,) = find([touch(tmp_path / "CloudTrail" / file_name())])
    assert found.other_kind is None


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("nowhere", "there is no such file or folder"),
        ("empty", "the folder holds no file"),
        ("*.gz", "no file matches"),
        ("s3:/bucket/prefix", "a place in S3 that lost a slash"),
    ],
)
def test_a_source_that_names_nothing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, problem: str
) -> None:
    """A typing error is never an empty result."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=problem) as caught:
        find([source])
    assert caught.value.source == source


def test_places_in_s3_and_on_disk_are_found_together(tmp_path: Path, bucket: Bucket) -> None:
    """By account and delivery, wherever they lie; each once."""
    late = touch(tmp_path / file_name("20260602T0000Z"))
    early = bucket.put(f"AWSLogs/{file_name('20260601T0000Z')}")
    found = find([tmp_path, bucket.url(), early], s3=bucket.s3)
    assert [file.path for file in found] == [early, str(late)]
    assert [file.s3 for file in found] == [bucket.s3, None]


@pytest.mark.parametrize("key", ["", "AWSLogs/", "AWSLogs/x.json", "*.json.gz"])
def test_a_place_in_s3_that_holds_nothing_is_an_error(bucket: Bucket, key: str) -> None:
    """A typing error is never an empty result there either."""
    with pytest.raises(SourceError, match=r"s3://\S*: no key begins so"):
        find([bucket.url(key)], s3=bucket.s3)


def test_a_folder_in_s3_that_cannot_be_listed_is_found_to_be_rejected(bucket: Bucket) -> None:
    """As a link to nowhere is."""
    file = LogFile(bucket.url("closed/"), 0, 0, bucket.s3)
    with pytest.raises(OSError, match="a folder that cannot be listed: access denied"):
        file.open()


def test_objects_are_on_their_way_before_they_are_wanted(tmp_path: Path, bucket: Bucket) -> None:
    """Several at once; in their order, files of a disk among them."""
    for number in range(8):
        bucket.put(f"{number}.json", str(number).encode())
    files = find([bucket.url(), touch(tmp_path / "on_disk.json", "disk")], s3=bucket.s3)
    together = Barrier(8, timeout=30)

    def wait(asked: str) -> None:
        if asked.startswith("HEAD"):
            together.wait()

    bucket.server.before = wait
    texts = []
    for file, open_it in opened_ahead(files):
        with open_it() as opened:
            texts.append((file, opened.read()))
    assert [file for file, _ in texts] == files
    assert sorted(text for _, text in texts) == [*(b"%d" % number for number in range(8)), b"disk"]


def test_one_that_cannot_be_opened_is_told_in_its_turn(bucket: Bucket) -> None:
    """The others are opened."""
    one, gone = bucket.put("a.json"), bucket.put("b.json")
    files = find([bucket.url()], s3=bucket.s3)
    bucket.remove("b.json")
    ahead = {file.path: open_it for file, open_it in opened_ahead(files)}
    assert ahead[one]().read() == b"{}"
    with pytest.raises(FileNotFoundError, match="it was listed"):
        ahead[gone]()


def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    """A pipe would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    (found,) = find([tmp_path])
    with pytest.raises(OSError, match="not a regular file"):
        found.open()


def test_a_file_is_told_as_text() -> None:
    """Whatever bytes its name holds."""
    assert LogFile("/a\udcff", 1, 1).shown == "/a\\xff"
    assert LogFile("/é", 1, 1).shown == "/é"
