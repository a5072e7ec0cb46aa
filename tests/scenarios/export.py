"""What AWS's own tools print of a made-up world: the evidence folder, as the world is at its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.scenarios.policies import Policy
from tests.scenarios.world import Account, Principal, World

__all__ = ["write_evidence"]


def write_evidence(world: World, folder: Path) -> None:
    """Write an evidence folder for each of a world's accounts.

    One export in three lacks the policies of the organization and of resources, as happens.
    """
    whole = world.number % 9 != 4
    for account in world.accounts.values():
        place = folder / account.id
        _write(place / "account-authorization-details.json", _details(account))
        if not whole:
            continue
        found = {
            arn: policy.document("resource") if policy else None
            for arn, policy in account.resources.items()
        }
        _write(place / "resource-policies.json", found)
        (place / "scp").mkdir()
        (place / "rcp").mkdir()
        for policy in dict.fromkeys(policy for level in account.levels for policy in level):
            _write(place / "scp" / f"{policy.name}.json", policy.document())
        for policy in account.rcps:
            _write(place / "rcp" / f"{policy.name}.json", policy.document("rcp"))


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def _details(account: Account) -> dict[str, Any]:
    found = account.principals.values()
    policies = {
        policy.arn: policy
        for principal in found
        for policy in (*principal.bound_by(), *(principal.exported or ()), principal.boundary)
        if policy and policy.arn
    }
    return {
        "UserDetailList": [_entity(one, "User") for one in found if ":user/" in one.arn],
        "GroupDetailList": [_group(account, name) for name in account.groups],
        "RoleDetailList": [_entity(one, "Role") for one in found if ":role/" in one.arn],
        "Policies": [_managed(policy) for policy in policies.values()],
        "IsTruncated": False,
    }


def _entity(principal: Principal, kind: str) -> dict[str, Any]:
    own = principal.policies if principal.exported is None else principal.exported
    out: dict[str, Any] = {
        f"{kind}Name": principal.name,
        "Arn": principal.arn,
        **_policies(kind, own),
        "GroupList": principal.groups,
        "Tags": [{"Key": name, "Value": value} for name, value in principal.tags.items()],
    }
    if principal.boundary:
        out["PermissionsBoundary"] = {"PermissionsBoundaryArn": principal.boundary.arn}
    if kind == "Role" and principal.trust:
        out["AssumeRolePolicyDocument"] = principal.trust.document("trust")
    return out


def _group(account: Account, name: str) -> dict[str, Any]:
    arn = f"arn:aws:iam::{account.id}:group/{name}"
    return {"GroupName": name, "Arn": arn, **_policies("Group", account.groups[name])}


def _policies(kind: str, policies: list[Policy]) -> dict[str, Any]:
    return {
        f"{kind}PolicyList": [
            {"PolicyName": policy.name, "PolicyDocument": policy.document()}
            for policy in policies
            if not policy.arn
        ],
        "AttachedManagedPolicies": [
            {"PolicyName": policy.name, "PolicyArn": policy.arn}
            for policy in policies
            if policy.arn
        ],
    }


def _managed(policy: Policy) -> dict[str, Any]:
    version = {"Document": policy.document(), "VersionId": "v1", "IsDefaultVersion": True}
    return {
        "PolicyName": policy.name,
        "Arn": policy.arn,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [version],
    }
