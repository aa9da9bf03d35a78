"""Reading, work and writing at once: items are drawn in one thread, worked on in others, and used in order."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, Full, Queue
from typing import Any, TypeAlias, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_END: Any = object()
_Drawn: TypeAlias = tuple[Any, BaseException | None]
"""An item, or the end and the error that it came to."""

_AHEAD = 2
"""Items that wait, drawn and not yet worked on."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int | None = None
) -> Iterator[Result]:
    """Yield ``function(item)`` of every item, in order, while later items are drawn and worked on in other threads.

    At most ``workers + 3`` items are held at a time; `workers` are as many as there are processors. What `items` or
    `function` raise is raised in its place. Closed early, it draws no more.

    >>> list(in_order(lambda x: x * x, range(4)))
    [0, 1, 4, 9]
    """
    workers = workers or processors()
    with _drawn_ahead(items) as drawn, _one_thread_each(workers) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item, error in drawn:
                if item is not _END:
                    waiting.append(pool.submit(function, item))
                while len(waiting) > (0 if item is _END else workers):
                    yield waiting.popleft().result()
                if error is not None:
                    raise error
        finally:
            for each in waiting:
                each.cancel()


@contextmanager
def _one_thread_each(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Give a pool whose threads have one torch thread each; that of the caller are as many as before."""
    import torch

    before, together = torch.get_num_threads(), threading.Barrier(workers)

    def begin() -> None:
        torch.get_num_threads()  # else torch gives the thread the number that the process has, whenever it asks
        torch.set_num_threads(1)

    with ThreadPoolExecutor(workers, "askew-score", initializer=begin) as pool:
        try:
            list(pool.map(lambda _: together.wait(), range(workers)))  # every thread has begun
            torch.set_num_threads(before)
            yield pool
        finally:
            torch.set_num_threads(before)


@contextmanager
def _drawn_ahead(items: Iterable[Item]) -> Iterator[Iterator[_Drawn]]:
    """Give the items, which a thread of its own draws while the ones before are used, and at last the end."""
    queue: Queue[_Drawn] = Queue(_AHEAD)
    stopped = threading.Event()

    def hand_over(item: Any, error: BaseException | None = None) -> bool:
        while not stopped.is_set():
            try:
                queue.put((item, error), timeout=0.1)
                return True
            except Full:
                pass
        return False

    def draw() -> None:
        drawing = iter(items)
        try:
            for item in drawing:
                if not hand_over(item):
                    return
            hand_over(_END)
        except BaseException as error:
            hand_over(_END, error)
        finally:
            if (close := getattr(drawing, "close", None)) is not None:  # in the thread that it ran in
                close()

    def drawn() -> Iterator[_Drawn]:
        item = None
        while item is not _END:
            item, error = queue.get()
            yield item, error

    thread = threading.Thread(target=draw, name="askew-read", daemon=True)
    thread.start()
    try:
        yield drawn()
    finally:
        stopped.set()
        with_room = True
        while with_room:
            try:
                queue.get_nowait()
            except Empty:
                with_room = False
        thread.join()
