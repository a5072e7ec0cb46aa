"""Formats: what came out of a log is data, in each of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pytest

from cloudtrail_mfa.output import FORMATS, Format, write

ROWS = pd.DataFrame(
    {
        "event_id": ["cce719c1-c073-42c3-833e-e1a00d15bba5", "short"],
        "event_time": [pd.Timestamp("2026-06-01T09:02:11Z"), pd.NaT],
        "flag": pd.array([True, None], "boolean"),
        "count": [3, 40],
        "evidence": [["one", "two"], []],
        "user_agent": ["=cmd|' /C calc'!A0", "\x1b[31mred\x1b[0m | \u202egpj.exe\nline"],
    }
)


def text(format_: Format, rows: pd.DataFrame = ROWS) -> str:
    stream = io.BytesIO()
    write(rows, format_, stream)
    return stream.getvalue().decode()


def test_csv_holds_every_column_and_no_formula() -> None:
    """A spreadsheet takes every cell for text; nulls are empty, lists are joined."""
    one, other = csv.DictReader(io.StringIO(text("csv")))
    assert one["event_time"] == "2026-06-01T09:02:11Z"
    assert one["evidence"] == "one; two"
    assert one["flag"] == "true"
    assert one["user_agent"] == "'=cmd|' /C calc'!A0"
    assert (other["event_time"], other["flag"], other["count"]) == ("", "", "40")


@pytest.mark.parametrize(
    ("start", "shown"),
    [("=", "'="), ("+", "'+"), ("-", "'-"), ("@", "'@"), ("\t", "\\t"), ("\r", "\\r")],
)
def test_every_start_of_a_formula_is_known(start: str, shown: str) -> None:
    """Spreadsheets know several."""
    (row,) = csv.DictReader(
        io.StringIO(text("csv", pd.DataFrame({"x": [f"{start}1+1"]})), newline="")
    )
    assert row["x"] == f"{shown}1+1"


def test_json_is_typed() -> None:
    """Numbers are numbers, lists are lists, null is null, times are ISO 8601."""
    one, other = json.loads(text("json"))
    assert one["count"] == 3
    assert one["flag"] is True
    assert one["evidence"] == ["one", "two"]
    assert one["event_time"] == "2026-06-01T09:02:11Z"
    assert other["event_time"] is None
    assert other["user_agent"] == ROWS["user_agent"][1]


@pytest.mark.parametrize(
    ("format_", "head", "cell"),
    [
        ("table", "event_time (Europe/Berlin)", "2026-06-01T11:02:11+02:00"),
        ("markdown", "event_time (Europe/Berlin)", "2026-06-01T11:02:11+02:00"),
        ("csv", "event_time (Europe/Berlin)", "2026-06-01T11:02:11+02:00"),
        ("json", '"event_time"', "2026-06-01T09:02:11Z"),
        ("jsonl", '"event_time"', "2026-06-01T09:02:11Z"),
    ],
)
def test_times_for_people_may_be_in_another_zone(format_: Format, head: str, cell: str) -> None:
    """Their heads and offsets say so; what programs compare stays in UTC."""
    stream = io.BytesIO()
    write(ROWS, format_, stream, zone=ZoneInfo("Europe/Berlin"))
    shown = stream.getvalue().decode()
    assert head in shown
    assert cell in shown


@pytest.mark.parametrize("format_", ["table", "markdown"])
def test_the_head_of_times_says_that_they_are_utc(format_: Format) -> None:
    """In CSV the name of a column stays what it is, since programs look for it."""
    assert "event_time (UTC)" in text(format_)
    assert text("csv").splitlines()[0].split(",")[1] == "event_time"


def test_parquet_is_in_utc_whatever_is_asked(tmp_path: Path) -> None:
    """A program that reads it compares moments."""
    with (tmp_path / "rows.parquet").open("wb") as stream:
        write(ROWS, "parquet", stream, zone=ZoneInfo("Asia/Tokyo"))
    assert str(pd.read_parquet(tmp_path / "rows.parquet")["event_time"].dtype).endswith("UTC]")


def test_jsonl_is_one_object_a_line() -> None:
    """The same objects as in json."""
    assert [json.loads(line) for line in text("jsonl").splitlines()] == json.loads(text("json"))


def test_parquet_keeps_types(tmp_path: Path) -> None:
    """What comes back is what went in."""
    with (tmp_path / "rows.parquet").open("wb") as stream:
        write(ROWS, "parquet", stream)
    back = pd.read_parquet(tmp_path / "rows.parquet")
    assert back["event_time"].equals(ROWS["event_time"])
    assert back["flag"].dtype == "boolean"


def test_markdown_is_a_table_for_a_ticket() -> None:
    """A cell cannot break out of its row."""
    lines = text("markdown").strip().splitlines()
    assert len(lines) == 4
    assert lines[1].replace("-", "") == "|||||||"
    assert "\\|" in lines[3]
    assert "cce719c1-c073-42c3-833e-e1a00d15bba5" in lines[2]


@pytest.mark.parametrize("format_", ["table", "markdown"])
def test_control_characters_are_shown_not_obeyed(format_: Format) -> None:
    """A terminal is not coloured, and text is not turned around, by who wrote the log."""
    shown = text(format_)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\\x1b[31mred" in shown


def test_markup_is_text() -> None:
    """Brackets mean nothing."""
    assert "[red]x[/red]" in text("table", pd.DataFrame({"a": ["[red]x[/red]"]}))


@pytest.mark.parametrize("format_", FORMATS)
def test_no_rows_are_no_error(format_: Format) -> None:
    """Nothing found has a form too."""
    stream = io.BytesIO()
    write(ROWS.iloc[:0], format_, stream)
    assert json.loads(stream.getvalue()) == [] if format_ == "json" else True


def test_what_sql_may_answer_can_be_written() -> None:
    """Nested values, dates, big numbers and columns without a name."""
    rows = pd.DataFrame(
        {"a": [{"x": [1]}], "b": [pd.Timestamp("2026-06-01").date()], "c": [1 << 40]}
    )
    assert json.loads(text("jsonl", rows)) == {"a": {"x": [1]}, "b": "2026-06-01", "c": 1 << 40}
    assert "2026-06-01" in text("table", rows)


def test_lists_of_sql_are_lists() -> None:
    """They come as arrays, and are written as the lists of other tables are."""
    rows = duckdb.connect().execute("select ['a', 'b'] as names").df()
    assert text("csv", rows) == "names\na; b\n"
    assert json.loads(text("jsonl", rows)) == {"names": ["a", "b"]}


def test_names_of_columns_are_data_too() -> None:
    """A pivot makes them of what stands in a log."""
    rows = pd.DataFrame({"=1+1": ["x"], "\x1b[31m|": ["y"]})
    assert text("csv", rows).splitlines()[0] == "'=1+1,\\x1b[31m|"
    assert "\\x1b[31m\\|" in text("markdown", rows)


def test_long_cells_are_cut_where_people_read() -> None:
    """Each other row would be as wide; the other formats hold them whole."""
    rows = pd.DataFrame({"a": ["x" * 9000, "y"]})
    for format_ in ("table", "markdown"):
        assert "x… (9,000 characters)" in text(format_, rows)
        assert max(map(len, text(format_, rows).splitlines())) < 2100
    assert "x" * 9000 in text("csv", rows)


def test_json_is_escaped_beyond_what_json_asks() -> None:
    """A terminal obeys control characters above the ASCII range, too."""
    rows = pd.DataFrame({"a": ["\x9b31m\x7f\u202e"]})
    assert json.loads(text("json", rows)) == [{"a": "\x9b31m\x7f\u202e"}]
    assert "\\u009b31m\\u007f\\u202e" in text("jsonl", rows)
