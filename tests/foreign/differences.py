"""Where the two evaluators are known to differ: each kind with its reason and AWS's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from cloudtrail_mfa.iam import Context
from cloudtrail_mfa.iam.conditions import Operator, operator
from cloudtrail_mfa.iam.matching import variables
from tests.foreign.cases import FEDERATED, KEYS, ROLES, Case

__all__ = ["KNOWN", "Difference"]

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_OPERATORS = f"{_GUIDE}reference_policies_elements_condition_operators.html"
_VARIABLES = f"{_GUIDE}reference_policies_variables.html"
_LOGIC = f"{_GUIDE}reference_policies_evaluation-logic_policy-eval-denyallow.html"


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of difference.

    Attributes
    ----------
    name
        A few words.
    why
        What each evaluator makes of it, and what AWS says.
    page
        AWS's page.
    explains
        Whether a case, made as small as it goes, is of this kind.
    """

    name: str
    why: str
    page: str
    explains: Callable[[Case], bool]


@dataclass(frozen=True, slots=True)
class _Test:
    """One test of a condition block, with what the request has of its key."""

    operator: Operator
    key: str
    wanted: tuple[str, ...]
    values: tuple[str, ...]


def statements(case: Case) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each document of a case with each of its statements."""
    for kind, found in case["policies"].items():
        levels = found if kind in ("scps", "rcps") else [found]
        for documents in levels:
            for document in documents:
                for statement in document["Statement"]:
                    yield document, statement


def _tests(case: Case) -> Iterator[_Test]:
    context = Context.of(case["context"])
    for _, statement in statements(case):
        for name, keys in statement.get("Condition", {}).items():
            found = operator(name)
            assert found is not None
            for key, wanted in keys.items():
                yield _Test(found, key.lower(), _texts(wanted), context.get(key) or ())


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value if isinstance(value, list) else [value]))


def _unresolved(text: str, case: Case) -> bool:
    """Whether a text has a variable whose key is absent, and that has no default."""
    context = Context.of(case["context"])
    return "'" not in text and any(not context.get(key) for key in variables(text))


def _is_epoch(case: Case) -> bool:
    return any(
        test.operator.name.startswith("Date")
        and any(text.isdigit() for text in (*test.wanted, *test.values))
        for test in _tests(case)
    )


def _is_address(case: Case) -> bool:
    return any(
        test.operator.name in ("IpAddress", "NotIpAddress") and any(map(_is_edge, test.wanted))
        for test in _tests(case)
    )


def _is_edge(text: str) -> bool:
    return "/" not in text or ip_network(text).prefixlen == 0


def _is_negated_variable(case: Case) -> bool:
    return any(
        test.operator.negated and any(_unresolved(text, case) for text in test.wanted)
        for test in _tests(case)
    )


def _is_not_resource_variable(case: Case) -> bool:
    return any(
        _unresolved(text, case)
        for _, statement in statements(case)
        for text in _texts(statement.get("NotResource", ()))
    )


def _is_special_character(case: Case) -> bool:
    return any(
        "Equals" in test.operator.name
        and any(mark in text for text in test.wanted for mark in ("${*}", "${?}", "${$}"))
        for test in _tests(case)
    )


def _is_old_version(case: Case) -> bool:
    return any(
        document["Version"] != "2012-10-17" and "${" in str(statement)
        for document, statement in statements(case)
    )


def _is_leading_variable(case: Case) -> bool:
    return any(
        text.split(":", 5)[-1].startswith("${") and not text.startswith("arn:aws:s3:")
        for _, statement in statements(case)
        for element in ("Resource", "NotResource")
        for text in _texts(statement.get(element, ()))
    )


def _is_without_quantifier(case: Case) -> bool:
    several = {name.lower() for name, key in KEYS.items() if key.several}
    return any(
        test.key in several
        and test.values
        and not test.operator.quantifier
        and test.operator.name != "Null"
        for test in _tests(case)
    )


def _is_session_grant(case: Case) -> bool:
    grants = [
        statement.get("Principal")
        for document in case["policies"]["resource"]
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
    ]
    return (
        case["caller"] in (*ROLES, FEDERATED)
        and bool(case["policies"]["session"])
        and any(case["caller"] in str(principal) for principal in grants)
    )


def _is_bounded_trust(case: Case) -> bool:
    return case["action"] == "sts:AssumeRole" and bool(case["policies"]["boundary"])


def _is_not_principal_beside_account(case: Case) -> bool:
    account = case["caller"].split(":")[4:5]
    return any(
        text.split(":")[4:5] == account and not text.endswith(":root") and text != case["caller"]
        for _, statement in statements(case)
        if statement["Effect"] == "Deny" and isinstance(statement.get("NotPrincipal"), dict)
        for text in _texts(statement["NotPrincipal"].get("AWS", ()))
    )


def _is_bare_federation(case: Case) -> bool:
    plain = not any(mark in str(case["policies"]) for mark in ("Condition", "${", "Not"))
    return plain and case["caller"] == FEDERATED and not case["policies"]["session"]


KNOWN = (
    Difference(
        "epoch",
        "A date may be seconds since 1970; the other evaluator takes them for milliseconds where it"
        " compares them with a date in words.",
        f"{_OPERATORS}#Conditions_Date",
        _is_epoch,
    ),
    Difference(
        "address",
        "An address without a prefix is itself alone, and /0 is every address: the other evaluator"
        " fails NotIpAddress where the request's address is of the other family, and knows no /0.",
        f"{_OPERATORS}#Conditions_IPAddress",
        _is_address,
    ),
    Difference(
        "variable without a value, negated",
        "A negated operator matches a variable that has no value; the other evaluator fails it.",
        f"{_VARIABLES}#policy-vars-no-value",
        _is_negated_variable,
    ),
    Difference(
        "variable without a value, NotResource",
        "A text with a variable that has no value matches no resource, so NotResource leaves nothing"
        " out; the other evaluator fails the statement.",
        f"{_VARIABLES}#policy-vars-no-value",
        _is_not_resource_variable,
    ),
    Difference(
        "special character in an exact comparison",
        "${*} is an asterisk wherever variables may stand; where wildcards mean nothing the other"
        " evaluator leaves it as it is written.",
        f"{_VARIABLES}#policy-vars-specialchars",
        _is_special_character,
    ),
    Difference(
        "variable in an old policy",
        "Before version 2012-10-17 variables are plain text; the other evaluator fills them in.",
        f"{_VARIABLES}#policy-vars-intro",
        _is_old_version,
    ),
    Difference(
        "variable that begins a resource",
        "The colon of ${aws:username} ends no part of an ARN; the other evaluator takes it for the"
        " end of the resource's type.",
        f"{_VARIABLES}#policy-vars-wheretouse",
        _is_leading_variable,
    ),
    Difference(
        "several values without ForAllValues or ForAnyValue",
        "A key of several values needs one of them; what AWS makes of it without is not documented."
        " The other evaluator fails even a single value of such a key.",
        f"{_GUIDE}reference_policies_condition-single-vs-multi-valued-context-keys.html",
        _is_without_quantifier,
    ),
    Difference(
        "grant to a session",
        "A resource-based policy that names the session itself is not limited by what a session"
        " policy leaves out; the other evaluator limits it.",
        _LOGIC,
        _is_session_grant,
    ),
    Difference(
        "federated user without a session policy",
        "Without a session policy a federated user has no more than resource-based policies give;"
        " the other evaluator gives all that the user's own policies allow.",
        _LOGIC,
        _is_bare_federation,
    ),
    Difference(
        "trust policy under a boundary",
        "Whoever has a boundary needs it to allow sts:AssumeRole, though the trust policy names the"
        " very caller; the other evaluator does not ask it.",
        f"{_GUIDE}id_roles_update-role-trust-policy.html",
        _is_bounded_trust,
    ),
    Difference(
        "NotPrincipal that names another of the account",
        "A Deny that leaves out one user and the account denies the account's others, as AWS's"
        " example has it; the other evaluator takes the account for all of them.",
        f"{_GUIDE}reference_policies_elements_notprincipal.html",
        _is_not_principal_beside_account,
    ),
)
