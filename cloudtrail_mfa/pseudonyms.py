"""Pseudonyms for who is told of in rows and texts, so that these can be shown to others."""

from __future__ import annotations

import dataclasses
import functools
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cloudtrail_mfa.errors import PseudonymError
from cloudtrail_mfa.identifiers import Span, find, is_aws, kind_of, pseudonym
from cloudtrail_mfa.later import Later
from cloudtrail_mfa.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
else:
    np, pd = Later("numpy"), Later("pandas")

__all__ = ["Pseudonyms"]

Told = TypeVar("Told")

# https://datatracker.ietf.org/doc/html/rfc2104#section-3: no shorter than what the hash gives.
_SHORTEST_KEY = 32
_LONGEST_KEY = 64 * 1024
# Of distinct texts; most come again soon.
_MOST_KEPT = 20_000

# Columns and fields, in small letters and without underscores. Where a name stands alone:
_NAMES = {
    "newusername",
    "openername",
    "ownername",
    "actorname",
    "principalname",
    "rolename",
    "rolesessionname",
    "sessionname",
    "sourceidentity",
    "tpusernames",
    "userid",
    "username",
    "virtualmfadevicename",
}
_TOKENS = {"sessiontoken"}
# Where none does, whatever a name may look like: words of AWS.
_OF_AWS = {
    "apiversion",
    "awsregion",
    "errorcode",
    "eventcategory",
    "eventid",
    "eventname",
    "eventsource",
    "eventtype",
    "eventversion",
    "iamaction",
    "lasteventid",
    "notaction",
    "region",
    "regions",
    "requestid",
    "sharedeventid",
}
# Where words of this library stand, of which a name may be one.
_WORDS = {
    "accesslevel",
    "actions",
    "caller",
    "category",
    "cause",
    "certainty",
    "change",
    "column",
    "credential",
    "credentialkind",
    "denykind",
    "effect",
    "issuedby",
    "level",
    "meaning",
    "messageform",
    "mfapresent",
    "mfatoldby",
    "openertype",
    "operation",
    "outcome",
    "ownertype",
    "policytype",
    "principaltype",
    "services",
    "status",
    "table",
    "type",
    "version",
}
# A text in JSON and whether it names a field, where objects and lists begin and end, and numbers.
_JSON = re.compile(r'("(?:[^"\\]++|\\.)*+")(\s*:)?|[{}\[\]]|-?\d[\d.eE+-]*+', re.DOTALL)
_BETWEEN = re.compile(r"(?:[\s,:]|true|false|null)*+")


