"""Multilayer perceptrons for tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from askew.inputs.spec import RowSpec

MLP_BATCH_NORM_EPS = 1e-4
"""Deep-SAD-PyTorch uses 1e-4 in every BatchNorm, ten times PyTorch's own."""


def default_layers(spec: RowSpec) -> tuple[int, ...]:
    """Return the widths of a table's encoder, code last, as the papers choose them by the table's width.

    They use 128-64-32 for 274 columns, 32-16-8 for 9 to 36 and 32-16-4 for 6 (Ruff et al. 2020, section D;
    Daniel et al. 2021, section D.1). The borders between the three are ours.

    >>> from askew.inputs import TableSpec
    >>> default_layers(TableSpec(n_features=21))
    (32, 16, 8)
    """
    if spec.n_features >= 100:
        return (128, 64, 32)
    return (32, 16, 8) if spec.n_features > 8 else (32, 16, 4)


def mlp(
    widths: Sequence[int],
    *,
    bias: bool = True,
    batch_norm: bool = False,
    slope: float = 0.1,
    affine: bool = True,
) -> nn.Sequential:
    """Return a perceptron ``widths[0] -> ... -> widths[-1]`` with leaky ReLU between linear layers; the last is linear.

    With `batch_norm`, BatchNorm (eps 1e-4) follows each hidden linear layer; if `affine`, it learns a scale and a
    shift. `slope` is the negative slope of the leaky ReLU.

    >>> mlp((6, 4, 2))
    Sequential(
      (0): Linear(in_features=6, out_features=4, bias=True)
      (1): LeakyReLU(negative_slope=0.1)
      (2): Linear(in_features=4, out_features=2, bias=True)
    )
    """
    layers: list[nn.Module] = []
    for before, after in pairwise(widths[:-1]):
        layers.append(nn.Linear(before, after, bias=bias))
        if batch_norm:
            layers.append(nn.BatchNorm1d(after, eps=MLP_BATCH_NORM_EPS, affine=affine))
        layers.append(nn.LeakyReLU(slope))
    return nn.Sequential(*layers, nn.Linear(widths[-2], widths[-1], bias=bias))
