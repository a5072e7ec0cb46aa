"""Pseudonyms: nobody is told of by name, and everybody is still told from everybody else."""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa import CloudTrailMfaError, Lake, PseudonymError, Pseudonyms, draw_timeline
from cloudtrail_mfa.cli import cli
from cloudtrail_mfa.demo import sample_evidence, sample_logs
from cloudtrail_mfa.figures import png
from cloudtrail_mfa.identifiers import is_aws
from cloudtrail_mfa.output import FORMATS
from cloudtrail_mfa.reports import REPORT_FORMATS
from tests import generate_prose
from tests.records import ACCOUNT, Record, denied, issued, refusal, role, user, write_log
from tests.signed_archive import signed_archive

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = Pseudonyms(KEY, ["alice", "Deploy", "denied", "a"])

# Beside regular names: those of patterns, of words of the library, within one another, and like ids.
HOSTILE = [
    "(.*)+$",
    "[x]{9}|\\d",
    "al ice",
    "al ice smith",
    "ice smith jones",
    "zoë.müller",
    "denied",
    "a",
    "calls",
    "ListBuckets",
    "us-east-1",
    "eve@example.net",
    "build-444455556666",
    'o\'brien\n"x"',
    "s3.amazonaws.com",
    "MixedCase",
    "x" * 500,
]
# What a report says of its own, too: there they stay.
WORDS = {"denied", "a", "calls", "ListBuckets", "us-east-1", "s3.amazonaws.com"}
ADDRESS, ADDRESS6, THEIR_KEY = "203.0.113.77", "2600:1f18::beef", "AKIAIOSFODNN7HOSTILE"
OTHERS = "444455556666"


