"""Fuzz the library, guided by coverage: it takes ``pip install atheris``.

::

    python -m tests.fuzz --minutes 30
    python -m tests.fuzz --minutes 30 --target files

What is found is written to ``fuzz/``, beside the corpus that was grown; a file of it is tried again by
``python -m tests.fuzz --target files --again FILE``.
"""

from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from pathlib import Path

from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS

_LONGEST = 16 << 10
# Some inputs are left to libFuzzer, which does to bytes what nobody would do to JSON.
_BYTES = 4


def _fuzz(name: str, minutes: float, folder: Path) -> None:
    """Fuzz one target until the time is over, or to the first finding."""
    import atheris  # noqa: PLC0415 - nobody but who fuzzes needs it

    target = TARGETS[name]
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    modules = [
        module
        for module in sys.modules
        if module.startswith(target.watched) and module != "__main__"
    ]
    for module in modules:
        _instrument(module, atheris)

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        if target.between:
            parts = bytes(data[1:]).split(target.between)
            most = size // len(parts) - 1
            parts = [
                bytes(atheris.Mutate(part, most)).replace(target.between, b"") for part in parts
            ]
            return b"\0" + target.between.join(parts)
        changed = None if seed % _BYTES == 0 else mutated(bytes(data[1:]), seed)
        if changed is None or len(changed) >= size:
            return bytes(atheris.Mutate(data, size))
        return bytes([data[0] if seed % 3 else seed >> 8 & 255]) + changed

    options = [
        f"-max_total_time={minutes * 60:.0f}",
        f"-max_len={_LONGEST}",
        f"-artifact_prefix={folder}/{name}-",
        "-timeout=3600",
        "-rss_limit_mb=4096",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], target.check, custom_mutator=mutate)
    atheris.Fuzz()


def _instrument(name: str, atheris: object) -> None:
    """Watch the functions of a module that was imported already, and those of its classes."""
    for value in list(vars(sys.modules[name]).values()):
        if getattr(value, "__module__", None) == name:
            for part in (value, *(vars(value).values() if isinstance(value, type) else ())):
                function = getattr(part, "fget", None) or getattr(part, "__func__", part)
                if inspect.isfunction(function):
                    atheris.instrument_func(function)  # type: ignore[attr-defined]


def main() -> None:
    """Fuzz, as the arguments say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--target", choices=TARGETS, help="one of them; all, one by one, if absent")
    parser.add_argument("--folder", type=Path, default=Path("fuzz"), help="corpus and findings")
    parser.add_argument("--again", type=Path, metavar="FILE", help="try one input only")
    given = parser.parse_args()
    if given.again:
        TARGETS[given.target].check(given.again.read_bytes())
    elif given.target:
        _fuzz(given.target, given.minutes, given.folder)
    else:
        for name in TARGETS:  # libFuzzer ends its process
            words = [f"--minutes={given.minutes / len(TARGETS)}", f"--folder={given.folder}"]
            subprocess.run(
                [sys.executable, "-m", "tests.fuzz", f"--target={name}", *words], check=False
            )


if __name__ == "__main__":
    main()
