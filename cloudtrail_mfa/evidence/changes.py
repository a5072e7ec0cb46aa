"""IAM's writes as changes: whose, of what, and to what.

What the calls do: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple

from cloudtrail_mfa.errors import PolicyError
from cloudtrail_mfa.evidence.parameters import Row, tags_of
from cloudtrail_mfa.iam.arns import partition_of
from cloudtrail_mfa.iam.document import Policy

__all__ = [
    "ABSENT",
    "PRESENT",
    "UNKNOWN",
    "Change",
    "Mark",
    "Owner",
    "Text",
    "Value",
    "What",
    "changes_of",
    "name_of",
    "owner_of",
]


class Mark(Enum):
    """What a value is that has no content of its own."""

    ABSENT = "absent"
    PRESENT = "present"
    UNKNOWN = "unknown"


ABSENT, PRESENT, UNKNOWN = Mark.ABSENT, Mark.PRESENT, Mark.UNKNOWN


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a policy, understood when it is asked for.

    Attributes
    ----------
    name
        What the policy is called: as in exports.
    text
        The document.
    """

    name: str
    text: str

    @property
    def policy(self) -> Policy | None:
        """The policy, or None where it cannot be understood."""
        return _understood(self)


@lru_cache(maxsize=10_000)
def _understood(text: Text) -> Policy | None:
    try:
        return Policy.parse(text.text, name=text.name)
    except PolicyError:
        return None


Value = Mark | Text | str
"""A policy's text; an ARN, a version, a tag's key and value; a mark where there is no more to it."""

What = Literal[
    "life",
    "name",
    "inline",
    "attached",
    "member",
    "boundary",
    "trust",
    "default",
    "version",
    "tag",
    "device",
]
"""What is changed: that it exists, its name, and each kind of thing that it has."""


