"""CloudTrail's public keys, and whether a signature is one of theirs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from cloudtrail_mfa.errors import PublicKeyError
from cloudtrail_mfa.texts import read_text

__all__ = ["ALGORITHM", "PublicKeys"]

ALGORITHM = "SHA256withRSA"
"""How CloudTrail signs: RSA with PKCS #1 v1.5 over SHA-256."""

_Fits = Callable[[bytes, bytes], bool]


class _Key(msgspec.Struct, frozen=True, rename="pascal"):
    value: bytes  # which msgspec takes from base64
    fingerprint: str


class _Keys(msgspec.Struct, frozen=True, rename="pascal"):
    public_key_list: tuple[_Key, ...]


class PublicKeys:
    """Public keys by their fingerprint.

    When a key was in use is not looked at: what a key of AWS's signed is AWS's, and late digests
    are signed with the key of the day on which they are made.
    """

    def __init__(self, keys: Mapping[str, _Fits] | None = None) -> None:
        self._keys = dict(keys or {})

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._keys)

    def __contains__(self, fingerprint: object) -> bool:
        """Whether there is a key of that fingerprint."""
        return fingerprint in self._keys

    @classmethod
    def load(cls, paths: Iterable[str | os.PathLike[str]]) -> PublicKeys:
        """Read what ``aws cloudtrail list-public-keys`` prints; several files for several regions.

        Raises
        ------
        PublicKeyError
            If a file cannot be read or holds no keys, or two keys have one fingerprint.
        """
        values: dict[str, bytes] = {}
        keys: dict[str, _Fits] = {}
        for path in map(Path, paths):
            for key in _listed(path):
                if values.setdefault(key.fingerprint, key.value) != key.value:
                    raise PublicKeyError(path, f"has another key of fingerprint {key.fingerprint}")
                try:
                    keys[key.fingerprint] = _verifier(key.value)
                except ValueError as error:
                    raise PublicKeyError(path, f"{error}: {key.fingerprint}") from None
        return cls(keys)

    def fits(self, fingerprint: str, signed: bytes, signature: str) -> bool:
        """Whether a signature, as hexadecimal digits, is that key's for what was signed."""
        try:
            return self._keys[fingerprint](signed, bytes.fromhex(signature))
        except ValueError:
            return False


def _listed(path: Path) -> tuple[_Key, ...]:
    try:
        keys = msgspec.json.decode(read_text(path), type=_Keys).public_key_list
    except (msgspec.DecodeError, RecursionError) as error:
        problem = f"is not what aws cloudtrail list-public-keys prints ({error})"
        raise PublicKeyError(path, problem) from None
    except ValueError as error:
        raise PublicKeyError(path, str(error)) from None
    if not keys:
        problem = "holds no key: list-public-keys takes --start-time and --end-time"
        raise PublicKeyError(path, problem)
    return keys


def _verifier(value: bytes) -> _Fits:
    """Return what tells whether a signature is this key's.

    Raises
    ------
    ValueError
        If it is no RSA key.
    """
    # Most runs of the command line need no RSA.
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    try:
        key = load_der_public_key(value)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("holds what is no public key of RSA in DER")  # noqa: TRY004

    def fits(signed: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, signed, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    return fits
