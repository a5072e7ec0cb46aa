"""The request context: present, absent, unknown."""

from __future__ import annotations

from cloudtrail_mfa.iam import Context


def test_keys_are_not_case_sensitive() -> None:
    """AWS's guide spells them in several ways."""
    assert Context.of({"aws:SourceIp": "192.0.2.1"}).get("AWS:sourceIP") == ("192.0.2.1",)


def test_flags_and_numbers_are_texts() -> None:
    """As they stand in the request."""
    context = Context.of({"a": True, "b": 3600, "c": ["x", "y"]})
    assert [context.get(key) for key in "abc"] == [("true",), ("3600",), ("x", "y")]


def test_what_a_complete_context_lacks_is_absent() -> None:
    """Whoever gives a whole context means it."""
    assert Context.of({}).get("aws:MultiFactorAuthPresent") == ()


def test_what_an_incomplete_context_lacks_is_unknown() -> None:
    """Unless it is said to be absent."""
    context = Context.of({}, absent=["aws:MultiFactorAuthAge"], complete=False)
    assert context.get("aws:MultiFactorAuthPresent") is None
    assert context.get("aws:multifactorauthage") == ()


def test_a_context_can_be_changed() -> None:
    """The old one stays as it was."""
    before = Context.of({"a": "1"}, absent=["b"], complete=False)
    after = before.having({"b": "2"}).lacking("a")
    assert (after.get("a"), after.get("b"), after.get("c")) == ((), ("2",), None)
    assert (before.get("a"), before.get("b")) == (("1",), ())
