"""Answers as HTML: what came out of a log is text there, too."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from cloudtrail_mfa import Evidence, Lake, markup, what_if
from cloudtrail_mfa.demo import sample_change, sample_evidence, sample_logs
from tests.records import denied, user, write_log

LakeOf = Callable[..., Lake]
HOSTILE = "<script>alert(1)</script>\"'&\x1b[31m\u202e"


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    # The names are those of the standard library.
    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text += data


HARMLESS = {"div", "p", "b", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code"}


def test_text_is_no_markup() -> None:
    """Neither in a cell, nor in a head, a title, a list or a command."""
    page = Page(
        markup.block(
            HOSTILE,
            markup.table((HOSTILE,), [(HOSTILE,)]),
            markup.listed([markup.text(HOSTILE)]),
            facts={HOSTILE: markup.commands(f"`{HOSTILE}` {HOSTILE}")},
        )
    )
    assert page.tags <= HARMLESS
    assert page.text.count("<script>alert(1)</script>\"'&\\x1b[31m\\u202e") == 7
    assert "\x1b" not in page.text


def test_formulas_stay_text() -> None:
    """A notebook draws what stands between dollars, unless it is told not to."""
    assert "mathjax_ignore" in markup.block("$x$")


def test_an_explanation_shows_itself(lake_of: LakeOf) -> None:
    """The same facts as in its text, with the commands marked."""
    record = denied(event_id="12345678-x", userAgent=HOSTILE, by=user(f"a{HOSTILE}"))
    (told,) = lake_of(record).explain("12345678-x")
    page = Page(told._repr_html_())
    assert page.tags <= HARMLESS
    assert "code" in page.tags
    for part in ("12345678-x", "2026-06-01 09:00:00 UTC", "<script>alert(1)</script>", "remedy"):
        assert part in page.text


def test_a_report_shows_itself(tmp_path: Path) -> None:
    """Counts, and each file that could not be used, of which very many are cut."""
    write_log(tmp_path / "logs" / "good.json", [denied()])
    for number in range(40):
        (tmp_path / "logs" / f"<b>{number:02}.json").write_text("{}")
    report = Lake(tmp_path / "lake").ingest(tmp_path / "logs", workers=1)
    page = Page(report._repr_html_())
    assert page.tags <= HARMLESS
    assert "41 files: 1 ingested, 0 skipped, 40 rejected" in page.text
    assert "<b>00.json: " in page.text
    assert "… and 10 more: frame() holds every file." in page.text


def test_a_what_if_shows_itself(tmp_path: Path) -> None:
    """Both halves: what is newly allowed, and what loses its protection."""
    lake = Lake(tmp_path / "lake")
    lake.ingest(sample_logs(), workers=1)
    known = Evidence.load(sample_evidence())
    page = Page(what_if(lake, known, {"MFA_Forced": sample_change().read_bytes()})._repr_html_())
    assert page.tags <= HARMLESS
    for part in ("3 newly allowed", "s3:ListAllMyBuckets", "alice, bob, carol", "leaks gets in"):
        assert part in page.text
    nothing = Page(what_if(lake, known, remove=["Deploy/access"])._repr_html_())
    assert "No action of a user loses its protection by MFA." in nothing.text
