"""Works through a plan: skips what is stored, groups what shares a training, stores every run as it is finished."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Unpack

from askew.benchmarks.runs.choices import Options, check_folder, check_workers
from askew.benchmarks.runs.plan import Group, Plan, grouped
from askew.benchmarks.runs.progress import Clock, Progress, Reporter
from askew.benchmarks.runs.protocol import Job, Protocol, Stored, Table
from askew.benchmarks.runs.store import RunStore
from askew.benchmarks.runs.watch import throttled, versions
from askew.distributed.pool import work_through
from askew.distributed.tasks import Handlers, Report

_PREPARATION = "preparation"  # its task on the clock
_PREPARATION_SHARE = 0.2  # of all work, guessed for the time left


def run(
    protocol: Protocol[Stored, Table],
    preset: str = "quick",
    *,
    out: Path | str = Path("results"),
    workers: int = 1,
    resume: bool = True,
    progress: Reporter | None = None,
    device: str | None = None,
    **choice: Unpack[Options],
) -> Table:
    """Run a protocol and write ``runs/`` and its tables into the results folder.

    Parameters
    ----------
    protocol : Protocol
        What is run.
    preset : {"quick", "paper"}
        Decides what is not chosen.
    out : path, default="results"
        The results folder. ``runs.parquet`` has every run of the folder, the tables those of this call.
    workers : int, default=1
        Processes, each with one torch thread. With more than one, a script must guard its start with
        ``if __name__ == "__main__":``.
    resume : bool, default=True
        Keep the runs that the folder holds and do the missing ones. False refuses a folder that is not empty.
    progress : callable, optional
        Called with :class:`askew.benchmarks.Progress` events, for example
        :func:`askew.benchmarks.rich_reporter`'s.
    device : str, default="cpu"
        Where networks are trained and score, for example ``"cuda"``; use one worker then. It is stored with each
        run, and is no part of its name: runs that the folder holds are kept, wherever they were done. Planning and
        sentiment take none.
    **choice
        What to run: fields of :class:`~askew.benchmarks.runs.choices.Choice` that the protocol takes.

    Returns
    -------
    Table
        The protocol's result, to print, or ``to_json()``.

    Raises
    ------
    InvalidInputError
        For an unknown name, a folder that cannot be used, or ``resume=False`` with a folder in use.
    KeyboardInterrupt
        On Ctrl-C, after the tables of what is finished are written.
    """
    protocol.check_device(device)
    plan = protocol.plan(protocol.choice(preset, choice))
    store = protocol.results(check_folder(out, resume, protocol.owner))
    try:
        execute(protocol, plan, store, workers=workers, progress=progress, device=device)
    finally:
        table = protocol.tabulate(plan, store)
    protocol.finish(plan, store)
    return table


def execute(
    protocol: Protocol[Stored, Any],
    plan: Plan,
    store: RunStore[Stored],
    *,
    workers: int = 1,
    progress: Reporter | None = None,
    device: str | None = None,
) -> dict[str, Stored]:
    """Do the runs of ``plan`` that ``store`` does not hold yet, and return all of the plan's by key.

    Runs that share a training are done together, at most ten at a time. A run that fails is stored as failed, with
    one line that says why, and is not tried again: delete its file to do so. If training a group fails as a whole, or
    its worker process dies, its runs are done one by one; one that dies again is stored as failed. The runs of a method
    whose library is not installed are left out and stay to be done.
    """
    check_workers(workers, "execute")
    protocol.check_device(device)
    stored, messages = store.read()
    records = {run.key: stored[run.key] for run in plan.runs if run.key in stored}
    reasons = {method: protocol.why_not(method) for method in plan.methods}
    missing = [run for run in plan.missing(records) if reasons[run.method] is None]
    groups = grouped(missing, protocol.group_key, workers)
    costs = protocol.costs(groups)
    if protocol.largest_first:
        groups.sort(key=lambda group: costs[group.key], reverse=True)
    session = _Session(protocol, plan, store, records, _clock(protocol, costs), progress)
    messages += [f"left out: {reason}" for reason in reasons.values() if reason is not None]
    for message in messages + _other_versions(records.values()):
        session.tell("message", message)
    session.tell("begin")
    job = Job(store.folder, plan.preset, device or "cpu")
    if groups:
        job = replace(job, data=protocol.prepare(plan, job, workers, session.prepared))
    handlers = Handlers(session.part, session.finished, session.died)
    work_through(groups, partial(run_group, protocol=protocol, job=job), workers, handlers)
    session.tell("end")
    return session.records


def run_group(group: Group, report: Report, protocol: Protocol[Stored, Any], job: Job) -> list[Stored]:
    """Do the runs of a group, in this process, and store each; ``report`` is told the fraction that is done."""
    store = protocol.results(job.folder)
    records = protocol.work(group, throttled(report), job)
    for record in records:
        store.write(record)
    return records


def _clock(protocol: Protocol[Any, Any], costs: dict[str, float]) -> Clock:
    share = _PREPARATION_SHARE if protocol.preparation else 0.0
    return Clock({_PREPARATION: share * sum(costs.values())} | costs if share else dict(costs))


def _other_versions(records: Iterable[Any]) -> list[str]:
    mine = versions()["askew"]
    others = sum(record.versions.get("askew") != mine for record in records)
    if not others:
        return []
    return [f"kept {others} runs of another askew version than {mine}; use a new folder to run them again"]


@dataclass
class _Session:
    """What is done so far, told to the reporter."""

    protocol: Protocol[Any, Any]
    plan: Plan
    store: RunStore[Any]
    records: dict[str, Any]
    clock: Clock
    reporter: Reporter | None

    def tell(self, kind: str, text: str = "") -> None:
        if self.reporter is None:
            return
        failed = sum(record.status == "failed" for record in self.records.values())
        counts = (len(self.records), len(self.plan.runs), failed)
        clock = self.clock
        self.reporter(Progress(kind, *counts, clock.fraction, clock.seconds, clock.seconds_left, text))

    def title(self, group: Group) -> str:
        return group.title(self.protocol.words)

    def prepared(self, fraction: float) -> None:
        self.clock.moved(_PREPARATION, fraction)
        self.tell("part", self.protocol.preparation)

    def part(self, group: Group, fraction: float) -> None:
        self.clock.moved(group.key, fraction)
        self.tell("part", self.title(group))

    def finished(self, group: Group, records: list[Any]) -> None:
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
            self.store.write(record)
            self.finished(group, [record])
            return []
        stored, _ = self.store.read()
        self.records |= {run.key: stored[run.key] for run in group.runs if run.key in stored}
        singles = group.singles(run for run in group.runs if run.key not in stored)
        share = self.clock.work_of(group.key) / len(group.runs)
        self.clock.replaced(group.key, {single.key: share for single in singles})
        text = f"a worker {how} on {self.title(group)}; doing its runs one by one"
        self.tell("message", text)
        return singles
