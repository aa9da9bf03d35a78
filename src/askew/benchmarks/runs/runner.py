"""Works through a plan: skips what is stored, groups what shares a training, stores every run as it is finished."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Unpack

from askew.benchmarks.runs.choices import Options, check_folder, check_workers
from askew.benchmarks.runs.plan import Group, Plan, grouped
from askew.benchmarks.runs.progress import Clock, Reporter
from askew.benchmarks.runs.protocol import Job, Protocol, Stored, Table
from askew.benchmarks.runs.session import PREPARATION, Session
from askew.benchmarks.runs.store import RunStore
from askew.benchmarks.runs.watch import throttled, versions
from askew.distributed.claims import Claims, is_marked
from askew.distributed.crew import crew_at
from askew.distributed.tasks import Report

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
    cluster: str | None = None,
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
    cluster : str, optional
        Workers that do the runs instead: the address of a Dask scheduler, the path of its file, or ``local:4`` for
        four processes here; see :func:`askew.distributed.cluster.cluster_at`. The results folder is this process's;
        workers need not see it.
    **choice
        What to run: fields of :class:`~askew.benchmarks.runs.choices.Choice` that the protocol takes.

    Returns
    -------
    Table
        The protocol's result, to print, or ``to_json()``.

    Raises
    ------
    InvalidInputError
        For an unknown name, a folder that cannot be used, ``resume=False`` with a folder in use, or a cluster that
        cannot.
    MissingDependencyError
        For a cluster, if Dask is not installed.
    KeyboardInterrupt
        On Ctrl-C, after the tables of what is finished are written.
    """
    protocol.check_device(device)
    plan = protocol.plan(protocol.choice(preset, choice))
    store = protocol.results(check_folder(out, resume, protocol.owner))
    try:
        execute(protocol, plan, store, workers=workers, progress=progress, device=device, cluster=cluster)
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
    cluster: str | None = None,
) -> dict[str, Stored]:
    """Do the runs of ``plan`` that ``store`` does not hold yet, and return all of the plan's by key.

    Runs that share a training are done together, at most ten at a time. A run that fails is stored as failed, with
    one line that says why, and is not tried again: delete its file to do so. If training a group fails as a whole, or
    its worker process dies, its runs are done one by one; one that dies again is stored as failed. The runs of a method
    whose library is not installed are left out and stay to be done. Runs that another process is doing in the same
    folder are waited for; they are done here if that process ends without them.
    """
    check_workers(workers, "execute")
    protocol.check_device(device)
    stored, messages = store.read()
    records = {run.key: stored[run.key] for run in plan.runs if run.key in stored}
    reasons = {method: protocol.why_not(method) for method in plan.methods}
    messages += [f"left out: {reason}" for reason in reasons.values() if reason is not None]
    missing = [run for run in plan.missing(records) if reasons[run.method] is None]
    with ExitStack() as stack:
        crew = stack.enter_context(crew_at(cluster if missing else None, workers))
        claims = stack.enter_context(Claims(store.folder))
        groups = grouped(missing, protocol.group_key, max(1, crew.n_workers()))
        costs = protocol.costs(groups)
        if protocol.largest_first:
            groups.sort(key=lambda group: costs[group.key], reverse=True)
        session = Session(protocol, plan, store, records, claims, _clock(protocol, costs), progress)
        for message in messages + _other_versions(records.values()) + crew.notes:
            session.tell("message", message)
        session.tell("begin")
        job = Job(store.folder.absolute(), plan.preset, device or "cpu")
        if groups:
            claims.wait(PREPARATION)
            job = replace(job, data=protocol.prepare(plan, job, workers, session.prepared))
            claims.release([PREPARATION])
        work = partial(run_group, protocol=protocol, job=job)
        if cluster is not None:
            work = partial(
                run_elsewhere, protocol=protocol, job=job, mark=claims.mark, data=_content(job.data)
            )
        session.do(groups, lambda some: crew.work_through(some, work, session.handlers))
        session.tell("end")
    return session.records


def run_group(group: Group, report: Report, protocol: Protocol[Stored, Any], job: Job) -> list[Stored]:
    """Do the runs of a group, in this process, and store each; ``report`` is told the fraction that is done."""
    store = protocol.results(job.folder)
    records = protocol.work(group, throttled(report), job)
    for record in records:
        store.write(record)
    return records


def run_elsewhere(
    group: Group, report: Report, protocol: Protocol[Stored, Any], job: Job, mark: str, data: bytes | None
) -> list[Stored]:
    """Do the runs of a group in a process that may not see the results folder: then all it needs is given to it.

    What it makes there is removed; the records are stored by the process that they return to.
    """
    if is_marked(job.folder, mark):
        return run_group(group, report, protocol, job)
    with TemporaryDirectory(prefix="askew-") as name:
        folder = Path(name)
        if data is not None and job.data is not None:
            (folder / job.data.name).write_bytes(data)
            job = replace(job, data=folder / job.data.name)
        return run_group(group, report, protocol, replace(job, folder=folder))


def _content(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()


def _clock(protocol: Protocol[Any, Any], costs: dict[str, float]) -> Clock:
    share = _PREPARATION_SHARE if protocol.preparation else 0.0
    return Clock({PREPARATION: share * sum(costs.values())} | costs if share else dict(costs))


def _other_versions(records: Iterable[Any]) -> list[str]:
    mine = versions()["askew"]
    others = sum(record.versions.get("askew") != mine for record in records)
    if not others:
        return []
    return [f"kept {others} runs of another askew version than {mine}; use a new folder to run them again"]
