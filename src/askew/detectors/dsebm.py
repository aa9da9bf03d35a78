"""DSEBM: a network is the energy of a density, trained to undo noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn

from askew.base import DeepDetector, NetworkParameters
from askew.families.recipes import main_stage
from askew.inputs.spec import ImageSpec, RowSpec
from askew.networks import convolutional, default_code, default_layers
from askew.networks.user_networks import code_width, encoder_from
from askew.objectives import denoise, energy, reconstruction_error
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step


@final
@dataclass(eq=False, repr=False)
class DSEBM(NetworkParameters, DeepDetector):
    r"""Deep structured energy-based model: a row is as anomalous as its energy is high.

    :math:`E(x)=\frac12\|x-b\|^2-\sum_jh_j(x)` with a softplus network h. Training undoes noise: with
    :math:`\tilde x=x+\sigma\epsilon` and :math:`f(x)=x-\nabla E(x)` the loss is
    :math:`\frac12\|x-f(\tilde x)\|^2`, which is score matching. Score :math:`-E(x)`, or with
    ``score_by="reconstruction"`` :math:`-\|x-f(x)\|^2=-\|\nabla E(x)\|^2`. Known anomalies are left out of
    training, otherwise labels are unused.

    Reference: Zhai et al. (2016), Deep Structured Energy Based Models for Anomaly Detection, both models (dense,
    and convolutional for images) and both criteria; noise and epochs of Golan and El-Yaniv (2018), Deep Anomaly
    Detection Using Geometric Transformations, whose numbers later papers quote. *Departures:* layers as for the
    other methods, with softplus and without BatchNorm, by which energies of images would depend on each other.

    Parameters
    ----------
    noise : float
        σ, standard deviation of the noise in units of the scaled columns or of pixels from -1 to 1; above 0.
    score_by : {"energy", "reconstruction"}
        What is scored; the paper tries both.
    network : "auto", a name, encoder, (encoder, decoder) or function of the input spec
        The encoder is h, with smooth activations, since its slope is trained; a decoder is not used. For images
        also a name that :func:`askew.networks.convolutional` knows.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = DSEBM(random_state=0).set_params(training__epochs=3).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "dsebm"
    default_training: ClassVar[dict[str, Any]] = {"epochs": 200, "lr": 1e-3, "batch_size": 128}

    noise: float = 0.5
    score_by: str = "energy"

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_positive("noise", "0.5 suits standardised columns; without noise nothing is learned.")
        self._require_one_of("score_by", ("energy", "reconstruction"), "The energy is the usual choice.")

    def _build(self, spec: RowSpec) -> MemberNetworks:
        owner = type(self).__name__
        encoder = encoder_from(self.network, owner, spec, partial(_softplus_network, spec))
        code_width(encoder, spec.n_features, owner)
        # b as the weights of a layer whose input is 1, since linear layers are what members can stack
        visible = nn.Linear(1, spec.n_features, bias=False)
        nn.init.zeros_(visible.weight)
        return {"encoder": encoder, "visible": visible}

    def _loss(self, networks: Networks, batch: Batch) -> Tensor:
        noisy = self._input.uncentred(self._input.centred(batch.x) + self.noise * batch.row_noise)
        x_hat = denoise(partial(_energy, networks), noisy)
        return 0.5 * reconstruction_error(batch.x, x_hat, reduction="sum").mean(-1)

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        noise = (1, self.n_numbers_)
        step = Step("denoising", self._loss, ("encoder", "visible"), "normal", noise=noise)
        return (main_stage(settings, "energy", [step], _energy),)

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        if self.score_by == "energy":
            return -_energy(member.networks, x)
        x_hat = denoise(partial(_energy, member.networks), x)
        return -reconstruction_error(x, x_hat, reduction="sum")


def _softplus_network(spec: RowSpec, architecture: str) -> nn.Module:
    """Return the network h with softplus throughout, dense for tables and convolutional for images."""
    if isinstance(spec, ImageSpec):
        code = default_code(spec, architecture)
        options: dict[str, Any] = {"batch_norm": False, "architecture": architecture}
        encoder, _ = convolutional(spec, outputs=code, code=code, **options)
        bent = (nn.ReLU, nn.LeakyReLU)
        return nn.Sequential(*(nn.Softplus() if isinstance(a, bent) else a for a in encoder), nn.Softplus())
    widths = (spec.n_features, *default_layers(spec))
    layers = [(nn.Linear(a, b), nn.Softplus()) for a, b in pairwise(widths)]
    return nn.Sequential(*(part for layer in layers for part in layer))


def _energy(networks: Networks, x: Tensor) -> Tensor:
    bias = networks["visible"](torch.ones_like(x[..., :1, :1]))  # (..., 1, columns)
    return energy(x, bias, networks["encoder"](x))
