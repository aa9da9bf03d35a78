"""Likelihood ratio: how much likelier an image is than its background alone makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor

from askew.families.pixelwise import PixelDetector, pixel_log_p
from askew.objectives import mutate
from askew.training import Batch, Member, Settings, Stage


@final
@dataclass(kw_only=True, eq=False, repr=False)
class LikelihoodRatio(PixelDetector):
    r"""Log-likelihood of an image minus that under a model of backgrounds; images alone.

    Score :math:`\log p(x)-\log p_0(x)` in nats. Both are PixelCNNs trained by maximum likelihood; the background
    model :math:`p_0` learns from images in which each value is, with probability μ, replaced by an evenly
    random one: what survives is what neighbours tell, and cancels in the ratio. Known anomalies are left out of
    training, otherwise labels are unused.

    Reference: Ren et al. (2019), Likelihood Ratios for Out-of-Distribution Detection, section 3. *Departures:* a
    plain PixelCNN with 32 filters and 5 residual blocks instead of a PixelCNN++; Adam at 1e-3 for 50 epochs where
    their code has 1e-4 and a slow decay; μ and the background's weight decay are given, where they choose them by
    images that are neither normal nor the anomalies tested on.

    Parameters
    ----------
    mutation_rate : float in (0, 1]
        μ, share of the values that are replaced in the background model's training images.
    background_weight_decay : float
        Adam's L2 penalty of the background model, at least 0.
    training : Training, optional
        Of each of the two models. Defaults: 50 epochs, Adam at 1e-3, batches of 32. On a CPU 16 filters, 3
        blocks and 20 epochs are a start.

    Examples
    --------
    >>> import numpy as np
    >>> from askew.training import Training
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat(rng.integers(0, 30, (20, 1, 1, 16)), 16, axis=2).astype(np.uint8)
    >>> detector = LikelihoodRatio(filters=8, blocks=1, training=Training(lr=1e-2), random_state=0).fit(X)
    >>> noise = rng.integers(0, 256, (1, 1, 16, 16)).astype(np.uint8)
    >>> bool(detector.score_samples(noise)[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "likelihood_ratio"
    takes_tables: ClassVar[bool] = False

    mutation_rate: float = 0.2
    background_weight_decay: float = 0.0

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = "The paper tries 0.1, 0.2 and 0.3."
        self._require_number("mutation_rate", "in (0, 1]", lambda value: 0 < value <= 1, remedy)
        self._require_not_negative("background_weight_decay", "0 switches it off.")

    def _models(self) -> tuple[str, ...]:
        return ("density", "background")

    def _training_images(self, model: str, batch: Batch) -> Tensor:
        if model == "density":
            return batch.x
        return mutate(batch.x, batch.row_noise, self.mutation_rate)

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        decay, noise = self.background_weight_decay, (1, self.n_numbers_)
        background = self._stage("background", settings, weight_decay=decay, noise=noise)
        return self._stage("density", settings), background

    def _ratio(self, member: Member, x: Tensor) -> Tensor:
        """Return the log-ratio of each pixel, (rows, pixels) float64."""
        log_p, log_p0 = (pixel_log_p(member.networks, model, x).double() for model in self._models())
        return log_p - log_p0

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        return self._ratio(member, x).sum(-1)

    def _terms(self, member: Member, x: Tensor) -> tuple[Tensor, None]:
        return self._ratio(member, x), None
