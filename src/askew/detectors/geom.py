"""GEOM: a classifier that tells how an image was flipped, shifted and turned, sure of normal ones alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from askew.base import DeepDetector, NetworkParameters
from askew.errors import InvalidInputError, must
from askew.families.recipes import closing_stage, main_stage
from askew.inputs.spec import ImageSpec
from askew.networks import ARCHITECTURES, GeometricTransformations, convolutional, default_code, wide_resnet
from askew.networks.convolutional import LARGE, require_known
from askew.networks.geometric import SETS
from askew.networks.user_networks import code_width, encoder_from
from askew.objectives import dirichlet_mle, dirichlet_normality
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step

WIDE_RESNETS = {"wrn_10_4": (10, 4), "wrn_16_8": (16, 8)}  # depth and width of the paper's networks
_ROWS = 512  # images classified at a time while the Dirichlet distributions are estimated


@final
@dataclass(eq=False, repr=False)
class GEOM(NetworkParameters, DeepDetector):
    r"""Geometric transformations: an image is normal if a classifier sees how it was transformed; images alone.

    A network learns to tell which of the T transformations (mirrored or not, shifted by a quarter of the side or
    not in both directions, turned by 0 to 270 degrees: T = 72) an image went through, by cross-entropy. With
    :math:`y(T_i(x))` its softmax vector and :math:`\alpha_i` the most likely Dirichlet parameters of the training
    images' vectors under transformation i, the score is
    :math:`\frac1T\sum_i\sum_j(\alpha_{ij}-1)\log y_j(T_i(x))`; with ``score_by="softmax"`` it is
    :math:`\frac1T\sum_iy_i(T_i(x))`, the paper's simplified score. Known anomalies are left out of training,
    otherwise labels are unused.

    Reference: Golan and El-Yaniv (2018), Deep Anomaly Detection Using Geometric Transformations, Algorithm 1 and
    section 4.2; later papers call it DADGT. *Departures:* in an epoch every image undergoes one random
    transformation, not all, so 216 epochs are their :math:`\lceil200/72\rceil=3`; images of 28 pixels are not padded to
    32, so shifts are by 7, not 8; the last feature maps are averaged over all pixels also where they are larger than
    8x8.

    Parameters
    ----------
    transformations : {"all", "flips_and_rotations", "rotations"}
        72, 8 or 4 of them. Scoring and the Dirichlet estimate cost as many passes, so fewer suit a CPU.
    score_by : {"dirichlet", "softmax"}
        What is scored.
    network : "auto", a name, encoder, (encoder, decoder) or function of the input spec
        ``"auto"`` is the paper's wide residual network ``"wrn_10_4"``, from 64 pixels on ``"wrn_16_8"``. Encoders
        that :func:`askew.networks.convolutional` knows, such as ``"lenet_mnist"``, cost a fraction on a CPU. A
        linear layer to T outputs follows; a decoder is not used.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> ramp = np.linspace(0, 200, 16)[:, None] + np.linspace(0, 50, 16)
    >>> X = (ramp + rng.uniform(0, 5, (30, 1, 16, 16))).astype(np.uint8)
    >>> detector = GEOM("rotations", network="lenet_mnist", random_state=0).set_params(training__epochs=20)
    >>> flat = rng.integers(0, 256, (1, 1, 16, 16)).astype(np.uint8)
    >>> bool(detector.fit(X).score_samples(flat)[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "dadgt"
    takes_tables: ClassVar[bool] = False
    default_training: ClassVar[dict[str, Any]] = dict(epochs=216, lr=1e-3, batch_size=128, weight_decay=5e-4)

    transformations: str = "all"
    score_by: str = "dirichlet"

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = '"all" is the paper\'s; fewer are cheaper.'
        self._require_one_of("transformations", tuple(SETS), remedy)
        remedy = "The Dirichlet score is the paper's main one."
        self._require_one_of("score_by", ("dirichlet", "softmax"), remedy)

    def _build(self, spec: ImageSpec) -> MemberNetworks:
        owner = type(self).__name__
        if spec.height != spec.width:
            remedy = "A quarter turn must give an image of the same size: cut or pad them."
            raise InvalidInputError(must("X", owner, "square images", f"{spec.height}x{spec.width}", remedy))
        encoder = encoder_from(self.network, owner, spec, partial(_classifier, spec))
        code = code_width(encoder, spec.n_features, owner)
        transform = GeometricTransformations(spec, self.transformations)
        return {"transform": transform, "encoder": encoder, "head": nn.Linear(code, len(transform))}

    def _classes(self) -> int:
        """Return T, the number of transformations."""
        return SETS[self.transformations]

    def _log_y(self, networks: Networks, x: Tensor, number: Tensor | int) -> Tensor:
        """Return the logarithm of the softmax vector of each row, transformed by its number, (..., rows, T)."""
        if isinstance(number, int):
            number = x.new_full((len(x),), number, dtype=torch.long)
        code = networks["encoder"](networks["transform"](x, number))
        return log_softmax(networks["head"](code), dim=-1)

    def _loss(self, networks: Networks, batch: Batch) -> Tensor:
        even = torch.special.ndtr(batch.row_noise.squeeze(-1))  # (..., rows) in 0..1
        number = (even * self._classes()).long().clamp(max=self._classes() - 1)
        log_y = self._log_y(networks, batch.x, number)
        return -log_y.gather(-1, number.unsqueeze(-1)).squeeze(-1).mean(-1)

    def _forward(self, networks: Networks, x: Tensor) -> Tensor:
        """Classify the rows, each under the next transformation in turn: BatchNorm must see all of them."""
        return self._log_y(networks, x, torch.arange(len(x), device=x.device) % self._classes())

    def _dirichlet(self, networks: Networks, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return each transformation's Dirichlet parameters by the rows that are no known anomalies, (1, T * T)."""
        normal = x[y >= 0]
        means = torch.zeros(2, self._classes(), self._classes(), dtype=torch.float64, device=x.device)
        for i in range(self._classes()):
            for rows in torch.split(normal, _ROWS):
                log_y = self._log_y(networks, rows, i).double()
                means[:, i] += torch.stack([log_y.exp().sum(0), log_y.sum(0)])
        means /= len(normal)
        return {"alpha": dirichlet_mle(means[0], means[1]).flatten().unsqueeze(0)}

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        step = Step("cross-entropy", self._loss, ("encoder", "head"), "normal", noise=(1, 1))
        stage = main_stage(settings, "transformations", [step], self._forward)
        if self.score_by == "softmax":
            return (stage,)
        return stage, closing_stage(settings, self._forward, self._dirichlet)

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        total = torch.zeros(len(x), dtype=torch.float64, device=x.device)
        for i in range(self._classes()):
            log_y = self._log_y(member.networks, x, i).double()
            if self.score_by == "softmax":
                total = total + log_y[:, i].exp()
            else:
                alpha = member.constants["alpha"].reshape(self._classes(), -1)[i]
                total = total + dirichlet_normality(log_y, alpha.double())
        return total / self._classes()


def _classifier(spec: ImageSpec, name: str) -> nn.Module:
    """Return the network that `name` stands for, without its last layer."""
    if name == "auto":
        name = "wrn_16_8" if max(spec.height, spec.width) >= LARGE else "wrn_10_4"
    if name in WIDE_RESNETS:
        depth, width = WIDE_RESNETS[name]
        return wide_resnet(spec, depth=depth, width=width)[0]
    require_known(name, ("auto", *WIDE_RESNETS, *ARCHITECTURES), "GEOM")
    code = default_code(spec, name)
    return convolutional(spec, outputs=code, code=code, architecture=name)[0]
