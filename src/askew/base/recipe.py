"""Recipe: what a method made of networks gives, of one member: networks, stages of training, a score."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from askew.base.checkpoints import CheckpointFile
from askew.base.detector import Detector, Y
from askew.base.preparation.interface import Preparation
from askew.base.shared_parameters import EnsembleParameters
from askew.training import Member, Settings, Stage, Training
from askew.training.executors import MemberNetworks


class Recipe(EnsembleParameters, Detector):
    """What a deep method gives. Subclasses derive from :class:`~askew.base.DeepDetector`, which trains and scores."""

    default_training: ClassVar[dict[str, Any]]
    """The method's own settings, used where :class:`Training` leaves one out."""

    steep_at_mean: ClassVar[bool] = False
    """Whether the score has no slope at the mean row, or none anywhere, so that gradients cannot be integrated."""

    scores_together: ClassVar[bool] = False
    """Whether :meth:`_row_scores` takes all members as one: networks that give (members, rows, width), constants
    (members, 1, width) and rows (1, rows, features); it returns (members, rows) then."""

    network: Any
    scale: str | None
    members_: list[Member]
    failed_members_: list[str]
    _preparation: Preparation
    _checkpoint: CheckpointFile | None
    _start: Recipe | None = None
    """The fitted detector that this fit goes on from."""

    @abstractmethod
    def _build(self, spec: Any) -> MemberNetworks:
        """Return the networks of one member with new random weights, for samples of this specification."""

    @abstractmethod
    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        """Return the stages of training."""

    @abstractmethod
    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        """Return how normal one member finds each row of x (rows, features): (rows,)."""

    def _codes(self, member: Member, x: Tensor) -> Tensor:
        """Return one member's code of each row, (rows, code): what its encoder gives."""
        codes: Tensor = member.networks["encoder"](x)
        return codes

    def _expected(self, member: Member, x: Tensor) -> Tensor | None:
        """Return one member's reconstruction of each row, (rows, features), or None if it makes none."""
        return None

    def _decode(self, member: Member, codes: Tensor) -> Tensor | None:
        """Return what one member makes of any codes like :meth:`_codes`'s, (rows, features), or None."""
        return None

    def _terms(self, member: Member, x: Tensor) -> tuple[Tensor, Tensor | None] | None:
        """Return parts whose sum is the score: the features' (rows, features) and the code's (rows,), or None."""
        return None

    def _settings(self) -> Settings:
        return (self.training or Training()).resolve(self.default_training)

    def _held_out(self, y: Y, seed: int) -> NDArray[np.bool_] | None:
        """Return which training rows are kept for choosing an epoch, (rows,), as many for each seed; or None."""
        return None

    def _member_seeds(self) -> list[int]:
        """Return one seed per member, without touching the global random state."""
        self._check_random_state()
        return [int(word) for word in np.random.SeedSequence(self._seed()).generate_state(self.n_members)]

    def _spec(self) -> Any:
        """Return what one sample looks like to the networks."""
        return self._input.spec

    def _new_preparation(self) -> Preparation:
        """Return what will prepare rows such as X of the fit."""
        return self._input.preparation(self.scale)
