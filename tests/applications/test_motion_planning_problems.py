"""The data: problems, their images, negatives, the file."""

import numpy as np
import pytest

from askew.applications.motion_planning import Problems, boundary_negatives, load, make_problems, save
from askew.applications.motion_planning.problems import NEGATIVE_SHARE, PER_PATH, joined
from askew.applications.motion_planning.steering import best_duration, cost_of
from askew.errors import InvalidInputError

FIELDS = ("occupied", "passages", "needed", "ends", "states", "costs")


@pytest.fixture(scope="module")
def problems():
    return make_problems(6, seed=3)


def equal(first, second):
    return all(np.array_equal(getattr(first, name), getattr(second, name)) for name in FIELDS)


def test_problems_are_made_in_parts_alike(problems):
    assert equal(problems, joined([make_problems(2, seed=3), make_problems(4, seed=3, first=2)]))
    assert not equal(problems[:2], make_problems(2, seed=4))


def test_states_are_free_and_on_the_way(problems):
    assert problems.states.shape == (6, PER_PATH, 4)
    for i in range(6):
        problem = problems.problem(i)
        assert not problem.world.collides(*problem.start[None, :2].T).any()
        assert not problem.world.collides(*problems.states[i, :, :2].T).any()
        assert problem.needed.any() and not (problem.needed & ~problem.world.passages).any()
        ends = np.stack([problem.start, problem.goal])
        direct = cost_of(ends[0], ends[1], best_duration(ends[0], ends[1]))
        assert problem.cost > direct  # it goes around walls


def test_images_are_problems_with_the_same_paths(problems):
    images = problems.mirrored()
    assert len(images) == 48 and equal(images[:6], problems)
    assert len({(images.occupied[i].tobytes(), images.ends[i].tobytes()) for i in range(48)}) == 48
    for i in range(48):
        problem = images.problem(i)
        for end in (problem.start, problem.goal):
            assert not problem.world.collides(*end[None, :2].T).any()
        assert not problem.world.collides(*images.states[i, :, :2].T).any()
        first, last = images.states[i, [0, -1]]
        assert np.dot(first[2:], first[:2] - problem.start[:2]) > 0  # it leaves the start
        assert np.dot(last[2:], problem.goal[:2] - last[:2]) > 0  # and comes to the goal


def test_conditions_are_grid_start_and_goal(problems):
    conditions = problems.conditions()
    assert conditions.shape == (6, 125) and conditions.dtype == np.float32
    np.testing.assert_array_equal(conditions[:, :121] > 0, problems.occupied.reshape(6, -1))
    np.testing.assert_allclose(conditions[:, 121:], 2 * problems.ends - 1, rtol=1e-6)


def test_negatives_are_a_twentieth_and_on_boundaries(problems):
    many = problems.mirrored()
    which, states = boundary_negatives(many, 0.0, np.random.default_rng(0))
    assert len(which) == len(states) == int(NEGATIVE_SHARE * 48 * PER_PATH) == 28
    step = 1e-6 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    for i, state in zip(which, states, strict=True):
        around = many.problem(i).world.collides(*(state[:2] + step).T)
        assert around.any() and not around.all()
        assert (np.abs(many.states[i, :, 2:] - state[2:]).max(1) < 1e-6).any()  # a velocity of that path


def test_file_gives_the_problems_back(problems, tmp_path):
    save(problems, tmp_path / "problems.npz")
    assert equal(load(tmp_path / "problems.npz"), problems)
    assert [path.name for path in tmp_path.iterdir()] == ["problems.npz"]


def test_a_file_that_breaks_off_leaves_nothing(problems, tmp_path, monkeypatch):
    def breaks(path, **arrays):
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", breaks)
    with pytest.raises(OSError, match="disk full"):
        save(problems, tmp_path / "problems.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a file of numbers", None])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "problems.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=r"problems\.npz.*Make it again"):
        load(path)


def test_a_slice_is_problems(problems):
    assert isinstance(problems[2:4], Problems) and len(problems[2:4]) == 2


def test_paths_keep_a_quarter_of_a_cell_away_from_the_walls(problems):
    for i in range(len(problems)):
        assert not problems.problem(i).world.wider().collides(*problems.states[i, :, :2].T).any()
