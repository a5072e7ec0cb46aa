"""A hostile archive: kept or rejected by name, and nothing in it is obeyed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from cloudtrail_mfa import Lake
from cloudtrail_mfa.attribution.explanation import Explanation
from cloudtrail_mfa.demo import sample_change, sample_evidence
from cloudtrail_mfa.layouts import CREDENTIALS, DENIALS, POSTURE, SESSIONS, SUMMARY, TIMELINE
from cloudtrail_mfa.output import FORMATS, write
from cloudtrail_mfa.printable import printable_lines
from tests.conftest import Command
from tests.hostile import FIELDS, REJECTED, TRICKS, TWICE, write_hostile
from tests.lossless import canonical

# What a terminal may obey, and what turns text around; a line end ends a line.
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
FORMULAS = tuple("=+-@\t\r＝＋－＠")

QUESTIONS: dict[str, Callable[[Lake], pd.DataFrame]] = {
    "denials": lambda lake: lake.denials(bodies=True),
    "summary": lambda lake: lake.summary(),
    "sessions": lambda lake: lake.sessions(),
    "posture": lambda lake: lake.posture(),
    "credentials": lambda lake: lake.credentials(),
    "timeline": lambda lake: lake.timeline(principal="*"),
    "sql": lambda lake: lake.sql(
        "select event_id, event_name, aws_region, tls_details from events"
    ),
    "pivot": lambda lake: lake.sql(f"{_PIVOT} group by error_code"),
}
_PIVOT = "pivot events on event_name using count(*)"
LAYOUTS = {
    "denials": DENIALS,
    "summary": SUMMARY,
    "sessions": SESSIONS,
    "posture": POSTURE,
    "credentials": CREDENTIALS,
    "timeline": TIMELINE,
}
COMMANDS = [
    ["denials"],
    ["summary"],
    ["sessions", "--format", "csv"],
    ["posture", "--format", "markdown"],
    ["credentials"],
    ["timeline", "--principal", "*", "--format", "jsonl"],
    ["sql", f"{_PIVOT} group by error_code", "--format", "csv"],
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return a folder with the archive and its lake, and the records that have to come back."""
    folder = tmp_path_factory.mktemp("hostile")
    kept = write_hostile(folder / "logs")
    report = Lake(folder / "lake").ingest(folder / "logs", workers=1)
    reasons = {Path(file.path).name: file.reason for file in report.rejected}
    assert {name.partition(".")[0].removesuffix("-twice") for name in reasons} == {*REJECTED}
    assert all(reason.startswith("broken JSON") for reason in reasons.values())
    assert len(report.ingested) == len(TRICKS) - len(REJECTED) + len(TWICE)
    assert report.records == report.events + report.duplicates == len(kept)
    return folder, kept


@pytest.fixture
def run(made: tuple[Path, list[str]], command: Command) -> Command:
    """Return a function that runs a command on the lake."""
    return partial(_on, command, made[0] / "lake")


def _on(command: Command, lake: Path, *arguments: str) -> tuple[int, bytes, str]:
    return command(*arguments, "--lake", str(lake))


def obeyed(text: str) -> list[str]:
    """Return the lines of a text that a terminal would do something with."""
    return [line[:200] for line in text.split("\n") if OBEYED.search(line)]


def test_every_record_comes_back(made: tuple[Path, list[str]]) -> None:
    """Equal as JSON to what was written, keys that stand twice and all digits included."""
    folder, kept = made
    back = Lake(folder / "lake").records_text()
    wanted = Counter(repr(canonical(text)) for text in kept)
    assert Counter(repr(canonical(text)) for text in back) == wanted


def test_no_file_is_outside_the_lake(made: tuple[Path, list[str]]) -> None:
    """No name in a record is a name of a file."""
    folder, _ = made
    assert {path.name for path in folder.iterdir()} == {"lake", "logs"}
    places = {path.parent.parent.name for path in (folder / "lake" / "events").rglob("*.parquet")}
    assert places == {"account_id=111122223333", "account_id=__HIVE_DEFAULT_PARTITION__"}


