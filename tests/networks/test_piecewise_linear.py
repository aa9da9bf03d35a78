"""Piecewise linear networks: values, gradients at points and what is learnt from both are those of autograd."""

import pytest
import torch
from torch import nn

from askew.inputs.spec import ImageSpec, TableSpec
from askew.networks.ama_networks import pair_critic
from askew.networks.piecewise_linear import PiecewiseLinear
from askew.objectives import slope_penalty, values_and_gradients

SMALL = nn.Sequential(
    nn.Linear(6, 4, bias=False), nn.ReLU(), nn.Sequential(nn.Linear(4, 3), nn.LeakyReLU(0.2))
)


def learnt_from(found, parameters, weights):
    """Return values, gradients at points, and the slope of a loss of both with respect to the parameters."""
    values, gradient = found
    loss = (weights * values).sum() + slope_penalty(gradient).sum()
    return [values, gradient, *torch.autograd.grad(loss, parameters)]


@pytest.mark.parametrize(
    "body, head, features",
    [
        (SMALL, nn.Linear(3, 1), 6),
        (*pair_critic(TableSpec(n_features=5)), 10),
        (*pair_critic(ImageSpec(1, 16, 18), "ama_mnist"), 2 * 288),
        (nn.Sequential(nn.Unflatten(1, (9, 3, 3)), nn.Flatten()), nn.Linear(81, 1), 81),
    ],
)
@pytest.mark.parametrize("dtype, tolerance", [(torch.float64, 1e-12), (torch.bfloat16, 0.1)])
def test_it_gives_and_learns_what_autograd_does(body, head, features, dtype, tolerance):
    known = PiecewiseLinear.of(body.double(), head.double())
    if isinstance(body[0], nn.Unflatten):
        assert known is None
        return
    generator = torch.Generator().manual_seed(0)
    for parameter in known.parameters:
        parameter.data.normal_(0, parameter[0].numel() ** -0.5, generator=generator)
    sizes = (7, features), (5, features), (7,)
    rows, points, weights = (torch.randn(n, generator=generator, dtype=torch.float64) for n in sizes)
    given = learnt_from(known.values_and_gradients(rows, points, dtype), known.parameters, weights)
    expected = learnt_from(
        values_and_gradients(lambda x: head(body(x)).squeeze(-1), rows, points), known.parameters, weights
    )
    for own, wanted in zip(given, expected, strict=True):
        assert own.dtype == torch.float64 and (own - wanted).norm() <= tolerance * wanted.norm()


@pytest.mark.parametrize(
    "network",
    [
        nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1)),
        nn.utils.parametrizations.spectral_norm(nn.Linear(4, 1)),
        nn.Linear(4, 1).requires_grad_(False),
        nn.Sequential(nn.Conv2d(4, 4, 3, groups=2), nn.Flatten(), nn.Linear(4, 1)),
        torch.sum,
    ],
)
def test_what_is_curved_or_not_to_move_is_left_to_autograd(network):
    assert PiecewiseLinear.of(network) is None


def test_rows_between_which_an_activation_bends_have_slopes_of_their_own():
    hinge = nn.Linear(1, 1)
    with torch.no_grad():
        hinge.weight.fill_(2.0), hinge.bias.fill_(0.0)
    network = PiecewiseLinear.of(hinge, nn.LeakyReLU(0.25))
    values, gradient = network.values_and_gradients(
        torch.tensor([[1.0], [-1.0]]), torch.tensor([[3.0], [-3.0]])
    )
    assert values.tolist() == [2.0, -0.5] and gradient.tolist() == [[2.0], [0.5]]
