"""What the detectors by exact likelihood share: a PixelCNN per member and its training."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, cast

from torch import Tensor

from askew.base import DeepDetector, RowEnsembleParameters, Scores
from askew.families.recipes import main_stage
from askew.inputs.spec import ImageSpec
from askew.networks import PixelCNN
from askew.objectives import discretised_logistic
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step

_CHECKED = 256  # training images whose codes are checked: a code has two numbers per pixel


@dataclass(kw_only=True, eq=False, repr=False)
class PixelDetector(RowEnsembleParameters, DeepDetector):
    """Base of WAIC and the likelihood ratio, for images alone: pixels are predicted one after the other.

    A subclass names its networks in :meth:`_models`; each is a PixelCNN with one discretised logistic
    distribution per pixel, and learns by maximum likelihood from the rows that are no known anomalies.

    Parameters
    ----------
    filters, blocks : int
        Channels of every layer, at least 4, and residual blocks, at least 0.
    training : Training, optional
        Defaults: 50 epochs, Adam at 1e-3, batches of 32. On a CPU 16 filters, 3 blocks and 20 epochs are a start.
    """

    default_training: ClassVar[dict[str, Any]] = {"epochs": 50, "lr": 1e-3, "batch_size": 32}

    filters: int = 32
    blocks: int = 5

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_whole("filters", 4, "32 are the paper's; 16 take a third of the time.")
        self._require_whole("blocks", 0, "5 are the paper's; 3 are enough for digits.")

    def _models(self) -> tuple[str, ...]:
        """Return the names of one member's PixelCNNs; the first one is of the images as they are."""
        return ("density",)

    def _build(self, spec: ImageSpec) -> MemberNetworks:
        size = {"filters": int(self.filters), "blocks": int(self.blocks)}
        return {name: PixelCNN(spec, **size) for name in self._models()}

    def _training_images(self, model: str, batch: Batch) -> Tensor:
        return batch.x

    def _loss(self, model: str, networks: Networks, batch: Batch) -> Tensor:
        """Return the batch's mean negative log-likelihood in nats per value."""
        return -pixel_log_p(networks, model, self._training_images(model, batch)).mean((-2, -1))

    def _stage(self, model: str, settings: Settings, **changed: Any) -> Stage:
        noise = cast("tuple[int, int] | None", changed.pop("noise", None))
        step = Step("likelihood", partial(self._loss, model), (model,), "normal", noise=noise)
        return main_stage(settings, model, [step], lambda networks, x: networks[model](x), **changed)

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        return (self._stage("density", settings),)

    def _expected(self, member: Member, x: Tensor) -> Tensor:
        """Return the middle of each pixel's distribution given those before it."""
        return self._codes(member, x).chunk(2, dim=-1)[0].clamp(0.0, 1.0)

    def _codes(self, member: Member, x: Tensor) -> Tensor:
        """Return the distributions that the pixels before give each pixel: there is no smaller code."""
        codes: Tensor = member.networks[self._models()[0]](x)
        return codes

    def _code_problem(self, x: Scores) -> str | None:
        return super()._code_problem(x[:_CHECKED])


def pixel_log_p(networks: Networks, model: str, x: Tensor) -> Tensor:
    """Return the log-probability in nats of each pixel of x given those before it, (..., rows, pixels)."""
    location, log_scale = networks[model](x).chunk(2, dim=-1)
    return discretised_logistic(x, location, log_scale)
