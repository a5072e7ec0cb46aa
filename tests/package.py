"""Look into what is published: the wheel holds the package and the samples, whole, and nothing else.

::

    python -m build --outdir dist/
    python -m tests.package dist/
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
# What the walk needs where the repository is not at hand.
SAMPLES = "AWSLogs", "changes", "evidence"
IN_SDIST = (
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "mkdocs.yml",
    "docs/tutorial.md",
    "examples/audit.py",
)


def expected() -> set[str]:
    """Return the files that the wheel has to hold, but for its metadata."""
    package = ROOT / "cloudtrail_mfa"
    samples = [path for name in SAMPLES for path in (ROOT / "sample_logs" / name).rglob("*")]
    files = {path: path.relative_to(ROOT) for path in package.rglob("*")}
    files |= {path: "cloudtrail_mfa" / path.relative_to(ROOT) for path in samples}
    return {
        place.as_posix()
        for path, place in files.items()
        if path.is_file() and "__pycache__" not in path.parts
    }


def problems(folder: Path) -> list[str]:
    """Return a sentence for each thing that is wrong with what was built."""
    wheels, sdists = sorted(folder.glob("*.whl")), sorted(folder.glob("*.tar.gz"))
    if (len(wheels), len(sdists)) != (1, 1):
        return [f"{folder} holds {len(wheels)} wheels and {len(sdists)} sdists, not one of each"]
    with zipfile.ZipFile(wheels[0]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    with tarfile.open(sdists[0]) as sdist:
        sources = {name.partition("/")[2] for name in sdist.getnames()}
    wanted = {*IN_SDIST, *(name for name in expected() if "/sample_logs/" not in name)}
    return [
        *(f"{wheels[0].name} lacks {name}" for name in sorted(expected() - held)),
        *(f"{wheels[0].name} holds {name}, too" for name in sorted(held - expected())),
        *(f"{sdists[0].name} lacks {name}" for name in sorted(wanted - sources)),
        *(f"{sdists[0].name} holds {name}" for name in sorted(sources) if "tests/foreign" in name),
    ]


if __name__ == "__main__":
    found = problems(Path(sys.argv[1]))
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{len(expected())} files of the package, {len(found)} problems")
    sys.exit(1 if found else 0)