@pytest.fixture(scope="module")
def lake(made: tuple[Path, list[str]]) -> Lake:
    """Return the lake, opened once."""
    return Lake(made[0] / "lake")


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_is_obeyed(lake: Lake, question: str) -> None:
    """By a terminal, a spreadsheet or DuckDB, whatever is asked in whatever format."""
    rows = QUESTIONS[question](lake)
    assert len(rows)
    written = {}
    for format_ in FORMATS:
        stream = io.BytesIO()
        write(rows, format_, stream, layout=LAYOUTS.get(question))
        written[format_] = stream.getvalue()
    assert len(pd.read_parquet(io.BytesIO(written.pop("parquet")))) == len(rows)
    texts = {format_: content.decode() for format_, content in written.items()}
    assert {format_: obeyed(text) for format_, text in texts.items()} == {
        format_: [] for format_ in texts
    }
    cells = [cell for row in csv.reader(io.StringIO(texts["csv"], newline="")) for cell in row]
    assert [cell for cell in cells if cell.startswith(FORMULAS)] == []
    assert len(json.loads(texts["json"])) == len(rows)
    assert [json.loads(line) for line in texts["jsonl"].splitlines()] == json.loads(texts["json"])


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_commands_are_not_obeyed_either(run: Command, arguments: list[str]) -> None:
    """Their notes stand on the terminal, too; no line is endless, however long a name is."""
    code, out, err = run(*arguments)
    assert code == 0, err
    text = out.decode()
    assert text
    assert obeyed(text + err) == []
    if "--format" not in arguments:
        assert max(map(len, text.splitlines())) < 40_000


def test_records_are_printed_one_a_line(run: Command, made: tuple[Path, list[str]]) -> None:
    """All of them, and a terminal obeys none."""
    code, out, err = run("records")
    assert (code, err) == (0, "")
    assert obeyed(out.decode()) == []
    lines = out.decode().removesuffix("\n").split("\n")
    wanted = Counter(repr(canonical(text)) for text in made[1])
    assert Counter(repr(canonical(line)) for line in lines) == wanted


def test_every_denial_is_told_without_being_obeyed(lake: Lake) -> None:
    """Each trick in each field, in full."""
    told = [printable_lines(str(Explanation(row))) for _, row in lake.denials().iterrows()]
    assert len(told) > len(FIELDS) * len(TRICKS) // 2
    assert [lines for text in told if (lines := obeyed(text))] == []


@pytest.mark.parametrize("field", range(0, len(FIELDS), 20))
def test_a_denial_is_told_by_its_command(run: Command, field: int) -> None:
    """An event that has no id, or was not denied by then, is an error in a sentence."""
    code, out, err = run("explain", f"colour-{field:03}")
    assert obeyed(out.decode() + err) == []
    assert code == 0 or (code == 2 and err.count("\n") == 1)


@pytest.mark.parametrize("show", ["", "summary", "calls", "exposure"])
def test_a_change_is_replayed_without_obeying(run: Command, show: str) -> None:
    """Names of principals and resources stand in its sentences."""
    change = ["--replace", f"MFA_Forced={sample_change()}", "--evidence", str(sample_evidence())]
    shown = ["--show", show, "--format", "csv"] if show else []
    code, out, err = run("what-if", *change, *shown)
    assert code == 0, err
    assert obeyed(out.decode() + err) == []


@pytest.mark.parametrize("trick", ["sql", "sql-quoted", "glob", "up", "html"])
def test_a_filter_is_a_name_and_nothing_else(
    run: Command, made: tuple[Path, list[str]], trick: str
) -> None:
    """It finds whoever has that name, and the lake is what it was."""
    name = json.loads(TRICKS[trick])
    code, out, err = run("records", "--event", name)
    assert (code, err) == (0, "")
    found = [json.loads(line)["eventName"] for line in out.decode().splitlines()]
    assert name in found
    assert len(list(Lake(made[0] / "lake").records_text())) == len(made[1])
