"""Worker processes that pull tasks, survive each other's death, and never outlive their parent.

``concurrent.futures`` is not enough here: one killed worker (out of memory) breaks its whole pool, and
workers of a killed parent wait for ever.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from askew.allocator import keep_freed_memory
from askew.distributed.tasks import Handlers, Report, Work
from askew.errors import AskewError

_NO_START = (
    "workers of execute must be able to start; one ended with exit code {} at once. Call this from a script "
    'guarded with `if __name__ == "__main__":`, or use workers=1.'
)


def work_through(tasks: Iterable[Any], work: Work, workers: int, on: Handlers) -> None:
    """Do every task, in order, on ``workers`` processes, or in this process when ``workers`` is 1.

    ``work(task, report) -> outcome`` is picklable, as tasks are; its exception ends everything and is raised here.
    Processes are spawned: a script that calls this needs ``if __name__ == "__main__":``.
    """
    waiting = deque(tasks)
    if workers == 1:
        while (task := next_of(waiting, on)) is not None:
            on.finished(task, work(task, _bind(on.part, task)))
        return
    crew = [_Worker(work) for _ in range(min(workers, len(waiting)))]
    try:
        _drive(crew, waiting, work, on)
    finally:
        for worker in crew:
            worker.stop()


def _bind(part: Callable[[Any, float], None], task: Any) -> Report:
    return lambda fraction: part(task, fraction)


def next_of(waiting: deque[Any], on: Handlers) -> Any:
    """Take the next task off the queue of which there is something to do; None when there is none."""
    while waiting:
        task = on.begin(waiting.popleft())
        if task is not None:
            return task
    return None


def _drive(crew: list[_Worker], waiting: deque[Any], work: Work, on: Handlers) -> None:
    while True:
        for worker in crew:
            if worker.task is None and (task := next_of(waiting, on)) is not None:
                worker.give(task)
        busy = {worker.line: worker for worker in crew if worker.task is not None}
        if not busy:
            return
        for line in wait(list(busy)):
            worker = busy[line]  # type: ignore[index]
            task = worker.task
            try:
                kind, value = worker.line.recv()
            except (EOFError, OSError):
                if not worker.ready:
                    raise AskewError(_NO_START.format(worker.exit_code())) from None
                instead = on.died(task, f"ended with exit code {worker.exit_code()}")
                waiting.extendleft(reversed(list(instead)))
                crew[crew.index(worker)] = _Worker(work)
                continue
            if kind == "ready":
                worker.ready = True
            elif kind == "part":
                on.part(task, value)
            elif kind == "finished":
                worker.task = None
                on.finished(task, value)
            else:
                raise value


class _Worker:
    """One process and the line to it; ``task`` is what it is doing, ``ready`` whether it has started well."""

    def __init__(self, work: Work) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, far_end = context.Pipe()
        self.task: Any = None
        self.ready = False
        self._process: BaseProcess = context.Process(target=_serve, args=(far_end,), daemon=True)
        self._process.start()
        far_end.close()  # so that the line breaks when the process ends
        self._send(work)

    def give(self, task: Any) -> None:
        self.task = task
        self._send(task)

    def _send(self, message: Any) -> None:
        with suppress(OSError):  # a process that has died already is noticed when its line is read
            self.line.send(message)

    def exit_code(self) -> int:
        self._process.join()
        return self._process.exitcode or 0

    def stop(self) -> None:
        """End the process at once: what it has stored is whole, what it has not is done again next time."""
        self._process.terminate()
        self._process.join()
        self.line.close()


def _serve(line: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the parent decides
    keep_freed_memory()
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before the work below loads numerical libraries
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent.join,), daemon=True).start()
    work: Work = line.recv()
    line.send(("ready", None))
    while True:
        try:
            task = line.recv()
            line.send(("finished", work(task, lambda fraction: line.send(("part", fraction)))))
        except EOFError:
            return
        except Exception as error:
            line.send(("raised", _portable(error)))


def _die_with(wait_for_parent: Callable[[], None]) -> None:
    wait_for_parent()
    os._exit(1)  # files are stored atomically, so any moment is a safe one


def _portable(error: Exception) -> Exception:
    """Return ``error`` if it is ours, or else its text: not every exception survives pickling."""
    if isinstance(error, AskewError):
        return error
    return RuntimeError(f"{type(error).__name__}: {error}")
