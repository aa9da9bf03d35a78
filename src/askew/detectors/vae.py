"""VAE: the variational autoencoder as an unsupervised detector."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from askew.detectors._variational import VariationalDetector
from askew.training import Step, Training


@final
class VAE(VariationalDetector):
    r"""Variational autoencoder ensemble; known anomalies are left out of training, otherwise labels are unused.

    Loss :math:`L_R(x)+\beta_{KL}\,KL(q(z|x)\,\|\,N(0,I))`, score its negative with :math:`z=\mu(x)`,
    averaged over the members. It is the papers' row for no labelled anomalies.

    Reference: Kingma and Welling (2014), Auto-Encoding Variational Bayes; as a detector with an ensemble of
    five: Daniel, Kurutach and Tamar (2021), Deep Variational Semi-Supervised Novelty Detection.

    Parameters
    ----------
    beta_kl : float
        Weight of the KL term, reached linearly over the first 20 epochs; a seventh of all if that is less.
    reduction : {"auto", "mean", "sum"}
        How the columns' :math:`\frac12(x_j-\hat x_j)^2` are put together to :math:`L_R`;
        "auto" is the mean over the columns of a table and the sum over the pixels of an image, whose code the
        KL term would empty otherwise.
    contamination : float in (0, 0.5]
        Share of the training rows that `predict` flags.
    network : "auto", (encoder, decoder) or function of the input spec
        The encoder's output holds means and log-variances side by side.
    training : Training, optional
        Defaults: 150 epochs, Adam at 1e-3, batches of 128.
    n_members : int
        Size of the ensemble.
    scale : "standard" or None
        Whether columns are standardised on the training rows.
    random_state : int, RandomState or None
    device : str

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = VAE(n_members=2, random_state=0).set_params(training__epochs=3).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "vae"

    def __init__(
        self,
        beta_kl: float = 0.05,
        reduction: str = "auto",
        contamination: float = 0.05,
        network: Any = "auto",
        training: Training | None = None,
        n_members: int = 5,
        scale: str | None = "standard",
        random_state: int | np.random.RandomState | None = None,
        device: str = "cpu",
    ) -> None:
        self.beta_kl = beta_kl
        self.reduction = reduction
        self.contamination = contamination
        self.network = network
        self.training = training
        self.n_members = n_members
        self.scale = scale
        self.random_state = random_state
        self.device = device

    def _outlier_steps(self) -> tuple[Step, ...]:
        return ()
