"""Write a made-up trail of any size, seeded, in files as CloudTrail delivers them.

::

    python -m benchmarks.trail FOLDER --events 10000000
    python -m benchmarks.trail FOLDER --events 30000 --files small
    python -m benchmarks.trail FOLDER --events 300000 --records-a-file 70000

Of 26,881 events in two public archives 37 % are refused, nearly all of them calls of AWS's own log
delivery to one bucket; of the other 5,299 events 1.2 % are. 2 % is the share here, unless another one
is asked for. A record has about 1,500 bytes, of which gzip leaves an eighth; there it has 1,430, of
which gzip leaves a sixth in files of some records, and a tenth in files of thousands. Some events are
delivered twice, some a day late: AWS promises "at least once".
"""

from __future__ import annotations

import argparse
import gzip
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from multiprocessing import get_context
from pathlib import Path

from benchmarks.callers import Day, Timed
from benchmarks.operations import Draw

__all__ = ["FILES", "Trail", "Written", "write_trail"]

FILES = {
    "large": (70_000, 70_000),
    "usual": (3_000, 20_000),
    "small": (1, 30),
    "one-record": (1, 1),
}
"""Records a file, from and to. A large file is 100 MB of JSON; small ones have 8.6 on average."""

# Where things happen, most of them in one account, and how often.
_PLACES = (
    ("111122223333", "us-east-1", 0.54),
    ("111122223333", "eu-west-1", 0.25),
    ("444455556666", "us-east-1", 0.08),
    ("123456789012", "eu-west-1", 0.07),
    ("999988887777", "ap-southeast-2", 0.06),
)
_GOLDEN = 0.6180339887
_FIRST_DAY, _DAYS = datetime(2026, 6, 1, tzinfo=UTC), 30
# A block is what one process writes at a time: its files follow each other in time.
_BLOCK_RECORDS, _FEWEST_BLOCKS = 20_000, 16


