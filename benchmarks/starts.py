"""Time what a person waits for before anything is read: the import, the help, the walk.

::

    python -m benchmarks.starts --runs 9

Each is a process of its own, by turns; the shortest run counts, as everything else on a machine only
makes it longer. Of the import, Python itself tells which modules took how long (``-X importtime``).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_STARTS = {
    "python -c pass": ("-c", "pass"),
    "import cloudtrail_mfa": ("-c", "import cloudtrail_mfa"),
    "import cloudtrail_mfa; Lake": ("-c", "import cloudtrail_mfa; cloudtrail_mfa.Lake"),
    "cloudtrail-mfa --help": ("-m", "cloudtrail_mfa", "--help"),
    "cloudtrail-mfa denials --help": ("-m", "cloudtrail_mfa", "denials", "--help"),
    "cloudtrail-mfa demo": ("-m", "cloudtrail_mfa", "demo"),
}
_TOLD = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")


def seconds(words: Sequence[str]) -> float:
    """Return how long a process takes, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, check=True)  # noqa: S603
        return time.perf_counter() - begun


def slowest_imports(count: int) -> list[tuple[int, str]]:
    """Return the modules that ``import cloudtrail_mfa`` loads and their own microseconds."""
    words = [sys.executable, "-X", "importtime", "-c", "import cloudtrail_mfa"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stderr  # noqa: S603
    found = [(int(own), name) for own, _, _, name in _TOLD.findall(told)]
    return sorted(found, reverse=True)[:count]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args(arguments).runs
    took = [{name: seconds(words) for name, words in _STARTS.items()} for _ in range(runs)]
    print(f"Best of {runs} runs, {Path(sys.executable).name} {sys.version.split()[0]}:\n")
    for name in _STARTS:
        print(f"{min(times[name] for times in took) * 1000:8.0f} ms  {name}")
    print("\nThe slowest of what `import cloudtrail_mfa` loads, without what these load:\n")
    for own, name in slowest_imports(5):
        print(f"{own / 1000:8.1f} ms  {name}")


if __name__ == "__main__":
    main()
