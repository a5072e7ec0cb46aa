"""Help: every command ends in examples, which run as they stand on the samples."""

from __future__ import annotations

import glob
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cloudtrail_mfa import Lake
from cloudtrail_mfa.cli import cli
from cloudtrail_mfa.cli.examples import EXAMPLES
from cloudtrail_mfa.demo import sample_change, sample_evidence, sample_logs
from tests.signed_archive import signed_archive, write_keys

# Those of a bucket are run in test_from_s3.py; a shell takes those of completion.
CALLS = [
    (name, example)
    for name, examples in EXAMPLES.items()
    for example in examples
    if name != "completion" and "s3://" not in example
]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that looks like that of whoever reads the help."""
    folder = tmp_path_factory.mktemp("samples")
    shutil.copytree(sample_logs(), folder / "AWSLogs")
    shutil.copytree(sample_evidence(), folder / "evidence")
    shutil.copytree(sample_change().parent, folder / "changes")
    shutil.copy(sample_change(), folder / "new.json")
    Lake(folder / "lake").ingest(folder / "AWSLogs", workers=1)
    return folder


def call(line: str) -> Result:
    words = [
        found
        for word in shlex.split(line)
        # A shell does so; the samples are of a day, and an age counts back from today.
        for found in (sorted(glob.glob(word)) if word.endswith("/*.json") else [word])  # noqa: PTH207
    ]
    words = ["9999w" if word == "7d" else word for word in words]
    return CliRunner().invoke(cli, words, standalone_mode=False)


@pytest.mark.parametrize(("name", "example"), CALLS)
def test_examples_run_on_the_samples(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, example: str
) -> None:
    """Each as it stands in the help, and finds something."""
    folder = tmp_path / "here"
    shutil.copytree(samples, folder)
    if name == "verify":
        shutil.rmtree(folder / "AWSLogs")
        signed_archive(folder / "AWSLogs")
        write_keys(folder / "keys.json", "aws")
    monkeypatch.chdir(folder)
    done = call(example)
    assert done.exception is None, done.output
    # What lint finds is an error to a build, and what it was shown for.
    expected = int(name == "lint" and "--fail-on never" not in example)
    assert done.return_value == expected, done.output
    words = example.split()
    written = [Path(words[words.index(word) + 1]) for word in ("-o", "--figure") if word in words]
    assert done.stdout.strip() or written
    assert all(path.stat().st_size > 100 for path in written)


@pytest.mark.parametrize("name", ["", *sorted(cli.commands)])
def test_help_ends_in_examples(name: str) -> None:
    """Two or three of them, each on its own line; no sentence is cut at 80 columns."""
    done = CliRunner().invoke(cli, [name, "--help"] if name else ["--help"], terminal_width=80)
    assert "..." not in done.output.partition("\n\n")[2]
    last = done.output.rstrip().split("\n\n")[-1].splitlines()
    assert last[0].strip() == "Examples:"
    assert 2 <= len(last) - 1 <= 3
    for line, example in zip(last[1:], EXAMPLES[name], strict=True):
        assert line.strip() == (example if name == "completion" else f"cloudtrail-mfa {example}")


def test_bash_completes_the_command() -> None:
    """What the command prints, bash takes."""
    command = f"{sys.executable} -m cloudtrail_mfa completion bash"
    script = f'eval "$({command})" && complete -p cloudtrail-mfa'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.endswith(" _cloudtrail_mfa_completion cloudtrail-mfa\n"), done.stderr


@pytest.mark.parametrize(
    ("shell", "mark"), [("zsh", "#compdef cloudtrail-mfa"), ("fish", "complete ")]
)
def test_other_shells_are_told_in_their_language(shell: str, mark: str) -> None:
    """Each has its own."""
    assert mark in CliRunner().invoke(cli, ["completion", shell]).output


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("denials --lake lake --principal al", ["alice"]),
        ("denials --lake lake --account 1", ["111122223333"]),
        ("coverage --lake lake --region ", ["eu-west-1", "us-east-1"]),
        ("denials --lake nowhere --principal al", []),
        ("denials --principal al", []),
        ("summary --cause session_", ["session_without_mfa", "session_policy"]),
        ("summary --format j", ["json", "jsonl"]),
        ("completion f", ["fish"]),
        ("what-if --show c", ["calls"]),
        ("sess", ["sessions"]),
    ],
)
def test_names_are_completed(
    samples: Path, monkeypatch: pytest.MonkeyPatch, typed: str, found: list[str]
) -> None:
    """Those of the lake that is named before, of causes, choices and commands; else none, in silence."""
    monkeypatch.chdir(samples)
    words = f"cloudtrail-mfa {typed}"
    environment = {
        "_CLOUDTRAIL_MFA_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = CliRunner().invoke(cli, [], prog_name="cloudtrail-mfa", env=environment)
    told = [line.partition(",")[2] for line in done.stdout.splitlines() if line]
    assert told == found
    assert done.stderr == ""
