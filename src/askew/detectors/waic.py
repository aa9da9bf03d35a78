"""WAIC: an ensemble's likelihood, less where its members disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from askew.families.pixelwise import PixelDetector, pixel_log_p
from askew.objectives import waic
from askew.training import Member


@final
@dataclass(kw_only=True, eq=False, repr=False)
class WAIC(PixelDetector):
    r"""Mean log-likelihood of an ensemble of PixelCNNs minus its variance; images alone.

    Score :math:`\frac1K\sum_k\log p_k(x)-\mathrm{Var}_k\log p_k(x)` over the members k, in nats: an image of a
    new kind may be likely to some members, but not to all alike. Known anomalies are left out of training,
    otherwise labels are unused. :meth:`member_scores` are the :math:`\log p_k(x)`.

    Reference: Choi, Jang and Alemi (2018), WAIC, but Why? Generative Ensembles for Robust Anomaly Detection.
    *Departures:* the likelihood is that of :class:`LikelihoodRatio`, beside which AMA's Table 2 has this score.
    It is exact, so the variance is of models alone and not of how loose a VAE's bound is.

    Parameters
    ----------
    n_members : int
        Size of the ensemble; with 1 the score is the likelihood.

    Examples
    --------
    >>> import numpy as np
    >>> from askew.training import Training
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat(rng.integers(0, 30, (20, 1, 1, 16)), 16, axis=2).astype(np.uint8)
    >>> detector = WAIC(filters=8, blocks=1, n_members=2, training=Training(lr=1e-2), random_state=0).fit(X)
    >>> noise = rng.integers(0, 256, (1, 1, 16, 16)).astype(np.uint8)
    >>> bool(detector.score_samples(noise)[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "waic"
    takes_tables: ClassVar[bool] = False

    n_members: int = 5

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        # hundreds of pixels add up: float32 would lose the digits in which members differ
        return pixel_log_p(member.networks, "density", x).double().sum(-1)

    def _mean_scores(self, rows: Tensor) -> Tensor:
        return waic(torch.stack([self._row_scores(member, rows) for member in self.members_]))
