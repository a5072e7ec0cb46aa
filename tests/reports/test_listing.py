"""The denials behind each number."""

from __future__ import annotations

import pandas as pd

from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.listing import MOST_LISTED, listed


def test_every_row_lists_its_denials(contents: Contents) -> None:
    """Of services, the first of them; how many are left out is told."""
    found = listed(contents.denials, contents.groups)
    assert [each.number for each in found] == contents.groups["group"].tolist()
    assert [row["event_id"] for row in found[0].rows] == ["alice-00-1", "alice-00-3"]
    assert (len(found[-1].rows), found[-1].left_out) == (20, 20)
    for each in found:
        assert len(each.rows) + each.left_out == each.group["denials"]


def test_a_page_holds_so_many_and_no_more(contents: Contents) -> None:
    """The first rows of the summary are people's."""
    rows = contents.denials.head(1)
    groups = contents.groups.head(1)
    many = 15
    denials = pd.concat([rows.assign(group=n) for n in range(many) for _ in range(120)])
    counted = pd.concat([groups.assign(group=n, denials=120) for n in range(many)])
    found = listed(denials, counted)
    assert sum(len(each.rows) for each in found) == MOST_LISTED
    assert len(found) == 10
    assert {each.left_out for each in found} == {20}
