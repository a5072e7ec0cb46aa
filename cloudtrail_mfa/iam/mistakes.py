"""The mistakes with MFA conditions that are known: each once, with its reason and AWS's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["RULES", "Rule", "Severity"]

Severity = Literal["error", "warning", "note"]
"""``error``: MFA does not protect, or locks out; ``warning``: it may; ``note``: good to know."""

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_KEYS = f"{_GUIDE}reference_policies_condition-keys.html#condition-keys-multifactorauthpresent"
_AGE_KEY = f"{_GUIDE}reference_policies_condition-keys.html#condition-keys-multifactorauthage"
_SELF = f"{_GUIDE}reference_policies_examples_aws_my-sec-creds-self-manage.html"
_API = f"{_GUIDE}id_credentials_mfa_configure-api-require.html"
_SETS = f"{_GUIDE}reference_policies_condition-single-vs-multi-valued-context-keys.html"
_FAS = f"{_GUIDE}reference_policies_condition-keys.html#condition-keys-viaawsservice"


@dataclass(frozen=True, slots=True)
class Rule:
    """One mistake.

    Attributes
    ----------
    id
        Stays the same for ever.
    severity
        How bad it is.
    title
        The mistake, in a few words.
    why
        What it does.
    page
        AWS's page on it.
    """

    id: str
    severity: Severity
    title: str
    why: str
    page: str


_ALL = (
    Rule(
        "MFA001",
        "error",
        "Bool in a Deny",
        "A long-term key carries no MFA information, so Bool never matches it: every leaked key"
        " passes. BoolIfExists denies it too.",
        _KEYS,
    ),
    Rule(
        "MFA002",
        "error",
        "BoolIfExists true in an Allow",
        "A long-term key carries no MFA information, and IfExists lets it in. Bool lets in sessions"
        " with MFA alone.",
        _KEYS,
    ),
    Rule(
        "MFA003",
        "error",
        "Null true in a Deny",
        "It tests that the key exists, not that MFA was used: sessions without MFA pass.",
        _KEYS,
    ),
    Rule(
        "MFA004",
        "error",
        "Null false in an Allow",
        "It tests that the key exists, not that MFA was used: any temporary credential is let in.",
        _KEYS,
    ),
    Rule(
        "MFA005",
        "error",
        "ForAllValues on an MFA key",
        "The key has one value. ForAllValues is true of a key that is absent, as a long-term key's"
        " is.",
        _SETS,
    ),
    Rule(
        "MFA006",
        "error",
        "the condition is the wrong way round",
        "It denies those who have used MFA, or allows those who have not.",
        _KEYS,
    ),
    Rule(
        "MFA007",
        "warning",
        "a user cannot enrol or use a device",
        "Without MFA a user must still be able to enrol a device and to ask for a session with it;"
        " else the first device can never be used.",
        _SELF,
    ),
    Rule(
        "MFA008",
        "error",
        "exceptions that are too wide",
        "What is left out of the Deny can be done with a stolen key: these actions give it more"
        " than its user's own device.",
        _SELF,
    ),
    Rule(
        "MFA009",
        "error",
        "a device can be removed without MFA",
        "A stolen key can remove its user's device, and enrol one of its own.",
        _SELF,
    ),
    Rule(
        "MFA010",
        "note",
        "who has no device yet is not protected",
        "A stolen key of a user without a device can enrol one of its own: enrol a device when the"
        " user is made.",
        _SELF,
    ),
    Rule(
        "MFA011",
        "warning",
        "no exception for calls that services make",
        "A service that calls with the user's credentials may carry MFA as false, although the"
        " user has used it: Athena, CloudFormation and others break.",
        _FAS,
    ),
    Rule(
        "MFA012",
        "error",
        "an age condition that passes whoever has no MFA",
        "The age is absent where MFA was not used: a Deny needs IfExists to stop that, and an Allow"
        " must not have it.",
        _AGE_KEY,
    ),
    Rule(
        "MFA013",
        "error",
        "a comparison that does not fit the key",
        "The operator or the value does not fit the key: MultiFactorAuthPresent is true or false,"
        " MultiFactorAuthAge a number of seconds.",
        _KEYS,
    ),
    Rule(
        "MFA014",
        "error",
        "a key that does not exist",
        "No request has such a key: a test with IfExists always passes, without it never.",
        _KEYS,
    ),
    Rule(
        "MFA015",
        "error",
        "MFA demanded of who cannot have it",
        "The key is not present for federated identities and services: no MFA device of AWS can"
        " satisfy it. Ask the identity provider for MFA.",
        _API,
    ),
)

RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}
"""Every rule, by its id."""
