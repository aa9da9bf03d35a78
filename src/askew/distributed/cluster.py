"""A Dask cluster: one that runs somewhere, or one that is started here. Dask is imported only when it is asked for.

Tasks and outcomes travel as Dask sends them, as pickles: connect to a cluster that you trust.
"""

from __future__ import annotations

import logging
import re
import threading
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from askew.distributed.pool import next_of
from askew.distributed.tasks import Handlers, Work
from askew.errors import AskewError, InvalidInputError, MissingDependencyError, must

_EXAMPLES = (
    "Use the address of a scheduler, such as tcp://scheduler:8786, or local:4 for four processes here."
)
_PATIENCE = 15.0
"""Seconds within which a scheduler must answer, and a first worker must be there."""
_LOOK_AGAIN = 2.0
"""Seconds after which the number of workers is asked for again."""
_LOCAL_FAILURES = 1
"""Deaths of a worker of this machine that a task survives: no network breaks here, so it is likely the cause."""


class Cluster:
    """Workers that do tasks; made by :func:`cluster_at`.

    ``address`` is as it was given, ``notes`` are what a user should know of the workers, one line each.
    """

    def __init__(self, address: str, client: Any) -> None:
        self.address, self.client = address, client
        self.notes: list[str] = []

    def __reduce__(self) -> Any:
        raise TypeError("a cluster stays in the process that connected to it")

    def n_workers(self) -> int:
        """Return the number of worker processes that there are now."""
        return len(self.client.nthreads())

    def everywhere(self, function: Any, *arguments: Any) -> dict[str, Any]:
        """Call a function in every worker that there is now, and return what it returned by the worker's address."""
        return dict(self.client.run(function, *arguments))

    def work_through(self, tasks: Iterable[Any], work: Work, on: Handlers, per_worker: int = 1) -> None:
        """Do every task, in order, on the workers, each of which is given ``per_worker`` tasks at a time.

        ``work(task, report) -> outcome`` can be pickled, as tasks and outcomes can; its exception ends everything and
        is raised here. It may be called twice for a task whose worker died, or was thought to have died: Dask gives
        such a task to another worker, three times at most (its setting ``distributed.scheduler.allowed-failures``) or
        once on this machine; then ``on.died`` is asked. A worker with several threads does one task after
        the other unless ``per_worker`` is larger than 1.

        Raises
        ------
        AskewError
            If the connection to the scheduler is lost.
        """
        waiting, running = deque(tasks), dict[str, tuple[Any, Any]]()
        moved: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        topic, number = f"askew-{uuid.uuid4().hex}", count()
        do = partial(_do, work, topic, per_worker == 1)
        self.client.subscribe_topic(topic, lambda event: moved.put(event[1]))
        try:
            room = self._room(per_worker)
            while True:
                while len(running) < room and (task := next_of(waiting, on)) is not None:
                    key = f"{topic}-{next(number)}"
                    future = self.client.submit(do, key, task, key=key, pure=False)
                    running[key] = future, task
                    future.add_done_callback(lambda future: moved.put((future.key, None)))
                if not running:
                    return
                try:
                    key, fraction = moved.get(timeout=_LOOK_AGAIN)
                except Empty:
                    room = self._room(per_worker)
                    continue
                if key not in running:
                    continue  # told late
                future, task = running[key]
                if fraction is not None:
                    on.part(task, fraction)
                    continue
                del running[key]
                self._end(future, task, waiting, on)
                room = self._room(per_worker)
        finally:
            with suppress(Exception):  # the scheduler may be gone
                self.client.cancel([future for future, _ in running.values()], force=True)
                self.client.unsubscribe_topic(topic)

    def _room(self, per_worker: int) -> int:
        try:
            return max(1, self.n_workers() * per_worker)
        except (OSError, TimeoutError, RuntimeError) as error:
            raise self._lost() from error

    def _end(self, future: Any, task: Any, waiting: deque[Any], on: Handlers) -> None:
        distributed = import_module("distributed")
        try:
            outcome = future.result()
        except distributed.KilledWorker as error:
            how = f"died, {error.args[2] + 1} times"
            waiting.extendleft(reversed(list(on.died(task, how))))
        except distributed.CancelledError as error:
            raise self._lost() from error
        else:
            on.finished(task, outcome)

    def _lost(self) -> AskewError:
        text = (
            f"the cluster at {self.address} must stay reachable; its scheduler ended or the connection broke."
        )
        return AskewError(f"{text} What is stored is kept: give the same command again.")


