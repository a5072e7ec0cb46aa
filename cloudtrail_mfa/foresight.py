"""What a change of policies would have done, asked before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from cloudtrail_mfa.errors import ChangeError, PolicyError
from cloudtrail_mfa.evidence.exports import Evidence
from cloudtrail_mfa.iam.change import Change
from cloudtrail_mfa.iam.document import Policy
from cloudtrail_mfa.lake import Lake
from cloudtrail_mfa.later import Later
from cloudtrail_mfa.scope import Filters
from cloudtrail_mfa.texts import read_text

if TYPE_CHECKING:
    from cloudtrail_mfa.attribution import what_if as before_and_after
    from cloudtrail_mfa.attribution.what_if import WhatIf
else:
    before_and_after = Later("cloudtrail_mfa.attribution.what_if")

__all__ = ["policy_files", "what_if"]

Source = Policy | str | bytes | Mapping[str, Any]
"""A policy, or its document: an object, JSON text or URL-encoded JSON text."""


def what_if(
    lake: Lake,
    evidence: Evidence,
    replace: Mapping[str, Source] | None = None,
    *,
    add: Mapping[str, Source] | None = None,
    remove: Iterable[str] = (),
    **filters: Unpack[Filters],
) -> WhatIf:
    """Replay recorded calls, allowed ones too, under changed policies.

    Parameters
    ----------
    lake
        The calls.
    evidence
        The policies as they are.
    replace
        What takes the place of a policy, by its name: of a managed policy its name or ARN, of an
        inline one its name or ``owner/name``, of an organization's the name of its file, of a
        resource's own the resource's ARN, of a trust policy the role's ARN or ``role/NAME``.
    add
        A policy more, by whom it is given to: a user, role or group, by name or ARN; ``scp`` or
        ``rcp``; ``boundary:NAME``; the ARN of a resource that has none.
    remove
        Names of policies that go.
    **filters
        As in `Filters`: which calls are replayed.

    Returns
    -------
    WhatIf
        What would become of each call, counted; and the actions that lose their protection by
        MFA, whether or not they were ever called.

    Raises
    ------
    ChangeError
        If nothing is changed, or a name is not in the evidence.
    PolicyError
        If a document is no policy.
    ScopeError
        If a filter cannot be understood.
    """
    change = Change(_parsed(replace or {}), _parsed(add or {}), tuple(remove))
    if not (change.replace or change.add or change.remove):
        raise ChangeError("what_if", "needs a change: a policy to replace, to add or to remove")
    after = change.applied(evidence.accounts)
    return before_and_after.compare(lake.requests(**filters), evidence.accounts, after)


def _parsed(sources: Mapping[str, Source]) -> dict[str, Policy]:
    return {
        name: source if isinstance(source, Policy) else Policy.parse(source, name=name)
        for name, source in sources.items()
    }


def policy_files(options: Iterable[str]) -> dict[str, Policy]:
    """Return the policies that ``NAME=FILE`` names, each by its name.

    Raises
    ------
    PolicyError
        If a text is not of that form, or a file cannot be read or holds no policy.
    """
    found = {}
    for option in options:
        name, equals, path = option.partition("=")
        if not (equals and name and path):
            raise PolicyError(option, [("", "is not NAME=POLICY.json")])
        try:
            text = read_text(Path(path))
        except ValueError as error:
            raise PolicyError(path, [("", str(error))]) from None
        found[name] = Policy.parse(text, name=path)
    return found
