"""Help with a name that is not known."""

from __future__ import annotations

import pytest

from cloudtrail_mfa.nearest import nearest


@pytest.mark.parametrize(
    ("name", "known", "named", "sentence"),
    [
        ("alcie", ["alice", "bob"], None, ": did you mean alice?"),
        ("zzz", ["alice", "bob"], None, ": there are alice, bob"),
        ("zzz", ["alice", "bob"], ["user/alice"], ": there are user/alice"),
        ("zzz", [], None, ": it holds none"),
        ("zzz", map("user-{:02}".format, range(18)), None, "user-14, user-15 and 2 more"),
    ],
)
def test_the_nearest_or_all(
    name: str, known: list[str], named: list[str] | None, sentence: str
) -> None:
    """What is near is proposed; else what there is, cut where it is long."""
    assert nearest(name, known, named=named).endswith(sentence)
