"""MML-VAE: a VAE that maximises the likelihood of normal rows and minimises that of known anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor

from askew.families.labelled_variational import CuboDetector, DrawnCodes


@final
@dataclass(kw_only=True, eq=False, repr=False)
class MMLVAE(CuboDetector):
    r"""Max-min-likelihood VAE ensemble: an upper bound on the likelihood of known anomalies is pushed down.

    Normal and unlabelled rows: :math:`L_R+\beta_{KL}\,KL(q\,\|\,N(0,I))`. Known anomalies:
    :math:`\gamma\,\mathrm{CUBO}_2`, encoder only, with the exponent
    :math:`-2L_R+\beta_{CUBO}(\sum\log\sigma^2+\|\epsilon\|^2-\|z\|^2)`. The score is the ELBO.

    Reference: Daniel, Kurutach and Tamar (2021), Deep Variational Semi-Supervised Novelty Detection, section 4.1,
    Eq. 4 and Table 12.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.random.default_rng(0).normal(size=(90, 3)), np.repeat([-1, 0], [5, 85])
    >>> X[:5] += 6.0
    >>> detector = MMLVAE(n_members=2, random_state=0).set_params(training__epochs=9).fit(X, y)
    >>> bool(detector.score_samples(X[:5]).max() < detector.score_samples(X[5:]).mean())
    True
    """

    name: ClassVar[str] = "mml_vae"
    known_anomalies: ClassVar[str] = "minimises a bound on their likelihood"

    def _anomaly_rows(self, drawn: DrawnCodes) -> Tensor:
        return self._cubo(drawn)
