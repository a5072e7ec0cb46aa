"""What paths tell: CloudTrail names its files and folders by account, region and time of delivery.

``[prefix/]AWSLogs/[organization/]<account>/CloudTrail/<region>/<yyyy>/<mm>/<dd>/<file>``, where the
date, and the minute in the file's name, are those of the delivery:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from cloudtrail_mfa.scope import REGION, Scope

__all__ = ["LATEST", "delivery", "divides", "is_folder", "other_kind", "outside", "root"]

LATEST = timedelta(days=30)
"""How long CloudTrail tries to deliver events to a bucket that cannot be reached; see the page above."""

# 111122223333_CloudTrail_us-east-1_20260601T0905Z_Mu0KsOhtH1ar15ZZ.json.gz
_DELIVERED = re.compile(
    r"(?P<account>\d{12})_CloudTrail_(?P<region>[a-z0-9-]+)_(?P<minute>\d{8}T\d{4})Z_[0-9A-Za-z]{16}\.json"
)
# A folder on the way from AWSLogs/ to a day, each level of it.
_FOLDER = re.compile(
    r"/AWSLogs/(?:o-[a-z0-9]+/)?"
    r"(?:(?P<account>\d{12})/(?:CloudTrail/(?:(?P<region>" + REGION + r")/"
    r"(?:(?P<date>\d{4}(?:/\d\d){0,2})/)?)?)?)?\Z"
)
_BELOW = re.compile(
    r"([/\\]\d{12})?([/\\]CloudTrail(-[A-Za-z]+)?)?([/\\]" + REGION + r")?"
    r"([/\\]\d{4}[/\\]\d\d[/\\]\d\d)?[/\\][^/\\]*\Z"
)
_DAY = len("2026/06/01")

_OTHER_KINDS = {
    "CloudTrail-Digest": "a CloudTrail digest file: it proves log files, it holds no events",
    "CloudTrail-Insight": "a CloudTrail Insights file: it holds no calls",
}


def is_folder(path: str) -> bool:
    """Whether a path names a folder of a bucket, and not a file."""
    return path.endswith("/")


def other_kind(path: str) -> str | None:
    """Return what lies at a path that says that it holds no events; else None."""
    folders = re.split(r"[/\\_]", path)
    return next((what for name, what in _OTHER_KINDS.items() if name in folders), None)


def root(path: str) -> str:
    """Return the folder to which a trail delivers, as far as CloudTrail's own folders are kept below it.

    The log files of a trail and its digests have the same.
    """
    return _BELOW.sub("", path)


def delivery(path: str) -> tuple[str, str, str]:
    """Return account, minute (``20260601T0905``) and region as CloudTrail writes them into a name.

    Empty texts where the file has another name.
    """
    match = _DELIVERED.search(path)
    if match is None or not _is_minute(match["minute"]):
        return "", "", ""
    return match["account"], match["minute"], match["region"]


def _is_minute(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def outside(path: str, scope: Scope) -> str | None:
    """Why a file, or all in a folder, cannot hold a record of interest; None where it can.

    Events come late, never early: what was delivered before `since` is outside. When the last of
    them comes cannot be told from a file's name. A folder of a bucket is left out nonetheless if
    it begins more than `LATEST` after `until`, since every folder costs requests and downloads.
    """
    if is_folder(path):
        return _folder_outside(path, scope)
    account, minute, region = delivery(path)
    if not minute:
        return None
    if reason := _elsewhere(account, region, scope):
        return reason
    first = scope.since and scope.since.replace(second=0, microsecond=0)
    if first and datetime.fromisoformat(f"{minute}Z") < first:
        return "delivered before the time of interest, by its name"
    return None


def _folder_outside(path: str, scope: Scope) -> str | None:
    match = _FOLDER.search(path)
    if match is None:
        return None
    if reason := _elsewhere(match["account"], match["region"], scope):
        return reason
    date, (first, last) = match["date"] or "", _days(scope)
    if date < first[: len(date)]:
        return "delivered before the time of interest, by its name"
    if date > last[: len(date)]:
        return f"delivered more than {LATEST.days} days after the time of interest, by its name"
    return None


def _elsewhere(account: str | None, region: str | None, scope: Scope) -> str | None:
    if scope.accounts and account and account not in scope.accounts:
        return "of another account, by its name"
    if scope.regions and region and region not in scope.regions:
        return "of another region, by its name"
    return None


def _days(scope: Scope) -> tuple[str, str]:
    """Return the first and the last day on which events in scope are delivered."""
    first = f"{scope.since:%Y/%m/%d}" if scope.since else ""
    if scope.until is None:
        return first, "9999/12/31"
    end = datetime.max.replace(tzinfo=UTC) - LATEST
    return first, f"{min(scope.until, end) + LATEST:%Y/%m/%d}"


def divides(path: str, scope: Scope) -> bool:
    """Whether a folder is one of CloudTrail's in which some folders may be outside, others not."""
    match = _FOLDER.search(path)
    if match is None:
        return False
    date, (first, last) = match["date"] or "", _days(scope)
    if match["region"] is None:
        return True
    partly = not first[: len(date)] < date < last[: len(date)]
    limited = scope.since is not None or scope.until is not None
    return limited and partly and len(date) < _DAY
