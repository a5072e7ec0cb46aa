"""Run one contender, and tell as JSON what came of it: rows, and seconds without the imports.

::

    python -m benchmarks.contenders NAME LOGS OUT --cores 2
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import time
from pathlib import Path

from benchmarks.contenders import CONTENDERS


def main() -> None:
    """Do the job that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=CONTENDERS)
    parser.add_argument("logs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cores", type=int, default=1)
    given = parser.parse_args()
    # Threads that a contender starts on its own stay within the cores, too.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    contender = importlib.import_module(f"benchmarks.contenders.{CONTENDERS[given.name].module}")
    given.out.mkdir(parents=True)
    start = time.perf_counter()
    rows = contender.run(given.logs, given.out, given.cores)
    seconds = time.perf_counter() - start
    print(json.dumps({**rows._asdict(), "seconds": seconds}))


if __name__ == "__main__":
    main()
