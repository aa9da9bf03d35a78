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
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from askew.benchmarks.protocols.motion_planning.result import PlanningResult
from askew.benchmarks.protocols.motion_planning.store import PlanningRecord, PlanningStore
from askew.benchmarks.runs.choices import choose, choose_seeds
from askew.benchmarks.runs.group import versions
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.pool import Handlers, work_through
from askew.benchmarks.runs.progress import Clock, Progress, Reporter
from askew.errors import InvalidInputError, must
from askew.inputs.atomic import atomic_path

if TYPE_CHECKING:
    from askew.applications import motion_planning
    from askew.applications.motion_planning import Problems

DATA_SEED = 1
"""Settings were tried on the problems of seed 0."""
UNIFORM = "uniform"
METHODS = (UNIFORM, "cvae", "dp_cvae", "mml_cvae")


class Size(NamedTuple):
    """How large a run is. JSON-able."""

    train: int
    """Problems to train on, each in a world of its own, 12 configurations each"""
    test: int
    """Problems to test on; every seed has its own"""
    samples: tuple[int, ...]
    """Numbers of configurations that the planner gets"""
    epochs: int


class Preset(NamedTuple):
    """What is run when the caller names no seeds."""

    size: Size
    seeds: tuple[int, ...]


FULL = Size(train=600, test=120, samples=(8, 16, 32, 64, 128, 256), epochs=3)
PRESETS = {"paper": Preset(FULL, tuple(range(10))), "quick": Preset(FULL, (0, 1))}
"""``quick`` is the part of the full grid with two seeds."""

NEGATIVES = 0.05
"""Negatives per configuration; the protocol's ``labelled_ratio``."""

SHOWN = 3
"""Test problems whose samples are kept for the picture."""

_ALL: dict[str, Any] = {"beta_kl": 0.02, "dropout": 0.0, "batch_size": 128, "lr": 1e-3, "kept": 0.9}
_NEGATIVES: dict[str, Any] = {"interval": 2, "depth": 0.045, "moves": ["encoder"]}
RECIPES: dict[str, dict[str, Any]] = {
    UNIFORM: {},
    "cvae": _ALL,
    "dp_cvae": _ALL | _NEGATIVES | {"alpha": 1.0},
    "mml_cvae": _ALL | _NEGATIVES | {"beta_cubo": 0.02},
}
"""What each run's record says of its :class:`askew.applications.motion_planning.Recipe`."""

_CHUNK = 50  # problems made in one task
_DATA_SHARE = 0.2  # of all work, guessed for the time left


def plan(
    preset: str = "quick",
    methods: Iterable[str] | None = None,
    seeds: Iterable[int] | None = None,
    size: Size | None = None,
) -> Plan:
    """Return the runs of the planning protocol.

    Parameters
    ----------
    preset : {"quick", "paper"}
        Decides what is not given.
    methods : iterable of str, optional
        Any of :data:`METHODS`; all by default.
    seeds : iterable of int, optional
        By default those of the preset. A seed has its own test worlds, and training starts from it.
    size : Size, optional
        How large a run is; by default the preset's.

    Raises
    ------
    InvalidInputError
        For a name that is not among the choices, or a seed that is none.
    """
    owner = "run_planning"
    choose("preset", [preset], PRESETS, owner)
    used_methods = choose("methods", METHODS if methods is None else methods, METHODS, owner)
    used_seeds = choose_seeds(PRESETS[preset].seeds if seeds is None else seeds, owner)
    used = (size or PRESETS[preset].size)._asdict() | {"data_seed": DATA_SEED}
    used["samples"] = list(used["samples"])
    runs = tuple(
        Run(
            "planning",
            "narrow_passages",
            method,
            used | RECIPES[method],
            seed,
            split="unseen",
            labelled_ratio=NEGATIVES if method in ("dp_cvae", "mml_cvae") else 0.0,
        )
        for method in used_methods
        for seed in used_seeds
    )
    return Plan("planning", preset, runs, grid=len(METHODS) * len(PRESETS["paper"].seeds))


def run_planning(
    preset: str = "quick",
    methods: Iterable[str] | None = None,
    seeds: Iterable[int] | None = None,
    out: Path | str = Path("results"),
    workers: int = 1,
    resume: bool = True,
    size: Size | None = None,
    progress: Reporter | None = None,
) -> PlanningResult:
    """Run the planning protocol and write ``problems-*.npz``, ``runs/``, ``table.csv``, ``table.md``, ``worlds.png``.

    Parameters
    ----------
    preset, methods, seeds, size
        What to run; see :func:`plan`.
    out : path, default="results"
        The results folder. The problems are made once, before the first run, and kept there.
    workers : int, default=1
        Processes, each with one torch thread. With more than one, a script must guard its start with
        ``if __name__ == "__main__":``.
    resume : bool, default=True
        Keep the runs that the folder holds and do the missing ones. False refuses a folder that is not empty.
    progress : callable, optional
        Called with :class:`askew.benchmarks.Progress` events.

    Raises
    ------
    InvalidInputError
        For an unknown name, a folder that cannot be used, ``resume=False`` with a folder in use, or fewer
        than one worker.
    KeyboardInterrupt
        On Ctrl-C, after the tables of what is finished are written.
    """
    chosen = plan(preset, methods, seeds, size)
    if not isinstance(workers, int) or workers < 1:
        remedy = "Use 1, or the number of processor cores."
        raise InvalidInputError(must("workers", "run_planning", "an integer of at least 1", workers, remedy))
    folder = Path(out)
    if not resume and folder.is_dir() and any(folder.iterdir()):
        remedy = "Continue it with resume=True, or choose a new folder; nothing is deleted here."
        raise InvalidInputError(
            must("out", "run_planning", "empty when resume is False", str(folder), remedy)
        )
    store = PlanningStore(folder)
    try:
        _Session(chosen, store, workers, progress).run()
    finally:  # also on Ctrl-C
        result = tabulate(chosen, store)
    return result


