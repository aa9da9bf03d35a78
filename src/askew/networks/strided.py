"""Networks whose convolutions have stride 2 instead of pooling: InfoGAN's for digits and one for photographs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import torch
from torch import nn

from askew.inputs.spec import ImageSpec
from askew.networks.halving import doubling
from askew.networks.lenet import Blocks
from askew.networks.row_to_image import Fold

INFOGAN_CHANNELS = (64, 128)
INFOGAN_DENSE = 1024
LARGE_CHANNELS = (128, 256, 512)
LARGE_SIDE = 8
"""Longest side in front of the dense layer of the network for photographs: 64 pixels after three convolutions."""


def infogan(spec: ImageSpec, outputs: int, code: int, blocks: Blocks) -> tuple[nn.Sequential, nn.Sequential]:
    """Return the encoder and the decoder for digits: 4x4 convolutions of 64 and 128 filters, dense 1024, ReLU.

    They have no BatchNorm. Images are at least 16x16; `outputs` and `code` are the widths of the encoder's result
    and of the decoder's input.
    """
    blocks = replace(blocks, batch_norm=False, slope=0.0)
    return _strided(spec, INFOGAN_CHANNELS, 4, INFOGAN_DENSE, outputs, code, blocks)


def infogan_of_unit_gain(
    spec: ImageSpec, outputs: int, code: int, blocks: Blocks
) -> tuple[nn.Sequential, nn.Sequential]:
    """Return the networks of :func:`infogan`, their initial weights scaled so that a layer keeps its inputs' variance.

    PyTorch's are a third of that in variance. Without BatchNorm the codes of all images are then all but one, and a
    VAE may take more than an epoch to part them, or never do. The paper states no initialisation.

    Reference: LeCun et al. (1998), Efficient BackProp, section 4.6.
    """
    networks = infogan(spec, outputs, code, blocks)
    with torch.no_grad():
        for layer in (layer for network in networks for layer in network):
            if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                layer.weight.mul_(3.0**0.5)
    return networks


def photographs(
    spec: ImageSpec, outputs: int, code: int, blocks: Blocks
) -> tuple[nn.Sequential, nn.Sequential]:
    """Return the encoder and the decoder for larger images: 3x3 convolutions, BatchNorm and ReLU.

    Three convolutions of 128, 256 and 512 filters for up to 64 pixels; each doubling adds one of 512. Arguments are
    those of :func:`infogan`.
    """
    channels: tuple[int, ...] = LARGE_CHANNELS
    while -(-max(spec.height, spec.width) // 2 ** len(channels)) > LARGE_SIDE:
        channels = (*channels, channels[-1])
    return _strided(spec, channels, 3, None, outputs, code, replace(blocks, slope=0.0))


def _strided(
    spec: ImageSpec,
    channels: tuple[int, ...],
    kernel: int,
    dense: int | None,
    outputs: int,
    code: int,
    blocks: Blocks,
) -> tuple[nn.Sequential, nn.Sequential]:
    sizes = [(spec.height, spec.width)]
    for _ in channels:  # (n + 2 - kernel) // 2 + 1 pixels
        sizes.append(((sizes[-1][0] + 4 - kernel) // 2, (sizes[-1][1] + 4 - kernel) // 2))
    width = channels[-1] * sizes[-1][0] * sizes[-1][1]
    encoder: list[nn.Module] = [Fold(spec)]
    for before, after in pairwise((spec.channels, *channels)):
        encoder.append(nn.Conv2d(before, after, kernel, stride=2, padding=1, bias=blocks.bias))
        encoder += [*blocks.norm(after), blocks.activation()]
    encoder += [nn.Flatten(), *(blocks.dense(width, dense) if dense else [])]
    encoder.append(nn.Linear(dense or width, outputs, bias=blocks.bias))

    decoder = [*(blocks.dense(code, dense) if dense else []), *blocks.dense(dense or code, width)]
    decoder.append(Fold(ImageSpec(channels[-1], *sizes[-1])))
    widths = (*reversed(channels), spec.channels)
    for (before, after), (less, more) in zip(pairwise(widths), pairwise(reversed(sizes)), strict=True):
        decoder.append(doubling(before, after, less, more, bias=blocks.bias, kernel=kernel))
        if more != sizes[0]:
            decoder += [*blocks.norm(after), blocks.activation()]
    return nn.Sequential(*encoder), nn.Sequential(*decoder, nn.Flatten())
