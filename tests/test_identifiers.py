"""Identifiers: what a form tells, and pseudonyms that have it, too."""

from __future__ import annotations

import hashlib
import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtrail_mfa.identifiers import find, is_aws, kind_of, pseudonym


def digest(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}:{value}".encode()).digest()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("of 111122223333.", [("account", "111122223333")]),
        ("x-111122223333_CloudTrail", [("account", "111122223333")]),
        ("%22111122223333%22", [("account", "111122223333")]),
        ("1111-2222-3333", [("account", "1111-2222-3333")]),
        ("1111222233334", []),
        ("key AKIAIOSFODNN7EXAMPLE:", [("key", "AKIAIOSFODNN7EXAMPLE")]),
        ("%22ASIAIOSFODNN7EXAMPLE%22", [("key", "ASIAIOSFODNN7EXAMPLE")]),
        ("AROAIOSFODNN7EXAMPLE:s, x", [("key", "AROAIOSFODNN7EXAMPLE"), ("name", "s")]),
        ("AKIA of 1.2.3", []),
        ("from 198.51.100.23: no", [("v4", "198.51.100.23")]),
        ("198.51.100.23/32 0.0.0.0/0 127.0.0.1", [("v4", "198.51.100.23")]),
        ("Chrome/140.0.0.0 169.254.169.254", []),
        ("at 2600:1f18::beef: no", [("v6", "2600:1f18::beef")]),
        ("::ffff:198.51.100.23", [("v6", "::ffff:198.51.100.23"), ("v4", "198.51.100.23")]),
        ("::1 :: fe80::1 09:00:00 AWS::S3::Bucket 1:2:3:4", []),
        ("ip-10-0-0-12.ec2.internal", [("host", "ip-10-0-0-12")]),
        ("<dave@example.com>, dave@", [("email", "dave@example.com")]),
        ("dave%40example.com", [("email", "dave%40example.com")]),
        ("o-a1b2c3d4e5/x", [("organization", "o-a1b2c3d4e5")]),
        (
            "id cce719c1-c073-42c3-833e-111122223333",
            [("event", "cce719c1-c073-42c3-833e-111122223333"), ("account", "111122223333")],
        ),
        ("arn:aws:iam::aws:policy/X arn:aws:s3:::user-files arn:aws:s3:::face/x", []),
        ("at arn:aws:iam:::user/t/al.", [("name", "t"), ("name", "al")]),
        ("arn:aws:iam::111122223333:user/a b,", [("account", "111122223333"), ("name", "a b,")]),
        ("arn:aws:iam:::role/aws-service-role/x.amazonaws.com/R", [("name", "R")]),
        ("arn:aws:iam:::role/aws-reserved/sso.amazonaws.com/eu-west-1/R", [("name", "R")]),
        ("arn:aws:sts:::assumed-role/user/s", [("name", "user"), ("name", "s")]),
        ("on resource: role R because", [("name", "R")]),
        ("The user with name bob cannot be found.", [("name", "bob")]),
    ],
    ids=lambda value: re.sub(r"[^\w.:-]+", "_", value)[:40] if isinstance(value, str) else "",
)
def test_what_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    """And what only looks like it."""
    spans = sorted(find(text))
    assert [(kind, text[start:end]) for start, end, kind in spans] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("root", True),
        ("ANONYMOUS_PRINCIPAL", True),
        ("delivery.logs.amazonaws.com", True),
        ("AWSServiceRoleForSupport", True),
        ("AWSServiceRoleForAutoScaling_team", False),
        ("alice", False),
        ("amazonaws.com", False),
    ],
    ids=range(7),
)
def test_what_is_awss_own(name: str, expected: bool) -> None:
    """It tells nothing of anybody."""
    assert is_aws(name) == expected


FORMS = {
    "account": r"[1-9]\d{11}",
    "email": r"name-[0-9a-f]{12}@mail\.invalid",
    "host": r"(ip|ec2)-[0-9a-f]{12}",
    "key": r"A(KIA|SIA)[A-Z2-7]{16}",
    "organization": "o-[0-9a-f]{10}",
}


@given(
    st.one_of(
        st.tuples(st.just("account"), st.from_regex(r"[0-9]{12}", fullmatch=True)),
        st.tuples(st.just("email"), st.from_regex(r"[a-z]{1,9}@[a-z]{2,9}\.com", fullmatch=True)),
        st.tuples(st.just("host"), st.from_regex(r"(ip|ec2)-10-0-0-[0-9]", fullmatch=True)),
        st.tuples(st.just("key"), st.from_regex(r"A(KIA|SIA)[A-Z0-9]{16}", fullmatch=True)),
        st.tuples(st.just("organization"), st.from_regex(r"o-[a-z0-9]{10}", fullmatch=True)),
    )
)
def test_forms_are_kept(found: tuple[str, str]) -> None:
    """So that tools and readers still know what a value is."""
    kind, value = found
    assert kind_of(value) == kind
    told = pseudonym(kind, value, digest)
    assert re.fullmatch(FORMS[kind], told)
    assert told[:4] == value[:4] or kind != "key"


@given(st.ip_addresses())
def test_an_address_stays_one(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Of RFC 3849's range for documentation, in which it is told from which family it was."""
    kind = "v4" if address.version == 4 else "v6"
    told = ipaddress.ip_address(pseudonym(kind, str(address), digest))  # type: ignore[arg-type]
    assert told in ipaddress.ip_network(f"2001:db8:{address.version}::/48")


def test_an_account_with_hyphens_is_the_same() -> None:
    """As the console writes it."""
    plain = pseudonym("account", "111122223333", digest)
    assert pseudonym("account", "1111-2222-3333", digest).replace("-", "") == plain


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("alice", r"name-[0-9a-f]{12}"),
        ("i-0123456789abcdef0", r"i-[0-9a-f]{17}"),
        ("AWSReservedSSO_Admin_0123456789abcdef", r"AWSReservedSSO_[0-9a-f]{12}"),
        ("AWSServiceRoleForAutoScaling_team", r"AWSServiceRoleForAutoScaling_[0-9a-f]{12}"),
    ],
    ids=["user", "machine", "identity-center", "suffix"],
)
def test_names_tell_what_kind_of_name_they_are(name: str, form: str) -> None:
    """Of a machine, of Identity Center, or of anybody."""
    assert re.fullmatch(form, pseudonym("name", name, digest))