class Owner(NamedTuple):
    """Whose state it is.

    Names are not distinguished by case
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html), so they are in
    lower case; a policy's name is its ARN.
    """

    kind: str
    account_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a write changed.

    Attributes
    ----------
    second
        When, in seconds since 1970: the trail's times are to the second. None where the record
        has no time.
    owner
        Whose; None where the record does not tell.
    kind, account_id
        The owner's, which are always known.
    what, which
        What was changed, and which of several: a policy's name or ARN, a group, a version, a tag.
    value
        What it was changed to.
    before
        What it can have been before, as far as the call having passed tells.
    event_id
        Of the write.
    deed
        Who did what, as in a sentence.
    """

    second: int | None
    owner: Owner | None
    kind: str
    account_id: str
    what: What
    which: str
    value: Value
    before: tuple[Value, ...]
    event_id: str
    deed: str

    @property
    def sentence(self) -> str:
        """Who did what, when, and in which event."""
        when = "at an unknown time"
        if self.second is not None:
            when = f"on {datetime.fromtimestamp(self.second, UTC):%Y-%m-%d at %H:%M:%S} UTC"
        return f"{self.deed} {when} (event {self.event_id})"


def owner_of(arn: str | None) -> Owner | None:
    """Return whose state an ARN names: a user's or a role's; None for any other."""
    kind, _, name = (arn or "").rpartition(":")[2].partition("/")
    parts = (arn or "").split(":")
    if kind not in ("user", "role") or len(parts) < _ARN_PARTS or parts[2] != "iam":
        return None
    return Owner(kind, parts[4], name.rpartition("/")[2].lower())


_ARN_PARTS = 6


def name_of(policy: str) -> str:
    """Return what people call a managed policy."""
    return policy.rpartition("/")[2]


class _Deed(NamedTuple):
    what: What
    which: str
    value: Value
    text: str
    before: tuple[Value, ...] = (UNKNOWN,)


def changes_of(rows: Iterable[Row]) -> Iterator[Change]:
    """Yield what each row of the query ``policy_changes`` changes; what is null is None."""
    for row in rows:
        write = _WRITES.get(row["event_name"])
        if write is None:
            continue
        account_id, name = row["account_id"] or "", write.name(row)
        owner = Owner(write.kind, account_id, name) if name else None
        time: datetime | None = row["event_time"]
        second = None if time is None else int(time.timestamp())
        for deed in write.deeds(row):
            yield Change(
                second,
                owner,
                write.kind,
                account_id,
                deed.what,
                deed.which,
                deed.value,
                deed.before,
                row["event_id"] or "unknown",
                f"{_by(row['principal_arn'])} {deed.text}",
            )


def _by(arn: str | None) -> str:
    """Return who made a change, in short."""
    kind, _, name = (arn or "").rpartition(":")[2].partition("/")
    if kind == "assumed-role":
        role, _, session = name.partition("/")
        return f"{session} (role {role})"
    return name.rpartition("/")[2] or kind or "somebody whom the record does not name"


@dataclass(frozen=True, slots=True)
class _Write:
    """How the rows of an operation are read: whose state they change, and what of it."""

    kind: str
    deeds: Callable[[Row], Iterator[_Deed]]

    def name(self, row: Row) -> str | None:
        if self.kind == "policy":
            return row["policy_arn"] or _arn_of_policy(row)
        name: str | None = row[f"{self.kind}_name"]
        return name.lower() if name else None


def _arn_of_policy(row: Row) -> str | None:
    if row["event_name"] != "CreatePolicy" or not row["policy_name"]:
        return None
    partition = partition_of(row["principal_arn"])
    path, name = row["path"] or "/", row["policy_name"]
    return f"arn:{partition}:iam::{row['account_id']}:policy{path}{name}"


def _text(name: str, row: Row) -> Value:
    text = row["policy_document"]
    return Text(name, text) if text else UNKNOWN


def _created(kind: str, row: Row) -> Iterator[_Deed]:
    told = f"created {kind} {row[f'{kind}_name']}"
    yield _Deed("life", "", PRESENT, told)
    if row["boundary_arn"]:
        yield _Deed("boundary", "", row["boundary_arn"], told)
    if kind == "role":
        yield _Deed("trust", "", _text(_trust_of(row), row), told)
    if kind != "group":
        yield from (deed._replace(text=told) for deed in _tagged(kind, row))


def _trust_of(row: Row) -> str:
    return f"trust policy of role {row['role_name']}"


def _deleted(kind: str, row: Row) -> Iterator[_Deed]:
    yield _Deed("life", "", ABSENT, f"deleted {kind} {row[f'{kind}_name']}")


def _renamed(kind: str, row: Row) -> Iterator[_Deed]:
    if row["new_name"]:
        told = f"renamed {kind} {row[f'{kind}_name']} to {row['new_name']}"
        yield _Deed("name", "", row["new_name"].lower(), told)


def _put(kind: str, row: Row) -> Iterator[_Deed]:
    name, owner = row["policy_name"] or "", row[f"{kind}_name"]
    told = f"put the inline policy {name} on {kind} {owner}"
    yield _Deed("inline", name, _text(f"{name} (inline, {owner})", row), told)


def _removed(kind: str, row: Row) -> Iterator[_Deed]:
    told = f"deleted the inline policy {row['policy_name']} of {kind} {row[f'{kind}_name']}"
    yield _Deed("inline", row["policy_name"] or "", ABSENT, told)


def _attached(kind: str, row: Row) -> Iterator[_Deed]:
    arn = row["policy_arn"] or ""
    told = f"attached {name_of(arn)} to {kind} {row[f'{kind}_name']}"
    # Nothing is refused where it was attached already.
    yield _Deed("attached", arn, PRESENT, told, (ABSENT, PRESENT))


def _detached(kind: str, row: Row) -> Iterator[_Deed]:
    arn = row["policy_arn"] or ""
    told = f"detached {name_of(arn)} from {kind} {row[f'{kind}_name']}"
    # What is not attached is refused: NoSuchEntity.
    yield _Deed("attached", arn, ABSENT, told, (PRESENT,))


def _joined(row: Row) -> Iterator[_Deed]:
    group = row["group_name"] or ""
    told = f"added user {row['user_name']} to group {group}"
    yield _Deed("member", group.lower(), PRESENT, told, (ABSENT, PRESENT))


def _left(row: Row) -> Iterator[_Deed]:
    group = row["group_name"] or ""
    told = f"removed user {row['user_name']} from group {group}"
    yield _Deed("member", group.lower(), ABSENT, told, (ABSENT, PRESENT))


def _bounded(kind: str, row: Row) -> Iterator[_Deed]:
    arn = row["boundary_arn"]
    told = f"set the permissions boundary of {kind} {row[f'{kind}_name']} to {name_of(arn or '')}"
    yield _Deed("boundary", "", arn or UNKNOWN, told)


def _unbounded(kind: str, row: Row) -> Iterator[_Deed]:
    told = f"deleted the permissions boundary of {kind} {row[f'{kind}_name']}"
    yield _Deed("boundary", "", ABSENT, told)


def _trusted(row: Row) -> Iterator[_Deed]:
    told = f"changed the trust policy of role {row['role_name']}"
    yield _Deed("trust", "", _text(_trust_of(row), row), told)


def _version(row: Row) -> Iterator[_Deed]:
    """Yield a new version: of a new policy, or of one that there is."""
    arn, version = row["policy_arn"] or _arn_of_policy(row) or "", row["version_id"]
    told = f"made {version or 'a version'} of {name_of(arn)}"
    if row["event_name"] == "CreatePolicy":
        version, told = version or "v1", f"created the policy {name_of(arn)}"
        yield _Deed("life", "", PRESENT, told)
    if version:
        yield _Deed("version", version, _text(arn, row), told, (ABSENT,))
    if row["is_default"] is not False:
        value = version if version and row["is_default"] else UNKNOWN
        yield _Deed("default", "", value, told)


def _set_default(row: Row) -> Iterator[_Deed]:
    version = row["version_id"]
    told = f"put {version} of {name_of(row['policy_arn'] or '')} in force"
    yield _Deed("default", "", version or UNKNOWN, told)


def _version_deleted(row: Row) -> Iterator[_Deed]:
    version = row["version_id"] or ""
    told = f"deleted {version} of {name_of(row['policy_arn'] or '')}"
    yield _Deed("version", version, ABSENT, told)


def _policy_deleted(row: Row) -> Iterator[_Deed]:
    yield _Deed("life", "", ABSENT, f"deleted the policy {name_of(row['policy_arn'] or '')}")


def _tagged(kind: str, row: Row) -> Iterator[_Deed]:
    told = f"tagged {kind} {row[f'{kind}_name']}"
    tags = tags_of(_json(row["tags"])) if row["tags"] else {}
    if tags is None:
        yield _Deed("tag", "", UNKNOWN, told)
    for key, value in (tags or {}).items():
        yield _Deed("tag", key.lower(), f"{key}={value}", told)


def _untagged(kind: str, row: Row) -> Iterator[_Deed]:
    told = f"took tags from {kind} {row[f'{kind}_name']}"
    keys = _json(row["tag_keys"])
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        yield _Deed("tag", "", UNKNOWN, told)
        return
    for key in keys:
        yield _Deed("tag", key.lower(), ABSENT, told)


def _enabled(row: Row) -> Iterator[_Deed]:
    yield from _device(row, "enabled", PRESENT, ABSENT)


def _deactivated(row: Row) -> Iterator[_Deed]:
    yield from _device(row, "deactivated", ABSENT, PRESENT)


def _device(row: Row, done: str, value: Mark, before: Mark) -> Iterator[_Deed]:
    serial = row["serial_number"] or ""
    # Root's own devices are nobody's among the users.
    if row["user_name"]:
        told = f"{done} the MFA device {serial} of user {row['user_name']}"
        yield _Deed("device", serial, value, told, (before,))


def _json(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


def _writes() -> Iterator[tuple[str, _Write]]:
    for kind in ("user", "group", "role"):
        name = kind.title()
        yield f"Create{name}", _Write(kind, partial(_created, kind))
        yield f"Delete{name}", _Write(kind, partial(_deleted, kind))
        yield f"Update{name}", _Write(kind, partial(_renamed, kind))
        yield f"Put{name}Policy", _Write(kind, partial(_put, kind))
        yield f"Delete{name}Policy", _Write(kind, partial(_removed, kind))
        yield f"Attach{name}Policy", _Write(kind, partial(_attached, kind))
        yield f"Detach{name}Policy", _Write(kind, partial(_detached, kind))
        yield f"Put{name}PermissionsBoundary", _Write(kind, partial(_bounded, kind))
        yield f"Delete{name}PermissionsBoundary", _Write(kind, partial(_unbounded, kind))
        yield f"Tag{name}", _Write(kind, partial(_tagged, kind))
        yield f"Untag{name}", _Write(kind, partial(_untagged, kind))
    yield "AddUserToGroup", _Write("user", _joined)
    yield "RemoveUserFromGroup", _Write("user", _left)
    yield "EnableMFADevice", _Write("user", _enabled)
    yield "DeactivateMFADevice", _Write("user", _deactivated)
    yield "UpdateAssumeRolePolicy", _Write("role", _trusted)
    yield "CreatePolicy", _Write("policy", _version)
    yield "CreatePolicyVersion", _Write("policy", _version)
    yield "SetDefaultPolicyVersion", _Write("policy", _set_default)
    yield "DeletePolicyVersion", _Write("policy", _version_deleted)
    yield "DeletePolicy", _Write("policy", _policy_deleted)


_WRITES = dict(_writes())
