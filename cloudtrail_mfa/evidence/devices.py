"""Who has an MFA device, by the credential report or, without one, by the trail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa

from cloudtrail_mfa.evidence.changes import Owner, owner_of
from cloudtrail_mfa.evidence.credentials import Credentials
from cloudtrail_mfa.evidence.parameters import Row

__all__ = ["active_devices"]


@dataclass(slots=True)
class _User:
    """What the trail shows of a user's devices.

    Attributes
    ----------
    created
        Whether the trail holds the user's creation, and so every device.
    doubted
        Whether it is not clear what came last.
    serials
        The devices, each with when its last change was.
    """

    created: bool = False
    doubted: bool = False
    serials: dict[str, tuple[bool, int]] = field(default_factory=dict)

    @property
    def active(self) -> bool | None:
        """Whether there is a device; None where that is not known."""
        if self.doubted:
            return None
        if any(enabled for enabled, _ in self.serials.values()):
            return True
        return False if self.created else None

    def turn(self, serial: str, at: int, *, enabled: bool) -> None:
        """Take note of a device that is enabled or deactivated."""
        known = self.serials.get(serial)
        self.doubted |= known is not None and known[1] == at and known[0] is not enabled
        self.serials[serial] = enabled, at


def active_devices(
    arns: Iterable[str], writes: pd.DataFrame, report: Mapping[str, Credentials]
) -> dict[str, bool]:
    """Return whether each user has an MFA device, where that is known.

    Parameters
    ----------
    arns
        Of the users.
    writes
        Rows of the query ``policy_changes``, all there are: what holds is what they come to.
    report
        What the credential reports say, by ARN; they stand above the trail.
    """
    users = _users(writes)
    found: dict[str, bool] = {}
    for arn in arns:
        owner = owner_of(arn)
        active = report[arn].mfa_active if arn in report else owner and _active(users, owner)
        if active is not None:
            found[arn] = bool(active)
    return found


def _active(users: Mapping[Owner, _User], owner: Owner) -> bool | None:
    return users[owner].active if owner in users else None


def _users(writes: pd.DataFrame) -> dict[Owner, _User]:
    users: dict[Owner, _User] = {}
    for row in _rows(writes):
        owner = Owner("user", row["account_id"] or "", row["user_name"].lower())
        event, serial = row["event_name"], row["serial_number"]
        user = users.setdefault(owner, _User())
        if row["event_time"] is None:
            user.doubted = True
        elif event in ("CreateUser", "DeleteUser"):
            users[owner] = _User(created=event == "CreateUser")
        elif event == "UpdateUser" and row["new_name"]:
            users[owner._replace(name=row["new_name"].lower())] = users.pop(owner)
        elif event in ("EnableMFADevice", "DeactivateMFADevice"):
            user.doubted |= not serial
            at = int(row["event_time"].timestamp())
            user.turn(serial or "", at, enabled=event == "EnableMFADevice")
    return users


# In one second a user is created before it gets a device, and deleted after it has none.
_ORDER = ("CreateUser", "EnableMFADevice", "DeactivateMFADevice", "UpdateUser", "DeleteUser")


def _rows(writes: pd.DataFrame) -> Iterator[Row]:
    told = writes[writes["event_name"].isin(_ORDER) & writes["user_name"].notna()]
    rows = pa.Table.from_pandas(told, preserve_index=False).to_pylist()
    timed = [row for row in rows if row["event_time"] is not None]
    yield from sorted(timed, key=lambda row: (row["event_time"], _ORDER.index(row["event_name"])))
    yield from (row for row in rows if row["event_time"] is None)
