"""The queue: jobs that wait together are done in one call, errors are each job's own, and a full one says when."""

import asyncio
import threading

import pytest

from askew.serving.work_queue import QueueFullError, WorkQueue


def run(work, body, limit=8, together=3):
    queue = WorkQueue(work, limit, together)

    async def main():
        return await body(queue)

    try:
        return asyncio.run(main())
    finally:
        queue.close()


def test_jobs_that_wait_are_done_together_in_their_order():
    calls = []

    def work(jobs):
        calls.append(list(jobs))
        return [ValueError("odd") if job % 2 else job * 10 for job in jobs]

    async def body(queue):
        return await asyncio.gather(*(queue.do(job) for job in range(7)), return_exceptions=True)

    found = run(work, body)
    assert [job for call in calls for job in call] == list(range(7))
    assert [len(call) for call in calls] == [3, 3, 1]
    assert found[::2] == [0, 20, 40, 60] and {type(error) for error in found[1::2]} == {ValueError}


def test_work_that_fails_as_a_whole_fails_each_and_the_next_is_done():
    def work(jobs):
        if len(jobs) > 1:
            raise RuntimeError("all")
        return list(jobs)

    async def body(queue):
        failed = await asyncio.gather(queue.do(1), queue.do(2), return_exceptions=True)
        return failed, await queue.do(3)

    failed, done = run(work, body)
    assert [str(error) for error in failed] == ["all", "all"] and done == 3


def test_a_full_queue_refuses_and_says_how_long_its_jobs_take():
    async def body(queue):
        queue._mean_seconds = 1.4
        with queue.place(), queue.place():
            with pytest.raises(QueueFullError) as refused, queue.place():
                pass
            assert refused.value.seconds == 3
        with queue.place():
            return queue.n_inside

    assert run(list, body, limit=2) == 1


def test_a_job_whose_caller_is_gone_does_not_stop_the_others():
    begun, go_on = threading.Event(), threading.Event()

    def work(jobs):
        begun.set()
        go_on.wait()
        return list(jobs)

    async def body(queue):
        first = asyncio.create_task(queue.do(1))
        await asyncio.to_thread(begun.wait)
        first.cancel()
        second = asyncio.create_task(queue.do(2))
        go_on.set()
        return await second

    assert run(work, body) == 2
