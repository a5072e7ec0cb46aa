"""Known mistakes with MFA conditions, each with its repair: about MFA alone, no other lint.

Every rule has an id that stays, a severity, the reason and AWS's page. A repair never weakens MFA;
where only a person can know what was meant, there is none.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from cloudtrail_mfa.iam.conditions import Condition, operator
from cloudtrail_mfa.iam.context import AGE, PRESENT
from cloudtrail_mfa.iam.document import Effect, Policy, Statement
from cloudtrail_mfa.iam.matching import matches_action
from cloudtrail_mfa.iam.mistakes import RULES, Rule

__all__ = ["Finding", "lint", "repair"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake that was found.

    Attributes
    ----------
    rule
        Which.
    policy
        Name of the policy.
    statement
        Sid of the statement, or its place.
    pointer
        JSON pointer (RFC 6901) to the statement.
    message
        What stands there.
    repaired
        The whole policy with this mistake mended; None where only a person can know what was
        meant.
    """

    rule: Rule
    policy: str
    statement: str
    pointer: str
    message: str
    repaired: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        """Return the finding as a sentence and its reason."""
        return (
            f"{self.policy}, {self.statement}: {self.rule.id} {self.rule.severity}:"
            f" {self.message}. {self.rule.why} See {self.rule.page}"
        )


# What a user needs to enrol a device and to ask for a session with it, and no more.
_NEEDED = (
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
)
# What AWS's own example leaves out of the Deny besides, and what only tells.
_HARMLESS = (
    "iam:ChangePassword",
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:GetMFADevice",
    "sts:GetCallerIdentity",
)
_REMOVING = ("iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice")

_Repair = Callable[[dict[str, Any]], None]
_Found = tuple[str, str, _Repair | None]


def lint(source: str | bytes | Mapping[str, Any], *, name: str = "policy") -> list[Finding]:
    """Find known mistakes with MFA conditions.

    Parameters
    ----------
    source
        A policy document: an object, JSON text or URL-encoded JSON text. A trust policy is one.
    name
        What the policy is called in the findings.

    Returns
    -------
    list of Finding
        In the order of the statements.

    Raises
    ------
    PolicyError
        If it is no policy.
    """
    policy = Policy.parse(source, name=name)
    document = policy.document
    findings = []
    for statement in policy.statements:
        for check in _CHECKS:
            for rule, message, repair in check(statement):
                if rule in _PAIRS and _stands_beside(policy, statement, _PAIRS[rule]):
                    continue
                findings.append(
                    Finding(
                        RULES[rule],
                        name,
                        statement.label,
                        f"/Statement/{statement.position}",
                        message,
                        _repaired(document, statement.position, repair),
                    )
                )
    return findings


# A Deny of whoever lacks the key, beside one of whoever has it false or old, is BoolIfExists in
# two statements.
_PAIRS = {
    "MFA001": ("null", (PRESENT, AGE)),
    "MFA003": ("bool", (PRESENT,)),
    "MFA012": ("null", (PRESENT, AGE)),
}


def _stands_beside(
    policy: Policy, statement: Statement, other: tuple[str, tuple[str, ...]]
) -> bool:
    """Whether the other half of a pair of Denies is there, for the same calls."""
    operator_name, keys = other
    value = {"true"} if operator_name == "null" else {"false"}
    return statement.effect == "Deny" and any(
        sibling.effect == "Deny"
        and _scope(sibling) == _scope(statement)
        and len(sibling.condition) == 1
        and any(
            name == operator_name and values == value
            for key in keys
            for _, name, values in _about(sibling, key)
        )
        for sibling in policy.statements
    )


def _scope(statement: Statement) -> tuple[object, ...]:
    return (
        statement.action,
        statement.not_action,
        statement.resource,
        statement.not_resource,
        statement.principal,
        statement.not_principal,
    )


def _repaired(
    document: Mapping[str, Any], position: int, repair: _Repair | None
) -> Mapping[str, Any] | None:
    if repair is None:
        return None
    mended = copy.deepcopy(dict(document))
    if isinstance(mended["Statement"], dict):
        mended["Statement"] = [mended["Statement"]]
    repair(mended["Statement"][position])
    return mended


def _about(statement: Statement, key: str) -> Iterator[tuple[Condition, str, set[str]]]:
    """Yield the conditions on a key, each with its operator's plain name and its values."""
    for condition in statement.condition:
        if condition.key.lower() == key.lower():
            yield condition, condition.operator.lower(), {v.lower() for v in condition.values}


