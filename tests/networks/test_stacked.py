"""A stack of networks computes what its members compute one by one, and refuses what it cannot hold."""

import copy

import pytest
import torch
from torch import nn

from askew.networks import StackedNetwork, mlp, stack

F64 = torch.float64

ARCHITECTURES = {
    "linear": lambda: nn.Linear(3, 2),
    "perceptron": lambda: mlp((3, 8, 4, 2)),
    "no bias": lambda: mlp((3, 8, 2), bias=False),
    "batch norm": lambda: mlp((3, 8, 4, 2), batch_norm=True),
    "batch norm without affine": lambda: mlp((3, 8, 2), bias=False, batch_norm=True, affine=False),
    "nested": lambda: nn.Sequential(mlp((3, 5, 4)), nn.ELU(), nn.Sequential(nn.Linear(4, 2), nn.Tanh())),
}


class Wrapped(nn.Module):
    """A module with a forward of its own: what it does cannot be read off its children."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 2)

    def forward(self, x):
        return self.inner(x) + 1.0


def members(name, n=4):
    torch.manual_seed(0)
    networks = [ARCHITECTURES[name]().double() for _ in range(n)]
    for network in networks:  # affine BatchNorm starts at 1 and 0 for everybody: make members differ
        for parameter in network.parameters():
            parameter.data.add_(0.1 * torch.randn_like(parameter))
    return networks


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_stack_equals_members_one_by_one(name):
    networks = members(name)
    together = stack([copy.deepcopy(network) for network in networks])
    x = torch.randn(4, 7, 3, dtype=F64)
    theirs, mine = x.clone().requires_grad_(), x.clone().requires_grad_()
    out = together(mine)
    alone = torch.stack([network(theirs[m]) for m, network in enumerate(networks)])
    torch.testing.assert_close(out, alone, rtol=1e-12, atol=1e-12)
    target = torch.randn_like(out)
    ((out - target) ** 2).sum().backward()
    ((alone - target) ** 2).sum().backward()
    torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_gradients_of_the_stack_are_the_members_own(name):
    networks = members(name)
    plain = [copy.deepcopy(network) for network in networks]
    together = stack(networks)
    x = torch.randn(4, 7, 3, dtype=F64)
    # one step of gradient descent on each side, then compare weights through unstack
    together(x).square().sum().backward()
    with torch.no_grad():
        for parameter in together.parameters():
            parameter -= 0.01 * parameter.grad
    for m, network in enumerate(plain):
        network(x[m]).square().sum().backward()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter -= 0.01 * parameter.grad
        together.unstack(m, networks[m])
        for ours, theirs in zip(networks[m].parameters(), network.parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_stack_then_unstack_gives_the_same_bits(name):
    networks = members(name)
    before = [copy.deepcopy(network.state_dict()) for network in networks]
    together = stack(networks)
    for network in networks:
        for parameter in network.parameters():
            parameter.data.zero_()
    for m, network in enumerate(networks):
        together.unstack(m, network)
        for key, value in network.state_dict().items():
            assert torch.equal(value, before[m][key]), key


def test_a_stack_holds_copies():
    networks = members("linear", n=2)
    together = stack(networks)
    with torch.no_grad():
        for parameter in together.parameters():
            parameter.zero_()
    assert all(network.weight.abs().sum() > 0 for network in networks)


def test_a_frozen_parameter_stays_frozen_in_the_stack():
    networks = members("linear", n=2)
    for network in networks:
        network.weight.requires_grad_(False)
    (linear,) = stack(networks).layers
    assert not linear.weight.requires_grad and linear.bias.requires_grad


def test_members_batch_norm_uses_its_own_batch_only():
    networks = members("batch norm", n=2)
    together = stack(networks)
    x = torch.randn(2, 6, 3, dtype=F64)
    before = together(x)[0]
    x[1] *= 1e6
    torch.testing.assert_close(together(x)[0], before, rtol=1e-12, atol=1e-12)


def tied():
    layer = nn.Linear(3, 3)
    return nn.Sequential(layer, nn.ReLU(), layer)


def hooked():
    layer = nn.Linear(3, 2)
    layer.register_forward_hook(lambda module, args, output: output + 1.0)
    return nn.Sequential(layer)


UNSTACKABLE = {
    "own forward": Wrapped,
    "inside a sequence": lambda: nn.Sequential(nn.Linear(3, 3), Wrapped()),
    "recurrent": lambda: nn.LSTM(3, 2),
    "convolution": lambda: nn.Conv1d(1, 2, 3),
    "dropout": lambda: nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5)),
    "learned activation": lambda: nn.Sequential(nn.Linear(3, 2), nn.PReLU()),
    "subclass of a linear layer": lambda: nn.Bilinear(3, 3, 2),
    "one layer twice": tied,
    "a hook": hooked,
    "weight norm": lambda: torch.nn.utils.parametrizations.weight_norm(nn.Linear(3, 2)),
}


@pytest.mark.parametrize("name", UNSTACKABLE)
def test_what_has_no_stacked_form_is_refused(name):
    assert stack([UNSTACKABLE[name](), UNSTACKABLE[name]()]) is None


def test_members_that_are_not_alike_are_refused():
    assert stack([mlp((3, 4, 2)), mlp((3, 4, 4, 2))]) is None
    assert stack([mlp((3, 4, 2)), mlp((3, 5, 2))]) is None
    assert stack([mlp((3, 4, 2), slope=0.1), mlp((3, 4, 2), slope=0.2)]) is None
    assert stack([mlp((3, 4, 2)), mlp((3, 4, 2), bias=False)]) is None


def test_a_stack_is_one_network_with_a_leading_axis():
    together = stack(members("perceptron", n=3))
    assert isinstance(together, StackedNetwork)
    assert all(parameter.shape[0] == 3 for parameter in together.parameters())
