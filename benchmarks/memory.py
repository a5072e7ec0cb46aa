"""Peak memory of a process and all that it starts, as Linux tells it in /proc."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from pathlib import Path

__all__ = ["peak_memory"]

_EVERY = 0.03
_PROC = Path("/proc")


def peak_memory(process: subprocess.Popen[bytes]) -> int:
    """Wait for the process to end; return the most memory that it and its children held together.

    Looked at every 30 ms. The sum of PSS (``smaps_rollup``): what processes share counts once.

    Returns
    -------
    int
        Bytes.
    """
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_share, _family(process.pid))))
        time.sleep(_EVERY)
    return peak


def _family(root: int) -> set[int]:
    """Return the ids of a process and of all below it."""
    parents = {int(path.name): _parent(path) for path in _PROC.iterdir() if path.name.isdigit()}
    family = {root}
    while found := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= found
    return family


def _parent(process: Path) -> int:
    with suppress(OSError, IndexError):  # it may be gone by now
        # The program's name, in brackets, may hold anything.
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _share(process: int) -> int:
    with suppress(OSError):
        for line in (_PROC / str(process) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0
