"""List the long-term keys that were refused or ought to be retired, and end with a code for a script.

::

    python examples/audit.py lake/ --evidence evidence/ --unused 90 -o keys.csv

The table goes to standard output, every column of it to the CSV. The exit code is 0 where no key was
found, 1 where there are some, 2 where the lake or the evidence cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

import cloudtrail_mfa as ctm
from cloudtrail_mfa.output import save, write
from cloudtrail_mfa.printable import printable_lines
from cloudtrail_mfa.tables import Layout

COLUMNS = ("access_key_id", "owner_name", "last_used", "calls", "denials", "reasons")


def audit(lake: ctm.Lake, evidence: ctm.Evidence | None, unused: timedelta) -> pd.DataFrame:
    """Return the keys with something against them.

    Parameters
    ----------
    lake
        The events.
    evidence
        Exports of IAM's configuration, if there are any; their credential report tells of keys
        that the trail never saw.
    unused
        How long a key may lie unused, counted back from the lake's last event.

    Returns
    -------
    pandas.DataFrame
        The rows of ``lake.credentials()`` with the column ``reasons``, a list of sentences.
    """
    keys = lake.credentials(evidence=evidence)
    last = lake.coverage()["last_time"].iloc[0]
    keys["reasons"] = pd.Series(
        [list(_reasons(row, last - unused)) for row in keys.to_dict("records")],
        index=keys.index,
        dtype=object,
    )
    found = keys[(keys["reasons"].map(len) > 0) & ~keys["status"].eq("deleted").fillna(value=False)]
    return found.reset_index(drop=True)


def _reasons(key: dict[Any, Any], since: pd.Timestamp) -> Iterator[str]:
    """Tell what speaks against a key."""
    for told in key["denials_by_cause"] if key["denials"] else ():
        yield f"refused ({told})"
    if key["owner_type"] == "root":
        yield "of root, who needs none"
    used = max(
        (time for time in (key["last_used"], key["report_last_used"]) if pd.notna(time)),
        default=None,
    )
    if used is None or used < since:
        yield f"not used since {since:%Y-%m-%d}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the audit and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("lake", help="a folder that cloudtrail-mfa ingest made")
    parser.add_argument("--evidence", help="a folder of exports of IAM's configuration")
    parser.add_argument("--unused", type=int, default=90, metavar="DAYS")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.csv")
    given = parser.parse_args(arguments)
    try:
        evidence = ctm.Evidence.load(given.evidence) if given.evidence else None
        found = audit(ctm.Lake(given.lake, create=False), evidence, timedelta(days=given.unused))
        if given.output:
            save(found, "csv", given.output)
    except ctm.CloudTrailMfaError as error:
        print(f"audit: {printable_lines(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"audit: {error.filename}: cannot be written ({error.strerror})", file=sys.stderr)
        return 2
    # It shows control characters as escapes: names come out of a log.
    write(found, "table", sys.stdout.buffer, layout=Layout(COLUMNS, ()))
    return 1 if len(found) else 0


if __name__ == "__main__":
    sys.exit(main())
