"""Three-valued logic: unknown never becomes sure by itself."""

from __future__ import annotations

from itertools import product

import pytest

from cloudtrail_mfa.iam.logic import Truth, all_of, any_of, not_

TRUTHS: tuple[Truth, ...] = (True, False, None)


@pytest.mark.parametrize(("one", "other"), [*product(TRUTHS, TRUTHS)])
def test_de_morgan(one: Truth, other: Truth) -> None:
    """Not (a and b) is not a or not b."""
    assert not_(all_of([one, other])) is any_of([not_(one), not_(other)])


@pytest.mark.parametrize(
    ("truths", "every", "some"),
    [
        ([], True, False),
        ([True, None], None, True),
        ([False, None], False, None),
        ([None], None, None),
        ([True, False], False, True),
    ],
)
def test_unknown_matters_only_where_it_decides(
    truths: list[Truth], every: Truth, some: Truth
) -> None:
    """One false settles and, one true settles or."""
    assert all_of(truths) is every
    assert any_of(truths) is some
