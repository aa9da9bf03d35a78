"""ALAD's discriminators: of a row and a code, of two rows, and of two codes."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn

from askew.inputs.spec import ImageSpec, RowSpec, TableSpec
from askew.networks.gan_networks import critic
from askew.networks.halving import SLOPE, normalised

CODE_HIDDEN: dict[type, tuple[int, ...]] = {ImageSpec: (512, 512), TableSpec: (128,)}
"""Hidden layers that see the code of a row and a code, by what a row is (Zenati et al. 2018, public code)."""

JOINT_HIDDEN: dict[type, int] = {ImageSpec: 1024, TableSpec: 128}
"""The hidden layer that sees both (ditto)."""

CODES_HIDDEN = (64, 32)
"""Hidden layers of the discriminator of two codes (ditto)."""


class JointCritic(nn.Module):
    """Judges rows with a code each: (rows, features) and (rows, code) -> (rows, 1).

    `of_x` and `of_z` turn rows and codes into features; `head` judges both side by side.

    >>> judge = JointCritic(nn.Linear(5, 3), nn.Linear(2, 4), nn.Linear(3 + 4, 1))
    >>> judge(torch.zeros(6, 5), torch.zeros(6, 2)).shape
    torch.Size([6, 1])
    """

    def __init__(self, of_x: nn.Module, of_z: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.of_x = of_x
        self.of_z = of_z
        self.head = head

    def forward(self, x: Tensor, z: Tensor) -> Tensor:
        """Return the logit of each pair."""
        logits: Tensor = self.head(torch.cat([self.of_x(x), self.of_z(z)], dim=-1))
        return logits


def joint_critic(spec: RowSpec, code: int, *, spectral: bool = False, dropout: float = 0.0) -> JointCritic:
    """Return ALAD's discriminator of a row and a code, :math:`D_{xz}`.

    Rows go through the body of :func:`askew.networks.critic` with BatchNorm, images through its convolutions alone;
    codes through dense layers, and both through one more. With `spectral` the layers have spectral normalisation,
    but for the last; the share `dropout` of the hidden units of the dense layers is left out in training.

    Reference: Zenati et al. (2018), Adversarially Learned Anomaly Detection, and its public code.

    >>> judge = joint_critic(ImageSpec(1, 28, 28), 100, spectral=True)
    >>> judge(torch.zeros(5, 784), torch.zeros(5, 100)).shape
    torch.Size([5, 1])
    """
    of_x, width = _body(spec, spectral=spectral, batch_norm=True)
    hidden, joint = CODE_HIDDEN[type(spec)], JOINT_HIDDEN[type(spec)]
    of_z = nn.Sequential(*_dense((code, *hidden), spectral, dropout))
    both = _dense((width + hidden[-1], joint), spectral, dropout)
    return JointCritic(of_x, of_z, nn.Sequential(*both, nn.Linear(joint, 1)))


def row_critic(
    spec: RowSpec, *, spectral: bool = False, dropout: float = 0.0
) -> tuple[nn.Sequential, nn.Linear]:
    """Return ALAD's discriminator of two rows, :math:`D_{xx}`: its body, to the feature, and its linear head.

    The body takes two rows side by side, (n, 2 * features). `spectral` and `dropout` are those of
    :func:`joint_critic`; dropout is behind all hidden layers.

    >>> body, head = row_critic(TableSpec(6))
    >>> head(body(torch.zeros(5, 12))).shape
    torch.Size([5, 1])
    """
    body, width = _body(spec, rows=2, spectral=spectral)
    if dropout:
        body = nn.Sequential(*(part for layer in body for part in _dropped(layer, dropout)))
    return body, nn.Linear(width, 1)


def code_critic(code: int, *, spectral: bool = False, dropout: float = 0.0) -> nn.Sequential:
    """Return ALAD's discriminator of two codes side by side, :math:`D_{zz}`, (n, 2 * code) -> (n, 1).

    >>> code_critic(8)(torch.zeros(5, 16)).shape
    torch.Size([5, 1])
    """
    hidden = _dense((2 * code, *CODES_HIDDEN), spectral, dropout)
    return nn.Sequential(*hidden, nn.Linear(CODES_HIDDEN[-1], 1))


def bidirectional_encoder(spec: RowSpec, code: int, *, spectral: bool = False) -> nn.Sequential:
    """Return ALAD's encoder, (n, features) -> (n, code): convolutions with BatchNorm, or dense layers without.

    >>> bidirectional_encoder(TableSpec(6), 3)(torch.zeros(5, 6)).shape
    torch.Size([5, 3])
    """
    body, width = _body(spec, spectral=spectral, batch_norm=isinstance(spec, ImageSpec))
    return nn.Sequential(*body, nn.Linear(width, code))


def _body(
    spec: RowSpec, *, rows: int = 1, spectral: bool, batch_norm: bool = False
) -> tuple[nn.Sequential, int]:
    """Return a critic's body and how wide its feature is: ALAD's last layers have no spectral normalisation."""
    body, head = critic(spec, rows=rows, spectral=spectral, batch_norm=batch_norm, dense=False)
    return body, cast("nn.Linear", head).in_features


def _dense(widths: tuple[int, ...], spectral: bool, dropout: float) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [normalised(nn.Linear(before, after), spectral), *_dropped(nn.LeakyReLU(SLOPE), dropout)]
    return layers


def _dropped(layer: nn.Module, dropout: float) -> list[nn.Module]:
    """Return `layer`, with dropout behind it if it is an activation."""
    follows = dropout > 0 and isinstance(layer, nn.LeakyReLU)
    return [layer, *([nn.Dropout(dropout)] if follows else [])]
