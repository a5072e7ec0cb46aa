"""Laws of evaluation: whatever the policies and the request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa.iam import Caller, Context, Policies, Policy, Request, evaluate

ACCOUNT = "111122223333"
CALLERS = [
    Caller.of_arn(f"arn:aws:iam::{ACCOUNT}:user/alice"),
    Caller.of_arn(f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/carol"),
    Caller.of_arn(f"arn:aws:iam::{ACCOUNT}:root"),
    Caller("service", service="ec2.amazonaws.com"),
    Caller("anonymous"),
]
KEYS = {
    "aws:MultiFactorAuthPresent": ["true", "false"],
    "aws:MultiFactorAuthAge": ["60", "7200"],
    "aws:username": ["alice", "bob"],
}
RESOURCES = ["arn:aws:s3:::b/k", "arn:aws:s3:::b", "*"]

conditions = st.dictionaries(
    st.sampled_from(
        [
            "Bool",
            "BoolIfExists",
            "Null",
            "StringEquals",
            "StringNotEqualsIfExists",
            "NumericLessThan",
            "ForAllValues:StringLike",
            "ForAnyValue:StringEquals",
        ]
    ),
    st.sampled_from(list(KEYS)).flatmap(
        lambda key: st.fixed_dictionaries({key: st.sampled_from([*KEYS[key], "true"])})
    ),
    max_size=2,
)


def statements(*, principal: bool) -> st.SearchStrategy[dict[str, Any]]:
    fixed: dict[str, st.SearchStrategy[Any]] = {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(["*", "s3:*", "s3:GetObject", "iam:*"]),
        "Resource": st.sampled_from(["*", "arn:aws:s3:::b/*", "arn:aws:s3:::${aws:username}/*"]),
        "Condition": conditions,
    }
    if principal:
        names = ["*", {"AWS": ACCOUNT}, {"AWS": CALLERS[0].arn}, {"Service": "ec2.amazonaws.com"}]
        fixed["Principal"] = st.sampled_from(names)
    return st.fixed_dictionaries(fixed)


def known(*, principal: bool = False) -> st.SearchStrategy[list[Policy]]:
    documents = st.lists(statements(principal=principal), min_size=1, max_size=3)
    parsed = documents.map(
        lambda found: Policy.parse({"Version": "2012-10-17", "Statement": found})
    )
    return st.lists(parsed, max_size=2)


KINDS = st.sampled_from(["identity", "resource", "boundary", "session", "vpc_endpoint"])
policies = st.builds(
    Policies,
    identity=known() | st.none(),
    resource=known(principal=True) | st.none(),
    boundary=known() | st.none(),
    session=known() | st.none(),
    vpc_endpoint=known(principal=True) | st.none(),
    scps=st.lists(known() | st.none(), max_size=2) | st.none(),
    rcps=st.lists(known(principal=True), max_size=1) | st.none(),
    resource_must_allow=st.booleans(),
    more=st.sets(KINDS, max_size=2).map(tuple),
)
contexts = st.builds(
    Context.of,
    st.dictionaries(st.sampled_from(list(KEYS)), st.sampled_from(["true", "false", "60", "alice"])),
    complete=st.booleans(),
)
requests = st.builds(
    Request,
    st.sampled_from(CALLERS),
    st.sampled_from(["s3:GetObject", "iam:CreateUser"]),
    st.sampled_from([*RESOURCES, None]),
    contexts,
    st.sampled_from([None, ACCOUNT, "999999999999"]),
)


@given(requests, policies, KINDS, statements(principal=True))
def test_another_deny_never_allows_more(
    request: Request, before: Policies, kind: str, statement: dict[str, Any]
) -> None:
    """Where it was not allowed, it is not allowed then."""
    found = getattr(before, kind)
    if not found:  # a first policy of a kind is a limit of its own
        return
    extra = Policy.parse({"Statement": statement | {"Effect": "Deny"}})
    after = _with(before, kind, [*found, extra])
    one, other = evaluate(request, before).allowed, evaluate(request, after).allowed
    assert (one, other) in {
        (True, True),
        (True, False),
        (True, None),
        (None, None),
        (None, False),
        (False, False),
    }


@given(requests, policies, KINDS)
def test_the_order_of_policies_and_statements_changes_nothing(
    request: Request, before: Policies, kind: str
) -> None:
    """Neither of them."""
    found = getattr(before, kind)
    turned = found and [
        replace(policy, statements=tuple(reversed(policy.statements))) for policy in reversed(found)
    ]
    after = _with(before, kind, turned)
    assert evaluate(request, before).allowed is evaluate(request, after).allowed


@given(requests, policies, st.sampled_from(["identity", "resource", "boundary", "session"]))
def test_forgetting_a_policy_never_turns_the_answer(
    request: Request, before: Policies, kind: str
) -> None:
    """Knowing less, the answer stays or becomes unknown: unknown never becomes sure."""
    known, less = (
        evaluate(request, found).allowed for found in (before, _with(before, kind, None))
    )
    assert less in (known, None)


@given(requests, policies, KINDS, st.data())
def test_losing_some_of_the_policies_never_turns_the_answer(
    request: Request, before: Policies, kind: str, data: st.DataObject
) -> None:
    """With those that are left, and word that there may be others, it stays or becomes unknown."""
    found = getattr(before, kind)
    if found is None:
        return
    left = [policy for policy in found if data.draw(st.booleans())]
    less = replace(_with(before, kind, left), more=(*before.more, kind))
    answer = evaluate(request, less)
    assert answer.allowed in (evaluate(request, before).allowed, None)
    assert kind in answer.withheld or request.caller.kind == "root"


@given(requests, policies)
def test_forgetting_the_context_never_turns_the_answer(request: Request, found: Policies) -> None:
    """Knowing fewer keys, the answer stays or becomes unknown."""
    vague = replace(request, context=replace(request.context, values={}, complete=False))
    assert evaluate(vague, found).allowed in (evaluate(request, found).allowed, None)


@given(requests, policies)
def test_an_answer_has_its_reasons(request: Request, found: Policies) -> None:
    """A denial names a statement or a kind that does not allow, a doubt names what is unknown."""
    decision = evaluate(request, found)
    if decision.allowed is False:
        anonymous = request.caller.kind in ("service", "anonymous")
        assert decision.explicit or decision.missing or anonymous
    assert bool(decision.unknown) is (decision.allowed is None)
    assert decision.explicit is (decision.deny is not None)


@given(requests, policies)
def test_if_exists_changes_nothing_where_the_key_is_there(
    request: Request, found: Policies
) -> None:
    """A context with every key has no exists to ask for."""
    full = replace(request, context=Context.of({key: values[0] for key, values in KEYS.items()}))
    strict = [
        replace(policy, statements=tuple(map(_without_if_exists, policy.statements)))
        for policy in found.identity or ()
    ]
    if found.identity is not None:
        one, other = evaluate(full, found), evaluate(full, replace(found, identity=strict))
        assert one.allowed is other.allowed


def _with(policies: Policies, kind: str, found: Any) -> Policies:
    changes: dict[str, Any] = {kind: found}
    return replace(policies, **changes)


def _without_if_exists(statement: Any) -> Any:
    conditions = tuple(
        replace(condition, operator=condition.operator.removesuffix("IfExists"))
        for condition in statement.condition
    )
    return replace(statement, condition=conditions)
