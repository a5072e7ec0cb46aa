"""A cluster of real processes over TCP: the same lake, whatever happens to a worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from cloudtrail_mfa import ClusterError, Lake, MissingPackageError, Progress, dask_cluster
from cloudtrail_mfa.cli import cli
from tests.records import call, denied, file_name, issued, role, session, user, write_log
from tests.store.test_ingest import counts, everything, write_mess

_SCHEDULER = "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
_WORKER = "--host", "127.0.0.1", "--no-nanny", "--nthreads", "1", "--no-dashboard"


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._processes = [self._start("scheduler", *_SCHEDULER)]
        self.address = str(json.loads(self._when_there())["address"])
        self.workers = [self._start("worker", *_WORKER) for _ in range(2)]
        self._processes += self.workers

    def _start(self, role: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", role, "--scheduler-file", str(self._file)]
        here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
        with (self._folder / f"{role}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, *options], stdout=log, stderr=log, cwd=self._folder, env=here
            )

    def _when_there(self) -> str:
        for _ in range(600):
            if self._file.exists() and (text := self._file.read_text()).endswith("}"):
                return text
            time.sleep(0.1)
        raise TimeoutError((self._folder / "scheduler.log").read_text())

    def has(self, number: int) -> None:
        """Wait until so many workers are there."""
        for _ in range(600):
            with dask_cluster(self.address) as cluster:
                if cluster.workers == number:
                    return
            time.sleep(0.1)
        raise TimeoutError((self._folder / "worker.log").read_text())

    def close(self) -> None:
        """End all of them."""
        for process in reversed(self._processes):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "cluster").mkdir()
    found = Cluster(tmp_path / "cluster")
    try:
        found.has(2)
        yield found
    finally:
        found.close()


def test_two_workers_bring_the_lake_of_one_process(tmp_path: Path, cluster: Cluster) -> None:
    """Row for row: copies and conflicts too, and every count."""
    logs = tmp_path / "logs"
    logs.mkdir()
    write_mess(logs)
    one, other = Lake(tmp_path / "one"), Lake(tmp_path / "other")
    expected = one.ingest(logs, workers=1)
    with dask_cluster(cluster.address) as workers:
        report = other.ingest(logs, **workers._asdict())
    assert everything(other) == everything(one)
    assert [counts(file) for file in report.files] == [counts(file) for file in expected.files]


def test_the_command_line_works_on_a_cluster(tmp_path: Path, cluster: Cluster) -> None:
    """Ingest and compact alike."""
    write_log(tmp_path / "logs" / "a.json.gz", [call()])
    lake = "--lake", str(tmp_path / "lake")
    for command in (("ingest", str(tmp_path / "logs")), ("compact",)):
        done = CliRunner().invoke(cli, [*command, *lake, "--dask", cluster.address])
        assert done.exit_code == 0, done.output
    assert len(Lake(tmp_path / "lake").sql("select event_id from events")) == 1


def test_a_worker_that_is_killed_costs_nothing(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tasks are done again: no event is lost, none is there twice."""
    logs = tmp_path / "logs"
    for number in range(300):
        records = [call(event_id=f"{number:03}-{at:02}") for at in range(40)]
        write_log(logs / file_name(unique=f"{number:016}"), records)
    monkeypatch.setattr("cloudtrail_mfa.store.load._SMALLEST_TASK", 30_000)
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.files > 60 and not killed:
            cluster.workers[0].send_signal(signal.SIGKILL)
            killed.append(progress.files)

    lake = Lake(tmp_path / "lake")
    with dask_cluster(cluster.address) as workers:
        report = lake.ingest(logs, **workers._asdict(), progress=kill)
    assert killed
    assert killed[0] < 300
    assert (report.records, report.events, report.duplicates) == (12_000, 12_000, 0)
    found = lake.sql("select count(*) as n, count(distinct event_id) as ids from events")
    assert found.iloc[0].tolist() == [12_000, 12_000]
    assert not (tmp_path / "lake" / "staging").exists()


def test_a_scheduler_without_workers_is_an_error(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing would ever be done."""
    for worker in cluster.workers:
        worker.kill()
        worker.wait()
    monkeypatch.setattr("cloudtrail_mfa.cluster._SECONDS_TO_WAIT", 0.5)
    with pytest.raises(ClusterError, match="the scheduler has no workers"):
        dask_cluster(cluster.address).__enter__()


def test_a_scheduler_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names it."""
    monkeypatch.setattr("cloudtrail_mfa.cluster._SECONDS_TO_WAIT", 0.2)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(ClusterError, match=f"{address}: no Dask scheduler answers"):
            dask_cluster(address).__enter__()


def test_without_the_package_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to install a cluster to read a file."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingPackageError, match=r"cloudtrail-mfa\[dask\]"):
        dask_cluster("tcp://127.0.0.1:8786").__enter__()


def test_workers_and_a_cluster_are_not_both_asked_for(tmp_path: Path) -> None:
    """A cluster has as many as it has."""
    command = ["ingest", "x", "--lake", str(tmp_path), "--workers", "2", "--dask", "tcp://x:1"]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 2
    assert "name one" in done.output


def test_denials_are_attributed_account_by_account(tmp_path: Path, cluster: Cluster) -> None:
    """The frame is that of one process: roles that others opened, and events of no account too."""
    alice = session(mfa=False)
    opened = issued("AssumeRole", role()["accessKeyId"], by=alice, request={"roleArn": "x"})
    other = "222222222222"
    write_log(
        tmp_path / "logs" / "a.json.gz",
        [
            opened,
            opened | {"recipientAccountId": other, "eventID": "again"},
            *(
                denied(by=by, event_id=f"{at}", time=f"2026-06-01T0{at % 3}:00:00Z") | account
                for at, (by, account) in enumerate(
                    (by, {"recipientAccountId": account})
                    for account in ("111122223333", other, "../../etc")
                    for by in (user(), alice, role())
                )
            ),
        ],
    )
    lake = Lake(tmp_path / "lake")
    lake.ingest(tmp_path / "logs", workers=1)
    with dask_cluster(cluster.address) as workers:
        for filters, count in (
            ({}, 9),
            ({"account": other}, 3),
            ({"account": "999999999999"}, 0),
            ({"principal": "alice"}, 6),
        ):
            spread = lake.denials(executor=workers.executor, **filters)  # type: ignore[arg-type]
            alone = lake.denials(**filters)  # type: ignore[arg-type]
            assert len(spread) == count
            pd.testing.assert_frame_equal(spread, alone)
