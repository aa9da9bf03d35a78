"""Isolation forest: scikit-learn's, behind the same contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest as SklearnIsolationForest
from sklearn.ensemble._iforest import _average_path_length

from askew.base import ScoreGraph, Scores, SeedParameters, ShallowDetector, Y
from askew.families.trees import Tree, add_tree_sum
from askew.files import sklearn_array, sklearn_object


@final
@dataclass(eq=False, repr=False)
class IsolationForest(SeedParameters, ShallowDetector):
    r"""Isolation forest: anomalies are split off from the rest by few random cuts.

    Score :math:`-2^{-E[h(x)]/c(\psi)}` with h the path length, as scikit-learn computes it. Known anomalies
    are left out of training, otherwise labels are unused.

    Reference: Liu, Ting and Zhou (2008), Isolation Forest. The papers use 100 trees and 256 samples.

    Parameters
    ----------
    n_estimators : int
        Trees.
    max_samples : int
        Rows per tree; all rows if there are fewer.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = IsolationForest(random_state=0).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "isolation_forest"

    n_estimators: int = 100
    max_samples: int = 256

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name, usual in (("n_estimators", 100), ("max_samples", 256)):
            self._require_whole(name, 1, f"The papers use {usual}.")

    def _fit_rows(self, x: Scores, y: Y) -> None:
        normal = x[y >= 0]
        # None would be the global one
        seed = np.random.RandomState() if self.random_state is None else self.random_state
        self.forest_ = SklearnIsolationForest(
            n_estimators=self.n_estimators, max_samples=min(self.max_samples, len(normal)), random_state=seed
        ).fit(normal)

    def _score_rows(self, x: Scores) -> Scores:
        return np.asarray(self.forest_.score_samples(x), dtype=np.float64)

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        forest, trees = self.forest_, []
        for estimator, columns in zip(forest.estimators_, forest.estimators_features_, strict=True):
            tree = estimator.tree_
            path = np.asarray(tree.compute_node_depths(), dtype=np.float64) - 1.0
            path += _average_path_length(tree.n_node_samples)
            inner = tree.children_left >= 0
            column = np.where(inner, np.asarray(columns)[np.maximum(tree.feature, 0)], 0)
            trees.append(Tree(tree.children_left, tree.children_right, column, tree.threshold, path))
        usual = float(len(trees) * _average_path_length([forest._max_samples])[0])
        # rows are compared in float32, as scikit-learn does
        path_sum = add_tree_sum(graph, graph.cast(graph.cast(rows, "float"), "double"), trees)
        # trees of one row have paths of length 0 and no usual length: scikit-learn's exponent is then 1
        divided = (
            ("Div", path_sum, graph.constant(-usual)) if usual else ("Sub", path_sum, graph.constant(1.0))
        )
        exponent = graph.add(*divided)
        return graph.vector(graph.add("Neg", graph.add("Pow", graph.constant(2.0), exponent)))

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {}, {"forest": sklearn_array(self.forest_)}

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self.forest_ = sklearn_object(arrays["forest"], SklearnIsolationForest)
