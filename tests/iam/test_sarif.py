"""Findings as SARIF."""

from __future__ import annotations

import json

import pytest

from cloudtrail_mfa import lint
from cloudtrail_mfa.iam.mistakes import RULES
from cloudtrail_mfa.iam.sarif import sarif

STATEMENT = {
    "Effect": "Deny",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false", "aws:ViaAWSService": "false"}},
}
PLAIN = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def test_a_log_holds_every_rule_and_every_finding() -> None:
    """With level, place and reason."""
    text = json.dumps({"Statement": [PLAIN, STATEMENT]}, indent=1)
    log = sarif(lint(text, name="p.json"), {"p.json": text}, version="1.0")
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("MFA001", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "p.json"}
    assert text.splitlines()[place["region"]["startLine"] - 1].strip() == "{"
    assert place["region"]["startLine"] == 8


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (json.dumps({"Statement": STATEMENT}), 1),
        (json.dumps({"Statement": STATEMENT}, indent=1), 2),
        ("\n\n" + json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]}), 3),
    ],
)
def test_lines_are_those_of_the_statements(text: str, line: int) -> None:
    """However the policy is laid out."""
    log = sarif(lint(text, name="p"), {"p": text}, version="1.0")
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": line}


def test_without_the_text_there_is_no_line() -> None:
    """The file is named all the same."""
    log = sarif(lint({"Statement": STATEMENT}, name="p"), {}, version="1.0")
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "p"}}
