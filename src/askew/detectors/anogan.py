"""AnoGAN: a row is as anomalous as its distance from the nearest sample of a GAN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import torch
from torch import Tensor

from askew.families.adversarial import BETAS, critic_value
from askew.families.latent_search import LatentSearchDetector, searched_codes
from askew.objectives import gan_discriminator_loss, gan_generator_loss, search_loss
from askew.training import Batch, Member, Networks

_POINTS = 32  # points between a row and its image at which the slope of the feature term is asked for


@final
@dataclass(eq=False, repr=False)
class AnoGAN(LatentSearchDetector):
    r"""AnoGAN: for each row a search for the code from which a GAN gives it back.

    A generator G and a discriminator D play the GAN's game on the training rows. Then for a row x Adam moves a
    code z down :math:`(1-\lambda)\|x-G(z)\|_1+\lambda\|f(x)-f(G(z))\|_1`, where f is D's last hidden layer; what
    is left of it after the last step is the anomaly score. Known anomalies are left out of training, otherwise
    labels are unused.

    Scoring costs `search_steps` passes through both networks per row. The slope of :math:`\|x-G(z)\|_1` jumps, so
    long searches in float32 depend a little on the size of batches: MNIST scores differed by 2e-7 of their size
    after 15 steps, by 1e-3 after 60. `fit` searches the codes of at most 500 training rows, drawn by the seed, for
    the threshold.

    Reference: Schlegl et al. (2017), Unsupervised Anomaly Detection with Generative Adversarial Networks to Guide
    Marker Discovery, Eqs. 1 to 5; training as in the public code of Zenati et al. (2018), whose results later
    papers quote: non-saturating loss, Adam at 2e-4 with :math:`\beta_1=0.5`, one update of each network in turn.
    *Departures:* that code has ``feature_weight=0.9``, averages the weights over training and searches with Adam
    at 1e-3, whose 500 steps move a number of the code by 0.5 at most; here the weight is the paper's, and a step
    reaches any code. All rows start from one random code, the paper's from one each; BatchNorm has population
    statistics in the search.

    Parameters
    ----------
    feature_weight : float in [0, 1]
        λ, weight of the feature term. 0.1 is the paper's.
    network : "auto", (encoder, decoder) or function of the input spec
        The encoder is f, which a linear layer makes D; the decoder is G and takes (rows, code_size). Modules for
        images get and give pixels from -1 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = AnoGAN(code_size=3, search_steps=20, search_lr=0.1, random_state=0)
    >>> detector = detector.set_params(training__epochs=20).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "anogan"
    default_training: ClassVar[dict[str, Any]] = {"epochs": 100, "lr": 2e-4, "batch_size": 64}
    batch_norm: ClassVar[bool] = True
    betas: ClassVar[tuple[float, float]] = BETAS

    feature_weight: float = 0.1
    search_steps: int = 500
    search_lr: float = 0.01
    code_size: int = 100

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = "The paper has 0.1, the public code 0.9."
        self._require_number("feature_weight", "in [0, 1]", lambda value: 0 <= value <= 1, remedy)

    def _critic_loss(self, networks: Networks, batch: Batch) -> Tensor:
        samples = networks["generator"](self._noise(batch)).detach()
        real = critic_value(networks, self._centred(batch.x))
        return gan_discriminator_loss(real, critic_value(networks, samples))

    def _generator_loss(self, networks: Networks, batch: Batch) -> Tensor:
        return gan_generator_loss(critic_value(networks, networks["generator"](self._noise(batch))))

    def _noise(self, batch: Batch) -> Tensor:
        return batch.row_noise[..., : self.code_size]

    def _best_codes(self, member: Member, x: Tensor) -> tuple[Tensor, Tensor]:
        networks, centred = member.networks, self._centred(x).detach()
        features = networks["critic"](centred)

        def losses(codes: Tensor) -> Tensor:
            samples = networks["generator"](codes)
            return search_loss(centred, samples, features, networks["critic"](samples), self.feature_weight)

        start = self._starts(member, 1, centred).expand(len(centred), -1)
        codes = searched_codes(losses, start, steps=int(self.search_steps), lr=self.search_lr)
        return codes, networks["generator"](codes)

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        body, centred, samples = member.networks["critic"], self._centred(x), self._best_codes(member, x)[1]
        features, sample_features = body(centred), body(samples)
        return -search_loss(centred, samples, features, sample_features, self.feature_weight)

    def _terms(self, member: Member, x: Tensor) -> tuple[Tensor, None]:
        """Return the residual of each feature, and its share of what features are apart."""
        centred, samples = self._centred(x).detach(), self._best_codes(member, x)[1]
        residual = (centred - samples).abs()
        apart = _feature_shares(member.networks["critic"], centred, samples)
        return -(1.0 - self.feature_weight) * residual - self.feature_weight * apart, None


@torch.enable_grad()
def _feature_shares(body: Any, x: Tensor, samples: Tensor) -> Tensor:
    r"""Return each feature's share of :math:`\|f(x)-f(\hat x)\|_1`, (rows, features).

    The slope is integrated on the straight way from :math:`\hat x`, where the distance is 0; what the
    quadrature misses is shared out equally.
    """
    there = body(samples).detach()
    total = torch.zeros_like(x)
    for i in range(_POINTS):
        at = torch.lerp(samples, x, (i + 0.5) / _POINTS).requires_grad_(True)
        total += torch.autograd.grad((body(at) - there).abs().sum(), at)[0] / _POINTS
    shares = (x - samples) * total
    missed = (body(x) - there).abs().sum(-1) - shares.sum(-1)
    completed: Tensor = shares + missed[:, None] / x.shape[-1]
    return completed.detach()
