"""Write to a lake again and again: each time the process dies one step later.

A step is whatever the process is about to do in the lake's folder: open a file, make a folder, give
a name, remove. It is no exception, after which something might be cleared up, but the end.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from cloudtrail_mfa import Lake
from cloudtrail_mfa.store.columns import to_table

__all__ = ["JOBS"]

JOBS: dict[str, Callable[[Lake, str], object]] = {
    "ingest": lambda lake, logs: lake.ingest(logs, workers=1),
    "compact": lambda lake, _: lake.compact(workers=1),
}


def main(job: str, before: str, logs: str, into: str) -> None:
    """Leave a lake for each step, in folders by its number."""
    to_table([], "")  # what is imported late is imported now, for all
    for step in count(1):
        lake = Path(into) / f"{step:04}"
        shutil.copytree(before, lake)
        child = os.fork()
        if not child:
            _die_at(step, str(lake))
            JOBS[job](Lake(lake), logs)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status))


def _die_at(step: int, lake: str) -> None:
    steps = count(1)

    def hook(_: str, arguments: tuple[object, ...]) -> None:
        inside = any(isinstance(name, str) and name.startswith(lake) for name in arguments)
        if inside and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    main(*sys.argv[1:])
