"""What evaluations of one request say, and the sentences for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cloudtrail_mfa.evidence.trail import State
from cloudtrail_mfa.iam.evaluate import Decision, Match, PolicyType

__all__ = ["ORDER", "Decisions", "barriers", "denies"]

ORDER: tuple[PolicyType, ...] = (
    "scp",
    "rcp",
    "resource",
    "identity",
    "boundary",
    "session",
    "vpc_endpoint",
)
"""The order in which AWS looks, so that of several the same one is named as a rule."""

_MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Decisions:
    """A request as it was, and in a session that was just opened, with MFA and without.

    Attributes
    ----------
    state
        The policies, where they are those of the time of the call.
    """

    actual: Decision
    with_mfa: Decision
    without_mfa: Decision
    state: State | None = None

    @property
    def whence(self) -> str:
        """Where the policies are from."""
        return "in the evidence" if self.state is None else "rebuilt from the trail"

    @property
    def doubt(self) -> str:
        """What may be wrong with them, where they do not come to what was recorded."""
        return (
            "they have changed since, or something is missing from them"
            if self.state is None
            else "a change is missing from the trail, or a policy that it does not show"
        )

    def reasons(self) -> Sequence[str]:
        """Return what stands against the request as it was, and who put it there."""
        matches = denies(self.actual)[:_MOST_SENTENCES]
        if not matches:
            return [
                f"For: evaluated, no {kind} policy {self.whence} allows the call."
                for kind in self.actual.missing
            ]
        sources = self.state.sources if self.state else {}
        told = (source for match in matches for source in sources.get(match.policy, ()))
        return [*map(_denial, matches), *dict.fromkeys(f"For: {source}." for source in told)]


def _denial(match: Match) -> str:
    return (
        f"For: evaluated, {match.statement.label} of {match.policy} ({match.policy_type}) denies"
        " the call."
    )


def denies(decision: Decision) -> list[Match]:
    """Return the statements that deny, in AWS's order."""
    matched = [m for m in decision.matches if m.effect == "Deny" and m.truth]
    return sorted(matched, key=lambda match: ORDER.index(match.policy_type))


def barriers(decision: Decision) -> set[object]:
    """Return what stands against a request: statements that deny, kinds of which none allows."""
    return {_place(match) for match in denies(decision)} | set(decision.missing)


def _place(match: Match) -> tuple[str, str, int]:
    return match.policy_type, match.policy, match.statement.position
