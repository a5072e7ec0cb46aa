"""What the rules look at of a denial."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Denial"]

# Kinds whose owner can pass MFA and sign again.
_PEOPLE = frozenset(
    {"long_term_key", "root_key", "session_token", "console", "assumed_role", "forwarded"}
)


@dataclass(frozen=True, slots=True)
class Denial:
    """One denial, as far as the rules look: those that agree in all of it have one verdict.

    Attributes
    ----------
    quote
        The message, where it gives no reason.
    fresh
        Whether the session was opened within five minutes before the call.
    mfa_active
        Whether the user has an MFA device, by the credential report or else the trail; None where
        neither tells.

    The others are columns of the query ``denials``, which states their meaning.
    """

    account_id: str | None = None
    principal_arn: str | None = None
    principal_name: str | None = None
    access_key_id: str | None = None
    role_arn: str | None = None
    credential_kind: str = "unknown"
    federated: bool = False
    workload: bool = False
    mfa_present: str | None = None
    session_started: str | None = None
    issued_by: str | None = None
    issued_in: str | None = None
    opener_type: str | None = None
    mfa_serial: str | None = None
    mfa_active: bool | None = None
    invoked_by: str | None = None
    iam_action: str | None = None
    deny_kind: str | None = None
    policy_type: str | None = None
    policy_arn: str | None = None
    reason: str | None = None
    message_form: str = "none"
    quote: str | None = None
    fresh: bool = False

    @property
    def signed_with_key(self) -> bool:
        """Whether a long-term key signed the call, a user's or root's."""
        return self.credential_kind in ("long_term_key", "root_key")

    @property
    def is_user(self) -> bool:
        """Whether an IAM user called, with whatever credential."""
        return ":user/" in (self.principal_arn or "")

    @property
    def no_device(self) -> bool:
        """Whether no MFA device of AWS can help such a caller, even behind a service."""
        return self.federated or self.workload

    @property
    def mfa_is_open(self) -> bool:
        """Whether a person could have passed MFA for this call and had not."""
        return self.credential_kind in _PEOPLE and not self.no_device and self.mfa_present != "true"