def tabulate(chosen: Plan, store: PlanningStore) -> PlanningResult:
    """Write the tables and the picture from the finished runs of `store`."""
    records, _ = store.read()
    result = PlanningResult.of(chosen, records)
    store.write_text("table.csv", result.csv())
    store.write_text("table.md", result.markdown())
    _draw_picture(chosen, store, records, result)
    return result


def _draw_picture(
    chosen: Plan, store: PlanningStore, records: Mapping[str, PlanningRecord], result: PlanningResult
) -> None:
    """Draw the first seed whose runs are all done, if there is one and the problems are there."""
    from askew.applications import motion_planning
    from askew.benchmarks.protocols.motion_planning.picture import save_picture

    params = chosen.runs[0].params
    data = _data_file(chosen, store)
    for seed in dict.fromkeys(run.seed for run in chosen.runs):
        found = [records.get(run.key) for run in chosen.runs if run.seed == seed]
        done = {record.run.method: record for record in found if record is not None and record.shown}
        if len(done) < len(found) or not data.exists():
            continue
        test = _test_problems(motion_planning.load(data), params, seed)
        picked = range(min(SHOWN, len(test)))
        success = {
            method: {
                n: share
                for n in result.sizes
                if (share := result.row(method).mean[f"success {n}"]) is not None
            }
            for method in done
        }
        with atomic_path(store.folder / "worlds.png") as path:
            save_picture(
                path,
                [test.problem(i) for i in picked],
                [
                    np.concatenate([test.ends[i, None, :2], test.states[i, :, :2], test.ends[i, None, 2:]])
                    for i in picked
                ],
                {method: [np.array(record.shown[i]) for i in picked] for method, record in done.items()},
                success,
            )
        return


def _data_file(chosen: Plan, store: PlanningStore) -> Path:
    """Return the file of problems; its name says all that decides it."""
    params = chosen.runs[0].params
    return store.folder / f"problems-{params['data_seed']}-{_count(chosen)}.npz"


def _count(chosen: Plan) -> int:
    """Return how many problems there must be; at least the full grid's, so that presets share the file."""
    params = chosen.runs[0].params
    seeds = {run.seed for run in chosen.runs} | set(PRESETS["paper"].seeds)
    return int(params["train"] + params["test"] * (1 + max(seeds)))


def _test_problems(problems: Problems, params: Mapping[str, Any], seed: int) -> Problems:
    """Return the problems that a seed is tested on."""
    return problems[params["train"] + params["test"] * seed :][: params["test"]]


