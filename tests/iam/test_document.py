"""Policy documents: what AWS prints is understood, and all that is wrong is named at once."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from cloudtrail_mfa import PolicyError
from cloudtrail_mfa.iam import Condition, Policy, Principals

STATEMENT: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": [STATEMENT]}


def problems(document: Any) -> list[tuple[str, str]]:
    source = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(PolicyError) as caught:
        Policy.parse(source, name="p")
    return list(caught.value.problems)


def problem_of(**elements: Any) -> tuple[str, str]:
    statement = {key: value for key, value in (STATEMENT | elements).items() if value is not ...}
    (found,) = problems({"Version": "2012-10-17", "Statement": [statement]})
    return found


class TestForms:
    """The forms in which AWS prints a policy."""

    @pytest.mark.parametrize(
        "source",
        [
            POLICY,
            json.dumps(POLICY),
            quote(json.dumps(POLICY)),
            json.dumps(POLICY).encode(),
            b"\xef\xbb\xbf" + json.dumps(POLICY).encode(),
            json.dumps(POLICY | {"Statement": STATEMENT}),
        ],
    )
    def test_object_text_and_url_encoded(self, source: Any) -> None:
        """And one statement alone is a list of one."""
        policy = Policy.parse(source)
        assert policy.statements[0].action == ("s3:GetObject",)
        assert policy.statements[0].effect == "Allow"

    def test_values_alone_or_in_a_list(self) -> None:
        """Actions, resources and condition values."""
        (one,) = Policy.parse(
            {"Statement": {"Effect": "Deny", "NotAction": ["a:b", "c:d"], "NotResource": "x"}}
        ).statements
        assert one.not_action == ("a:b", "c:d")
        assert one.not_resource == ("x",)
        assert one.action is None

    @pytest.mark.parametrize(("value", "text"), [(True, "true"), (3600, "3600"), ("x", "x")])
    def test_flags_and_numbers_may_stand_unquoted(self, value: Any, text: str) -> None:
        """They are compared as text, number or flag by the operator."""
        block = {"Bool": {"aws:MultiFactorAuthPresent": value}}
        (statement,) = Policy.parse({"Statement": STATEMENT | {"Condition": block}}).statements
        assert statement.condition == (Condition("Bool", "aws:MultiFactorAuthPresent", (text,)),)

    def test_principals(self) -> None:
        """Everyone, or several kinds."""
        everyone = STATEMENT | {"Principal": "*"}
        some = STATEMENT | {"Principal": {"AWS": "1", "Service": ["a", "b"], "Federated": "f"}}
        found = Policy.parse({"Statement": [everyone, some]}).statements
        assert found[0].principal == Principals(everyone=True)
        assert found[1].principal == Principals(aws=("1",), service=("a", "b"), federated=("f",))

    def test_old_policies_have_no_variables(self) -> None:
        """Without a version it is the one of 2008."""
        assert not Policy.parse({"Statement": STATEMENT}).statements[0].variables
        assert Policy.parse(POLICY).statements[0].variables

    def test_a_statement_is_known_by_sid_or_place(self) -> None:
        """An empty Sid is none."""
        named = STATEMENT | {"Sid": "Named"}
        found = Policy.parse({"Statement": [STATEMENT | {"Sid": ""}, named]}).statements
        assert [statement.label for statement in found] == ["statement 1", "Named"]


@pytest.mark.parametrize("source", [5, None, ["x"]])
def test_what_is_neither_object_nor_text(source: Any) -> None:
    """AWS prints nothing else."""
    with pytest.raises(PolicyError, match="is neither an object nor text"):
        Policy.parse(source)


class TestProblems:
    """What is no policy."""

    @pytest.mark.parametrize(
        ("document", "where", "what"),
        [
            ("{", "", "is no JSON"),
            ("[" * 100_000, "", "is no JSON"),
            ([], "", "is not an object"),
            ("5", "", "is not an object"),
            ({"Version": "2012-10-17"}, "", "has no Statement"),
            ({"Statement": "x"}, "/Statement", "is neither an object nor a list"),
            ({"Statement": ["x"]}, "/Statement/0", "is not an object"),
            (POLICY | {"Version": "2012-10-18"}, "/Version", "use '2012-10-17'"),
            (POLICY | {"statement": []}, "/statement", "did you mean 'Statement'"),
            (POLICY | {"Extra": 1}, "/Extra", "there are Version, Id, Statement"),
            ('{"Statement": [], "Statement": []}', "", "'Statement' stands twice"),
        ],
    )
    def test_of_the_document(self, document: Any, where: str, what: str) -> None:
        """Each names its place."""
        ((pointer, text),) = problems(document)
        assert pointer == where
        assert what in text

    @pytest.mark.parametrize(
        ("elements", "where", "what"),
        [
            ({"Effect": "allow"}, "/Effect", "it is 'Allow' or 'Deny'"),
            ({"Effect": ...}, "/Effect", "is None"),
            ({"Action": ...}, "", "needs either Action or NotAction"),
            ({"NotAction": "x"}, "", "needs either Action or NotAction"),
            ({"NotResource": "x"}, "", "has both Resource and NotResource"),
            ({"Principal": "*", "NotPrincipal": "*"}, "", "has both Principal and NotPrincipal"),
            ({"Action": []}, "/Action", "is empty"),
            ({"Action": [5]}, "/Action", "holds 5, which is no text"),
            ({"actions": "x"}, "/actions", "is no element of a policy"),
            ({"Principal": "alice"}, "/Principal", "is neither '*' nor an object"),
            ({"Principal": {"aws": "x"}}, "/Principal/aws", "did you mean 'AWS'"),
            ({"Condition": []}, "/Condition", "is not an object"),
            ({"Condition": {"Bool": "x"}}, "/Condition/Bool", "is not an object of keys"),
            ({"Condition": {"Boolean": {}}}, "/Condition/Boolean", "is no condition operator"),
            ({"Condition": {"NullIfExists": {}}}, "/Condition/NullIfExists", "is no condition"),
            ({"Condition": {"Bool": {"a": {}}}}, "/Condition/Bool/a", "holds what is no value"),
            ({"Condition": {"Bool": {"a": None}}}, "/Condition/Bool/a", "holds what is no value"),
        ],
    )
    def test_of_a_statement(self, elements: dict[str, Any], where: str, what: str) -> None:
        """Each names statement and element."""
        pointer, text = problem_of(**elements)
        assert pointer == f"/Statement/0{where}"
        assert what in text

    def test_all_are_named_at_once(self) -> None:
        """Nobody has to try again and again."""
        bad = {"Effect": "allow", "Action": 1}
        assert len(problems({"Version": "x", "Statement": [bad, bad]})) == 5

    def test_the_error_is_a_sentence(self) -> None:
        """With the document's name."""
        with pytest.raises(PolicyError, match=r"^p/Version is 'x': use '2012-10-17'$"):
            Policy.parse(POLICY | {"Version": "x"}, name="p")
