"""The LeNet-type networks of Deep SAD and of the dual-prior VAEs, for images of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from torch import nn

from askew.inputs.spec import ImageSpec
from askew.networks.mlp import MLP_BATCH_NORM_EPS
from askew.networks.row_to_image import Fold
from askew.networks.upsampled import UpsampledConvolution
from askew.networks.winograd import Convolution

UPSAMPLINGS = 3
"""Doublings of every LeNet decoder: 4x4 -> 28x28 or 32x32, whatever the number of the encoder's max-pools."""


@dataclass(frozen=True)
class Blocks:
    """The layers that a family of networks repeats, with its switches."""

    bias: bool = True
    """Whether convolutions and linear layers have a bias."""
    batch_norm: bool = True
    """Whether BatchNorm (eps 1e-4) follows each hidden one."""
    affine: bool = True
    """Whether BatchNorm learns a scale and a shift."""
    slope: float = 0.1
    """Negative slope of the leaky ReLU; 0 makes it a ReLU."""

    def activation(self) -> nn.Module:
        """Return a (leaky) ReLU."""
        return nn.LeakyReLU(self.slope) if self.slope else nn.ReLU()

    def norm(self, channels: int) -> list[nn.Module]:
        """Return BatchNorm of images, or nothing."""
        layer = nn.BatchNorm2d(channels, eps=MLP_BATCH_NORM_EPS, affine=self.affine)
        return [layer] if self.batch_norm else []

    def dense(self, inputs: int, outputs: int) -> list[nn.Module]:
        """Return a hidden linear layer with its BatchNorm and activation."""
        norm = nn.BatchNorm1d(outputs, eps=MLP_BATCH_NORM_EPS, affine=self.affine)
        linear = nn.Linear(inputs, outputs, bias=self.bias)
        return [linear, *([norm] if self.batch_norm else []), self.activation()]


def lenet(
    spec: ImageSpec, outputs: int, code: int, blocks: Blocks, *, channels: Sequence[int], dense: int | None
) -> tuple[nn.Sequential, nn.Sequential]:
    """Return the encoder and the decoder of LeNet type, for images of at least 16x16.

    Encoder: per entry of `channels` a 5x5 convolution, BatchNorm, leaky ReLU and 2x2 max-pooling; a hidden
    linear layer of width `dense`, if any; a linear layer of width `outputs`. Decoder: the code folded to a small
    image, 5x5 transposed convolutions with BatchNorm and leaky ReLU between them, each of the last three after
    nearest upsampling; the last layer is linear.
    """
    encoder = _encoder(
        spec, channels, dense, outputs, blocks
    )  # first: random weights are drawn in this order
    return encoder, _decoder(spec, tuple(reversed(channels)), dense, code, blocks)


def _encoder(
    spec: ImageSpec, channels: Sequence[int], dense: int | None, outputs: int, blocks: Blocks
) -> nn.Sequential:
    layers: list[nn.Module] = [Fold(spec)]
    for before, after in pairwise((spec.channels, *channels)):
        layers += [Convolution(before, after, 5, bias=blocks.bias), *blocks.norm(after)]
        # the papers pool after the activation; it is monotone, so this is the same at a quarter of its cost
        layers += [nn.MaxPool2d(2), blocks.activation()]
    width = channels[-1] * (spec.height >> len(channels)) * (spec.width >> len(channels))
    layers.append(nn.Flatten())
    if dense is not None:
        layers += blocks.dense(width, dense)
        width = dense
    return nn.Sequential(*layers, nn.Linear(width, outputs, bias=blocks.bias))


def _decoder(
    spec: ImageSpec, channels: Sequence[int], dense: int | None, code: int, blocks: Blocks
) -> nn.Sequential:
    sizes = list(zip(_sizes(spec.height), _sizes(spec.width), strict=True))
    area = sizes[0][0] * sizes[0][1]
    folded = -(-(dense or code) // area)  # the reference folds the code itself: 32 = 2 x 4 x 4
    layers: list[nn.Module] = []
    if dense is not None:
        # its activation comes after folding: elementwise, so the place makes no difference
        layers += blocks.dense(code, folded * area)[:-1]
    elif folded * area != code:
        layers.append(nn.Linear(code, folded * area, bias=blocks.bias))
    layers += [Fold(ImageSpec(folded, *sizes[0])), blocks.activation()]
    widths = list(pairwise((folded, *channels, spec.channels)))
    plain = len(widths) - UPSAMPLINGS  # convolutions before the first upsampling
    for i, (before, after) in enumerate(widths):
        if i < plain:
            layers.append(nn.ConvTranspose2d(before, after, 5, padding=2, bias=blocks.bias))
        else:
            layers.append(UpsampledConvolution(before, after, sizes[i - plain + 1], bias=blocks.bias))
        if i < len(widths) - 1:
            layers += [*blocks.norm(after), blocks.activation()]
    return nn.Sequential(*layers, nn.Flatten())


def _sizes(length: int) -> list[int]:
    """Return the decoder's side lengths, from the folded code's to `length`.

    Even ones between, so that what a convolution cuts off is even too, as in the reference: 28 comes from
    4 -> 8 -> 16 cut to 14 -> 28.
    """
    sizes = [length]
    for _ in range(UPSAMPLINGS - 1):
        half = -(-sizes[0] // 2)
        sizes.insert(0, half + half % 2)
    return [-(-sizes[0] // 2), *sizes]
