"""A small PixelCNN: the distribution of every pixel given those before it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from askew.inputs.spec import ImageSpec
from askew.networks.row_to_image import Fold

FIRST_KERNEL = 7
KERNEL = 3


class MaskedConvolution(nn.Conv2d):
    """A convolution that sees only what comes before: rows above, pixels to the left, earlier colours.

    Channels, of images as of features, belong to the `colours` in equal contiguous parts: a pixel's red comes before
    its green, and that before its blue. The side of the filters, `kernel`, is odd; the size of images stays. In the
    first layer a colour does not see itself at its own pixel (`strict`, mask A), after it it does (mask B).

    >>> MaskedConvolution(1, 1, 3, colours=1, strict=True).mask[0, 0]
    tensor([[1., 1., 1.],
            [1., 0., 0.],
            [0., 0., 0.]])
    """

    mask: Tensor

    def __init__(self, inputs: int, outputs: int, kernel: int, *, colours: int, strict: bool) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)
        centre = kernel // 2
        mask = torch.zeros(outputs, inputs, kernel, kernel)
        mask[:, :, :centre] = 1.0
        mask[:, :, centre, :centre] = 1.0
        source = torch.arange(inputs) * colours // inputs
        target = torch.arange(outputs)[:, None] * colours // outputs
        mask[:, :, centre, centre] = (source < target if strict else source <= target).float()
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the images' features, (rows, outputs, h, w)."""
        return nn.functional.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


class MaskedBlock(nn.Module):
    """A residual block of masked convolutions: half the filters, 3x3 on these, all filters again."""

    def __init__(self, filters: int, colours: int) -> None:
        super().__init__()
        half = max(filters // 2, colours)
        layers: list[nn.Module] = []
        for inputs, outputs, kernel in ((filters, half, 1), (half, half, KERNEL), (half, filters, 1)):
            layers += [nn.ReLU(), MaskedConvolution(inputs, outputs, kernel, colours=colours, strict=False)]
        self.residual = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's features."""
        y: Tensor = self.residual(x)
        return x + y


class PixelCNN(nn.Module):
    """Flat rows of pixels from 0 to 1 -> location and log-scale of every pixel, given the pixels before it.

    (rows, C*H*W) -> (rows, 2*C*H*W): all locations, then all log-scales, for
    :func:`askew.objectives.discretised_logistic`. A 7x7 masked convolution, residual blocks, and two 1x1 ones; every
    layer has as many `filters`, at least the images' channels.

    Reference: van den Oord et al. (2016), Pixel Recurrent Neural Networks, sections 3.4 and 3.5. The stack has a blind
    spot to the right above a pixel, which the later gated PixelCNN and PixelCNN++ repair with two stacks.

    >>> PixelCNN(ImageSpec(1, 8, 8), filters=4, blocks=1)(torch.rand(3, 64)).shape
    torch.Size([3, 128])
    """

    def __init__(self, spec: ImageSpec, *, filters: int = 32, blocks: int = 5) -> None:
        super().__init__()
        colours = spec.channels

        def masked(inputs: int, outputs: int, kernel: int, strict: bool) -> MaskedConvolution:
            return MaskedConvolution(inputs, outputs, kernel, colours=colours, strict=strict)

        self.layers = nn.Sequential(
            Fold(spec),
            masked(colours, filters, FIRST_KERNEL, True),
            *(MaskedBlock(filters, colours) for _ in range(blocks)),
            nn.ReLU(),
            masked(filters, filters, 1, False),
            nn.ReLU(),
            masked(filters, 2 * colours, 1, False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return location and log-scale of every pixel of rows x, side by side."""
        # from -1 to 1, so that the zeros around an image are no colour of it that is common
        y: Tensor = self.layers(2.0 * x - 1.0)  # (rows, 2 per colour, h, w)
        return torch.cat([y[:, ::2].flatten(1), y[:, 1::2].flatten(1)], dim=1)
