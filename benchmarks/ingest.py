"""Time the ingest against others at the same job, on the same files.

::

    python -m benchmarks.ingest --events 300000 --files large
    python -m benchmarks.ingest --files small --cores 1 --repeats 5 library chdb
    python -m benchmarks.ingest --logs AWSLogs/ --markdown

Without ``--logs`` a trail is made up first (`benchmarks.trail`). Each run is a process of its own. In
a first round memory is measured, and caches get warm; in the rounds after it time, the contenders by
turns, so that what else the machine does meets all. Seconds are those of the whole process, from its
start to its end; beside them those without its imports. Memory is that of all processes of a run.
``pip install -e '.[benchmark]'`` brings the contenders; those that are not there are left out.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks.contenders import CONTENDERS, log_files, text_bytes
from benchmarks.memory import peak_memory
from benchmarks.table import Measured, machine, markdown, plain
from benchmarks.trail import FILES, Trail, write_trail

__all__ = ["main"]

_ROOT = Path(__file__).parent.parent


class Failed(Exception):
    """A contender did not do its job."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the contenders and print what they took."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        logs = given.logs.absolute() if given.logs else _make_up(Path(place) / "logs", given)
        files = log_files(logs)
        if not files:
            raise SystemExit(f"{logs} holds no file of CloudTrail's")
        stored, texts = sum(file.stat().st_size for file in files), sum(map(text_bytes, files))
        names = [name for name in given.contenders or CONTENDERS if _is_there(name)]
        found = _run_all(names, logs, Path(place), given.repeats, given.cores)
    told = f"{len(files):,} files, {texts / 1e6:,.0f} MB of JSON, {stored / 1e6:,.0f} MB gzipped"
    print(f"{told}; {given.cores} cores, medians of {given.repeats}")
    print(machine())
    print()
    print((markdown if given.markdown else plain)(found))
    if failed := [name for name in names if name not in found]:
        raise SystemExit(f"failed: {', '.join(failed)}")
    if problem := _differ(found):
        raise SystemExit(problem)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("contenders", nargs="*", help=f"of {', '.join(CONTENDERS)}")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--files", choices=FILES, default="usual", help="a range of sizes")
    parser.add_argument("--records-a-file", type=int, help="one size, instead")
    parser.add_argument("--logs", type=Path, help="a folder of logs, instead of made-up ones")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--markdown", action="store_true", help="a table for a page")
    parser.add_argument("--folder", type=Path, help="where to write, instead of the usual place")
    return parser


def _make_up(folder: Path, given: argparse.Namespace) -> Path:
    one_size = given.records_a_file
    sizes = (one_size, one_size) if one_size else FILES[given.files]
    print(write_trail(folder, Trail(given.events, sizes)), flush=True)
    return folder


def _is_there(name: str) -> bool:
    if name not in CONTENDERS:
        raise SystemExit(f"no contender is called {name}: {', '.join(CONTENDERS)}")
    needs = CONTENDERS[name].needs
    there = bool(find_spec(needs) if needs else shutil.which(name))
    if not there:
        print(f"{name}: left out, as {needs or name} is not installed")
    return there


def _run_all(
    names: Sequence[str], logs: Path, place: Path, repeats: int, cores: int
) -> dict[str, Measured]:
    """Run each contender once for its memory, then all by turns for their time."""
    found = {name: Measured(CONTENDERS[name]) for name in names}
    for turn in range(repeats + 1):
        for name, measured in list(found.items()):
            sample = measured.contender.sample
            folder = _sample(logs, place / f"sample-{name}", sample) if sample else logs
            try:
                _run(name, folder, place, cores, measured, timed=turn > 0)
            except Failed as problem:
                print(f"{name} failed: {problem}", flush=True)
                del found[name]
        _progress(turn, repeats)
    _count(found)
    return found


def _progress(turn: int, repeats: int) -> None:
    done = f"{turn} of {repeats} rounds" if turn else "memory is measured"
    print(done, file=sys.stderr, flush=True)


def _sample(logs: Path, folder: Path, most: int) -> Path:
    """Copy the first files, as far as `most` bytes go, but one at least."""
    if not folder.exists():
        folder.mkdir()
        size = 0
        for number, file in enumerate(log_files(logs)):
            size += file.stat().st_size
            if number and size > most:
                break
            shutil.copyfile(file, folder / f"{number:06}-{file.name}")
    return folder


def _run(
    name: str, logs: Path, place: Path, cores: int, measured: Measured, *, timed: bool
) -> None:
    out = place / "out"
    command = [sys.executable, "-m", "benchmarks.contenders", name, str(logs), str(out)]
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as problems:
        start = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            [*command, "--cores", str(cores)], cwd=_ROOT, stdout=told, stderr=problems
        )
        if timed:
            process.wait()
            measured.whole.append(time.perf_counter() - start)
        else:
            measured.peak = peak_memory(process)
        measured.stored = sum(
            path.stat().st_size for path in out.rglob("*") if path.suffix in (".parquet", ".jsonl")
        )
        shutil.rmtree(out, ignore_errors=True)
        told.seek(0)
        problems.seek(0)
        if process.returncode:
            raise Failed(_reason(problems.read().decode(errors="replace"), process.returncode))
        result = json.loads(told.read().splitlines()[-1])
    if timed:
        measured.inside.append(result["seconds"])
    measured.rows, measured.dropped = result["written"], result["dropped"]


def _reason(text: str, code: int) -> str:
    lines = [line for line in text.splitlines() if line.strip(" ^~")]
    errors = [line for line in lines if re.match(r"\S*(Error|Exception)\b", line)]
    return [f"exit code {code}", *lines, *errors][-1]


def _count(found: dict[str, Measured]) -> None:
    """Fill in how many records each has read; who writes but some has read as many as others."""
    every = 0
    for measured in found.values():
        if measured.contender.every_record:
            measured.records = measured.rows + measured.dropped
            every = max(every, measured.records)
    for measured in found.values():
        measured.records = measured.records or every


def _differ(found: dict[str, Measured]) -> str:
    """Tell which counts differ, of contenders that read all records; empty if none do."""
    counts = {
        name: measured.records
        for name, measured in found.items()
        if measured.contender.every_record and not measured.contender.sample
    }
    if len(set(counts.values())) <= 1:
        return ""
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return f"the contenders found different numbers of records: {told}"


if __name__ == "__main__":
    main()
