"""A Dask cluster: addresses, two worker processes, the death of one, and what is told of all this."""

import os
import signal
import time
from pathlib import Path

import pytest

from askew.distributed.cluster import cluster_at
from askew.distributed.tasks import Handlers
from askew.errors import InvalidInputError, MissingDependencyError

pytest.importorskip("distributed")


def job(task, report):
    """The first worker that finds the file named by a task of death removes it and dies."""
    report(0.5)
    kind, _, path = task.partition(" ")
    if kind == "die" or (kind == "die_once" and os.path.exists(path)):
        if kind == "die_once":
            os.remove(path)
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "endless":
        try:
            while True:
                report(0.5)
                time.sleep(0.01)
        finally:
            Path(path).touch()
    if kind == "refuse":
        raise InvalidInputError("refused")
    return os.getpid()


@pytest.fixture(scope="module")
def cluster():
    with cluster_at("local:2") as started:
        yield started


def drive(cluster, tasks, died=lambda task, how: [], **more):
    parts, done = [], {}
    cluster.work_through(tasks, job, Handlers(lambda *a: parts.append(a), done.__setitem__, died, **more))
    return parts, done


def test_tasks_are_done_by_the_workers(cluster):
    parts, done = drive(cluster, list("abcdef"), begin=lambda task: None if task == "c" else task)
    assert list("abdef") == sorted(done) == sorted({task for task, _ in parts})
    assert (
        set(done.values()) <= set(cluster.everywhere(os.getpid).values()) and os.getpid() not in done.values()
    )


def test_a_task_whose_worker_died_is_done_by_another(cluster, tmp_path):
    (tmp_path / "mark").touch()
    task = f"die_once {tmp_path / 'mark'}"
    _, done = drive(cluster, ["a", task, "b"])
    assert sorted(done) == sorted(["a", "b", task])


def test_a_task_that_kills_every_worker_is_handed_back(cluster):
    deaths = []

    def died(task, how):
        deaths.append((task, how))
        return ["instead"]

    _, done = drive(cluster, ["a", "die", "b"], died)
    assert deaths == [("die", "died, 2 times")] and sorted(done) == ["a", "b", "instead"]


def test_an_error_comes_back_and_the_cluster_goes_on(cluster):
    with pytest.raises(InvalidInputError, match=r"^refused$"):
        drive(cluster, ["refuse", "a"])
    assert drive(cluster, ["a"])[1].keys() == {"a"}


@pytest.mark.parametrize(
    "address", ["local:0", "local:", "local:two", "somewhere", "", "tcp://host", "a b:1"]
)
def test_other_addresses_are_refused(address):
    with (
        pytest.raises(InvalidInputError, match=r"must be that of a Dask scheduler, or local:N; got"),
        cluster_at(address),
    ):
        pass


def test_no_scheduler_and_no_dask(monkeypatch, tmp_path):
    monkeypatch.setattr("askew.distributed.cluster._PATIENCE", 0.1)
    for address, text in (
        ("localhost:9", "No scheduler answers there"),
        (f"{tmp_path}/s.json", "no such scheduler file"),
    ):
        with pytest.raises(InvalidInputError, match=text), cluster_at(address):
            pass
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingDependencyError, match=r'pip install "askew\[dask\]"'), cluster_at("local:2"):
        pass
