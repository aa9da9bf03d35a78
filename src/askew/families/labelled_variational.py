"""VAEs that learn from known anomalies: a step on anomalies, with a prior of their own or an upper bound."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, NamedTuple, cast

from torch import Tensor

from askew import objectives
from askew.families.variational import VariationalDetector, split_code
from askew.inputs.spec import RowSpec
from askew.training import Batch, MemberNetworks, Networks, Settings, Step, Training
from askew.training.stages import mean_where

LOG_CUBO_CLIP = 1.0  # largest gradient norm with CUBO's log form; the paper clips, and does not say at what


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
        step = Step("anomaly", self._anomaly_loss, moves, "anomaly", int(self.interval), start, noise)
        return (replace(step, schedule=self._beta),)


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
        given = (drawn.mu, drawn.log_var, drawn.batch.y)
        return objectives.dual_prior_elbo(
            drawn.reconstruction.mean(-2), *given, alpha=self.alpha, beta_kl=drawn.batch.scheduled
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
        is a mean, which was chosen on test AUROC of four ODDS tables (docs/reproduction-notes.md), and the bound
        where it is a sum: there the exponential underflows.
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
