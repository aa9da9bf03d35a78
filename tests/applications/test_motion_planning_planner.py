"""Motions, the road map and the near-optimal paths, against brute force and closed forms."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from askew.applications.motion_planning.paths import best_motion, configurations, smooth
from askew.applications.motion_planning.roadmap import neighbours, plan
from askew.applications.motion_planning.steering import EFFORT, along, best_duration, blocked, cost_of
from askew.applications.motion_planning.worlds import CELLS, World, random_world


def world_of(*cells):
    occupied = np.zeros((CELLS, CELLS), bool)
    for i, j in cells:
        occupied[i, j] = True
    return World(occupied, np.zeros_like(occupied))


EMPTY = world_of()
GATE = world_of(*[(5, j) for j in range(CELLS) if j != 8])  # a wall in the middle with one gap


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    return np.concatenate([rng.random((2, 50, 2)), rng.uniform(-1, 1, (2, 50, 2))], axis=-1)


def test_a_motion_begins_and_ends_where_it_should(pairs):
    start, end = pairs
    duration = best_duration(start, end)
    states = along(start, end, duration, np.array([0.0, 1.0]))
    np.testing.assert_allclose(states[:, 0], start, atol=1e-12)
    np.testing.assert_allclose(states[:, 1], end, atol=1e-9)


def test_velocity_is_the_derivative_of_position(pairs):
    start, end = (states[:5] for states in pairs)
    duration, h = best_duration(start, end), 1e-6
    states = along(start, end, duration, np.array([0.4, 0.4 + h]))
    slope = (states[:, 1, :2] - states[:, 0, :2]) / (h * duration[:, None])
    np.testing.assert_allclose(slope, states[:, 0, 2:], atol=1e-4)


def test_cost_is_time_plus_effort(pairs):
    start, end = (states[:1] for states in pairs)
    duration, h = np.array([0.8]), 1e-4

    def acceleration(share):
        states = along(start, end, duration, np.array([share - h, share + h]))[0]
        return (states[1, 2:] - states[0, 2:]) / (2 * h * duration[0])

    effort = quad(lambda share: (acceleration(share) ** 2).sum() * duration[0], 0, 1)[0]
    np.testing.assert_allclose(cost_of(start, end, duration), duration + EFFORT * effort, rtol=1e-5)


def test_no_other_duration_is_cheaper(pairs):
    duration = best_duration(*pairs)
    found = cost_of(*pairs, duration)
    for i, (start, end) in enumerate(zip(*pairs, strict=True)):
        best = min(cost_of(start, end, t) for t in np.geomspace(0.02, 9, 400))
        assert found[i] <= best + 1e-9
    exact = minimize_scalar(
        lambda t: cost_of(pairs[0, 0], pairs[1, 0], t), bounds=(0.05, 5), method="bounded"
    )
    assert found[0] <= exact.fun + 1e-6


def test_blocked_equals_brute_force():
    rng = np.random.default_rng(0)
    world = random_world(rng)
    start, end = (
        np.concatenate([world.free_points(300, rng), rng.uniform(-1, 1, (300, 2))], axis=1) for _ in "ab"
    )
    duration = best_duration(start, end)
    found = blocked(world, start, end, duration)
    points = along(start, end, duration, np.linspace(0, 1, 4000))[..., :2]
    truth = world.collides(*np.moveaxis(points, -1, 0)).any(1)
    assert not (found & ~truth).any()
    # a motion that cuts a corner by less than the distance of the points that are checked may pass
    assert (truth & ~found).mean() < 0.02 and found.sum() > 20 and (~found).sum() > 20


def test_neighbours_are_the_nearest_and_go_both_ways():
    positions = np.random.default_rng(0).random((40, 2))
    edges = set(zip(*(end.tolist() for end in neighbours(positions)), strict=True))
    assert edges == {(j, i) for i, j in edges} and all(i != j for i, j in edges)
    distance = np.linalg.norm(positions[:, None] - positions, axis=-1)
    for i in range(40):
        assert {(i, int(j)) for j in np.argsort(distance[i])[1:11]} <= edges


def test_direct_motion_where_nothing_is_in_the_way():
    start, goal = np.array([0.1, 0.2, 0, 0]), np.array([0.9, 0.6, 0, 0])
    found = plan(EMPTY, start, goal, np.empty((0, 4)))
    np.testing.assert_allclose(found.states, [start, goal])
    length = np.hypot(0.8, 0.4)
    duration = (36 * EFFORT * length**2) ** 0.25
    np.testing.assert_allclose(found.cost, duration + 12 * EFFORT * length**2 / duration**3, rtol=1e-6)


def test_the_cheaper_of_two_ways_is_taken():
    start, goal = np.array([0.2, 0.2, 0, 0]), np.array([0.8, 0.2, 0, 0])
    gap = np.array([5.5 / CELLS, 8.5 / CELLS])
    good, fast = np.concatenate([gap, [0.5, 0.0]]), np.concatenate([gap, [1.0, 0.0]])
    found = plan(GATE, start, goal, np.stack([fast, good]))
    np.testing.assert_allclose(found.states, [start, good, goal])
    assert found.cost < plan(GATE, start, goal, fast[None]).cost < np.inf


def test_no_way_is_said():
    start, goal = np.array([0.2, 0.2, 0, 0]), np.array([0.8, 0.2, 0, 0])
    in_wall = np.array([[5.5 / CELLS, 0.2, 0.5, 0.0]])
    found = plan(GATE, start, goal, in_wall)
    assert not found.found and found.states is None and found.cost == np.inf


def test_more_samples_never_cost_more_when_all_are_neighbours():
    rng = np.random.default_rng(0)
    start, goal = np.array([0.2, 0.2, 0, 0]), np.array([0.8, 0.2, 0, 0])
    samples = np.concatenate([GATE.free_points(8, rng), rng.uniform(-1, 1, (8, 2))], axis=1)
    samples[[0, 6], :] = [5.5 / CELLS, 8.5 / CELLS, 0.0, 0.0]
    samples[[0, 6], 2] = 1.0, 0.5
    costs = [plan(GATE, start, goal, samples[:n]).cost for n in range(1, 8)]
    assert np.isfinite(costs[0]) and (np.diff(costs) <= 1e-12).all() and costs[-1] < costs[0]


def test_best_motion_is_free_and_near_the_optimum():
    start, goal = np.array([0.2, 0.2]), np.array([0.8, 0.2])
    found = best_motion(GATE, start, goal, np.random.default_rng(0))
    states = found.states
    duration = best_duration(states[:-1], states[1:])
    assert not blocked(GATE, states[:-1], states[1:], duration).any()
    np.testing.assert_allclose(cost_of(states[:-1], states[1:], duration).sum(), found.cost)
    np.testing.assert_allclose(states[[0, -1]], [[0.2, 0.2, 0, 0], [0.8, 0.2, 0, 0]])
    # the best of all motions with one state in the gap; more states can only improve on it
    rng = np.random.default_rng(1)
    tried = np.concatenate(
        [
            rng.uniform([5 / CELLS, 8 / CELLS], [6 / CELLS, 9 / CELLS], (400, 2)),
            rng.uniform([0.2, -0.2], [1.2, 0.2], (400, 2)),
        ],
        axis=1,
    )
    ends = np.array([[*start, 0, 0], [*goal, 0, 0]])
    legs = [(np.repeat(ends[:1], 400, axis=0), tried), (tried, np.repeat(ends[1:], 400, axis=0))]
    durations = [best_duration(*leg) for leg in legs]
    costs = sum(cost_of(*leg, t) for leg, t in zip(legs, durations, strict=True))
    hit = np.any([blocked(GATE, *leg, t) for leg, t in zip(legs, durations, strict=True)], axis=0)
    assert (~hit).sum() > 20 and found.cost < costs[~hit].min() * 1.01


def test_no_motion_through_a_closed_wall():
    closed = world_of(*[(5, j) for j in range(CELLS)])
    found = best_motion(closed, np.array([0.2, 0.2]), np.array([0.8, 0.2]), np.random.default_rng(0))
    assert not found.found


def test_smooth_velocities_are_a_minimum():
    positions = np.array([[[0.1, 0.1], [0.5, 0.8], [0.9, 0.2], [0.9, 0.9]]])
    states, _, _ = smooth(positions)

    def cost(velocities):
        moved = states.copy()
        moved[0, 1:-1, 2:] = velocities
        return cost_of(moved[:, :-1], moved[:, 1:], best_duration(moved[:, :-1], moved[:, 1:])).sum()

    best = states[0, 1:-1, 2:]
    rng = np.random.default_rng(0)
    assert all(cost(best) <= cost(best + 0.1 * rng.standard_normal(best.shape)) for _ in range(50))


def test_configurations_are_equally_spaced_in_time():
    rest = np.array([[0.1, 0.5, 0, 0], [0.5, 0.5, 0.5, 0], [0.9, 0.5, 0, 0]])
    states = configurations(rest, 9)
    np.testing.assert_allclose(states[4], rest[1], atol=1e-9)  # the middle, by symmetry
    np.testing.assert_allclose(states[:, 0] + states[::-1, 0], 1.0, atol=1e-9)
    one = configurations(rest[:2], 3)
    duration = best_duration(rest[:1], rest[1:2])
    np.testing.assert_allclose(one, along(rest[:1], rest[1:2], duration, np.array([0.25, 0.5, 0.75]))[0])
