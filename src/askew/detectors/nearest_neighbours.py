"""Nearest neighbours: how far a row is from the others, and how near to known anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from askew.base import ScoreGraph, Scores, Y
from askew.families.kernels import add_squared_distances, squared_distances
from askew.families.tabular import TabularDetector

LEAST = 1e-2  # ε, in standard deviations of the columns: rows may coincide
_CHUNK = 2**15  # distances in memory together, so few that they stay in the cache


@final
@dataclass(eq=False, repr=False)
class NearestNeighbours(TabularDetector):
    r"""Distance to the nearest rows, set against that to the nearest known anomaly.

    Score :math:`-\frac12\log(d^2(x)+\varepsilon^2)`, with :math:`d^2` the mean squared distance to the k nearest
    training rows that are no known anomalies, ε = 0.01; with known anomalies
    :math:`\frac12\log\frac{d_-^2(x)+\varepsilon^2}{d^2(x)+\varepsilon^2}`, with :math:`d_-` the distance to the nearest
    of them: a row is anomalous that is nearer to them than to the others. Far away from all, the ratio is about 1,
    amid normal rows it is large.

    Reference: Angiulli and Pizzuti (2002), Fast Outlier Detection in High Dimensional Spaces, whose weight is
    the sum of distances, not squared; Sugiyama and Borgwardt (2013), Rapid Distance-Based Outlier Detection via
    Sampling, for small samples; the ratio of distances is that of Lowe (2004), Distinctive Image Features
    from Scale-Invariant Keypoints, section 7.1. Not in the papers.

    A training row is its own nearest neighbour.

    Parameters
    ----------
    n_neighbours : int
        k; all rows if there are fewer.
    use_known : bool
        False leaves known anomalies out.
    max_rows : int
        With more training rows that are no known anomalies a sub-sample of this size is used, rows labelled +1 first.
        In a small one (64, with k = 3) anomalies that hide among unlabelled rows are not each other's neighbours.

    Attributes
    ----------
    approximation_ : str or None
        What was left out, or None.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = NearestNeighbours(random_state=0).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "nearest_neighbours"
    known_anomalies: ClassVar[str] = "measures how near they are"
    uses_labels: ClassVar[bool] = True
    fitted_values: ClassVar[tuple[str, ...]] = ("approximation_",)
    fitted_arrays: ClassVar[tuple[str, ...]] = ("rows", "known")

    n_neighbours: int = 5
    use_known: bool = True
    max_rows: int = 3000

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._require_whole("n_neighbours", 1, "The default is 5.")
        self._require_one_of("use_known", (True, False), "False leaves known anomalies out.")
        self._require_rows("max_rows")

    def _fit_scaled(self, x: Scores, y: Y) -> None:
        self.rows_, self.known_ = x[self._sample(y)], x[y < 0][: None if self.use_known else 0]

    def _sample(self, y: Y) -> NDArray[np.intp]:
        """Return the rows to measure distances to, all or a sample with known normal rows first."""
        rows, most = np.flatnonzero(y >= 0), int(self.max_rows)
        self.approximation_ = None
        if len(rows) <= most:
            return rows
        drawn = self._generator().permutation(rows)
        self.approximation_ = f"sub-sample of {most} of {len(rows)} training rows"
        self._warn(f"fitted on a {self.approximation_}; raise max_rows to use more")
        return np.sort(drawn[np.argsort(-y[drawn], kind="stable")][:most])

    @property
    def _n_nearest(self) -> int:
        return min(int(self.n_neighbours), len(self.rows_))

    def _score_scaled(self, x: Scores) -> Scores:
        k, parts = self._n_nearest, [np.zeros(0)]
        size = max(_CHUNK // len(self.rows_), 64)
        for start in range(0, len(x), size):
            chunk = x[start : start + size]
            nearest = np.partition(squared_distances(chunk, self.rows_), k - 1, axis=1)[:, :k]
            score = -0.5 * np.log(nearest.mean(axis=1) + LEAST**2)
            if len(self.known_):
                score += 0.5 * np.log(squared_distances(chunk, self.known_).min(axis=1) + LEAST**2)
            parts.append(score)
        return np.concatenate(parts)

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        add, scaled = graph.add, self._add_scaled(graph, rows)
        parts = []
        for points, count in ((self.rows_, self._n_nearest), (self.known_, min(len(self.known_), 1))):
            if count:
                nearest = graph.smallest(add_squared_distances(graph, scaled, points), count)
                mean = add("ReduceMean", nearest, graph.constant(np.array([1])), keepdims=0)
                log = add("Log", add("Add", mean, graph.constant(LEAST**2)))
                parts.append(add("Mul", log, graph.constant(0.5)))
        return add("Sub", parts[1], parts[0]) if len(parts) == 2 else add("Neg", parts[0])
