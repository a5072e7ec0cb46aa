"""A report to hand over: what a lake's methods return, as one page or as the text of a ticket."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Unpack, get_args

from cloudtrail_mfa.errors import ScopeError
from cloudtrail_mfa.lake import Lake
from cloudtrail_mfa.later import Later
from cloudtrail_mfa.pseudonyms import Pseudonyms
from cloudtrail_mfa.scope import Filters, TextFilter

if TYPE_CHECKING:
    from cloudtrail_mfa.evidence.exports import Evidence
    from cloudtrail_mfa.reports import contents, page, ticket
else:
    # Whoever asks for a command's help is shown no page.
    contents, page, ticket = (
        Later(f"cloudtrail_mfa.reports.{name}") for name in ("contents", "page", "ticket")
    )

__all__ = ["REPORT_FORMATS", "ReportFormat", "report"]

ReportFormat = Literal["html", "markdown"]
"""The names of the formats."""

REPORT_FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)


def report(
    lake: Lake,
    *,
    evidence: Evidence | None = None,
    cause: TextFilter = None,
    format_: ReportFormat = "html",
    pseudonyms: Pseudonyms | None = None,
    **filters: Unpack[Filters],
) -> str:
    """Return a report of a lake's denials, for people who did not run the review.

    Parameters
    ----------
    lake
        What is told of.
    evidence
        As in `Lake.denials`; with it, the report also tells the mistakes in its policies, and what
        mending them would have done.
    cause
        Name of a cause, or several: which denials are told.
    format_
        ``html``: one page that needs no other file and asks nothing of a network. ``markdown``: the
        short form for a ticket. Where something is left out of either, it says how much, and which
        command tells it.
    pseudonyms
        Who is told of is hidden by these.
    **filters
        As in `Filters`. The story of a principal, and what is recorded, are those of the time and
        place, whatever else was filtered by.

    Returns
    -------
    str
        The text of the file. Times are UTC. What came out of a log is text in it: no markup, link
        or control character.

    Raises
    ------
    ScopeError
        If a filter cannot be understood, or there is no such format.

    Examples
    --------
    >>> from pathlib import Path
    >>> import cloudtrail_mfa as ctm
    >>> lake = ctm.Lake("lake/")                             # doctest: +SKIP
    >>> evidence = ctm.Evidence.load("evidence/")            # doctest: +SKIP
    >>> page = ctm.report(lake, evidence=evidence, since="30d")  # doctest: +SKIP
    >>> Path("report.html").write_text(page, "utf-8")        # doctest: +SKIP
    """
    if format_ not in REPORT_FORMATS:
        raise ScopeError("format", format_, f"is none of {', '.join(REPORT_FORMATS)}")
    gathered = contents.gather(
        lake, evidence=evidence, cause=cause, made=datetime.now(UTC), **filters
    )
    told = pseudonyms.told(gathered) if pseudonyms else gathered
    return ticket.ticket(told) if format_ == "markdown" else page.page(told)
