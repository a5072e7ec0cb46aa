"""Log files against CloudTrail's own digests: from sources to a verdict on each file."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Unpack, get_args

from cloudtrail_mfa.archive.chains import Judged, judge
from cloudtrail_mfa.archive.contents import content
from cloudtrail_mfa.archive.coverage import Coverage, Gap, Span, spans, utc
from cloudtrail_mfa.archive.decode import Unreadable
from cloudtrail_mfa.archive.digests import Chain, Digest, DigestName, Place, read_digest
from cloudtrail_mfa.archive.layout import outside
from cloudtrail_mfa.archive.named import Claims
from cloudtrail_mfa.archive.s3 import S3
from cloudtrail_mfa.archive.signatures import PublicKeys
from cloudtrail_mfa.archive.sources import LogFile, Progress, find
from cloudtrail_mfa.archive.verdicts import Check, Outcome, Verification, why
from cloudtrail_mfa.errors import SourceError
from cloudtrail_mfa.scope import Extent, Scope

__all__ = ["verify"]

_SIGNATURE = ".sig"
# Hexadecimal digits: those of RSA's largest keys in use are four thousand.
_LONGEST_SIGNATURE = 16 << 10
_SEVERITY = {outcome: rank for rank, outcome in enumerate(get_args(Outcome))}

_Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None


def verify(
    *sources: str | os.PathLike[str],
    public_keys: _Paths = None,
    s3: S3 | None = None,
    progress: Callable[[Progress], None] | None = None,
    **filters: Unpack[Extent],
) -> Verification:
    """Compare log files with what CloudTrail's digests say of them, and the digests with each other.

    Parameters
    ----------
    *sources
        Files, folders, globs or places in S3, with digests (``CloudTrail-Digest/``) and log files (``CloudTrail/``)
        under the names that CloudTrail gave them, in any folders. A file beside a digest with
        ``.sig`` after its name holds the digest's signature: the hexadecimal digits of S3's
        metadata entry ``signature``, without which the last digest of a chain cannot be verified.
    public_keys
        Files of what ``aws cloudtrail list-public-keys`` prints, one for each region from which
        log files were delivered. Without them nothing is verified: anybody can write a hash.
    s3
        How buckets are reached, if not with the credentials that AWS's own tools would find.
    progress
        Called after each file with how far the run is.
    **filters
        Of `Filters`: ``since`` and ``until`` are of the time of delivery, and what a digest names
        counts as a whole; ``account`` and ``region`` are those from which log files were delivered.

    Returns
    -------
    Verification
        What became of every file. It is intact where each is proven to be as it was delivered.

    Raises
    ------
    SourceError
        If a source names no file, or there is no digest among the files.
    PublicKeyError
        If a file of public keys cannot be understood.
    ScopeError
        If a filter cannot be understood.

    Notes
    -----
    How it is done is AWS's:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
    """
    scope = Scope.parse(**filters)
    paths = _several(public_keys)
    keys = PublicKeys.load(paths)
    files = _Files.of(find(sources, s3=s3), beside={file.path for file in find(paths)})
    if not files.digests:
        problem = "no digest is among the files: copy CloudTrail-Digest/ beside CloudTrail/ too"
        raise SourceError(", ".join(str(source) for source in sources), problem)
    return _Run(scope, keys, files, progress).verification()


def _several(paths: _Paths) -> Sequence[str | os.PathLike[str]]:
    if paths is None:
        return ()
    return (paths,) if isinstance(paths, str | os.PathLike) else paths


class _Files(NamedTuple):
    """What the sources hold, by what it is for."""

    digests: dict[LogFile, DigestName]
    signatures: dict[str, LogFile]
    others: list[LogFile]

    @classmethod
    def of(cls, files: Sequence[LogFile], *, beside: Collection[str]) -> _Files:
        """Sort files; those `beside` may lie among them and are no part of the archive."""
        digests = {file: name for file in files if (name := DigestName.of(file.path))}
        signed = {f"{file.path}{_SIGNATURE}": file.path for file in digests}
        signatures = {signed[file.path]: file for file in files if file.path in signed}
        known = {*(file.path for file in digests), *signed, *beside}
        others = [file for file in files if file.path not in known]
        return cls(digests, signatures, others)


class _Run:
    """One verification: what is in scope, and what was found of it."""

    def __init__(
        self,
        scope: Scope,
        keys: PublicKeys,
        files: _Files,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._progress = progress
        sizes = [file.size for file in (*files.digests, *files.others)]
        self._now = Progress(0, len(sizes), 0, 0, sum(sizes))
        self._scope = scope
        self._keys = keys
        self._files = files
        self._outside = 0
        self._checks: list[Check] = []

    def verification(self) -> Verification:
        """Judge the digests, then the log files by them."""
        judged, unreadable = self._judged()
        chains = spans(judged, unreadable)
        reached = [one for one in judged if self._has(one)]
        self._checks += map(_of_digest, reached)
        self._outside += len(judged) - len(reached)
        self._checks += self._gaps(chains)
        self._check_logs(judged, reached)
        self._checks.sort(
            key=lambda c: (_SEVERITY[c.outcome], c.kind, c.path or c.place or "", str(c.start))
        )
        return Verification(tuple(self._checks), tuple(chains), self._outside)

    def _judged(self) -> tuple[list[Judged], list[str]]:
        digests: list[Digest] = []
        unreadable: list[str] = []
        signatures: dict[str, str] = {}
        for file, name in self._files.digests.items():
            self._pass(file)
            if not self._holds(name.chain.account, name.chain.region):
                self._outside += 1
                continue
            try:
                digests.append(read_digest(file, name))
            except (Unreadable, OSError) as error:
                unreadable.append(file.path)
                self._cannot_use(file, name, error)
            beside = self._files.signatures.get(file.path)
            if beside:
                try:
                    signatures[file.path] = _signature(beside)
                except (Unreadable, OSError) as error:
                    self._cannot_use(beside, name, error)
        return judge(digests, self._keys, signatures), unreadable

    def _cannot_use(self, file: LogFile, name: DigestName, error: Unreadable | OSError) -> None:
        if self._reaches(name.end, name.end):
            self._checks.append(_unusable(file, name.chain, error))
        else:
            self._outside += 1

    def _has(self, judged: Judged) -> bool:
        """Whether a digest is in scope: by its times, and by its name where those are not proven."""
        digest = judged.digest
        by_name = judged.outcome != "verified" and self._reaches(digest.named.end, digest.named.end)
        return by_name or self._reaches(digest.start, digest.end)

    def _gaps(self, chains: Iterable[Span]) -> Iterator[Check]:
        for span in chains:
            for gap in span.gaps:
                if self._reaches(gap.start, gap.end):
                    yield _of_gap(span.chain, gap)

    def _check_logs(self, judged: Sequence[Judged], reached: Sequence[Judged]) -> None:
        claims, coverage = Claims(judged), Coverage(judged)
        wanted = {log.place for one in reached for log in one.digest.logs}
        named: dict[LogFile, Sequence[Place]] = {}
        for file in self._files.others:
            places = claims.places(file)
            if not wanted.isdisjoint(places):
                named[file] = places
            elif not self._may_hold(file) or claims.verified(places):
                self._outside += 1
            elif places:
                # A digest that is not proven takes no file out of scope.
                named[file] = places
            else:
                self._checks.append(_of_unnamed(file, coverage))
        for file in self._files.others:
            if file not in named:
                self._pass(file)
        for file, check in zip(named, claims.check(named), strict=True):
            self._checks.append(check)
            self._pass(file)
        self._checks += claims.missing(wanted.difference(*named.values()))

    def _pass(self, file: LogFile) -> None:
        """Leave a file behind."""
        now = self._now
        self._now = replace(now, files=now.files + 1, bytes=now.bytes + file.size)
        if self._progress:
            self._progress(self._now)

    def _holds(self, account: str, region: str) -> bool:
        accounts, regions = self._scope.accounts, self._scope.regions
        return (not accounts or account in accounts) and (not regions or region in regions)

    def _reaches(self, start: datetime, end: datetime) -> bool:
        since, until = self._scope.since, self._scope.until
        return (since is None or end > since) and (until is None or start < until)

    def _may_hold(self, file: LogFile) -> bool:
        """Whether a file is in scope, as far as its name tells."""
        _, minute, _ = file.delivery
        until = self._scope.until
        late = until and minute and datetime.fromisoformat(f"{minute}Z") >= until
        return not (late or outside(file.path, self._scope))


def _signature(file: LogFile) -> str:
    return content(file, _LONGEST_SIGNATURE).decode("ascii", "replace").strip()


def _of_digest(judged: Judged) -> Check:
    digest = judged.digest
    return Check(
        kind="digest",
        outcome=judged.outcome,
        path=digest.file.shown,
        place=str(digest.place),
        reason=judged.reason,
        sha256=digest.sha256,
        expected_sha256=judged.expected,
        start=digest.start,
        end=digest.end,
        account_id=digest.chain.account,
        region=digest.chain.region,
    )


def _unusable(file: LogFile, chain: Chain, error: Unreadable | OSError) -> Check:
    # What may not be opened may still be as it was.
    return Check(
        kind="digest",
        outcome="unverifiable" if isinstance(error, OSError) else "invalid",
        path=file.shown,
        reason=why(error),
        account_id=chain.account,
        region=chain.region,
    )


def _of_gap(chain: Chain, gap: Gap) -> Check:
    since = f"no digest is here from {utc(gap.start)} to {utc(gap.end)}"
    why = "names it as the one before it" if gap.missing else "starts the chain anew"
    return Check(
        kind="digest",
        outcome="missing" if gap.missing else "gap",
        place=str(gap.missing) if gap.missing else None,
        reason=f"{since}: {gap.after} {why}",
        start=gap.start,
        end=gap.end,
        account_id=chain.account,
        region=chain.region,
    )


def _of_unnamed(file: LogFile, coverage: Coverage) -> Check:
    account, minute, region = file.delivery
    outcome, reason = coverage.unnamed(file)
    return Check(
        kind="log",
        outcome=outcome,
        path=file.shown,
        reason=reason,
        account_id=account if minute else None,
        region=region if minute else None,
    )
