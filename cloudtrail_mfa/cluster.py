"""A Dask cluster as an executor: many machines that see the same files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import NamedTuple

from cloudtrail_mfa.errors import ClusterError, MissingPackageError

__all__ = ["Cluster", "dask_cluster"]

# For a scheduler to answer, and for its first worker to be there.
_SECONDS_TO_WAIT = 10


class Cluster(NamedTuple):
    """Who works, and how many they are: what `Lake.ingest` takes by these names."""

    executor: Executor
    workers: int


@contextlib.contextmanager
def dask_cluster(address: str) -> Iterator[Cluster]:
    """Connect to a Dask scheduler.

    Its workers need this package, the log files and the lake, under the paths that they have here:
    a shared file system. A worker that is lost costs its tasks a second try; a task that costs
    worker after worker is given up.

    Parameters
    ----------
    address
        As ``tcp://scheduler:8786``.

    Yields
    ------
    Cluster
        ``lake.ingest("AWSLogs/", **cluster._asdict())`` lets it read.

    Raises
    ------
    MissingPackageError
        If ``dask.distributed`` is not installed.
    ClusterError
        If no scheduler answers, it has no workers, or a task ended worker after worker.
    """
    try:
        import distributed  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise MissingPackageError("dask.distributed", "dask") from None
    try:
        client = distributed.Client(  # type: ignore[no-untyped-call]
            address, timeout=_SECONDS_TO_WAIT, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise ClusterError(address, f"no Dask scheduler answers ({error})") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_SECONDS_TO_WAIT)
        except TimeoutError:
            raise ClusterError(address, "the scheduler has no workers: start some") from None
        workers = sum(client.nthreads().values())  # type: ignore[no-untyped-call]
        try:
            yield Cluster(
                client.get_executor(pure=False),  # type: ignore[no-untyped-call]
                workers,
            )
        except distributed.KilledWorker as error:
            raise ClusterError(
                address, f"a task ended one worker after another ({error})"
            ) from None
