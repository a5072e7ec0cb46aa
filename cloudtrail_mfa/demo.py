"""The sample logs that come with the library, and the policies behind them."""

from __future__ import annotations

from pathlib import Path

from cloudtrail_mfa.errors import SourceError

__all__ = ["sample_change", "sample_evidence", "sample_logs"]


def sample_logs() -> Path:
    """Return the folder of made-up logs: in the installed package, else beside it.

    Raises
    ------
    SourceError
        If neither is there.
    """
    return _sample("AWSLogs")


def sample_evidence() -> Path:
    """Return the folder of the made-up account's policies, to be loaded as evidence.

    Raises
    ------
    SourceError
        If it is not there.
    """
    return _sample("evidence")


def sample_change() -> Path:
    """Return the policy MFA_Forced with Bool in the place of BoolIfExists.

    Raises
    ------
    SourceError
        If it is not there.
    """
    return _sample("changes") / "MFA_Forced.json"


def _sample(name: str) -> Path:
    package = Path(__file__).parent
    places = [folder / "sample_logs" / name for folder in (package, package.parent)]
    for place in places:
        if place.is_dir():
            return place
    raise SourceError(str(places[0]), "the samples are not there: install the package again")
