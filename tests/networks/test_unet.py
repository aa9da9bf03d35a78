"""The U-Net: sizes for any image, its layers, and that detail takes the skip connections."""

import pytest
import torch
from torch import nn

from askew.errors import InvalidInputError
from askew.inputs.spec import ImageSpec
from askew.networks import UNet


@pytest.mark.parametrize(
    "spec",
    [
        ImageSpec(1, 16, 16),
        ImageSpec(1, 28, 28),
        ImageSpec(3, 17, 45),
        ImageSpec(3, 32, 32),
        ImageSpec(1, 64, 90),
    ],
    ids=str,
)
def test_images_come_back_in_their_size_from_minus_one_to_one(spec):
    torch.manual_seed(0)
    made = UNet(spec, filters=4)(20 * torch.randn(3, spec.n_features))
    assert made.shape == (3, spec.n_features)
    assert made.abs().max() <= 1


def test_layers_are_the_authors():
    network = UNet(ImageSpec(3, 32, 32))
    down = [m for m in network.down.modules() if isinstance(m, nn.Conv2d)]
    up = [m for m in network.up.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert [(m.in_channels, m.out_channels) for m in down] == [
        (3, 64), (64, 128), (128, 256), (256, 512), (512, 512)
    ]  # fmt: skip
    assert [(m.in_channels, m.out_channels) for m in up] == [
        (512, 512), (1024, 256), (512, 128), (256, 64), (128, 3)
    ]  # fmt: skip
    norms = [isinstance(part[1], nn.BatchNorm2d) for part in network.down]
    assert norms == [False, True, True, True, False]
    assert [isinstance(part[2], nn.BatchNorm2d) for part in network.up] == [True] * 4 + [False]


def test_detail_passes_beside_the_innermost_layer():
    torch.manual_seed(0)
    network = UNet(ImageSpec(1, 16, 16), filters=4).eval()
    x = torch.randn(1, 256)
    before = network(x)
    for parameter in network.up[0].parameters():
        nn.init.zeros_(parameter)  # nothing comes from the innermost pixel any more
    assert (network(x) - network(-x)).abs().max() > 1e-3
    assert not torch.equal(network(x), before)
    for skip in network.up[1:]:
        layer = skip[1]
        nn.init.zeros_(layer.weight[: layer.in_channels // 2])  # nor beside it
    torch.testing.assert_close(network(x), network(-x))


def test_gradients_reach_every_parameter():
    torch.manual_seed(0)
    network = UNet(ImageSpec(3, 32, 32), filters=4)
    network(torch.randn(4, 3072)).square().mean().backward()
    for key, parameter in network.named_parameters():
        assert parameter.grad.abs().sum() > 0, key


def test_tiny_images_are_refused():
    with pytest.raises(InvalidInputError, match="at least 16x16"):
        UNet(ImageSpec(1, 15, 28))