def _demands_mfa(statement: Statement) -> bool:
    """Whether a statement denies who has not used MFA, long-term keys included."""
    return statement.effect == "Deny" and any(
        name in ("boolifexists", "bool") and values == {"false"}
        for _, name, values in _about(statement, PRESENT)
    )


def _instead(condition: Condition, name: str, value: Sequence[str], key: str = PRESENT) -> _Repair:
    """Return a repair that puts another test in a condition's place."""

    def repair(statement: dict[str, Any]) -> None:
        block = statement["Condition"]
        del block[condition.operator][condition.key]
        if not block[condition.operator]:
            del block[condition.operator]
        same = next((known for known in block if known.lower() == name.lower()), name)
        block.setdefault(same, {})[key] = value[0] if len(value) == 1 else list(value)

    return repair


def _forms(statement: Statement) -> Iterator[_Found]:
    """The forms of a test for MFA that do not do what they seem to."""
    for condition, _, values in _about(statement, PRESENT):
        rule = _form(statement.effect, condition, values)
        if rule is None:
            continue
        article = "an Allow" if statement.effect == "Allow" else "a Deny"
        name, value = _RIGHT[statement.effect]
        # Which way round was meant, only a person can know.
        turned = rule == "MFA006" and len(values) == 1
        repair = None if turned else _instead(condition, name, [value])
        yield rule, f"{_said(condition)} in {article}", repair


_RIGHT = {"Deny": ("BoolIfExists", "false"), "Allow": ("Bool", "true")}


def _form(effect: Effect, condition: Condition, values: set[str]) -> str | None:  # noqa: PLR0911
    """Return the rule that a test for MFA breaks."""
    found = operator(condition.operator)
    if found is None or found.name not in ("Bool", "Null") or not values <= {"true", "false"}:
        return "MFA013"
    if len(values) > 1:  # true whether or not MFA was used
        return "MFA006"
    if found.name == "Null":
        return {("Deny", "true"): "MFA003", ("Allow", "false"): "MFA004"}.get(
            (effect, *values),  # type: ignore[arg-type]
            "MFA006",
        )
    if found.quantifier == "all":
        return "MFA005"
    if values != {_RIGHT[effect][1]}:
        return "MFA006"
    if effect == "Deny":
        return None if found.passes_absent else "MFA001"
    return "MFA002" if found.passes_absent else None


def _said(condition: Condition) -> str:
    return f"{condition.operator} {{{condition.key}: {', '.join(condition.values)}}}"


def _ages(statement: Statement) -> Iterator[_Found]:
    """Conditions on the age of MFA."""
    for condition, _, _ in _about(statement, AGE):
        found = operator(condition.operator)
        said = _said(condition)
        if found is None or not condition.values or not all(map(_is_seconds, condition.values)):
            yield "MFA013", said, None
        elif found.name == "Null":
            continue
        elif not found.name.startswith("Numeric"):
            yield "MFA013", said, None
        elif _OTHER_WAY[statement.effect] in found.name:
            yield "MFA006", said, None
        elif statement.effect == "Deny" and not found.passes_absent:
            mended = _instead(condition, f"{found.name}IfExists", condition.values, AGE)
            yield "MFA012", f"{said} in a Deny", mended
        elif statement.effect == "Allow" and found.passes_absent:
            mended = _instead(condition, found.name, condition.values, AGE)
            yield "MFA012", f"{said} in an Allow", mended


# A Deny is of old MFA, an Allow of recent one.
_OTHER_WAY = {"Deny": "LessThan", "Allow": "GreaterThan"}


def _is_seconds(text: str) -> bool:
    try:
        return Decimal(text) > 0
    except InvalidOperation:
        return text.lower() in ("true", "false")  # the values of Null


def _keys(statement: Statement) -> Iterator[_Found]:
    """Keys that look like the MFA keys and are none."""
    real = {PRESENT.lower(): PRESENT, AGE.lower(): AGE}
    for condition in statement.condition:
        key = condition.key.lower()
        # Tags and other services' keys may be called anything.
        known = key in real or "/" in key or not key.startswith(("aws:", "multifactor", "mfa"))
        if known or not ("multifactor" in key or "mfa" in key):
            continue
        near = difflib.get_close_matches(key, list(real), 1, 0.6) or [PRESENT.lower()]
        name = real[near[0]]

        def repair(
            found: dict[str, Any], condition: Condition = condition, name: str = name
        ) -> None:
            block = found["Condition"][condition.operator]
            block[name] = block.pop(condition.key)

        yield "MFA014", f"{condition.key} is no key: did you mean {name}", repair


