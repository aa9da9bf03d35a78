"""The data: problems in random worlds, their solutions cut into configurations, and negatives; one .npz file."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew.applications.motion_planning.paths import best_motion, configurations
from askew.applications.motion_planning.worlds import (
    CELLS,
    Flags,
    Numbers,
    World,
    boundary_points,
    random_world,
)
from askew.errors import InvalidInputError
from askew.inputs.atomic import atomic_path

PER_PATH = 12
"""Configurations taken from each path."""

NEGATIVE_SHARE = 0.05
"""Negatives per configuration (Daniel et al. 2021, section 5.4)."""

_TRIES = 100
_DENSE = 200  # states along a path that tell which passages it uses


class Problem(NamedTuple):
    """A world, and where to go in it."""

    world: World
    start: Numbers
    """(4,), at rest"""
    goal: Numbers
    """(4,), at rest"""
    needed: Flags
    """(11, 11): the cells of passages that the reference path goes through"""
    cost: float
    """Of the reference path"""


@dataclass(frozen=True)
class Problems:
    """n problems in worlds of their own, with the states along a near-optimal path of each."""

    occupied: Flags
    passages: Flags
    needed: Flags
    """(n, 11, 11), like these: see :class:`World`; `needed` has the passages of the path."""
    ends: NDArray[np.float32]
    """(n, 4): start and goal, ``(x, y, x, y)``; the robot rests at both."""
    states: NDArray[np.float32]
    """(n, configurations, 4): position and velocity, equally spaced in time along the path."""
    costs: Numbers
    """(n,): the path's cost; see :mod:`~askew.applications.motion_planning.steering`."""

    def __len__(self) -> int:
        return len(self.costs)

    def __getitem__(self, chosen: slice) -> Problems:
        return Problems(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def problem(self, i: int) -> Problem:
        """Return problem number i."""
        world = World(self.occupied[i], self.passages[i])
        ends = self.ends[i].astype(float)
        start, goal = (np.concatenate([end, np.zeros(2)]) for end in (ends[:2], ends[2:]))
        return Problem(world, start, goal, self.needed[i], float(self.costs[i]))

    def mirrored(self) -> Problems:
        """Return these problems and their seven images: mirrored in x, in y, and travelled backwards."""
        parts = [self]
        for image in (partial(_flipped, axis=0), partial(_flipped, axis=1), _backwards):
            parts += [image(part) for part in parts]
        return joined(parts)

    def conditions(self) -> NDArray[np.float32]:
        """Return what a sampler is told of each problem, (n, 125): the grid as ±1, start and goal in [-1, 1]."""
        grid = self.occupied.reshape(len(self), -1)
        return np.concatenate([2 * grid - 1.0, 2 * self.ends - 1.0], axis=1, dtype=np.float32)


def make_problems(n: int, seed: int, first: int = 0) -> Problems:
    """Return n random problems whose path leads through at least one passage, each in a world of its own.

    Problem i depends on (seed, i) alone, so that they can be made in parts; `first` is the number of the first one.

    >>> problems = make_problems(2, seed=0)
    >>> problems.states.shape, problems.conditions().shape
    ((2, 12, 4), (2, 125))
    """
    rows = [_random_problem(np.random.default_rng([seed, i])) for i in range(first, first + n)]
    return Problems(**{field.name: np.array([row[field.name] for row in rows]) for field in fields(Problems)})


def _flipped(of: Problems, axis: int) -> Problems:
    occupied, passages, needed = (np.flip(grid, axis + 1) for grid in (of.occupied, of.passages, of.needed))
    ends, states = of.ends.copy(), of.states.copy()
    ends[:, axis::2] = 1 - ends[:, axis::2]
    states[..., axis] = 1 - states[..., axis]
    states[..., 2 + axis] *= -1
    return Problems(occupied, passages, needed, ends, states, of.costs)


def _backwards(of: Problems) -> Problems:
    states = of.states[:, ::-1].copy()
    states[..., 2:] *= -1
    return replace(of, ends=of.ends[:, [2, 3, 0, 1]], states=states)


def joined(parts: Sequence[Problems]) -> Problems:
    """Return the problems of all parts, in order."""
    names = [field.name for field in fields(Problems)]
    return Problems(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _random_problem(rng: np.random.Generator) -> dict[str, Any]:
    for _ in range(_TRIES):
        world = random_world(rng)
        start, goal = world.free_points(2, rng)
        if _in_sight(world, start, goal):
            continue
        path = best_motion(world.wider(), start, goal, rng)
        if path.states is None:
            continue
        i, j = np.floor(configurations(path.states, _DENSE)[:, :2] * CELLS).astype(int).T
        needed = np.zeros((CELLS, CELLS), dtype=bool)
        needed[i, j] = True
        needed &= world.passages
        if needed.any():
            return {
                "occupied": world.occupied,
                "passages": world.passages,
                "needed": needed,
                "ends": np.concatenate([start, goal]).astype(np.float32),
                "states": configurations(path.states, PER_PATH).astype(np.float32),
                "costs": path.cost,
            }
    raise RuntimeError(f"no problem with a path through a passage in {_TRIES} worlds")


def _in_sight(world: World, start: Numbers, goal: Numbers) -> bool:
    """Whether the straight line between two positions is free: its path uses no passage worth learning."""
    share = np.linspace(0, 1, _DENSE)
    return not world.collides(*(start + share[:, None] * (goal - start)).T).any()


def boundary_negatives(
    problems: Problems, depth: float, rng: np.random.Generator
) -> tuple[NDArray[np.intp], Numbers]:
    """Return configurations on obstacle boundaries, a twentieth as many as there are on the paths.

    Returns the problem in whose world each is, (n,), and the states, (n, 4), whose velocities are those of random
    configurations of the same problem's path. For `depth` see
    :func:`~askew.applications.motion_planning.worlds.boundary_points`.
    """
    n_problems, per_path = problems.states.shape[:2]
    n = max(1, int(NEGATIVE_SHARE * n_problems * per_path))
    many = n > n_problems
    which = np.sort(rng.permutation(np.arange(n) % n_problems) if many else rng.permutation(n_problems)[:n])
    positions = [boundary_points(problems.problem(i).world, 1, depth, rng)[0] for i in which]
    velocities = problems.states[which, rng.integers(per_path, size=n), 2:]
    return which, np.concatenate([np.array(positions), velocities], axis=1)


def save(problems: Problems, path: str | os.PathLike[str]) -> None:
    """Write the problems to a .npz file, whole or not at all."""
    arrays = {field.name: getattr(problems, field.name) for field in fields(problems)}
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, **arrays)


def load(path: str | os.PathLike[str]) -> Problems:
    """Return the problems of a .npz file; one that is not of :func:`save` raises InvalidInputError."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return Problems(**{field.name: file[field.name] for field in fields(Problems)})
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InvalidInputError(
            f"path of load must be a file of planning problems; {Path(path).name}: {error}. Make it again."
        ) from error
