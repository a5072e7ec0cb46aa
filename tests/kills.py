"""Kill real runs at random moments, and see that nothing is lost, doubled or left over.

::

    python -m tests.kills --runs 2000 --seed 1

A run is an ``ingest`` of a made-up archive into a lake that is empty or half full, or a ``compact``
of one that grew by small runs. All its processes are killed, the first one alone, or one that
works for it: after a random time, or some milliseconds after a sign of life in the lake's folder, so
that the commit is met, too. Then the lake has to be readable at once, as it was before or as it is
to be; and the next run has to leave it as it is where nobody is killed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq

from benchmarks.trail import Trail, write_trail
from cloudtrail_mfa import Lake
from cloudtrail_mfa.store.dataset import SourceFile
from cloudtrail_mfa.store.originals import restore
from cloudtrail_mfa.store.parts import partition_of

__all__ = ["Stage", "content", "is_clean", "kill_once", "stage"]

Content = tuple[list[str], list[SourceFile]]
"""A row's columns and its record, as texts in order; and what became of each file."""

# What is looked at of a killed run's life, and how long is waited after it, in seconds.
_SIGNS: dict[str, tuple[str, float]] = {
    "begun": ("staging", 0.6),
    "writes": ("staging/*", 0.3),
    "commits": ("staging/manifest.json", 0.01),
    "committed": ("manifest/0*.json", 0.02),
    "moves": ("events/*/*/*.parquet", 0.004),
}
_LONGEST = 1800


@dataclass(frozen=True, slots=True)
class Job:
    """What is killed.

    Attributes
    ----------
    arguments
        Of the command line.
    before, was
        A lake as it is before, and what it holds.
    expected
        What it is to hold after it.
    finish
        The next run.
    """

    arguments: tuple[str, ...]
    before: Path
    was: Content
    expected: Content
    finish: Callable[[Lake], object]


@dataclass(frozen=True, slots=True)
class Stage:
    """All that may be killed, in a folder."""

    folder: Path
    jobs: tuple[Job, ...]


def stage(folder: Path, seed: int = 1) -> Stage:
    """Make the archive, the lakes before and the lakes that nobody disturbs."""
    logs = folder / "logs"
    write_trail(logs, Trail(250, (1, 1), again=0.06, late=0.06, seed=seed), workers=1)
    files = sorted(logs.rglob("*.json.gz"))
    for number, file in enumerate(files[::40]):  # copied, and delivered by another trail
        shutil.copyfile(file, logs / f"copy-{number}.json.gz")
        (logs / f"again-{number}.json.gz").write_bytes(
            file.read_bytes() + files[number].read_bytes()
        )
    some = [str(file) for file in files[::2]]
    empty, half, grown = (folder / name for name in ("empty", "half", "grown"))
    empty.mkdir()
    Lake(half).ingest(*some, workers=1)
    for number in range(6):
        Lake(grown).ingest(*files[number * 9 : number * 9 + 9], workers=1)

    def ingest(lake: Lake) -> object:
        return lake.ingest(logs, workers=1)

    def compact(lake: Lake) -> object:
        return lake.compact(workers=1)

    def job(before: Path, finish: Callable[[Lake], object], *arguments: str) -> Job:
        whole = folder / f"{before.name}-after"
        if not whole.exists():
            shutil.copytree(before, whole)
            finish(Lake(whole))
        return Job(arguments, before, content(before), content(whole), finish)

    return Stage(
        folder,
        (
            job(empty, ingest, "ingest", str(logs), "--workers=2"),
            job(half, ingest, "ingest", str(logs), "--workers=1"),
            job(half, ingest, "ingest", str(logs), "--workers=2"),
            job(grown, compact, "compact", "--workers=1"),
        ),
    )


def content(folder: Path) -> Content:
    """Return everything that a lake holds, read as another tool would."""
    rows: list[str] = []
    dataset = Lake(folder)._dataset
    for path in dataset.parquet():
        with pq.ParquetFile(path) as file:
            table = file.read(use_threads=False)
        place = str(partition_of(path))
        for row, record in zip(table.to_pylist(), restore(table), strict=True):
            rows.append(json.dumps([place, record, row], default=str, sort_keys=True))
    latest = {source.path: source for source in dataset.sources()}
    return sorted(rows), sorted(latest.values(), key=lambda source: source.path)


