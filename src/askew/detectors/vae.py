"""VAE: the variational autoencoder as an unsupervised detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from askew.families.variational import VariationalDetector
from askew.training import Step


@final
@dataclass(kw_only=True, eq=False, repr=False)
class VAE(VariationalDetector):
    r"""Variational autoencoder ensemble; known anomalies are left out of training, otherwise labels are unused.

    Loss :math:`L_R(x)+\beta_{KL}\,KL(q(z|x)\,\|\,N(0,I))`, score its negative with :math:`z=\mu(x)`,
    averaged over the members. It is the papers' row for no labelled anomalies.

    Reference: Kingma and Welling (2014), Auto-Encoding Variational Bayes; as a detector with an ensemble of
    five: Daniel, Kurutach and Tamar (2021), Deep Variational Semi-Supervised Novelty Detection.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = VAE(n_members=2, random_state=0).set_params(training__epochs=3).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "vae"

    def _outlier_steps(self) -> tuple[Step, ...]:
        return ()
