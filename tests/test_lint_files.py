"""Policy files: findings in three forms, and exit codes fit for pipelines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cloudtrail_mfa.lint_files import LINT_FORMATS, lint_files

BAD = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
BAD |= {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}  # type: ignore[dict-item]


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": [BAD]}))
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.json"
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    path.write_text(json.dumps({"Statement": statement}))
    return path


def test_text_tells_each_finding_on_a_line(bad: Path) -> None:
    """And the counts at the end."""
    lines = lint_files([bad]).text("text").splitlines()
    assert [line.split(": ")[1].split()[0] for line in lines[:-1]] == ["MFA001", "MFA011"]
    assert lines[-1] == "policies: 1, errors: 1, warnings: 1, notes: 0"


def test_json_holds_the_repaired_policy(bad: Path) -> None:
    """With rule, reason and page."""
    first = json.loads(lint_files([bad]).text("json"))[0]
    assert first["rule"] == "MFA001"
    assert "BoolIfExists" in first["repaired"]["Statement"][0]["Condition"]


def test_sarif_names_files(bad: Path, good: Path) -> None:
    """Only those with findings have results."""
    (run,) = json.loads(lint_files([bad, good]).text("sarif"))["runs"]
    places = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]
    }
    assert places == {str(bad)}


def test_the_first_policy_is_repaired(bad: Path, tmp_path: Path) -> None:
    """What comes out has no errors."""
    (tmp_path / "mended.json").write_text(lint_files([bad]).repaired())
    assert lint_files([tmp_path / "mended.json"]).exit_code("warning") == 0


@pytest.mark.parametrize(
    ("fail_on", "code"), [("error", 1), ("warning", 1), ("note", 1), ("never", 0)]
)
def test_exit_codes_of_a_bad_policy(bad: Path, fail_on: str, code: int) -> None:
    """The least severity that counts can be chosen."""
    assert lint_files([bad]).exit_code(fail_on) == code


def test_exit_code_of_a_good_policy(good: Path) -> None:
    """Nothing found."""
    assert lint_files([good]).exit_code("note") == 0


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "is no JSON"),
        (b"{}", "has no Statement"),
        (b"\xff\xfe\xff", "is not UTF-8"),
        (None, "cannot be read (No such file or directory)"),
    ],
)
def test_what_is_no_policy_is_named(
    tmp_path: Path, good: Path, content: bytes | None, problem: str
) -> None:
    """The others are linted; alone it is exit code 2."""
    path = tmp_path / "x.json"
    if content is not None:
        path.write_bytes(content)
    told = lint_files([path, good])
    assert len(told.problems) == 1
    assert problem in told.problems[0]
    assert told.exit_code("never") == 1
    assert lint_files([path]).exit_code("never") == 2
    assert all(lint_files([path]).text(format_) for format_ in LINT_FORMATS)
    assert lint_files([path]).repaired() == ""
