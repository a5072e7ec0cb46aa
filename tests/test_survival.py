"""A lake outlives whatever befalls the process that writes to it, or the disk."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cloudtrail_mfa import Lake, LakeError
from tests.dying import JOBS
from tests.kills import Stage, content, is_clean, kill_once, stage
from tests.records import call, write_log

_KILLS, _TOGETHER = 100, 4


def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [*_WITHOUT_PRIVILEGE, sys.executable, "-m", "cloudtrail_mfa", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


# The superuser may write where nobody may; without these capabilities it is a user like others.
_WITHOUT_PRIVILEGE: Sequence[str] = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
)


def one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """See that a command was refused in a sentence."""
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("cloudtrail-mfa: ")
    assert all(word in line for word in words), line


@pytest.fixture(scope="session")
def killing(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Return what is killed: made once for many."""
    return stage(tmp_path_factory.mktemp("kills"))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Return a folder of files of two days, with copies of events among them."""
    folder = tmp_path / "logs"
    for number in range(6):
        times = [f"2026-06-0{day}T0{number}:00:00Z" for day in (1, 2)]
        records = [call(event_id=f"{number // 2}-{time}", time=time) for time in times]
        write_log(folder / f"{number}.json.gz", records + records[:1])
    return folder


@pytest.fixture
def half(tmp_path: Path, logs: Path) -> Path:
    """Return a lake that holds some of the files, brought by two runs."""
    folder = tmp_path / "half"
    for number in range(2):
        Lake(folder).ingest(logs / f"{number}.json.gz", workers=1)
    return folder


@pytest.mark.parametrize("first", range(0, _KILLS, _TOGETHER))
def test_a_killed_run_loses_nothing(killing: Stage, first: int) -> None:
    """At whatever moment, whoever is killed: readable at once, and whole after the next run."""
    for seed in range(first, first + _TOGETHER):
        kill_once(killing, seed)


@pytest.mark.parametrize("job", JOBS)
def test_death_at_any_step_loses_nothing(tmp_path: Path, logs: Path, half: Path, job: str) -> None:
    """Each step that a process takes in the lake's folder may be its last one."""
    dying = [sys.executable, "-m", "tests.dying", job, str(half), str(logs), str(tmp_path / "died")]
    subprocess.run(dying, check=True, cwd=Path(__file__).parent.parent)
    before = content(half)
    JOBS[job](Lake(half), str(logs))
    after = content(half)
    died = sorted((tmp_path / "died").iterdir())
    assert len(died) > 20
    seen = []
    for lake in died:
        seen.append(content(lake)[0])
        JOBS[job](Lake(lake), str(logs))
        assert content(lake) == after, lake.name
        is_clean(lake)
    # First as it was, then as it is to be: there is no third.
    turn = next(step for step, rows in enumerate(seen) if rows == after[0])
    assert all(rows == before[0] for rows in seen[:turn])
    assert all(rows == after[0] for rows in seen[turn:])


@pytest.mark.parametrize(("limit", "workers"), [(0, 1), (1000, 2), (16_000, 2)])
def test_a_disk_that_takes_no_more_ends_the_run_in_a_sentence(
    tmp_path: Path, logs: Path, half: Path, limit: int, workers: int
) -> None:
    """The lake is as it was, and the next run does it all."""
    for number in range(300):  # enough for two processes
        write_log(logs / f"more-{number}.json.gz", [call(event_id=f"{number}", userAgent="x" * 99)])
    before = content(half)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = run("ingest", logs, "--lake", half, "--workers", workers, preexec_fn=full)
    one_sentence(done, str(half), "cannot be written to (File too large)")
    assert content(half) == before
    is_clean(half)
    assert run("ingest", logs, "--lake", half, "--workers", workers).returncode == 0
    Lake(tmp_path / "whole").ingest(logs, workers=1)
    assert content(half)[0] == content(tmp_path / "whole")[0]
    is_clean(half)


# In a place of its own, which ends with it, a small disk is made, and later grown.
_ON_A_SMALL_DISK = """
mount -t tmpfs -o size="$1"k tmpfs "$2" && cp -a "$3"/. "$2" || exit 99
shift 3
"$@"
code=$?
cp -a "$PLACE" "$KEEP/full"
mount -o remount,size=64m "$PLACE"
"$@" > "$KEEP/told" 2>&1 && cp -a "$PLACE" "$KEEP/done"
exit $code
"""


