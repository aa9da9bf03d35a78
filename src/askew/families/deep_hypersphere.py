"""What Deep SVDD and Deep SAD share: rows are mapped near a centre, after pre-training as an autoencoder."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from askew.base import DeepDetector, NetworkParameters
from askew.errors import InvalidInputError, must
from askew.families import recipes
from askew.inputs.spec import RowSpec
from askew.objectives import squared_distance
from askew.training import Batch, Member, MemberNetworks, Networks, Rows, Settings, Stage, Step

CENTER_MARGIN = 0.1  # centre coordinates nearer to 0 are pushed to it: zero weights must not reach the centre
_CENTER_ROWS = 1024  # rows encoded at a time for the centre

_BOUNDED = (nn.Sigmoid, nn.Tanh, nn.Hardtanh, nn.Softmax, nn.Softsign, nn.Hardsigmoid, nn.LogSigmoid)


@dataclass(kw_only=True, eq=False, repr=False)
class HypersphereDetector(NetworkParameters, DeepDetector):
    """Base of Deep SVDD and Deep SAD: rows are mapped near a centre, the score is minus the distance from it.

    A subclass gives :meth:`_sphere_loss`. Networks with a bias or a bounded activation are refused: with them
    the encoder can map every row onto the centre (hypersphere collapse, Ruff et al. 2018, section 3.3).

    Parameters
    ----------
    init : {"autoencoder", "random"}
        Whether the encoder starts from a pre-trained autoencoder.
    center : {"unlabelled", "labelled", "all"}
        Whose mean code is the centre: rows without known anomalies, known normal rows, or all rows.
    allow_collapse : bool
        Accept a network with biases or bounded activations.
    network : "auto", (encoder, decoder) or function of the input spec
        The encoder must have no bias and no bounded activation.
    """

    default_training: ClassVar[dict[str, Any]] = recipes.RUFF_TRAINING | {"pretrain_epochs": 150}

    scores_together: ClassVar[bool] = True
    learns_from: ClassVar[Rows]  # the training rows of both stages

    init: str = "autoencoder"
    center: str = "unlabelled"
    allow_collapse: bool = False

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = '"autoencoder" pre-trains the encoder, as the papers do.'
        self._require_one_of("init", ("autoencoder", "random"), remedy)
        remedy = 'The papers use the mean code without known anomalies, "unlabelled".'
        rule = '"unlabelled", "labelled" or "all"'
        self._require_one_of("center", ("unlabelled", "labelled", "all"), remedy, rule)

    def _build(self, spec: RowSpec) -> MemberNetworks:
        owner = type(self).__name__
        options = {"bias": False, "batch_norm": True, "affine": False}
        networks = recipes.autoencoder_networks(self.network, owner, spec, **options)
        if not self.allow_collapse:
            refuse_collapse(networks["encoder"], owner)
        return networks

    @abstractmethod
    def _sphere_loss(self, networks: Networks, batch: Batch) -> Tensor:
        """Return the batch's loss on the distances from the centre."""

    def _schedule(self, epoch: int) -> float:
        """Return the number that the loss of an epoch reads as its batch's ``scheduled``."""
        return 1.0

    def _distances(self, networks: Networks, batch: Batch) -> Tensor:
        return squared_distance(networks["encoder"](batch.x), batch.constants["center"])

    def _center(self, networks: Networks, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Return the mean code of the rows that `center` names, pushed away from 0: (1, code)."""
        chosen = {"unlabelled": y >= 0, "labelled": y > 0, "all": y >= -1}[self.center]
        if not chosen.any():
            remedy = 'Label some rows +1, or use center="unlabelled".'
            raise InvalidInputError(
                must("center", type(self).__name__, "computed from rows labelled +1", "no such row", remedy)
            )
        parts = torch.split(x[chosen], _CENTER_ROWS)  # the activations of convolutions need room
        mean = torch.cat([networks["encoder"](part) for part in parts]).mean(0, keepdim=True)
        sign = torch.where(mean < 0, -1.0, 1.0)
        return {"center": torch.where(mean.abs() < CENTER_MARGIN, sign * CENTER_MARGIN, mean)}

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        step = Step("reconstruction", recipes.reconstruction_loss, ("encoder", "decoder"), self.learns_from)
        epochs = settings.pretrain_epochs if self.init == "autoencoder" else 0
        first = recipes.pretraining_stage(settings, "autoencoder", [step], recipes.reconstruct, epochs=epochs)
        step = Step("distance", self._sphere_loss, ("encoder",), self.learns_from, schedule=self._schedule)
        sphere = recipes.main_stage(
            settings, "sphere", [step], recipes.encode, constants=self._center, fixed=True
        )
        return first, sphere

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        return -squared_distance(member.networks["encoder"](x), member.constants["center"]).sqrt()


def refuse_collapse(encoder: nn.Module, owner: str) -> None:
    """Raise InvalidInputError if `encoder` has a bias or a bounded activation."""
    offenders = [name for name, _ in encoder.named_parameters() if "bias" in name.rpartition(".")[2]]
    offenders += [name or type(m).__name__ for name, m in encoder.named_modules() if isinstance(m, _BOUNDED)]
    if offenders:
        rule = "an encoder without biases and bounded activations"
        remedy = (
            "With them the network can map every row onto the centre (hypersphere collapse). Build its layers "
            "with bias=False (BatchNorm with affine=False) and an unbounded activation, or give "
            "allow_collapse=True if you accept that."
        )
        raise InvalidInputError(must("network", owner, rule, offenders, remedy))