@contextmanager
def cluster_at(address: str) -> Iterator[Cluster]:
    """Connect to a cluster, or start one that ends with the block.

    Parameters
    ----------
    address : str
        Of a scheduler (``tcp://scheduler:8786``), the path of a scheduler file (``scheduler.json``), or ``local:N``
        for N processes of this machine; a script that uses it must guard its start with
        ``if __name__ == "__main__":``.

    Raises
    ------
    MissingDependencyError
        If Dask is not installed.
    InvalidInputError
        For an address of another form, a scheduler that does not answer, or workers without this version of askew.
    """
    local = re.fullmatch(r"local:([1-9]\d{0,3})", address)
    is_file = address.endswith(".json")
    if not (local or is_file or re.fullmatch(r"(\w+://)?[^\s/]+:\d+", address)) or re.match(
        "local:0*$", address
    ):
        raise _refused(address, _EXAMPLES)
    distributed = _dask()
    with ExitStack() as stack, _quiet():
        if local:
            place = stack.enter_context(_started(distributed, int(local[1])))
        elif is_file and not Path(address).is_file():
            raise _refused(address, f"There is no such scheduler file. {_EXAMPLES}")
        else:
            place = None if is_file else address
        try:
            client = distributed.Client(
                place, scheduler_file=address if is_file else None, timeout=_PATIENCE, set_as_default=False
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise _refused(address, f"No scheduler answers there. {_EXAMPLES}") from error
        stack.enter_context(client)
        cluster = Cluster(address, client)
        _check_workers(cluster)
        yield cluster


def _dask() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise MissingDependencyError('Dask is not installed: pip install "askew[dask]"') from error


def _refused(address: str, remedy: str) -> InvalidInputError:
    return InvalidInputError(
        must("address", "a cluster", "that of a Dask scheduler, or local:N", address, remedy)
    )


def _started(distributed: Any, n_workers: int) -> Any:
    """Start processes with one thread each, and as much memory as this machine gives to any process."""
    return distributed.LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=0,
        preload=["askew.distributed.local_worker"],
        scheduler_kwargs={"allowed_failures": _LOCAL_FAILURES},
        dashboard_address="localhost:0",  # not on a port that another cluster may have, nor for other machines
        silence_logs=logging.CRITICAL,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's log of lost connections from the terminal: what matters is raised, or told by the handlers."""
    log = logging.getLogger("distributed")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _check_workers(cluster: Cluster) -> None:
    """Refuse workers without our askew; note what slows them down."""
    from askew import __version__

    with suppress(TimeoutError):
        cluster.client.wait_for_workers(1, timeout=_PATIENCE)
    threads = cluster.client.nthreads()
    if not threads:
        cluster.notes.append(f"the cluster at {cluster.address} has no workers yet; waiting for them")
        return
    for worker, found in cluster.client.run(_version, on_error="return").items():
        if found != __version__:
            got = f"askew {found}" if isinstance(found, str) else f"{type(found).__name__}: {found}"
            text = f"workers of {cluster.address} must have askew {__version__}; {worker} has {got}."
            raise InvalidInputError(f"{text} Install the same version there.")
    most = max(threads.values())
    if most > 1:
        text = f"a worker of {cluster.address} has {most} threads, and does one task at a time"
        cluster.notes.append(
            f"{text}: start it as {most} processes (dask worker --nworkers {most} --nthreads 1)"
        )


def _version() -> str:
    from askew import __version__

    return __version__


class _Dropped(BaseException):
    """Nobody waits for the task any more."""


_ONE_AT_A_TIME = threading.Lock()
"""Of a worker process: torch's number of threads and what is done with warnings are the process's."""


def _do(work: Work, topic: str, is_alone: bool, key: str, task: Any) -> Any:
    """Do a task in a worker; end it, at its next report, when its caller was interrupted."""
    worker = import_module("distributed").get_worker()

    def report(fraction: float) -> None:
        known = worker.state.tasks.get(key)
        if known is None or known.state == "cancelled":
            raise _Dropped
        worker.log_event(topic, (key, fraction))

    with _ONE_AT_A_TIME if is_alone else nullcontext():
        return work(task, report)
