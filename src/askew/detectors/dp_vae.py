"""DP-VAE: a VAE with a second prior for known anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor

from askew.families.labelled_variational import DrawnCodes, DualPriorDetector


@final
@dataclass(kw_only=True, eq=False, repr=False)
class DPVAE(DualPriorDetector):
    r"""Dual-prior VAE ensemble: known anomalies are encoded towards a prior of their own, away from normal rows.

    Normal and unlabelled rows: :math:`L_R+\beta_{KL}\,KL(q\,\|\,N(0,I))`. Known anomalies:
    :math:`L_R+\beta_{KL}\,KL(q\,\|\,N(\alpha\mathbf 1,I))`, encoder only. The score is the normal ELBO, so an
    anomaly of a kind that was never labelled is found by the same measure.

    Reference: Daniel, Kurutach and Tamar (2021), Deep Variational Semi-Supervised Novelty Detection, section 4.2
    and Table 11.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.random.default_rng(0).normal(size=(90, 3)), np.repeat([-1, 0], [5, 85])
    >>> X[:5] += 6.0
    >>> detector = DPVAE(n_members=2, random_state=0).set_params(training__epochs=9).fit(X, y)
    >>> bool(detector.score_samples(X[:5]).max() < detector.score_samples(X[5:]).mean())
    True
    """

    name: ClassVar[str] = "dp_vae"
    known_anomalies: ClassVar[str] = "draws their codes to a prior of their own"

    def _anomaly_rows(self, drawn: DrawnCodes) -> Tensor:
        return self._dual_prior(drawn)
