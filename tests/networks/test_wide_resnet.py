"""Wide residual networks: as deep and wide as their name says."""

import pytest
import torch
from torch import nn

from askew.inputs import ImageSpec
from askew.networks import wide_resnet
from askew.networks.wide_resnet import WideBlock


@pytest.mark.parametrize("depth, width", [(10, 4), (16, 8)])
def test_its_convolutions_are_its_depth_and_its_features_its_width(depth, width):
    network, features = wide_resnet(ImageSpec(3, 32, 32), depth=depth, width=width)
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    assert len(convolutions) == depth and all(layer.bias is None for layer in convolutions)
    assert features == 64 * width and convolutions[-1].out_channels == features


def test_wrn_10_4_has_the_parameters_that_its_formula_gives():
    network, _ = wide_resnet(ImageSpec(1, 28, 28), depth=10, width=4)
    expected = 9 * 16  # the first convolution
    for before, after in ((16, 64), (64, 128), (128, 256)):
        expected += 9 * before * after + 9 * after * after + before * after + 2 * (before + after)
    assert sum(p.numel() for p in network.parameters()) == expected + 2 * 256


@pytest.mark.parametrize("size", [(16, 16), (28, 28), (33, 40)])
def test_it_takes_flat_rows_of_any_size(size):
    network, features = wide_resnet(ImageSpec(3, *size), depth=10, width=1)
    assert network(torch.rand(2, 3 * size[0] * size[1])).shape == (2, features)


def test_a_block_adds_its_input_where_the_shape_stays():
    block = WideBlock(4, 4, 1).eval()
    nn.init.zeros_(block.residual[-1].weight)
    x = torch.randn(2, 4, 6, 6)
    assert torch.equal(block(x), x) and block.shortcut is None
    assert WideBlock(4, 8, 2)(x).shape == (2, 8, 3, 3)


def test_first_weights_keep_the_scale_of_what_passes_through():
    torch.manual_seed(0)
    network, _ = wide_resnet(ImageSpec(3, 32, 32), depth=10, width=4)
    widest = next(layer for layer in network.modules() if getattr(layer, "in_channels", 0) == 256)
    assert widest.weight.std().item() == pytest.approx((2 / (9 * 256)) ** 0.5, rel=0.02)
