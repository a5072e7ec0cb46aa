"""Where DuckDB puts what does not fit into memory: never into the folder that a user is in."""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import shutil
import tempfile

__all__ = ["new_folder"]

_numbers = itertools.count()


def new_folder() -> str:
    """Return a place for one database; DuckDB makes the folder when it is needed.

    It lies under the system's temporary folder (``TMPDIR``), where only its owner can read it, and is
    removed when the process ends. A database in memory would else write to ``.tmp`` in the current
    folder (https://duckdb.org/docs/stable/configuration/overview).

    Returns
    -------
    str
        A path, or ``""``, DuckDB's word for nowhere, where the system has no temporary folder that
        can be written to.
    """
    root = _root()
    return os.path.join(root, str(next(_numbers))) if root else ""  # noqa: PTH118


@functools.cache
def _root() -> str:
    try:
        folder = tempfile.mkdtemp(prefix="cloudtrail-mfa-")
    except OSError:
        return ""
    atexit.register(_remove, folder, os.getpid())
    return folder


def _remove(folder: str, owner: int) -> None:
    # A forked process ends without what its parent still needs.
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
