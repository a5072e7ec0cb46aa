"""Which digests are CloudTrail's own.

A digest's signature is not in it: S3 keeps it beside the object, where a copy loses it, and the next
digest repeats it. So a chain is judged from its end, each digest by those that name it as theirs.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from cloudtrail_mfa.archive.digests import Digest, Place, Previous
from cloudtrail_mfa.archive.signatures import ALGORITHM, PublicKeys

__all__ = ["HASH", "Judged", "Standing", "judge"]

HASH = "SHA-256"
"""The hash that digests hold, by the name that they give it."""

Standing = Literal["verified", "unverifiable", "invalid"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A digest, and what is known of it.

    Attributes
    ----------
    digest
        What it says.
    outcome
        ``verified``: CloudTrail wrote it so. ``invalid``: it did not. ``unverifiable``: neither
        can be shown.
    reason
        A sentence; empty where its own signature proves it.
    expected
        The SHA-256 that the digest after it gives for it, where that is another one.
    """

    digest: Digest
    outcome: Standing
    reason: str = ""
    expected: str | None = None


def judge(
    digests: Iterable[Digest], keys: PublicKeys, signatures: Mapping[str, str]
) -> list[Judged]:
    """Judge digests, each by its signature, or by its hash in a verified one.

    Parameters
    ----------
    keys
        AWS's public keys. Without any nothing is verified, since anybody can write hashes.
    signatures
        Signatures that were kept beside digest files, by the path of the digest file.

    Returns
    -------
    list of Judged
        In the order of time.
    """
    later: dict[Place, list[_Witness]] = defaultdict(list)
    told: list[Judged] = []
    for digest in sorted(digests, key=lambda digest: digest.named.end, reverse=True):
        beside = signatures.get(digest.file.path)
        judged = _Case(digest, later[digest.place], keys, beside).judged()
        told.append(judged)
        if digest.previous:
            witness = _Witness(digest.name, judged.outcome, digest.previous)
            later[digest.previous.place].append(witness)
    return told[::-1]


class _Witness(NamedTuple):
    """A digest that names the one before it."""

    name: str
    outcome: Standing
    says: Previous


class _Case:
    """One digest, and all that speaks for or against it."""

    def __init__(
        self, digest: Digest, later: Sequence[_Witness], keys: PublicKeys, beside: str | None
    ) -> None:
        self._digest = digest
        self._keys = keys
        self._sure = [witness for witness in later if witness.outcome == "verified"]
        self._unsure = [witness for witness in later if witness.outcome == "unverifiable"]
        self._false = [witness for witness in later if witness.outcome == "invalid"]
        self._beside = [] if beside is None else [beside]

    def judged(self) -> Judged:
        """Weigh it; what is signed needs no witness."""
        if self._is_signed():
            return Judged(self._digest, "verified")
        return self._by_hash() or self._by_signature() or self._by_witness()

    def _can_check(self) -> bool:
        return self._digest.algorithm == ALGORITHM and self._digest.fingerprint in self._keys

    def _signatures(self) -> list[str]:
        witnesses = [*self._sure, *self._unsure, *self._false]
        return [*self._beside, *(witness.says.signature for witness in witnesses)]

    def _is_signed(self) -> bool:
        digest = self._digest
        return self._can_check() and any(
            self._keys.fits(digest.fingerprint, digest.signed, signature)
            for signature in self._signatures()
        )

    def _by_hash(self) -> Judged | None:
        for name, _, says in self._sure or self._unsure:
            expected = says.hash_value.lower()
            if says.hash_algorithm == HASH and expected != self._digest.sha256:
                doubt = "" if self._sure else ", which is not verified itself,"
                reason = (
                    f"its SHA-256 is {self._digest.sha256}, but the digest after it, {name}{doubt}"
                    f" says {expected}"
                )
                return Judged(self._digest, "invalid", reason, expected)
        return None

    def _by_signature(self) -> Judged | None:
        if not (self._can_check() and self._signatures()):
            return None
        if self._sure or self._unsure or self._beside:
            return Judged(self._digest, "invalid", "it is not what CloudTrail signed")
        name = self._false[0].name
        reason = f"its signature is in the digest after it, {name}, which is invalid itself"
        return Judged(self._digest, "unverifiable", reason)

    def _by_witness(self) -> Judged:
        for name, _, says in self._sure:
            if says.hash_algorithm == HASH:
                reason = f"by its SHA-256 in the digest after it, {name}"
                return Judged(self._digest, "verified", reason)
        return Judged(self._digest, "unverifiable", self._what_lacks())

    def _what_lacks(self) -> str:
        if not self._keys:
            return "no public keys were given: aws cloudtrail list-public-keys prints them"
        if self._digest.algorithm != ALGORITHM:
            return f"it is signed by {self._digest.algorithm}, which is not {ALGORITHM}"
        if self._digest.fingerprint not in self._keys:
            return f"no public key of fingerprint {self._digest.fingerprint} was given"
        return "its signature is not here: neither a digest after it nor a .sig file"
