"""DAGMM's mixture against values worked out by hand and scipy's densities."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from askew import objectives

F64 = torch.float64


def f64(*values):
    return torch.tensor(values, dtype=F64)


def some_mixture(seed=0, members=()):
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(*members, 40, 3, dtype=F64, generator=generator)
    membership = torch.randn(*members, 40, 2, dtype=F64, generator=generator).softmax(-1)
    return z, membership


def test_features_by_hand_on_three_points():
    x = f64([3.0, 4.0], [1.0, 0.0], [0.0, 2.0])
    x_hat = f64([3.0, 0.0], [-1.0, 0.0], [0.0, 2.0])
    # relative distances 4/5, 2/1, 0/2; cosines 9/15, -1, 1
    expected = f64([0.8, 0.6], [2.0, -1.0], [0.0, 1.0])
    torch.testing.assert_close(objectives.reconstruction_features(x, x_hat), expected, rtol=0, atol=1e-6)


def test_features_of_zeros_and_of_a_perfect_reconstruction_have_finite_gradients():
    x = f64([0.0, 0.0], [1.0, 2.0])
    x_hat = x.clone().requires_grad_()
    found = objectives.reconstruction_features(x, x_hat)
    found.sum().backward()
    assert found.isfinite().all() and x_hat.grad.isfinite().all()


def test_features_refuse_what_would_broadcast():
    with pytest.raises(ValueError, match="x_hat of reconstruction_features must have the shape of x"):
        objectives.reconstruction_features(torch.ones(3, 2), torch.ones(1, 2))


def test_parameters_by_hand_on_three_points():
    z = f64([0.0], [2.0], [6.0])
    membership = f64([1.0, 0.0], [0.5, 0.5], [0.0, 1.0])
    weight, mean, covariance = objectives.mixture_parameters(z, membership, floor=0.25)
    assert weight.tolist() == [0.5, 0.5]
    # means (0 + 1) / 1.5 and (1 + 6) / 1.5; variances (4/9 + ½ (4/3)²) / 1.5 and (½ (8/3)² + (4/3)²) / 1.5
    assert mean[:, 0].tolist() == pytest.approx([2 / 3, 14 / 3], rel=1e-14)
    assert covariance[:, 0, 0].tolist() == pytest.approx([8 / 9 + 0.25, 32 / 9 + 0.25], rel=1e-14)


def test_energy_by_hand_on_three_points():
    # two components of weight ½ at -1 and 1 with variance 1
    energy = objectives.mixture_energy(
        f64([0.0], [1.0], [-1.0]), f64(0.5, 0.5), f64([-1.0], [1.0]), torch.ones(2, 1, 1, dtype=F64)
    )
    at_0 = 0.5 + 0.5 * math.log(2 * math.pi)
    at_1 = -math.log(0.5 * (1 + math.exp(-2))) + 0.5 * math.log(2 * math.pi)
    assert energy.tolist() == pytest.approx([at_0, at_1, at_1], rel=1e-14)


def test_energy_is_minus_scipys_log_density():
    z, membership = some_mixture()
    weight, mean, covariance = objectives.mixture_parameters(z, membership)
    density = sum(
        float(w) * multivariate_normal(m.numpy(), c.numpy()).pdf(z.numpy())
        for w, m, c in zip(weight, mean, covariance, strict=True)
    )
    energy = objectives.mixture_energy(z, weight, mean, covariance)
    np.testing.assert_allclose(energy.numpy(), -np.log(density), rtol=1e-12)


def test_energy_far_away_is_finite_and_grows_in_float32():
    one = torch.ones(1), torch.zeros(1, 2), torch.eye(2).unsqueeze(0)
    far = objectives.mixture_energy(torch.tensor([[1e3, 0.0], [1e4, 0.0]]), *one)
    assert far.tolist() == pytest.approx([5e5, 5e7], rel=1e-3)


def test_energy_of_a_component_without_weight_is_finite():
    z, weight = f64([0.0]).requires_grad_(), f64(1.0, 0.0).requires_grad_()
    energy = objectives.mixture_energy(z, weight, f64([0.0], [5.0]), torch.ones(2, 1, 1, dtype=F64))
    energy.sum().backward()
    assert energy.item() == pytest.approx(0.5 * math.log(2 * math.pi))
    assert z.grad.isfinite().all() and weight.grad.isfinite().all()


@pytest.mark.parametrize(
    "bad", [-torch.eye(3), torch.zeros(3, 3), torch.tensor([[1.0, 2, 0], [2, 1, 0], [0, 0, 1]])]
)
def test_a_bad_covariance_is_nan_for_its_own_member_alone(bad):
    z, membership = some_mixture(members=(2,))
    weight, mean, covariance = objectives.mixture_parameters(z, membership)
    covariance[0, 1] = bad
    energy = objectives.mixture_energy(z, weight, mean, covariance)
    assert energy[0].isnan().all() and energy[1].isfinite().all()


def test_singularity_by_hand():
    covariance = torch.stack([torch.diag(f64(1.0, 2.0)), torch.diag(f64(4.0, 0.5))])
    assert objectives.singularity(covariance).item() == 1 + 0.5 + 0.25 + 2


def test_gradcheck():
    z, membership = some_mixture()
    z, logits = z[:6].clone().requires_grad_(), membership[:6].log().clone().requires_grad_()

    def loss(z, logits):
        mixture = objectives.mixture_parameters(z, logits.softmax(-1), floor=0.1)
        return objectives.mixture_energy(z, *mixture), objectives.singularity(mixture[2])

    assert torch.autograd.gradcheck(loss, (z, logits))


def test_members_in_front_equal_a_loop():
    z, membership = some_mixture(members=(3,))
    mixture = objectives.mixture_parameters(z, membership, floor=0.1)
    energy, penalty = objectives.mixture_energy(z, *mixture), objectives.singularity(mixture[2])
    assert energy.shape == (3, 40) and penalty.shape == (3,)
    for member in range(3):
        alone = objectives.mixture_parameters(z[member], membership[member], floor=0.1)
        torch.testing.assert_close(energy[member], objectives.mixture_energy(z[member], *alone))
        torch.testing.assert_close(penalty[member], objectives.singularity(alone[2]))