@pytest.mark.skipif(
    subprocess.run(["unshare", "--map-root-user", "--mount", "true"], check=False).returncode != 0,
    reason="no disk can be mounted here, small or other",
)
@pytest.mark.parametrize(("more", "workers"), [(0, 1), (24, 2), (56, 1)])
def test_a_full_disk_ends_the_run_in_a_sentence(
    tmp_path: Path, logs: Path, half: Path, more: int, workers: int
) -> None:
    """With so many KiB left on it; the lake is as it was, and with more room the next run does it all."""
    for number in range(300):
        write_log(logs / f"more-{number}.json.gz", [call(event_id=f"{number}", userAgent="x" * 99)])
    used = sum(4 * -(-path.stat().st_size // 4096) for path in half.rglob("*") if path.is_file())
    lake, keep = tmp_path / "disk", tmp_path / "keep"
    lake.mkdir()
    keep.mkdir()
    ingest = [sys.executable, "-m", "cloudtrail_mfa", "ingest", str(logs), "--lake", str(lake)]
    apart = ["unshare", "--map-root-user", "--mount", "sh", "-c", _ON_A_SMALL_DISK, "sh"]
    done = subprocess.run(
        [*apart, str(used + more), str(lake), str(half), *ingest, "--workers", str(workers)],
        env=os.environ | {"PLACE": str(lake), "KEEP": str(keep)},
        capture_output=True,
        text=True,
        check=False,
    )
    one_sentence(done, str(lake), "cannot be written to (No space left on device)")
    assert content(keep / "full") == content(half)
    is_clean(keep / "full")
    Lake(tmp_path / "whole").ingest(logs, workers=1)
    assert content(keep / "done")[0] == content(tmp_path / "whole")[0]
    is_clean(keep / "done")


def test_where_no_process_can_be_started_the_way_out_is_told(logs: Path, half: Path) -> None:
    """Containers come without the memory that processes share; one process needs none."""
    before = content(half)

    def none_shared() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    for number in range(300):
        write_log(logs / f"more-{number}.json.gz", [call()])
    done = run("ingest", logs, "--lake", half, "--workers", 2, preexec_fn=none_shared)
    one_sentence(done, str(half), "processes cannot be started", "run again with one worker")
    assert content(half) == before


def test_a_full_disk_ends_a_compaction_in_a_sentence(half: Path) -> None:
    """No event is touched."""
    before = content(half)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = run("compact", "--lake", half, preexec_fn=full)
    one_sentence(done, str(half), "cannot be written to (File too large)")
    assert content(half) == before
    is_clean(half)


def test_of_two_runs_at_once_one_is_told_to_wait(tmp_path: Path, logs: Path) -> None:
    """Nothing is lost, nothing is there twice."""
    command = [sys.executable, "-m", "cloudtrail_mfa", "ingest", logs, "--lake", tmp_path / "lake"]
    both = [
        subprocess.Popen(
            list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in both:
        printed, told = process.communicate()
        if process.returncode:
            done = subprocess.CompletedProcess([], process.returncode, printed, told)
            one_sentence(done, "is being written to by another process: wait until it is done")
    assert 0 in [process.returncode for process in both]
    Lake(tmp_path / "whole").ingest(logs, workers=1)
    assert content(tmp_path / "lake") == content(tmp_path / "whole")
    is_clean(tmp_path / "lake")


def test_what_cannot_be_written_to_is_read_all_the_same(logs: Path, half: Path) -> None:
    """Evidence is often mounted so; only an ingest says in a sentence that it cannot be."""
    for path in (half, *half.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = content(half)
    one_sentence(run("ingest", logs, "--lake", half), str(half), "cannot be written to")
    one_sentence(run("compact", "--lake", half), str(half), "cannot be written to")
    done = run("records", "--lake", half)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(before[0])
    assert content(half) == before
    for path in (half, *half.rglob("*")):
        path.chmod(0o755)


def test_a_new_lake_where_nothing_may_be_written_is_a_sentence(tmp_path: Path, logs: Path) -> None:
    """And nothing is left."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    one_sentence(run("ingest", logs, "--lake", closed / "lake"), "cannot be written to")
    assert list(closed.iterdir()) == []


@pytest.mark.parametrize("content_", [b"", b"\0" * 400, b"half"], ids=["nothing", "zeros", "half"])
def test_a_damaged_parquet_file_is_named(logs: Path, half: Path, content_: bytes) -> None:
    """By whatever meets it, in a sentence."""
    path = Path(Lake(half)._dataset.parquet()[0])
    path.write_bytes(content_ if content_ != b"half" else path.read_bytes()[:-40])
    for command in (["ingest", logs], ["compact"], ["records"]):
        done = run(*command, "--lake", half)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert path.name in line
        assert "cannot be read" in line


def test_a_parquet_file_that_is_gone_is_named(half: Path) -> None:
    """It is not as if its events had never been."""
    path = Path(Lake(half)._dataset.parquet()[0])
    path.unlink()
    with pytest.raises(LakeError, match=f"{path.name}.* cannot be read"):
        Lake(half).compact()
    shutil.rmtree(half)
