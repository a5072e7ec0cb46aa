"""An export of IAM's configuration as a state: for each owner, the values of all that it has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloudtrail_mfa.evidence.changes import PRESENT, UNKNOWN, Owner, Text, Value, What

__all__ = ["Cell", "Snapshot", "snapshot_of"]

Cell = tuple[What, str]
"""What a value is of, and which of several."""

Snapshot = Mapping[Owner, Mapping[Cell, Value]]
"""For each owner what it has; what is not there, it has not."""


def snapshot_of(
    account_id: str, details: Mapping[str, list[Any]]
) -> dict[Owner, dict[Cell, Value]]:
    """Return an export's state.

    Parameters
    ----------
    account_id
        Of the account.
    details
        The lists of an export that `Evidence.load` has read without a problem.
    """
    found: dict[Owner, dict[Cell, Value]] = {}
    for kind in ("User", "Group", "Role"):
        for entity in details.get(f"{kind}DetailList", ()):
            name = str(entity.get(f"{kind}Name"))
            owner = Owner(kind.lower(), account_id, name.lower())
            found[owner] = dict(_cells(kind, name, entity))
    for policy in details.get("Policies", ()):
        arn = str(policy.get("Arn"))
        found[Owner("policy", account_id, arn)] = dict(_versions(arn, policy))
    return found


def _cells(kind: str, name: str, entity: Mapping[str, Any]) -> Iterator[tuple[Cell, Value]]:
    for policy in entity.get(f"{kind}PolicyList") or ():
        inline = str(policy.get("PolicyName"))
        yield ("inline", inline), _text(f"{inline} (inline, {name})", policy.get("PolicyDocument"))
    for policy in entity.get("AttachedManagedPolicies") or ():
        yield ("attached", str(policy.get("PolicyArn"))), PRESENT
    for group in entity.get("GroupList") or ():
        yield ("member", str(group).lower()), PRESENT
    for tag in entity.get("Tags") or ():
        key = str(tag.get("Key"))
        yield ("tag", key.lower()), f"{key}={tag.get('Value')}"
    if boundary := (entity.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"):
        yield ("boundary", ""), str(boundary)
    if trust := entity.get("AssumeRolePolicyDocument"):
        yield ("trust", ""), _text(f"trust policy of role {name}", trust)


def _versions(arn: str, policy: Mapping[str, Any]) -> Iterator[tuple[Cell, Value]]:
    for version in policy.get("PolicyVersionList") or ():
        name = str(version.get("VersionId") or "")
        yield ("version", name), _text(arn, version.get("Document"))
        if version.get("IsDefaultVersion"):
            yield ("default", ""), name


def _text(name: str, document: Any) -> Value:
    if document is None:
        return UNKNOWN
    return Text(name, document if isinstance(document, str) else json.dumps(document))
