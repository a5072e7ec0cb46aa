"""What tells an account, a key, an address or a principal by its form, and the form of its pseudonym."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

__all__ = ["Kind", "Span", "find", "is_aws", "kind_of", "pseudonym"]

Kind = Literal[
    "account", "email", "event", "host", "key", "name", "organization", "token", "v4", "v6"
]
"""What is found by its form; ``event``, a UUID, is found to be left as it is."""


class Span(NamedTuple):
    """Where something was found in a text, and what it is."""

    start: int
    end: int
    kind: Kind


# At the beginning of a word, which in URL-encoded JSON may be %22.
_START = "(?:(?<![{}])|(?<=%[0-9A-Fa-f]{{2}}))"
_NUMBER, _UPPER, _LETTER, _WORD = (
    _START.format(characters) for characters in (r"\d", "A-Z0-9", "0-9A-Za-z", r"\w.+-")
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
_V4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
_KEY = "(?:A(?:BIA|CCA|GPA|IDA|IPA|KIA|NPA|NVA|PKA|ROA|SCA|SIA))[A-Z0-9]{12,124}"
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html: the characters of a name.
_NAME = r"[\w+=,.@-]"
# Those that stand in the end of a principal's ARN, and what URLs escape there.
_TYPES = "user|role|assumed-role|federated-user|mfa|sms-mfa|u2f|instance-profile"
_ESCAPED = "%2[BbCcFf]|%3[Dd]|%40"

# Each with a hint, which is found more quickly: most texts hold few of them.
_FORMS = tuple(
    (re.compile(hint), re.compile(form))
    for hint, form in (
        (
            "[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-",
            "(?P<event>(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z]))",
        ),
        # The end of an ARN of IAM or STS, with its path: user/team/alice.
        (
            rf"(?::|%3[Aa])(?:{_TYPES})",
            rf"(?:(?<=:)|(?<=%3[Aa]))(?P<type>{_TYPES})(?:/|%2[Ff])(?P<path>(?:/|{_NAME}|{_ESCAPED})+)",
        ),
        # As AWS's messages have it.
        (
            "on resource: |with name ",
            rf"(?:on resource: (?:user|role)|with name) (?P<name>{_NAME}+)",
        ),
        ("@|%40", rf"(?P<email>{_WORD}[\w.+-]++(?:@|%40)(?:[\w-]++\.)++[\w-]+)"),
        (_KEY, rf"(?P<key>{_UPPER}{_KEY}(?![a-z]))(?::(?P<session>{_NAME}+))?"),
        ("o-[a-z0-9]{10}", r"(?P<organization>(?<![\w-])o-[a-z0-9]{10,32}(?![\w-]))"),
        (r"(?:ip|ec2)-\d", r"(?P<host>(?<![\w-])(?:ip|ec2)(?:-\d{1,3}){4}(?![\w-]))"),
        (r"\d\.\d{1,3}\.\d", rf"(?P<v4>{_NUMBER}{_V4}(?!\d))"),
        (r"\d{12}", rf"(?P<account>{_NUMBER}\d{{12}}(?!\d))"),
        (r"\d{4}-\d{4}-\d{4}", r"(?P<account>(?<![\d-])\d{4}-\d{4}-\d{4}(?![\d-]))"),
        (
            ":[0-9A-Fa-f]{0,4}:",
            rf"(?P<v6>{_LETTER}(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}(?:{_V4}|[0-9A-Fa-f]{{0,4}})(?![0-9A-Za-z]))",
        ),
    )
)
# Where a text is one such ARN and no more, its end is names and nothing else, whatever they hold.
_PRINCIPAL = re.compile(
    rf"arn:[^:]*:(?:iam|sts)::(?P<account>\d{{12}})?:(?P<type>{_TYPES})/(?P<path>.+)", re.DOTALL
)
_SEGMENT = re.compile(r"(?:(?!%2[Ff])[^/])+")
_SERVICE = re.compile(r"(?:[a-z0-9-]+\.){1,3}amazonaws\.com(?:\.cn)?")
_ROLE_OF_AWS = re.compile(r"AWSServiceRoleFor[A-Za-z0-9]+")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
# The folders that AWS makes in paths of roles.
_FOLDERS = {"aws-service-role", "service-role", "aws-reserved", "user"}
_CONSTANTS = {
    "",
    "root",
    "root-account-mfa-device",
    "ANONYMOUS_PRINCIPAL",
    "anonymous",
    "AWS Internal",
    "HIDDEN_DUE_TO_SECURITY_REASONS",
}


def is_aws(name: str) -> bool:
    """Whether a name is AWS's own, and tells nothing of anybody: ``root``, a service, a service's role."""
    return name in _CONSTANTS or bool(_SERVICE.fullmatch(name) or _ROLE_OF_AWS.fullmatch(name))


def find(text: str) -> Iterator[Span]:
    """Yield what a text holds that has the form of an identifier, in no order; spans may overlap."""
    if whole := _PRINCIPAL.fullmatch(text):
        if whole["account"]:
            yield Span(*whole.span("account"), "account")
        yield from _segments(whole, whole["path"])
        return
    for hint, form in _FORMS:
        if hint.search(text):
            for match in form.finditer(text):
                yield from _spans(match)


def _spans(match: re.Match[str]) -> Iterator[Span]:
    found = match.groupdict()
    for group in found.keys() & {"name", "session"}:
        if found[group]:
            yield _name_in(match, group)
    if "path" in found:
        yield from _segments(match, match["path"].rstrip(".,"))
    for kind in _PLAIN & found.keys():
        yield Span(*match.span(kind), kind)
    if "v4" in found and not _is_nobodys(match["v4"]):
        yield Span(*match.span(), "v4")
    if "v6" in found and (address := _v6(match)):
        yield address


_PLAIN: set[Kind] = {"account", "email", "event", "host", "key", "organization"}


def _name_in(match: re.Match[str], group: str) -> Span:
    """Return a name, without what ends a sentence."""
    return Span(match.start(group), match.start(group) + len(match[group].rstrip(".,")), "name")


def kind_of(text: str) -> Kind | None:
    """Return what a text is as a whole; None where its form does not tell."""
    return next(
        (kind for *place, kind in find(text) if place == [0, len(text)] and kind != "event"), None
    )


def _segments(match: re.Match[str], path: str) -> Iterator[Span]:
    start = match.start("path")
    segments = [*_SEGMENT.finditer(path)]
    for number, segment in enumerate(segments, 1):
        may_be_aws = number < len(segments) and match["type"] != "assumed-role"
        if not (may_be_aws and _is_folder(segment[0])):
            yield Span(start + segment.start(), start + segment.end(), "name")


def _is_folder(segment: str) -> bool:
    return bool(segment in _FOLDERS or _SERVICE.fullmatch(segment) or _REGION.fullmatch(segment))


def _v6(match: re.Match[str]) -> Span | None:
    """Return an address among what looks like one, which a sentence's colon may follow."""
    for colons in "", ":":
        found = match[0].strip(colons) if colons else match[0]
        try:
            address = ipaddress.IPv6Address(found)
        except ValueError:
            continue
        start = match.start() + match[0].index(found)
        # After the colon of an ARN (arn:aws:s3:::face) it is a name.
        is_name = found.startswith("::") and match.string[max(start - 1, 0) : start] == ":"
        if is_name or address.is_unspecified or address.is_loopback or address.is_link_local:
            return None
        return Span(start, start + len(found), "v6")
    return None


