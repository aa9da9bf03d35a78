"""Near-optimal motions through a world: a road map of positions, shortcuts, then a smooth motion along it.

The road map is over positions alone, so a few hundred of them are dense; the motion's speeds are then the
optimum of a small quadratic problem. The planner of :mod:`~askew.applications.motion_planning.roadmap`, which
samples velocities too, needs thousands of samples for ways as cheap as these.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from askew.applications.motion_planning.roadmap import Plan, cheapest_way, neighbours
from askew.applications.motion_planning.steering import along, best_duration, blocked, cost_of
from askew.applications.motion_planning.worlds import CELLS, Flags, Numbers, World

POSITIONS = 300
"""Free positions in the road map."""

IN_PASSAGES = 12
"""Further positions in each cell of a passage."""

CLEARANCE = 0.012
"""Distance from the walls that the road map keeps, an eighth of a cell: smooth motions swing out a little."""

_SPACING = 0.03
_ALTERNATIONS = 6
_INSERTIONS = 5
_CANDIDATES = 12
_STEPS = (0.03, 0.02, 0.01)


def best_motion(world: World, start: Numbers, goal: Numbers, rng: np.random.Generator) -> Plan:
    """Return a motion from rest at `start` to rest at `goal`, both (2,) and free, of nearly the least cost.

    The states of the plan are the ends of cubic motions, None if there is no way. `rng` draws the road map's
    positions and the trial moves of the last step.
    """
    route = _shortest_route(world, start, goal, rng)
    states = None if route is None else _free_motion(world, route)
    return Plan(None, np.inf) if states is None else _improved(world, states, rng)


def configurations(states: Numbers, n: int) -> Numbers:
    """Return n states, (n, 4), equally spaced in time along the motions between `states`, ends left out."""
    duration = best_duration(states[:-1], states[1:])
    ends = np.concatenate([[0.0], np.cumsum(duration)])
    times = ends[-1] * (np.arange(n) + 1) / (n + 1)
    leg = np.clip(np.searchsorted(ends, times, side="right") - 1, 0, len(duration) - 1)
    return np.concatenate(
        [
            along(states[i : i + 1], states[i + 1 : i + 2], duration[i : i + 1], share[None])[0]
            for i, share in zip(leg, (times - ends[leg]) / duration[leg], strict=True)
        ]
    )


def _shortest_route(world: World, start: Numbers, goal: Numbers, rng: np.random.Generator) -> Numbers | None:
    """Return the corners of a short route of straight lines, (m, 2), or None."""
    cells = np.argwhere(world.passages)
    inside = (np.repeat(cells, IN_PASSAGES, axis=0) + rng.random((IN_PASSAGES * len(cells), 2))) / CELLS
    candidates = np.concatenate([world.free_points(POSITIONS, rng), inside])
    positions = np.concatenate([start[None], goal[None], candidates[_clear(world, candidates)]])
    first, second = neighbours(positions)
    route = _over_straight_lines(world, positions, first, second)
    if route is None:
        return None
    pieces = [
        a + (b - a) * np.arange(n)[:, None] / n
        for a, b in pairwise(route)
        for n in [int(np.linalg.norm(b - a) / _SPACING) + 1]
    ]
    dense = np.concatenate([*pieces, route[-1:]])
    first, second = np.triu_indices(len(dense), 1)
    order = np.r_[0, len(dense) - 1, 1 : len(dense) - 1]  # start and goal come first
    place = np.argsort(order)
    shorter = _over_straight_lines(world, dense[order], place[first], place[second])
    return route if shorter is None else shorter  # a line that grazes a wall may be free in one piece alone


def _clear(world: World, points: Numbers) -> Flags:
    corners = CLEARANCE * np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)])
    clear: Flags = ~np.any([world.collides(*(points + corner).T) for corner in corners], axis=0)
    return clear


def _over_straight_lines(
    world: World, positions: Numbers, first: NDArray[np.intp], second: NDArray[np.intp]
) -> Numbers | None:
    """Return the shortest way from position 0 to position 1 over free straight lines, or None."""
    n = len(positions)
    pairs = np.unique(np.minimum(first, second) * n + np.maximum(first, second))  # each line once
    first, second = pairs // n, pairs % n
    at_rest = np.concatenate([positions, np.zeros_like(positions)], axis=1)
    # a motion from rest to rest is a straight line, whatever it takes
    free = ~blocked(world, at_rest[first], at_rest[second], np.ones(len(first)))
    first, second = first[free], second[free]
    length = np.linalg.norm(positions[first] - positions[second], axis=1)
    both = np.concatenate([first, second]), np.concatenate([second, first])
    way, _ = cheapest_way(n, *both, np.concatenate([length, length]))
    return None if way is None else positions[way]


def _free_motion(world: World, route: Numbers) -> Numbers | None:
    """Return the states of a smooth motion along a route, with a stop more wherever it would hit a wall."""
    for _ in range(_INSERTIONS):
        states, duration, _ = smooth(route[None])
        hit = np.flatnonzero(blocked(world, states[0, :-1], states[0, 1:], duration[0]))
        if len(hit) == 0:
            free: Numbers = states[0]
            return free
        route = np.insert(route, hit + 1, 0.5 * (route[hit] + route[hit + 1]), axis=0)
    return None


def _improved(world: World, states: Numbers, rng: np.random.Generator) -> Plan:
    """Move the states' positions at random, again and again, keeping what is free and cheapest."""
    best, least = states, float(smooth(states[None, :, :2])[2][0])
    for size in _STEPS if len(states) > 2 else ():
        moved = np.repeat(best[None, :, :2], _CANDIDATES, axis=0)
        moved[:, 1:-1] += size * rng.standard_normal(moved[:, 1:-1].shape)
        candidates, duration, costs = smooth(moved)
        for one in np.argsort(costs):
            if costs[one] >= least:
                break
            if not blocked(world, candidates[one, :-1], candidates[one, 1:], duration[one]).any():
                best, least = candidates[one], float(costs[one])
                break
    return Plan(best, least)


def smooth(positions: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the cheapest motions through positions, (n routes, m, 2), at rest at both ends of each route.

    Velocities and durations are optimised in turn, a few times. Returns states (n, m, 4), durations (n, m - 1) and
    costs (n,).
    """
    states = np.concatenate([positions, np.zeros_like(positions)], axis=-1)
    duration = best_duration(states[:, :-1], states[:, 1:])
    for _ in range(_ALTERNATIONS if positions.shape[1] > 2 else 0):
        states[:, 1:-1, 2:] = _best_velocities(positions, duration)
        duration = best_duration(states[:, :-1], states[:, 1:])
    return states, duration, cost_of(states[:, :-1], states[:, 1:], duration).sum(-1)


def _best_velocities(positions: Numbers, duration: Numbers) -> Numbers:
    """Return the velocities at the inner positions, (n, m - 2, 2), that cost least for given durations."""
    d = np.diff(positions, axis=1) / duration[..., None] ** 2
    inner = positions.shape[1] - 2
    system = np.zeros((len(positions), inner, inner))
    i = np.arange(inner)
    system[:, i, i] = 8 / duration[:, :-1] + 8 / duration[:, 1:]
    system[:, i[:-1], i[1:]] = system[:, i[1:], i[:-1]] = 4 / duration[:, 1:-1]
    velocities: Numbers = np.linalg.solve(system, 12 * (d[:, :-1] + d[:, 1:])).astype(np.float64)
    return velocities
