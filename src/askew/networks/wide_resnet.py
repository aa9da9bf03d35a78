"""Wide residual networks: the classifiers of GEOM."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn

from askew.inputs.spec import ImageSpec
from askew.networks.row_to_image import Fold

STEM = 16
"""Filters of the first convolution; the three groups have 1, 2 and 4 times as many, times the width."""


class WideBlock(nn.Module):
    """Images (rows, inputs, h, w) -> (rows, outputs, h / stride, w / stride): two convolutions and a shortcut.

    BatchNorm and ReLU come before each convolution; the shortcut is a 1x1 convolution where the number of
    channels changes, else the block's input as it is. The first convolution has the stride.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.before = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU())
        self.residual = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        )
        same = inputs == outputs and stride == 1
        self.shortcut = None if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's images."""
        h = self.before(x)
        y: Tensor = self.residual(h)
        return y + (x if self.shortcut is None else self.shortcut(h))


def wide_resnet(spec: ImageSpec, *, depth: int = 10, width: int = 4) -> tuple[nn.Sequential, int]:
    """Return a wide residual network without its last layer, and the width of the features that it gives.

    It maps flat rows (rows, C*H*W) to the mean over pixels of its last images, (rows, 64 * width). Its depth is 6 n + 4
    with n blocks per group, and it is `width` times wider than a plain residual network. Convolutions start with the
    normal distribution of He et al. (2015), fan in.

    Reference: Zagoruyko and Komodakis (2016), Wide Residual Networks; Golan and El-Yaniv (2018) use depth 10
    and width 4, for 64 pixels depth 16 and width 8.

    >>> import torch
    >>> network, features = wide_resnet(ImageSpec(3, 32, 32), depth=10, width=1)
    >>> network(torch.rand(2, 3072)).shape, features
    (torch.Size([2, 64]), 64)
    """
    channels = (STEM, *(STEM * width * factor for factor in (1, 2, 4)))
    layers: list[nn.Module] = [Fold(spec), nn.Conv2d(spec.channels, STEM, 3, padding=1, bias=False)]
    for group, (before, after) in enumerate(pairwise(channels)):
        layers.append(WideBlock(before, after, 1 if group == 0 else 2))
        layers += [WideBlock(after, after, 1) for _ in range((depth - 4) // 6 - 1)]
    layers += [nn.BatchNorm2d(channels[-1]), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    network = nn.Sequential(*layers)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            fan_in = layer.in_channels * math.prod(layer.kernel_size)
            nn.init.normal_(layer.weight, std=math.sqrt(2.0 / fan_in))
    return network, channels[-1]
