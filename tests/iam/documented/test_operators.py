"""Condition operators: each with what it takes, and what absent keys do."""

from __future__ import annotations

import pytest

from tests.iam.documented.cases import (
    GUIDE,
    S3,
    Case,
    allow,
    ask,
    cases,
    comparisons,
    conditions,
    deny,
    policies,
)

PAGE = f"{GUIDE}reference_policies_elements_condition_operators.html"
BLOCK = f"{GUIDE}reference_policies_elements_condition.html"

JOB, USER, PREFIX, MAX = "aws:PrincipalTag/job", "aws:username", "s3:prefix", "s3:max-keys"
NOW, EPOCH, ISSUED = "aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime"
SOURCE, TLS, IP, TYPE = "aws:SourceArn", "aws:SecureTransport", "aws:SourceIp", "ec2:InstanceType"
JUNE, MAY = "2026-06-01T00:00:00Z", "2026-05-31T23:59:59Z"
NET4, NET6 = "203.0.113.0/24", "2001:DB8:1234:5678::/64"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:reports"
OURS, THEIRS = "arn:aws:sns:*:111122223333:*", "arn:aws:sns:*:444455556666:*"
FINANCE = "arn:aws:someservice:*:111122223333:finance/*"
STORE = "arn:aws:someservice:us-east-2:444455556666:store/abc:111122223333:finance/document.txt"
BYTES = "QmluYXJ5VmFsdWVJbkJhc2U2NA=="
SIZES = {TYPE: ["t1.*", "t2.*", "m3.*"]}

STRINGS = comparisons(
    f"{PAGE}#Conditions_String",
    ("StringEquals", JOB, "iamuser-admin", "iamuser-admin", True),
    ("StringEquals", JOB, "iamuser-admin", "IAMUser-Admin", False),
    ("StringEquals", JOB, "iamuser-admin", "iamuser", False),
    ("StringEquals", JOB, "iamuser*", "iamuser-admin", False),
    ("StringEquals", JOB, "iamuser-admin", None, False),
    ("StringNotEquals", JOB, "iamuser-admin", "auditor", True),
    ("StringNotEquals", JOB, "iamuser-admin", "iamuser-admin", False),
    ("StringNotEquals", JOB, "iamuser-admin", "IAMUser-Admin", True),
    ("StringEqualsIgnoreCase", JOB, "iamuser-admin", "IAMUser-Admin", True),
    ("StringEqualsIgnoreCase", JOB, "iamuser-admin", "auditor", False),
    ("StringEqualsIgnoreCase", JOB, "iamuser-admin", None, False),
    ("StringNotEqualsIgnoreCase", JOB, "iamuser-admin", "IAMUser-Admin", False),
    ("StringNotEqualsIgnoreCase", JOB, "iamuser-admin", "auditor", True),
    ("StringLike", JOB, "iamuser-*", "iamuser-admin", True),
    ("StringLike", JOB, "*-ad*", "iamuser-admin", True),
    ("StringLike", JOB, "admin-?", "admin-1", True),
    ("StringLike", JOB, "admin-?", "admin-12", False),
    ("StringLike", JOB, "IAMUser-*", "iamuser-admin", False),
    ("StringLike", JOB, "iamuser", "iamuser-admin", False),
    ("StringNotLike", JOB, "iamuser-*", "iamuser-admin", False),
    ("StringNotLike", JOB, "iamuser-*", "auditor", True),
    ("StringNotLike", JOB, "IAMUser-*", "iamuser-admin", True),
) + conditions(
    f"{PAGE}#Conditions_String",
    {"StringLike": {PREFIX: ["", "home/", "home/${aws:username}/"]}},
    ("an empty prefix is one of those listed", {PREFIX: "", USER: "alice"}, True),
    ("the common folder is listed", {PREFIX: "home/", USER: "alice"}, True),
    ("a user's own folder is filled in", {PREFIX: "home/alice/", USER: "alice"}, True),
    ("another user's folder is not", {PREFIX: "home/bob/", USER: "alice"}, False),
)

ABSENT = comparisons(
    PAGE,
    ("StringLike", JOB, "*", None, False),
    ("StringNotLike", JOB, "x", None, True),
    ("StringNotEquals", JOB, "x", None, True),
    ("StringNotEqualsIgnoreCase", JOB, "x", None, True),
    ("ArnLike", SOURCE, OURS, None, False),
    ("ArnNotLike", SOURCE, OURS, None, True),
    ("ArnNotEquals", SOURCE, TOPIC, None, True),
    ("NumericNotEquals", MAX, "10", None, True),
    ("DateNotEquals", NOW, JUNE, None, True),
    ("DateLessThan", NOW, JUNE, None, False),
    ("NotIpAddress", IP, NET4, None, True),
)

