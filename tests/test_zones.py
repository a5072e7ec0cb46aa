"""Time zones by their names."""

from __future__ import annotations

import datetime as dt

import pytest

from cloudtrail_mfa import ScopeError
from cloudtrail_mfa.zones import zone_of


@pytest.mark.parametrize("name", ["Europe/Berlin", "europe/berlin", " Europe/Berlin "])
def test_a_zone_is_known_by_its_name(name: str) -> None:
    """In capitals or not."""
    assert str(zone_of(name)) == "Europe/Berlin"


def test_utc_is_utc() -> None:
    """Then nothing has to be converted."""
    assert zone_of("utc") is dt.UTC


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("Berlin", ": did you mean Europe/Berlin?"),
        ("new york", ": did you mean America/New_York?"),
        ("Europe/Berln", ": did you mean Europe/Berlin?"),
        ("nowhere", ": there are UTC, Europe/Berlin, America/New_York"),
        ("../../etc/passwd", ": there are UTC, Europe/Berlin, America/New_York"),
        ("", ": there are UTC, Europe/Berlin, America/New_York"),
    ],
)
def test_of_another_name_the_nearest_is_told(name: str, end: str) -> None:
    """A city is enough to find its zone; no name is taken for a path."""
    with pytest.raises(ScopeError) as raised:
        zone_of(name)
    assert str(raised.value).endswith(end)
