"""The first lines of a report: what happened, how sure that is, and what to do first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from cloudtrail_mfa.attribution.causes import CERTAINTIES, FOR_WANT_OF_MFA
from cloudtrail_mfa.figures import PLAUSIBLE
from cloudtrail_mfa.output import records
from cloudtrail_mfa.reports.contents import Contents
from cloudtrail_mfa.reports.keys import in_use, to_retire

__all__ = ["Step", "counted", "headline", "steps", "title"]

_MOST_NAMED = 3
_KINDS = {
    "person": ("person", "people"),
    "workload": ("workload", "workloads"),
    "outsider": ("outsider", "outsiders"),
    "service": ("AWS service", "AWS services"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Attributes
    ----------
    what
        In a sentence.
    whom
        Whom it is about: a name out of a log; else None.
    who
        The number of whom in `Contents.people`.
    section
        Where the report tells more.
    """

    what: str
    whom: str | None = None
    who: int | None = None
    section: str | None = None


def title(contents: Contents) -> str:
    """Return what the report is called."""
    if contents.denials.empty:
        return "Refused AWS calls: none"
    return f"Refused AWS calls, {_span(contents.denials)}"


def headline(contents: Contents) -> list[str]:
    """Return what happened, in plain sentences without a name out of a log."""
    if contents.denials.empty:
        events = int(contents.coverage["events"].iloc[0]) if len(contents.coverage) else 0
        if not events:
            return ["No event is recorded here: there is nothing to tell."]
        told = counted(events, "recorded event")
        return [f"Of {told}, none that was asked for is a call refused for want of permission."]
    return [*_counts(contents), *_for_mfa(contents)]


def _counts(contents: Contents) -> Iterator[str]:
    denials = contents.denials
    by_caller = contents.people.groupby("caller", sort=False)["denials"].agg(["sum", "size"])
    told = [
        f"{row['sum']:,} by {counted(row['size'], *_KINDS[row['caller']])}"
        for row in records(by_caller.reset_index())
    ]
    yield f"{counted(len(denials), 'call was', 'calls were')} refused, {_span(denials)}: {_listed(told)}."


def _for_mfa(contents: Contents) -> Iterator[str]:
    people = contents.people[contents.people["caller"] == "person"]
    if people.empty:
        yield "No person was refused anything."
        return
    theirs = contents.groups[contents.groups["who"].isin(people["who"])]
    wanting = theirs[theirs["cause"].isin(FOR_WANT_OF_MFA)]
    settled = theirs[theirs["cause"] != "undetermined"]
    if wanting.empty and len(settled):
        yield (
            "As far as is known, no person was refused anything for want of MFA. How sure the causes of"
            f" their calls are: {_listed(_by_certainty(settled))}."
        )
    elif len(wanting):
        whose = int((people["for_mfa"] > 0).sum())
        of_whom = "The person was" if len(people) == whose == 1 else f"{whose:,} of the people were"
        of_whom = "1 of the people was" if whose == 1 < len(people) else of_whom
        calls = int(wanting["denials"].sum())
        yield (
            f"{of_whom} refused for want of MFA, in {counted(calls, 'call')}:"
            f" {_listed(_by_certainty(wanting))}."
        )
        passing = int(wanting.loc[wanting["mfa_would_allow"].fillna(value=False), "denials"].sum())
        if passing == calls:
            yield "With MFA all of them would have passed."
        elif passing:
            yield f"With MFA {passing:,} of them would have passed; of the others that is not known."
    unknown = int(theirs.loc[theirs["cause"] == "undetermined", "denials"].sum())
    if unknown:
        told = counted(unknown, "call of people was", "calls of people were")
        yield f"Why {told} refused cannot be told from what is known."


def _by_certainty(rows: pd.DataFrame) -> list[str]:
    calls = rows.groupby("certainty", observed=True)["denials"].sum()
    return [f"{calls[name]:,} {name}" for name in CERTAINTIES if name in calls.index]


def steps(contents: Contents) -> list[Step]:
    """Return what to do first, the most urgent first; nothing where nothing is known to be needed."""
    return [*_missing(contents), *_policies(contents), *_people(contents), *_keys(contents)]


def _missing(contents: Contents) -> Iterator[Step]:
    rejected = int(contents.coverage["rejected_files"].iloc[0]) if len(contents.coverage) else 0
    if rejected:
        yield Step(
            f"Read {counted(rejected, 'log file')} again that could not be read: an ingest names each"
            " with its reason, and what they hold is missing here.",
            section="coverage",
        )


def _policies(contents: Contents) -> Iterator[Step]:
    wrong = contents.findings[contents.findings["severity"] == "error"]
    if len(wrong):
        yield Step(
            f"Mend {counted(wrong['policy'].nunique(), 'policy', 'policies')} whose MFA condition does"
            " not protect, or locks people out.",
            section="policies",
        )


def _people(contents: Contents) -> Iterator[Step]:
    """Yield what those are to do whom MFA would help, and those whose denials are not settled."""
    groups = contents.groups[contents.groups["caller"] == "person"]
    for causes in (FOR_WANT_OF_MFA, ("undetermined",)):
        first = groups[groups["cause"].isin(causes)].drop_duplicates("who").sort_values("who")
        groups = groups[~groups["who"].isin(first["who"])]
        for row in records(first.head(_MOST_NAMED)):
            rows = contents.denials[contents.denials["group"] == row["group"]]
            remedy = rows["remedy"].iloc[0].partition(":")[0].rstrip(".")
            sure = " (inferred)" if row["certainty"] == "inferred" else ""
            yield Step(f"{remedy}{sure}.", _name(row["principal_name"]), row["who"])
        if (more := len(first) - _MOST_NAMED) > 0:
            yield Step(f"The like holds for {counted(more, 'other')}.", section="summary")


def _keys(contents: Contents) -> Iterator[Step]:
    if count := len(to_retire(contents.keys)):
        yield Step(
            f"Retire {counted(count, 'long-term key')} that nothing here is seen to need.",
            section="keys",
        )
    if count := len(in_use(contents.keys)):
        yield Step(
            "Let sessions that have passed MFA, or roles, take the place of"
            f" {counted(count, 'long-term key')} in use.",
            section="keys",
        )


def _name(name: object) -> str:
    return name if isinstance(name, str) else "not known"


def counted(number: int, one: str, several: str | None = None) -> str:
    """Return a number with the noun that it counts."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _span(rows: pd.DataFrame) -> str:
    """Return from when to when denials are, in words; of another age is what somebody made up."""
    times = rows["event_time"][rows["event_time"].between(*PLAUSIBLE)]
    if times.empty:
        return "at no plausible time"
    first, last = f"{times.min():%Y-%m-%d %H:%M}", f"{times.max():%Y-%m-%d %H:%M}"
    if first == last:
        return f"at {first} UTC"
    return f"from {first} to {last.removeprefix(first[:11])} UTC"