def hostile() -> Iterator[Record]:
    """Yield calls of principals whose names are meant to be missed, or to be seen everywhere."""
    for number, name in enumerate(HOSTILE):
        key, time = f"AKIAIOSFODNN7HOST{number:03}", f"2026-06-01T10:{number:02}:00Z"
        by = user(name, key)
        arn = by["arn"]
        yield denied(
            by=by,
            time=time,
            event_id=f"denied-{number:03}",
            sourceIPAddress=ADDRESS if number % 2 else ADDRESS6,
            userAgent=f"script of {name} from {ADDRESS}",
            errorMessage=refusal("s3:ListAllMyBuckets", to=arn, why="with an explicit deny"),
            requestParameters={"key": f"home/{name}/{OTHERS}", "policyDocument": json.dumps([arn])},
            resources=[{"ARN": "arn:aws:s3:::logs", "accountId": OTHERS}],
        )
        yield denied(
            "AssumeRole",
            "sts",
            by=by,
            time=time,
            errorMessage=refusal("sts:AssumeRole", to=arn, on=f"arn:aws:iam::{OTHERS}:role/{name}"),
        )
        session = f"ASIAIOSFODNN7HOST{number:03}"
        yield issued(
            "AssumeRole",
            session,
            by=by,
            request={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/Deploy", "roleSessionName": name},
            time=time,
        )
        yield denied("GetObject", by=role(session_name=name, key=session), time=time)


def values(records: list[Record]) -> set[str]:
    """Return what must not be told: of everything a record may hold, found without the library."""
    text = json.dumps(records)
    found = set(re.findall(r"(?<![\w-])\d{12}(?![\w-])", text))
    found |= set(re.findall(r"A(?:KIA|SIA|IDA|ROA)[A-Z0-9]{12,}", text))
    for record in records:
        identity = record["userIdentity"]
        arn = identity.get("arn", "")
        found |= {identity.get("userName", ""), *arn.split(":", 5)[-1].split("/")[1:]}
        address = record.get("sourceIPAddress", "")
        found |= {address} if re.fullmatch(r"[\d.]+|[0-9a-f:]+", address) else set()
    ours = set(generate_prose.FILE.read_text().split())
    return {value for value in found - WORDS if value.casefold() not in ours and not is_aws(value)}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "pseudonyms.key"
    path.write_bytes(KEY + b"\n")
    return path


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake of the samples and of hostile names."""
    folder = tmp_path_factory.mktemp("lake")
    lake = Lake(folder / "lake")
    logs = write_log(folder / "log.json.gz", hostile())
    assert lake.ingest(sample_logs(), logs, workers=1).complete
    return lake


def folder_of(lake: Lake) -> str:
    return str(ast.literal_eval(repr(lake).removeprefix("Lake(").removesuffix(")")))


def run(*words: str | Path) -> tuple[bytes, bytes]:
    """Return what a command wrote to standard output and to standard error."""
    done = CliRunner().invoke(cli, [*map(str, words)], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.stdout_bytes, done.stderr_bytes


def pseudonyms(lake: Lake, key: bytes = KEY) -> Pseudonyms:
    return Pseudonyms(key, lake.sql("from principal_names")["name"])


def is_told(value: str, text: str) -> bool:
    """Whether a value stands in a text, as a word; JSON and tables may write its characters otherwise."""
    forms = {value, json.dumps(value)[1:-1], value.replace("|", "\\|"), html.escape(value)}
    return any(
        form in text and re.search(rf"(?<![^\W_]){re.escape(form)}(?![^\W_])", text) is not None
        for form in forms
    )


def untold(lake: Lake, *outputs: bytes) -> None:
    """Assert that nothing that is to be hidden stands in what was written."""
    hidden = values(list(lake.records()))
    for output in outputs:
        text = output.decode("utf-8", "replace")
        assert [value for value in hidden if is_told(value, text)] == []


QUERY = "select principal_name as who, outcome, events.* from calls join events using (event_id)"
COMMANDS: dict[str, list[str]] = {
    "denials": ["denials", "--bodies"],
    "denials-proven": ["denials", "--evidence", str(sample_evidence())],
    "summary": ["summary"],
    "sessions": ["sessions"],
    "timeline": ["timeline", "--principal", "*"],
    "posture": ["posture"],
    "credentials": ["credentials", "--evidence", str(sample_evidence())],
    "coverage": ["coverage"],
    "sql": ["sql", QUERY],
    "tailpipe": ["sql", "from aws_cloudtrail_log"],
    "athena": ["sql", "from cloudtrail_logs"],
    "pivot": ["sql", "pivot calls on principal_name using count(*)"],
    "what-if": ["what-if", "--evidence", str(sample_evidence()), "--show", "calls", "--remove"],
}
COMMANDS["what-if"].append("MFA_Forced")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_output_tells_of_anybody(lake: Lake, key: Path, command: str, format_: str) -> None:
    """Neither rows nor notes."""
    words: list[str | Path] = [*COMMANDS[command], "--lake", folder_of(lake), "--format", format_]
    printed, notes = run(*words, "--pseudonymise", key)
    if format_ == "parquet":
        rows = pq.read_table(pa.BufferReader(printed)).to_pylist()
        printed = json.dumps(rows, default=str, ensure_ascii=False).encode()
    assert b"name-" in printed or command == "coverage"
    untold(lake, printed, notes)


@pytest.mark.parametrize("format_", ["table", "json"])
def test_what_was_verified_tells_no_account(key: Path, tmp_path: Path, format_: str) -> None:
    """There is no lake whose names could be looked for; accounts have a form."""
    trail = signed_archive(tmp_path / "logs")
    outputs = run("verify", trail.folder, "--format", format_, "--pseudonymise", key)
    told = b"".join(outputs).decode()
    assert "not verifiable" in told
    assert re.search(r"\d{12}_CloudTrail_us-east-1", told)
    assert ACCOUNT not in told


@pytest.mark.parametrize("evidence", [[], ["--evidence", str(sample_evidence())]], ids=len)
@pytest.mark.parametrize("format_", REPORT_FORMATS)
def test_no_report_tells_of_anybody(
    lake: Lake, key: Path, format_: str, evidence: list[str]
) -> None:
    """Neither its sentences nor its figures."""
    words: list[str | Path] = ["report", "--lake", folder_of(lake), "--format", format_]
    printed, notes = run(*words, *evidence, "--pseudonymise", key)
    assert b"name-" in printed
    untold(lake, printed, notes)


@pytest.mark.parametrize("whom", ["alice", "ali*", f"arn:aws:iam::{ACCOUNT}:user/alice"])
def test_no_filter_tells_of_anybody(lake: Lake, key: Path, whom: str) -> None:
    """A report says by what it was asked for; half a name would tell of its bearer, too."""
    words: list[str | Path] = ["report", "--lake", folder_of(lake), "--format", "markdown"]
    printed, notes = run(*words, "--principal", whom, "--pseudonymise", key)
    assert b"Filter principal: `" in printed
    assert whom.encode() not in printed
    untold(lake, printed, notes)


def test_no_file_tells_of_anybody(lake: Lake, key: Path, tmp_path: Path) -> None:
    """It holds what is printed otherwise."""
    words: list[str | Path] = ["denials", "--lake", folder_of(lake), "--format", "csv"]
    words += ["--pseudonymise", key]
    printed, _ = run(*words)
    assert run(*words, "-o", tmp_path / "rows.csv")[0] == b""
    assert (tmp_path / "rows.csv").read_bytes() == printed


ROWS: dict[str, Callable[[Lake], pd.DataFrame]] = {
    "denials": lambda lake: lake.denials(bodies=True),
    "summary": lambda lake: lake.summary(),
    "sessions": lambda lake: lake.sessions(),
    "timeline": lambda lake: lake.timeline(principal="*"),
    "posture": lambda lake: lake.posture(),
    "credentials": lambda lake: lake.credentials(),
    "coverage": lambda lake: lake.coverage(),
    "events": lambda lake: lake.sql("from events order by event_time, event_id"),
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_stay_as_many_and_as_different(lake: Lake, name: str) -> None:
    """Types too; of two that were the same both have one pseudonym, of two that differed each its own."""
    rows = ROWS[name](lake)
    hidden = pseudonyms(lake).frame(rows)
    tables = [pa.Table.from_pandas(each, preserve_index=False) for each in (rows, hidden)]
    assert tables[0].schema.types == tables[1].schema.types
    assert [*rows.columns] == [*hidden.columns]
    for column in rows.columns:
        before, after = (pd.factorize(each[column].map(str)) for each in (rows, hidden))
        assert before[0].tolist() == after[0].tolist(), column


def test_no_story_tells_of_anybody(lake: Lake, key: Path) -> None:
    """A denial in full, a change of policies, and the original records, which are as many."""
    option = ["--lake", folder_of(lake), "--pseudonymise", str(key)]
    first = lake.denials(principal="*:user/denied", event="ListBuckets")["event_id"].iloc[0]
    evidence = ["--evidence", str(sample_evidence())]
    told, notes = run("explain", first, *option, *evidence)
    untold(lake, told, notes)
    # Told of a row with pseudonyms, a name that is a word is hidden, too, and the word is not.
    assert b"refused ListBuckets to name-" in told
    assert b"it would have been denied" in told or b"not known whether" in told
    untold(lake, *run("what-if", *option, *evidence, "--remove", "MFA_Forced"))
    printed, notes = run("records", *option)
    untold(lake, printed, notes)
    assert printed.count(b"\n") == len([*lake.records()])


def test_a_figure_draws_pseudonyms(lake: Lake, key: Path, tmp_path: Path) -> None:
    """It is that of the rows with pseudonyms."""
    words: list[str | Path] = ["timeline", "--principal", "*", "--lake", folder_of(lake)]
    words += ["--pseudonymise", key]
    run(*words, "--figure", tmp_path / "day.png")
    hidden = pseudonyms(lake).frame(lake.timeline(principal="*"))
    untold(lake, hidden[["lane", "words", "principal_name"]].to_csv().encode())
    assert (tmp_path / "day.png").read_bytes() == png(draw_timeline(hidden))


def test_an_error_tells_of_nobody(lake: Lake, key: Path) -> None:
    """DuckDB's messages hold the values that it stumbled over."""
    query = "select cast(principal_arn as integer) from calls where principal_arn is not null"
    words = ["sql", query, "--lake", folder_of(lake)]
    with pytest.raises(CloudTrailMfaError, match=ACCOUNT):
        run(*words)
    with pytest.raises(CloudTrailMfaError) as told:
        run(*words, "--pseudonymise", key)
    untold(lake, str(told.value).encode())


def test_prose_stays_readable(lake: Lake) -> None:
    """Though there are a user "denied" and a user "a": what is the library's own stays to the word."""
    rows = lake.denials()
    sentences = ["remedy", "evidence", "cause", "certainty", "credential_kind", "event_name"]
    hidden = Pseudonyms(KEY, ["denied", "a", "calls"]).frame(rows)[sentences]
    without = Pseudonyms(KEY).frame(rows)[sentences]
    pd.testing.assert_frame_equal(hidden, without)


def test_names_that_are_words_are_counted(lake: Lake, key: Path) -> None:
    """So that a reader knows of them, and not which."""
    _, notes = run("summary", "--lake", folder_of(lake), "--pseudonymise", key)
    assert b"names are also words of the sentences here" in notes


def test_the_words_of_sentences_are_all_known() -> None:
    """Run ``python -m tests.generate_prose`` where they are not."""
    known = generate_prose.FILE.read_text().split()
    assert set(known) ^ set(generate_prose.words()) == set()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice_in_chains was refused",
        "s3.amazonaws.com refused ListBuckets",
        "arn:aws:s3:::example-reports/2026/q2.csv",
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "cce719c1-c073-42c3-833e-111122223333",
        "2026-06-01T09:00:00Z",
        '{"a": [1e999, 1.10, null, "b\\u0063"], "a": {}}',
        '{"deep": ' + "[" * 5000 + "]" * 5000 + "}",
    ],
    ids=range(9),
)
def test_what_tells_of_nobody_stays(text: str) -> None:
    """To the letter."""
    assert Pseudonyms(KEY, ["bob"]).text(text) == text


