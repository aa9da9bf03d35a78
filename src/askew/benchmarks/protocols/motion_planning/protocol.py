"""The planning protocol: a planner in worlds it has not seen, with samples of four kinds.

Section 5.4 of Daniel, Kurutach and Tamar: Deep Variational Semi-Supervised Novelty Detection (2021), after
Ichter, Harrison and Pavone: Learning sampling distributions for robot motion planning (2018). A conditional VAE
learns where near-optimal paths lead, without and with negatives on the walls' boundaries; its samples, and
uniform ones, go into a probabilistic road map. The papers print pictures, no numbers.

The defaults of :class:`askew.applications.motion_planning.Recipe` were tried on other problems, those of data seed 0;
docs/motion-planning.md says what was tried.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Unpack, cast

from askew.benchmarks.protocols.motion_planning import trial
from askew.benchmarks.protocols.motion_planning.picture import draw_results
from askew.benchmarks.protocols.motion_planning.record import PlanningRecord, PlanningStore
from askew.benchmarks.protocols.motion_planning.result import PlanningResult
from askew.benchmarks.runs.choices import Choice, Options, Settings, check_workers
from askew.benchmarks.runs.plan import Group, Plan, Run
from askew.benchmarks.runs.protocol import Job, Protocol
from askew.benchmarks.runs.runner import run
from askew.benchmarks.runs.watch import joined, one_line, watched
from askew.distributed.tasks import Report


class MotionPlanning(Protocol[PlanningRecord, PlanningResult]):
    """A motion planner with samples of four kinds, in worlds that it has not seen."""

    owner = "run_planning"
    options = ("methods", "seeds", "size")
    results = PlanningStore
    table = PlanningResult
    largest_first = False
    preparation = "making the problems"

    def plan(self, choice: Choice) -> Plan:
        """Return the runs by method and seed. A seed has its own test worlds, and training starts from it."""
        chosen = choice.checked(self.owner, trial.PRESETS, tuple(trial.RECIPES))
        params = (choice.size or trial.FULL)._asdict() | {"data_seed": trial.DATA_SEED}
        params["samples"] = list(params["samples"])
        runs = tuple(
            Run(
                "planning",
                trial.DATASET,
                method,
                params | trial.RECIPES[method],
                seed,
                split="unseen",
                labelled_ratio=trial.NEGATIVES if "interval" in trial.RECIPES[method] else 0.0,
            )
            for method in chosen.methods
            for seed in chosen.seeds
        )
        return Plan(
            "planning", choice.preset, runs, grid=len(trial.METHODS) * len(trial.PRESETS["paper"].seeds)
        )

    def words(self, run: Run) -> str:
        """Return the method."""
        return run.method

    def costs(self, groups: Sequence[Group]) -> dict[str, float]:
        """Return a fifth of the others' work for uniform samples, which need no training."""
        return {group.key: 0.2 if group.runs[0].method == trial.UNIFORM else 1.0 for group in groups}

    def why_not(self, method: str) -> str | None:
        """Return None: the samplers are no detectors, and need nothing that may be missing."""
        return None

    def prepare(self, plan: Plan, job: Job, workers: int, report: Report) -> Path:
        """Make the problems once, and keep them in the results folder."""
        return trial.problem_file(plan, job.folder, workers, report)

    def work(self, group: Group, report: Report, job: Job) -> list[PlanningRecord]:
        """Train a sampler and plan with it; what goes wrong is the run's record."""
        (run,) = group.runs
        wall, cpu = time.perf_counter(), time.process_time()
        outcome: dict[str, Any] = {"status": "ok", "error": None}
        with watched(lambda fraction: report(0.8 * fraction), loads_torch=True) as caught:
            try:
                outcome |= trial.measure(run, report, cast(Path, job.data))
            except Exception as error:
                outcome = {"status": "failed", "error": one_line(error)}
        seconds = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
        return [PlanningRecord.of(run, warnings=joined(caught), **outcome, **seconds)]

    def tabulate(self, plan: Plan, store: PlanningStore) -> PlanningResult:
        """Write ``table.csv``, ``table.md`` and the picture ``worlds.png``."""
        records, _ = store.read()
        result = PlanningResult.of(plan, records)
        store.write_text("table.csv", result.csv())
        store.write_text("table.md", result.markdown())
        draw_results(plan, store.folder, records, result)
        return result


PLANNING = MotionPlanning()


def plan(preset: str = "quick", **choice: Unpack[Options]) -> Plan:
    """Return the runs of the planning protocol; see :class:`~askew.benchmarks.runs.choices.Choice`."""
    return PLANNING.plan(PLANNING.choice(preset, choice))


def run_planning(preset: str = "quick", **settings: Unpack[Settings]) -> PlanningResult:
    """Run the planning protocol and write ``problems-*.npz``, ``runs/``, ``table.csv``, ``table.md``, ``worlds.png``.

    It takes ``methods``, ``seeds`` and ``size``, and the settings of :func:`askew.benchmarks.runs.runner.run`, which
    says what they are and what is raised. The problems are made once, before the first run, and kept in the folder.
    """
    check_workers(settings.get("workers", 1), PLANNING.owner)
    return run(PLANNING, preset, **settings)
