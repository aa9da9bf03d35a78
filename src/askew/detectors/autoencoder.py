"""AutoEncoder: reconstruction error as the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

from torch import Tensor

from askew.base import DeepDetector, NetworkParameters
from askew.families.recipes import autoencoder_networks, decode, main_stage, reconstruct, reconstruction_loss
from askew.inputs.spec import RowSpec
from askew.objectives import reconstruction_error
from askew.training import Member, MemberNetworks, Settings, Stage, Step


@final
@dataclass(kw_only=True, eq=False, repr=False)
class AutoEncoder(NetworkParameters, DeepDetector):
    r"""Autoencoder: a row is as anomalous as its mean squared reconstruction error.

    Loss and score :math:`\frac1d\|x-\hat x\|^2`. Known anomalies are left out of training, otherwise labels
    are unused. It is the papers' row "CAE".

    Reference: Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, section D. *Departures:* their code
    trains on labelled anomalies too and ends in a sigmoid; standardised columns need a linear output. Their paper has
    Glorot's initial weights, BatchNorm on tables too, a rate of 1e-5 after 50 epochs, a weight decay of 1e-6 and
    batches of 200; here PyTorch's weights, BatchNorm on images alone, one rate, no decay and batches of 128.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 9))
    >>> detector = AutoEncoder(random_state=0).set_params(training__epochs=3).fit(X)
    >>> detector.score_samples(X).shape
    (80,)
    """

    name: ClassVar[str] = "autoencoder"
    paper: ClassVar[str] = "baseline of Ruff et al. 2020"
    default_training: ClassVar[dict[str, Any]] = {"epochs": 150, "lr": 1e-4, "batch_size": 128}
    scores_together: ClassVar[bool] = True

    def _build(self, spec: RowSpec) -> MemberNetworks:
        return autoencoder_networks(self.network, type(self).__name__, spec)

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        step = Step("reconstruction", reconstruction_loss, ("encoder", "decoder"), "normal")
        return (main_stage(settings, "autoencoder", [step], reconstruct),)

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        return -reconstruction_error(x, reconstruct(member.networks, x))

    def _decode(self, member: Member, codes: Tensor) -> Tensor:
        return decode(member.networks, codes)

    def _expected(self, member: Member, x: Tensor) -> Tensor:
        return reconstruct(member.networks, x)

    def _terms(self, member: Member, x: Tensor) -> tuple[Tensor, None]:
        return -(x - reconstruct(member.networks, x)).square() / x.shape[-1], None