NUMBERS = comparisons(
    f"{PAGE}#Conditions_Numeric",
    ("NumericEquals", MAX, "10", 10, True),
    ("NumericEquals", MAX, "10", 11, False),
    ("NumericNotEquals", MAX, "10", 11, True),
    ("NumericNotEquals", MAX, "10", 10, False),
    ("NumericLessThan", MAX, "10", 9, True),
    ("NumericLessThan", MAX, "10", 10, False),
    ("NumericLessThanEquals", MAX, "10", 10, True),
    ("NumericLessThanEquals", MAX, "10", 11, False),
    ("NumericLessThanEquals", MAX, "10", None, False),
    ("NumericGreaterThan", MAX, "10", 11, True),
    ("NumericGreaterThan", MAX, "10", 9, False),
    ("NumericGreaterThan", MAX, "10", 10.5, True),
    ("NumericGreaterThanEquals", MAX, "10", 10, True),
    ("NumericGreaterThanEquals", MAX, "10", 9, False),
)

DATES = comparisons(
    f"{PAGE}#Conditions_Date",
    ("DateEquals", NOW, JUNE, JUNE, True),
    ("DateEquals", NOW, JUNE, MAY, False),
    ("DateEquals", EPOCH, JUNE, 1780272000, True),
    ("DateEquals", NOW, "1780272000", JUNE, True),
    ("DateNotEquals", NOW, JUNE, MAY, True),
    ("DateLessThan", NOW, JUNE, MAY, True),
    ("DateLessThan", NOW, JUNE, JUNE, False),
    ("DateLessThanEquals", NOW, JUNE, JUNE, True),
    ("DateGreaterThan", ISSUED, "2020-01-01T00:00:01Z", JUNE, True),
    ("DateGreaterThan", ISSUED, "2020-01-01T00:00:01Z", "2019-12-31T09:00:00Z", False),
    ("DateGreaterThan", ISSUED, "2020-01-01T00:00:01Z", None, False),
    ("DateGreaterThan", NOW, "2026-05-31", JUNE, True),
    ("DateGreaterThanEquals", NOW, "2026-06-01T02:00:00+02:00", JUNE, True),
)

ADDRESSES = comparisons(
    f"{PAGE}#Conditions_IPAddress",
    ("IpAddress", IP, NET4, "203.0.113.0", True),
    ("IpAddress", IP, NET4, "203.0.113.255", True),
    ("IpAddress", IP, NET4, "203.0.114.1", False),
    ("IpAddress", IP, NET4, None, False),
    ("IpAddress", IP, "203.0.113.7", "203.0.113.7", True),
    ("IpAddress", IP, "203.0.113.7", "203.0.113.8", False),
    ("IpAddress", IP, NET6, "2001:db8:1234:5678::1", True),
    ("IpAddress", IP, NET6, "2001:db8:1234:5679::1", False),
    ("IpAddress", IP, [NET4, NET6], "203.0.113.7", True),
    ("IpAddress", IP, [NET4, NET6], "2001:db8:1234:5678::2", True),
    ("NotIpAddress", IP, NET4, "203.0.113.7", False),
    ("NotIpAddress", IP, NET4, "198.51.100.7", True),
) + conditions(
    f"{S3}example-bucket-policies.html#example-bucket-policies-use-case-ipv6",
    {
        "IpAddress": {IP: [NET4, NET6]},
        "NotIpAddress": {IP: ["203.0.113.128/30", "2001:DB8:1234:5678:ABCD::/80"]},
    },
    ("an address of the range passes", {IP: "203.0.113.1"}, True),
    ("one of the smaller range that is left out does not", {IP: "203.0.113.129"}, False),
    ("a long address of the range passes", {IP: "2001:DB8:1234:5678::1"}, True),
    ("one of the smaller range does not", {IP: "2001:DB8:1234:5678:ABCD::1"}, False),
)

ARNS = comparisons(
    f"{PAGE}#Conditions_ARN",
    ("ArnEquals", SOURCE, TOPIC, TOPIC, True),
    ("ArnEquals", SOURCE, TOPIC, f"{TOPIC}-eu", False),
    ("ArnEquals", SOURCE, TOPIC, None, False),
    ("ArnEquals", SOURCE, OURS, TOPIC, True),
    ("ArnLike", SOURCE, OURS, TOPIC, True),
    ("ArnLike", SOURCE, "arn:aws:sns:eu-west-?:111122223333:reports", TOPIC, True),
    ("ArnLike", SOURCE, "arn:aws:sns:eu-west-1:111122223333:Reports", TOPIC, False),
    ("ArnLike", SOURCE, THEIRS, TOPIC, False),
    ("ArnNotEquals", SOURCE, TOPIC, TOPIC, False),
    ("ArnNotEquals", SOURCE, OURS, TOPIC, False),
    ("ArnNotLike", SOURCE, OURS, TOPIC, False),
    ("ArnNotLike", SOURCE, THEIRS, TOPIC, True),
    ("ArnLike", SOURCE, FINANCE, STORE, False),
    ("StringLike", SOURCE, FINANCE, STORE, True),
) + conditions(
    f"{PAGE}#Conditions_ARN",
    {"ArnLike": {SOURCE: "arn:aws:sns:*:111122223333:${aws:username}"}},
    ("ARN operators fill in variables", {SOURCE: TOPIC, USER: "reports"}, True),
    ("and compare what they find", {SOURCE: TOPIC, USER: "alice"}, False),
)

