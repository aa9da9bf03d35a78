"""How large a run is, the problems that all runs are trained and tested on, and one run: a sampler, and a planner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from askew.benchmarks.runs.choices import Preset
from askew.distributed.pool import work_through
from askew.distributed.tasks import Handlers, Report
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.applications import motion_planning
    from askew.applications.motion_planning import Problems
    from askew.benchmarks.runs.plan import Plan, Run

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


FULL = Size(train=600, test=120, samples=(8, 16, 32, 64, 128, 256), epochs=3)
DATASET = "narrow_passages"
PRESETS = {
    "paper": Preset(METHODS, (DATASET,), tuple(range(10))),
    "quick": Preset(METHODS, (DATASET,), (0, 1)),
}
"""``quick`` is the part of the full grid with two seeds."""

NEGATIVES = 0.05
"""Negatives per configuration; the protocol's ``labelled_ratio``."""

SHOWN = 3
"""Test problems whose samples are kept for the picture."""

_ALL: dict[str, Any] = {"beta_kl": 0.02, "dropout": 0.0, "batch_size": 128, "lr": 1e-3, "kept": 0.9}
_NEGATIVES: dict[str, Any] = {"interval": 2, "depth": 0.045, "moves": ["encoder"]}
PRINTED = "_printed"
"""Ends the names of methods with dropout, negatives on the boundary itself and no screen; in no preset."""
_AS_PRINTED: dict[str, Any] = {"dropout": 0.5, "kept": 1.0}
RECIPES: dict[str, dict[str, Any]] = {
    UNIFORM: {},
    "cvae": _ALL,
    "dp_cvae": _ALL | _NEGATIVES | {"alpha": 1.0},
    "mml_cvae": _ALL | _NEGATIVES | {"beta_cubo": 0.02},
}
RECIPES |= {
    f"cvae{PRINTED}": RECIPES["cvae"] | _AS_PRINTED,
    f"dp_cvae{PRINTED}": RECIPES["dp_cvae"] | _AS_PRINTED | {"depth": 0.0},
}
"""What each run's record says of its :class:`askew.applications.motion_planning.Recipe`."""

_CHUNK = 50  # problems made in one task


def place(plan: Plan, folder: Path) -> Path:
    """Return where the problems are; the file's name says all that decides them."""
    return folder / f"problems-{plan.runs[0].params['data_seed']}-{_count(plan)}.npz"


def tested_on(problems: Problems, params: Mapping[str, Any], seed: int) -> Problems:
    """Return the problems that a seed is tested on."""
    return problems[params["train"] + params["test"] * seed :][: params["test"]]


def problem_file(plan: Plan, folder: Path, workers: int, report: Report) -> Path:
    """Return the file of problems, made on ``workers`` processes if it is not there."""
    from askew.applications.motion_planning import problems

    path = place(plan, folder)
    if path.exists():
        return path
    count = _count(plan)
    chunks = [(start, min(_CHUNK, count - start)) for start in range(0, count, _CHUNK)]
    parts: dict[int, Problems] = {}

    def finished(chunk: tuple[int, int], part: Problems) -> None:
        parts[chunk[0]] = part
        report(len(parts) / len(chunks))

    def died(chunk: tuple[int, int], how: str) -> list[tuple[int, int]]:
        raise InvalidInputError(f"workers of run_planning must live; one {how}.")

    handlers = Handlers(lambda chunk, fraction: None, finished, died)
    work_through(chunks, partial(_chunk, seed=plan.runs[0].params["data_seed"]), workers, handlers)
    problems.save(problems.joined([parts[start] for start, _ in chunks]), path)
    return path


def _count(plan: Plan) -> int:
    """Return how many problems there must be; at least the full grid's, so that presets share the file."""
    params = plan.runs[0].params
    seeds = {run.seed for run in plan.runs} | set(PRESETS["paper"].seeds)
    return int(params["train"] + params["test"] * (1 + max(seeds)))


def _chunk(chunk: tuple[int, int], report: Report, seed: int) -> Problems:
    from askew.applications.motion_planning.problems import make_problems

    start, n = chunk
    return make_problems(n, seed, start)


def measure(run: Run, report: Report, data: Path) -> dict[str, Any]:
    """Return what was measured of a run, as fields of its record; ``report`` is told from 0.8 on."""
    from askew.applications import motion_planning

    params = dict(run.params)
    problems = motion_planning.load(data)
    train, test = problems[: params["train"]], tested_on(problems, params, run.seed)
    sizes = params["samples"]
    draw, raw = samplers(run, params, train, test)
    outcome = motion_planning.evaluate(draw, test, sizes, run.seed, lambda part: report(0.8 + 0.1 * part))
    before = motion_planning.evaluate(raw, test, sizes, run.seed, lambda part: report(0.9 + 0.1 * part))
    shown = [draw(i, sizes[-1], np.random.default_rng([run.seed, i])) for i in range(min(SHOWN, len(test)))]
    return {
        "collision": outcome.collision,
        "unscreened": before.collision,
        "coverage": outcome.coverage,
        "success": {str(n): share for n, share in outcome.success.items()},
        "cost": {str(n): cost for n, cost in outcome.cost.items()},
        "raw_coverage": before.coverage,
        "raw_success": {str(n): share for n, share in before.success.items()},
        "raw_cost": {str(n): cost for n, cost in before.cost.items()},
        "shown": [states[:, :2].round(3).tolist() for states in shown],
    }


def samplers(
    run: Run, params: dict[str, Any], train: Problems, test: Problems
) -> tuple[motion_planning.Draw, motion_planning.Draw]:
    """Return what draws the samples for the planner, and what draws them unscreened."""
    from askew.applications import motion_planning

    settings = {name: value for name, value in params.items() if name not in (*Size._fields, "data_seed")}
    if run.method == UNIFORM:
        return motion_planning.uniform(train), motion_planning.uniform(train)
    recipe = motion_planning.Recipe(epochs=params["epochs"], **settings)
    recipe = replace(recipe, moves=tuple(recipe.moves))  # JSON has lists
    method = cast(Any, run.method.removesuffix(PRINTED))  # checked by the plan
    sampler = motion_planning.train_sampler(train, method, recipe, run.seed)
    conditions = test.conditions()
    return (
        lambda i, n, rng: sampler.sample(conditions[i], n, rng),
        lambda i, n, rng: sampler.sample(conditions[i], n, rng, screened=False),
    )
