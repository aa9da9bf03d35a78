"""Deep SAD: Deep SVDD that pushes known anomalies away from the centre."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
from torch import Tensor

from askew.detectors._autoencoding import HypersphereDetector
from askew.objectives import deep_sad
from askew.training import Batch, Networks, Training
from askew.training.stages import Rows


@final
class DeepSAD(HypersphereDetector):
    r"""Deep SAD: normal rows are drawn to a centre, known anomalies pushed away by their inverse distance.

    Batch mean over one shuffled stream of all rows: :math:`d` if unlabelled, :math:`\eta d` if known normal,
    :math:`\eta/(d+\epsilon)` if known anomaly, :math:`d=\|\phi(x)-c\|^2`. Score :math:`-\|\phi(x)-c\|`.

    Reference: Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, Eq. 7 and section C.

    Parameters
    ----------
    eta : float
        Weight of the labelled rows; 1 weighs them like the others.
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
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(90, 9)), np.zeros(90, dtype=int)
    >>> X[:5] += 6.0
    >>> y[:5] = -1
    >>> detector = DeepSAD(random_state=0).set_params(training__epochs=9, training__pretrain_epochs=3).fit(X, y)
    >>> bool(detector.score_samples(X[:5]).mean() < detector.score_samples(X[5:]).mean())
    True
    """

    name: ClassVar[str] = "deep_sad"
    default_training: ClassVar[dict[str, Any]] = {
        "epochs": 150,
        "pretrain_epochs": 150,
        "lr": 1e-4,
        "lr_milestones": (50,),
        "batch_size": 128,
        "weight_decay": 1e-6,
    }
    learns_from: ClassVar[Rows] = "all"
    uses_labels: ClassVar[bool] = True

    def __init__(
        self,
        eta: float = 1.0,
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
        self.eta = eta
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
        self._require_positive("eta", "1 weighs labelled rows like the others; the paper tries 0.01 to 100.")

    def _sphere_loss(self, networks: Networks, batch: Batch) -> Tensor:
        return deep_sad(self._distances(networks, batch), batch.y, eta=self.eta).mean(-1)
