"""Time the steps of an ingest on one core, beside the floor that no reader can be faster than.

::

    python -m benchmarks.steps logs/ --repeats 5

The files are read as far as each step goes, by turns; what a step takes is the difference to the one
before. Files that are not as CloudTrail delivers them are left out.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from isal import igzip

from cloudtrail_mfa.archive.pieces import Stored, pieces
from cloudtrail_mfa.archive.sources import LogFile, find
from cloudtrail_mfa.scope import Scope
from cloudtrail_mfa.store.columns import spread, usual
from cloudtrail_mfa.store.load import load, tasks
from cloudtrail_mfa.store.parts import Parts

Step = Callable[[Sequence[LogFile], Path], object]


def floor(files: Sequence[LogFile], _: Path) -> None:
    """Unfold and parse whole files by the fastest known, and do nothing with them."""
    import simdjson  # noqa: PLC0415  (of the extra, and of this step alone)

    parser = simdjson.Parser()
    for file in files:
        document = parser.parse(igzip.decompress(Path(file.path).read_bytes()))  # type: ignore[no-untyped-call]
        del document  # the parser is used again


def unfold(files: Sequence[LogFile], _: Path) -> None:
    """Read, hash, unfold, cut into lists of records."""
    for file in files:
        with file.open() as opened:
            for _text in pieces(Stored(opened)):
                pass


def decode(files: Sequence[LogFile], _: Path) -> None:
    """And decode them to objects."""
    for file in files:
        with file.open() as opened:
            for text in pieces(Stored(opened)):
                usual(text)


def convert(files: Sequence[LogFile], _: Path) -> None:
    """And put them into Arrow's columns."""
    for file in files:
        with file.open() as opened:
            for text in pieces(Stored(opened)):
                if found := usual(text):
                    spread([(found, file.path)])


def write(files: Sequence[LogFile], folder: Path) -> None:
    """And write them as Parquet, each account and day by itself, what came twice left out."""
    for task in tasks(files, 1):
        parts = Parts(folder)
        for file in task:
            with file.open() as opened:
                for text in pieces(Stored(opened)):
                    if found := usual(text):
                        parts.add(spread([(found, file.path)]))
        parts.close()


def whole(files: Sequence[LogFile], folder: Path) -> None:
    """And whatever else a process that reads does for the lake."""
    for task in tasks(files, 1):
        load(task, folder, Scope())


STEPS: dict[str, Step] = {
    step.__name__: step for step in (floor, unfold, decode, convert, write, whole)
}


def records_in(file: LogFile) -> int | None:
    """Return the number of records of a file as CloudTrail delivers them, else None."""
    try:
        with file.open() as opened:
            found = [usual(text) for text in pieces(Stored(opened))]
    except Exception:  # noqa: BLE001  (the careful way would read it)
        return None
    return None if None in found else sum(len(some) for some in found if some)


def measure(folder: Path, repeats: int, steps: Mapping[str, Step] = STEPS) -> dict[str, float]:
    """Return the microseconds of one core that a record takes, by step; medians."""
    counts = {file: count for file in find([folder]) if (count := records_in(file))}
    took: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(repeats):
        for name, step in steps.items():
            with tempfile.TemporaryDirectory() as place:
                start = time.process_time()
                step([*counts], Path(place))
                took[name].append((time.process_time() - start) / sum(counts.values()) * 1e6)
    return {name: median(each) for name, each in took.items()}


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    before = 0.0
    print(f"{'step':10} {'µs a record':>12} {'of it new':>10}")
    for name, took in measure(options.folder, options.repeats).items():
        print(f"{name:10} {took:12.2f} {took - before:10.2f}")
        before = 0.0 if name == floor.__name__ else took


if __name__ == "__main__":
    main()
