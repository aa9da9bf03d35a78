"""MML-VAE: a VAE that maximises the likelihood of normal rows and minimises that of known anomalies."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from torch import Tensor

from askew.detectors._variational import (
    LabelledVariationalDetector,
    check_cubo,
    chosen_form,
    cubo_settings,
    given,
)
from askew.objectives import cubo, cubo_exponent
from askew.training import Batch, Settings, Training


@final
class MMLVAE(LabelledVariationalDetector):
    r"""Max-min-likelihood VAE ensemble: an upper bound on the likelihood of known anomalies is pushed down.

    Normal and unlabelled rows: :math:`L_R+\beta_{KL}\,KL(q\,\|\,N(0,I))`. Known anomalies:
    :math:`\gamma\,\mathrm{CUBO}_2`, encoder only, with the exponent
    :math:`-2L_R+\beta_{CUBO}(\sum\log\sigma^2+\|\epsilon\|^2-\|z\|^2)`. The score is the ELBO.

    Reference: Daniel, Kurutach and Tamar (2021), Deep Variational Semi-Supervised Novelty Detection, section 4.1,
    Eq. 4 and Table 12.

    Parameters
    ----------
    beta_kl : float
        Weight of the KL term, reached linearly over the first 20 epochs; a seventh of all if that is less.
    beta_cubo : float
        Weight of the code's part of the CUBO exponent.
    gamma : float
        Weight of the anomalies' loss.
    n_samples : int
        Monte-Carlo samples of each anomaly's code.
    cubo_form : {"auto", "log", "exp"}
        The bound itself, or its exponential as printed; see :func:`askew.objectives.cubo`. The bound falls
        without limit as an anomaly moves away, the exponential fades. "auto" is the exponential where the error
        is a mean, as it trained better (docs/reproduction-notes.md), and the bound where it is a sum, under
        which the exponential underflows.
    interval : int
        One step on anomalies after every `interval` steps on normal rows.
    warmup_epochs : int
        Epochs on normal rows alone; a third of all epochs if that is less.
    freeze_decoder : bool
        Whether the anomalies' step leaves the decoder as it is.
    separate_encoder : bool
        Whether anomalies get an encoder of their own (an ablation; it loses the gain from labels).
    reduction : {"auto", "mean", "sum"}
        How the columns' :math:`\frac12(x_j-\hat x_j)^2` are put together to :math:`L_R`;
        "auto" is the mean over the columns of a table and the sum over the pixels of an image, whose code the
        KL term would empty otherwise.
    contamination : float in (0, 0.5]
        Share of the training rows that `predict` flags.
    network : "auto", (encoder, decoder) or function of the input spec
        The encoder's output holds means and log-variances side by side.
    training : Training, optional
        Defaults: 150 epochs, Adam at 1e-3, batches of 128; gradients clipped at norm 1 with CUBO's log form.
    n_members : int
        Size of the ensemble.
    scale : "standard" or None
        Whether columns are standardised on the training rows.
    random_state : int, RandomState or None
    device : str

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(90, 3)), np.zeros(90, dtype=int)
    >>> X[:5] += 6.0
    >>> y[:5] = -1
    >>> detector = MMLVAE(n_members=2, random_state=0).set_params(training__epochs=9).fit(X, y)
    >>> bool(detector.score_samples(X[:5]).max() < detector.score_samples(X[5:]).mean())
    True
    """

    name: ClassVar[str] = "mml_vae"

    def __init__(
        self,
        beta_kl: float = 0.05,
        beta_cubo: float = 0.05,
        gamma: float = 1.0,
        n_samples: int = 5,
        cubo_form: str = "auto",
        interval: int = 1,
        warmup_epochs: int = 50,
        freeze_decoder: bool = True,
        separate_encoder: bool = False,
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
        self.beta_cubo = beta_cubo
        self.gamma = gamma
        self.n_samples = n_samples
        self.cubo_form = cubo_form
        self.interval = interval
        self.warmup_epochs = warmup_epochs
        self.freeze_decoder = freeze_decoder
        self.separate_encoder = separate_encoder
        self.reduction = reduction
        self.contamination = contamination
        self.network = network
        self.training = training
        self.n_members = n_members
        self.scale = scale
        self.random_state = random_state
        self.device = device

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_cubo(self)

    def _settings(self) -> Settings:
        return cubo_settings(self)

    def _samples(self) -> int:
        return int(self.n_samples)

    def _anomaly_rows(
        self, reconstruction: Tensor, mu: Tensor, log_var: Tensor, z: Tensor, batch: Batch
    ) -> Tensor:
        exponent = cubo_exponent(reconstruction, log_var, given(batch.noise), z, beta_cubo=self.beta_cubo)
        return self.gamma * cubo(exponent, form=chosen_form(self.cubo_form, self._reduction()))
