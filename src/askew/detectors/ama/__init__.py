"""AMA: an autoencoder whose reconstructions an adversary judges beside the rows themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, cast, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from askew.base import NetworkParameters
from askew.base.fitted_parameters import require_fitted
from askew.detectors.ama.held_out import auroc, held_out_rows
from askew.detectors.ama.losses import NEGATIVE_SHARE, Recipe
from askew.errors import InvalidInputError, must
from askew.families.adversarial import MirrorDetector, critic_value
from askew.families.recipes import closing_stage, decode, main_stage, same_betas
from askew.inputs.spec import ImageSpec, RowSpec
from askew.networks.ama_networks import ama_architecture, ama_autoencoder, pair_critic
from askew.networks.user_networks import networks_from, trial_run
from askew.objectives import log_density, pairs, slopes
from askew.training import Member, MemberNetworks, Networks, Rows, Settings, Stage, Step, spared_generator
from askew.training.health import check_critic, check_slopes
from askew.training.population_statistics import has_batch_norm

VARIANTS: dict[str, dict[str, Any]] = {
    "contrast": {"lambda_inter": 0.5, "lambda_neg": 1.0, "beta2": 0.999},
    "paper": {"lambda_inter": 0.5, "lambda_neg": 5.0, "beta2": 0.999},
    "reference": {"lambda_inter": 0.2, "lambda_neg": 5.0, "beta2": 0.9},
}
"""What the variants take where nothing is given."""

PENALTY = 10.0  # weight of the gradient penalty (Gulrajani et al. 2017; the public code)
NEGATIVES_FROM = 10  # epochs before the first synthetic negatives: what is generated at first is no sample
MILESTONES = (0.3, 0.6, 0.9)  # shares of all epochs after which the learning rate falls to a tenth
JUDGED_FROM = 0.2  # share of all epochs before the first that may be chosen: the public code's 20 of 100

MARGIN = {"table": 10.0, "image": 1.0}  # in contrast, per feature: ten standard deviations, half of a range

_CHUNK = 512  # rows at a time for the statistics of R: the activations of convolutions need room

NEGATIVES = ("auto", "atypical_inward", "atypical_outward", "uniform", None)


@final
@dataclass(eq=False, repr=False)
class AMA(NetworkParameters, MirrorDetector):
    r"""Adversarial mirrored autoencoder: a critic of pairs tells :math:`(x,x)` from :math:`(x,G(E(x)))`.

    Encoder and generator minimise and the critic maximises
    :math:`E[D(x,x)-D(x,\hat x)]+\lambda_{inter}E[D(x,x)-D(x,\hat x_{inter})]+\lambda_{reg}|\,\|E(x)\|-\sqrt d\,|`
    minus :math:`\lambda_{neg}` times the first term on negatives. :math:`\hat x_{inter}` is decoded from a point
    between the codes of three rows; negatives are known anomalies, or decoded from codes just outside or inside
    of the sphere that the codes lie on. With the critic's penultimate layer f,
    :math:`R(x)=\|f(x,x)-f(x,\hat x)\|_1`; the score is the log-density of R under a Gaussian fitted to the
    training rows, so rows that are reconstructed too well are anomalies as well.

    A batch has one negative per ten normal rows: known anomalies, and synthetic ones where those are too few.

    Reference: Somepalli et al. (2021), Unsupervised Anomaly Detection with Adversarial Mirrored AutoEncoders,
    Eqs. 1 to 7, Tables 3 and 4. *Departures of* ``variant="paper"``: the term of the codes keeps their norm at
    :math:`\sqrt d`, as the text says, where the equation's :math:`\|E(x)\|` draws them to 0; a synthetic negative is
    the row G(z), mirrored as (G(z), G(E(G(z)))), where Eq. 5 has an x of the atypical set beside G(z); it comes after
    ten epochs, or a third of all, and known anomalies from the first; the penalty and the number of negatives, which
    the paper leaves open, are the public code's. ``variant="reference"`` is that code:
    plain norm, negatives from scaled codes after eleven epochs, ``"uniform"`` ones from 0 to the least coordinate of a
    batch's codes, one mean over normal rows and negatives, interpolations that do not move encoder and generator and
    are paired with all three rows, and a penalty on the slope at every pixel.

    *What both do to negatives:* a critic that maximises the whole difference rates (x, x) of negatives below
    :math:`(x,\hat x)`, so encoder and generator, who lower what it rates high, learn to reconstruct negatives.
    ``variant="contrast"``, which is ours, differs in that: the critic tells pairs of negatives apart as those of
    normal rows, and encoder and generator learn to reconstruct them badly, up to a difference of ten standard
    deviations per column, or half the range of each pixel.

    Parameters
    ----------
    variant : {"contrast", "paper", "reference"}
        See above; the other two are for comparison with what is published.
    lambda_inter, lambda_neg : float, optional
        Weights of interpolations and negatives, at least 0; if not given 0.5 and 1 for contrast, 0.5 and 5 for the
        paper, 0.2 and 5 for the reference.
    lambda_reg : float
        Weight of the term of the codes, at least 0.
    delta : float
        δ, how far from the sphere of radius :math:`\sqrt d` atypical codes may be; above 0. Of the paper alone.
    negatives : {"auto", "atypical_inward", "atypical_outward", "uniform"} or None
        Where synthetic negatives come from. ``"auto"`` is inward for images of several channels, else outward.
    interpolation : {"simplex", "mixup"} or None
        Between codes or between rows.
    n_points : int
        Rows that a simplex interpolation lies between; at least 2.
    critic_steps : int
        Updates of the critic before each of encoder and generator, on the same rows.
    spectral_norm : bool, optional
        Whether the critic's layers have it; if not given, those of the network for colour images.
    gradient_penalty : float, optional
        Weight of the penalty on the critic's slope; if not given 10, but 0 for the paper with spectral norm.
    score_by : {"density", "distance"}
        Log-density of R, or -R.
    validation_fraction : float in [0, 0.5]
        Share of the rows without a -1 held out, to keep the epoch that tells them from held-out known anomalies
        best (AUROC). 0 keeps the last epoch.
    validation_anomalies : float in (0, 1]
        Share of the known anomalies held out then; the paper trains on none of them, 1.
    averaging : float in [0, 1)
        Decay per batch of the weights' moving average, which scores in their place; 0, the paper's, for none.
    network : "auto", "ama_mnist", "ama_cifar10", (encoder, decoder) or function of the input spec
        Modules for images get and give pixels from -1 to 1. The critic is chosen to fit the rows.
    training : Training, optional
        Defaults: 100 epochs, batches of 256, Adam at 3e-4, divided by ten after 30, 60 and 90 % of the epochs
        unless ``lr_milestones`` are given.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = AMA(random_state=0).set_params(training__epochs=3).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "ama"
    known_anomalies: ClassVar[str] = "learns from them as negatives"
    uses_labels: ClassVar[bool] = True
    default_training: ClassVar[dict[str, Any]] = {"epochs": 100, "lr": 3e-4, "batch_size": 256}

    variant: str = "contrast"
    lambda_inter: float | None = None
    lambda_neg: float | None = None
    lambda_reg: float = 1.0
    delta: float = 0.5
    negatives: str | None = "auto"
    interpolation: str | None = "simplex"
    n_points: int = 3
    critic_steps: int = 5
    spectral_norm: bool | None = None
    gradient_penalty: float | None = None
    score_by: str = "density"
    validation_fraction: float = 0.0
    validation_anomalies: float = 0.5
    averaging: float = 0.0

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = "The first is ours, the second the paper's text, the third its code."
        self._require_one_of("variant", tuple(VARIANTS), remedy)
        self._require_one_of("negatives", NEGATIVES, '"auto" is the papers\' choice.')
        self._require_one_of("interpolation", ("simplex", "mixup", None), '"simplex" is the paper\'s.')
        self._require_one_of("score_by", ("density", "distance"), "The density finds both kinds.")
        self._require_one_of("spectral_norm", (True, False, None), "Leave it out for the network's own.")
        for name in ("lambda_inter", "lambda_neg", "lambda_reg", "gradient_penalty"):
            if name == "lambda_reg" or getattr(self, name) is not None:
                self._require_not_negative(name)
        self._require_positive("delta", "The paper uses 0.5.")
        self._require_whole("n_points", 2)
        self._require_whole("critic_steps", 1)
        remedy = "0.99 forgets what was a few hundred batches ago; 0 takes the last weights."
        self._require_number("averaging", "in [0, 1)", lambda decay: 0 <= decay < 1, remedy)
        remedy = "0.1 holds out one row in ten; 0 keeps the last epoch."
        self._require_number("validation_fraction", "in [0, 0.5]", lambda share: 0 <= share <= 0.5, remedy)
        remedy = "0.5 holds out half of the known anomalies."
        self._require_number("validation_anomalies", "in (0, 1]", lambda share: 0 < share <= 1, remedy)

    def _build(self, spec: RowSpec) -> MemberNetworks:
        owner = type(self).__name__
        encoder, decoder = networks_from(self.network, owner, spec, partial(ama_autoencoder, spec))
        code = trial_run(encoder, spec.n_features, owner, "an encoder")
        both = nn.Sequential(encoder, decoder)
        decoded = trial_run(both, spec.n_features, owner, "an encoder and a decoder")
        if len(code) != 2 or decoded != (2, spec.n_features):
            rule = f"an encoder to (rows, code) and a decoder that gives back ({spec.n_features},)"
            remedy = "Make the decoder's output as wide as the table, or as large as the images."
            raise InvalidInputError(must("network", owner, rule, (code, decoded), remedy))
        critic, value = pair_critic(spec, self._architecture(), spectral=self._spectral(spec))
        return {"encoder": encoder, "decoder": decoder, "critic": critic, "value": value}

    def _lambda_neg(self) -> float:
        return float(VARIANTS[self.variant]["lambda_neg"] if self.lambda_neg is None else self.lambda_neg)

    def _architecture(self) -> str:
        return self.network if isinstance(self.network, str) else "auto"

    def _spectral(self, spec: RowSpec) -> bool:
        if self.spectral_norm is not None:
            return bool(self.spectral_norm)
        return ama_architecture(spec, self._architecture()) == "ama_cifar10"

    def _penalty(self, spec: RowSpec) -> float:
        if self.gradient_penalty is not None:
            return float(self.gradient_penalty)
        return 0.0 if self.variant != "reference" and self._spectral(spec) else PENALTY

    def _recipe(self, settings: Settings) -> Recipe:
        spec = cast("RowSpec", self._spec())
        with spared_generator():
            networks = self._build(spec)
        code = trial_run(networks["encoder"], spec.n_features, type(self).__name__, "an encoder")[1]
        inter, negatives = self.lambda_inter, self.negatives
        kind, channels = ("image", spec.channels) if isinstance(spec, ImageSpec) else ("table", 1)
        if negatives == "auto":
            negatives = "atypical_inward" if channels > 1 else "atypical_outward"
        return Recipe(
            lambda_inter=VARIANTS[self.variant]["lambda_inter"] if inter is None else inter,
            lambda_neg=self._lambda_neg(),
            lambda_reg=self.lambda_reg,
            delta=self.delta,
            negatives=negatives,
            negatives_from=min(NEGATIVES_FROM + (self.variant == "reference"), settings.epochs // 3),
            interpolation=self.interpolation,
            points=2 if self.interpolation == "mixup" else int(self.n_points),
            penalty=self._penalty(spec),
            channels=channels,
            as_reference=self.variant == "reference",
            margin=MARGIN[kind] * math.sqrt(spec.n_features) if self.variant == "contrast" else None,
            code=code,
            company=any(has_batch_norm(networks[name]) for name in ("encoder", "decoder")),
            centred=self._centred,
        )

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        recipe = self._recipe(settings)
        beta2 = VARIANTS[self.variant]["beta2"]
        usual = tuple(round(share * settings.epochs) for share in MILESTONES)
        beside: tuple[Rows, float] | None = ("anomaly", NEGATIVE_SHARE) if self._lambda_neg() else None
        often: dict[str, Any] = {"noise": recipe.noise, "repeats": int(self.critic_steps), "beside": beside}
        critic = Step("critic", recipe.critic_step, ("critic", "value"), "normal", **often)
        moves = ("encoder", "decoder")
        mirror = Step("generator", recipe.generator_step, moves, "normal", noise=recipe.noise, follows=True)
        adversarial = main_stage(
            settings,
            "adversarial",
            (critic, mirror),
            self._distance,
            milestones=settings.lr_milestones or usual,
            betas=same_betas((critic, mirror), (0.0, beta2)) | {"encoder": (0.5, beta2)},
            criterion=self._held_out_auroc if self.validation_fraction else None,
            judged_from=int(JUDGED_FROM * settings.epochs),
            averaged=float(self.averaging) if self.averaging else None,
        )
        return adversarial, closing_stage(settings, self._distance, self._statistics)

    def _distances(self, networks: Networks, x: Tensor) -> Tensor:
        return torch.cat([self._distance(networks, part) for part in torch.split(x, _CHUNK)])

    def _statistics(self, networks: Networks, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return mean and spread of R over the rows that are no known anomalies, and what health checks read."""
        x = x[y >= 0]
        statistics = _gaussian(self._distances(networks, x))
        few = self._centred(x[:_CHUNK])
        codes = networks["encoder"](few)
        x_hat = networks["decoder"](codes)
        middle = pairs(few, torch.lerp(few, x_hat, 0.5))
        # the reference's penalty takes a norm over channels
        channels = self._input.channels if self.variant == "reference" else None
        norms = slopes(partial(critic_value, networks), middle, channels=channels)
        difference = critic_value(networks, pairs(few, few)) - critic_value(networks, pairs(few, x_hat))
        statistics |= {"code_norm": codes.norm(dim=-1).mean(), "slope": norms.mean()}
        statistics["values"] = difference.abs().max()
        return {name: number.reshape(1, 1) for name, number in statistics.items()}

    def _held_out(self, y: NDArray[np.int8], seed: int) -> NDArray[np.bool_] | None:
        if not self.validation_fraction:
            return None
        shares = self.validation_fraction, self.validation_anomalies
        return held_out_rows(y, seed, shares, type(self).__name__)

    def _held_out_auroc(self, networks: Networks, normal: Tensor, x: Tensor, y: Tensor) -> float:
        """Return the AUROC of held-out known anomalies, or 0 if something is not finite."""
        statistics = _gaussian(self._distances(networks, normal))
        return auroc(self._score_of(self._distances(networks, x), statistics), y)

    def _score_of(self, distances: Tensor, statistics: dict[str, Tensor]) -> Tensor:
        if self.score_by == "distance":
            return -distances
        return log_density(distances, statistics["distance_mean"], statistics["distance_std"])

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        constants = {name: number[0] for name, number in member.constants.items()}
        return self._score_of(self._distance(member.networks, x), constants)

    def _decode(self, member: Member, codes: Tensor) -> Tensor:
        return self._uncentred(decode(member.networks, codes))

    def distances(self, X: Any) -> NDArray[np.float64]:
        """Return R of each row, the mean over members (n_rows,): the number whose density is the score."""
        require_fitted(self)
        x = self._validated(X)
        parts = [self._chunked(partial(self._distance, member.networks), x) for member in self.members_]
        return np.asarray(np.mean(parts, axis=0))

    def _problems(self, x: Any, y: Any, scores: Any) -> Iterable[str | None]:
        penalised = self._penalty(cast("RowSpec", self._spec())) > 0
        found = [member.constants for member in self.members_]
        collapsed = (check_critic(float(one["values"]), float(one["distance_mean"])) for one in found)
        steep = (check_slopes(float(one["slope"])) for one in found if penalised)
        # of each kind what is wrong with the first member that has something wrong
        first = (next(filter(None, each), None) for each in (collapsed, steep))
        return (*super()._problems(x, y, scores), *first)


def _gaussian(distances: Tensor) -> dict[str, Tensor]:
    std = distances.std(correction=0).clamp(min=1e-12)
    return {"distance_mean": distances.mean(), "distance_std": std}
