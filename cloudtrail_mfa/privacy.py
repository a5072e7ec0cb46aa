"""Who is not told of by a command: ``--pseudonymise``, and what it hides."""

from __future__ import annotations

import functools

import click

from cloudtrail_mfa import CloudTrailMfaError, Evidence, Lake, Pseudonyms

__all__ = ["evidence_in", "hidden", "hidden_error", "hidden_text", "private"]


class _Private:
    """Who is told of, hidden: the key that was named, and the names of the lake that is asked."""

    def __init__(self, context: click.Context, key: bytes) -> None:
        self._context = context
        self.key = key

    @functools.cached_property
    def pseudonyms(self) -> Pseudonyms:
        """Pseudonyms for the names of the lake, and of the evidence where there is some."""
        asked = self._context.params
        # Of log files that are in no lake, forms alone tell what is to be hidden.
        lake = Lake(asked["folder"], create=False) if "folder" in asked else None
        names = [*lake.sql("from principal_names")["name"]] if lake else []
        if asked.get("evidence"):
            names += _principals(evidence_in(asked["evidence"]))
        found = Pseudonyms(self.key, names)
        if found.common:
            click.echo(
                f"{found.common:,} names are also words of the sentences here, and stay in sentences.",
                err=True,
            )
        return found


def evidence_in(folder: str) -> Evidence:
    """Return what a folder holds, read once for a command."""
    known = click.get_current_context().meta.setdefault(f"{__name__}.evidence", {})
    if folder not in known:
        known[folder] = Evidence.load(folder)
    found: Evidence = known[folder]
    return found


def _principals(evidence: Evidence) -> list[str]:
    """Return the names of the users and roles that exports tell of."""
    known = [arn for account in evidence.accounts.values() for arn in account.entities or ()]
    return [arn.rpartition("/")[2] for arn in (*known, *evidence.credentials) if "/" in arn]


_META = "cloudtrail_mfa.private"


def _set_private(context: click.Context, _: click.Parameter, path: str | None) -> None:
    if path is not None:
        context.meta[_META] = _Private(context, Pseudonyms.read_key(path))


def hidden() -> Pseudonyms | None:
    """Return the pseudonyms that were asked for."""
    asked = click.get_current_context().meta.get(_META)
    return asked and asked.pseudonyms


def hidden_text(text: str) -> str:
    """Return a text as it may be told."""
    found = hidden()
    return found.text(text) if found else text


def hidden_error(error: CloudTrailMfaError) -> CloudTrailMfaError:
    """Return an error as it may be told: with pseudonyms, where these were asked for."""
    asked = click.get_current_context().meta.get(_META)
    if asked is None:
        return error
    try:
        found = asked.pseudonyms
    except CloudTrailMfaError:
        # Of a lake that cannot be read, no name was read either.
        found = Pseudonyms(asked.key)
    return CloudTrailMfaError(found.text(str(error)))


private = click.option(
    "--pseudonymise",
    metavar="KEYFILE",
    expose_value=False,
    callback=_set_private,
    type=click.Path(),
    help="Hide who is told of: accounts, keys, addresses and names, by the secret in a file.",
)