def _exceptions(statement: Statement) -> Iterator[_Found]:
    """What a Deny without MFA leaves out: enough to use a device, and no more."""
    if not _demands_mfa(statement) or not _is_about_users(statement):
        return
    if statement.not_action is None:
        covered = [a for a in _NEEDED if any(matches_action(p, a) for p in statement.action or ())]
        everything = "*" in (statement.action or ())
        if covered:
            repair = _except(()) if everything else None
            yield "MFA007", f"it also denies {_listed(covered)}", repair
        return
    left_out = statement.not_action
    if missing := _lacking(left_out):
        yield "MFA007", f"NotAction lacks {_listed(missing)}", _except(left_out)
    for rule, wrong in (("MFA009", _removing(left_out)), ("MFA008", _wide(left_out))):
        if wrong:
            kept = tuple(pattern for pattern in left_out if pattern not in wrong)
            yield rule, f"NotAction holds {_listed(wrong)}", _except(kept)
    if any(matches_action(pattern, "iam:EnableMFADevice") for pattern in left_out):
        yield "MFA010", "NotAction holds iam:EnableMFADevice, as it must", None


def _is_about_users(statement: Statement) -> bool:
    """Whether a statement can touch a user's own devices: a bucket's policy cannot."""
    if statement.principal is not None or statement.not_principal is not None:
        return False
    resources = statement.resource or ("*",)
    return any(text == "*" or ":iam:" in text or text.startswith("arn:*") for text in resources)


def _lacking(patterns: Sequence[str]) -> list[str]:
    return [a for a in _NEEDED if not any(matches_action(p, a) for p in patterns)]


def _removing(patterns: Sequence[str]) -> list[str]:
    """Return the patterns that name the removal of a device; wider ones are told by themselves."""
    return [p for p in patterns if p.lower() in {a.lower() for a in _REMOVING}]


def _wide(patterns: Sequence[str]) -> list[str]:
    known = {a.lower() for a in (*_NEEDED, *_HARMLESS, *_REMOVING)}
    return [p for p in patterns if p.lower() not in known and not _only_reads(p)]


def _only_reads(pattern: str) -> bool:
    """Whether all that a pattern can mean is to list or get something of IAM's or STS's."""
    prefix, _, name = pattern.partition(":")
    return (
        prefix.lower() in ("iam", "sts")
        and name.lower().startswith(("list", "get"))
        and (not matches_action(pattern, "sts:GetFederationToken"))
    )


def _except(actions: Sequence[str]) -> _Repair:
    """Return a repair that leaves these actions out, and what a user needs to use a device."""

    def mend(statement: dict[str, Any]) -> None:
        statement.pop("Action", None)
        statement["NotAction"] = [*actions, *_lacking(actions)]

    return mend


def _listed(actions: Sequence[str]) -> str:
    return ", ".join(actions)


def _services(statement: Statement) -> Iterator[_Found]:
    """Calls that a service makes with the user's credentials."""
    if not _demands_mfa(statement):
        return
    tested = {condition.key.lower() for condition in statement.condition}
    if tested & {"aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast"}:
        return

    def repair(found: dict[str, Any]) -> None:
        found["Condition"].setdefault("Bool", {})["aws:ViaAWSService"] = "false"

    yield "MFA011", "no condition on aws:ViaAWSService", repair


def _principals(statement: Statement) -> Iterator[_Found]:
    """Whoever can never have the key."""
    whom = statement.principal
    tests = [*_about(statement, PRESENT), *_about(statement, AGE)]
    if whom is None or not tests or statement.effect == "Deny":
        return
    names = [*whom.federated, *whom.service]
    if names:
        yield "MFA015", f"MFA is demanded of {_listed(names)}", None


_CHECKS = (_forms, _ages, _keys, _exceptions, _services, _principals)


# Each repair mends one mistake and makes none; more than a few in one policy would be a fault.
_MOST_REPAIRS = 100


def repair(source: str | bytes | Mapping[str, Any], *, name: str = "policy") -> Mapping[str, Any]:
    """Return a policy with every mistake mended that can be without knowing what was meant.

    Raises
    ------
    PolicyError
        If it is no policy.
    """
    document = Policy.parse(source, name=name).document
    for _ in range(_MOST_REPAIRS):
        mended = next((f.repaired for f in lint(document, name=name) if f.repaired), None)
        if mended is None:
            break
        document = mended
    return document
