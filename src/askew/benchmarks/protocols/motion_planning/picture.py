"""The picture of the planning protocol, as Figure 3 of the dual-prior paper: worlds with each sampler's samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from askew.benchmarks.protocols.motion_planning.trial import SHOWN, place, tested_on
from askew.inputs.atomic import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from askew.applications.motion_planning import Problem
    from askew.benchmarks.protocols.motion_planning.record import PlanningRecord
    from askew.benchmarks.protocols.motion_planning.result import PlanningResult
    from askew.benchmarks.runs.plan import Plan

TITLES = {
    "uniform": "uniform",
    "cvae": "CVAE",
    "dp_cvae": "DP-CVAE",
    "mml_cvae": "MML-CVAE",
    "cvae_printed": "CVAE, printed",
    "dp_cvae_printed": "DP-CVAE, printed",
}

# Okabe and Ito's colours, which people with any colour vision can tell apart.
_FREE, _HIT, _WALL = "#009E73", "#D55E00", "0.25"
_START, _GOAL, _PATH = "#0072B2", "#CC79A7", "#56B4E9"
_INCHES = 2.35


def draw_results(
    plan: Plan, folder: Path, records: Mapping[str, PlanningRecord], result: PlanningResult
) -> None:
    """Write ``worlds.png`` of the first seed whose runs are all done, if there is one and the problems are there."""
    from askew.applications import motion_planning

    data = place(plan, folder)
    for seed in dict.fromkeys(run.seed for run in plan.runs):
        of_seed = [records.get(run.key) for run in plan.runs if run.seed == seed]
        done = {record.run.method: record for record in of_seed if record is not None and record.shown}
        if len(done) < len(of_seed) or not data.exists():
            continue
        test = tested_on(motion_planning.load(data), plan.runs[0].params, seed)
        worlds = range(min(SHOWN, len(test)))
        paths = [
            np.concatenate([test.ends[i, None, :2], test.states[i, :, :2], test.ends[i, None, 2:]])
            for i in worlds
        ]
        samples = {method: [np.array(record.shown[i]) for i in worlds] for method, record in done.items()}
        success = {method: _shares(result, method) for method in done}
        with atomic_path(folder / "worlds.png") as path:
            save_picture(path, [test.problem(i) for i in worlds], paths, samples, success)
        return


def _shares(result: PlanningResult, method: str) -> dict[int, float]:
    shares = {n: result.row(method).mean[f"success {n}"] for n in result.sizes}
    return {n: share for n, share in shares.items() if share is not None}


def save_picture(
    path: Path,
    problems: Sequence[Problem],
    paths: Sequence[NDArray[Any]],
    samples: Mapping[str, Sequence[NDArray[Any]]],
    success: Mapping[str, Mapping[int, float]],
) -> None:
    """Write worlds with samples, one row per sampler, and the planner's success below.

    ``paths`` holds the positions along each problem's reference path, (n, 2), ``samples`` per method those sampled per
    problem, (n, 2), and ``success`` per method the share of problems solved by number of samples.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"font.size": 9}):
        rows, columns = len(samples), len(problems)
        figure = Figure(figsize=(_INCHES * columns + 4.2, _INCHES * rows), dpi=100, layout="constrained")
        parts: Any = figure.subfigures(1, 2, width_ratios=[_INCHES * columns, 4.2])
        left, right = parts
        grid = left.subplots(rows, columns, squeeze=False)
        for line, (method, clouds) in zip(grid, samples.items(), strict=True):
            for axes, problem, way, cloud in zip(line, problems, paths, clouds, strict=True):
                _world(axes, problem, way, cloud)
            line[0].set_ylabel(TITLES[method], fontsize=11)
        _success(right.subplots(), success)
        figure.savefig(path)


def _world(axes: Axes, problem: Problem, way: NDArray[Any], cloud: NDArray[Any]) -> None:
    walls = np.ma.masked_where(~problem.world.occupied.T, np.ones(problem.world.occupied.shape))
    axes.imshow(walls, origin="lower", extent=(0, 1, 0, 1), cmap="gray_r", vmin=0, vmax=1.25)
    hit = problem.world.collides(*cloud.T)
    axes.plot(*way.T, color=_PATH, lw=1, zorder=1)
    axes.scatter(cloud[~hit, 0], cloud[~hit, 1], s=5, color=_FREE, linewidths=0, zorder=2)
    axes.scatter(cloud[hit, 0], cloud[hit, 1], s=5, color=_HIT, linewidths=0, zorder=2)
    axes.scatter(problem.start[0], problem.start[1], s=40, color=_START, edgecolors="white", zorder=3)
    axes.scatter(
        problem.goal[0], problem.goal[1], s=40, color=_GOAL, edgecolors="white", marker="s", zorder=3
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    axes.set_xlabel(f"{hit.mean():.0%} in collision", fontsize=8)


def _success(axes: Axes, success: Mapping[str, Mapping[int, float]]) -> None:
    colours = ("0.5", "#D55E00", "#0072B2", "#009E73")
    for colour, (method, shares) in zip(colours, success.items(), strict=False):
        axes.plot(
            list(shares), [100 * share for share in shares.values()], "o-", color=colour, label=TITLES[method]
        )
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set(xlabel="samples given to the planner", ylabel="problems solved, in percent", ylim=(0, 101))
    axes.set_title("Unseen worlds, mean over seeds", loc="left")
    axes.grid(color="0.93")
    axes.legend(frameon=False)
