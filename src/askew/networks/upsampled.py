"""Upsampling and a convolution in one, on the small image."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from askew.networks.winograd import convolve

KERNEL, PADDING = 5, 2

_TAPS = (
    ((0, 0, 0, 1, 1), (0, 1, 1, 0, 0), (1, 0, 0, 0, 0)),
    ((0, 0, 0, 0, 1), (0, 0, 1, 1, 0), (1, 1, 0, 0, 0)),
)
"""What a small pixel's left neighbour, itself and its right neighbour add to its two large ones, by taps of 5.

After upsampling, neighbours are equal, so that taps which fall on the same small pixel add up to one. A
transposed convolution reads its kernel backwards.
"""


class UpsampledConvolution(nn.ConvTranspose2d):
    """Nearest upsampling to twice the size, then a transposed 5x5 convolution, cut to a `size` (height, width).

    Images (rows, C, h, w) -> (rows, outputs, *size); its parameters are those of the ``nn.ConvTranspose2d``.
    It computes four 3x3 convolutions of the small image with sums of the kernel's taps, one for each of the
    four large pixels of a small one: the same numbers up to rounding, with 9 instead of 25 products each.
    At even differences the cut takes as much from both sides, as a larger padding would do.

    >>> UpsampledConvolution(4, 8, (14, 14))(torch.zeros(1, 4, 8, 8)).shape
    torch.Size([1, 8, 14, 14])
    """

    taps: Tensor

    def __init__(self, inputs: int, outputs: int, size: tuple[int, int], bias: bool = True) -> None:
        super().__init__(inputs, outputs, KERNEL, padding=PADDING, bias=bias)
        self.size = size
        taps = torch.tensor(_TAPS, dtype=self.weight.dtype)
        both = torch.einsum("atu,bsv->uvabts", taps, taps).reshape(KERNEL * KERNEL, 36)
        self.register_buffer("taps", both, persistent=False)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Return the larger images."""
        rows, inputs, h, w = x.shape
        outputs, (height, width) = self.out_channels, self.size
        kernels = (self.weight.reshape(-1, KERNEL * KERNEL) @ self.taps).reshape(inputs, outputs, 2, 2, 3, 3)
        kernels = kernels.permute(2, 3, 1, 0, 4, 5).reshape(4 * outputs, inputs, 3, 3)
        bias = None if self.bias is None else self.bias.repeat(4)
        y = convolve(x, kernels, bias, training=self.training)
        # channels: (row's half, column's half, output); with the channels last, the column's halves lie where they
        # belong, and one copy interleaves the rows
        y = y.permute(0, 2, 3, 1).reshape(rows, h, w, 2, 2 * outputs).transpose(2, 3)
        y = y.reshape(rows, 2 * h, 2 * w, outputs)
        if (2 * h, 2 * w) != self.size:
            top, left = (2 * h - height) // 2, (2 * w - width) // 2
            y = y[:, top : top + height, left : left + width]
        return y.permute(0, 3, 1, 2)

    def extra_repr(self) -> str:
        """Return what the module's text shows of it."""
        return f"{self.in_channels}, {self.out_channels}, size={self.size}, bias={self.bias is not None}"
