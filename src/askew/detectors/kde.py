"""KDE: a Gaussian kernel density estimate, bandwidth by cross-validated likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.model_selection import KFold

from askew.base import ScoreGraph, Scores, Y
from askew.families.kernels import add_squared_distances, squared_distances
from askew.families.tabular import TabularDetector

BANDWIDTHS = tuple(2.0 ** (half / 2) for half in range(1, 11))  # from 2^0.5 to 2^5 (Ruff et al. 2020)

FOLDS = 5

_PAIRS = 1 << 18
"""Pairs of rows whose kernels are computed at a time: they stay near the processor."""


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
        self.rows_ = x

    def _log_norm(self) -> float:
        """Return the logarithm of the number of rows times a kernel's integral."""
        (n, d), h = self.rows_.shape, self.bandwidth_
        return float(math.log(n) + d * (math.log(h) + 0.5 * math.log(2 * math.pi)))

    def _score_scaled(self, x: Scores) -> Scores:
        parts = np.array_split(x, max(1, x.shape[0] * len(self.rows_) // _PAIRS))
        logs = [_log_kernel_sums(part, self.rows_, self.bandwidth_) for part in parts]
        return np.concatenate(logs) - self._log_norm()

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        distances = add_squared_distances(graph, self._add_scaled(graph, rows), self.rows_)
        logs = graph.add("Mul", distances, graph.constant(-0.5 / self.bandwidth_**2))
        total = graph.add("ReduceLogSumExp", logs, graph.constant(np.array([1])), keepdims=0)
        return graph.add("Sub", total, graph.constant(self._log_norm()))


def _log_kernel_sums(x: Scores, rows: Scores, h: float) -> Scores:
    """Return the logarithm of the sum over `rows` of exp(-‖x - row‖² / 2h²), -inf for what is out of reach."""
    distances = cdist(x, rows, "sqeuclidean")
    nearest = np.minimum(distances.min(axis=1), np.finfo(float).max)  # from inf it would leave NaN
    kernels = np.exp((nearest[:, None] - distances) / (2.0 * h * h))
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(np.log(kernels.sum(axis=1)) - nearest / (2.0 * h * h))


def _best_bandwidth(x: Scores, seed: int) -> float:
    """Return the bandwidth of the highest held-out likelihood.

    A bandwidth's square is half of the next one's, so its kernels are the squares of that one's.
    """
    totals = np.zeros(len(BANDWIDTHS))
    for train, held_out in KFold(min(FOLDS, len(x)), shuffle=True, random_state=seed).split(x):
        distances = squared_distances(x[held_out], x[train])
        nearest = distances.min(axis=1)
        kernels = np.exp((nearest[:, None] - distances) / (2.0 * BANDWIDTHS[-1] ** 2))
        for i, h in reversed(list(enumerate(BANDWIDTHS))):
            # the terms that all bandwidths share are left out
            logs = np.log(kernels.sum(axis=1)) - nearest / (2.0 * h * h) - x.shape[1] * np.log(h)
            totals[i] += float((logs - np.log(len(train))).sum())
            np.square(kernels, kernels)
    return float(BANDWIDTHS[int(totals.argmax())])
