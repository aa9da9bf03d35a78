"""How good a sampler's configurations are on problems that it has not seen: by themselves, and to a planner."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from askew.applications.motion_planning.problems import Problem, Problems
from askew.applications.motion_planning.roadmap import plan
from askew.applications.motion_planning.worlds import CELLS, Numbers

Draw = Callable[[int, int, np.random.Generator], Numbers]
"""``draw(problem number, n, rng)`` returns n configurations, (n, 4), for that problem."""


@dataclass(frozen=True)
class Outcome:
    """What one sampler's configurations are worth, over all problems."""

    collision: float
    """Share of the configurations that are in a wall or outside the square."""
    coverage: float
    """Share of the cells of passages on the reference path that hold at least one configuration."""
    success: dict[int, float]
    """By n, the share of the problems that the planner solves with the first n configurations."""
    cost: dict[int, float | None]
    """By n, the mean of its path's cost / the reference path's, over the problems solved; None without any."""


def uniform(problems: Problems) -> Draw:
    """Return a sampler of uniform positions and velocities, within the velocities of `problems`."""
    largest = np.abs(problems.states[..., 2:]).max()

    def draw(i: int, n: int, rng: np.random.Generator) -> Numbers:
        return np.concatenate([rng.random((n, 2)), rng.uniform(-largest, largest, (n, 2))], axis=1)

    return draw


def evaluate(
    draw: Draw,
    problems: Problems,
    sizes: Sequence[int],
    seed: int,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Outcome:
    """Return what the configurations of `draw` are worth on `problems`, none of which the sampler was trained on.

    The planner gets `sizes` configurations; smaller sets are the beginnings of the largest. `progress` is called
    with the fraction that is done.
    """
    sizes = sorted(sizes)
    collisions, covered, ratios = [], [], []
    for i in range(len(problems)):
        problem = problems.problem(i)
        states = draw(i, sizes[-1], np.random.default_rng([seed, i]))
        collisions.append(problem.world.collides(*states[:, :2].T).mean())
        covered.append(coverage(problem, states))
        ratios.append([plan(problem.world, problem.start, problem.goal, states[:n]).cost for n in sizes])
        progress((i + 1) / len(problems))
    relative = np.array(ratios) / problems.costs[:, None]  # (problems, sizes), infinite where unsolved
    solved = np.isfinite(relative)
    costs = [float(c[s].mean()) if s.any() else None for c, s in zip(relative.T, solved.T, strict=True)]
    return Outcome(
        collision=float(np.mean(collisions)),
        coverage=float(np.mean(covered)),
        success=dict(zip(sizes, solved.mean(0).tolist(), strict=True)),
        cost=dict(zip(sizes, costs, strict=True)),
    )


def coverage(problem: Problem, states: Numbers) -> float:
    """Return the share of the needed passages' cells with at least one of the states in them."""
    cells = np.floor(states[:, :2] * CELLS).astype(int)
    i, j = cells[((cells >= 0) & (cells < CELLS)).all(1)].T
    hit = np.zeros_like(problem.needed)
    hit[i, j] = True
    return float(hit[problem.needed].mean())


def samples_needed(success: dict[int, float], target: float) -> float:
    """Return how many samples the planner needs for a share `target` of the problems.

    Between two sizes the share is taken to rise linearly with log n. Infinite if the largest does not do.

    >>> samples_needed({8: 0.2, 16: 0.6, 32: 0.8}, 0.7).__round__(1), samples_needed({8: 0.2}, 0.5)
    (22.6, inf)
    """
    sizes = sorted(success)
    if success[sizes[0]] >= target:
        return float(sizes[0])
    for few, many in pairwise(sizes):
        if success[few] < target <= success[many]:
            share = (target - success[few]) / (success[many] - success[few])
            return float(few * (many / few) ** share)
    return math.inf
