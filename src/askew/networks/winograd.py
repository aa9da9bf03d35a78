r"""Convolutions with fewer products while training on a processor: Winograd's minimal filtering as matrix products.

A tile of 4 outputs of a convolution with k taps is :math:`A^T[(G g) \odot (B^T d)]` with :math:`n = k + 3` products
instead of 4k, in each direction of an image. For a whole batch, the three transforms are matrix products along one
axis, and what is between them is one matrix product of (tiles, channels) and (channels, outputs) per position.

Reference: Lavin and Gray (2016), Fast algorithms for convolutional neural networks, equations 8 and 12.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

TILE = 4
_POINTS = {3: (0.0, 1.0, -1.0, 2.0, -2.0), 5: (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)}
"""Where the polynomials are evaluated, beside infinity, by taps; small ones keep rounding errors near 1e-5."""
_WORTH = 150
"""Products that the direct way needs per number that the transforms write, above which this way was faster.

Measured on one core, batch 128, forward and backward, direct against this, in ms: 128 to 256 channels, 4x4 pixels,
3 taps 33:14 (341 products per number); 64 to 128, 8x8, 5 taps 60:31 (267); 64 to 128, 8x8, 3 taps 25:18 (171); 32 to
64, 16x16, 5 taps 62:52 (133, and no faster within a network); 16 to 32, 14x14, 5 taps 14:23 (67).
"""
_LARGEST = 2**22
"""Numbers in the largest matrix; the C library gives blocks above 32 MiB back at once, and new ones cost a lot."""


class Convolution(nn.Conv2d):
    """``nn.Conv2d`` with an odd kernel that keeps the image's size; faster while it trains on a processor.

    >>> Convolution(3, 8, 5)(torch.zeros(1, 3, 16, 20)).shape
    torch.Size([1, 8, 16, 20])
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, bias: bool = True) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return the images (rows, outputs, H, W) of (rows, inputs, H, W)."""
        return convolve(x, self.weight, self.bias, training=self.training)


def convolve(x: Tensor, weight: Tensor, bias: Tensor | None, *, training: bool) -> Tensor:
    """Return the convolution of images (rows, inputs, H, W) with odd kernels (outputs, inputs, k, k) that keeps H, W.

    While `training`, errors of about 1e-5 of the largest number may be made for the sake of speed.
    """
    if training and _faster(x, weight):
        return winograd(x, weight, bias)
    return nn.functional.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)


def _faster(x: Tensor, weight: Tensor) -> bool:
    outputs, inputs, kernel = weight.shape[:3]
    single = x.device.type == "cpu" and x.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
    growth = ((kernel + TILE - 1) / TILE) ** 2  # of images by their transforms, as tiles overlap
    worth = kernel**2 * inputs * outputs >= _WORTH * growth * (inputs + outputs)
    return single and worth and kernel in _POINTS


def winograd(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return what :func:`convolve` does, by minimal filtering; kernels of 3 or 5 taps, float32."""
    tiles = -(-x.shape[-2] // TILE) * -(-x.shape[-1] // TILE)
    per_row = (weight.shape[-1] + TILE - 1) ** 2 * tiles * max(weight.shape[:2])
    rows = max(1, _LARGEST // per_row)
    if len(x) <= rows:
        return _filtered(x, weight, bias)
    return torch.cat([_filtered(part, weight, bias) for part in torch.split(x, rows)])


def _filtered(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    rows, inputs, height, width = x.shape
    outputs, _, kernel, _ = weight.shape
    n, down, across = kernel + TILE - 1, -(-height // TILE), -(-width // TILE)
    back, taps, into_height = _transforms(kernel, height)
    into_width = _transforms(kernel, width)[2]

    u = torch.einsum("pu,qv,ocuv->pqco", taps, taps, weight)
    u = u.unsqueeze(1).expand(-1, down, -1, -1, -1).reshape(-1, inputs, outputs)
    v = into_height @ x.permute(2, 3, 0, 1).reshape(height, -1)  # (n * down, width * rows * inputs)
    v = _each(into_width, v.reshape(n * down, width, rows * inputs))
    # (n * down * n positions, across * rows, inputs) x (positions, inputs, outputs)
    products = torch.bmm(v.reshape(n * down * n, across * rows, inputs), u)
    y = _each(back, products.reshape(n * down, n, across * rows * outputs))
    y = (back @ y.reshape(n, -1)).reshape(TILE, down, TILE, across, rows, outputs)
    y = y.permute(4, 1, 0, 3, 2, 5).reshape(rows, down * TILE, across * TILE, outputs)
    if height % TILE or width % TILE:
        y = y[:, :height, :width]
    y = y.permute(0, 3, 1, 2)
    return y if bias is None else y + bias.reshape(-1, 1, 1)


def _each(matrix: Tensor, x: Tensor) -> Tensor:
    """Return the products of one matrix (a, b) with each of x (batch, b, c)."""
    return torch.bmm(matrix.expand(x.shape[0], -1, -1), x)


@cache
def _transforms(kernel: int, length: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return A^T (4, n), G (n, kernel), and B^T of all tiles along a side at once, (n * tiles, length).

    The last cuts the tiles out of the side as well; they overlap, and there is nothing beyond its ends.
    """
    n, tiles, padding = kernel + TILE - 1, -(-length // TILE), kernel // 2
    powers = np.zeros((n, n))
    powers[:-1] = np.power.outer(np.array(_POINTS[kernel]), np.arange(n))
    back, taps = powers[:, :TILE].copy(), powers[:, :kernel].copy()
    powers[-1, -1] = back[-1, -1] = taps[-1, -1] = 1.0  # the point at infinity reads the highest coefficient
    into = np.linalg.inv(powers).T
    largest = np.abs(into).max(1, keepdims=True)
    into, taps = into / largest, taps * largest  # both of moderate size
    cut = np.zeros((n, tiles, length))
    for tile in range(tiles):
        first = tile * TILE - padding
        inside = [j for j in range(n) if 0 <= first + j < length]
        cut[:, tile, [first + j for j in inside]] = into[:, inside]
    return _single(back.T), _single(taps), _single(cut.reshape(n * tiles, length))


def _single(matrix: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(matrix, dtype=np.float32))
