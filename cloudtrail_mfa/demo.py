"""The sample logs that come with the library."""

from __future__ import annotations

from pathlib import Path

from cloudtrail_mfa.errors import SourceError

__all__ = ["sample_logs"]


def sample_logs() -> Path:
    """Return the folder of made-up logs: in the installed package, else beside it.

    Raises
    ------
    SourceError
        If neither is there.
    """
    package = Path(__file__).parent
    places = [folder / "sample_logs" / "AWSLogs" for folder in (package, package.parent)]
    for place in places:
        if place.is_dir():
            return place
    raise SourceError(str(places[0]), "the sample logs are not there: install the package again")