def kill_once(stage: Stage, seed: int) -> str:
    """Kill one run, and finish it; return what was done.

    Raises
    ------
    AssertionError
        If the lake was not readable at once, or is not what it has to be after the next run.
    """
    chance = Random(seed)  # noqa: S311
    job = chance.choice(stage.jobs)
    lake = Path(tempfile.mkdtemp(dir=stage.folder)) / "lake"
    shutil.copytree(job.before, lake)
    done = []
    with contextmanager(_survivors)() as survivors:
        for _ in range(chance.choice((1, 1, 1, 1, 1, 2))):
            done.append(_killed(job, lake, chance, survivors))
            _is_whole(job, lake)
        job.finish(Lake(lake))
        _is_done(job, lake)
    # What ran on beside that is over now: it left nothing either.
    is_clean(lake)
    shutil.rmtree(lake.parent)
    return f"{job.arguments[0]}, {job.arguments[-1]}: {', again '.join(done)}"


def _survivors() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Give a list for runs whose processes may live on; wait for their end."""
    survivors: list[subprocess.Popen[bytes]] = []
    try:
        yield survivors
    finally:
        for process in survivors:  # no process has its standard output any more
            process.communicate(timeout=_LONGEST)


def _killed(job: Job, lake: Path, chance: Random, survivors: list[subprocess.Popen[bytes]]) -> str:
    """Start a run, and kill it or a part of it."""
    command = [sys.executable, "-m", "cloudtrail_mfa", *job.arguments, "--lake", str(lake)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    survivors.append(process)
    sign = _await(process, lake, chance)
    several = job.arguments[-1] != "--workers=1"
    whom = chance.choice(("all", "first", "worker") if several else ("all", "first"))
    if whom == "all":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    elif whom == "first":
        process.kill()
    elif victims := _children(process.pid):
        with suppress(ProcessLookupError):
            os.kill(chance.choice(victims), signal.SIGKILL)
    code = process.wait(timeout=_LONGEST)
    assert code in (-signal.SIGKILL, 0, 2), code
    if code == 0:
        return f"too late for {whom} after {sign!r}"
    return f"{whom} after {sign!r}"


def _await(process: subprocess.Popen[bytes], lake: Path, chance: Random) -> str:
    """Wait for a random moment of a run; say which."""
    sign = chance.choice(("time", *_SIGNS))
    if sign == "time":
        time.sleep(chance.uniform(0, 1.5))
        return sign
    pattern, longest = _SIGNS[sign]
    before = {*lake.glob(pattern)}
    while not {*lake.glob(pattern)} - before and process.poll() is None:
        time.sleep(0.003)
    time.sleep(chance.uniform(0, longest))
    return sign


def _children(parent: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    lines = (line.split(maxsplit=2) for line in listed.stdout.splitlines())
    return [int(pid) for pid, of, name in lines if int(of) == parent and "loky" in name]


def _is_whole(job: Job, lake: Path) -> None:
    """See that a lake can be read, as it was or as it is to be."""
    rows, _ = content(lake)
    assert rows in (job.was[0], job.expected[0]), "neither what was nor what will be"
    count = Lake(lake).sql("select count(*) as n from events")["n"][0]
    assert count == len(rows)


def _is_done(job: Job, lake: Path) -> None:
    """See that a lake holds what it is to hold, and its folder nothing else."""
    rows, sources = content(lake)
    assert rows == job.expected[0], "rows are missing, or too many"
    assert sources == job.expected[1], "files are told of otherwise"
    is_clean(lake)


def is_clean(lake: Path) -> None:
    """See that there is nothing in a lake's folder but the lake."""
    found = {path for path in lake.rglob("*") if path.is_file()}
    placed = {Path(path) for path in Lake(lake)._dataset.parquet()}
    assert found - placed - {*lake.glob("manifest/*.json")} <= {lake / ".lock"}, "files are left"
    assert placed == {*lake.glob("events/*/*/*.parquet")}, "files are not in their places"
    assert {path.name for path in lake.iterdir()} <= {".lock", "events", "manifest"}


def main(arguments: list[str] | None = None) -> None:
    """Kill as many runs as the arguments say, and count what was done."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="of the first; each has the next one")
    given: Any = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        made = stage(Path(folder))
        for seed in range(given.seed, given.seed + given.runs):
            try:
                counts[kill_once(made, seed)] += 1
            except AssertionError as error:
                raise SystemExit(f"seed {seed}: {error}") from error
    for what, count in sorted(counts.items()):
        print(f"{count:6,}  {what}")  # noqa: T201
    print(f"{counts.total():,} runs were killed; every lake was readable at once and is whole")  # noqa: T201


if __name__ == "__main__":
    main()
