"""Deep SAD: Deep SVDD that pushes known anomalies away from the centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor

from askew.families.deep_hypersphere import HypersphereDetector
from askew.objectives import deep_sad
from askew.training import Batch, Networks, Rows


@final
@dataclass(kw_only=True, eq=False, repr=False)
class DeepSAD(HypersphereDetector):
    r"""Deep SAD: normal rows are drawn to a centre, known anomalies pushed away by their inverse distance.

    Batch mean over one shuffled stream of all rows: :math:`d` if unlabelled, :math:`\eta d` if known normal,
    :math:`\eta/(d+\epsilon)` if known anomaly, :math:`d=\|\phi(x)-c\|^2`. Score :math:`-\|\phi(x)-c\|`.

    Reference: Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, Eq. 9 and section C.

    Parameters
    ----------
    eta : float
        Weight of the labelled rows; 1 weighs them like the others.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.random.default_rng(0).normal(size=(90, 9)), np.repeat([-1, 0], [5, 85])
    >>> X[:5] += 6.0
    >>> detector = DeepSAD(random_state=0).set_params(training__epochs=9, training__pretrain_epochs=3).fit(X, y)
    >>> bool(detector.score_samples(X[:5]).mean() < detector.score_samples(X[5:]).mean())
    True
    """

    name: ClassVar[str] = "deep_sad"
    known_anomalies: ClassVar[str] = "pushes them away from a centre"
    learns_from: ClassVar[Rows] = "all"
    uses_labels: ClassVar[bool] = True

    eta: float = 1.0

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_positive("eta", "1 weighs labelled rows like the others; the paper tries 0.01 to 100.")

    def _sphere_loss(self, networks: Networks, batch: Batch) -> Tensor:
        return deep_sad(self._distances(networks, batch), batch.y, eta=self.eta).mean(-1)
