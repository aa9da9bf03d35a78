"""A probabilistic road map (PRM*): states joined to their neighbours by motions, and the cheapest way through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from askew.applications.motion_planning.steering import best_duration, blocked, cost_of
from askew.applications.motion_planning.worlds import Numbers, World

NEIGHBOURS = 1.25 * math.e
"""k = NEIGHBOURS log n, where e (1 + 1/4) is the least for which PRM* is optimal in four dimensions."""


@dataclass(frozen=True)
class Plan:
    """The way that a planner returns."""

    states: Numbers | None
    """(n, 4), start and goal included; None if the goal cannot be reached."""
    cost: float
    """Sum of the motions' costs; infinite if the goal cannot be reached."""

    @property
    def found(self) -> bool:
        """Whether there is a way."""
        return self.states is not None


def plan(world: World, start: Numbers, goal: Numbers, samples: Numbers) -> Plan:
    """Return the cheapest way from `start` to `goal`, states (4,), over those of the `samples`, (n, 4), that are free.

    Reference: Karaman and Frazzoli (2011): Sampling-based algorithms for optimal motion planning, the k-nearest PRM*.

    >>> empty = World(np.zeros((11, 11), bool), np.zeros((11, 11), bool))
    >>> start, goal = np.array([0.0, 0.5, 0, 0]), np.array([0.9, 0.5, 0, 0])
    >>> round(plan(empty, start, goal, np.empty((0, 4))).cost, 3)
    1.465
    """
    states = np.concatenate([start[None], goal[None], samples])
    states = states[~world.collides(*states[:, :2].T) | (np.arange(len(states)) < 2)]
    first, second = neighbours(states[:, :2])
    duration = best_duration(states[first], states[second])
    cost = cost_of(states[first], states[second], duration)
    open_ = ~blocked(world, states[first], states[second], duration)
    way, least = cheapest_way(len(states), first[open_], second[open_], cost[open_])
    return Plan(None if way is None else states[way], least)


def cheapest_way(
    n: int, first: NDArray[np.intp], second: NDArray[np.intp], cost: Numbers
) -> tuple[list[int] | None, float]:
    """Return the cheapest way from node 0 to node 1 of n over directed edges, None if there is none, and its cost."""
    graph: Any = csr_matrix((cost, (first, second)), shape=(n, n))
    costs, before = (of[0] for of in dijkstra(graph, indices=[0], return_predecessors=True))
    if not np.isfinite(costs[1]):
        return None, math.inf
    way = [1]
    while way[-1] != 0:
        way.append(int(before[way[-1]]))
    return way[::-1], float(costs[1])


def neighbours(positions: Numbers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return both ends of all directed edges between each position, (n, 2), and its nearest ones."""
    n = len(positions)
    k = min(n - 1, math.ceil(NEIGHBOURS * math.log(n)))
    _, nearest = cKDTree(positions).query(positions, k=k + 1)
    first, second = np.repeat(np.arange(n), k + 1), nearest.reshape(-1)
    first, second = first[first != second], second[first != second]
    pairs = np.unique(np.concatenate([first * n + second, second * n + first]))
    return pairs // n, pairs % n
