"""Discretised logistic probabilities, mutations, and WAIC."""

import numpy as np
import pytest
import torch

from askew.objectives import discretised_logistic, mutate, waic
from askew.objectives.likelihood import LEAST_LOG_SCALE

F64 = torch.float64
LEVELS = torch.linspace(0, 1, 256, dtype=F64)


@pytest.mark.parametrize("location", [-3.0, 0.0, 0.4, 1.7])
@pytest.mark.parametrize("log_scale", [-30.0, -5.0, -1.0, 2.0])
def test_probabilities_of_all_levels_add_up_to_one(location, log_scale):
    log_p = discretised_logistic(
        LEVELS, torch.full_like(LEVELS, location), torch.full_like(LEVELS, log_scale)
    )
    assert log_p.exp().sum().item() == pytest.approx(1.0, abs=1e-12)


def test_it_is_the_difference_of_two_logistic_functions():
    x, location = torch.tensor([3, 100, 254], dtype=F64) / 255, torch.tensor([0.1, 0.4, 0.8], dtype=F64)
    log_scale = torch.tensor([-1.0, -2.0, -3.0], dtype=F64)
    edges = [(x + side / 510 - location) / log_scale.exp() for side in (1, -1)]
    expected = torch.log(torch.sigmoid(edges[0]) - torch.sigmoid(edges[1]))
    torch.testing.assert_close(discretised_logistic(x, location, log_scale), expected)


def test_the_outer_levels_take_the_tails():
    zero, one = torch.zeros(1, dtype=F64), torch.ones(1, dtype=F64)
    expected = torch.sigmoid((zero + 1 / 510 - 0.3) / 0.1).log()
    torch.testing.assert_close(discretised_logistic(zero, zero + 0.3, zero + np.log(0.1)), expected)
    expected = torch.sigmoid(-(one - 1 / 510 - 0.3) / 0.1).log()
    torch.testing.assert_close(discretised_logistic(one, zero + 0.3, zero + np.log(0.1)), expected)


def test_far_out_it_falls_with_a_slope_in_float32():
    location = torch.tensor([40.0], requires_grad=True)
    log_p = discretised_logistic(torch.tensor([0.5]), location, torch.tensor([-4.0]))
    log_p.backward()
    assert log_p.item() == pytest.approx(-39.5 * np.exp(4.0), rel=0.01)  # -|x - μ| / s, and log of the width
    assert location.grad.item() == pytest.approx(-np.exp(4.0), rel=1e-3)


def test_scales_below_the_least_are_the_least():
    x = torch.tensor([0.5], dtype=F64)
    found = [discretised_logistic(x, x - 0.02, torch.full_like(x, s)) for s in (LEAST_LOG_SCALE, -50.0)]
    torch.testing.assert_close(found[0], found[1])


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"must have the shape of x, \(2, 3\); got \(2, 3\) and \(3,\)"):
        discretised_logistic(torch.rand(2, 3), torch.rand(2, 3), torch.rand(3))


@pytest.mark.parametrize("rate", [0.1, 0.3, 1.0])
def test_that_share_of_the_values_mutates_to_levels_that_are_all_alike_frequent(rate):
    noise = torch.randn(200_000, generator=torch.Generator().manual_seed(0))
    x = torch.full_like(noise, 0.501)  # no level: a mutated value is another one
    found = mutate(x, noise, rate)
    changed = found != x
    assert changed.float().mean().item() == pytest.approx(rate, abs=0.005)
    counts = torch.bincount((found[changed] * 255).round().long(), minlength=256)
    expected = changed.sum().item() / 256
    assert len(counts) == 256 and ((counts - expected).abs() < 5 * expected**0.5).all()


def test_waic_by_hand():
    log_p = torch.tensor([[-1.0, -10.0], [-3.0, -10.0], [-5.0, -10.0]], dtype=F64)
    torch.testing.assert_close(waic(log_p), torch.tensor([-3.0 - 8.0 / 3.0, -10.0], dtype=F64))


def test_every_value_mutates_at_rate_one_and_the_levels_are_evenly_likely():
    u = (torch.arange(4000, dtype=torch.float64) + 0.5) / 4000
    found = mutate(torch.full((4000,), 0.3, dtype=torch.float64), torch.special.ndtri(u), 1.0, levels=5)
    values, counts = found.unique(return_counts=True)
    assert values.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0] and (counts - 800).abs().max() <= 1
