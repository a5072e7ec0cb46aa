"""The credential report: who has an MFA device, and which keys there are.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Credentials", "Key", "parse_report"]


@dataclass(frozen=True, slots=True)
class Key:
    """One of a user's two access keys.

    Attributes
    ----------
    active
        Whether it can be used.
    rotated, used
        When it was made or activated, and when it last signed a call, UTC; None where it never
        did, or that is not known.
    """

    active: bool
    rotated: datetime | None
    used: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the report says of a user or root.

    Attributes
    ----------
    arn
        The user's ARN, or root's.
    mfa_active
        Whether there is an MFA device.
    password
        Whether there is a password; None where the report does not say (of root).
    keys
        The access keys.
    """

    arn: str
    mfa_active: bool
    password: bool | None
    keys: tuple[Key, ...] = ()


_FLAGS = {"true": True, "false": False}


def parse_report(text: str) -> dict[str, Credentials]:
    """Understand a credential report.

    Returns
    -------
    dict
        By ARN.

    Raises
    ------
    ValueError
        If it is none.
    """
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    wanted = {"arn", "mfa_active"} - {*(rows.fieldnames or ())}
    if wanted:
        raise ValueError(f"has no column {', '.join(sorted(wanted))}")
    found = {}
    for number, row in enumerate(rows, 2):
        if (row["mfa_active"] or "").lower() not in _FLAGS:
            raise ValueError(f"line {number}: mfa_active is {row['mfa_active']!r}")
        found[row["arn"]] = Credentials(
            row["arn"],
            _FLAGS[row["mfa_active"].lower()],
            _FLAGS.get((row.get("password_enabled") or "").lower()),
            tuple(_key(row, which) for which in (1, 2) if f"access_key_{which}_active" in row),
        )
    return found


def _key(row: Mapping[str, str], which: int) -> Key:
    return Key(
        (row[f"access_key_{which}_active"] or "").lower() == "true",
        _time(row.get(f"access_key_{which}_last_rotated")),
        _time(row.get(f"access_key_{which}_last_used_date")),
    )


def _time(text: str | None) -> datetime | None:
    """Return a time; None for ``N/A`` and ``no_information``."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None
