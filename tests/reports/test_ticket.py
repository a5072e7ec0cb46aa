"""The short form: what it tells, and that nothing of a log is obeyed where it is pasted."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cloudtrail_mfa import CAUSES, Lake
from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.ticket import _cell, _code, _prose, ticket
from tests.hostile import TRICKS
from tests.records import denied, user
from tests.reports.rows import lake_of, told

CODE = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)", re.DOTALL)


def outside(text: str) -> str:
    """Return what a renderer takes for Markdown: what stands in no code span."""
    return CODE.sub("", text)


def test_it_tells_the_short_of_it(proven: Contents) -> None:
    """Headline, causes, people and their remedies."""
    text = ticket(proven)
    assert text.startswith("# Refused AWS calls, from 2026-06-01 00:00 to 23:55 UTC\n")
    for line in (
        "1. `alice`: Sign with a temporary session that has passed MFA, not with the key.",
        f"| `long_term_key` | proven | 3 | 1 | {CAUSES['long_term_key'].meaning} |",
        "- 2 of 476 records came more than once. Each counts once.",
        "- In 1 of 2 regions: no data events are recorded: that there are no denials of GetObject, HeadObject and the like tells nothing.",
    ):
        assert f"\n{line}\n" in text
    (alice,) = (line for line in text.splitlines() if line.startswith("| `alice` | person | `long"))
    assert alice.endswith(" | 3 | `cce719c1-c073-42c3-833e-e1a00d15bba5` |")
    assert "--token-code CODE`, then sign with the three values that it prints." in text
    assert 'ask for a statement such as `{"Effect": "Allow"' in text


def test_tables_are_tables(proven: Contents) -> None:
    """Every row has as many cells as its head."""
    rows = [line for line in ticket(proven).splitlines() if line.startswith("|")]
    counts = {row.count("|") for row in rows}
    assert counts == {6, 9}


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_is_markdown(contents: Contents, trick: str) -> None:
    """No link, no mention, no HTML, no other row: in a name, an id, a resource or a remedy."""
    name = TRICKS[trick][1:-1].encode().decode("unicode_escape").encode("utf-8", "replace").decode()
    hostile = f"{name} @carol http://example.net/ [x](y) www.example.net a|b"
    text = ticket(
        replace(
            contents,
            denials=contents.denials.assign(event_id=hostile, remedy=f"Ask {hostile}."),
            groups=contents.groups.assign(principal_name=hostile, event_id=hostile),
            people=contents.people.assign(principal_name=hostile),
        )
    )
    told_plainly = outside(text)
    for sign in ("@", "://", "www.", "<", "](", "javascript"):
        assert sign not in told_plainly
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {6, 9}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("alice", "`alice`"),
        ("a`b``c", "``` a`b``c ```"),
        ("`", "`` ` ``"),
        (" a ", "`  a  `"),
        ("a\nb", "`a\\nb`"),
        ("", "not known"),
        (None, "not known"),
        (float("nan"), "not known"),
    ],
)
def test_a_text_is_a_code_span(text: object, shown: str) -> None:
    """Whatever backticks it has; what is not there is not known."""
    assert _code(text) == shown


def test_a_bar_ends_no_cell() -> None:
    """Not behind a backslash either, which an escape would be undone by."""
    assert _cell("a|b\\|c") == "`a\\x7cb\\\\x7cc`"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('Ask (the) owner\'s "team", now.', 'Ask (the) owner\'s "team", now.'),
        ("of arn:aws:iam::111122223333:role/x, or", "of `arn:aws:iam::111122223333:role/x`, or"),
        ("see www.example.net.", "see `www.example.net`."),
        ("a *b* _c_ <d> [e](f) #g", "a `*b*` `_c_` `<d>` `[e](f)` `#g`"),
        ("Deploy: it passed; - so.", "Deploy: it passed; - so."),
    ],
)
def test_words_of_a_sentence_stay_words(text: str, shown: str) -> None:
    """All others are code, but for the punctuation behind them."""
    assert _prose(text) == shown


def test_limits_are_told(tmp_path: Path) -> None:
    """With the command that tells the rest."""
    records = [denied(by=user(f"user-{n:03}", f"AKIAIOSFODNN7U{n:06}")) for n in range(30)]
    text = ticket(told(lake_of(tmp_path, *records)))
    assert "\n10 more rows are not told here: `cloudtrail-mfa summary --lake DIR`" in text
    assert "\n24 more callers are not told here: `cloudtrail-mfa explain" in text


def test_an_empty_lake_has_a_ticket(tmp_path: Path) -> None:
    """Without tables."""
    text = ticket(told(Lake(tmp_path / "lake")))
    assert "No event is recorded here: there is nothing to tell." in text
    assert "|" not in text


def test_filters_are_told(lake: Lake) -> None:
    """As code, since a person typed them."""
    text = ticket(told(lake, principal="*<b>*"))
    assert "Filter principal: `*<b>*`." in text
