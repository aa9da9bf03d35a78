"""Worlds: walls, passages, collisions, boundaries."""

import numpy as np
import pytest

from askew.applications.motion_planning.worlds import CELLS, World, boundary_points, random_world
from askew.errors import InvalidInputError


@pytest.fixture(scope="module")
def worlds():
    rng = np.random.default_rng(0)
    return [random_world(rng) for _ in range(200)]


def in_a_box(world, x, y):
    """Brute force: is the point outside the square or in any of the occupied boxes?"""
    if not (0 <= x < 1 and 0 <= y < 1):
        return True
    return any(i <= x * CELLS < i + 1 and j <= y * CELLS < j + 1 for i, j in np.argwhere(world.occupied))


def test_collisions_equal_brute_force(worlds):
    rng = np.random.default_rng(1)
    for world in worlds[:5]:
        points = rng.uniform(-0.1, 1.1, (200, 2))
        assert world.collides(*points.T).tolist() == [in_a_box(world, x, y) for x, y in points]


@pytest.mark.parametrize("point", [(-1e-9, 0.5), (0.5, -5.0), (1.0, 0.5), (0.5, 7.0)])
def test_outside_is_a_collision(point):
    empty = World(np.zeros((CELLS, CELLS), bool), np.zeros((CELLS, CELLS), bool))
    assert empty.collides(*np.array([[0.5, 0.5], point]).T).tolist() == [False, True]


def test_walls_span_the_world_and_have_one_or_two_gaps(worlds):
    for world in worlds:
        walls = np.flatnonzero(world.occupied.any(1))
        assert len(walls) in (2, 3) and walls.min() >= 1 and walls.max() <= CELLS - 2
        assert (np.diff(walls) >= 3).all()  # two free rows between any two of them
        for wall in walls:
            assert (world.occupied[wall] ^ world.passages[wall]).all()
            assert 1 <= world.passages[wall].sum() <= 4
        assert not world.passages[~world.occupied.any(1)].any()


def test_worlds_differ(worlds):
    assert len({world.occupied.tobytes() for world in worlds}) > 190
    assert {len(np.flatnonzero(world.occupied.any(1))) for world in worlds} == {2, 3}


def test_free_points_are_free_and_everywhere(worlds):
    points = worlds[0].free_points(5000, np.random.default_rng(0))
    assert not worlds[0].collides(*points.T).any()
    cells = np.floor(points * CELLS).astype(int)
    assert len(np.unique(cells, axis=0)) == (~worlds[0].occupied).sum()


def test_edges_are_between_wall_and_free():
    occupied = np.zeros((CELLS, CELLS), bool)
    occupied[0, :2] = True  # in a corner: two sides are the square's own
    edges = World(occupied, np.zeros_like(occupied)).edges() * CELLS
    lines = sorted(tuple(map(tuple, np.sort(edge, axis=0).round(6).tolist())) for edge in edges)
    assert lines == [((0, 2), (1, 2)), ((1, 0), (1, 1)), ((1, 1), (1, 2))]


def test_boundary_points_lie_on_boundaries(worlds):
    rng = np.random.default_rng(0)
    for world in worlds[:5]:
        points = boundary_points(world, 100, 0.0, rng)
        step = 1e-6 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        around = world.collides(*(points[:, None] + step).transpose(2, 0, 1))  # (points, 4)
        assert around.any(1).all() and not around.all(1).any()


def test_deep_boundary_points_are_inside(worlds):
    depth = 0.5 / CELLS
    for world in worlds[:5]:
        points = boundary_points(world, 300, depth, np.random.default_rng(0))
        assert world.collides(*points.T).mean() > 0.99  # some are on the boundary, up to rounding
        step = (depth + 1e-6) * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        assert not world.collides(*(points[:, None] + step).transpose(2, 0, 1)).all(1).any()


def test_same_seed_same_world():
    first, second = (random_world(np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first.occupied, second.occupied)


def test_a_world_of_another_size_is_refused():
    with pytest.raises(InvalidInputError, match=r"occupied of World must be of shape \(11, 11\)"):
        World(np.zeros((3, 3), bool), np.zeros((11, 11), bool))


def test_a_wider_world_has_walls_a_quarter_of_a_cell_thicker(worlds):
    points = np.random.default_rng(2).uniform(-0.05, 1.05, (2000, 2))
    for world in worlds[:5]:
        corners = [
            world.collides(*(points + np.array(by) / (4 * CELLS)).T)
            for by in ((1, 1), (1, -1), (-1, 1), (-1, -1))
        ]
        assert world.wider().collides(*points.T).tolist() == np.any(corners, axis=0).tolist()
        assert world.wider().edges().tolist() == world.edges().tolist()
