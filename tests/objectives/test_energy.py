"""DSEBM's energy and its slope against values and derivatives worked out by hand."""

import math

import pytest
import torch
from torch.nn.functional import softplus

from askew import objectives
from askew.objectives import random_field, revise

F64 = torch.float64


def f64(*values):
    return torch.tensor(values, dtype=F64)


def test_energy_by_hand_on_three_points():
    x = f64([3.0, 1.0], [1.0, 1.0], [0.0, 0.0])
    features = f64([0.5, 0.25], [1.0, 2.0], [0.0, 0.0])
    # ½ (2² + 0²) - 0.75, 0 - 3, ½ (1 + 1)
    assert objectives.energy(x, f64(1.0, 1.0), features).tolist() == [1.25, -3.0, 1.0]


def test_energy_refuses_features_that_would_broadcast():
    with pytest.raises(ValueError, match="features of energy must have the rows of x"):
        objectives.energy(torch.ones(3, 2), torch.zeros(2), torch.ones(1, 4))


def test_denoise_by_hand_on_three_points():
    # E = ½ (x - b)² - log(1 + e^{wx}); f = b + w σ(wx)
    b, w = 0.5, 2.0
    x = f64([0.0], [1.0], [-3.0])
    found = objectives.denoise(lambda x: objectives.energy(x, f64(b), softplus(w * x)), x)
    expected = [b + w / (1 + math.exp(-w * value)) for value in (0.0, 1.0, -3.0)]
    assert found[:, 0].tolist() == pytest.approx(expected, rel=1e-14)


def parameters(members=()):
    generator = torch.Generator().manual_seed(0)
    shapes = ((3, 4), (1, 3), (5, 3))
    return [torch.randn(*members, *shape, dtype=F64, generator=generator) for shape in shapes]


def loss(weight, bias, x):
    x_hat = objectives.denoise(lambda rows: objectives.energy(rows, bias, softplus(rows @ weight)), x)
    return (x - x_hat).square().sum((-2, -1))


def test_slope_can_be_differentiated_with_respect_to_the_parameters():
    weight, bias, x = parameters()
    assert torch.autograd.gradcheck(
        lambda w, b: loss(w, b, x), (weight.requires_grad_(), bias.requires_grad_())
    )


def test_slope_is_there_without_gradients_and_under_vmap():
    weight, bias, x = parameters(members=(2,))
    expected = torch.stack([loss(weight[i], bias[i], x[i]) for i in range(2)])
    with torch.no_grad():
        torch.testing.assert_close(loss(weight, bias, x), expected)
        torch.testing.assert_close(torch.func.vmap(loss)(weight, bias, x), expected)


def test_members_in_front_do_not_reach_each_other():
    weight, bias, x = parameters(members=(2,))
    weight.requires_grad_()
    (gradient,) = torch.autograd.grad(loss(weight, bias, x)[0], weight)
    assert gradient[0].abs().sum() > 0 and (gradient[1] == 0).all()


def test_loss_by_hand():
    data, samples = torch.tensor([1.0, -2.0, 4.0], dtype=F64), torch.tensor([0.5, 1.5], dtype=F64)
    assert random_field(data, samples, 0.3).item() == pytest.approx(1.0 - 1.0 + 0.3 * 21 / 3)


def test_its_slope_is_that_of_the_negative_log_likelihood():
    """Of the field p ∝ e^(t x) on {0, 1}: the slope in t is the model's mean minus the data's."""
    t = torch.tensor(0.4, dtype=F64, requires_grad=True)
    data = torch.tensor([1.0, 1.0, 0.0], dtype=F64)
    share = torch.sigmoid(t).item()
    samples = torch.cat([torch.ones(1000), torch.zeros(round(1000 / share) - 1000)]).double()
    random_field(t * data, t * samples, 0.0).backward()
    likelihood = torch.tensor(0.4, dtype=F64, requires_grad=True)
    (torch.nn.functional.softplus(likelihood) - likelihood * data.mean()).backward()
    assert t.grad.item() == pytest.approx(likelihood.grad.item(), abs=1e-3)


def test_steps_by_hand_with_momentum_and_noise():
    x = torch.tensor([[0.5, 0.2]], dtype=F64)
    noise = torch.tensor([[0.01, 0.02, 0.03, -9.0]], dtype=F64)
    found = revise(
        lambda x: (x**2).sum(-1), x, step_size=0.1, momentum=0.5, steps=2, noise=noise
    )  # slope 2 x
    v = 0.2 * x
    first = x + v + noise[:, :2]
    second = first + 0.5 * v + 0.2 * first + noise[:, 2:]
    torch.testing.assert_close(found, torch.tensor([[second[0, 0], 0.0]], dtype=F64))


def test_it_climbs_and_stays_between_0_and_1():
    x = torch.rand(5, 3, generator=torch.Generator().manual_seed(0))
    found = revise(lambda x: 3.0 * x.sum(-1), x, step_size=0.1, steps=50)
    assert torch.equal(found, torch.ones(5, 3))


def test_no_gradient_passes_through():
    weight = torch.ones((), requires_grad=True)
    x = torch.rand(2, 3, requires_grad=True)
    assert not revise(lambda x: weight * x.sum(-1), x, step_size=0.1, steps=2).requires_grad


def test_rows_are_revised_each_by_its_own_slope():
    x = torch.tensor([[0.1], [0.2], [0.3]], dtype=F64)
    found = revise(lambda rows: rows.square().sum(-1), x, step_size=0.25, steps=1)
    torch.testing.assert_close(found, 1.5 * x)