def test_json_is_gone_over_text_by_text() -> None:
    """Escapes hide nothing, fields of names hold names, and numbers may be accounts."""
    record = (
        '{"userName": "\\u0061lice", "eventName": "alice", "accountId": 111122223333, "size":'
        ' 111122223333, "credentials": {"sessionToken": "IQoJ"}, "policy": "[\\"alice\\"]", '
        '"tags": {"111122223333": ["denied", "as denied"]}, "userName": "root"}'
    )
    told = SECRET.text(record)
    alice, denied, account = map(SECRET.text, ("alice", "denied", ACCOUNT))
    assert json.loads(told, object_pairs_hook=list) == [
        ("userName", alice),
        ("eventName", "alice"),
        ("accountId", int(account)),
        ("size", 111122223333),
        ("credentials", [("sessionToken", "token-" + told.partition("token-")[2][:12])]),
        ("policy", f'["{alice}"]'),
        ("tags", [(account, [denied, "as denied"])]),
        ("userName", "root"),
    ]


def test_cells_of_any_kind() -> None:
    """Lists, structures and arrays are gone into; nulls, numbers and times stay."""
    cells: list[object] = [
        ["alice", None],
        ("alice", 1),
        {"user_name": "zoe"},
        np.array(["alice"], object),
        None,
    ]
    cells += [1.5, pd.Timestamp("2026-06-01"), np.array([1])]
    told = SECRET.frame(pd.DataFrame({"x": pd.Series(cells, dtype=object)}))["x"].tolist()
    alice, zoe = SECRET.text("alice"), Pseudonyms(KEY, ["zoe"]).text("zoe")
    assert told[:3] == [[alice, None], (alice, 1), {"user_name": zoe}]
    assert told[3].tolist() == [alice]
    assert told[4:7] == cells[4:7]
    assert told[7] is cells[7]


