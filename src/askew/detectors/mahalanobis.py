"""Mahalanobis: the distance from the mean, in a covariance that few rows cannot make singular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from sklearn.covariance import LedoitWolf

from askew.base import ScoreGraph, Scores, Y
from askew.families.tabular import LARGEST, TabularDetector

_LEAST = 1e-9
"""Share of the largest variance of any direction that the others have at least."""


@final
@dataclass(eq=False, repr=False)
class Mahalanobis(TabularDetector):
    r"""Mahalanobis distance: a row is as normal as it is near to the mean, in standard deviations of its direction.

    Score :math:`-\sqrt{(x-\mu)^\top\Sigma^{-1}(x-\mu)}`, with the mean and the covariance of the training rows; that is
    shrunk towards a multiple of the identity as much as its own uncertainty asks for. Finds rows that break how
    columns go together, each of whose values is usual. Known anomalies are left out of training, otherwise labels
    are unused.

    Reference: Mahalanobis (1936), On the Generalised Distance in Statistics; Ledoit and Wolf (2004), A Well-Conditioned
    Estimator for Large-Dimensional Covariance Matrices.

    Attributes
    ----------
    location_ : array of shape (n_features,)
        The mean of the scaled columns.
    whitening_ : array of shape (n_features, n_features)
        What scaled rows less the mean are multiplied by, so that the covariance of the training rows is the identity.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(200, 1))
    >>> detector = Mahalanobis().fit(np.c_[x, x + 0.1 * np.random.default_rng(1).normal(size=(200, 1))])
    >>> along, across = detector.score_samples([[2.0, 2.0], [1.0, -1.0]])
    >>> bool(across < along)
    True
    """

    name: ClassVar[str] = "mahalanobis"
    fitted_arrays: ClassVar[tuple[str, ...]] = ("location", "whitening")

    def _fit_scaled(self, x: Scores, y: Y) -> None:
        estimate = LedoitWolf().fit(x[y >= 0])
        variances, directions = np.linalg.eigh(estimate.covariance_)
        largest = float(variances[-1])
        variances = np.maximum(variances, _LEAST * largest) if largest > 0 else np.ones_like(variances)
        self.location_: Scores = np.asarray(estimate.location_)
        self.whitening_: Scores = directions / np.sqrt(variances)

    def _score_scaled(self, x: Scores) -> Scores:
        away = np.clip((x - self.location_) @ self.whitening_, -LARGEST, LARGEST)
        return np.asarray(-np.sqrt(np.square(away).sum(axis=1)))

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        add, number = graph.add, graph.constant
        away = add(
            "MatMul",
            add("Sub", self._add_scaled(graph, rows), number(self.location_)),
            number(self.whitening_),
        )
        away = add("Clip", away, number(-LARGEST), number(LARGEST))
        squares = add("ReduceSum", add("Mul", away, away), number(np.array([1])), keepdims=0)
        return add("Neg", add("Sqrt", squares))
