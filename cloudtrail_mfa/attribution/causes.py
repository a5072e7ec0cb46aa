"""Every cause once: its name, what it means, what to do about it; and how sure one can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

__all__ = [
    "BY_POLICY_TYPE",
    "CAUSES",
    "CERTAINTIES",
    "FOR_WANT_OF_MFA",
    "OF_TEN",
    "VERDICT_COLUMNS",
    "Cause",
    "CauseName",
    "Certainty",
    "Verdict",
]

CauseName = Literal[
    "long_term_key",
    "session_without_mfa",
    "mfa_expired",
    "mfa_not_sufficient",
    "no_permission",
    "explicit_deny",
    "service_control_policy",
    "resource_control_policy",
    "permissions_boundary",
    "session_policy",
    "resource_policy",
    "vpc_endpoint_policy",
    "trust_policy",
    "service_request",
    "not_authorization",
    "undetermined",
]
"""The name of a cause, as in the column ``cause``."""

Certainty = Literal["proven", "observed", "stated", "inferred", "unknown"]
"""How sure a cause is, surest first, as in the column ``certainty``."""

CERTAINTIES: dict[Certainty, str] = {
    "proven": "the policies were evaluated, and they reproduce the denial",
    "observed": "the logs hold the experiment: the same call passed with MFA and failed without",
    "stated": "AWS's message, or the record itself, settles it",
    "inferred": "a pattern speaks for it",
    "unknown": "what is known does not tell",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause.

    Attributes
    ----------
    name
        As in the column ``cause``.
    meaning
        One sentence.
    remedy
        What to do; ``{user}``, ``{action}`` and ``{policy}`` stand for what the denial names,
        ``{session}`` for how such a caller opens a session with MFA, ``{retire}`` for how the key
        is retired, ``{statement}`` for a statement that allows the call and ``{home}`` for where it
        belongs.
    """

    name: CauseName
    meaning: str
    remedy: str


_KEEP = (
    "Do not change BoolIfExists to Bool in the policy: that ends the error by letting every"
    " long-term key pass without MFA."
)

_ALL = (
    Cause(
        "long_term_key",
        "A policy that demands MFA, or bans long-term keys, stopped a long-term key.",
        f"Sign with a temporary session that has passed MFA, not with the key: {{session}}. {{retire}}{_KEEP}",
    ),
    Cause(
        "session_without_mfa",
        "A policy that demands MFA stopped a session that was opened without it.",
        f"Open the session again, with MFA: {{session}}. {_KEEP}",
    ),
    Cause(
        "mfa_expired",
        "MFA was used, but longer ago than a policy accepts.",
        "Open a new session with MFA: {session}.",
    ),
    Cause(
        "mfa_not_sufficient",
        "A policy demands MFA, and the call would have been denied with MFA too.",
        "MFA alone will not do: the evidence names what else stands against {action}.",
    ),
    Cause(
        "no_permission",
        "No policy allows the call.",
        "If {user} ought to have {action}, ask for a statement such as {statement} in {home}.",
    ),
    Cause(
        "explicit_deny",
        "An identity-based policy denies the call, whether or not MFA was used.",
        "Find the Deny statement for {action} in {policy}; only a change of it lets the call pass.",
    ),
    Cause(
        "service_control_policy",
        "A service control policy of the organization stands against the call.",
        "Ask the organization's administrators about {action}: {policy}.",
    ),
    Cause(
        "resource_control_policy",
        "A resource control policy of the organization stands against the call.",
        "Ask the organization's administrators about {action} on the resource: {policy}.",
    ),
    Cause(
        "permissions_boundary",
        "The permissions boundary of the caller does not let the call pass.",
        "Ask whoever sets the boundary of {user} about {action}: {policy}.",
    ),
    Cause(
        "session_policy",
        "The policy that was passed when the session was opened does not let the call pass.",
        "Open the session with a session policy that allows {action}, or with none.",
    ),
    Cause(
        "resource_policy",
        "The resource's own policy does not let the call pass.",
        "Ask the owner of the resource about its policy: does it allow {user} {action}?",
    ),
    Cause(
        "vpc_endpoint_policy",
        "The policy of the VPC endpoint through which the call came does not let it pass.",
        "Ask the network's owners about the endpoint's policy for {action}.",
    ),
    Cause(
        "trust_policy",
        "The role's trust policy does not let the caller assume it.",
        "Look at the role's trust policy: whom does it trust, and does it demand MFA?",
    ),
    Cause(
        "service_request",
        "An AWS service was refused on its own behalf; no person made the call.",
        "Look at the policies of the resource, most often a bucket or key: do they let {user} call {action}?",
    ),
    Cause(
        "not_authorization",
        "A setting of the account or resource stands against the call, not a policy.",
        "Change what the message names; policies and MFA do not matter here.",
    ),
    Cause(
        "undetermined",
        "What is known does not tell why.",
        "Look for the policies that bind {user}: none of this tells which of them denied.",
    ),
)

CAUSES: dict[CauseName, Cause] = {cause.name: cause for cause in _ALL}
"""Every cause, by name."""

if set(CAUSES) != set(get_args(CauseName)):
    raise AssertionError("every cause name has one cause")

FOR_WANT_OF_MFA: tuple[CauseName, ...] = ("long_term_key", "session_without_mfa", "mfa_expired")
"""The causes of calls that MFA, used or used again, was wanting for."""

OF_TEN: dict[CauseName, int] = {
    "long_term_key": 9,
    "session_without_mfa": 8,
    "mfa_expired": 8,
    "no_permission": 8,
    "explicit_deny": 6,
}
"""Of ten made-up denials in which a cause was inferred, how many it was right in, rounded
(``python -m tests.scenarios``); the others are inferred too seldom to be counted."""

BY_POLICY_TYPE: dict[str, CauseName] = {
    "scp": "service_control_policy",
    "rcp": "resource_control_policy",
    "boundary": "permissions_boundary",
    "session": "session_policy",
    "resource": "resource_policy",
    "vpc_endpoint": "vpc_endpoint_policy",
    "trust": "trust_policy",
}
"""The cause, where a policy of that type stood against the call; of identity-based ones, not settled."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a denial.

    Its fields are the columns that `VERDICT_COLUMNS` explains.
    """

    cause: CauseName
    certainty: Certainty
    mfa_would_allow: bool | None
    evidence: tuple[str, ...]
    remedy: str


VERDICT_COLUMNS = {
    "cause": ("VARCHAR", "Why the call was denied."),
    "mfa_would_allow": (
        "BOOLEAN",
        (
            "Whether the request would have been allowed in a session that had just passed MFA; null"
            " where that is not known."
        ),
    ),
    "certainty": (
        "VARCHAR",
        "How well the cause is known: " + ", ".join(CERTAINTIES) + ".",
    ),
    "evidence": (
        "VARCHAR[]",
        "What was seen, a sentence each, for the cause and against it.",
    ),
    "remedy": ("VARCHAR", "What to do."),
}
"""Type and meaning of the columns that a verdict adds to a denial."""
