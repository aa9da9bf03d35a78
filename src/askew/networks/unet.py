"""A U-Net for images of any size from 16x16 up: halved to one pixel and doubled again, with skip connections."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from askew.inputs.spec import ImageSpec
from askew.networks.convolutional import require_size
from askew.networks.halving import Size, doubling, halving, sizes_down
from askew.networks.row_to_image import Fold

WIDEST = 8
"""Filters double from layer to layer until there are so many times the first one's."""


class UNet(nn.Module):
    """Flat rows of images -> flat rows of images of the same size, pixels from -1 to 1.

    On the way down 4x4 convolutions with stride 2 and leaky ReLU halve the sides, rounded down, until one pixel
    is left of the shorter one; on the way up ReLU and transposed convolutions double them, and each takes what
    the way down had at that size beside what comes from below. BatchNorm follows all of them but the first, the
    innermost and the last; tanh ends it. The first convolution has `filters`, deeper ones twice as many each, up to
    eight times. A side below 16 pixels raises InvalidInputError.

    Reference: Ronneberger et al. (2015), U-Net; Akçay et al. (2019), Skip-GANomaly, Figure 2, with the layers of
    the authors' code.

    >>> UNet(ImageSpec(1, 28, 28), filters=8)(torch.zeros(2, 784)).shape
    torch.Size([2, 784])
    """

    def __init__(self, spec: ImageSpec, *, filters: int = 64) -> None:
        super().__init__()
        require_size(spec, "UNet")
        sizes = sizes_down(spec, smallest=1)
        depth = len(sizes) - 1
        widths = [spec.channels, *(filters * min(2**i, WIDEST) for i in range(depth))]
        self.fold = Fold(spec)
        self.down = nn.ModuleList(
            nn.Sequential(*halving(before, after, batch_norm=0 < i < depth - 1))
            for i, (before, after) in enumerate(pairwise(widths))
        )
        self.up = nn.ModuleList(
            # all but the innermost take twice the filters: what comes from below, and the skip beside it
            _up(widths[i + 1] * (1 if i == depth - 1 else 2), widths[i], sizes[i + 1], sizes[i], last=i == 0)
            for i in reversed(range(depth))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the images, flat."""
        skipped = []
        h: Tensor = self.fold(x)
        for down in self.down:
            h = down(h)
            skipped.append(h)
        h = self.up[0](skipped.pop())
        for up in self.up[1:]:
            h = up(torch.cat([skipped.pop(), h], dim=1))
        return h.flatten(1)


def _up(before: int, after: int, less: Size, more: Size, *, last: bool) -> nn.Sequential:
    layer = doubling(before, after, less, more, bias=last)
    return nn.Sequential(nn.ReLU(), layer, nn.Tanh() if last else nn.BatchNorm2d(after))
