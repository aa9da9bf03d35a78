"""Deep SVDD: rows mapped into a small hypersphere, without labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from askew.families.deep_hypersphere import HypersphereDetector
from askew.objectives import deep_svdd, soft_boundary_deep_svdd
from askew.training import Batch, Networks, Rows

RADIUS_WARMUP_EPOCHS = 10  # epochs with R = 0 before the radius is solved for (Deep-SVDD-PyTorch)


@final
@dataclass(kw_only=True, eq=False, repr=False)
class DeepSVDD(HypersphereDetector):
    r"""Deep SVDD, one-class or soft-boundary: the distance of a row's code from the centre of the normal ones.

    One-class: :math:`\frac1n\sum_i\|\phi(x_i)-c\|^2`. Soft-boundary:
    :math:`R^2+\frac1{\nu n}\sum_i\max(0,\|\phi(x_i)-c\|^2-R^2)` with R² solved for on every batch after ten
    warm-up epochs. Score :math:`-\|\phi(x)-c\|`. Known anomalies are left out, otherwise labels are unused.

    Reference: Ruff et al. (2018), Deep One-Class Classification, Eqs. 3 and 4.

    Parameters
    ----------
    objective : {"one-class", "soft-boundary"}
    nu : float in (0, 1]
        Soft-boundary only: share of the rows that may lie outside the sphere.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 9))
    >>> detector = DeepSVDD(random_state=0).set_params(training__epochs=3, training__pretrain_epochs=3).fit(X)
    >>> bool((detector.score_samples(X) <= 0).all())
    True
    """

    name: ClassVar[str] = "deep_svdd"
    learns_from: ClassVar[Rows] = "normal"

    objective: str = "one-class"
    nu: float = 0.1

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = '"one-class" is the simpler one and usually as good.'
        self._require_one_of("objective", ("one-class", "soft-boundary"), remedy)
        self._require_number("nu", "in (0, 1]", lambda nu: 0 < nu <= 1, "The paper tries 0.01 and 0.1.")

    def _schedule(self, epoch: int) -> float:
        """Return 0 while the radius is 0, then 1."""
        return float(epoch >= RADIUS_WARMUP_EPOCHS)

    def _sphere_loss(self, networks: Networks, batch: Batch) -> Tensor:
        distance = self._distances(networks, batch)
        if self.objective == "one-class":
            return deep_svdd(distance)
        radius = radius_squared(distance, self.nu) * batch.scheduled
        return soft_boundary_deep_svdd(distance, radius, self.nu)


def radius_squared(distance: Tensor, nu: float) -> Tensor:
    """Return R² of one batch, R the (1 - nu) quantile of the distances whose squares are given, (..., rows)."""
    ordered = distance.detach().sqrt().sort(dim=-1).values  # vmap cannot take torch.quantile
    place = (1.0 - nu) * (ordered.shape[-1] - 1)
    below, above = ordered[..., math.floor(place)], ordered[..., math.ceil(place)]
    return torch.lerp(below, above, place - math.floor(place)).square()
