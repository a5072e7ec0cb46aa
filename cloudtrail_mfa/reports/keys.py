"""What to do about each long-term key, as far as the lake tells."""

from __future__ import annotations

import pandas as pd

__all__ = ["advice", "in_use", "to_retire"]


def to_retire(keys: pd.DataFrame) -> pd.DataFrame:
    """Return the keys that exist and that no recorded call was made with, or that are inactive.

    Parameters
    ----------
    keys
        Of `Lake.credentials`.
    """
    unused = (
        keys[["calls", "forwarded"]].eq(0).all(axis="columns") & keys["report_last_used"].isna()
    )
    return keys[keys["status"].ne("deleted") & (keys["status"].eq("inactive") | unused)]


def in_use(keys: pd.DataFrame) -> pd.DataFrame:
    """Return the keys that exist and that something is seen, or reported, to use."""
    return keys[keys["status"].ne("deleted") & ~keys.index.isin(to_retire(keys).index)]


def advice(keys: pd.DataFrame) -> pd.Series[str]:
    """Return for each key what to do about it, a sentence."""
    retired = set(to_retire(keys).index)
    return pd.Series(
        [_advice(row, retire=index in retired) for index, row in keys.iterrows()],
        keys.index,
        dtype="str",
    )


def _advice(key: pd.Series, *, retire: bool) -> str:  # noqa: PLR0911
    if key["status"] == "deleted":
        return "Deleted: nothing to do."
    if key["owner_type"] == "root":
        return "Delete it, as AWS advises of every key of root's."
    if key["status"] == "inactive":
        return "Inactive: delete it."
    if retire:
        return "Not used in what is recorded: deactivate it, and delete it when nothing is missed."
    if key["calls"] == key["forwarded"] == 0:
        return "Used by the credential report's word, but not in what is recorded: find out where."
    if pd.notna(key["owner_used_mfa"]) and key["owner_used_mfa"]:
        return "In use, and its owner has used MFA: let sessions with MFA take its place, then retire it."
    return "In use: give its owner an MFA device, or the workload a role; then retire it."
