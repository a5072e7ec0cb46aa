"""zcat and jq: the refused calls, and nothing else, one JSON object a line."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.contenders import Rows, log_files

__all__ = ["run"]

_REFUSED = '.Records[] | select(.errorCode // "" | test("AccessDenied|Unauthorized"))'
_WORK = 'xargs --null --arg-file="$1" zcat --force -- | jq --compact-output "$2"'


def run(folder: Path, out: Path, cores: int) -> Rows:
    """Write the refused calls into a file for each process; return how many."""
    shell = shutil.which("sh")
    if not shell or not shutil.which("jq"):
        raise SystemExit("jq is not installed")
    files, started = log_files(folder), []
    for start in range(min(cores, len(files))):
        names = out / f"{start}.files"
        names.write_text("\0".join(map(str, files[start::cores])))
        with (out / f"{start}.jsonl").open("wb") as to:
            command = [shell, "-c", _WORK, "sh", str(names), _REFUSED]
            started.append(subprocess.Popen(command, stdout=to))  # noqa: S603
    codes = [process.wait() for process in started]
    if any(codes):
        raise SystemExit("jq failed")
    return Rows(sum(path.read_bytes().count(b"\n") for path in out.glob("*.jsonl")))
