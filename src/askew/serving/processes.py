"""Several processes that serve one socket: started, watched, started again when they die, and stopped together."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from askew.errors import AskewError, InvalidInputError, ModelFileError, must
from askew.serving.log import LOGGER, log_to_stderr
from askew.serving.settings import FOLDER_VARIABLE, Settings, require_packages

_BACKLOG = 2048
_PAUSE = 1.0
"""Seconds before a process that died is started again, doubled for each that dies before it has served."""

_LONGEST_PAUSE = 60.0
_LAST_SECONDS = 75.0
"""Seconds that processes have to end, longer than those in which they answer what is under way."""


def serve(settings: Settings, ready: Callable[[str], object]) -> None:
    """Serve a model until SIGTERM or SIGINT; requests under way are answered then.

    `ready` is given the address when requests are answered. A model, an address or settings that cannot be used raise
    InvalidInputError or ModelFileError, packages that are not installed MissingDependencyError.
    """
    require_packages()
    settings.check()
    with _listen(settings) as listening:
        address = _address(settings, listening)
        if settings.workers == 1:
            from askew.serving.server import run_process

            run_process(settings, listening, lambda: ready(address))
        else:
            with tempfile.TemporaryDirectory(prefix="askew-metrics-") as folder:
                _Processes(settings, listening, Path(folder)).run(lambda: ready(address))


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio sends small packets at once only on sockets that name their protocol: else each answer waits 40 ms
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        rule = "an address of this machine with a port that is free"
        got = f"{settings.host}:{settings.port}"
        reason = getattr(error, "strerror", None) or str(error)
        remedy = f"({reason}) Choose another --port; 0 takes one that is free."
        raise InvalidInputError(must("address", "askew serve", rule, got, remedy)) from error
    listening.setblocking(False)
    return listening


def _address(settings: Settings, listening: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}"


@dataclass
class _Worker:
    """A process, the pipe by which it says that it serves or what is wrong, and whether it has served."""

    process: Any
    pipe: Connection
    served: bool = False
    started: float = field(default_factory=time.monotonic)


class _Processes:
    """The processes of a service; this one watches them and serves nothing itself."""

    def __init__(self, settings: Settings, listening: socket.socket, folder: Path) -> None:
        self._settings, self._listening, self._folder = settings, listening, folder
        # forks of a process that has imported everything and done nothing: quick, and they share its memory
        name = "forkserver" if sys.platform != "win32" else "spawn"
        self._context: Any = multiprocessing.get_context(name)
        if name == "forkserver":
            self._context.set_forkserver_preload(["askew.serving.preloaded"])
        self._workers: list[_Worker] = []
        self._stopping = False
        self._due: list[float] = []
        self._failures = 0

    def run(self, ready: Callable[[], object]) -> None:
        """Serve until a signal to stop."""
        awake, wake = multiprocessing.Pipe(duplex=False)

        def stop(*_: object) -> None:
            self._stopping = True
            wake.send_bytes(b"stop")

        def reload(*_: object) -> None:
            self._signal(signal.SIGHUP)

        before = {
            number: signal.signal(number, handler)
            for number, handler in (
                (signal.SIGTERM, stop),
                (signal.SIGINT, stop),
                (signal.SIGHUP, reload),
            )
        }
        try:
            self._workers = [self._start() for _ in range(self._settings.workers)]
            for worker in self._workers:
                self._await_first(worker, awake)
            if not self._stopping:
                ready()
            while not self._stopping:
                self._look(awake)
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self) -> _Worker:
        receiving, sending = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=work, args=(self._settings, self._listening, sending, str(self._folder)), daemon=False
        )
        process.start()
        sending.close()
        return _Worker(process, receiving)

    def _await_first(self, worker: _Worker, awake: Connection) -> None:
        """Wait until a process serves; raise the error with which it could not begin."""
        wait([worker.pipe, worker.process.sentinel, awake])
        if self._stopping:
            return
        problem = _said(worker)
        if problem is None:
            raise RuntimeError(
                f"a process of the service ended before it served (exit {worker.process.exitcode})"
            )
        if problem:
            raise (InvalidInputError if problem.startswith("input:") else ModelFileError)(
                problem.partition(":")[2]
            )

    def _look(self, awake: Connection) -> None:
        """Wait for what happens next: a process that ends or says something, or the time to start one again."""
        now = time.monotonic()
        pause = max(0.0, min(self._due) - now) if self._due else None
        pipes = [worker.pipe for worker in self._workers if not worker.served]
        sentinels = [worker.process.sentinel for worker in self._workers]
        wait([awake, *pipes, *sentinels], pause)
        for worker in [each for each in self._workers if not each.served and each.pipe.poll()]:
            problem = _said(worker)
            if problem:
                LOGGER.error("a process cannot begin: %s", problem.partition(":")[2])
        for worker in [each for each in self._workers if not each.process.is_alive()]:
            self._workers.remove(worker)
            self._forget(worker.process.pid)
            self._failures = 0 if worker.served else self._failures + 1
            seconds = min(_LONGEST_PAUSE, _PAUSE * 2**self._failures)
            LOGGER.error(
                "process %d ended (exit %s); another one is started in %.0f s",
                worker.process.pid,
                worker.process.exitcode,
                seconds,
            )
            self._due.append(time.monotonic() + seconds)
        for moment in [each for each in self._due if each <= time.monotonic()]:
            self._due.remove(moment)
            self._workers.append(self._start())

    def _forget(self, number: int) -> None:
        """Leave out a process that has ended where the state of all is shown; what it counted stays."""
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(number, str(self._folder))  # type: ignore[no-untyped-call]

    def _signal(self, number: int) -> None:
        for worker in self._workers:
            if worker.process.is_alive():
                os.kill(worker.process.pid, number)

    def _stop(self) -> None:
        self._signal(signal.SIGTERM)
        last = time.monotonic() + _LAST_SECONDS
        for worker in self._workers:
            worker.process.join(max(0.0, last - time.monotonic()))
            if worker.process.is_alive():  # it began, or reads a model, and does not hear
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()


def _said(worker: _Worker) -> str | None:
    """Return what a process says: "" that it serves, or else what is wrong; None if it ended without a word."""
    try:
        text: str = worker.pipe.recv_bytes().decode()
    except (EOFError, OSError):
        return None
    worker.served = not text
    return text


def work(settings: Settings, listening: socket.socket, sending: Connection, folder: str) -> None:
    """Serve in this process, which another one has started, until it is told to stop or the other one is gone."""
    os.environ[FOLDER_VARIABLE] = folder  # before the client library is imported
    log_to_stderr(everything=bool(os.environ.get("ASKEW_DEBUG")))
    from askew.serving.server import run_process

    parent = multiprocessing.parent_process()
    try:
        run_process(
            settings, listening, lambda: sending.send_bytes(b""), None if parent is None else parent.sentinel
        )
    except AskewError as error:
        kind = "model" if isinstance(error, ModelFileError) else "input"
        sending.send_bytes(f"{kind}:{error}".encode())
        sys.exit(2)
