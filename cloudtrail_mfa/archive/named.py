"""Log files beside what digests say of them.

An archive may be copied to any folder, so a file is known by the end of its path. It may be any of
the places that digests name with its own name, the one that shares the longest tail of bucket and
key with its path first; where several share as much, its content may tell which it is, and nothing
else does. No file is opened because a digest names it: only what the sources hold is read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from cloudtrail_mfa.archive.chains import HASH, Judged, Standing
from cloudtrail_mfa.archive.contents import sha256
from cloudtrail_mfa.archive.decode import Unreadable
from cloudtrail_mfa.archive.digests import NamedLog, Place, base_name
from cloudtrail_mfa.archive.sources import LogFile
from cloudtrail_mfa.archive.verdicts import Check, Outcome, why

__all__ = ["Claim", "Claims"]

_DOUBT: dict[Standing, str] = {
    "verified": "",
    "unverifiable": "not verified",
    "invalid": "invalid",
}
_BEST: tuple[Standing, ...] = ("verified", "unverifiable", "invalid")


class Claim(NamedTuple):
    """What a digest says of a log file."""

    log: NamedLog
    by: Judged

    @property
    def digest(self) -> str:
        """The digest, as a sentence names it."""
        doubt = _DOUBT[self.by.outcome]
        return f"{self.by.digest.name}{f' ({doubt})' if doubt else ''}"

    @property
    def hash(self) -> str:
        """The hash, as hexadecimal digits in lower case."""
        return self.log.hash_value.lower()

    @property
    def known(self) -> bool:
        """Whether it is a hash that can be compared."""
        return self.log.hash_algorithm == HASH


class Claims:
    """What digests say of log files, by the place and the name of each.

    A verified digest is heard alone: who cannot sign has no say in what it names.
    """

    def __init__(self, judged: Iterable[Judged]) -> None:
        self._of: dict[Place, list[Claim]] = defaultdict(list)
        for one in sorted(judged, key=lambda one: _BEST.index(one.outcome)):
            for log in one.digest.logs:
                said = self._of[log.place]
                if not said or said[0].by.outcome == one.outcome:
                    said.append(Claim(log, one))
        self._called: dict[str, list[Place]] = defaultdict(list)
        for place, claims in self._of.items():
            called = self._called[base_name(place.key)]
            if not called or self._of[called[0]][0].by.outcome == claims[0].by.outcome:
                called.append(place)

    def verified(self, places: Iterable[Place]) -> bool:
        """Whether a verified digest names one of these places."""
        return any(self._of[place][0].by.outcome == "verified" for place in places)

    def places(self, file: LogFile) -> Sequence[Place]:
        """Return the places that a file may be, as far as its path tells."""
        places = self._called.get(base_name(file.path), [])
        if len(places) < 2:  # noqa: PLR2004 - one needs no comparing
            return places
        shared = {place: _shared(file.path, place) for place in places}
        longest = max(shared.values())
        return [place for place in places if shared[place] == longest]

    def check(self, files: Mapping[LogFile, Sequence[Place]]) -> Iterator[Check]:
        """Compare the files with what is said of the places that they may be."""
        for file, places in files.items():
            try:
                found = sha256(file)
            except Unreadable as error:
                yield self._different(file, places, f"it is damaged ({error})", None)
            except OSError as error:
                yield _of_log("unverifiable", self._of[places[0]][0], file, why(error))
            else:
                yield self._compared(file, places, found)

    def missing(self, places: Iterable[Place]) -> Iterator[Check]:
        """Tell of places that no file may be."""
        for place in places:
            claim = self._of[place][0]
            yield _of_log("missing", claim, None, f"named by {claim.digest}")

    def _compared(self, file: LogFile, places: Sequence[Place], found: str) -> Check:
        claims = [claim for place in places for claim in self._of[place]]
        same = next((claim for claim in claims if claim.known and claim.hash == found), None)
        if same is None:
            return self._different(file, places, f"its SHA-256 is {found}", found)
        if same.by.outcome == "verified":
            return _of_log("unchanged", same, file, "", found)
        reason = f"it is as its digest says, which is {_DOUBT[same.by.outcome]}"
        return _of_log("unverifiable", same, file, reason, found)

    def _different(
        self, file: LogFile, places: Sequence[Place], what: str, found: str | None
    ) -> Check:
        claim = self._of[places[0]][0]
        if len(places) > 1:
            names = f"{places[0]}, {places[1]}{' or others' if places[2:] else ''}"
            reason = f"it may be any of {names}, and is as digests say of none: {what}"
            check = _of_log("ambiguous", claim, file, reason, found)
            return replace(check, place=None, digest=None, expected_sha256=None)
        if not claim.known:
            reason = f"its digest {claim.digest} holds a {claim.log.hash_algorithm} hash"
            return _of_log("unverifiable", claim, file, reason, found)
        reason = f"{what}, but its digest {claim.digest} says {claim.hash}"
        return _of_log("changed", claim, file, reason, found)


def _of_log(
    outcome: Outcome, claim: Claim, file: LogFile | None, reason: str, found: str | None = None
) -> Check:
    chain = claim.by.digest.chain
    return Check(
        kind="log",
        outcome=outcome,
        path=file.shown if file else None,
        place=str(claim.log.place),
        reason=reason,
        digest=claim.by.digest.file.shown,
        sha256=found,
        expected_sha256=claim.hash,
        account_id=chain.account,
        region=chain.region,
    )


def _shared(path: str, place: Place) -> int:
    """Return how many of the last parts of a path are those of a place."""
    ours, theirs = _parts(path), _parts(f"{place.bucket}/{place.key}")
    count = 0
    for one, other in zip(reversed(ours), reversed(theirs), strict=False):
        if one != other:
            break
        count += 1
    return count


def _parts(path: str) -> list[str]:
    return re.split(r"[/\\]", path.removesuffix(".gz"))
