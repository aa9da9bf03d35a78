"""The LeNet-type networks of Deep SAD and of the dual-prior VAEs, for images of any size."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from askew.inputs.spec import ImageSpec
from askew.networks.mlp import MLP_BATCH_NORM_EPS
from askew.networks.row_to_image import Fold
from askew.networks.upsampled import UpsampledConvolution
from askew.networks.winograd import Convolution

UPSAMPLINGS = 3
"""Doublings of every LeNet decoder: 4x4 -> 28x28 or 32x32, whatever the number of the encoder's max-pools."""


class Blocks:
    """Makes the layers that a family of networks repeats, with its switches.

    Parameters
    ----------
    bias : bool
        Whether convolutions and linear layers have a bias.
    batch_norm, affine : bool
        Whether BatchNorm (eps 1e-4) follows each hidden one, and whether it learns a scale and a shift.
    slope : float
        Negative slope of the leaky ReLU; 0 makes it a ReLU.
    """

    def __init__(self, *, bias: bool, batch_norm: bool, affine: bool, slope: float) -> None:
        self.bias, self.batch_norm, self.affine, self.slope = bias, batch_norm, affine, slope

    def activation(self) -> nn.Module:
        """Return a (leaky) ReLU."""
        return nn.LeakyReLU(self.slope) if self.slope else nn.ReLU()

    def norm(self, channels: int) -> list[nn.Module]:
        """Return BatchNorm of images, or nothing."""
        return (
            [nn.BatchNorm2d(channels, eps=MLP_BATCH_NORM_EPS, affine=self.affine)] if self.batch_norm else []
        )

    def dense(self, inputs: int, outputs: int) -> list[nn.Module]:
        """Return a hidden linear layer with its BatchNorm and activation."""
        linear = nn.Linear(inputs, outputs, bias=self.bias)
        norm = nn.BatchNorm1d(outputs, eps=MLP_BATCH_NORM_EPS, affine=self.affine)
        return [linear, *([norm] if self.batch_norm else []), self.activation()]


def lenet(
    spec: ImageSpec,
    *,
    channels: Sequence[int],
    dense: int | None,
    outputs: int,
    code: int,
    blocks: Blocks,
) -> tuple[nn.Sequential, nn.Sequential]:
    """Return the encoder and the decoder of LeNet type.

    Encoder: per entry of `channels` a 5x5 convolution, BatchNorm, leaky ReLU and 2x2 max-pooling; a hidden
    linear layer of width `dense`, if any; a linear layer. Decoder: the code folded to a small image, 5x5
    transposed convolutions with BatchNorm and leaky ReLU between them, each of the last three after nearest
    upsampling; the last layer is linear.

    Parameters
    ----------
    spec : ImageSpec
        At least 16x16.
    channels : sequence of int
        Filters of the encoder's convolutions; the decoder has them in reverse.
    dense : int, optional
        Width of the hidden linear layer of both.
    outputs, code : int
        Width of the encoder's result and of the decoder's input.
    blocks : Blocks
        Bias, BatchNorm and activation.
    """
    return (
        _encoder(spec, channels, dense, outputs, blocks),
        _decoder(spec, tuple(reversed(channels)), dense, code, blocks),
    )


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