@dataclass(frozen=True, slots=True)
class Trail:
    """What the trail shall be like.

    Attributes
    ----------
    events
        Number of distinct events.
    records_a_file
        Fewest and most; the fewer, the more frequent.
    refused
        Share of calls that are refused.
    again, late
        Shares of events that are delivered a second time, and a day late only.
    seed
        Equal seeds give equal files, whatever the number of processes.
    """

    events: int
    records_a_file: tuple[int, int] = FILES["usual"]
    refused: float = 0.02
    again: float = 0.001
    late: float = 0.001
    seed: int = 2026


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: files, records, the distinct events and late ones among them, and bytes."""

    files: int = 0
    records: int = 0
    events: int = 0
    late: int = 0
    text_bytes: int = 0
    stored_bytes: int = 0

    def __add__(self, other: Written) -> Written:
        """Return both together."""
        return Written(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        """Tell it in a sentence."""
        return (
            f"{self.events:,} events, {self.records - self.events:,} of them twice and {self.late:,} "
            f"late, in {self.files:,} files: {self.text_bytes / 1e6:,.0f} MB of JSON, "
            f"{self.text_bytes / max(self.records, 1):,.0f} bytes a record, "
            f"{self.stored_bytes / 1e6:,.0f} MB gzipped"
        )


def write_trail(folder: Path, trail: Trail, *, workers: int = 2) -> Written:
    """Write the trail.

    Parameters
    ----------
    folder
        Where to; ``AWSLogs/`` is made in it.
    trail
        What it shall be like.
    workers
        Processes that write.

    Returns
    -------
    Written
        What is there to be found.
    """
    blocks = [(folder, trail, number) for number in range(-(-trail.events // _block(trail)))]
    if workers == 1:
        return sum(map(_write_block, blocks), Written())
    with get_context("spawn").Pool(workers) as pool:
        return sum(pool.imap_unordered(_write_block, blocks), Written())


def _block(trail: Trail) -> int:
    """Return the events of a block: whole files, and blocks enough for all places."""
    wanted = min(_BLOCK_RECORDS, -(-trail.events // _FEWEST_BLOCKS))
    most = trail.records_a_file[1]
    return most * max(1, wanted // most)


def _write_block(task: tuple[Path, Trail, int]) -> Written:
    folder, trail, number = task
    size = _block(trail)
    blocks = -(-trail.events // size)
    account, region = _place(number)
    midnight = _FIRST_DAY + timedelta(days=number * _DAYS // blocks)
    day = Day(
        f"{trail.seed} {number}",
        account=account,
        region=region,
        day=f"{midnight:%Y-%m-%d}",
        refused=trail.refused,
    )
    records = sorted(islice(day.records(), min(size, trail.events - number * size)))
    draw = Draw(f"{trail.seed} {number} files")
    on_time, late, again = _deliveries(records, trail, draw)
    written = Written(events=len(records), late=len(late))
    for delivered, found in ((midnight, on_time), (midnight + timedelta(1), sorted(late + again))):
        for part in _parts(found, trail.records_a_file, draw):
            minute = delivered + timedelta(seconds=part[-1][0] // 300 * 300 + 600)
            path = folder / _path(account, region, minute, draw.hexadecimal(16))
            written += _write_file(path, part)
    return written


def _deliveries(
    records: Sequence[Timed], trail: Trail, draw: Draw
) -> tuple[list[Timed], list[Timed], list[Timed]]:
    """Return what is delivered on time, what a day late, and what of the first comes again then."""
    on_time: list[Timed] = []
    late: list[Timed] = []
    for record in records:
        (late if draw.random() < trail.late else on_time).append(record)
    return on_time, late, [record for record in on_time if draw.random() < trail.again]


def _path(account: str, region: str, minute: datetime, unique: str) -> str:
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
    name = f"{account}_CloudTrail_{region}_{minute:%Y%m%dT%H%MZ}_{unique}.json.gz"
    return f"AWSLogs/{account}/CloudTrail/{region}/{minute:%Y/%m/%d}/{name}"


def _place(number: int) -> tuple[str, str]:
    """Return account and region of a block, so that any few blocks come near the shares."""
    at = (number + 1) * _GOLDEN % 1
    ends = list(accumulate(share for *_, share in _PLACES))
    account, region, _ = _PLACES[min(bisect_right(ends, at), len(ends) - 1)]
    return account, region


def _parts(
    records: Sequence[Timed], sizes: tuple[int, int], draw: Draw
) -> Iterator[Sequence[Timed]]:
    fewest, most = sizes
    start = 0
    while start < len(records):
        # The power makes 8.6 on average of 1 to 30: most files of a quiet account are small.
        end = start + fewest + int((most - fewest + 1) * draw.random() ** 2.7)
        yield records[start:end]
        start = end


def _write_file(path: Path, records: Sequence[Timed]) -> Written:
    text = f'{{"Records":[{",".join(text for _, text in records)}]}}'.encode()
    stored = gzip.compress(text, 6, mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stored)
    return Written(1, len(records), 0, 0, len(text), len(stored))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a trail as the arguments say."""
    usual = Trail(events=1_000_000)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=usual.events)
    parser.add_argument("--files", choices=FILES, default="usual", help="a range of sizes")
    parser.add_argument("--records-a-file", type=int, help="one size, instead")
    parser.add_argument("--refused", type=float, default=usual.refused, help="share of calls")
    parser.add_argument("--again", type=float, default=usual.again, help="share of events")
    parser.add_argument("--late", type=float, default=usual.late, help="share of events")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--workers", type=int, default=2, help="processes that write")
    given = parser.parse_args(arguments)
    one_size = given.records_a_file
    trail = Trail(
        events=given.events,
        records_a_file=(one_size, one_size) if one_size else FILES[given.files],
        refused=given.refused,
        again=given.again,
        late=given.late,
        seed=given.seed,
    )
    print(write_trail(given.folder, trail, workers=given.workers))


if __name__ == "__main__":
    main()
