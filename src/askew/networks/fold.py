"""Layers between flat rows and images: folding, and twice the size for a decoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from askew.inputs.spec import ImageSpec

KERNEL, PADDING = 5, 2


class Fold(nn.Module):
    """Flat rows (rows, C*H*W) -> images (rows, C, H, W), laid out with the channels last in memory.

    Convolutions on a processor are faster in that layout; ``nn.Flatten()`` is the inverse.

    Parameters
    ----------
    spec : ImageSpec
        Channels, height and width of one image.

    Examples
    --------
    >>> Fold(ImageSpec(channels=3, height=2, width=2))(torch.arange(12.0).reshape(1, 12))[0, 1]
    tensor([[4., 5.],
            [6., 7.]])
    """

    def __init__(self, spec: ImageSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, x: Tensor) -> Tensor:
        """Return the images of the rows."""
        c, h, w = self.spec.channels, self.spec.height, self.spec.width
        if c == 1:  # the same numbers in the same order: no copy
            return x.reshape(-1, h, w, 1).permute(0, 3, 1, 2)
        return x.reshape(-1, c, h, w).contiguous(memory_format=torch.channels_last)

    def extra_repr(self) -> str:
        """Return what the module's text shows of it."""
        return f"{self.spec.channels}, {self.spec.height}, {self.spec.width}"


class UpsampledConvolution(nn.ConvTranspose2d):
    """Nearest upsampling to twice the size, then a transposed 5x5 convolution, cut to a given size.

    Images (rows, C, h, w) -> (rows, outputs, *size); its parameters are those of the ``nn.ConvTranspose2d``.
    At even differences the cut takes as much from both sides, as a larger padding would do.

    Parameters
    ----------
    inputs, outputs : int
        Channels before and after.
    size : tuple of (int, int)
        Height and width of the result, at most twice those of the input.
    bias : bool
        Whether each output channel has a bias.

    Examples
    --------
    >>> UpsampledConvolution(4, 8, (14, 14))(torch.zeros(1, 4, 8, 8)).shape
    torch.Size([1, 8, 14, 14])
    """

    def __init__(self, inputs: int, outputs: int, size: tuple[int, int], bias: bool = True) -> None:
        super().__init__(inputs, outputs, KERNEL, padding=PADDING, bias=bias)
        self.size = size

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Return the larger images."""
        upsampled = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
        height, width = self.size
        cut = ((upsampled.shape[-2] - height) // 2, (upsampled.shape[-1] - width) // 2)
        padding = (PADDING + cut[0], PADDING + cut[1])  # what a larger padding leaves out is never computed
        y = nn.functional.conv_transpose2d(upsampled, self.weight, self.bias, padding=padding)
        return y[..., :height, :width]

    def extra_repr(self) -> str:
        """Return what the module's text shows of it."""
        bias = self.bias is not None
        return f"{self.in_channels}, {self.out_channels}, size={self.size}, bias={bias}"
