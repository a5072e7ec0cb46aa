"""Condition operators: every one, and what each makes of an absent or unknown key."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa.iam import OPERATORS, Condition, Context
from cloudtrail_mfa.iam.conditions import Operator, holds, operator
from cloudtrail_mfa.iam.logic import Truth, not_

MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
ABSENT = Context.of({})
NO_MFA = Context.of({MFA: "false"})
WITH_MFA = Context.of({MFA: "true", AGE: "600"})
OLD_MFA = Context.of({MFA: "true", AGE: "7200"})
UNKNOWN = Context.of({}, complete=False)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
@pytest.mark.parametrize(
    ("name", "key", "value", "absent", "false", "true"),
    [
        ("Bool", MFA, "false", False, True, False),
        ("BoolIfExists", MFA, "false", True, True, False),
        ("Bool", MFA, "true", False, False, True),
        ("BoolIfExists", MFA, "true", True, False, True),
        ("Null", MFA, "true", True, False, False),
        ("Null", MFA, "false", False, True, True),
        ("NumericLessThan", AGE, "3600", False, False, True),
        ("NumericGreaterThanIfExists", AGE, "3600", True, True, False),
        ("NumericGreaterThan", AGE, "3600", False, False, False),
        ("ForAllValues:Bool", MFA, "true", True, False, True),
        ("ForAllValues:Bool", MFA, "false", True, True, False),
        ("ForAnyValue:Bool", MFA, "true", False, False, True),
        ("StringNotEquals", MFA, "true", True, True, False),
        ("StringEquals", MFA, "true", False, False, True),
    ],
)
def test_mfa_keys_by_state(
    name: str, key: str, value: str, absent: bool, false: bool, true: bool
) -> None:
    """The table that decides who gets in: the key absent, false, true."""
    condition = Condition(name, key, (value,))
    found = [holds(condition, context) for context in (ABSENT, NO_MFA, WITH_MFA)]
    assert found == [absent, false, true]


@pytest.mark.parametrize(
    ("name", "context", "expected"),
    [
        ("NumericLessThan", OLD_MFA, False),
        ("NumericGreaterThan", OLD_MFA, True),
        ("NumericGreaterThanIfExists", OLD_MFA, True),
        ("NumericLessThanIfExists", NO_MFA, True),
    ],
)
def test_mfa_age(name: str, context: Context, expected: bool) -> None:
    """Seconds since the MFA sign-in; absent where there was none."""
    assert holds(Condition(name, AGE, ("3600",)), context) is expected


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
OPERATOR_CASES: list[tuple[str, str, str, Truth]] = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", "a*", "abc", False),
    ("StringNotEquals", "a", "b", True),
    ("StringNotEquals", "a", "a", False),
    ("StringEqualsIgnoreCase", "a", "A", True),
    ("StringNotEqualsIgnoreCase", "a", "A", False),
    ("StringLike", "a*", "abc", True),
    ("StringLike", "a?", "ab", True),
    ("StringLike", "a?", "abc", False),
    ("StringLike", "A*", "abc", False),
    ("StringNotLike", "a*", "abc", False),
    ("NumericEquals", "10", "10.0", True),
    ("NumericNotEquals", "10", "11", True),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "10", "11", True),
    ("NumericGreaterThan", "10", "9", False),
    ("NumericGreaterThanEquals", "10", "10", True),
    ("NumericEquals", "ten", "10", False),
    ("NumericEquals", "10", "ten", False),
    ("DateEquals", "2026-06-01T09:00:00Z", "2026-06-01T09:00:00Z", True),
    ("DateEquals", "2026-06-01T09:00:00Z", "1780304400", True),
    ("DateNotEquals", "2026-06-01", "2026-06-02T00:00:00Z", True),
    ("DateLessThan", "2026-06-02", "2026-06-01T23:59:59Z", True),
    ("DateLessThan", "2026-06-01", "2026-06-01T00:00:00Z", False),
    ("DateLessThanEquals", "2026-06-01", "2026-06-01T00:00:00Z", True),
    ("DateGreaterThan", "2026-06-01", "2026-06-01T00:00:01Z", True),
    ("DateGreaterThanEquals", "2026-06-01T02:00:00+02:00", "2026-06-01T00:00:00Z", True),
    ("DateEquals", "soon", "2026-06-01", False),
    ("Bool", "true", "True", True),
    ("Bool", "TRUE", "true", True),
    ("Bool", "true", "false", False),
    ("Bool", "yes", "yes", False),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    ("BinaryEquals", "QmluYXJ5", "b3RoZXI=", False),
    ("BinaryEquals", "!", "!", False),
    ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.7", False),
    ("IpAddress", "203.0.113.7", "203.0.113.7", True),
    ("IpAddress", "2001:db8:1234:5678::/64", "2001:db8:1234:5678::1", True),
    ("IpAddress", "203.0.113.0/24", "2001:db8::1", False),
    ("IpAddress", "203.0.113.0/24", "athena.amazonaws.com", False),
    ("NotIpAddress", "203.0.113.0/24", "203.0.114.7", True),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
    ("ArnEquals", "arn:aws:sns:*:111122223333:t", "arn:aws:sns:us-east-1:111122223333:t", True),
    ("ArnLike", "arn:aws:iam::*:role/x*", "arn:aws:iam::111122223333:role/xy", True),
    ("ArnLike", "arn:aws:iam:*:role/x*", "arn:aws:iam::111122223333:role/xy", None),
    ("ArnNotEquals", "arn:aws:sns:us-east-1:1:t", "arn:aws:sns:us-east-1:1:t", False),
    ("ArnNotLike", "arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/y", True),
]


@pytest.mark.parametrize(("name", "wanted", "value", "expected"), OPERATOR_CASES)
def test_operators(name: str, wanted: str, value: str, expected: Truth) -> None:
    """Each operator with what it takes and what it refuses."""
    assert holds(Condition(name, "k", (wanted,)), Context.of({"k": value})) is expected


def test_every_operator_has_a_case() -> None:
    """None is left untried."""
    tried = {name.lower() for name, *_ in OPERATOR_CASES} | {"null"}
    assert tried == set(OPERATORS)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
@pytest.mark.parametrize(
    ("name", "wanted", "values", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], [], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "a"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c"], False),
        ("ForAnyValue:StringEquals", ["a"], [], False),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "a"], False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["c", "a"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a"], False),
        ("ForAnyValue:StringNotEquals", ["a"], [], False),
        ("ForAnyValue:StringEqualsIfExists", ["a"], [], False),
        ("ForAllValues:StringLike", ["a*"], ["ab", "ac"], True),
        ("foranyvalue:stringlike", ["a*"], ["b", "ac"], True),
    ],
)
def test_keys_of_several_values(
    name: str, wanted: list[str], values: list[str], expected: bool
) -> None:
    """All of them, or any of them."""
    assert holds(Condition(name, "k", tuple(wanted)), Context.of({"k": values})) is expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("StringEquals", "b", True),
        ("StringEquals", "c", False),
        ("StringNotEquals", "b", False),
        ("StringNotEquals", "c", True),
    ],
)
def test_several_values_of_a_policy(name: str, value: str, expected: bool) -> None:
    """Any of them; of a negated operator none of them."""
    assert holds(Condition(name, "k", ("a", "b")), Context.of({"k": value})) is expected


@pytest.mark.parametrize(
    "name",
    [
        "Boolean",
        "StringLikes",
        "IfExists",
        "NullIfExists",
        "ForAnyValue:Null",
        "ForSomeValue:Bool",
        "",
    ],
)
def test_what_is_no_operator(name: str) -> None:
    """AWS refuses such policies."""
    assert operator(name) is None
    with pytest.raises(ValueError, match="is no condition operator"):
        holds(Condition(name, "k", ("x",)), ABSENT)


@pytest.mark.parametrize("name", ["bool", "BOOLIFEXISTS", "forallvalues:stringlikeifexists"])
def test_names_are_not_case_sensitive(name: str) -> None:
    """Prefix, name and suffix alike."""
    assert operator(name) is not None


def test_variables_are_filled_in() -> None:
    """In the values of a condition too."""
    context = Context.of({"aws:username": "alice", "s3:prefix": "home/alice/x"})
    condition = Condition("StringLike", "s3:prefix", ("home/${aws:username}/*",))
    assert holds(condition, context) is True
    assert holds(condition, context.lacking("aws:username")) is False
    assert holds(condition, Context.of({"s3:prefix": "x"}, complete=False)) is None


NAMES = [
    prefix + found.name + suffix
    for found, prefix, suffix in product(
        OPERATORS.values(), ("", "ForAllValues:", "ForAnyValue:"), ("", "IfExists")
    )
    if found.name != "Null"
]


@pytest.mark.parametrize("name", [*NAMES, "Null"])
def test_an_unknown_key_is_unknown(name: str) -> None:
    """Whatever the operator: what a log does not tell is not absent."""
    assert holds(Condition(name, "k", ("x",)), UNKNOWN) is None


@pytest.mark.parametrize("name", NAMES)
def test_an_absent_key(name: str) -> None:
    """IfExists and the contraries pass it; of an empty set ForAllValues is true, ForAnyValue not."""
    passes = holds(Condition(name, "k", ("x",)), ABSENT)
    if name.startswith("For"):
        assert passes is name.startswith("ForAll")
    else:
        found = operator(name)
        assert found is not None
        assert passes is (found.negated or name.endswith("IfExists"))


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("StringEquals", ["x", "x"], True),
        ("StringEquals", ["x", "y"], None),
        ("StringNotEquals", ["y", "z"], True),
        ("StringNotEquals", ["x", "y"], None),
        ("ForAllValues:StringEquals", ["", ""], True),
        ("ForAnyValue:StringEquals", [""], False),
        ("ForAnyValue:StringEquals", ["", "x"], True),
    ],
)
def test_several_values(name: str, values: list[str], expected: bool | None) -> None:
    """Without ForAllValues or ForAnyValue only their agreement tells; an empty text is no value."""
    assert holds(Condition(name, "k", ("x",)), Context.of({"k": values})) is expected


@pytest.mark.parametrize(
    ("name", "wanted", "value", "expected"),
    [
        ("DateEquals", "2026-06", "2026-06-01T00:00:00Z", True),
        ("DateEquals", "2026-06-01T02:00+02:00", "1780272000", True),
        ("DateEquals", "2026-W23-1", "2026-06-01", False),
        ("DateEquals", "20260601T000000Z", "2026-06-01", False),
        ("DateLessThan", "2026-13-01", "2026-06-01", False),
        ("NumericEquals", "1_0", "10", False),
        ("NumericLessThan", "Infinity", "1", False),
        ("NumericEquals", "1e1", "10.0", True),
        ("IpAddress", "203.0.113.0/255.255.255.0", "203.0.113.7", False),
        ("IpAddress", "0.0.0.0/0", "203.0.113.7", True),
    ],
)
def test_forms_of_values(name: str, wanted: str, value: str, expected: bool) -> None:
    """W3C dates, plain numbers, prefixes of addresses; what is none of them equals nothing."""
    assert holds(Condition(name, "k", (wanted,)), Context.of({"k": value})) is expected


@given(
    st.sampled_from([name for name in NAMES if not name.endswith("IfExists")]),
    st.lists(st.text(max_size=3), min_size=1, max_size=3),
    st.lists(st.text(max_size=3), min_size=1, max_size=3),
)
def test_if_exists_law(name: str, wanted: list[str], values: list[str]) -> None:
    """Where the key is there, IfExists is the plain operator."""
    context = Context.of({"k": values})
    plain = holds(Condition(name, "k", tuple(wanted)), context)
    assert holds(Condition(f"{name}IfExists", "k", tuple(wanted)), context) is plain


@given(
    st.sampled_from([found for found in OPERATORS.values() if found.negated]),
    st.text(max_size=4),
    st.text(max_size=4),
)
def test_a_negated_operator_is_the_contrary(negated: Operator, wanted: str, value: str) -> None:
    """Of one value."""
    plain = negated.name.replace("Not", "", 1)
    context = Context.of({"k": value})
    truth = holds(Condition(plain, "k", (wanted,)), context)
    assert holds(Condition(negated.name, "k", (wanted,)), context) is not_(truth)
