"""Works through a plan: skips what is stored, trains seeds together, stores every run as it is finished."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from askew import datasets
from askew.benchmarks.protocols.images.cost import image_work
from askew.benchmarks.runs.group import Group, failed_record, run_group, versions
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.pool import Handlers, work_through
from askew.benchmarks.runs.progress import Clock, Progress, Reporter
from askew.benchmarks.runs.store import Record, Store
from askew.errors import InvalidInputError, must

Made = TypeVar("Made")

SEEDS_TOGETHER = 10
"""Largest group: a kill loses at most the training of one group, and memory stays bounded."""


def execute(
    plan: Plan, store: Store, workers: int = 1, progress: Reporter | None = None, device: str = "cpu"
) -> dict[str, Record]:
    """Do the runs of ``plan`` that ``store`` does not hold yet, and return all of the plan's by key.

    Runs that differ in their seed alone are trained together, at most ten at a time. A run that fails is
    stored as failed, with one line that says why, and is not tried again: delete its file to do so. If
    training a group fails as a whole, its runs are done one by one. If a worker process dies, its runs are
    done one by one, and one that dies again is stored as failed. The runs of a method whose library is not
    installed are left out and stay to be done.

    Parameters
    ----------
    plan : Plan
        What to run.
    store : Store
        Where finished runs are, and go.
    workers : int, default=1
        Processes, each with one torch thread. With more than one, a script must guard its start with
        ``if __name__ == "__main__":``.
    progress : callable, optional
        Called with :class:`~askew.benchmarks.Progress` events.
    device : str, default="cpu"
        Where networks are trained, for example ``"cuda"``. No part of a run: runs of any device are kept.

    Raises
    ------
    InvalidInputError
        If ``workers`` is below 1 or a data set cannot be loaded.
    KeyboardInterrupt
        On Ctrl-C; finished runs are stored.
    """
    if not isinstance(workers, int) or workers < 1:
        remedy = "Use 1, or the number of processor cores."
        raise InvalidInputError(must("workers", "execute", "an integer of at least 1", workers, remedy))
    stored, messages = store.read()
    kept = {run.key: stored[run.key] for run in plan.runs if run.key in stored}
    work = _estimate(plan)
    reasons = {method: Method.of(method).why_not() for method in plan.methods}
    able = [run for run in plan.missing(kept) if reasons[run.method] is None]
    groups = sorted(grouped(able, workers), key=work, reverse=True)
    session = _Session(plan, store, kept, Clock({group.key: work(group) for group in groups}), progress)
    skipped = [f"left out: {reason}" for reason in reasons.values() if reason is not None]
    for message in messages + skipped + _other_versions(kept.values()):
        session.tell("message", message)
    session.tell("begin")
    handlers = Handlers(session.part, session.finished, session.died)
    work_through(
        groups, partial(run_group, store=store, preset=plan.preset, device=device), workers, handlers
    )
    session.tell("end")
    return session.records


def carry_out(
    plan: Plan,
    store: Store,
    tabulate: Callable[[Plan, Store], Made],
    workers: int,
    progress: Reporter | None,
    device: str = "cpu",
) -> Made:
    """Do the missing runs of ``plan`` by :func:`execute`, and return its tables, written also on Ctrl-C."""
    try:
        execute(plan, store, workers, progress, device)
    finally:
        made = tabulate(plan, store)
    return made


def grouped(runs: Iterable[Run], workers: int = 1) -> list[Group]:
    """Return groups of runs that may be trained together: ten at most, and no more than a worker's share.

    Runs on images stay alone: stacked convolutions gain nothing on a processor.
    """
    alike: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        alike[run.group_key if run.normal_class is None else run.key].append(run)
    share = math.ceil(sum(map(len, alike.values())) / workers)
    size = max(1, min(SEEDS_TOGETHER, share))
    return [Group(tuple(same[at : at + size])) for same in alike.values() for at in range(0, len(same), size)]


def estimated_work(group: Group, n_rows: int) -> float:
    """Return the expected cost of a group, in units that only order groups and share out the time left.

    Fifty members trained together cost about 3.5 times what one costs (DESIGN.md, idea 1); methods
    without epochs cost next to nothing.
    """
    run = group.runs[0]
    members = len(group.runs) * int(run.params.get("n_members", 1))
    epochs = float(run.params.get("training__epochs", run.params.get("encoder__training__epochs", 1)))
    return n_rows * epochs * (1 + 0.05 * members)


def _estimate(plan: Plan) -> Callable[[Group], float]:
    tables = dict.fromkeys(run.dataset for run in plan.runs if run.normal_class is None)
    n_rows = {name: len(datasets.load(name).anomaly) for name in tables}

    def work(group: Group) -> float:
        run = group.runs[0]
        if run.normal_class is not None:
            return image_work(run)
        return estimated_work(group, min(n_rows[run.dataset], run.max_normals or n_rows[run.dataset]))

    return work


def _other_versions(records: Iterable[Record]) -> list[str]:
    mine = versions()["askew"]
    others = sum(record.versions.get("askew") != mine for record in records)
    if not others:
        return []
    return [f"kept {others} runs of another askew version than {mine}; use a new folder to run them again"]


@dataclass
class _Session:
    """What is done so far, told to the reporter."""

    plan: Plan
    store: Store
    records: dict[str, Record]
    clock: Clock
    reporter: Reporter | None

    def tell(self, kind: str, text: str = "") -> None:
        if self.reporter is None:
            return
        failed = sum(record.status == "failed" for record in self.records.values())
        counts = (len(self.records), len(self.plan.runs), failed)
        clock = self.clock
        self.reporter(Progress(kind, *counts, clock.fraction, clock.seconds, clock.seconds_left, text))

    def part(self, group: Group, fraction: float) -> None:
        self.clock.moved(group.key, fraction)
        self.tell("part", group.name)

    def finished(self, group: Group, records: list[Record]) -> None:
        self.clock.moved(group.key, 1.0)
        self.records |= {record.run.key: record for record in records}
        self.tell("done", group.name)
        for record in records:
            if record.status == "failed":
                text = f"failed: {Group((record.run,)).name}: {record.error}. To try again, delete"
                self.tell("message", f"{text} {self.store.path(record.run.key)}")

    def died(self, group: Group, exit_code: int) -> list[Group]:
        """Return what to do instead of a group whose worker died: what it had not stored, one by one."""
        if len(group.runs) == 1:
            error = f"the worker process ended with exit code {exit_code} (out of memory?)"
            record = failed_record(group.runs[0], self.plan.preset, error)
            self.store.write(record)
            self.finished(group, [record])
            return []
        stored, _ = self.store.read()
        self.records |= {run.key: stored[run.key] for run in group.runs if run.key in stored}
        singles = [Group((run,)) for run in group.runs if run.key not in stored]
        share = self.clock.work_of(group.key) / len(group.runs)
        self.clock.replaced(group.key, {single.key: share for single in singles})
        text = f"a worker ended with exit code {exit_code} on {group.name}; doing its runs one by one"
        self.tell("message", text)
        return singles
