"""Points between codes and away from them: weights, hulls, radii."""

import math

import pytest
import torch

from askew import objectives

F64 = torch.float64


def uniform(*shape, seed=0):
    return torch.rand(*shape, dtype=F64, generator=torch.Generator().manual_seed(seed))


def normal(*shape, seed=0):
    return torch.randn(*shape, dtype=F64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("points", [2, 3, 4, 7])
def test_simplex_weights_are_at_least_0_and_add_up_to_1(points):
    weights = objectives.simplex_weights(uniform(1000, points - 1))
    assert weights.shape == (1000, points) and (weights >= -1e-12).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(1000, dtype=F64))


def test_three_points_have_the_papers_weights():
    u = uniform(5000, 2)
    weights = objectives.simplex_weights(u)
    torch.testing.assert_close(weights[:, 1:], 0.5 * u)  # U(0, ½)
    torch.testing.assert_close(weights[:, 0], 1 - 0.5 * u[:, 0] - 0.5 * u[:, 1])


@pytest.mark.parametrize("points", [2, 3, 5])
def test_an_interpolation_is_inside_of_what_its_points_span(points):
    codes = normal(points, 200, 4)
    found = objectives.simplex(codes, objectives.simplex_weights(uniform(200, points - 1)))
    # in every direction no further than the furthest of the points
    directions = normal(4, 50, seed=1)
    assert ((found @ directions) <= (codes @ directions).amax(0) + 1e-12).all()
    assert ((found @ directions) >= (codes @ directions).amin(0) - 1e-12).all()


def test_simplex_by_hand_and_at_its_corners():
    codes = torch.tensor([[[0.0, 0.0]], [[4.0, 0.0]], [[0.0, 8.0]]], dtype=F64)
    inside = objectives.simplex(codes, torch.tensor([[0.5, 0.25, 0.25]], dtype=F64))
    assert inside.tolist() == [[1.0, 2.0]]
    for corner in range(3):
        weights = torch.eye(3, dtype=F64)[corner][None]
        assert objectives.simplex(codes, weights).tolist() == codes[corner].tolist()


def test_members_in_front_do_not_mix():
    codes, weights = normal(2, 3, 5, 4), objectives.simplex_weights(uniform(2, 5, 2))
    together = objectives.simplex(codes, weights)
    alone = torch.stack([objectives.simplex(c, w) for c, w in zip(codes, weights, strict=True)])
    torch.testing.assert_close(together, alone)
    keys = normal(2, 5)
    together = objectives.shuffled(codes[:, 0], keys)
    alone = torch.stack([objectives.shuffled(c, k) for c, k in zip(codes[:, 0], keys, strict=True)])
    torch.testing.assert_close(together, alone)


def test_shuffled_rows_are_all_there():
    rows = normal(50, 3)
    found = objectives.shuffled(rows, normal(50, seed=1))
    assert sorted(found.tolist()) == sorted(rows.tolist()) and found.tolist() != rows.tolist()


def test_mix_up_is_between_its_rows():
    x, other = normal(100, 3), normal(100, 3, seed=1)
    found = objectives.mix_up(x, other, uniform(100))
    low, high = torch.minimum(x, other), torch.maximum(x, other)
    assert (found >= low).all() and (found <= high).all()
    assert objectives.mix_up(x, other, torch.ones(100, dtype=F64)).tolist() == x.tolist()


@pytest.mark.parametrize("side, low, high", [("inward", 7.5, 8.0), ("outward", 8.0, 8.5)])
def test_atypical_codes_lie_between_the_papers_spheres(side, low, high):
    directions, u = normal(4000, 64), uniform(4000)
    codes = objectives.atypical_codes(directions, u, delta=0.5, side=side)
    radii = codes.norm(dim=-1)
    assert (radii >= low - 1e-9).all() and (radii <= high + 1e-9).all()
    assert radii.min() < low + 0.01 and radii.max() > high - 0.01
    assert abs(radii.mean().item() - (low + high) / 2) < 0.01  # uniform in the radius
    # in all directions alike, and in those that were given
    assert codes.mean(0).norm() < 0.25
    cosine = torch.nn.functional.cosine_similarity(codes, directions, dim=-1)
    torch.testing.assert_close(cosine, torch.ones_like(cosine))


def test_a_shell_thicker_than_the_sphere_ends_in_its_middle():
    codes = objectives.atypical_codes(normal(500, 4), uniform(500), delta=9.0, side="inward")
    assert (codes.norm(dim=-1) <= 2.0 + 1e-9).all() and codes.isfinite().all()
    assert (codes.norm(dim=-1) == 0.0).any()


def test_the_codes_of_the_public_code_are_scaled():
    codes, u = normal(300, 5), uniform(300)
    inward = objectives.scaled_codes(codes, u, side="inward")
    torch.testing.assert_close(inward, 0.5 * u[:, None] * codes)
    outward = objectives.scaled_codes(codes, u.clamp(min=0.02), side="outward")
    assert (outward.norm(dim=-1) >= 2 * codes.norm(dim=-1) - 1e-9).all()  # at least twice as far
    assert objectives.scaled_codes(codes, torch.zeros(300, dtype=F64), side="outward").isfinite().all()


def test_uniform_codes_fill_a_cube_inside_of_the_typical_sphere():
    codes = objectives.uniform_codes(uniform(4000, 64))
    assert codes.min() < -0.99 and codes.max() > 0.99 and codes.abs().max() <= 1.0
    assert (codes.norm(dim=-1) < math.sqrt(64)).all()


def test_a_direction_shorter_than_one_is_scaled_like_any_other():
    codes = objectives.atypical_codes(
        torch.tensor([[0.3, 0.4]]), torch.tensor([0.0]), delta=0.5, side="outward"
    )
    torch.testing.assert_close(codes, torch.tensor([[0.6, 0.8]]) * 2**0.5)
