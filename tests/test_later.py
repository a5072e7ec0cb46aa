"""Modules that are imported when they are first used."""

from __future__ import annotations

import sys

import pytest

from cloudtrail_mfa.later import Later


def test_it_is_imported_by_its_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not before."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    module = Later("colorsys")
    assert "colorsys" not in sys.modules
    assert module.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    assert "colorsys" in sys.modules


def test_what_is_not_there_is_an_error_as_ever() -> None:
    """Of the module, or of its name."""
    with pytest.raises(ModuleNotFoundError, match="this_is_no_module"):
        _ = Later("this_is_no_module").name
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = Later("colorsys").no_such_name
