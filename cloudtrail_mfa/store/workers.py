"""Who does the work: this process, processes of this machine, or any executor."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from itertools import islice
from threading import Thread
from typing import ParamSpec, TypeVar

from loky import ProcessPoolExecutor, cpu_count

from cloudtrail_mfa.errors import LakeError, ScopeError
from cloudtrail_mfa.store.dataset import Dataset
from cloudtrail_mfa.store.disk import DiskProblem

__all__ = ["AHEAD", "Here", "in_order", "number_of", "processes", "readers"]

T = TypeVar("T")
Given = TypeVar("Given")
P = ParamSpec("P")

# A task's memory is used again by the next one, not given back and asked for anew, page by page:
# https://man7.org/linux/man-pages/man3/mallopt.3.html
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TOP_PAD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    # NumPy's threads for linear algebra, of which there is none.
    "OPENBLAS_NUM_THREADS": "1",
}

# Seconds.
_LOOK_AFTER = 0.5

AHEAD = 4
"""Tasks that are under way or wait, for each worker."""


def number_of(workers: int | None) -> int:
    """Return how many processes work: as many as there are cores, if it is not said.

    Raises
    ------
    ScopeError
        If it is less than one.
    """
    if workers is None:
        return int(cpu_count())
    if workers < 1:
        raise ScopeError("workers", workers, "is not a number of processes: give 1 or more")
    return workers


class Here(Executor):
    """An executor that works in this thread, at once."""

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do the work; return what came of it."""
        future: Future[T] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)
        return future


@contextlib.contextmanager
def readers(dataset: Dataset, executor: Executor | None, workers: int) -> Iterator[Executor]:
    """Choose who works on a lake that is held for writing, and say in its words what goes wrong.

    Raises
    ------
    LakeError
        If the lake cannot be read or written to, memory is not enough, a process was ended from
        outside or cannot be started, or there is no connection to what is to be read.
    """
    dataset.stage()
    try:
        if executor is not None:
            yield executor
        elif workers <= 1:
            yield Here()
        else:
            with processes(workers) as pool:
                yield pool
    except BrokenExecutor:
        problem = "was not finished: a process was ended from outside, perhaps for want of memory"
        raise LakeError(dataset.folder, f"{problem}; run again") from None
    except MemoryError:
        problem = "was not finished: memory is not enough for so many workers; run again with fewer"
        raise LakeError(dataset.folder, problem) from None
    except ConnectionError as error:
        raise LakeError(dataset.folder, f"was not finished: {error}; run again") from None
    except DiskProblem as error:
        raise LakeError(dataset.folder, str(error)) from None
    except LakeError:
        raise
    except OSError as error:  # what processes need to speak to each other
        problem = f"was not finished: processes cannot be started ({error.strerror or error})"
        raise LakeError(dataset.folder, f"{problem}; run again with one worker") from None


@contextlib.contextmanager
def processes(number: int) -> Iterator[Executor]:
    """Start so many processes of this machine, and wait for them at the end."""
    # Other than multiprocessing's, loky's do not run the caller's script anew, which then need
    # not guard itself; nor do they fork, which may hang in a process with threads.
    pool = ProcessPoolExecutor(
        number, env=_ENVIRONMENT, initializer=_begin, initargs=(os.getpid(),)
    )
    try:
        yield pool
    finally:
        # Nothing is under way that counts, and to take down a process politely takes its time.
        pool.shutdown(kill_workers=True)


def _begin(starter: int) -> None:
    Thread(target=_end_with, args=(starter,), daemon=True).start()
    # Who presses Ctrl-C stops the process that started this one, which stops this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # There are no circles in what is read: to look for them is time lost.
    gc.disable()


def _end_with(starter: int) -> None:
    """End this process when the one that started it is gone: killed, it cannot say so."""
    while os.getppid() == starter:
        time.sleep(_LOOK_AFTER)
    os._exit(1)


def in_order(
    executor: Executor, work: Callable[[Given], T], tasks: Iterable[Given], *, ahead: int
) -> Generator[T, None, None]:
    """Yield results in the order of tasks, with only so many under way: memory stays bounded.

    Whatever else the executor is given waits behind these. What has not begun is cancelled when this
    generator is closed.

    Parameters
    ----------
    ahead
        How many; `AHEAD` for each worker keeps all of them busy.
    """
    ahead = 1 if isinstance(executor, Here) else ahead
    waiting = iter(tasks)
    running = deque(executor.submit(work, task) for task in islice(waiting, ahead))
    try:
        while running:
            result = running.popleft().result()
            running.extend(executor.submit(work, task) for task in islice(waiting, 1))
            yield result
    finally:
        for future in running:
            future.cancel()
