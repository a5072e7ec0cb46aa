"""Errors: one tree, drawn in its docstring, each a sentence that names the value."""

from __future__ import annotations

import inspect

import pytest

from cloudtrail_mfa import errors
from cloudtrail_mfa.errors import (
    CloudTrailMfaError,
    EventError,
    EvidenceError,
    LakeError,
    MissingPackageError,
    PolicyError,
    PublicKeyError,
    ScopeError,
    SourceError,
)


def test_the_tree_in_the_docstring_is_complete() -> None:
    """Whoever reads it knows them all."""
    assert errors.__doc__ is not None
    assert all(name in errors.__doc__ for name in errors.__all__)


@pytest.mark.parametrize(
    ("error", "builtin", "text"),
    [
        (ScopeError("since", "x", "is bad"), ValueError, "since='x' is bad"),
        (SourceError("a.json", "is bad"), FileNotFoundError, "a.json: is bad"),
        (LakeError("lake", "is bad"), OSError, "lake: is bad"),
        (PublicKeyError("k.json", "is bad"), ValueError, "k.json: is bad"),
        (PolicyError("p", [("/a", "is bad"), ("", "too")]), ValueError, "p/a is bad; p too"),
        (EvidenceError(["a: is bad", "b: too"]), ValueError, "a: is bad\nb: too"),
        (EventError("1", "is bad"), LookupError, "event '1' is bad"),
        (
            MissingPackageError("x", "notebook"),
            ImportError,
            "x is not installed: pip install 'cloudtrail-mfa[notebook]' brings it",
        ),
    ],
)
def test_each_is_a_builtin_too_and_reads_as_a_sentence(
    error: Exception, builtin: type[Exception], text: str
) -> None:
    """Who does not know this library can still catch them."""
    assert isinstance(error, CloudTrailMfaError)
    assert isinstance(error, builtin)
    assert str(error) == text


def test_nothing_else_is_raised_on_purpose() -> None:
    """Every exception of the module stands in the tree."""
    classes = [
        name
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and kind.__module__ == errors.__name__
    ]
    assert sorted(classes) == errors.__all__