TEXTS = st.text(st.sampled_from('alice.@:/-_0123 {"\\%é\u0301'), max_size=40)


@given(st.lists(TEXTS, max_size=5), st.lists(TEXTS, max_size=5))
def test_no_name_is_left(names: list[str], around: list[str]) -> None:
    """Whatever names are, and however they stand together: alone none stays, and none hides another."""
    hidden = Pseudonyms(KEY, names)
    for name in names:
        assert hidden.text(name) != name or is_aws(name) or name.startswith("0.0")
    frame = pd.DataFrame({"principal_name": names, "x": names}, dtype=object)
    told = hidden.frame(frame)
    assert told["x"].nunique() == frame["x"].nunique()
    text = " ".join([*around, *names])
    assert hidden.text(text) == Pseudonyms(KEY, names).text(text)


@given(TEXTS)
def test_a_pseudonym_is_of_a_key(value: str) -> None:
    """By another key it is another; without the key it cannot be told."""
    one, other = (Pseudonyms(key, [value]).text(value) for key in (KEY, KEY[::-1]))
    assert one != other or one == value


@pytest.mark.parametrize("names", [["alice"], []], ids=["known", "unknown"])
def test_the_same_value_has_one_pseudonym_everywhere(names: list[str]) -> None:
    """In a column of names, in an ARN, behind a role's id and in a message."""
    hidden = Pseudonyms(KEY, names)
    frame = pd.DataFrame({"principal_name": ["alice"]})
    name = hidden.frame(frame)["principal_name"][0]
    account = hidden.text(ACCOUNT)
    for text, told in {
        f"arn:aws:iam::{ACCOUNT}:user/alice": f"arn:aws:iam::{account}:user/{name}",
        f"to arn:aws:iam::{ACCOUNT}:mfa/alice.": f"to arn:aws:iam::{account}:mfa/{name}.",
        "on resource: user alice because": f"on resource: user {name} because",
        f"%22arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Auser%2Falice%22": (
            f"%22arn%3Aaws%3Aiam%3A%3A{account}%3Auser%2F{name}%22"
        ),
    }.items():
        assert hidden.text(text) == told
    assert hidden.text("AROAIOSFODNN7EXAMPLE:alice").endswith(f":{name}")


