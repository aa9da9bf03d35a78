"""ADGAN: a row is as anomalous as a GAN, which may adapt to that row, is bad at reconstructing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn

from askew.families.adversarial import Critic, critic_value
from askew.families.latent_search import Descent, LatentSearchDetector, OwnGenerators, searched_codes
from askew.objectives import reconstruction_error, slopes, wasserstein_critic_loss
from askew.training import Batch, Member, Networks
from askew.training.health import check_slopes

_BETA1 = 0.5  # Adam's first decay rate in the search (the public code)
_SLOPED = 512  # rows at which the health check looks at the critic's slope, at most


@final
@dataclass(eq=False, repr=False)
class ADGAN(LatentSearchDetector):
    r"""ADGAN: several searches per row for a code, and for a generator nearby, that give the row back.

    A critic and a generator g are trained as a Wasserstein GAN with gradient penalty. Then for a row x, from each
    of `n_restarts` random codes, Adam moves the code z and the trained parameters θ of the generator in turn down
    the mean squared error :math:`\ell(g_\theta(z),x)`. Score: :math:`-\frac1n\sum_j\ell(g_{\theta_j}(z_j),x)`.
    Known anomalies are left out of training, otherwise labels are unused.

    Scoring is slow: with ``move_generator=True`` each row and search has a generator of its own. `fit` searches
    the codes of at most 500 training rows, drawn by the seed, for the threshold.

    Reference: Deecke et al. (2018), Image Anomaly Detection with Generative Adversarial Networks, Algorithm 1;
    Gulrajani et al. (2017), Improved Training of Wasserstein GANs; rates, the penalty's weight and the search's
    :math:`\beta_1=0.5` are the public code's of Golan and El-Yaniv (2018), whose results later papers quote.
    *Departures:* 200 epochs of the training rows, 9,400 updates of g on 6,000 images, where that code has 10,000
    whatever their number; all rows start from the same codes; the critic's updates before one of the generator's see
    the same rows; in the search BatchNorm has population statistics, in that code those of one row.

    Parameters
    ----------
    n_restarts : int
        Searches per row, each from a code of its own.
    search_steps : int
        Steps of each search, of z and of θ.
    search_lr : float
        Adam's learning rate for z; above 0.
    move_generator : bool
        Whether the search moves θ as well; scoring costs far less without.
    generator_lr : float
        Adam's learning rate for θ; above 0.
    critic_steps : int
        Updates of the critic before each of the generator.
    gradient_penalty : float
        Weight of the penalty on the critic's slope, at least 0.
    code_size : int
        Width of z.
    network : "auto", (encoder, decoder) or function of the input spec
        The encoder and a linear layer are the critic; no BatchNorm in it, since the penalty is on each row. The
        decoder is g and takes (rows, code_size). Modules for images get and give pixels from -1 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = ADGAN(code_size=3, random_state=0).set_params(training__epochs=5).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "adgan"
    default_training: ClassVar[dict[str, Any]] = {"epochs": 200, "lr": 1e-4, "batch_size": 128}
    batch_norm: ClassVar[bool] = False
    betas: ClassVar[tuple[float, float]] = (0.0, 0.9)

    n_restarts: int = 8
    search_steps: int = 5
    search_lr: float = 0.25
    move_generator: bool = True
    generator_lr: float = 5e-5
    critic_steps: int = 2
    gradient_penalty: float = 20.0
    code_size: int = 256

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name in ("n_restarts", "critic_steps"):
            self._require_whole(name, 1)
        self._require_one_of("move_generator", (True, False), "False is much faster.")
        self._require_positive(
            "generator_lr", "5e-5 is the paper's; move_generator=False moves it not at all."
        )
        self._require_not_negative("gradient_penalty")

    def _critic_updates(self) -> int:
        return int(self.critic_steps)

    def _critic_loss(self, networks: Networks, batch: Batch) -> Tensor:
        noise = batch.row_noise
        codes, share = noise[..., : self.code_size], torch.special.ndtr(noise[..., self.code_size :])
        x, generated = self._centred(batch.x), networks["generator"](codes)
        penalty = float(self.gradient_penalty)
        return wasserstein_critic_loss(Critic(networks), x, generated, share, penalty=penalty)

    def _generator_loss(self, networks: Networks, batch: Batch) -> Tensor:
        codes = batch.row_noise[..., : self.code_size]
        return -critic_value(networks, networks["generator"](codes)).mean(-1)

    def _search(self, member: Member, x: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Return what one search finds from the code `start`: codes (rows, code), and what they give."""
        network = member.networks["generator"]
        if self.move_generator:
            at_once = OwnGenerators.at_once(network, start)
            parts = [self._search_with_generators(network, part, start) for part in torch.split(x, at_once)]
            return torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])
        starts, options = start.expand(len(x), -1), {"lr": self.search_lr, "beta1": _BETA1}
        steps = int(self.search_steps)
        codes = searched_codes(lambda z: reconstruction_error(x, network(z)), starts, steps=steps, **options)
        return codes, network(codes)

    @torch.enable_grad()
    def _search_with_generators(self, network: nn.Module, x: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        codes, own = start.repeat(len(x), 1), OwnGenerators(network, len(x))
        of_codes = Descent([codes], self.search_lr, _BETA1)
        of_generators = Descent(list(own.parameters.values()), self.generator_lr, _BETA1)
        for _ in range(int(self.search_steps)):
            for descent in (of_codes, of_generators):
                descent.move(reconstruction_error(x, own(codes)))
        with torch.no_grad():
            return codes.detach(), own(codes)

    def _searches(self, member: Member, x: Tensor) -> Iterable[tuple[Tensor, Tensor, Tensor]]:
        """Yield what each search finds for rows as the networks see them: codes, rows made, and errors (rows,)."""
        for start in self._starts(member, int(self.n_restarts), x):
            codes, generated = self._search(member, x, start)
            yield codes, generated, reconstruction_error(x, generated)

    def _best_codes(self, member: Member, x: Tensor) -> tuple[Tensor, Tensor]:
        best: tuple[Tensor, ...] = ()
        for codes, generated, error in self._searches(member, self._centred(x).detach()):
            if best:
                better = (error < best[2])[:, None]
                codes = torch.where(better, codes, best[0])
                generated = torch.where(better, generated, best[1])
                error = torch.minimum(error, best[2])
            best = codes, generated, error
        return best[0], best[1]

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        errors = [error for _, _, error in self._searches(member, self._centred(x).detach())]
        return -torch.stack(errors).mean(0)

    def _terms(self, member: Member, x: Tensor) -> tuple[Tensor, None]:
        centred = self._centred(x).detach()
        total = torch.zeros_like(centred)
        for _, generated, _ in self._searches(member, centred):
            total += (centred - generated).square()
        return -total / (int(self.n_restarts) * centred.shape[-1]), None

    def _problems(self, x: Any, y: Any, scores: Any) -> Iterable[str | None]:
        networks = self.members_[0].networks
        rows = self._centred(self._tensor(x[y >= 0][:_SLOPED]).to(self.device))
        norms = slopes(partial(critic_value, networks), rows)
        steep = check_slopes(float(norms.mean()), spectral=False) if self.gradient_penalty else None
        return (*super()._problems(x, y, scores), steep)
