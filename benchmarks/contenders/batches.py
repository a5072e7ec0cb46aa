"""Files in batches, each for a process: what contenders share that have no threads of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path

from benchmarks.contenders import Rows, log_files

__all__ = ["over_batches"]

# So that neither files of one record nor large ones leave a process idle.
_FILES, _BYTES = 256, 1 << 20

Batch = tuple[int, list[Path], Path]
"""Its number, its files, and the folder to write to."""


def over_batches(work: Callable[[Batch], int], folder: Path, out: Path, cores: int) -> Rows:
    """Do the work for each batch of files, in processes; return the rows of all."""
    batches = [(number, files, out) for number, files in enumerate(_batches(log_files(folder)))]
    if cores == 1 or len(batches) == 1:
        return Rows(sum(map(work, batches)))
    with get_context("spawn").Pool(cores) as pool:
        return Rows(sum(pool.imap_unordered(work, batches)))


def _batches(files: list[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    size = 0
    for file in files:
        stored = file.stat().st_size
        if batch and (len(batch) >= _FILES or size + stored > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += stored
    yield batch
