"""DAGMM: an autoencoder whose code and reconstruction error a Gaussian mixture describes."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn

from askew import objectives
from askew.base import DeepDetector, NetworkParameters
from askew.families.recipes import autoencoder_networks, closing_stage, main_stage, reconstruct
from askew.inputs.spec import ImageSpec, RowSpec
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step

ESTIMATOR_WIDTHS = (64, 10)  # hidden layers of the estimation network (Golan and El-Yaniv 2018, their DAGMM)
_MIXTURE_ROWS = 1024  # rows whose features are computed at a time for the mixture
COVARIANCE_FLOOR = 1e-6  # added to the mixture's variances, so that those of constant features are positive
FLOOR_OF_IMAGES = 1e-3  # the mean of what the code of Golan and El-Yaniv (2018) adds


@final
@dataclass(eq=False, repr=False)
class DAGMM(NetworkParameters, DeepDetector):
    r"""Deep autoencoding Gaussian mixture: a row is anomalous if its code and its errors are rare together.

    With :math:`z=[\text{code},\ \|x-\hat x\|/\|x\|,\ \cos(x,\hat x)]`, memberships
    :math:`\gamma=\mathrm{softmax}(\mathrm{MLP}(z))` and the mixture :math:`\phi,\mu,\Sigma` that the batch's
    memberships describe, it minimises :math:`\frac1d\|x-\hat
    x\|^2+\lambda_1E(z)+\lambda_2\sum_{k,j}1/\Sigma_{kjj}`. Score :math:`-E(z)`, the log-density under the
    mixture of all training rows. Known anomalies are left out of training, otherwise labels are unused.

    Reference: Zong et al. (2018), Deep Autoencoding Gaussian Mixture Model for Unsupervised Anomaly Detection,
    Eqs. 4 to 7; settings of Golan and El-Yaniv (2018), Deep Anomaly Detection Using Geometric Transformations,
    whose numbers later papers quote: errors and features of images are those of pixels from -1 to 1, and 1e-3 is
    added to the variances. *Departures:* hidden layers as for the other methods; 1e-6 is added on tables, and nothing
    of it varies at random; after training the mixture is that of all training rows, in their code of the last batch.

    Parameters
    ----------
    n_components : int
        Gaussians in the mixture.
    code_size : int
        Width of the default network's code.
    lambda_energy, lambda_diagonal : float
        λ₁ and λ₂, weights of the energy and of the inverse variances; at least 0.
    dropout : float in [0, 1)
        Share of the estimation network's hidden units that are left out in training.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 9))
    >>> detector = DAGMM(random_state=0).set_params(training__epochs=3).fit(X)
    >>> bool(detector.score_samples(X * 9).mean() < detector.score_samples(X).mean())
    True
    """

    name: ClassVar[str] = "dagmm"
    steep_at_mean: ClassVar[bool] = True  # ‖x - x̂‖/‖x‖ and the cosine
    default_training: ClassVar[dict[str, Any]] = {"epochs": 200, "lr": 1e-3, "batch_size": 256}

    n_components: int = 3
    code_size: int = 5
    lambda_energy: float = 0.01
    lambda_diagonal: float = 5e-4
    dropout: float = 0.5

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name, usual in (("n_components", 3), ("code_size", 5)):
            self._require_whole(name, 1, f"{usual} is a good start.")
        for name, weight in (("lambda_energy", 0.01), ("lambda_diagonal", 5e-4)):
            self._require_not_negative(name, f"The usual weight is {weight}.")
        remedy = "0.5 is the paper's, 0 switches it off."
        self._require_number("dropout", "in [0, 1)", lambda value: 0 <= value < 1, remedy)

    def _build(self, spec: RowSpec) -> MemberNetworks:
        owner, size = type(self).__name__, int(self.code_size)
        networks = autoencoder_networks(self.network, owner, spec, code_size=size)
        with torch.no_grad():
            code = networks["encoder"](torch.zeros(2, spec.n_features)).shape[-1]
        wide, narrow = ESTIMATOR_WIDTHS
        # three networks: the dropout between them comes from the member's own noise, so that members stack
        networks["estimator_wide"] = nn.Sequential(nn.Linear(code + 2, wide), nn.Tanh())
        networks["estimator_narrow"] = nn.Sequential(nn.Linear(wide, narrow), nn.Tanh())
        networks["estimator_out"] = nn.Linear(narrow, int(self.n_components))
        return networks

    def _dropout(self, hidden: Tensor, noise: Tensor | None) -> Tensor:
        """Return `hidden` with the units left out whose standard normal noise is in the lower tail."""
        if noise is None or self.dropout == 0:
            return hidden
        mask = noise > NormalDist().inv_cdf(float(self.dropout))
        return hidden * mask / (1.0 - self.dropout)

    def _membership(self, networks: Networks, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return each row's membership in the components, (..., rows, components)."""
        wide, _ = ESTIMATOR_WIDTHS
        first, second = (None, None) if noise is None else (noise[..., :wide], noise[..., wide:])
        hidden = self._dropout(networks["estimator_wide"](z), first)
        hidden = self._dropout(networks["estimator_narrow"](hidden), second)
        return networks["estimator_out"](hidden).softmax(-1)

    def _loss(self, networks: Networks, batch: Batch) -> Tensor:
        noise = None if batch.noise is None else batch.noise.squeeze(-3)
        code = networks["encoder"](batch.x)
        x, x_hat = self._input.centred(batch.x), self._input.centred(networks["decoder"](code))
        z = torch.cat([code, objectives.reconstruction_features(x, x_hat)], dim=-1)
        membership = self._membership(networks, z, noise)
        # float64: in float32 a covariance of correlated features is often not positive definite
        wide = z.double()
        mixture = objectives.mixture_parameters(wide, membership.double(), floor=self._floor())
        rare = self.lambda_energy * objectives.mixture_energy(wide, *mixture).mean(-1)
        rare = rare + self.lambda_diagonal * objectives.singularity(mixture[2])
        return objectives.reconstruction_error(x, x_hat).mean(-1) + rare.to(x.dtype)

    def _mixture(self, networks: Networks, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the mixture over the training rows that are not known anomalies, first axis 1."""
        parts = torch.split(x[y >= 0], _MIXTURE_ROWS)  # the activations of convolutions need room
        z = torch.cat([self._features(networks, part) for part in parts])
        membership = self._membership(networks, z)
        mixture = objectives.mixture_parameters(z.double(), membership.double(), floor=self._floor())
        return dict(zip(("weight", "mean", "covariance"), (part[None] for part in mixture), strict=True))

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        moves = ("encoder", "decoder", "estimator_wide", "estimator_narrow", "estimator_out")
        step = Step("energy", self._loss, moves, "normal", noise=(1, sum(ESTIMATOR_WIDTHS)))
        stage = main_stage(settings, "mixture", [step], reconstruct)
        return stage, closing_stage(settings, reconstruct, self._mixture)

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        mixture = (member.constants[name][0].double() for name in ("weight", "mean", "covariance"))
        return -objectives.mixture_energy(self._features(member.networks, x).double(), *mixture)

    def _features(self, networks: Networks, x: Tensor) -> Tensor:
        """Return code, relative distance and cosine of each row, (..., rows, code + 2)."""
        code = networks["encoder"](x)
        x, x_hat = self._input.centred(x), self._input.centred(networks["decoder"](code))
        return torch.cat([code, objectives.reconstruction_features(x, x_hat)], dim=-1)

    def _floor(self) -> float:
        return FLOOR_OF_IMAGES if isinstance(self._spec(), ImageSpec) else COVARIANCE_FLOOR
