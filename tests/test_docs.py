"""Documentation: it runs, and nothing a user can name is missing from it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cloudtrail_mfa import CERTAINTIES
from cloudtrail_mfa.cli import cli
from cloudtrail_mfa.demo import sample_change, sample_evidence, sample_logs
from cloudtrail_mfa.output import FORMATS
from tests import generate_reference

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
TEXTS = [block for kind, block in BLOCKS if kind == "text"]
CONSOLE = [line[2:] for kind, block in BLOCKS if kind == "console" for line in block.splitlines()]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Return a folder in which AWSLogs/, evidence/ and changes/ are the samples."""
    shutil.copytree(sample_logs(), tmp_path / "AWSLogs")
    shutil.copytree(sample_evidence(), tmp_path / "evidence")
    shutil.copytree(sample_change().parent, tmp_path / "changes")
    return tmp_path


def test_python_blocks_run(logs: Path) -> None:
    """As they stand, beside a folder of logs."""
    code = "\n".join(block for kind, block in BLOCKS if kind == "python")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=logs,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert "long_term_key" in done.stdout


def test_console_blocks_run(logs: Path) -> None:
    """Those of the command itself, one after the other, as they stand."""
    # The cluster's own is run in test_cluster.py, that of a bucket in test_from_s3.py.
    ours = [line for line in CONSOLE if line.startswith("cloudtrail-mfa ")]
    commands = [line for line in ours if "--dask" not in line and "s3://" not in line]
    assert (len(commands), len(ours)) == (7, 9)
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    (logs / "MFA_Forced.json").write_text(json.dumps({"Statement": statement}))
    printed = []
    for command in commands:
        words = [sys.executable, "-m", "cloudtrail_mfa", *command.split()[1:]]
        # The samples are of a day; an age counts back from today.
        words = ["9999w" if word == "7d" else word for word in words]
        done = subprocess.run(words, cwd=logs, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert "s3.amazonaws.com refused ListBuckets to alice" in printed[2]
    shown = next(text for text in TEXTS if text.startswith("The change touches"))
    assert _without_counts(printed[4]) == _without_counts(shown)
    assert printed[5] == ""
    assert "alice" in (logs / "report.html").read_text("utf-8")
    assert printed[6].startswith("policies: 1")


def _without_counts(text: str) -> list[str]:
    """Return lines without what changes with AWS's list of actions: how many, and the first."""
    found = re.sub(r"never called: .*", "never called: …", text)
    lines = found.splitlines()
    return lines[:5] + [re.sub(r"[\d,]*\d", "N", line) for line in lines[5:]]


def test_two_commands_do_all_set_up() -> None:
    """One runs the demo, one the tests; each makes its own environment."""
    setup = [line for line in CONSOLE if "pip install" in line]
    assert len(setup) == 2
    assert all(line.startswith("python3 -m venv .venv && ") for line in setup)
    assert setup[0].endswith("cloudtrail-mfa demo")
    assert setup[1].endswith("pytest -n auto")


def test_the_answer_on_the_first_screen_is_true(tmp_path: Path) -> None:
    """What the README shows is what the demo prints."""
    shown = TEXTS[0].splitlines()
    done = subprocess.run(
        [sys.executable, "-m", "cloudtrail_mfa", "demo", str(tmp_path / "lake")],
        capture_output=True,
        text=True,
        check=True,
    )
    printed = done.stdout.splitlines()
    printed = printed[printed.index(shown[0]) :]
    # The last column, of actions, is left out where a terminal is too narrow for it.
    assert printed[2].split()[-1] == "actions"
    for line, whole in zip(shown, printed[: len(shown)], strict=True):
        assert whole.startswith(line)
    assert [line for line in printed[len(shown) :] if line] == []


def test_the_scorecard_is_what_the_command_prints() -> None:
    """Word for word, but for how the lines are broken."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.scenarios", "--short"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert " ".join(done.stdout.split()) in " ".join(README.split())


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    """In the table of commands."""
    assert f"| `cloudtrail-mfa {name} " in README


@pytest.mark.parametrize("name", [*CERTAINTIES, *FORMATS])
def test_every_choice_is_in_the_readme(name: str) -> None:
    """Certainties with their meaning, formats by name."""
    meaning = CERTAINTIES.get(name)  # type: ignore[call-overload]
    assert f"| `{name}` | {meaning} |" in README if meaning else name in README


def test_the_reference_is_made_from_the_code() -> None:
    """Run ``python -m tests.generate_reference`` where it is not."""
    assert generate_reference.FILE.read_text() == generate_reference.reference()


def test_links_lead_to_files() -> None:
    """Those within the repository."""
    for target in re.findall(r"\]\((?!http)([^)#]+)", README):
        assert (ROOT / target).is_file()


def test_the_changelog_has_news() -> None:
    """Or the version of the package."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert "## Unreleased" in changelog or f"## {version}" in changelog
