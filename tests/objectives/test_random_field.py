"""The loss of a random field's potential, and revised samples."""

import pytest
import torch

from askew.objectives import random_field, revise

F64 = torch.float64


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
