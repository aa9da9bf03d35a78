"""What the VAE family shares: networks, the ELBO step on normal rows, and the score."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple, cast

import torch
from torch import Tensor, nn

from askew import objectives
from askew.base import DeepDetector, NetworkParameters, Scores
from askew.errors import InvalidInputError, must
from askew.families.recipes import decode, main_stage
from askew.inputs.spec import RowSpec
from askew.networks.defaults import encoder_decoder
from askew.networks.user_networks import networks_from, require_decoder, trial_run
from askew.objectives.elbo import LOG_VARIANCE_LIMIT
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step, Training
from askew.training.health import check_posterior
from askew.training.stages import linear_warmup, mean_where

LOG_CUBO_CLIP = 1.0  # largest gradient norm with CUBO's log form; the paper clips, and does not say at what
KL_WARMUP_EPOCHS = 20  # epochs of linear KL annealing (Daniel et al. 2021, section D.2)


def split_code(encoded: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and clamped log-variance, each (..., code), from an encoder's output (..., 2 code)."""
    mu, log_var = encoded.chunk(2, dim=-1)
    return mu, log_var.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)


@dataclass(kw_only=True, eq=False, repr=False)
class VariationalDetector(NetworkParameters, DeepDetector):
    r"""Base of VAE, MML-VAE, DP-VAE and the hybrid.

    They differ in their outlier steps alone, which :meth:`_outlier_steps` gives. The score is the normal ELBO
    with ``z = mu`` and the KL weight of training.

    Parameters
    ----------
    beta_kl : float
        Weight of the KL term, reached linearly over the first 20 epochs; a seventh of all if that is less.
    reduction : {"auto", "mean", "sum"}
        How the columns' :math:`\frac12(x_j-\hat x_j)^2` are put together to :math:`L_R`; "auto" is the mean over the
        columns of a table and the sum over the pixels of an image, whose code the KL term would empty otherwise.
    network : "auto", (encoder, decoder) or function of the input spec
        The encoder's output holds means and log-variances side by side.
    """

    default_training: ClassVar[dict[str, Any]] = {"epochs": 150, "lr": 1e-3, "batch_size": 128}

    beta_kl: float = 0.05
    reduction: str = "auto"
    n_members: int = 5

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_not_negative("beta_kl", "The paper uses 0.05 for most tables.")
        remedy = '"mean" weighs the KL term alike for narrow and wide tables.'
        self._require_one_of("reduction", ("auto", "mean", "sum"), remedy, '"auto", "mean" or "sum"')

    def _build(self, spec: RowSpec) -> MemberNetworks:
        default = partial(encoder_decoder, spec, variational=True)
        encoder, decoder = networks_from(self.network, type(self).__name__, spec, default)
        self.code_size_ = check_shapes(type(self).__name__, encoder, decoder, spec)
        return {"encoder": encoder, "decoder": decoder}

    def _reconstruction(self, x: Tensor, x_hat: Tensor) -> Tensor:
        """L_R: -log p(x|z) of a Gaussian with variance 1, its constant left out, averaged or summed over columns."""
        return 0.5 * objectives.reconstruction_error(x, x_hat, reduction=self._reduction())

    def _reduction(self) -> Literal["mean", "sum"]:
        if self.reduction == "auto":
            return self._input.reduction
        return cast('Literal["mean", "sum"]', self.reduction)

    def _beta(self, epoch: int) -> float:
        """β_KL of one epoch: a short training anneals for a seventh of its epochs."""
        warmup = min(KL_WARMUP_EPOCHS, self._settings().epochs // 7)
        return self.beta_kl * linear_warmup(epoch, warmup)

    def _normal_loss(self, networks: Networks, batch: Batch) -> Tensor:
        mu, log_var = split_code(networks["encoder"](batch.x))
        z = objectives.reparameterise(mu, log_var, batch.row_noise)
        reconstruction = self._reconstruction(batch.x, networks["decoder"](z))
        return objectives.elbo(reconstruction, mu, log_var, beta_kl=self._beta(batch.epoch)).mean(-1)

    @abstractmethod
    def _outlier_steps(self) -> tuple[Step, ...]:
        """Return the steps on known anomalies; none for a plain VAE."""

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        code = self._code_size()
        normal = Step("normal", self._normal_loss, ("encoder", "decoder"), "normal", noise=(1, code))
        return (main_stage(settings, "vae", (normal, *self._outlier_steps()), _decode_mean),)

    def _code_size(self) -> int:
        with torch.random.fork_rng(devices=[]):
            self._build(cast("RowSpec", self._spec()))
        return self.code_size_

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        mu, log_var = split_code(member.networks["encoder"](x))
        error = self._reconstruction(x, member.networks["decoder"](mu))
        return -objectives.elbo(error, mu, log_var, beta_kl=self.beta_kl)

    def _decode(self, member: Member, codes: Tensor) -> Tensor:
        return decode(member.networks, codes)

    def _expected(self, member: Member, x: Tensor) -> Tensor:
        return _decode_mean(member.networks, x)

    def _terms(self, member: Member, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, log_var = split_code(member.networks["encoder"](x))
        squared = 0.5 * (x - member.networks["decoder"](mu)).square()
        weight = 1.0 / x.shape[-1] if self._reduction() == "mean" else 1.0
        return -weight * squared, -self.beta_kl * objectives.gaussian_kl(mu, log_var)

    def _codes(self, member: Member, x: Tensor) -> Tensor:
        return split_code(member.networks["encoder"](x))[0]

    def _code_problem(self, x: Scores) -> str | None:
        encoder = self.members_[0].networks["encoder"]
        kl = self._chunked(lambda rows: objectives.gaussian_kl(*split_code(encoder(rows))), x)
        return super()._code_problem(x) or check_posterior(kl)


class DrawnCodes(NamedTuple):
    """Codes of a batch, (..., rows, code), samples z (..., samples, rows, code) and errors (..., samples, rows)."""

    mu: Tensor
    log_var: Tensor
    z: Tensor
    reconstruction: Tensor
    batch: Batch


@dataclass(kw_only=True, eq=False, repr=False)
class LabelledVariationalDetector(VariationalDetector):
    """Base of the VAEs that learn from known anomalies: after a warm-up, a step on anomalies every few steps.

    A subclass gives :meth:`_anomaly_rows`. The step moves the encoder alone (``freeze_decoder``);
    ``separate_encoder`` is the ablation of Tables 5 and 10: with a frozen decoder the labels have no effect.

    Parameters
    ----------
    interval : int
        One step on anomalies after every `interval` steps on normal rows.
    warmup_epochs : int
        Epochs on normal rows alone; a third of all epochs if that is less.
    freeze_decoder : bool
        Whether the anomalies' step leaves the decoder as it is.
    separate_encoder : bool
        Whether anomalies get an encoder of their own (an ablation; it loses the gain from labels).
    """

    uses_labels: ClassVar[bool] = True

    interval: int = 1
    warmup_epochs: int = 50
    freeze_decoder: bool = True
    separate_encoder: bool = False

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = "The paper uses interval=1 on tables and 2 on images, and 50 warm-up epochs."
        self._require_whole("interval", 1, remedy)
        self._require_whole("warmup_epochs", 0, remedy)

    def _samples(self) -> int:
        """Return how many codes are drawn per anomaly."""
        return 1

    @abstractmethod
    def _anomaly_rows(self, drawn: DrawnCodes) -> Tensor:
        """Return each row's loss, (..., rows)."""

    def _build(self, spec: RowSpec) -> MemberNetworks:
        networks = super()._build(spec)
        if self.separate_encoder:
            networks["anomaly_encoder"] = super()._build(spec)["encoder"]
        return networks

    def _anomaly_loss(self, networks: Networks, batch: Batch) -> Tensor:
        """Mean over the known anomalies of the batch (it may hold normal rows for BatchNorm's sake)."""
        mu, log_var = split_code(networks["anomaly_encoder" if self.separate_encoder else "encoder"](batch.x))
        z = objectives.reparameterise(mu.unsqueeze(-3), log_var.unsqueeze(-3), batch.samples)
        x_hat = networks["decoder"](z.flatten(-3, -2)).unflatten(-2, z.shape[-3:-1])  # type: ignore[no-untyped-call]
        reconstruction = self._reconstruction(batch.x.unsqueeze(-3).expand_as(x_hat), x_hat)
        rows = self._anomaly_rows(DrawnCodes(mu, log_var, z, reconstruction, batch))
        return mean_where(rows, batch.y < 0)

    def _outlier_steps(self) -> tuple[Step, ...]:
        encoder = "anomaly_encoder" if self.separate_encoder else "encoder"
        moves = (encoder,) if self.freeze_decoder else (encoder, "decoder")
        start = min(self.warmup_epochs, self._settings().epochs // 3)
        noise = (self._samples(), self._code_size())
        return (Step("anomaly", self._anomaly_loss, moves, "anomaly", int(self.interval), start, noise),)


@dataclass(kw_only=True, eq=False, repr=False)
class DualPriorDetector(LabelledVariationalDetector):
    """Base of DP-VAE and its hybrid: known anomalies are encoded towards a prior of their own.

    Parameters
    ----------
    alpha : float
        Mean of the anomalies' prior in every coordinate of the code; not 0.
    """

    alpha: float = 10.0

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = "The paper uses 2 to 10; 0 would be the normal rows' own prior."
        rule = "a finite number other than 0"
        self._require_number("alpha", rule, lambda alpha: math.isfinite(alpha) and alpha != 0, remedy)

    def _dual_prior(self, drawn: DrawnCodes) -> Tensor:
        """Return each row's negative ELBO under the prior of its label, (..., rows)."""
        given, beta = (drawn.mu, drawn.log_var, drawn.batch.y), self._beta(drawn.batch.epoch)
        return objectives.dual_prior_elbo(
            drawn.reconstruction.mean(-2), *given, alpha=self.alpha, beta_kl=beta
        )


@dataclass(kw_only=True, eq=False, repr=False)
class CuboDetector(LabelledVariationalDetector):
    """Base of MML-VAE and its hybrid: an upper bound on the likelihood of known anomalies is pushed down.

    Parameters
    ----------
    beta_cubo, gamma : float
        Weights of the code's part of the CUBO exponent, and of the anomalies' CUBO loss.
    n_samples : int
        Monte-Carlo samples of each anomaly's code.
    cubo_form : {"auto", "log", "exp"}
        The bound itself, or its exponential as printed; see :func:`askew.objectives.cubo`. The bound falls
        without limit as an anomaly moves away, the exponential fades. "auto" is the exponential where the error
        is a mean (docs/reproduction-notes.md), and the bound where it is a sum: there the exponential underflows.
    training : Training, optional
        Defaults: 150 epochs, Adam at 1e-3, batches of 128; gradients clipped at norm 1 with CUBO's log form.
    """

    beta_cubo: float = 0.05
    gamma: float = 1.0
    n_samples: int = 5
    cubo_form: str = "auto"

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_cubo(self)

    def _settings(self) -> Settings:
        """Return the settings of training: the log form's gradient never fades, so it is clipped."""
        clip = {"clip_grad_norm": LOG_CUBO_CLIP} if self._form() == "log" else {}
        return (self.training or Training()).resolve(self.default_training | clip)

    def _samples(self) -> int:
        return int(self.n_samples)

    def _form(self) -> Literal["log", "exp"]:
        return chosen_form(self.cubo_form, self._reduction())

    def _cubo(self, drawn: DrawnCodes) -> Tensor:
        """Return each row's weighted bound, (..., rows)."""
        parts = drawn.reconstruction, drawn.log_var, drawn.batch.samples, drawn.z
        exponent = objectives.cubo_exponent(*parts, beta_cubo=self.beta_cubo)
        return self.gamma * objectives.cubo(exponent, form=self._form())


def chosen_form(form: str, reduction: str) -> Literal["log", "exp"]:
    """Return CUBO's form: "auto" is the exponential, which would underflow where the error is a sum."""
    if form == "auto":
        return "exp" if reduction == "mean" else "log"
    return cast('Literal["log", "exp"]', form)


def check_cubo(detector: Any, forms: tuple[str, ...] = ("auto", "log", "exp")) -> None:
    """Raise InvalidInputError for a parameter of the CUBO loss of `detector` that is out of range."""
    for name in ("beta_cubo", "gamma"):
        detector._require_not_negative(name, "The paper uses gamma=1 and beta_cubo=0.05 for most tables.")
    detector._require_one_of("cubo_form", forms, 'Both have the same optimum; "exp" is the paper\'s.')
    detector._require_whole("n_samples", 1, "Five Monte-Carlo samples are enough for the tables here.")


def _decode_mean(networks: Networks, x: Tensor) -> Tensor:
    return networks["decoder"](split_code(networks["encoder"](x))[0])


def check_shapes(
    owner: str, encoder: nn.Module, decoder: nn.Module, spec: RowSpec, label_columns: int = 0
) -> int:
    """Return the code size of an encoder and a decoder that fit together, or raise an error that says what fits.

    Both take `label_columns` more than the row and the code.
    """
    encoded = trial_run(encoder, spec.n_features + label_columns, owner, "an encoder")
    code = encoded[-1] // 2
    if encoded != (2, 2 * code) or code == 0:
        remedy = "It holds the means and the log-variances of the code side by side."
        raise InvalidInputError(
            must("network", owner, "an encoder with an even output width", encoded, remedy)
        )
    remedy = f"The encoder's output of {2 * code} makes a code of {code}."
    require_decoder(decoder, code + label_columns, spec.n_features, owner, remedy)
    return code
