"""Which time digests cover: gaps in a chain, and log files that no digest names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from cloudtrail_mfa.archive.chains import Judged
from cloudtrail_mfa.archive.digests import Chain, Digest, Place, base_name
from cloudtrail_mfa.archive.layout import root
from cloudtrail_mfa.archive.sources import LogFile

__all__ = ["Coverage", "Gap", "Span", "spans", "utc"]

# CloudTrail delivers a log file some minutes after the minute in its name, so that a later digest
# names it: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html
_LATE = timedelta(minutes=15)

_Unnamed = Literal["foreign", "uncovered"]
_Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Gap:
    """A time between two digests of a chain that no digest covers.

    Attributes
    ----------
    start, end
        When the digest before it ends, and the one after it starts.
    missing
        The digest that is named and not here; None where the chain was started anew.
    after
        The name of the digest after it.
    """

    start: datetime
    end: datetime
    missing: Place | None
    after: str


@dataclass(frozen=True, slots=True)
class Span:
    """The digests of a chain that are here.

    Attributes
    ----------
    bucket
        To which the last of them was delivered, as it says.
    digests
        How many.
    start, end
        When the first starts and the last ends; there may be gaps between.
    whole
        Whether it begins where the trail's validation was switched on. Otherwise there were
        digests before, which are not here.
    gaps
        Where digests are missing.
    """

    chain: Chain
    bucket: str
    digests: int
    start: datetime
    end: datetime
    whole: bool
    gaps: tuple[Gap, ...]


def spans(judged: Iterable[Judged], unreadable: Iterable[str]) -> list[Span]:
    """Look through the chains, invalid digests aside, which claim nothing.

    Parameters
    ----------
    judged
        The digests.
    unreadable
        Paths of digest files that cannot be read: they are invalid, not missing.
    """
    told = list(judged)
    here = {base_name(digest.digest.place.key) for digest in told}
    here.update(map(base_name, unreadable))
    chains: dict[Chain, dict[Place, Digest]] = defaultdict(dict)
    for one in told:
        if one.outcome != "invalid":
            chains[one.digest.chain].setdefault(one.digest.place, one.digest)
    return [_span(chain, list(chains[chain].values()), here) for chain in sorted(chains)]


def _span(chain: Chain, digests: list[Digest], here: set[str]) -> Span:
    digests.sort(key=lambda digest: (digest.start, digest.end))
    first = digests[0].previous
    found: list[Gap] = []
    reached = digests[0].end
    for digest in digests[1:]:
        start = min(reached, digest.start)
        if digest.previous is None:
            # Late digests are made where they are needed: no chain of theirs has to go on.
            if start < digest.start and not chain.backfill:
                found.append(Gap(start, digest.start, None, digest.name))
        elif base_name(digest.previous.place.key) not in here:
            found.append(Gap(start, digest.start, digest.previous.place, digest.name))
        reached = max(reached, digest.end)
    return Span(
        chain=chain,
        bucket=digests[-1].place.bucket,
        digests=len(digests),
        start=digests[0].start,
        end=reached,
        whole=first is None,
        gaps=tuple(found),
    )


class Coverage:
    """The time that digests cover, by account, region and the folder that a trail delivers to."""

    def __init__(self, judged: Iterable[Judged]) -> None:
        digests = [
            one.digest
            for one in judged
            if one.outcome != "invalid" and not one.digest.chain.backfill
        ]
        ends = {digest.place: digest.end for digest in digests}
        covered: dict[tuple[str, str, str], list[_Interval]] = defaultdict(list)
        for digest in digests:
            where = root(digest.file.path), digest.chain.account, digest.chain.region
            # What is linked leaves no time between.
            before = ends.get(digest.previous.place) if digest.previous else None
            covered[where].append((min(before or digest.start, digest.start), digest.end))
        self._covered = {where: list(_merged(found)) for where, found in covered.items()}

    def unnamed(self, file: LogFile) -> tuple[_Unnamed, str]:
        """Tell what a file is that no digest names, and why."""
        if file.other_kind:
            return "uncovered", file.other_kind
        account, minute, region = file.delivery
        if not minute:
            return "foreign", "its name is not one of CloudTrail's, and no digest names it"
        covered = self._covered.get((root(file.path), account, region))
        if not covered:
            return "uncovered", "there is no digest of its account, region and folder"
        return _by_time(datetime.fromisoformat(minute).replace(tzinfo=UTC), covered)


def _by_time(moment: datetime, covered: list[_Interval]) -> tuple[_Unnamed, str]:
    first, last = covered[0][0], covered[-1][1]
    if moment < first:
        return "uncovered", f"delivered before the first digest, which starts at {utc(first)}"
    if moment >= last - _LATE:
        return (
            "uncovered",
            f"delivered after the last digest, which ends at {utc(last)}, or just before",
        )
    if any(start <= moment < end - _LATE for start, end in covered):
        return "foreign", "no digest names it, though digests cover the time of its delivery"
    return "uncovered", "delivered in a time that no valid digest covers"


def _merged(intervals: list[_Interval]) -> Iterator[_Interval]:
    intervals.sort()
    start, end = intervals[0]
    for following in intervals[1:]:
        if following[0] > end:
            yield start, end
            start, end = following
        end = max(end, following[1])
    yield start, end


def utc(moment: datetime) -> str:
    """Return a moment as a sentence tells it."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
