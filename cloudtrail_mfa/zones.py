"""Time zones by their names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cloudtrail_mfa.errors import ScopeError
from cloudtrail_mfa.later import Later
from cloudtrail_mfa.nearest import nearest

if TYPE_CHECKING:
    import zoneinfo
else:
    # It looks for its files when it is imported, and most commands stay in UTC.
    zoneinfo = Later("zoneinfo")

__all__ = ["zone_of"]

_EXAMPLES = ("UTC", "Europe/Berlin", "America/New_York")


def zone_of(name: str) -> dt.tzinfo:
    """Return the time zone of a name of IANA's, as ``Europe/Berlin``, in capitals or not.

    Raises
    ------
    ScopeError
        If no zone is called so.
    """
    zones = sorted(zoneinfo.available_timezones())
    found = {zone.casefold(): zone for zone in zones}.get(name.strip().casefold())
    if found is None:
        problem = f"is not the name of a time zone{_near(name, zones)}"
        raise ScopeError("timezone", name, problem)
    return dt.UTC if found == "UTC" else zoneinfo.ZoneInfo(found)


def _near(name: str, zones: Sequence[str]) -> str:
    """Return the end of a sentence: of a city alone the zone that ends in it, else what is near."""
    city = f"/{name.strip().replace(' ', '_')}".casefold()
    of_city = [zone for zone in zones if zone.casefold().endswith(city)]
    return f": did you mean {of_city[0]}?" if of_city else nearest(name, zones, named=_EXAMPLES)
