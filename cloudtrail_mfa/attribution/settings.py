"""Messages that carry AccessDenied and speak of no policy: each with what has to be done."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["SETTINGS", "Setting", "setting_of"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One such message.

    Attributes
    ----------
    pattern
        What the message looks like, from its beginning or to its end.
    remedy
        What has to be done; policies and MFA sessions do not matter.
    """

    pattern: re.Pattern[str]
    remedy: str


def _setting(pattern: str, remedy: str) -> Setting:
    return Setting(re.compile(pattern, re.DOTALL), remedy)


SETTINGS: tuple[Setting, ...] = (
    # https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/control-access-billing.html
    _setting(
        r"^IAM user access not activated",
        "Let root activate IAM access to Billing in the account's settings.",
    ),
    # https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html
    _setting(
        r"^You don't have access to the model with the specified model ID",
        "Ask for access to that model in Amazon Bedrock.",
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
    # S3 quotes what it names; of other services' messages a caller's own words may be the end.
    _setting(
        r'^User: \S+ is not authorized to perform: s3:\w+ on resource: "[^"]*"'
        r' because public [^"]* (?:blocked|prevented) by the Block[A-Za-z]+ [^"]*$',
        "S3 Block Public Access stands against what was asked: leave it on, and ask for less.",
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
    _setting(
        r"^Mfa Authentication must be used for this request",
        "The bucket has MFA Delete: the request itself must carry the device's code (--mfa), which"
        " only root can give.",
    ),
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    _setting(
        r"^MultiFactorAuthentication failed",
        "The MFA code or the device's serial number was wrong: type the code that the device shows"
        " now, and check the serial with `aws iam list-mfa-devices`.",
    ),
    _setting(
        r"^Cannot call GetSessionToken with session credentials",
        "GetSessionToken wants the long-term key: unset the session's credentials first.",
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
    _setting(
        r"^Roles may not be assumed by root accounts",
        "Root cannot assume roles: use an IAM user or a role.",
    ),
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html
    _setting(
        r"^The instance '[^']*' may not be terminated",
        "The instance is protected: change its disableApiTermination attribute if it is to go.",
    ),
)
"""The messages, in no order: no two fit one text."""


def setting_of(message: str | None) -> Setting | None:
    """Return the setting that a message speaks of, or None."""
    return next((found for found in SETTINGS if message and found.pattern.search(message)), None)
