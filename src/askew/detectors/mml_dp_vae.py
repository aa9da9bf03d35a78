"""MML-DP-VAE: the dual-prior VAE that also minimises the likelihood of known anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor

from askew.families.labelled_variational import CuboDetector, DrawnCodes, DualPriorDetector


@final
@dataclass(kw_only=True, eq=False, repr=False)
class MMLDPVAE(DualPriorDetector, CuboDetector):
    r"""Hybrid of MML-VAE and DP-VAE: both losses on known anomalies, added.

    Normal and unlabelled rows: :math:`L_R+\beta_{KL}\,KL(q\,\|\,N(0,I))`. Known anomalies, encoder only:
    :math:`L_R+\beta_{KL}\,KL(q\,\|\,N(\alpha\mathbf 1,I))+\gamma\,\mathrm{CUBO}_2`. The score is the normal ELBO.

    Reference: Daniel, Kurutach and Tamar (2021), Deep Variational Semi-Supervised Novelty Detection, Table 8.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.random.default_rng(0).normal(size=(90, 3)), np.repeat([-1, 0], [5, 85])
    >>> X[:5] += 6.0
    >>> detector = MMLDPVAE(n_members=2, random_state=0).set_params(training__epochs=9).fit(X, y)
    >>> bool(detector.score_samples(X[:5]).max() < detector.score_samples(X[5:]).mean())
    True
    """

    name: ClassVar[str] = "mml_dp_vae"
    known_anomalies: ClassVar[str] = "both"

    def _anomaly_rows(self, drawn: DrawnCodes) -> Tensor:
        return self._dual_prior(drawn) + self._cubo(drawn)
