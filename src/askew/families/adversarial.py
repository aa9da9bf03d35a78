"""What detectors with an adversary share: pixels as a tanh gives them, and the critic's value."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from askew.base import DeepDetector
from askew.families.recipes import decode, encode, reconstruct, value_of
from askew.networks.piecewise_linear import PiecewiseLinear
from askew.objectives import mirror_distance, pairs, values_and_gradients
from askew.training import Member, Networks
from askew.training.precision import LoweredNetwork

BETAS = (0.5, 0.999)  # Adam's decay rates in the public codes of ALAD, Fence-GAN, Skip-GANomaly and AnoGAN


class CentredPixels(DeepDetector):
    """Base of detectors whose networks see pixels from -1 to 1, as a tanh makes them; tables stay as they are."""

    def _centred(self, x: Tensor) -> Tensor:
        """Return prepared rows as the networks see them."""
        return self._input.centred(x)

    def _codes(self, member: Member, x: Tensor) -> Tensor:
        return encode(member.networks, self._centred(x))

    def _uncentred(self, generated: Tensor) -> Tensor:
        """Return rows that the networks made as prepared rows: pixels from 0 to 1."""
        return self._input.uncentred(generated)


class MirrorDetector(CentredPixels):
    """Base of ALAD and AMA: a critic of pairs sees a row beside what encoder and decoder make of it."""

    def _distance(self, networks: Networks, x: Tensor) -> Tensor:
        """Return R(x), the distance of rows from their reconstructions in the critic's features, (..., rows)."""
        x = self._centred(x)
        x_hat = reconstruct(networks, x)
        features = networks["critic"](torch.cat([pairs(x, x), pairs(x, x_hat)], dim=-2))
        return mirror_distance(*features.tensor_split(2, dim=-2))

    def _expected(self, member: Member, x: Tensor) -> Tensor:
        return self._uncentred(decode(member.networks, self._codes(member, x)))


def critic_value(networks: Networks, x: Tensor) -> Tensor:
    """Return the critic's value of each row, or pair of rows, (..., rows)."""
    return value_of(networks, x, "critic", "value")


class Critic:
    """The critic as a function of rows or pairs, with a quick way to gradients that are learnt from."""

    def __init__(self, networks: Networks) -> None:
        self.networks = networks

    def __call__(self, x: Tensor) -> Tensor:
        """Return the value of each row, or pair of rows, (..., rows)."""
        return critic_value(self.networks, x)

    def values_and_gradients(self, x: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
        """Return values of rows and gradients at points, worked out by hand if the critic is piecewise linear."""
        parts = [self.networks[name] for name in ("critic", "value")]
        dtype = parts[0].dtype if isinstance(parts[0], LoweredNetwork) else None
        network = PiecewiseLinear.of(*(p.network if isinstance(p, LoweredNetwork) else p for p in parts))
        if network is None:
            return values_and_gradients(partial(critic_value, self.networks), x, points)
        return network.values_and_gradients(x, points, dtype)
