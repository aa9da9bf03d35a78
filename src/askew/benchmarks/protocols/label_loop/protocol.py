"""The label_loop protocol: how many anomalies a person finds with 10 to 100 answers, by what is asked next.

Not from the papers. A simulated person knows the answers. Nothing is labelled at first; all methods see the same rows,
and at most 100 questions are answered. Our loop is that of ``askew review``: its orders of questions, its correction
after every answer, and a refit of its default detector after every ten. Beside it stand lists without answers, and
coniferest's AADForest with its own session, which learns after every answer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from importlib import metadata
from typing import Any, Unpack

from askew.benchmarks.protocols.label_loop import tables
from askew.benchmarks.protocols.label_loop.picture import draw_curves
from askew.benchmarks.protocols.label_loop.record import CHECKPOINTS, LoopRecord, LoopStore
from askew.benchmarks.protocols.label_loop.result import LoopResult
from askew.benchmarks.protocols.label_loop.strategies import LOOPS, METHODS, simulate, why_not
from askew.benchmarks.runs.choices import Choice, Options, Preset, Settings
from askew.benchmarks.runs.plan import Group, Plan, Run
from askew.benchmarks.runs.protocol import Job, Protocol
from askew.benchmarks.runs.runner import run
from askew.benchmarks.runs.watch import joined, one_line, versions, watched
from askew.distributed.tasks import Report

PRESETS = {
    "paper": Preset(METHODS, tables.DATASETS, tuple(range(10))),
    "quick": Preset(METHODS, ("arrhythmia", "cardio"), (0, 1)),
}
"""``paper`` is the full grid: the bundled tables and ADBench's; ``quick`` two bundled tables and two seeds."""

DETECTOR, REFIT_EVERY = "auto", 10
"""As ``askew review`` begins."""


class LabelLoop(Protocol[LoopRecord, LoopResult]):
    """A person answers 100 questions about a table; what is asked next is the method."""

    owner = "run_label_loop"
    options = ("methods", "datasets", "seeds")
    results = LoopStore
    table = LoopResult
    largest_first = False

    def plan(self, choice: Choice) -> Plan:
        """Return the runs seed by seed, so that what is done at any moment is comparable; lacking tables are noted."""
        chosen = choice.checked(self.owner, PRESETS, METHODS, tables.DATASETS)
        full = PRESETS["paper"]
        grid = len(full.methods) * len(full.datasets) * len(full.seeds)
        here = [name for name in chosen.datasets if name in tables.present()]
        if choice.datasets is not None:
            here = list(chosen.datasets)  # asked for by name, so what is missing is said
        runs = tuple(_runs(Preset(chosen.methods, tuple(here), chosen.seeds)))
        lacking = [name for name in chosen.datasets if name not in here]
        return Plan("label_loop", choice.preset, runs, grid, tuple(_notes(lacking, chosen.methods)))

    def words(self, run: Run) -> str:
        """Return method and table."""
        return f"{run.method} on {run.dataset}"

    def costs(self, groups: Sequence[Group]) -> dict[str, float]:
        """Return the fits, by group."""
        fits = {**dict.fromkeys(LOOPS, 10.0), "aad_forest": 5.0}
        return {group.key: fits.get(group.runs[0].method, 0.3) for group in groups}

    def why_not(self, method: str) -> str | None:
        """Return why a method cannot be run on this machine: coniferest is an extra."""
        return why_not(method)

    def prepare(self, plan: Plan, job: Job, workers: int, report: Report) -> None:
        """Refuse tables that are not there, before the first run."""
        tables.require(plan.datasets)

    def work(self, group: Group, report: Report, job: Job) -> list[LoopRecord]:
        """Ask the simulated person; what goes wrong is the run's record."""
        (run,) = group.runs
        seconds = time.process_time()
        outcome: dict[str, Any] = {"status": "ok"}
        with watched(report) as caught:
            try:
                X, anomaly = tables.load(run.dataset, run.seed)
                found = simulate(run.method, X, anomaly, run.seed, dict(run.params))
                outcome |= {"found": found.hits.cumsum().tolist(), "n_fits": found.n_fits}
                outcome |= {"n_rows": len(X), "n_anomalies": int(anomaly.sum())}
            except Exception as error:
                outcome = {"status": "failed", "error": one_line(error)}
        outcome |= {"seconds": time.process_time() - seconds, "warnings": joined(caught)}
        if run.method == "aad_forest":
            outcome["versions"] = versions() | {"coniferest": metadata.version("coniferest")}
        return [LoopRecord.of(run, job.preset, **outcome)]

    def tabulate(self, plan: Plan, store: LoopStore) -> LoopResult:
        """Write ``runs.parquet``, ``table.csv``, ``table.md`` and the picture ``curves.png``."""
        result = LoopResult.tabulate(plan, store)
        draw_curves(result, store.folder)
        return result


LABEL_LOOP = LabelLoop()


def _runs(chosen: Preset) -> Iterator[Run]:
    for seed in chosen.seeds:
        for dataset in chosen.datasets:
            for method in chosen.methods:
                params: dict[str, Any] = {"budget": max(CHECKPOINTS)}
                if method in LOOPS:
                    params |= {"detector": DETECTOR, "refit_every": REFIT_EVERY, **LOOPS[method]}
                if method == "static":
                    params["detector"] = DETECTOR
                yield Run("label_loop", dataset, method, params, seed, split="all", labelled_ratio=0.0)


def _notes(lacking: Sequence[str], methods: Sequence[str]) -> Iterator[str]:
    if lacking:
        yield f"Not on this machine, so not in the plan: {', '.join(lacking)} (ASKEW_DATA/adbench_small)."
    reasons = (why_not(method) for method in methods)
    yield from (f"Planned but left out: {reason}." for reason in reasons if reason)


def plan(preset: str = "quick", **choice: Unpack[Options]) -> Plan:
    """Return the runs of the label_loop protocol; see :class:`~askew.benchmarks.runs.choices.Choice`."""
    return LABEL_LOOP.plan(LABEL_LOOP.choice(preset, choice))


def run_label_loop(preset: str = "quick", **settings: Unpack[Settings]) -> LoopResult:
    """Run the label_loop protocol and write ``runs/``, ``runs.parquet``, tables and ``curves.png``.

    It takes ``methods``, ``datasets`` and ``seeds``, and the settings of
    :func:`askew.benchmarks.runs.runner.run`, which says what they are and what is raised.
    """
    return run(LABEL_LOOP, preset, **settings)
