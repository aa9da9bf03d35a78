"""Runs on a cluster: the table of one machine, whatever dies, and whether or not workers see the results folder."""

import os
import signal
from contextlib import contextmanager

import benchmark_fakes
import pytest
from cluster_fakes import FakeClassic

from askew.benchmarks import Store, tabulate
from askew.benchmarks.protocols.classic.protocol import CLASSIC
from askew.benchmarks.runs import runner
from askew.benchmarks.runs.plan import Group
from askew.benchmarks.runs.protocol import Job
from askew.benchmarks.runs.runner import execute, run_elsewhere
from askew.distributed.claims import NAME, Claims
from askew.distributed.cluster import cluster_at
from askew.distributed.crew import Processes

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    with cluster_at("local:2") as started:
        yield started


@pytest.fixture
def at_hand(cluster, monkeypatch):
    """Take the module's cluster for any that is asked for."""

    @contextmanager
    def crew_at(address, workers):
        yield cluster if address else Processes(workers)

    monkeypatch.setattr(runner, "crew_at", crew_at)


def outcome(records):
    return {
        (one.run.dataset, one.run.method, one.run.seed): (one.status, one.auroc) for one in records.values()
    }


def table(plan, folder):
    tabulate(plan, Store(folder))
    return [(folder / name).read_bytes() for name in ("table.csv", "table.md")]


def fitted(log):
    return [tuple(line.split()) for line in log.read_text().splitlines()]


def test_the_table_is_that_of_one_machine_though_a_worker_is_killed(fakes, tmp_path, cluster, at_hand):
    plan = fakes.plan(["fake", "weak", "odd_seed_raises", "group_raises"], ["tiny", "small"])
    alone = execute(CLASSIC, plan, Store(tmp_path / "alone"))
    (tmp_path / "log").touch()
    told = []

    def kill_one(event):
        told.append(event.kind)
        if told.count("part") == 1 and event.kind == "part":
            os.kill(next(iter(cluster.everywhere(os.getpid).values())), signal.SIGKILL)

    protocol, store = FakeClassic(tmp_path / "log"), Store(tmp_path / "together")
    together = execute(protocol, plan, store, cluster="local:2", progress=kill_one)
    assert outcome(together) == outcome(alone) == outcome(store.read()[0])
    assert table(plan, tmp_path / "together") == table(plan, tmp_path / "alone")
    assert told[0] == "begin" and told[-1] == "end" and told.count("done") == 8
    assert not (tmp_path / "together" / NAME).exists()

    before = fitted(tmp_path / "log")
    assert outcome(execute(protocol, plan, store, cluster="local:2")) == outcome(alone)
    assert fitted(tmp_path / "log") == before, "a stored run was repeated"


def test_a_worker_that_does_not_see_the_folder_is_given_all_and_leaves_nothing(fakes, tmp_path, monkeypatch):
    plan = benchmark_fakes.plan(["fake"], ["tiny"], [0])
    seen = []

    def work(group, report, job):
        seen.append((job.folder, job.data, job.data.read_bytes()))
        return CLASSIC.work(group, report, job)

    protocol = type("Elsewhere", (type(CLASSIC),), {"work": staticmethod(work)})()
    job = Job(tmp_path / "far", "paper", data=tmp_path / "far" / "data.npz")
    store = Store(tmp_path / "near")
    with Claims(store.folder) as claims:
        records = run_elsewhere(Group(plan.runs), print, protocol, job, claims.mark, b"data")
    ((folder, data, content),) = seen
    assert [one.status for one in records] == ["ok"] and content == b"data" and data.parent == folder
    assert not folder.exists() and not (tmp_path / "far").exists() and store.read()[0] == {}
