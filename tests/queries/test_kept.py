"""Answers are kept beside the events, and stand until these change."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import duckdb
import pytest

from cloudtrail_mfa import queries
from cloudtrail_mfa.queries import kept as rooms
from cloudtrail_mfa.queries.kept import Kept

ANSWER = """
select
    'arn:aws:iam::111122223333:user/alice' as principal_arn,
    'GAHT12345678' as serial_number,
    timestamptz '2026-06-01 09:30:00+00' as seen_at,
    'one' as seen_in
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with queries.connect(()) as con:
        yield con


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def kept(con: duckdb.DuckDBPyConnection, folder: Path | None, answer: str = ANSWER) -> Kept:
    found = Kept(con, folder)
    found.keep("devices", con.sql(answer))
    return found


def test_an_answer_stands_as_a_view(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """With its types, and its description where it is a relation."""
    expected = con.sql(ANSWER).fetchall()
    assert kept(con, tmp_path).has("devices")
    assert con.sql("from devices").fetchall() == expected
    (told,) = con.sql("select comment from duckdb_views() where view_name = 'devices'").fetchall()
    assert told == (queries.grains()["devices"],)


def test_an_answer_is_found_by_the_next_who_asks(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """In another process, and nothing else is left in the folder."""
    kept(con, tmp_path)
    with queries.connect(()) as other:
        assert Kept(other, tmp_path).has("devices")
        assert other.sql("from devices").fetchall() == con.sql("from devices").fetchall()
    assert files(tmp_path) == ["devices.parquet"]


def test_what_was_not_asked_is_not_there(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Neither with a folder nor without."""
    assert not Kept(con, tmp_path).has("devices")
    assert not Kept(con).has("devices")


def test_a_damaged_answer_is_worked_out_anew(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """As a disk may leave it that lost its power."""
    kept(con, tmp_path)
    (path,) = tmp_path.rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with queries.connect(()) as other:
        assert not Kept(other, tmp_path).has("devices")
        assert kept(other, tmp_path).has("devices")
        assert len(other.sql("from devices").fetchall()) == 1


def test_a_folder_that_takes_nothing_keeps_no_answer_from_being_given(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """It is kept in memory, for as long as the connection."""
    (tmp_path / "answers").write_text("a file is in the way")
    for folder in (tmp_path / "answers", None):
        assert kept(con, folder).has("devices")
        assert len(con.sql("from devices").fetchall()) == 1
        con.execute("drop schema kept cascade; drop view devices")
    assert files(tmp_path) == ["answers"]


def test_what_cannot_be_worked_out_leaves_nothing(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """The error is that of the question."""
    with pytest.raises(duckdb.ConversionException):
        kept(con, tmp_path, "select cast('x' || range as integer) as number from range(3)")
    assert files(tmp_path) == []


def test_answers_of_other_rules_do_not_stand(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new version may come to another answer about the same events."""
    kept(con, tmp_path)
    rooms._rules.cache_clear()
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: f"{version(name)}.post1")
    assert not Kept(con, tmp_path).has("devices")
    rooms._rules.cache_clear()
