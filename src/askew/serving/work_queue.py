"""A bounded queue in front of a thread, so that heavy work neither blocks the event loop nor piles up."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

_Job = TypeVar("_Job")
_Answer = TypeVar("_Answer")

_MOST_SECONDS = 60
_OLD = 0.9  # share of the past in the mean time that a job takes


class QueueFullError(Exception):
    """No more work is taken; `seconds` from now there will be room."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class WorkQueue(Generic[_Job, _Answer]):
    """Jobs that one thread does in the order they came, those that wait together, at most `together` at a time.

    `work` takes jobs and gives an answer or an error for each. At most `limit` jobs are inside, from :meth:`place` on.
    """

    def __init__(
        self, work: Callable[[Sequence[_Job]], Sequence[_Answer | Exception]], limit: int, together: int = 1
    ) -> None:
        self._work, self.limit, self._together = work, limit, together
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[tuple[_Job, asyncio.Future[_Answer]]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._mean_seconds = 0.0
        self.n_inside = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Keep a place for a job in a ``with`` block, or raise QueueFullError."""
        if self.n_inside >= self.limit:
            raise QueueFullError(self._seconds_to_wait())
        self.n_inside += 1
        try:
            yield
        finally:
            self.n_inside -= 1

    async def do(self, job: _Job) -> _Answer:
        """Return the answer of a job, or raise its error."""
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, answer))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work_off())
        return await answer

    async def _work_off(self) -> None:
        """Do jobs until none waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(self._together, len(self._waiting)))]
            started = time.perf_counter()
            try:
                jobs = [job for job, _ in taken]
                answers = await loop.run_in_executor(self._thread, self._work, jobs)
            except Exception as error:
                answers = [error] * len(taken)
            spent = (time.perf_counter() - started) / len(taken)
            self._mean_seconds = _OLD * self._mean_seconds + (1 - _OLD) * spent
            for (_, future), answer in zip(taken, answers, strict=True):
                if future.done():  # nobody waits any more
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        self._worker = None

    def close(self) -> None:
        """End the thread once it has done what it was given."""
        self._thread.shutdown()

    def _seconds_to_wait(self) -> int:
        return min(_MOST_SECONDS, max(1, math.ceil(self._mean_seconds * self.n_inside)))
