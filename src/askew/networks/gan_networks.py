"""Generator, encoder and critic of the GANs, for images of any size from 16x16 up and for tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from askew.inputs.spec import ImageSpec, RowSpec, TableSpec
from askew.networks.convolutional import LARGE, require_size
from askew.networks.halving import SLOPE, Size, doubling, halving, normalised, sizes_down
from askew.networks.row_to_image import Fold
from askew.networks.strided import INFOGAN_CHANNELS, INFOGAN_DENSE

DCGAN_CHANNELS = (64, 128, 256)
"""Filters of the convolutions of colour images; deeper ones have as many as the last."""

TABLE_HIDDEN = (128, 64)
"""Hidden layers of the critic of a table, and backwards of its generator."""


def generator(spec: RowSpec, code: int, *, batch_norm: bool = True) -> nn.Sequential:
    """Return a network that makes flat rows of codes, (rows, code) -> (rows, features).

    Images get transposed 4x4 convolutions with stride 2 and ReLU, and end in tanh: pixels are from -1 to 1. Small
    images of one channel have two convolutions and a dense layer in front (InfoGAN's), others one convolution for
    each halving of the sides down to 4 to 7 pixels (DCGAN's); sides below 16 pixels raise InvalidInputError. Tables
    get dense layers of 64 and 128 and a linear end. With `batch_norm`, BatchNorm follows each hidden layer.

    Reference: Radford, Metz and Chintala (2016), Unsupervised Representation Learning with Deep Convolutional
    Generative Adversarial Networks; Chen et al. (2016), InfoGAN, Table 1.

    >>> import torch
    >>> generator(ImageSpec(3, 32, 32), 100)(torch.zeros(2, 100)).shape
    torch.Size([2, 3072])
    """
    if isinstance(spec, TableSpec):
        widths = (code, *reversed(TABLE_HIDDEN))
        return nn.Sequential(*_dense_up(widths, batch_norm), nn.Linear(widths[-1], spec.n_features))
    channels, dense, sizes = _shape(spec)
    small = ImageSpec(channels[-1], *sizes[-1])
    layers = _dense_up((code, *([dense] if dense else []), small.n_features), batch_norm)
    layers.append(Fold(small))
    widths = (*reversed(channels), spec.channels)
    for (before, after), (less, more) in zip(pairwise(widths), pairwise(reversed(sizes)), strict=True):
        last = more == sizes[0]
        layers.append(doubling(before, after, less, more, bias=last or not batch_norm))
        if not last:
            layers += [*([nn.BatchNorm2d(after)] if batch_norm else []), nn.ReLU()]
    return nn.Sequential(*layers, nn.Tanh(), nn.Flatten())


def critic(
    spec: RowSpec,
    *,
    outputs: int = 1,
    rows: int = 1,
    spectral: bool = False,
    batch_norm: bool = False,
    dense: bool = True,
) -> tuple[nn.Sequential, nn.Module]:
    """Return a network that judges or encodes flat rows: its body, to the feature, and its linear head.

    Images get 4x4 convolutions with stride 2 and leaky ReLU, as many as :func:`generator` has, and small ones of one
    channel a dense layer of 1024 behind them; tables dense layers of 128 and 64.

    Parameters
    ----------
    spec : TableSpec or ImageSpec
        What one row is.
    outputs : int
        Width of the head: 1 for a critic, the code's for an encoder.
    rows : int
        How many rows it takes side by side, (n, rows * features); of images it stacks their channels.
    spectral : bool
        Whether all layers have spectral normalisation.
    batch_norm : bool
        Whether BatchNorm follows each hidden layer but the first, as in DCGAN's critic.
    dense : bool
        Whether small images of one channel have the dense layer; if not, the feature is the last convolution's.

    Examples
    --------
    >>> import torch
    >>> body, head = critic(ImageSpec(1, 28, 28), rows=2)
    >>> body(torch.zeros(5, 2 * 784)).shape, head(torch.zeros(5, 1024)).shape
    (torch.Size([5, 1024]), torch.Size([5, 1]))
    """
    if isinstance(spec, TableSpec):
        layers: list[nn.Module] = []
        width = rows * spec.n_features
        for i, hidden in enumerate(TABLE_HIDDEN):
            layers += _dense_down(width, hidden, batch_norm=batch_norm and i > 0, spectral=spectral)
            width = hidden
        return nn.Sequential(*layers), normalised(nn.Linear(width, outputs), spectral)
    channels, behind, _ = _shape(spec)
    body, width = strided_body(
        spec, channels, behind if dense else None, rows=rows, spectral=spectral, batch_norm=batch_norm
    )
    return body, normalised(nn.Linear(width, outputs), spectral)


def strided_body(
    spec: ImageSpec,
    channels: Sequence[int],
    dense: int | None,
    *,
    rows: int = 1,
    spectral: bool = False,
    batch_norm: bool = False,
    slope: float = SLOPE,
) -> tuple[nn.Sequential, int]:
    """Return the body of :func:`critic` for images, and how wide its feature is.

    It has 4x4 convolutions with stride 2 of `channels` filters, and a layer of width `dense` behind them if there
    is one, each with a leaky ReLU of negative `slope`.

    >>> strided_body(ImageSpec(3, 32, 32), (64, 128), None)[1]
    8192
    """
    stacked = rows * spec.channels
    layers: list[nn.Module] = [Fold(ImageSpec(stacked, spec.height, spec.width))]
    for i, (before, after) in enumerate(pairwise((stacked, *channels))):
        layers += halving(before, after, batch_norm=batch_norm and i > 0, spectral=spectral, slope=slope)
    layers.append(nn.Flatten())
    width = channels[-1] * (spec.height >> len(channels)) * (spec.width >> len(channels))
    if dense:
        layers += _dense_down(width, dense, batch_norm=batch_norm, spectral=spectral, slope=slope)
    return nn.Sequential(*layers), dense or width


@torch.no_grad()
def normal_weights(network: nn.Module, std: float = 0.02) -> nn.Module:
    """Return `network` with new initial weights: those of its layers from N(0, std²), biases 0.

    Torch's own are so large for transposed convolutions with few filters that the tanh behind them saturates,
    and the generator learns nothing for hundreds of updates.

    Reference: Radford, Metz and Chintala (2016), Section 3.1, on details of adversarial training.

    >>> layer = normal_weights(nn.Linear(100, 100))
    >>> round(layer.weight.std().item(), 3), layer.bias.abs().max().item()
    (0.02, 0.0)
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            layer.weight.normal_(std=std)
            if layer.bias is not None:
                layer.bias.zero_()
    return network


def _shape(spec: ImageSpec) -> tuple[tuple[int, ...], int | None, list[Size]]:
    """Return filters of the convolutions, width of the dense layer if there is one, and sizes, the image's first."""
    require_size(spec, "generator and critic")
    sizes = sizes_down(spec)
    if spec.channels == 1 and max(spec.height, spec.width) < LARGE:
        return INFOGAN_CHANNELS, INFOGAN_DENSE, sizes[: len(INFOGAN_CHANNELS) + 1]
    last = len(DCGAN_CHANNELS) - 1
    return tuple(DCGAN_CHANNELS[min(i, last)] for i in range(len(sizes) - 1)), None, sizes


def _dense_up(widths: Sequence[int], batch_norm: bool) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers.append(nn.Linear(before, after, bias=not batch_norm))
        layers += [*([nn.BatchNorm1d(after)] if batch_norm else []), nn.ReLU()]
    return layers


def _dense_down(
    before: int, after: int, *, batch_norm: bool, spectral: bool, slope: float = SLOPE
) -> list[nn.Module]:
    layer = normalised(nn.Linear(before, after, bias=not batch_norm), spectral)
    return [layer, *([nn.BatchNorm1d(after)] if batch_norm else []), nn.LeakyReLU(slope)]
