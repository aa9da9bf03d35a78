"""Worker processes: they share the work, die alone, and end with their parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from askew.distributed.pool import work_through
from askew.distributed.tasks import Handlers
from askew.errors import InvalidInputError


def job(task, report):
    report(0.5)
    if task == "die":
        os._exit(7)
    if task == "refuse":
        raise InvalidInputError("refused")
    if task == "odd":
        raise OSError("odd")
    time.sleep(0.2 if isinstance(task, int) else 0)
    return os.getpid()


def drive(tasks, workers, died=lambda task, how: [], begin=lambda task: task):
    parts, done = [], []
    handlers = Handlers(lambda *a: parts.append(a), lambda *a: done.append(a), died, begin)
    work_through(tasks, job, workers, handlers)
    return parts, done


def test_one_worker_is_this_process():
    parts, done = drive(["a", "b"], 1)
    assert parts == [("a", 0.5), ("b", 0.5)] and done == [("a", os.getpid()), ("b", os.getpid())]


def test_several_workers_share_the_work():
    parts, done = drive([1, 2, 3, 4], 2)
    assert sorted(task for task, _ in done) == sorted(task for task, _ in parts) == [1, 2, 3, 4]
    pids = {pid for _, pid in done}
    assert len(pids) == 2 and os.getpid() not in pids


def test_a_dead_worker_is_replaced_and_its_task_handed_back():
    deaths = []

    def died(task, how):
        deaths.append((task, how))
        return ["instead"]

    _, done = drive(["a", "die", "b"], 2, died)
    assert deaths == [("die", "ended with exit code 7")]
    assert sorted(task for task, _ in done) == ["a", "b", "instead"]


def test_errors_come_back_and_workers_end():
    import multiprocessing

    before = set(multiprocessing.active_children())  # other tests' loky keeps its workers
    with pytest.raises(InvalidInputError, match=r"^refused$"):
        drive(["refuse", 1], 2)
    with pytest.raises(RuntimeError, match=r"^OSError: odd$"):
        drive(["odd", 1], 2)
    assert set(multiprocessing.active_children()) <= before


SLEEPER = """
import os, time
from askew.distributed.pool import work_through
from askew.distributed.tasks import Handlers

def job(task, report):
    print(os.getpid(), flush=True)
    time.sleep(60)

if __name__ == "__main__":
    work_through([1, 2], job, 2, Handlers(print, print, print))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_busy_workers_end_with_their_parent(tmp_path, blow):
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, tmp_path / "sleeper.py"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=env, text=True, **pipes) as parent:
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        assert all(map(running, workers))
        if (
            blow == signal.SIGINT
        ):  # in a terminal Ctrl-C reaches the workers too, which leave it to the parent
            for worker in workers:
                os.kill(worker, blow)
            time.sleep(0.1)
            assert all(map(running, workers))
        parent.send_signal(blow)
        errors = parent.stderr.read()
    assert errors.count("Traceback") == (blow == signal.SIGINT), "one traceback, the parent's"
    deadline = time.monotonic() + 10
    while any(map(running, workers)):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.01)


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_begun_elsewhere_is_not_done(workers):
    _, done = drive(["a", "b", "c"], workers, begin={"a": None, "b": "part of b", "c": None}.get)
    assert [task for task, _ in done] == ["part of b"]


def test_no_tasks():
    assert drive([], 2) == ([], [])


def test_a_script_without_a_guard_is_told_so_and_nothing_is_run(tmp_path):
    """Spawned workers import the script again: unguarded, all would die, and every run count as failed."""
    script = tmp_path / "script.py"
    call = "run_classic(methods=['vae'], datasets=['thyroid'], seeds=[0, 1], out='results', workers=2)"
    script.write_text(f"from askew.benchmarks import run_classic\n{call}\n")
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, script]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and 'guarded with `if __name__ == "__main__":`' in done.stderr
    assert os.listdir(tmp_path / "results" / "runs") == []
