"""Time the relations of a large lake, each in a process of its own.

::

    python -m benchmarks.relations --events 10000000
    python -m benchmarks.relations --lake lake/ --memory-limit 2GB sessions experiments

Without ``--lake`` a trail is made up and ingested first (`benchmarks.trail`); a folder that is given
is kept, and used again. Of a view every column of every row is computed and summed up in a checksum,
by which two versions of a query can be compared; a method of the lake brings its DataFrame, and is
asked again in another process: what is kept beside the events makes the difference.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.trail import Trail, write_trail
from cloudtrail_mfa import Lake
from cloudtrail_mfa.errors import CloudTrailMfaError

T = TypeVar("T")

VIEWS = ("issued", "devices", "sign_ins", "used_sessions", "sessions", "experiments")
METHODS: dict[str, Callable[[Lake], object]] = {
    "lake.sessions()": Lake.sessions,
    "lake.posture()": Lake.posture,
    "lake.credentials()": Lake.credentials,
    "lake.summary()": Lake.summary,
    "lake.denials()": Lake.denials,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What it took."""

    rows: int
    seconds: float
    peak: float
    checksum: str

    def __str__(self) -> str:
        """Return them as a line of the table."""
        return f"{self.rows:10,} {self.seconds:8.1f} {self.peak:8.2f}  {self.checksum}"


def measure(folder: Path, name: str, threads: int, memory_limit: str | None) -> Measured | str:
    """Ask for all of a relation; return what it took, or why it failed."""
    lake = Lake(folder, create=False)
    lake.sql(f"set threads = {threads}")
    if memory_limit:
        lake.sql(f"set memory_limit = '{memory_limit}'")
    start = time.perf_counter()
    try:
        rows, checksum = _ask(lake, name)
    except CloudTrailMfaError as error:
        return str(error).splitlines()[0]
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return Measured(rows, seconds, peak, checksum)


def _ask(lake: Lake, name: str) -> tuple[int, str]:
    if name in METHODS:
        found = METHODS[name](lake)
        return len(found), ""  # type: ignore[arg-type]
    query = "select count(*) as rows, bit_xor(hash(relation)) as checksum from {} as relation"
    ((rows, checksum),) = lake.sql(query.format(name)).itertuples(index=False)
    return int(rows), f"{int(checksum):016x}"


def alone(work: Callable[..., T], *given: object) -> T | str:
    """Work in a process of its own, whose peak memory is its own."""
    # Also what is done before: a process begins with the peak of the one that starts it.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(work, *given).result()
        except BrokenProcessPool:
            return "the process was ended, perhaps for want of memory"


def make_lake(folder: Path, events: int) -> str:
    """Make up a trail and bring it into a lake; tell how long it took."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        start = time.perf_counter()
        # Refused calls are what most relations are about: more of them than usual.
        write_trail(Path(place) / "logs", Trail(events, refused=0.1))
        written = time.perf_counter()
        Lake(folder).ingest(Path(place) / "logs", workers=2)
        ingested = time.perf_counter()
    took = f"written in {written - start:.0f} s, ingested in {ingested - written:.0f} s"
    return f"{events:,} events: {took}"


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("relations", nargs="*", default=[*VIEWS, *METHODS])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--lake", type=Path, help="kept, and used again where it is there")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", help="DuckDB's, as 2GB")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = (options.lake or Path(place) / "lake").absolute()
        if not folder.exists():
            print(alone(make_lake, folder, options.events))
        print(f"{'relation':20} {'rows':>10} {'seconds':>8} {'peak GiB':>8}  checksum")
        for name in options.relations:
            shutil.rmtree(folder / "answers", ignore_errors=True)
            for told_as in (name, "  again") if name in METHODS else (name,):
                told = alone(measure, folder, name, options.threads, options.memory_limit)
                print(f"{told_as:20} {told}", flush=True)


if __name__ == "__main__":
    main()
