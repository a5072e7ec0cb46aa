"""Examples: what others copy is run as it stands."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cloudtrail_mfa import Lake
from cloudtrail_mfa.demo import sample_evidence, sample_logs
from tests.records import call, file_name, user, write_log
from tests.s3_server import Bucket
from tests.signed_archive import signed_archive, write_keys

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | variables,
    )


def audit(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-W", "error", EXAMPLES / "audit.py", *words)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return a PATH on which the command and the script are."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "cloudtrail-mfa"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cloudtrail_mfa "$@"\n')
    command.chmod(0o755)
    shutil.copy(EXAMPLES / "nightly.sh", folder)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_the_audit_lists_keys_with_what_speaks_against_them(tmp_path: Path) -> None:
    """Those that were refused, as a table and as CSV, with an exit code that a script can ask for."""
    Lake(tmp_path / "lake").ingest(sample_logs(), workers=1)
    table = tmp_path / "keys.csv"
    done = audit(tmp_path / "lake", "--evidence", sample_evidence(), "-o", table)
    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(r"AKIAIOSFODNN7ALICE00 +alice .* refused \(long_term_key: 3\)", done.stdout)
    with table.open(newline="") as lines:
        found = {row["access_key_id"]: row for row in csv.DictReader(lines)}
    assert found["AKIAIOSFODNN7ALICE00"]["reasons"].startswith("refused (long_term_key: 3)")
    assert found.keys() == set(re.findall(r"AKIA\w+", done.stdout))


def test_the_audit_finds_keys_that_nobody_uses(tmp_path: Path) -> None:
    """Counted back from the last event; without any, the code is 0."""
    early = call(by=user("bob", "AKIAIOSFODNN7BOB0000"), time="2026-01-01T09:00:00Z")
    Lake(tmp_path / "lake").ingest(
        write_log(tmp_path / file_name(), [early, call(time="2026-06-01T09:00:00Z")]), workers=1
    )
    done = audit(tmp_path / "lake")
    assert (done.returncode, done.stderr) == (1, "")
    assert re.findall(r"AKIA\w+", done.stdout) == ["AKIAIOSFODNN7BOB0000"]
    assert "not used since 2026-03-03" in done.stdout
    assert audit(tmp_path / "lake", "--unused", "365").returncode == 0


def test_the_audit_of_no_lake_is_a_sentence(tmp_path: Path) -> None:
    """And code 2, with nothing written."""
    done = audit(tmp_path / "none", "-o", tmp_path / "keys.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"audit: .*none.*\n", done.stderr)
    assert not (tmp_path / "keys.csv").exists()
    Lake(tmp_path / "lake").ingest(write_log(tmp_path / file_name(), [call()]), workers=1)
    done = audit(tmp_path / "lake", "-o", tmp_path / "none" / "keys.csv")
    assert done.returncode == 2
    assert re.fullmatch(
        r"audit: .*: cannot be written \(No such file or directory\)\n", done.stderr
    )


def test_a_night_in_which_all_is_well_prints_nothing(tmp_path: Path, path: str) -> None:
    """A second one reads nothing again, and the summary is there after each."""
    trail = signed_archive(tmp_path / "logs")
    keys = write_keys(tmp_path / "keys.json", "aws")
    words = "nightly.sh", trail.folder, tmp_path / "lake", tmp_path / "reports", keys
    for _ in range(2):
        done = run("bash", "-c", shlex.join(map(str, words)), PATH=path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    notes = (tmp_path / "reports" / "notes.txt").read_text()
    assert (
        re.findall(r"^== \S+Z (\w+)$", notes, re.MULTILINE)
        == [
            "ingest",
            "verify",
            "summary",
        ]
        * 2
    )
    assert (tmp_path / "reports" / "summary.csv").read_text().startswith("caller,")


def test_a_night_with_a_broken_file_says_so_and_goes_on(tmp_path: Path, path: str) -> None:
    """The code is 1, the file is named in the notes, and the summary is of the rest."""
    write_log(tmp_path / "logs" / file_name(), [call()])
    (tmp_path / "logs" / "cut.json.gz").write_bytes(b"\x1f\x8b\x08")
    words = "nightly.sh", tmp_path / "logs", tmp_path / "lake", tmp_path / "reports"
    done = run("bash", "-c", shlex.join(map(str, words)), PATH=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("nightly: ingest: done, but not with all: see ")
    assert "cut.json.gz" in (tmp_path / "reports" / "notes.txt").read_text()
    assert (tmp_path / "reports" / "summary.csv").exists()


def test_a_night_without_logs_is_not_done(tmp_path: Path, path: str) -> None:
    """The code is 2, as it is where the script is called wrongly."""
    words = "nightly.sh", tmp_path / "none", tmp_path / "lake", tmp_path / "reports"
    done = run("bash", "-c", shlex.join(map(str, words)), PATH=path)
    assert done.returncode == 2
    assert done.stderr.startswith("nightly: ingest: not done: see ")
    done = run("bash", "-c", "nightly.sh", PATH=path)
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        ["usage: nightly.sh SOURCE LAKE REPORTS [PUBLIC_KEYS]"],
    )


def test_the_crontab_runs(tmp_path: Path, path: str, bucket: Bucket) -> None:
    """Its line, as cron hands it to a shell, with the variables that stand above it."""
    trail = signed_archive(tmp_path / "logs")
    for log in (log for log in trail.folder.rglob("*") if log.is_file()):
        bucket.put(f"AWSLogs/{log.relative_to(trail.folder).as_posix()}", log.read_bytes())
    write_keys(tmp_path / "keys.json", "aws")
    text = (EXAMPLES / "crontab").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    told = dict(line.split("=", 1) for line in lines[:-1])
    assert told.keys() == {"TRAIL", "STATE", "PATH"}
    *when, command = lines[-1].split(maxsplit=5)
    assert when == ["17", "3", "*", "*", "*"]
    here = {"TRAIL": told["TRAIL"].replace("my-trail", bucket.name), "STATE": str(tmp_path)}
    done = run("sh", "-c", command, **here, PATH=path, AWS_ENDPOINT_URL_S3=str(bucket.s3.endpoint))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "reports" / "summary.csv").exists()
