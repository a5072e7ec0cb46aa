"""AWS's own exports of IAM's configuration, read into accounts.

A folder holds, each optional::

    account-authorization-details*.json   aws iam get-account-authorization-details
    scp/*.json, rcp/*.json                policy documents of the organization that bind the account
    resource-policies.json                {resource ARN: policy document, or null for none}
    credential-report*.csv                aws iam generate-credential-report, get-credential-report

and for several accounts one such folder each, named by its id. What is not there is not known;
an empty ``scp`` folder says that no such policy binds the account.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cloudtrail_mfa.errors import EvidenceError, PolicyError
from cloudtrail_mfa.evidence.credentials import Credentials, parse_report
from cloudtrail_mfa.iam.account import Account, Entity
from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.texts import read_text

__all__ = ["Evidence"]

_DETAILS = "account-authorization-details*.json"
_REPORT = "credential-report*.csv"
_ACCOUNT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Evidence:
    """The policies of some accounts, and what is not known of them.

    Attributes
    ----------
    accounts
        By account id.
    gaps
        A sentence for each kind of policy that is not known.
    credentials
        What the credential reports say of users, by ARN; they tell remedies, not causes.
    details
        The exports' own lists, by account id: what is attached to whom, and every version.
    """

    accounts: Mapping[str, Account] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()
    credentials: Mapping[str, Credentials] = field(default_factory=dict)
    details: Mapping[str, Mapping[str, list[Any]]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Evidence:
        """Read a folder of exports.

        Parameters
        ----------
        folder
            As described above.

        Raises
        ------
        EvidenceError
            If there is nothing to read, or a file cannot be understood; its `problems` tell every
            such file.
        """
        top = Path(folder)
        reader = _Reader()
        accounts: dict[str, Account] = {}
        details: dict[str, Mapping[str, list[Any]]] = {}
        for place in _places(top):
            account_id, account = reader.account(place)
            if account_id:
                accounts[account_id] = account
                details[account_id] = reader.details
        if not accounts and not reader.problems:
            reader.problems.append(
                f"{top}: holds neither {_DETAILS} nor {_REPORT}, and no folder named by an account"
                " id"
                if top.is_dir()
                else f"{top}: there is no such folder"
            )
        if reader.problems:
            raise EvidenceError(reader.problems)
        return cls(accounts, tuple(reader.gaps), reader.credentials, details)


def _places(top: Path) -> list[Path]:
    if not top.is_dir():
        return []
    named = [path for path in sorted(top.iterdir()) if path.is_dir() and _is_account(path.name)]
    own = [*top.glob(_DETAILS), *top.glob(_REPORT)]
    return [top, *named] if own else named


def _is_account(text: str) -> bool:
    return len(text) == _ACCOUNT_DIGITS and text.isascii() and text.isdigit()


class _Reader:
    """Reads every file to the end, and gathers all that is wrong."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.gaps: list[str] = []
        self.credentials: dict[str, Credentials] = {}
        self.details: Mapping[str, list[Any]] = {}

    def account(self, folder: Path) -> tuple[str | None, Account]:
        reported = self._report(folder)
        pages = [p for path in sorted(folder.glob(_DETAILS)) if (p := self._json(path)) is not None]
        self.details = {}
        entities = self._safely(folder, pages) if pages else None
        if pages and all(page.get("IsTruncated") for page in pages):
            self.gaps.append(f"{folder}: the last page of the export is missing.")
        account_id = folder.name if _is_account(folder.name) else _account_of(entities or reported)
        if entities is None:
            self.gaps.append(f"{folder}: no {_DETAILS}: users' and roles' policies are not known.")
        return account_id, Account(
            entities,
            self._controls(folder, "scp"),
            self._controls(folder, "rcp"),
            self._resources(folder),
        )

    def _report(self, folder: Path) -> dict[str, Credentials]:
        found: dict[str, Credentials] = {}
        for path in sorted(folder.glob(_REPORT)):
            text = self._text(path)
            if text is None:
                continue
            try:
                found |= parse_report(text)
            except (ValueError, csv.Error) as error:
                self.problems.append(f"{path}: is no credential report: {error}")
        self.credentials |= found
        return found

    def _safely(self, folder: Path, pages: list[dict[str, Any]]) -> dict[str, Entity] | None:
        try:
            details = _merged(pages)
            self.problems += [
                f"{folder}: the exports differ on {arn}: keep the pages of one export"
                for arn in _twice(details)
            ]
            entities = self._entities(details)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self.problems.append(f"{folder}: {_DETAILS} is not what AWS prints ({error})")
            return None
        # Of pages that are not all there, none tells what an account lacks.
        if not all(page.get("IsTruncated") for page in pages):
            self.details = details
        return entities

    def _controls(self, folder: Path, kind: str) -> tuple[Policy, ...] | None:
        place = folder / kind
        if not place.is_dir():
            self.gaps.append(f"{place}: no such folder: the organization's policies are not known.")
            return None
        policies = [
            self._policy(text, path.stem, path)
            for path in sorted(place.glob("*.json"))
            if (text := self._text(path)) is not None
        ]
        return tuple(policy for policy in policies if policy)

    def _resources(self, folder: Path) -> dict[str, Policy | None] | None:
        path = folder / "resource-policies.json"
        if not path.exists():
            self.gaps.append(f"{path}: no such file: policies of resources are not known.")
            return None
        value = self._json(path)
        return {
            str(arn): None if document is None else self._policy(document, str(arn), path)
            for arn, document in (value or {}).items()
        }

    def _entities(self, details: Mapping[str, list[Any]]) -> dict[str, Entity]:
        managed = {
            str(found.get("Arn")): self._policy(document, str(found.get("Arn")))
            for found in details["Policies"]
            for document in [_default_version(found)]
            if document is not None
        }
        groups = {
            found.get("GroupName"): self._attached(found, "Group", managed)
            for found in details["GroupDetailList"]
        }
        entities = {}
        for kind in ("User", "Role"):
            for found in details[f"{kind}DetailList"]:
                arn = str(found.get("Arn"))
                own = [self._attached(found, kind, managed)]
                own += [groups.get(name) for name in found.get("GroupList") or ()]
                boundary = (found.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
                limit = managed.get(str(boundary))
                trust = found.get("AssumeRolePolicyDocument")
                entities[arn] = Entity(
                    arn,
                    _joined(own),
                    () if boundary is None else (limit,) if limit else None,
                    self._policy(trust, f"trust policy of {arn}") if trust else None,
                    {tag.get("Key"): tag.get("Value") for tag in found.get("Tags") or ()},
                    tuple(map(str, found.get("GroupList") or ())),
                )
        return entities

    def _attached(
        self, found: Mapping[str, Any], kind: str, managed: Mapping[str, Policy | None]
    ) -> tuple[Policy, ...] | None:
        """Return the policies of a user, group or role; None where one of them is not known."""
        owner = found.get(f"{kind}Name")
        inline = [
            self._policy(
                policy.get("PolicyDocument"), f"{policy.get('PolicyName')} (inline, {owner})"
            )
            for policy in found.get(f"{kind}PolicyList") or ()
        ]
        arns = [policy.get("PolicyArn") for policy in found.get("AttachedManagedPolicies") or ()]
        for arn in arns:
            if arn not in managed:
                self.gaps.append(f"{arn}: attached to {owner}, but not in the export.")
        policies = [*inline, *map(managed.get, arns)]
        known = tuple(policy for policy in policies if policy)
        return known if len(known) == len(policies) else None

    def _policy(self, source: Any, name: str, path: Path | None = None) -> Policy | None:
        try:
            return Policy.parse(source, name=name)
        except PolicyError as error:
            self.problems.append(f"{path}: {error}" if path else str(error))
            return None

    def _text(self, path: Path) -> str | None:
        try:
            return read_text(path)
        except ValueError as error:
            self.problems.append(f"{path}: {error}")
            return None

    def _json(self, path: Path) -> dict[str, Any] | None:
        """Return a file's object; where it holds none, the problem is kept."""
        text = self._text(path)
        if text is None:
            return None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            self.problems.append(f"{path}: is no JSON: {error}")
        else:
            if isinstance(value, dict):
                return value
            self.problems.append(f"{path}: is not an object")
        return None


_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def _merged(pages: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the pages of an export as one."""
    found = list(pages)
    return {name: [item for page in found for item in page.get(name) or ()] for name in _LISTS}


def _twice(details: Mapping[str, list[Any]]) -> list[str]:
    """Return the ARNs that stand twice, with different content: two exports, of two days."""
    seen: dict[str, Any] = {}
    items = [item for found in details.values() for item in found]
    return [arn for item in items if seen.setdefault(arn := str(item.get("Arn")), item) != item]


def _default_version(policy: Mapping[str, Any]) -> Any:
    versions = policy.get("PolicyVersionList") or ()
    return next((v.get("Document") for v in versions if v.get("IsDefaultVersion")), None)


def _joined(parts: list[tuple[Policy, ...] | None]) -> tuple[Policy, ...] | None:
    if any(part is None for part in parts):
        return None
    return tuple(policy for part in parts for policy in part or ())


def _account_of(arns: Iterable[str]) -> str | None:
    """Return the one account that some ARNs are of."""
    ids = {arn.split(":")[4] for arn in arns if arn.count(":") >= 5}  # noqa: PLR2004
    return ids.pop() if len(ids) == 1 else None
