"""64 bits that stand for an event's id: equal ids have equal ones.

They find the few events that may be copies among millions at eight bytes each. Whether they are is
not theirs to say: whoever wrote the log could have made two ids that share one.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["NO_ID", "Fingerprints", "fingerprints"]

Fingerprints = NDArray[np.uint64]

NO_ID = np.uint64(0)
"""Of an event whose id is null or empty: it can be no copy of anything."""

# Knuth's multiplicative hashing, with the golden ratio: The Art of Computer Programming, 6.4.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def fingerprints(ids: pa.ChunkedArray) -> Fingerprints:
    """Return the fingerprint of each id, in order.

    Parameters
    ----------
    ids
        Strings or nulls.
    """
    texts = pa.concat_arrays(ids.chunks or [pa.array([], pa.string())])
    offsets = np.frombuffer(texts.buffers()[1] or bytes(4), np.int32)
    offsets = offsets[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    letters = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    lengths = np.diff(offsets)
    if texts.null_count:
        lengths[~texts.is_valid().to_numpy(zero_copy_only=False)] = 0
    found = np.full(len(texts), NO_ID)
    for length in np.unique(lengths[lengths > 0]):
        at = np.flatnonzero(lengths == length)
        words = np.zeros((len(at), -(-length // 8)), np.uint64)
        words.view(np.uint8)[:, :length] = letters[offsets[at, None] + np.arange(length)]
        found[at] = _mixed(words)
    return found


def _mixed(words: NDArray[np.uint64]) -> Fingerprints:
    mixed = np.full(len(words), words.shape[1], np.uint64)
    for column in words.T:
        mixed = (mixed ^ column) * _GOLDEN
        mixed ^= mixed >> np.uint64(29)
    mixed[mixed == NO_ID] = 1
    return mixed
