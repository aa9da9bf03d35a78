"""Convolutions with fewer products: the same numbers, and only where they are worth it."""

import pytest
import torch
from torch.nn import functional as F

import askew.networks.winograd as room
from askew.networks import UpsampledConvolution
from askew.networks.winograd import Convolution, convolve, winograd


def largest_error(given, expected):
    return ((given - expected).abs().max() / expected.abs().max()).item()


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("height, width", [(4, 4), (8, 16), (7, 14), (1, 2), (13, 5)])
def test_it_is_the_convolution_with_its_gradients(kernel, height, width):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 6, height, width, generator=generator, requires_grad=True)
    weight = torch.randn(5, 6, kernel, kernel, generator=generator, requires_grad=True)
    bias = torch.randn(5, generator=generator, requires_grad=True)
    exact = [t.detach().double().requires_grad_() for t in (x, weight, bias)]
    expected = F.conv2d(*exact, padding=kernel // 2)
    given = winograd(x, weight, bias)
    assert given.shape == expected.shape
    assert largest_error(given, expected) < 2e-5
    direction = torch.randn(given.shape, generator=generator)
    gradients = torch.autograd.grad(given, (x, weight, bias), direction)
    for gradient, wanted in zip(
        gradients, torch.autograd.grad(expected, exact, direction.double()), strict=True
    ):
        assert largest_error(gradient, wanted) < 2e-5


def test_many_rows_are_taken_in_parts(monkeypatch):
    x, weight = torch.rand(5, 6, 8, 8), torch.rand(4, 6, 3, 3)
    expected = winograd(x, weight, None)
    monkeypatch.setattr(room, "_LARGEST", 2 * 36 * 4 * 6)
    sizes = []
    filtered = room._filtered
    monkeypatch.setattr(
        room, "_filtered", lambda part, *rest: sizes.append(len(part)) or filtered(part, *rest)
    )
    torch.testing.assert_close(winograd(x, weight, None), expected)
    assert sizes == [2, 2, 1]


def test_without_a_bias_zeros_stay_zeros():
    assert torch.equal(
        winograd(torch.zeros(2, 3, 8, 8), torch.randn(4, 3, 5, 5), None), torch.zeros(2, 4, 8, 8)
    )


@pytest.fixture
def calls(monkeypatch):
    """Arguments of the calls of winograd."""
    made = []

    def counting(*arguments):
        made.append(arguments)
        return winograd(*arguments)

    monkeypatch.setattr(room, "winograd", counting)
    return made


def test_only_large_single_precision_convolutions_in_training_take_it(calls):
    x, weight = torch.rand(2, 64, 8, 8), torch.rand(128, 64, 5, 5)
    convolve(x, weight, None, training=True)
    assert len(calls) == 1
    convolve(x, weight, None, training=False)
    convolve(x.double(), weight.double(), None, training=True)
    convolve(x[:, :8], weight[:, :8], None, training=True)
    convolve(x, torch.rand(128, 64, 7, 7), None, training=True)
    with torch.autocast("cpu", torch.bfloat16):
        convolve(x, weight, None, training=True)
    assert len(calls) == 1


@pytest.mark.parametrize(
    "layer, size", [(Convolution(64, 128, 5), 8), (UpsampledConvolution(128, 64, (8, 8)), 4)]
)
def test_layers_take_it_in_training_and_give_the_same_in_evaluation(calls, layer, size):
    x = torch.rand(2, layer.in_channels, size, size)
    trained = layer.train()(x)
    assert len(calls) == 1
    assert largest_error(trained, layer.eval()(x)) < 2e-5
    assert len(calls) == 1


def test_states_are_those_of_plain_layers():
    plain = torch.nn.Conv2d(64, 128, 5, padding=2), torch.nn.ConvTranspose2d(128, 64, 5, padding=2)
    for ours, its in zip(
        (Convolution(64, 128, 5), UpsampledConvolution(128, 64, (8, 8))), plain, strict=True
    ):
        ours.load_state_dict(its.state_dict())
