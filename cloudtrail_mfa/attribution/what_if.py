"""A change of policies, looked at from both sides: what it ends, and what it gives up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from cloudtrail_mfa import markup
from cloudtrail_mfa.attribution.exposure import exposure
from cloudtrail_mfa.attribution.replay import CHANGES, replay
from cloudtrail_mfa.evidence.cases import Accounts
from cloudtrail_mfa.iam.catalog import LEVELS, access_level

__all__ = ["CALL_COLUMNS", "SUMMARY_COLUMNS", "WhatIf", "compare"]

CALL_COLUMNS = {
    "event_id": "CloudTrail's eventID",
    "event_time": "when the call arrived, UTC",
    "account_id": "account whose trail holds the event",
    "principal_arn": "who called",
    "principal_name": "its name",
    "credential_kind": "kind of credential, as in calls",
    "mfa_present": "aws:MultiFactorAuthPresent in the request, as in calls",
    "event_source": "service that was called",
    "event_name": "operation that was called",
    "iam_action": "action that a policy has to allow",
    "access_level": "what that action gives, as AWS classifies it",
    "resource_arn": "what was to be touched",
    "outcome": "what came of the call: allowed, denied or failed",
    "change": "what would become of it: " + ", ".join(CHANGES),
    "reasons": "why, a sentence each",
}
"""The columns of `WhatIf.calls`, each with its meaning."""

SUMMARY_COLUMNS = {
    "change": "what would become of the calls",
    "principal_name": "who called",
    "credential_kind": "with what kind of credential",
    "access_level": "what the actions give; null where an action is not known",
    "calls": "how many calls",
    "actions": "which actions, the most frequent first",
    "event_id": "one of the calls",
}
"""The columns of `WhatIf.summary`, each with its meaning."""

_NEW = ("newly_allowed", "newly_denied")
_MOST_ACTIONS = 5
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a change of policies would have done to recorded calls, and what it exposes.

    Attributes
    ----------
    calls
        A row a call, with `CALL_COLUMNS`: what would become of each.
    summary
        The same, counted, with `SUMMARY_COLUMNS`; what changes first.
    exposure
        A row for each user, credential and action that loses its protection by MFA, called or
        not, the riskiest first, with `EXPOSURE_COLUMNS`.
    bound
        ARNs of the users, roles and resources whose policies the change touches, and ``scp`` or
        ``rcp`` where it touches an organization's.
    """

    calls: pd.DataFrame
    summary: pd.DataFrame
    exposure: pd.DataFrame
    bound: tuple[str, ...]

    def rows(self, name: str) -> pd.DataFrame:
        """Return one of the tables by its name: ``calls``, ``summary`` or ``exposure``."""
        return {"calls": self.calls, "summary": self.summary, "exposure": self.exposure}[name]

    def __str__(self) -> str:
        """Return both halves in plain words."""
        return "\n".join(self._sentences())

    def _repr_html_(self) -> str:
        """Return both halves as HTML, for notebooks."""
        touched, counted, *_ = self._sentences()
        changed = self.summary[self.summary["change"].isin(_NEW)].astype(object)
        parts = [f"<p>{markup.text(counted)}</p>"]
        if len(changed):
            head = ("change", "principal_name", "credential_kind", "access_level", "calls")
            rows = [
                (*map(_plain, row[:-1]), _cut(row[-1], _MOST_ACTIONS))
                for row in changed[[*head, "actions"]].itertuples(index=False)
            ]
            parts.append(markup.table((*head, "actions"), rows))
        first, *others = map(markup.text, self._exposed())
        advice = f"<p>{others.pop()}</p>" if self._opens_keys() else ""
        parts += [f"<p>{first}</p>", markup.listed(others), advice]
        return markup.block(touched, *parts)

    def _sentences(self) -> Iterator[str]:
        yield f"The change touches {_cut([*map(_short, self.bound)], _MOST_NAMES)}."
        counts = self.calls["change"].value_counts()
        told = ", ".join(f"{counts[name]:,} {name.replace('_', ' ')}" for name in CHANGES)
        yield f"{len(self.calls):,} calls replayed: {told}."
        for change in _NEW:
            for who in _listed(self.summary[self.summary["change"] == change]):
                yield f"  {change.replace('_', ' ')}: {who}"
        yield from self._exposed()

    def _exposed(self) -> Iterator[str]:
        if self.exposure.empty:
            yield "No action of a user loses its protection by MFA."
            return
        yield "What loses its protection by MFA, called or not:"
        yield from (f"  {line}" for line in _losses(self.exposure))
        if self._opens_keys():
            yield (
                "A long-term key that leaks gets in so, without any device. To end such errors and"
                " keep the protection, leave the policies as they are and sign with a session that has"
                " passed MFA: aws sts get-session-token --serial-number DEVICE --token-code CODE"
            )

    def _opens_keys(self) -> bool:
        return "long_term_key" in set(self.exposure["credential"])


