"""One run of the planning protocol: a sampler is trained, and the planner gets its samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from askew.benchmarks.protocols.motion_planning.problem_file import tested_on
from askew.benchmarks.protocols.motion_planning.settings import SHOWN, UNIFORM, Size

if TYPE_CHECKING:
    from askew.applications import motion_planning
    from askew.applications.motion_planning import Problems
    from askew.benchmarks.runs.plan import Run
    from askew.benchmarks.runs.pool import Report


def measure(run: Run, report: Report, data: Path) -> dict[str, Any]:
    """Return what was measured of a run, as fields of its record; ``report`` is told from 0.8 on."""
    from askew.applications import motion_planning

    params = dict(run.params)
    problems = motion_planning.load(data)
    train, test = problems[: params["train"]], tested_on(problems, params, run.seed)
    sizes = params["samples"]
    draw, raw = samplers(run, params, train, test)
    outcome = motion_planning.evaluate(draw, test, sizes, run.seed, lambda part: report(0.8 + 0.2 * part))
    shown = [draw(i, sizes[-1], np.random.default_rng([run.seed, i])) for i in range(min(SHOWN, len(test)))]
    return {
        "collision": outcome.collision,
        "unscreened": motion_planning.collision(raw, test, sizes[-1], run.seed),
        "coverage": outcome.coverage,
        "success": {str(n): share for n, share in outcome.success.items()},
        "cost": {str(n): cost for n, cost in outcome.cost.items()},
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
    method = cast(Any, run.method)  # checked by the plan
    sampler = motion_planning.train_sampler(train, method, recipe, run.seed)
    conditions = test.conditions()
    return (
        lambda i, n, rng: sampler.sample(conditions[i], n, rng),
        lambda i, n, rng: sampler.sample(conditions[i], n, rng, screened=False),
    )
