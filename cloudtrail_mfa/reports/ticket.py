"""The report in short, as Markdown for a ticket, in which what came out of a log is text.

A text out of a log stands in a code span, in which nothing is a link, a mention or HTML; of a remedy,
each word that Markdown could take for more than a word does. https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from cloudtrail_mfa.attribution.causes import CAUSES, CERTAINTIES
from cloudtrail_mfa.attribution.explanation import WITH_MFA
from cloudtrail_mfa.output import records
from cloudtrail_mfa.printable import shown
from cloudtrail_mfa.reports.contents import Contents, of_regions
from cloudtrail_mfa.reports.headline import Step, counted, headline, steps, title
from cloudtrail_mfa.reports.stories import Refusal, refusals_of

__all__ = ["ticket"]

_MOST_ROWS = 20
_MOST_PEOPLE = 6
_MOST_REMEDIES = 3
# A word with the punctuation of prose; anything else could be markup, or become a link.
_WORD = re.compile(r"[(“\"']*[^\W_]+(?:['’-][^\W_]+)*[.,:;!?)”\"']*|[-–=.,:;]+")
_END = re.compile(r"([.,:;]*)\Z")
_RUN = re.compile("`+")


def ticket(contents: Contents) -> str:
    """Return the report in short, as Markdown."""
    return "\n".join(_lines(contents)) + "\n"


def _lines(contents: Contents) -> Iterator[str]:
    yield f"# {title(contents)}"
    yield ""
    yield " ".join(headline(contents))
    if found := steps(contents):
        yield "\n## What to do first\n"
        yield from (f"{number}. {_step(step)}" for number, step in enumerate(found, 1))
    if len(contents.groups):
        yield "\n## Causes\n"
        yield from _causes(contents)
        yield "\n## Who\n"
        yield from _who(contents)
        yield "\n## What to do\n"
        yield from _remedies(contents)
    yield "\n## What is not recorded\n"
    yield from _missing(contents)
    yield ""
    yield " ".join(_origin(contents))


def _step(step: Step) -> str:
    # It may be the beginning of a remedy, which names what a log does.
    told = _prose(step.what)
    return f"{_code(step.whom)}: {told}" if step.whom is not None else told


def _causes(contents: Contents) -> Iterator[str]:
    groups = contents.groups.astype({"cause": "str", "certainty": "str"})
    counts = groups.groupby(["cause", "certainty"], sort=False, as_index=False).agg(
        calls=("denials", "sum"), callers=("who", "nunique")
    )
    by_name = {(row["cause"], row["certainty"]): row for row in records(counts)}
    yield from _table(
        ("cause", "certainty", "calls", "callers", "it means"),
        (
            (f"`{cause}`", certainty, f"{row['calls']:,}", f"{row['callers']:,}", told.meaning)
            for cause, told in CAUSES.items()
            for certainty in CERTAINTIES
            if (row := by_name.get((cause, certainty)))
        ),
    )


def _who(contents: Contents) -> Iterator[str]:
    rows = records(contents.groups)
    yield from _table(
        ("who", "kind", "credential", "cause", "certainty", "with MFA", "calls", "first event"),
        (
            (
                _cell(row["principal_name"]),
                row["caller"],
                f"`{row['credential_kind']}`",
                f"`{row['cause']}`",
                row["certainty"],
                WITH_MFA[row["mfa_would_allow"]],
                f"{row['denials']:,}",
                _cell(row["event_id"]),
            )
            for row in rows[:_MOST_ROWS]
        ),
    )
    yield from _more(len(rows) - _MOST_ROWS, "row", "cloudtrail-mfa summary --lake DIR")


def _remedies(contents: Contents) -> Iterator[str]:
    people = contents.people[contents.people["caller"] != "service"]
    for person in records(people.head(_MOST_PEOPLE)):
        refusals = refusals_of(contents, person["who"])
        yield f"- {_code(person['principal_name'])}"
        yield from (f"  - {_remedy(refusal)}" for refusal in refusals[:_MOST_REMEDIES])
        if (more := len(refusals) - _MOST_REMEDIES) > 0:
            yield f"  - {counted(more, 'more cause is', 'more causes are')} in the table."
    if people.empty:
        yield "Only services were refused: their remedies are those of the resources' policies."
    command = "cloudtrail-mfa explain EVENT_ID --lake DIR"
    yield from _more(len(people) - _MOST_PEOPLE, "caller", command)


def _remedy(refusal: Refusal) -> str:
    group, first = refusal.group, refusal.first
    calls = counted(group["denials"], "call")
    parts = first["remedy"].split("`")
    told = "".join(_code(part) if number % 2 else _prose(part) for number, part in enumerate(parts))
    return f"`{group['cause']}`, {group['certainty']}, {calls}, first {_code(first['event_id'])}: {told}"


def _missing(contents: Contents) -> Iterator[str]:
    remarks = [text for rows in contents.coverage["remarks"].head(1) for text in rows]
    regions = of_regions(contents.coverage)
    places = Counter(text for region in regions for text in region["own"])
    remarks += [
        f"In {number} of {len(regions)} regions: {text[:1].lower()}{text[1:]}"
        for text, number in sorted(places.items())
    ]
    yield from (f"- {_prose(sentence)}" for sentence in remarks or ["Nothing that is known."])
    yield from (f"- Of the evidence: {_prose(gap)}" for gap in contents.gaps or ())


def _origin(contents: Contents) -> Iterator[str]:
    yield f"Made {contents.made:%Y-%m-%d %H:%M} UTC by cloudtrail-mfa {version('cloudtrail-mfa')}."
    yield "Times are UTC."
    for name, value in contents.asked.items():
        values = [value] if isinstance(value, str) else [*value]  # type: ignore[misc]
        yield f"Filter {name.removesuffix('_name')}: {', '.join(map(_code, values))}."
    yield "A certainty of `inferred` is a hint, and no proof."


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = [*head]
    for cells in (names, ["---"] * len(names), *rows):
        yield f"| {' | '.join(cells)} |"


def _more(number: int, what: str, command: str) -> Iterator[str]:
    if number > 0:
        told = counted(number, f"more {what} is", f"more {what}s are")
        yield f"\n{told} not told here: `{command}`, with the same filters, tells the rest."


def _code(text: object) -> str:
    """Return a text as a code span."""
    if not isinstance(text, str) or not text.strip():
        return "not known"
    plain = shown(text)
    fence = "`" * (max(map(len, _RUN.findall(plain)), default=0) + 1)
    pad = " " if "`" in plain or plain != plain.strip() else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def _cell(text: object) -> str:
    """Return a text as a code span in a table, where a bar would end the cell."""
    return _code(text.replace("|", "\\x7c") if isinstance(text, str) else text)


def _prose(text: str) -> str:
    """Return a sentence in which each word that could be more than one stands in a code span."""
    return "".join(map(_word, re.split(r"(\s+)", shown(text))))


def _word(word: str) -> str:
    if not word.strip() or _WORD.fullmatch(word):
        return word
    inner, end, _ = _END.split(word, maxsplit=1)
    return f"{_code(inner)}{end}"
