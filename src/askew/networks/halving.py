"""Convolutions with stride 2 that halve images, and transposed ones that double them again.

A layer before BatchNorm has no bias. BatchNorm takes it away again, so its slope is nothing but rounding, which
Adam makes into whole steps: the same training in another order of additions would end elsewhere.
"""

from __future__ import annotations

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from askew.inputs.spec import ImageSpec

SLOPE = 0.2
"""Negative slope of the leaky ReLU (Radford et al. 2016)."""

_SMALLEST = 4
"""Sides are halved while at least this much is left."""

Size = tuple[int, int]


def sizes_down(spec: ImageSpec, smallest: int = _SMALLEST) -> list[Size]:
    """Return the sizes of an image whose sides are halved, rounded down, until `smallest` would no longer be left.

    >>> sizes_down(ImageSpec(channels=3, height=32, width=32))
    [(32, 32), (16, 16), (8, 8), (4, 4)]
    """
    sizes = [(spec.height, spec.width)]
    while min(sizes[-1]) >= 2 * smallest:
        sizes.append((sizes[-1][0] // 2, sizes[-1][1] // 2))
    return sizes


def normalised(layer: nn.Module, spectral: bool) -> nn.Module:
    """Return `layer`, its weights divided by their largest singular value if `spectral`.

    Reference: Miyato et al. (2018), Spectral Normalization for Generative Adversarial Networks.
    """
    return spectral_norm(layer) if spectral else layer


def halving(
    before: int, after: int, *, batch_norm: bool, spectral: bool = False, slope: float = SLOPE
) -> list[nn.Module]:
    """Return a 4x4 convolution with stride 2, BatchNorm if asked for, and leaky ReLU."""
    layer = normalised(nn.Conv2d(before, after, 4, 2, 1, bias=not batch_norm), spectral)
    return [layer, *([nn.BatchNorm2d(after)] if batch_norm else []), nn.LeakyReLU(slope)]


def doubling(
    before: int, after: int, less: Size, more: Size, *, bias: bool, kernel: int = 4
) -> nn.ConvTranspose2d:
    """Return the transposed convolution with stride 2 from images of size `less` to images of size `more`."""
    missing = (more[0] - 2 * less[0] + 4 - kernel, more[1] - 2 * less[1] + 4 - kernel)
    return nn.ConvTranspose2d(before, after, kernel, 2, 1, output_padding=missing, bias=bias)
