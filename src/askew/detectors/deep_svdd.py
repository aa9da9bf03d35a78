"""Deep SVDD: rows mapped into a small hypersphere, without labels."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from torch import Tensor

from askew.detectors._autoencoding import HypersphereDetector, radius_squared
from askew.errors import InvalidInputError, must
from askew.objectives import deep_svdd, soft_boundary_deep_svdd
from askew.training import Batch, Networks, Training
from askew.training.stages import Rows

RADIUS_WARMUP_EPOCHS = 10
"""Epochs with R = 0 before the radius is solved for (Deep-SVDD-PyTorch)."""


@final
class DeepSVDD(HypersphereDetector):
    r"""Deep SVDD, one-class or soft-boundary: the distance of a row's code from the centre of the normal ones.

    One-class: :math:`\frac1n\sum_i\|\phi(x_i)-c\|^2`. Soft-boundary:
    :math:`R^2+\frac1{\nu n}\sum_i\max(0,\|\phi(x_i)-c\|^2-R^2)` with R² solved for on every batch after ten
    warm-up epochs. Score :math:`-\|\phi(x)-c\|`. Known anomalies are left out, otherwise labels are unused.

    Reference: Ruff et al. (2018), Deep One-Class Classification, Eqs. 3 and 4.

    Parameters
    ----------
    objective : {"one-class", "soft-boundary"}
    nu : float in (0, 1]
        Soft-boundary only: share of the rows that may lie outside the sphere.
    init : {"autoencoder", "random"}
        Whether the encoder starts from a pre-trained autoencoder.
    center : {"unlabelled", "labelled", "all"}
        Whose mean code is the centre: rows without known anomalies, known normal rows, or all rows.
    allow_collapse : bool
        Accept a network with biases or bounded activations.
    contamination : float in (0, 0.5]
        Share of the training rows that `predict` flags.
    network : "auto", (encoder, decoder) or function of the input spec
        The encoder must have no bias and no bounded activation.
    training : Training, optional
        Defaults: 150 epochs after 150 of pre-training, Adam at 1e-4 and from epoch 50 on at 1e-5,
        batches of 128, weight decay 1e-6.
    n_members : int
        Size of the ensemble; 1 is the paper's.
    scale : "standard" or None
        Whether columns are standardised on the training rows.
    random_state : int, RandomState or None
    device : str

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(80, 9))
    >>> detector = DeepSVDD(random_state=0).set_params(training__epochs=3, training__pretrain_epochs=3).fit(X)
    >>> bool((detector.score_samples(X) <= 0).all())
    True
    """

    name: ClassVar[str] = "deep_svdd"
    default_training: ClassVar[dict[str, Any]] = {
        "epochs": 150,
        "pretrain_epochs": 150,
        "lr": 1e-4,
        "lr_milestones": (50,),
        "batch_size": 128,
        "weight_decay": 1e-6,
    }
    learns_from: ClassVar[Rows] = "normal"

    def __init__(
        self,
        objective: str = "one-class",
        nu: float = 0.1,
        init: str = "autoencoder",
        center: str = "unlabelled",
        allow_collapse: bool = False,
        contamination: float = 0.05,
        network: Any = "auto",
        training: Training | None = None,
        n_members: int = 1,
        scale: str | None = "standard",
        random_state: int | np.random.RandomState | None = None,
        device: str = "cpu",
    ) -> None:
        self.objective = objective
        self.nu = nu
        self.init = init
        self.center = center
        self.allow_collapse = allow_collapse
        self.contamination = contamination
        self.network = network
        self.training = training
        self.n_members = n_members
        self.scale = scale
        self.random_state = random_state
        self.device = device

    def _check_parameters(self) -> None:
        super()._check_parameters()
        owner = type(self).__name__
        if self.objective not in ("one-class", "soft-boundary"):
            remedy = '"one-class" is the simpler one and usually as good.'
            raise InvalidInputError(
                must("objective", owner, '"one-class" or "soft-boundary"', self.objective, remedy)
            )
        self._require_number("nu", "in (0, 1]", lambda nu: 0 < nu <= 1, "The paper tries 0.01 and 0.1.")

    def _sphere_loss(self, networks: Networks, batch: Batch) -> Tensor:
        distance = self._distances(networks, batch)
        if self.objective == "one-class":
            return deep_svdd(distance)
        solved = radius_squared(distance, self.nu)
        radius = solved if batch.epoch >= RADIUS_WARMUP_EPOCHS else solved.new_zeros(solved.shape)
        return soft_boundary_deep_svdd(distance, radius, self.nu)