OTHERS = [
    *comparisons(
        f"{PAGE}#Conditions_BinaryEquals",
        ("BinaryEquals", "key", BYTES, BYTES, True),
        ("BinaryEquals", "key", BYTES, "b3RoZXI=", False),
        ("BinaryEquals", "key", BYTES, None, False),
    ),
    *comparisons(
        f"{PAGE}#Conditions_Boolean",
        ("Bool", TLS, "true", True, True),
        ("Bool", TLS, "true", False, False),
        ("Bool", TLS, "false", False, True),
        ("Bool", TLS, "true", None, False),
        ("Bool", TLS, "false", None, False),
    ),
    *comparisons(
        f"{PAGE}#Conditions_Null",
        ("Null", ISSUED, "true", None, True),
        ("Null", ISSUED, "true", JUNE, False),
        ("Null", ISSUED, "false", JUNE, True),
        ("Null", ISSUED, "false", None, False),
    ),
    *cases(
        f"{PAGE}#Conditions_Boolean",
        policies(allow(), deny("s3:*", when={"Bool": {TLS: "false"}})),
        ("requests without TLS are denied", ask(context={TLS: False}), False),
        ("requests with TLS are left to other statements", ask(context={TLS: True}), True),
    ),
    *cases(
        f"{PAGE}#Conditions_Boolean",
        policies(deny("s3:*", when={"Bool": {TLS: "false"}})),
        ("a Deny that does not apply grants nothing", ask(context={TLS: True}), False),
    ),
]

KEYS = [
    *conditions(
        BLOCK,
        {"StringEquals": {"AWS:UserName": "alice"}},
        ("names of keys have no case", {USER: "alice"}, True),
        ("their values have, by the operator", {USER: "Alice"}, False),
    ),
    *conditions(
        BLOCK,
        {"StringEqualsIgnoreCase": {"aws:UserName": "alice"}},
        ("another operator ignores it", {USER: "Alice"}, True),
    ),
    *conditions(
        BLOCK,
        {"StringEquals": {"ec2:ResourceTag/TagKey1": "one"}},
        ("keys of tags have no case", {"ec2:ResourceTag/tagkey1": "one"}, True),
        ("values of tags have", {"ec2:ResourceTag/TagKey1": "One"}, False),
    ),
]

IF_EXISTS = [
    *comparisons(
        f"{PAGE}#Conditions_IfExists",
        ("StringLikeIfExists", TYPE, SIZES[TYPE], "t2.micro", True),
        ("StringLikeIfExists", TYPE, SIZES[TYPE], "c5.large", False),
        ("StringLikeIfExists", TYPE, SIZES[TYPE], None, True),
        ("StringLike", TYPE, SIZES[TYPE], None, False),
        ("NumericLessThanIfExists", MAX, "10", None, True),
        ("NumericLessThanIfExists", MAX, "10", 11, False),
        ("DateGreaterThanIfExists", ISSUED, JUNE, None, True),
        ("BoolIfExists", TLS, "true", None, True),
        ("IpAddressIfExists", IP, NET4, None, True),
        ("ArnEqualsIfExists", SOURCE, TOPIC, None, True),
        ("BinaryEqualsIfExists", "key", BYTES, None, True),
    ),
    *conditions(
        f"{PAGE}#Conditions_IfExists",
        {"StringLikeIfExists": SIZES, "Bool": {TLS: "true"}},
        ("another condition can still fail", {TLS: False}, False),
    ),
    *cases(
        f"{PAGE}#Conditions_IfExists",
        policies(allow(), deny(when={"StringNotEqualsIfExists": {JOB: "admin"}})),
        ("a negated operator in a Deny denies where the tag is missing", ask(), False),
    ),
    *conditions(
        f"{GUIDE}reference_policies_condition-keys.html",
        {"IpAddressIfExists": {IP: NET4}, "StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}},
        ("address and VPC pass where the request has neither", {}, True),
        ("one that is there is tested", {"aws:SourceVpc": "vpc-2"}, False),
    ),
]

CASES = [*STRINGS, *ABSENT, *NUMBERS, *DATES, *ADDRESSES, *ARNS, *OTHERS, *KEYS, *IF_EXISTS]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_operators(case: Case) -> None:
    """An operator holds where its page says so."""
    assert case.decided() is case.expected
