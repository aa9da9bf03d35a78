"""KDE: scikit-learn's kernel density estimate, bandwidth by cross-validated likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.model_selection import KFold
from sklearn.neighbors import KernelDensity

from askew.base import ScoreGraph, Scores, Y
from askew.families.kernels import add_squared_distances, squared_distances
from askew.families.tabular import TabularDetector

BANDWIDTHS = tuple(2.0 ** (half / 2) for half in range(1, 11))  # from 2^0.5 to 2^5 (Ruff et al. 2020)

FOLDS = 5


@final
@dataclass(eq=False, repr=False)
class KDE(TabularDetector):
    r"""Kernel density estimate: a row is as normal as the density of the training rows around it.

    Score :math:`\log\frac1n\sum_i N(x;\,x_i,\,h^2I)`. Known anomalies are left out of training, otherwise
    labels are unused.

    Reference: Parzen (1962), On Estimation of a Probability Density Function and Mode, Eq. 1.3; the grid and
    the five folds are those of Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, section D.

    Parameters
    ----------
    bandwidth : float above 0 or "search"
        h, in standard deviations of the columns. "search" takes that of :math:`2^{0.5},2^{1},\dots,2^5` with the
        highest mean log-density of held-out rows over five folds.
    max_rows : int
        With more training rows a sub-sample of this size is used; rows labelled +1 stay.

    Attributes
    ----------
    bandwidth_ : float
        What was used.
    approximation_ : str or None
        What was left out, or None.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = KDE(random_state=0).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "kde"
    fitted_values: ClassVar[tuple[str, ...]] = ("bandwidth_", "approximation_")
    fitted_arrays: ClassVar[tuple[str, ...]] = ("rows",)

    bandwidth: str | float = "search"
    max_rows: int = 3000

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_rows("max_rows")
        rule, remedy = 'a number above 0 or "search"', 'Use "search" to choose it by likelihood.'
        self._require_choice("bandwidth", rule, lambda h: 0 < h < np.inf, ("search",), remedy)

    def _fit_scaled(self, x: Scores, y: Y) -> None:
        generator = self._generator()
        x, y = x[y >= 0], y[y >= 0]
        x = x[self._subsample(y, self.max_rows, generator)]
        seed = int(generator.integers(2**31 - 1))
        self.bandwidth_ = _best_bandwidth(x, seed) if self.bandwidth == "search" else float(self.bandwidth)
        self._fit_density(x)

    def _fit_density(self, x: Scores) -> None:
        self.rows_ = x
        self.density_ = KernelDensity(bandwidth=self.bandwidth_).fit(x)

    def _score_scaled(self, x: Scores) -> Scores:
        return np.asarray(self.density_.score_samples(x), dtype=np.float64)

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        h, (n, d) = self.bandwidth_, self.rows_.shape
        distances = add_squared_distances(graph, self._add_scaled(graph, rows), self.rows_)
        logs = graph.add("Mul", distances, graph.constant(-0.5 / h**2))
        total = graph.add("ReduceLogSumExp", logs, graph.constant(np.array([1])), keepdims=0)
        norm = math.log(n) + d * (math.log(h) + 0.5 * math.log(2 * math.pi))
        return graph.add("Sub", total, graph.constant(norm))

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        super()._set_state(values, arrays)
        self._fit_density(self.rows_)


def _best_bandwidth(x: Scores, seed: int) -> float:
    """Return the bandwidth of the highest held-out likelihood; all ten share one matrix of distances per fold."""
    totals = np.zeros(len(BANDWIDTHS))
    for train, held_out in KFold(min(FOLDS, len(x)), shuffle=True, random_state=seed).split(x):
        distances = squared_distances(x[held_out], x[train])
        for i, h in enumerate(BANDWIDTHS):
            # the terms that all bandwidths share are left out
            logs = logsumexp(distances / (-2.0 * h * h), axis=1) - x.shape[1] * np.log(h)
            totals[i] += float((logs - np.log(len(train))).sum())
    return float(BANDWIDTHS[int(totals.argmax())])