class _Session:
    """The runs of a plan that a folder does not hold yet, and what the reporter is told of them."""

    def __init__(self, chosen: Plan, store: PlanningStore, workers: int, reporter: Reporter | None) -> None:
        self.plan, self.store, self.workers, self.reporter = chosen, store, workers, reporter
        stored, self.messages = store.read()
        self.records = {run.key: stored[run.key] for run in chosen.runs if run.key in stored}
        self.missing = chosen.missing(self.records)
        work = {run.key: 0.2 if run.method == UNIFORM else 1.0 for run in self.missing}
        self.clock = Clock({"data": _DATA_SHARE * sum(work.values())} | work)

    def run(self) -> None:
        for message in self.messages:
            self._tell("message", message)
        self._tell("begin")
        if self.missing:
            path = self._data()
            self.clock.moved("data", 1.0)
            handlers = Handlers(self._part, self._finished, self._died)
            work_through(
                self.missing, partial(_run, folder=self.store.folder, data=path), self.workers, handlers
            )
        self._tell("end")

    def _tell(self, kind: str, text: str = "") -> None:
        if self.reporter is not None:
            failed = sum(record.status != "ok" for record in self.records.values())
            counts = (len(self.records), len(self.plan.runs), failed)
            clock = self.clock
            self.reporter(Progress(kind, *counts, clock.fraction, clock.seconds, clock.seconds_left, text))

    def _data(self) -> Path:
        """Return the file of problems; make it if it is not there."""
        from askew.applications.motion_planning import problems

        path = _data_file(self.plan, self.store)
        if path.exists():
            return path
        count = _count(self.plan)
        chunks = [(at, min(_CHUNK, count - at)) for at in range(0, count, _CHUNK)]
        made: dict[int, problems.Problems] = {}

        def finished(chunk: tuple[int, int], part: problems.Problems) -> None:
            made[chunk[0]] = part
            self.clock.moved("data", len(made) / len(chunks))
            self._tell("part", "making the problems")

        def died(chunk: tuple[int, int], code: int) -> list[tuple[int, int]]:
            raise InvalidInputError(f"workers of run_planning must live; one ended with exit code {code}.")

        handlers = Handlers(lambda chunk, fraction: None, finished, died)
        work_through(
            chunks, partial(_make, seed=self.plan.runs[0].params["data_seed"]), self.workers, handlers
        )
        problems.save(problems.joined([made[at] for at, _ in chunks]), path)
        return path

    def _part(self, run: Run, fraction: float) -> None:
        self.clock.moved(run.key, fraction)
        self._tell("part", _name(run))

    def _finished(self, run: Run, record: PlanningRecord) -> None:
        self.records[run.key] = record
        self.clock.moved(run.key, 1.0)
        self._tell("done", _name(run))
        if record.status != "ok":
            again = f"To try again, delete {self.store.path(run.key)}"
            self._tell("message", f"failed: {_name(run)}: {record.error}. {again}")

    def _died(self, run: Run, exit_code: int) -> list[Run]:
        record = _failed(run, f"the worker process ended with exit code {exit_code} (out of memory?)")
        self.store.write(record)
        self._finished(run, record)
        return []


def _name(run: Run) -> str:
    return f"{run.method}, seed {run.seed}"


def _make(chunk: tuple[int, int], report: Callable[[float], None], seed: int) -> Problems:
    from askew.applications.motion_planning.problems import make_problems

    start, n = chunk
    return make_problems(n, seed, start)


def _run(run: Run, report: Callable[[float], None], folder: Path, data: Path) -> PlanningRecord:
    """Do one run and store it; what goes wrong is its record."""
    wall, cpu = time.perf_counter(), time.process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = _measure(run, report, data)
        except Exception as error:
            found = {"status": "failed", "error": f"{type(error).__name__}: {' '.join(str(error).split())}"}
    seen = " | ".join(dict.fromkeys(" ".join(str(each.message).split()) for each in caught))
    found |= {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
    record = replace(_failed(run, None), warnings=seen or None, **found)
    PlanningStore(folder).write(record)
    return record


def _measure(run: Run, report: Callable[[float], None], data: Path) -> dict[str, Any]:
    from askew.applications import motion_planning
    from askew.training import one_thread
    from askew.training.epoch_events import reporting

    params = dict(run.params)
    problems = motion_planning.load(data)
    train, test = problems[: params["train"]], _test_problems(problems, params, run.seed)
    sizes = params["samples"]
    with one_thread(), reporting(lambda event: report(0.8 * event.done / event.total)):
        draw, raw = _draws(run, params, train, test)
        outcome = motion_planning.evaluate(draw, test, sizes, run.seed, lambda part: report(0.8 + 0.2 * part))
    shown = [draw(i, sizes[-1], np.random.default_rng([run.seed, i])) for i in range(min(SHOWN, len(test)))]
    return {
        "status": "ok",
        "error": None,
        "collision": outcome.collision,
        "unscreened": motion_planning.collision(raw, test, sizes[-1], run.seed),
        "coverage": outcome.coverage,
        "success": {str(n): share for n, share in outcome.success.items()},
        "cost": {str(n): cost for n, cost in outcome.cost.items()},
        "shown": [states[:, :2].round(3).tolist() for states in shown],
    }


def _draws(
    run: Run, params: dict[str, Any], train: Problems, test: Problems
) -> tuple[motion_planning.Draw, motion_planning.Draw]:
    """Return what draws the samples for the planner, and what draws them unscreened."""
    from askew.applications import motion_planning

    settings = {name: value for name, value in params.items() if name not in (*Size._fields, "data_seed")}
    if run.method == UNIFORM:
        return motion_planning.uniform(train), motion_planning.uniform(train)
    recipe = motion_planning.Recipe(epochs=params["epochs"], **settings)
    recipe = replace(recipe, moves=tuple(recipe.moves))  # JSON has lists
    sampler = motion_planning.train_sampler(
        train, cast(Any, run.method), recipe, run.seed
    )  # checked by plan()
    conditions = test.conditions()
    return (
        lambda i, n, rng: sampler.sample(conditions[i], n, rng),
        lambda i, n, rng: sampler.sample(conditions[i], n, rng, screened=False),
    )


def _failed(run: Run, error: str | None) -> PlanningRecord:
    unknown = dict.fromkeys(("collision", "unscreened", "coverage", "seconds", "cpu_seconds", "warnings"))
    return PlanningRecord(
        run=run, status="failed", error=error, success={}, cost={}, shown=[], versions=versions(), **unknown
    )
