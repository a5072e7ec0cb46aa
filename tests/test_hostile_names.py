"""Hostile names beside the records: of files, in policies and in exports. None of them is obeyed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.hostile import TRICKS
from tests.records import ACCOUNT, call, denied, user, write_log
from tests.test_hostile import FORMULAS, obeyed

TEXTS = [
    json.loads(trick)
    for name, trick in TRICKS.items()
    if trick.startswith('"') and name not in ("half", "long", "empty")
]
"""Texts that somebody may have called something; half a character is no text in these places."""


def quiet(*texts: str) -> None:
    """See that a terminal obeys nothing of what was written."""
    assert [obeyed(text) for text in texts] == [[] for _ in texts]


def no_formula(table: str) -> None:
    cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
    assert len(cells) > len(TEXTS)
    assert [cell for cell in cells if cell.startswith(FORMULAS)] == []


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of logs whose files are named so; each third one is broken."""
    folder = tmp_path_factory.mktemp("named") / "logs"
    folder.mkdir()
    for number, text in enumerate(TEXTS):
        name = text.replace("/", "∕").replace("\0", "␀")
        log = write_log(folder / f"{name}.json", [call(event_id=f"event-{number}")])
        if number % 3 == 0:
            log.write_text(f"not JSON {text}")
    return folder


def test_names_of_files_are_told_harmlessly(tmp_path: Path, named: Path, command: Command) -> None:
    """By the report, what was read of each, and what verify and coverage say of them."""
    lake = ["--lake", str(tmp_path / "lake")]
    code, out, err = command("ingest", *map(str, sorted(named.iterdir())), *lake, "--workers", "1")
    assert code == 1
    assert out.decode().count("rejected") > len(TEXTS) // 3
    quiet(out.decode(), err)
    for words in (
        ["ingest", str(named), *lake],
        ["coverage", *lake],
        ["coverage", *lake, "--format", "csv"],
        ["verify", str(named)],
        ["verify", str(named), "--format", "csv"],
        ["sql", "select distinct source_file from events", *lake, "--format", "csv"],
    ):
        _, out, err = command(*words)
        assert out or "no digest is among the files" in err
        quiet(out.decode(), err)


def test_a_file_that_is_not_there_is_named_harmlessly(tmp_path: Path, command: Command) -> None:
    """An error repeats what somebody typed, or a script found."""
    for text in TEXTS:
        if "\0" not in text:
            code, out, err = command("ingest", f"nowhere-{text}", "--lake", str(tmp_path / "lake"))
            assert (code, out) == (2, b"")
            quiet(err.removesuffix("\n"))


def _policy(text: str) -> dict[str, Any]:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "false", text: text}}
    deny = {"Sid": text, "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    allow = {"Sid": text, "Effect": "Allow", "Action": ["s3:*", text], "Resource": ["*", text]}
    return {"Version": "2012-10-17", "Statement": [deny, allow]}


def test_policies_are_linted_harmlessly(tmp_path: Path, command: Command) -> None:
    """With such names of statements, keys, values and files."""
    files = []
    for number, text in enumerate(TEXTS):
        name = text.replace("/", "∕").replace("\0", "␀")
        path = tmp_path / f"{number}{name}.json"
        path.write_text(json.dumps(_policy(text)))
        files.append(str(path))
    for how in ([], ["--format", "json"], ["--format", "sarif"], ["--repair"]):
        code, out, err = command("lint", *files, *how)
        assert code in (0, 1)
        assert out
        quiet(out.decode(), err)
        if "--format" in how:
            json.loads(out)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of exports in which users, groups, policies and tags are named so."""
    folder = tmp_path_factory.mktemp("exports")
    users = [
        {
            "UserName": text,
            "Arn": f"arn:aws:iam::{ACCOUNT}:user/{text}",
            "GroupList": [text],
            "Tags": [{"Key": text, "Value": text}],
            "UserPolicyList": [{"PolicyName": text, "PolicyDocument": _policy(text)}],
            "AttachedManagedPolicies": [{"PolicyName": text, "PolicyArn": f"arn:{text}"}] * (n % 2),
        }
        for n, text in enumerate(TEXTS)
    ]
    groups = [{"GroupName": text, "Arn": f"arn:{text}", "GroupPolicyList": []} for text in TEXTS]
    details = {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": []}
    (folder / "account-authorization-details.json").write_text(json.dumps(details))
    (folder / "resource-policies.json").write_text(json.dumps(dict.fromkeys(TEXTS)))
    with (folder / "credential-report.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "arn", "mfa_active", "access_key_1_active"])
        rows.writerows([[user["UserName"], user["Arn"], "true", "true"] for user in users])
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ["denials"],
        ["denials", "--format", "csv"],
        ["denials", "--format", "markdown"],
        ["summary"],
        ["credentials", "--format", "csv"],
        ["what-if", "--remove", TEXTS[0]],
        ["what-if", "--remove", TEXTS[0], "--show", "exposure", "--format", "csv"],
    ],
    ids=" ".join,
)
def test_exports_are_used_harmlessly(
    tmp_path: Path, command: Command, evidence: Path, words: list[str]
) -> None:
    """Whatever a verdict, a remedy or a gap names of them."""
    lake = ["--lake", str(tmp_path / "lake")]
    records = [denied(by=user(text), event_id=f"event-{n:03}") for n, text in enumerate(TEXTS)]
    log = write_log(tmp_path / "log.json", records)
    assert command("ingest", str(log), *lake)[0] == 0
    code, out, err = command(*words, *lake, "--evidence", str(evidence))
    assert code == 0, err
    assert out
    quiet(out.decode(), err)
    if words[0] != "what-if" and "csv" in words:
        no_formula(out.decode())


def test_a_broken_export_is_named_harmlessly(
    tmp_path: Path, command: Command, evidence: Path
) -> None:
    """All that is wrong with it is told at once, with names that are in it."""
    details = json.loads((evidence / "account-authorization-details.json").read_text())
    for found in details["UserDetailList"]:
        found["UserPolicyList"][0]["PolicyDocument"] = {"Statement": found["UserName"]}
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "account-authorization-details.json").write_text(json.dumps(details))
    log = write_log(tmp_path / "log.json", [denied()])
    lake = ["--lake", str(tmp_path / "lake")]
    command("ingest", str(log), *lake)
    code, out, err = command("denials", *lake, "--evidence", str(folder))
    assert (code, out) == (2, b"")
    quiet(err)
    assert "Traceback" not in err


def test_a_story_is_drawn_whatever_names_it_holds(tmp_path: Path, command: Command) -> None:
    """No name is a formula for the figure, or ends it."""
    records = [denied(by=user(text), event_id=f"event-{n:03}") for n, text in enumerate(TEXTS)]
    lake = ["--lake", str(tmp_path / "lake")]
    command("ingest", str(write_log(tmp_path / "log.json", records)), *lake)
    figure = tmp_path / "figure.png"
    code, _, err = command("timeline", "--principal", "*", *lake, "--figure", str(figure))
    assert code == 0, err
    assert figure.read_bytes().startswith(b"\x89PNG")