def test_names_that_overlap_leave_nothing() -> None:
    """What they cover together is replaced as one."""
    hidden = Pseudonyms(KEY, ["al ice", "ice smith"])
    assert re.fullmatch("by name-[0-9a-f]{12}, now", hidden.text("by al ice smith, now"))


def test_a_second_time_gives_others() -> None:
    """A pseudonym is a value like another; so it is used once."""
    once = SECRET.text(f"{ACCOUNT} 198.51.100.23")
    twice = SECRET.text(once)
    assert len({*once.split(), *twice.split()}) == 4


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"short\n", "holds 5 bytes"), (b"k" * 70_000, "longer than 65,536 bytes"), (b"", "holds 0")],
    ids=["short", "long", "empty"],
)
def test_a_key_that_keeps_no_secret(tmp_path: Path, content: bytes, problem: str) -> None:
    """Is refused in a sentence that names the file."""
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(PseudonymError, match=f"key: .*{problem}"):
        Pseudonyms.read_key(tmp_path / "key")
    with pytest.raises(PseudonymError, match="the key has 5 bytes"):
        Pseudonyms(b"short")


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    """Is not made: another key, by a slip of the pen, would give other pseudonyms."""
    with pytest.raises(PseudonymError, match=r"key: cannot be read .*secrets\.token_hex"):
        run("summary", "--lake", tmp_path, "--pseudonymise", tmp_path / "key")
    assert [*tmp_path.iterdir()] == []


def test_an_error_of_a_lake_that_is_none(tmp_path: Path, key: Path) -> None:
    """Holds no account either, though no name is known."""
    folder = tmp_path / ACCOUNT
    with pytest.raises(CloudTrailMfaError, match="lake") as told:
        run("summary", "--lake", folder, "--pseudonymise", key)
    assert ACCOUNT not in str(told.value)


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("sans-s3-ransomware-lab", ["denials", "sessions"]),
        ("invictus-stratus-2023", ["denials", "sessions", "records"]),
    ],
    ids=["sans", "invictus"],
)
def test_real_logs_tell_of_nobody(
    real_logs: Path, tmp_path: Path, key: Path, name: str, commands: list[str]
) -> None:
    """A few commands over logs of real accounts."""
    lake = Lake(tmp_path / "lake")
    lake.ingest(real_logs / name)
    for command in commands:
        words = [command, "--lake", folder_of(lake), "--pseudonymise", str(key)]
        format_ = [] if command == "records" else ["--format", "jsonl"]
        untold(lake, *run(*words, *format_))