class Pseudonyms:
    """Pseudonyms by a secret key: the same value has the same one, in every run and every output.

    Accounts, key ids and other ids of IAM, IP addresses, e-mail addresses, organizations, and the
    names of users, roles, sessions and MFA devices are replaced, each by HMAC-SHA-256 (RFC 2104) of
    its kind and value. What is AWS's own stays, as ``root`` and names of services; so do event ids,
    times, actions, policies, groups, buckets and programs, but for the parts that are such a value.

    Parameters
    ----------
    key
        The secret, of 32 bytes or more. Who has it can reverse pseudonyms by trying values, such as
        all account ids; who has it not cannot.
    names
        Names to be found in texts: ``lake.sql("from principal_names")["name"]``.

    Raises
    ------
    PseudonymError
        If the key is too short.

    Notes
    -----
    A text that holds nothing of the kind stays as it is; a pseudonym is a value like another, and
    has itself a pseudonym: use it once. What remains may still tell who somebody is: pseudonymous is
    not anonymous.

    Of names that are also words of this library's sentences (``denied``, ``a``), those that stand in
    a sentence stay: replaced, they would be told by the words around them.
    """

    def __init__(self, key: bytes, names: Iterable[str] = ()) -> None:
        if len(key) < _SHORTEST_KEY:
            raise PseudonymError(
                f"the key has {len(key)} bytes: it needs {_SHORTEST_KEY} or more, so that nobody guesses it"
            )
        self._key = key
        # A user may bear the name of a service, and is none.
        self._names = {name for name in names if "." in name or not is_aws(name)}
        self._common = {name for name in self._names if _is_common(name)}
        self._vocabulary = Vocabulary(self._names - self._common)
        self._text = functools.lru_cache(_MOST_KEPT)(self._replaced)

    @property
    def common(self) -> int:
        """How many of the names are also words of this library's sentences, and stay in these."""
        return len(self._common)

    @staticmethod
    def read_key(path: str | Path) -> bytes:
        """Return the key that a file holds, without the white space around it.

        Raises
        ------
        PseudonymError
            If the file cannot be read, or holds no key.
        """
        try:
            with Path(path).open("rb") as file:
                key = file.read(_LONGEST_KEY + 1).strip()
        except OSError as error:
            raise PseudonymError(
                f"{path}: cannot be read ({error.strerror}); a key is made by:"
                " python3 -c 'import secrets; print(secrets.token_hex())'"
            ) from None
        if len(key) > _LONGEST_KEY:
            raise PseudonymError(f"{path}: is longer than {_LONGEST_KEY:,} bytes: that is no key")
        if len(key) < _SHORTEST_KEY:
            raise PseudonymError(
                f"{path}: holds {len(key)} bytes: a key needs {_SHORTEST_KEY} or more, so that nobody"
                " guesses it"
            )
        return key

    def text(self, text: str) -> str:
        """Return a text, a name, or JSON as text, with pseudonyms in it."""
        if text in self._names:
            return self._name(text)
        return self._json(text) if _is_json(text) else self._text(text)

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with pseudonyms in every text, in their order; types stay."""
        columns = {
            position: self._column(str(name), rows.iloc[:, position])
            for position, name in enumerate(rows.columns)
        }
        out = pd.DataFrame(columns, index=rows.index)
        out.columns = pd.Index([self._text(str(name)) for name in rows.columns])
        return out

    def told(self, told: Told) -> Told:
        """Return a story, as `Explanation` or `WhatIf`, told of the same rows with pseudonyms."""
        parts = {
            field.name: self._part(getattr(told, field.name))
            for field in dataclasses.fields(told)  # type: ignore[arg-type]
        }
        return dataclasses.replace(told, **parts)  # type: ignore[type-var]

    def _part(self, part: Any) -> Any:
        if isinstance(part, pd.DataFrame):
            return self.frame(part)
        if isinstance(part, pd.Series):
            return self.frame(part.to_frame().T).iloc[0]
        if dataclasses.is_dataclass(part) and not isinstance(part, type):
            return self.told(part)
        return self._value("", part)

    def _column(self, name: str, column: pd.Series) -> pd.Series:
        if isinstance(column.dtype, pd.CategoricalDtype):
            names = [self._value(name, value) for value in column.cat.categories]
            if names == list(column.cat.categories):
                return column
            return column.cat.rename_categories(names)
        if not (column.dtype == object or isinstance(column.dtype, pd.StringDtype)):
            return column
        # Most texts are there many times.
        known = {
            text: self._value(name, text)
            for text in {value for value in column if isinstance(value, str)}
        }
        values = [
            known[value] if isinstance(value, str) else self._value(name, value) for value in column
        ]
        return pd.Series(values, column.index, column.dtype)

    def _value(self, field: str, value: Any) -> Any:
        """Return any value of a field or column, what is in it included."""
        if isinstance(value, str):
            return self._of_field(field, value)
        if isinstance(value, dict):
            return {self._key_of(key): self._value(str(key), each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._value(field, each) for each in value)
        if isinstance(value, np.ndarray) and value.dtype == object:
            return np.array([self._value(field, each) for each in value], object)
        return value

    def _key_of(self, key: Any) -> Any:
        """Return the name of a field, which stays unless it is an account or the like."""
        return self._forms(key) if isinstance(key, str) else key

    def _of_field(self, field: str, value: str) -> str:
        plain = field.replace("_", "").lower()
        if plain in _TOKENS:
            return pseudonym("token", value, self._digest)
        if plain in _NAMES and not value.startswith("arn:"):
            return self._name(value)
        if plain in _OF_AWS and not any(map(str.isspace, value)):
            return self._forms(value)
        return self._text(value) if plain in _WORDS else self.text(value)

    def _name(self, name: str) -> str:
        if name not in self._names and is_aws(name):
            return name
        return pseudonym(kind_of(name) or "name", name, self._digest)

    def _json(self, text: str) -> str:
        """Return JSON in which each text is replaced; all else stays to the letter."""
        fields = [""]

        def replaced(match: re.Match[str]) -> str:
            if match[1] is None:
                return self._between(match[0], fields)
            value = json.loads(match[1], strict=False)
            if match[2]:
                fields[-1] = value
                told = self._forms(value)
            else:
                told = self._of_field(fields[-1], value)
            return (match[1] if told == value else json.dumps(told)) + (match[2] or "")

        return _JSON.sub(replaced, text)

    def _between(self, found: str, fields: list[str]) -> str:
        """Follow which field's value is told; return what stands between texts."""
        if found in "{[":
            fields.append(fields[-1])
        elif found in "}]":
            del fields[max(len(fields) - 1, 1) :]
        elif "account" in fields[-1].lower():
            return self._forms(found)
        return found

    def _replaced(self, text: str) -> str:
        names = (Span(*place, "name") for place in self._vocabulary.spans(text))
        return self._put(text, [*find(text), *names])

    def _forms(self, text: str) -> str:
        """Return a text in which nothing but what its form tells is replaced."""
        return self._put(text, [*find(text)])

    def _put(self, text: str, spans: list[Span]) -> str:
        parts, done = [], 0
        for start, end, kind in _joined(spans):
            found = text[start:end]
            told = self._name(found) if kind == "name" else pseudonym(kind, found, self._digest)
            parts += [text[done:start], told]
            done = end
        return "".join((*parts, text[done:]))

    def _digest(self, kind: str, value: str) -> bytes:
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, message, "sha256")


def _is_json(text: str) -> bool:
    return (text[:1], text[-1:]) in _ENDS and bool(_BETWEEN.fullmatch(_JSON.sub("", text)))


_ENDS = {("{", "}"), ("[", "]"), ('"', '"')}


def _is_common(name: str) -> bool:
    """Whether sentences of this library may hold such a word, whoever is called so."""
    return (
        len(name) == 1
        or (len(name) < _FEWEST_MARKS and not any(map(str.isalnum, name)))
        or (name.isdigit() and len(name) < _FEWEST_DIGITS)
        or name.casefold() in _prose()
    )


# Years and counts have less, and so have an ellipsis and the beginning of an address on the web.
_FEWEST_DIGITS, _FEWEST_MARKS = 5, 4


@functools.cache
def _prose() -> frozenset[str]:
    text = resources.files("cloudtrail_mfa").joinpath("prose.txt").read_text("utf-8")
    return frozenset(text.split())


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Yield spans from left to right, of which none overlap.

    One within another is part of it. What overlaps otherwise is replaced as one, so that nothing of
    either is left.
    """
    last: Span | None = None
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.kind != "name")):
        if last is None or span.start >= last.end:
            if last:
                yield last
            last = span
        elif span.end > last.end:
            last = Span(last.start, span.end, "name")
    if last:
        yield last
