"""What is done of a plan so far: which groups are begun here, which are another process's, and what a user is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from askew.benchmarks.runs.plan import Group, Plan
from askew.benchmarks.runs.progress import Clock, Progress, Reporter
from askew.benchmarks.runs.protocol import Protocol
from askew.benchmarks.runs.store import RunStore
from askew.distributed.claims import Claims
from askew.distributed.tasks import Handlers

PREPARATION = "preparation"
"""What is done before the first run, as a task on the clock and as a claim."""
_PAUSE = 0.5
"""Seconds after which it is looked again whether another process has done its runs."""


@dataclass
class Session:
    """What is done so far, told to the reporter."""

    protocol: Protocol[Any, Any]
    plan: Plan
    store: RunStore[Any]
    records: dict[str, Any]
    claims: Claims
    clock: Clock
    reporter: Reporter | None
    elsewhere: list[Group] = field(default_factory=list)
    """Groups of which another process has a run."""

    @property
    def handlers(self) -> Handlers:
        """What is to happen when a group moves on."""
        return Handlers(self.part, self.finished, self.died, self.begin)

    def do(self, groups: list[Group], work_through: Callable[[list[Group]], None]) -> None:
        """Work through the groups, and then through those that another process had claimed, unless it stored them."""
        work_through(groups)
        if self.elsewhere:
            n_runs = sum(len(group.runs) for group in self.elsewhere)
            text = f"another process is doing {n_runs} runs in {self.store.folder}; waiting for them"
            self.tell("message", text)
        while self.elsewhere:
            claimed, self.elsewhere = self.elsewhere, []
            free = [group for each in claimed if (group := self.begin(each)) is not None]
            if free:
                work_through(free)
            elif self.elsewhere:
                time.sleep(_PAUSE)

    def begin(self, group: Group) -> Group | None:
        """Claim a group and return what is to be done of it: nothing if another process has claimed or stored it."""
        if not self.claims.take(run.key for run in group.runs):
            self.elsewhere.append(group)
            return None
        stored = self.store.stored(run.key for run in group.runs)
        if not stored:
            return group
        self.claims.release(stored)
        left = Group(tuple(run for run in group.runs if run.key not in stored))
        if not left.runs:
            self.finished(group, list(stored.values()))
            return None
        self.records |= stored
        share = self.clock.work_of(group.key) * len(left.runs) / len(group.runs)
        self.clock.replaced(group.key, {left.key: share})
        return left

    def tell(self, kind: str, text: str = "") -> None:
        """Tell the reporter how far everything is."""
        if self.reporter is None:
            return
        failed = sum(record.status == "failed" for record in self.records.values())
        counts = (len(self.records), len(self.plan.runs), failed)
        clock = self.clock
        self.reporter(Progress(kind, *counts, clock.fraction, clock.seconds, clock.seconds_left, text))

    def title(self, group: Group) -> str:
        """Return a group in words."""
        return group.title(self.protocol.words)

    def prepared(self, fraction: float) -> None:
        """Count a part of what is done before the first run."""
        self.clock.moved(PREPARATION, fraction)
        self.tell("part", self.protocol.preparation)

    def part(self, group: Group, fraction: float) -> None:
        """Count a part of a group."""
        self.clock.moved(group.key, fraction)
        self.tell("part", self.title(group))

    def finished(self, group: Group, records: list[Any]) -> None:
        """Store what its worker could not, and count the group as done."""
        for record in records:
            if not self.store.stored([record.run.key]):
                self.store.write(record)
        self.claims.release(run.key for run in group.runs)
        self.clock.moved(group.key, 1.0)
        self.records |= {record.run.key: record for record in records}
        self.tell("done", self.title(group))
        for record in records:
            if record.status == "failed":
                text = f"failed: {self.title(Group((record.run,)))}: {record.error}. To try again, delete"
                self.tell("message", f"{text} {self.store.path(record.run.key)}")

    def died(self, group: Group, how: str) -> list[Group]:
        """Return what to do instead of a group whose worker died: what it had not stored, one by one."""
        if len(group.runs) == 1:
            error = f"the worker process {how} (out of memory?)"
            record = self.store.record.failed(group.runs[0], self.plan.preset, error)
            self.finished(group, [record])
            return []
        stored = self.store.stored(run.key for run in group.runs)
        self.records |= stored
        self.claims.release(stored)
        singles = group.singles(run for run in group.runs if run.key not in stored)
        share = self.clock.work_of(group.key) / len(group.runs)
        self.clock.replaced(group.key, {single.key: share for single in singles})
        text = f"a worker {how} on {self.title(group)}; doing its runs one by one"
        self.tell("message", text)
        return singles
