"""A plan that is killed again and again loses no run, repeats none, and ends with the same table."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import benchmark_fakes
import pyarrow.parquet as pq
import pytest

from askew.benchmarks import Store

HERE = Path(__file__).parents[1]
PLANNED = 3 * 3 * 15
KILLS = 10

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, and reads /proc")


class Launcher:
    def __init__(self, log):
        self.log = log
        log.touch()
        paths = os.pathsep.join([str(HERE), *sys.path])
        env = os.environ | {"PYTHONPATH": paths, "ASKEW_TEST_LOG": str(log), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, HERE / "kill_launcher.py"],
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout.readline() == "up\n"

    def start(self, folder, workers=1, plan="long"):
        self.process.stdin.write(f"{plan} {folder} {workers}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline().split()[1])

    def end(self):
        return int(self.process.stdout.readline().split()[1])

    def kill(self, folder, enough, seconds):
        """Start, wait until ``enough`` runs are stored and ``seconds`` more, kill; return the exit code."""
        pid = self.start(folder)
        deadline = time.monotonic() + 30
        while count(folder) < enough and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return self.end()

    def fitted(self):
        """Return the (data set, method, seed) fitted since the last call, with repeats."""
        lines = self.log.read_text().splitlines()
        self.log.write_text("")
        names = {rows: name for name, rows in benchmark_fakes.ROWS.items()}
        return [(names[int(rows)], method, int(seed)) for method, rows, seed in map(str.split, lines)]

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture(scope="module")
def launcher(tmp_path_factory):
    started = Launcher(tmp_path_factory.mktemp("log") / "log")
    yield started
    started.stop()


@pytest.fixture
def second(tmp_path_factory):
    started = Launcher(tmp_path_factory.mktemp("log") / "log")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def whole(tmp_path_factory, launcher):
    """The folder of an uninterrupted plan."""
    folder = tmp_path_factory.mktemp("whole")
    launcher.start(folder)
    assert launcher.end() == 0
    assert len(launcher.fitted()) == len(stored(folder)) == PLANNED
    return folder


def stored(folder):
    records, messages = Store(folder).read()
    assert messages == [], "a kill left a damaged run"
    return {(one.run.dataset, one.run.method, one.run.seed): one.auroc for one in records.values()}


def count(folder):
    return len(list(folder.glob("runs/[!.]*.json")))


def tables(folder):
    return [(folder / name).read_text() for name in ("table.csv", "table.md")]


def test_killed_again_and_again(tmp_path, launcher, whole):
    folder, chance = tmp_path, random.Random(0)
    effective, before = 0, {}
    for _ in range(KILLS):
        enough = min(len(before) + chance.randint(0, 5), PLANNED)
        code = launcher.kill(folder, enough, seconds=chance.uniform(0, 0.04))
        assert not before.keys() & set(launcher.fitted()), "a stored run was repeated"
        now = stored(folder)
        assert before.items() <= now.items(), "a stored run was lost or changed"
        effective += code == -signal.SIGKILL and len(now) < PLANNED
        before = now
    assert effective >= KILLS * 3 // 4, "the kills came too late to test anything"
    assert 0 < len(before) < PLANNED

    launcher.start(folder)
    assert launcher.end() == 0
    assert not before.keys() & set(launcher.fitted())
    assert stored(folder) == stored(whole)
    assert tables(folder) == tables(whole)
    rows = pq.read_table(folder / "runs.parquet").to_pylist()
    assert len(rows) == len({row["key"] for row in rows}) == PLANNED

    for _ in range(3):  # and while the tables are written
        launcher.kill(folder, PLANNED, seconds=chance.uniform(0, 0.1))
        assert tables(folder) == tables(whole)
        assert pq.read_table(folder / "runs.parquet").num_rows == PLANNED
    assert launcher.fitted() == []


def test_killed_with_two_workers(tmp_path, launcher, whole):
    """The workers of a killed parent end too; the next process continues."""
    pid = launcher.start(tmp_path, workers=2)
    deadline = time.monotonic() + 60
    while count(tmp_path) < 9 and time.monotonic() < deadline:
        time.sleep(0.005)
    workers = children(pid)
    os.kill(pid, signal.SIGKILL)
    assert launcher.end() == -signal.SIGKILL
    assert len(workers) >= 2
    while any(map(alive, workers)):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.005)
    launcher.fitted()
    before = stored(tmp_path)
    assert 9 <= len(before) < PLANNED
    launcher.start(tmp_path, workers=2)
    assert launcher.end() == 0
    assert not before.keys() & set(launcher.fitted())
    assert tables(tmp_path) == tables(whole)


def test_a_run_that_kills_its_worker_fails_alone(tmp_path, launcher):
    """As the system's out-of-memory killer would: the group is done one by one, the culprits are failures."""
    launcher.start(tmp_path, workers=2, plan="deadly")
    assert launcher.end() == 0
    launcher.fitted()
    records, _ = Store(tmp_path).read()
    found = {(one.run.method, one.run.seed): one.error for one in records.values()}
    death = "the worker process ended with exit code 9 (out of memory?)"
    expected = {("fake", seed): None for seed in range(4)}
    assert found == expected | {("kills_its_process", seed): death if seed % 2 else None for seed in range(4)}


def test_two_processes_share_a_folder_and_one_does_what_a_killed_one_leaves(
    tmp_path, launcher, whole, second
):
    """What was being fitted at the kill is fitted again, and nothing else."""
    pid = launcher.start(tmp_path)
    second.start(tmp_path)
    deadline = time.monotonic() + 60
    while count(tmp_path) < PLANNED // 3 and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    assert launcher.end() == -signal.SIGKILL
    assert second.end() == 0
    ours, theirs = launcher.fitted(), second.fitted()
    assert len(set(theirs)) == len(theirs) and ours and theirs
    assert len(ours) + len(theirs) - PLANNED == len(set(ours) & set(theirs)) <= 10
    assert tables(tmp_path) == tables(whole)

    launcher.start(tmp_path / "again")
    second.start(tmp_path / "again")
    assert launcher.end() == second.end() == 0
    assert sorted(launcher.fitted() + second.fitted()) == sorted(stored(whole))
    assert tables(tmp_path / "again") == tables(whole)


def status(pid):
    """Return (state, parent) of a process, or None if there is none."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return state, int(parent)


def children(pid):
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [child for child in pids if (status(child) or ("", 0))[1] == pid]


def alive(pid):
    return (status(pid) or "Z")[0] != "Z"
