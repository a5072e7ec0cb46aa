"""Workers: results in order, few under way, and an executor that is none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Event, Thread
from typing import Any

import pytest

from cloudtrail_mfa.store.workers import Here, in_order, processes


def double(number: int) -> int:
    return 2 * number


def fail(_: int) -> int:
    raise OSError(28, "No space left on device")


class Counting(Executor):
    """Counts what is asked of another executor before its results are."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it at once."""
        self.submitted += 1
        return Here().submit(work, *args, **kwargs)


@pytest.mark.parametrize("ahead", [1, 3, 100])
def test_results_come_in_the_order_of_tasks(ahead: int) -> None:
    """Whoever is done first."""
    with ThreadPoolExecutor(4) as pool:
        assert list(in_order(pool, double, range(50), ahead=ahead)) == list(range(0, 100, 2))


def test_only_so_many_are_under_way() -> None:
    """Memory stays bounded however many tasks there are."""
    counting = Counting()
    results = in_order(counting, double, range(10), ahead=3)
    next(results)
    assert counting.submitted == 4
    assert list(results) == list(range(2, 20, 2))


def test_what_has_not_begun_is_cancelled_at_the_end() -> None:
    """An error elsewhere does not wait for work that nobody needs."""
    with ThreadPoolExecutor(1) as pool:
        gate = Event()
        waiting = pool.submit(gate.wait)
        results = in_order(pool, double, range(10), ahead=3)
        later = pool.submit(double, 1)
        Thread(target=gate.set).start()
        assert next(results) == 0
        results.close()
    assert waiting.done()
    assert later.result() == 2


def test_no_tasks_have_no_results() -> None:
    """Nothing is asked of anybody."""
    assert list(in_order(Here(), double, [], ahead=5)) == []


def test_a_failure_is_that_of_the_task() -> None:
    """In this thread and in other processes alike."""
    with pytest.raises(OSError, match="No space left"):
        list(in_order(Here(), fail, [1], ahead=1))
    with processes(1) as pool, pytest.raises(OSError, match="No space left"):
        list(in_order(pool, fail, [1], ahead=1))


def test_processes_are_others() -> None:
    """Of this machine, and they keep their memory."""
    with processes(2) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()
        assert pool.submit(os.getenv, "MALLOC_TRIM_THRESHOLD_").result() == str(1 << 30)


def test_processes_do_not_outlive_the_one_that_started_them() -> None:
    """It may be killed, and then tells nobody: they would wait for work, and keep their memory."""
    starter = (
        "import os, signal\n"
        "from cloudtrail_mfa.store.workers import processes\n"
        "with processes(1) as pool:\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    # It is over when nobody has its standard output any more.
    killed = subprocess.run(
        [sys.executable, "-c", starter], capture_output=True, timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert int(killed.stdout) > 0
