"""Tables for people: what fits the terminal, and what gives way first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cloudtrail_mfa import layouts
from cloudtrail_mfa.layouts import DENIALS
from cloudtrail_mfa.tables import Layout, text_table

ROW = {
    "event_time": pd.Timestamp("2026-06-01T09:02:11Z"),
    "event_id": "cce719c1-c073-42c3-833e-e1a00d15bba5",
    "principal_name": "alice",
    "credential_kind": "long_term_key",
    "mfa_present": "absent",
    "iam_action": "s3:ListAllMyBuckets",
    "cause": "long_term_key",
    "certainty": "inferred",
}
ROWS = pd.DataFrame([ROW])


def lines(rows: pd.DataFrame = ROWS, layout: Layout | None = DENIALS, **how: Any) -> list[str]:
    return list(text_table(rows, layout, **how).lines)


@pytest.mark.parametrize(
    ("width", "left_out"),
    [
        (60, {"mfa_present", "credential_kind", "certainty", "event_time"}),
        (80, {"mfa_present", "credential_kind", "certainty", "event_time"}),
        (100, {"mfa_present", "credential_kind"}),
        (120, {"mfa_present"}),
        (200, set()),
    ],
)
def test_a_narrow_terminal_shows_fewer_columns(width: int, left_out: set[str]) -> None:
    """What matters most stays, what is left out is told, and no line is wider than the terminal."""
    table = text_table(ROWS, DENIALS, width=width)
    shown = list(table.lines)
    assert max(map(len, shown)) <= width
    assert set(table.left_out) == left_out
    assert any("cause" in line for line in shown[:3])
    assert any("cce719c1" in line for line in shown)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 200])
@pytest.mark.parametrize("name", layouts.__all__)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    """Of no table, however long the words in it are."""
    layout = getattr(layouts, name)
    rows = pd.DataFrame([{column: f"{column} {'x' * 50}" for column in layout.columns}])
    assert max(map(len, lines(rows, layout, width=width))) <= width


def test_heads_are_broken_before_columns_are_left_out() -> None:
    """At an underscore: a long name above a short number takes no room."""
    rows = pd.DataFrame({"name": ["alice"], "permissions_without_mfa": [3]})
    shown = lines(rows, None, width=30)
    assert [line.split() for line in shown[1:3]] == [["permissions_"], ["name", "without_mfa"]]
    assert shown[4].split() == ["alice", "3"]


def test_what_is_copied_or_compared_is_not_folded() -> None:
    """Words give way to ids, times and numbers."""
    rows = ROWS.assign(iam_action="s3:" + "GetObject" * 5, denials=[1234567])
    layout = Layout(("event_time", "event_id", "iam_action", "denials"), ())
    shown = lines(rows, layout, width=60)
    assert "2026-06-01T09:02:11Z   cce719c1" in shown[3]
    assert "1234567" in shown[3]
    assert len(shown) > len(lines(rows, layout))


def test_of_a_result_that_nobody_laid_out_the_first_columns_are_shown() -> None:
    """A query may have more columns than a terminal."""
    rows = pd.DataFrame([{f"column_{number:02}": "some words" for number in range(40)}])
    table = text_table(rows, width=80)
    assert max(map(len, table.lines)) <= 80
    assert table.left_out == tuple(f"column_{number:02}" for number in range(6, 40))


def test_nothing_limits_what_is_no_terminal() -> None:
    """A row is a line."""
    rows = ROWS.assign(words="word " * 300)
    table = text_table(rows)
    assert len(list(table.lines)) == 5
    assert table.left_out == ()


def test_wide_letters_take_two_places() -> None:
    """As they do on a terminal."""
    rows = pd.DataFrame({"name": ["\u5c71\u7530", "bob"], "calls": [1, 2]})
    _, _, _, one, other, _ = lines(rows, None)
    assert one.index("1") + 2 == other.index("2")


def test_a_table_shows_the_beginning_of_ids() -> None:
    """Enough to name them; other texts stay, and so do ids in Markdown."""
    rows = pd.DataFrame({"event_id": [ROW["event_id"], "short"]})
    assert [line.strip() for line in lines(rows, None)[3:5]] == ["cce719c1", "short"]
    assert str(ROW["event_id"]) in lines(rows, None, markdown=True)[3]


def test_many_rows_come_as_they_are_read() -> None:
    """The first before the last is laid out, each once, under one head."""
    rows = pd.DataFrame({"number": range(1201), "word": "x"})
    shown = lines(rows, None)
    assert [line.split()[0] for line in shown[3:-1]] == [str(number) for number in range(1201)]
    assert sum("word" in line for line in shown) == 1
    assert len({len(line) for line in shown[3:-1]}) == 1


def test_colours_repeat_what_words_say() -> None:
    """Only where they are asked for."""
    rows = pd.DataFrame({"outcome": ["denied", "allowed"]})
    plain, styled = "\n".join(lines(rows, None)), "\n".join(lines(rows, None, styled=True))
    assert "\x1b" not in plain
    assert "\x1b[31mdenied" in styled
    assert "\x1b[32mallowed" in styled


@pytest.mark.parametrize("name", layouts.__all__)
def test_layouts_leave_out_only_what_they_show(name: str) -> None:
    """A column that is not there cannot be left out."""
    layout = getattr(layouts, name)
    assert set(layout.optional) < set(layout.columns)
