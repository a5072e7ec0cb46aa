"""Policy documents: JSON as AWS prints it, to statements; errors that point.

The language is that of the IAM User Guide:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

from cloudtrail_mfa.errors import PolicyError
from cloudtrail_mfa.iam.conditions import Condition, operator

__all__ = ["Effect", "Policy", "Principals", "Statement"]

Effect = Literal["Allow", "Deny"]


@dataclass(frozen=True, slots=True)
class Principals:
    """Whom a statement of a resource-based policy speaks of.

    Attributes
    ----------
    everyone
        Whether it says ``"*"``.
    aws
        ARNs and account ids, or ``*``.
    service, federated, canonical_user
        AWS services, identity providers, canonical user ids.
    """

    everyone: bool = False
    aws: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical_user: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; an element that is not there is None.

    Attributes
    ----------
    position
        Its place in the policy, from 0.
    variables
        Whether ``${…}`` are variables: they are plain text before version 2012-10-17.
    """

    position: int
    effect: Effect
    sid: str | None = None
    action: tuple[str, ...] | None = None
    not_action: tuple[str, ...] | None = None
    resource: tuple[str, ...] | None = None
    not_resource: tuple[str, ...] | None = None
    principal: Principals | None = None
    not_principal: Principals | None = None
    condition: tuple[Condition, ...] = ()
    variables: bool = True

    @property
    def label(self) -> str:
        """Its Sid, else its place."""
        return self.sid or f"statement {self.position + 1}"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document that has been understood.

    Attributes
    ----------
    name
        What people call it: an ARN, a name, a file.
    version
        Version of the policy language.
    statements
        In the order of the document.
    document
        The document itself, as JSON's values.
    """

    name: str
    version: str
    statements: tuple[Statement, ...]
    document: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(cls, source: str | bytes | Mapping[str, Any], *, name: str = "policy") -> Policy:
        """Understand a policy document.

        Parameters
        ----------
        source
            An object, JSON text, or URL-encoded JSON text: AWS prints all three.
        name
            Used in errors and answers.

        Raises
        ------
        PolicyError
            If it is no policy; its `problems` are all that is wrong, each with a JSON pointer.
        """
        reader = _Reader()
        document = _object(source, name, reader)
        policy = reader.policy(document, name)
        if reader.problems:
            raise PolicyError(name, reader.problems)
        return policy


def _object(source: str | bytes | Mapping[str, Any], name: str, reader: _Reader) -> Any:
    if isinstance(source, Mapping):
        return source
    if not isinstance(source, str | bytes):
        raise PolicyError(name, [("", "is neither an object nor text")])
    text = source.decode("utf-8-sig", "replace") if isinstance(source, bytes) else source
    if text.lstrip()[:1] == "%":
        text = unquote(text)
    try:
        value = json.loads(text, object_pairs_hook=reader.pairs)
        # A policy as a JSON string, once more: aws organizations describe-policy prints one.
        return _object(value, name, reader) if isinstance(value, str) else value
    except (ValueError, RecursionError) as error:
        raise PolicyError(name, [("", f"is no JSON: {error}")]) from None


_TOP = ("Version", "Id", "Statement")
_ELEMENTS = (
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
)
_VERSIONS = ("2012-10-17", "2008-10-17")
_PRINCIPALS = ("AWS", "Service", "Federated", "CanonicalUser")


class _Reader:
    """Reads a document to its end, and gathers everything that is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Build an object, minding keys that stand twice: AWS refuses them."""
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(
                key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number])
            )
            self._problem("", f"the key {twice!r} stands twice in one object")
        return found

    def policy(self, document: Any, name: str) -> Policy:
        if not isinstance(document, Mapping):
            self._problem("", "is not an object")
            return Policy(name, "", ())
        self._keys("", document, _TOP)
        version = document.get("Version", _VERSIONS[1])
        if version not in _VERSIONS:
            self._problem("/Version", f"is {version!r}: use {_VERSIONS[0]!r}")
        if "Statement" not in document:
            self._problem("", "has no Statement")
        statements = document.get("Statement", ())
        if isinstance(statements, Mapping):
            statements = [statements]
        elif not _is_list(statements):
            self._problem("/Statement", "is neither an object nor a list of them")
            statements = []
        return Policy(
            name,
            str(version),
            tuple(
                self._statement(f"/Statement/{position}", position, found, version == _VERSIONS[0])
                for position, found in enumerate(statements)
            ),
            document,
        )

    def _statement(self, where: str, position: int, found: Any, variables: bool) -> Statement:
        if not isinstance(found, Mapping):
            self._problem(where, "is not an object")
            return Statement(position, "Deny")
        self._keys(where, found, _ELEMENTS)
        effect = found.get("Effect")
        if effect not in ("Allow", "Deny"):
            self._problem(f"{where}/Effect", f"is {effect!r}: it is 'Allow' or 'Deny'")
        if ("Action" in found) == ("NotAction" in found):
            self._problem(where, "needs either Action or NotAction")
        for element in ("Resource", "Principal"):
            if element in found and f"Not{element}" in found:
                self._problem(where, f"has both {element} and Not{element}")
        sid = found.get("Sid")
        return Statement(
            position,
            "Allow" if effect == "Allow" else "Deny",
            sid if isinstance(sid, str) and sid else None,
            self._texts(where, found, "Action"),
            self._texts(where, found, "NotAction"),
            self._texts(where, found, "Resource"),
            self._texts(where, found, "NotResource"),
            self._principals(where, found, "Principal"),
            self._principals(where, found, "NotPrincipal"),
            tuple(self._conditions(f"{where}/Condition", found.get("Condition", {}))),
            variables,
        )

    def _texts(self, where: str, found: Mapping[str, Any], element: str) -> tuple[str, ...] | None:
        if element not in found:
            return None
        value = found[element]
        values = value if _is_list(value) else [value]
        if not values:
            self._problem(f"{where}/{element}", "is empty")
        for text in values:
            if not isinstance(text, str):
                self._problem(f"{where}/{element}", f"holds {text!r}, which is no text")
        return tuple(map(str, values))

    def _principals(self, where: str, found: Mapping[str, Any], element: str) -> Principals | None:
        if element not in found:
            return None
        value = found[element]
        if value == "*":
            return Principals(everyone=True)
        if not isinstance(value, Mapping):
            self._problem(f"{where}/{element}", "is neither '*' nor an object")
            return Principals()
        self._keys(f"{where}/{element}", value, _PRINCIPALS)
        of = {kind: self._texts(f"{where}/{element}", value, kind) or () for kind in _PRINCIPALS}
        return Principals(
            aws=of["AWS"],
            service=of["Service"],
            federated=of["Federated"],
            canonical_user=of["CanonicalUser"],
        )

    def _conditions(self, where: str, block: Any) -> Iterator[Condition]:
        if not isinstance(block, Mapping):
            self._problem(where, "is not an object")
            return
        for name, keys in block.items():
            if operator(name) is None:
                self._problem(f"{where}/{name}", "is no condition operator")
                continue
            if not isinstance(keys, Mapping):
                self._problem(f"{where}/{name}", "is not an object of keys and values")
                continue
            for key, value in keys.items():
                values = value if _is_list(value) else [value]
                if any(
                    isinstance(text, Mapping) or _is_list(text) or text is None for text in values
                ):
                    self._problem(f"{where}/{name}/{key}", "holds what is no value")
                    continue
                yield Condition(name, key, tuple(map(_text, values)))

    def _keys(self, where: str, found: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in found:
            if key not in known:
                near = next((name for name in known if name.lower() == str(key).lower()), None)
                hint = f"did you mean {near!r}" if near else f"there are {', '.join(known)}"
                self._problem(f"{where}/{key}", f"is no element of a policy: {hint}")

    def _problem(self, where: str, what: str) -> None:
        self.problems.append((where, what))


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _text(value: Any) -> str:
    """Return a condition's value as text: flags and numbers may stand unquoted."""
    return str(value).lower() if isinstance(value, bool) else str(value)