def compare(rows: pd.DataFrame, before: Accounts, after: Accounts) -> WhatIf:
    """Compare two states of some accounts on recorded calls.

    Parameters
    ----------
    rows
        Of the query ``requests``.
    before, after
        The accounts as they are, and as they would be.
    """
    levels = {action: access_level(action) for action in rows["iam_action"].dropna().unique()}
    calls = rows.assign(access_level=rows["iam_action"].map(levels)).join(
        replay(rows, before, after)
    )
    calls["access_level"] = pd.Categorical(calls["access_level"], LEVELS, ordered=True)
    return WhatIf(
        calls[list(CALL_COLUMNS)],
        _counted(calls),
        exposure(rows, before, after),
        tuple(_touched(before, after)),
    )


def _touched(before: Accounts, after: Accounts) -> Iterator[str]:
    for account_id, one in before.items():
        other = after[account_id]
        pairs = ((one.entities, other.entities), (one.resources, other.resources))
        for known, then in pairs:
            for arn, found in (known or {}).items():
                if found != (then or {}).get(arn):
                    yield arn
        yield from ["scp"] if one.scps != other.scps else []
        yield from ["rcp"] if one.rcps != other.rcps else []


def _counted(calls: pd.DataFrame) -> pd.DataFrame:
    keys = ["change", "principal_name", "credential_kind", "access_level"]
    groups = calls.groupby(keys, dropna=False, sort=False, observed=True)
    frame = groups.agg(
        calls=("event_id", "size"),
        actions=("iam_action", _frequent),
        event_id=("event_id", "first"),
    ).reset_index()
    frame = frame.sort_values(
        ["change", "access_level", "calls"], ascending=[True, True, False], kind="stable"
    )
    return frame[list(SUMMARY_COLUMNS)].reset_index(drop=True)


def _frequent(actions: pd.Series[str]) -> list[str]:
    return [str(action) for action in actions.value_counts().index]


def _listed(summary: pd.DataFrame) -> Iterator[str]:
    for row in summary.astype(object).to_dict("records"):
        calls = "1 call" if row["calls"] == 1 else f"{row['calls']:,} calls"
        level = f" ({row['access_level']})" if isinstance(row["access_level"], str) else ""
        actions = _cut(row["actions"], _MOST_ACTIONS)
        yield f"{row['principal_name']}, {row['credential_kind']}: {calls}{level}: {actions}"


def _losses(rows: pd.DataFrame) -> Iterator[str]:
    """Yield lines for users who lose the same: how many actions of which level, and which."""
    alike: dict[str, list[pd.DataFrame]] = {}
    for _, lost in rows.groupby(["credential", "principal_arn", "resource_arn"], dropna=False):
        alike.setdefault(_loss(lost), []).append(lost)
    for loss, each in alike.items():
        yield loss.format(
            users=_cut([str(lost["principal_name"].iloc[0]) for lost in each], _MOST_NAMES)
        )
        calls = pd.concat(each).groupby("iam_action", sort=False)["calls"].sum()
        for name, actions in (
            ("in use", calls.index[calls > 0]),
            ("never called", calls.index[calls == 0]),
        ):
            if len(actions):
                yield f"  {name}: {_cut([*map(str, actions)], _MOST_ACTIONS)}"


def _loss(lost: pd.DataFrame) -> str:
    first, levels = lost.iloc[0], lost["access_level"].value_counts()
    counts = ", ".join(f"{levels[name]:,} {name}" for name in LEVELS if levels[name])
    place = f" on {first['resource_arn']}" if isinstance(first["resource_arn"], str) else ""
    sure = "" if lost["certain"].all() else " (some only on some resources, or sometimes)"
    return f"{first['credential']} of {{users}}: {len(lost):,} actions{place}: {counts}{sure}"


def _short(arn: str) -> str:
    """Return the end of an ARN: user/alice."""
    return arn.rpartition(":")[2]


def _plain(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _cut(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