def _is_nobodys(text: str) -> bool:
    """Whether an address is that of no host anybody could be told by, or a program's version."""
    address = ipaddress.IPv4Address(".".join(str(int(octet)) for octet in text.split(".")))
    return (
        text.endswith(".0.0.0")
        or address.is_loopback
        or address.is_link_local
        or text == "255.255.255.255"
    )


def pseudonym(kind: Kind, value: str, digest: Callable[[str, str], bytes]) -> str:
    """Return the pseudonym of a value, of the form that readers and tools expect.

    Parameters
    ----------
    kind, value
        What is to be hidden.
    digest
        Gives 32 bytes for a kind and a value, by a secret key.
    """
    return _MADE[kind](value, digest)


_Digest = Callable[[str, str], bytes]
_MACHINE = re.compile(r"(m?i-)([0-9a-f]{8,17})")
# The rest of such a role's name is chosen by its owner.
_LED = re.compile(r"(AWSServiceRoleFor[A-Za-z0-9]+_|AWSReservedSSO_).+", re.DOTALL)
_HEX = 12


def _name(value: str, digest: _Digest) -> str:
    told = digest("name", value).hex()
    if machine := _MACHINE.fullmatch(value):
        return machine[1] + told[: len(machine[2])]
    led = _LED.fullmatch(value)
    return f"{led[1] if led else 'name-'}{told[:_HEX]}"


def _account(value: str, digest: _Digest) -> str:
    """Return twelve digits: of 10,000 accounts, two share one with a probability of 1 in 18,000."""
    number = int.from_bytes(digest("account", value.replace("-", "")))
    # Without a zero in front, it stays itself where it is written as a number.
    digits = str(10**11 + number % (9 * 10**11))
    return "-".join((digits[:4], digits[4:8], digits[8:])) if "-" in value else digits


def _key(value: str, digest: _Digest) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    more = hashlib.shake_256(digest("key", value)).digest(len(value) - 4)
    return value[:4] + "".join(letters[byte % 32] for byte in more)


def _email(value: str, digest: _Digest) -> str:
    """Return an address of a domain that is nobody's, by RFC 2606."""
    at = "@" if "@" in value else "%40"
    told = digest("email", value.replace("%40", "@")).hex()
    return f"name-{told[:_HEX]}{at}mail.invalid"


# RFC 3849 sets 2001:db8::/32 aside for documentation. IPv4's ranges for that hold 768 addresses, its
# private ones 18 million: of 10,000 addresses many would share one.
_OF_V4, _OF_V6 = (int(ipaddress.IPv6Address(f"2001:db8:{four_or_six}::")) for four_or_six in (4, 6))


def _address(network: int, kind: str, value: str, digest: _Digest) -> str:
    return str(ipaddress.IPv6Address(network + int.from_bytes(digest(kind, value)[:10])))


_MADE: dict[Kind, Callable[[str, _Digest], str]] = {
    "account": _account,
    "email": _email,
    "event": lambda value, _: value,
    "host": lambda value, digest: f"{value.partition('-')[0]}-{digest('host', value).hex()[:_HEX]}",
    "key": _key,
    "name": _name,
    "organization": lambda value, digest: (
        f"o-{digest('organization', value).hex()[: len(value) - 2]}"
    ),
    "token": lambda value, digest: f"token-{digest('token', value).hex()[:_HEX]}",
    "v4": lambda value, digest: _address(_OF_V4, "v4", value, digest),
    "v6": lambda value, digest: _address(_OF_V6, "v6", str(ipaddress.IPv6Address(value)), digest),
}
