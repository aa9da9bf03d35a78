"""Who does tasks: processes of this machine or a cluster, asked in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from askew.distributed.cluster import cluster_at
from askew.distributed.pool import work_through
from askew.distributed.tasks import Handlers, Work


class Crew(Protocol):
    """Processes that do tasks; ``notes`` are what a user should know of them, one line each."""

    notes: list[str]

    def n_workers(self) -> int:
        """Return how many processes there are now."""

    def work_through(self, tasks: Iterable[Any], work: Work, on: Handlers) -> None:
        """Do every task, in order; see :func:`askew.distributed.pool.work_through`."""


class Processes:
    """Processes of this machine, started when there are tasks; one is this process itself."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.notes: list[str] = []

    def n_workers(self) -> int:
        """Return how many processes there are."""
        return self._count

    def work_through(self, tasks: Iterable[Any], work: Work, on: Handlers) -> None:
        """Do every task, in order; see :func:`askew.distributed.pool.work_through`."""
        work_through(tasks, work, self._count, on)


@contextmanager
def crew_at(cluster: str | None, workers: int) -> Iterator[Crew]:
    """Give the workers of a cluster, or ``workers`` processes of this machine where no cluster is named.

    >>> with crew_at(None, 1) as crew:
    ...     crew.n_workers()
    1
    """
    if cluster is None:
        yield Processes(workers)
    else:
        with cluster_at(cluster) as crew:
            yield crew
