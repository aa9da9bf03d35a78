"""Isolation forest: scikit-learn's, behind the same contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest as SklearnIsolationForest
from sklearn.ensemble._iforest import _average_path_length

from askew.base import ScoreGraph, Scores, Y
from askew.base.preparation.column_scaling import ColumnScaling
from askew.families.trees import Tree, add_tree_sum, check_forest
from askew.families.weighted import WeightedDetector
from askew.files import sklearn_array, sklearn_object

_BEYOND = 1e-9  # far less than the scores of rows differ that end in different leaves


@final
@dataclass(eq=False, repr=False)
class IsolationForest(WeightedDetector):
    r"""Isolation forest: anomalies are split off from the rest by few random cuts.

    Score :math:`-2^{-E[h(x)]/c(\psi)}` with h the path length, as scikit-learn computes it. Known anomalies
    are left out of training, otherwise labels are unused.

    Beyond the training rows all paths end alike. So that the further of two such rows is the more anomalous, the score
    is less by a billionth of the mean over columns of log(1 + distance beyond the training rows / their range).

    Columns are scaled so that a large offset costs no digits: trees compare in float32. With a ``sample_weight`` rows
    are drawn in proportion to it, with replacement.

    Reference: Liu, Ting and Zhou (2008), Isolation Forest. The papers use 100 trees and 256 samples.

    Parameters
    ----------
    n_estimators : int
        Trees.
    max_samples : int
        Rows per tree; all rows if there are fewer.
    random_state : int, RandomState or None
        An integer gives the same result again.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> detector = IsolationForest(random_state=0).fit(X)
    >>> bool(detector.score_samples([[9.0, 9.0, 9.0]])[0] < detector.score_samples(X).min())
    True
    """

    name: ClassVar[str] = "isolation_forest"
    random_training: ClassVar[bool] = True
    published_scale: ClassVar[str | None] = None

    n_estimators: int = 100
    max_samples: int = 256

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name, usual in (("n_estimators", 100), ("max_samples", 256)):
            self._require_whole(name, 1, f"The papers use {usual}.")

    def _fit_scaled(self, x: Scores, y: Y) -> None:
        normal = x[y >= 0]
        # None would be the global one
        seed = np.random.RandomState() if self.random_state is None else self.random_state
        weights = None if self._weights is None else self._weights[y >= 0]
        self.forest_ = SklearnIsolationForest(
            n_estimators=self.n_estimators,
            max_samples=min(self.max_samples, len(normal)),
            bootstrap=weights is not None,  # all rows of a small table, drawn once each, would count alike
            random_state=seed,
        ).fit(normal, sample_weight=weights)
        self.box_: NDArray[np.float64] | None = np.stack([normal.min(axis=0), normal.max(axis=0)])

    def _score_scaled(self, x: Scores) -> Scores:
        scores = _scores(self.forest_, x)
        if self.box_ is None:
            return scores
        outside = ((x < self.box_[0]) | (x > self.box_[1])).any(axis=1)
        far = x[outside]
        beyond = np.maximum(np.maximum(self.box_[0] - far, far - self.box_[1]), 0.0) / _ranges(self.box_)
        scores[outside] -= _BEYOND * np.log1p(beyond).mean(axis=1)
        return scores

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
        scaled = self._add_scaled(graph, rows)
        # rows are compared in float32, as scikit-learn does
        path_sum = add_tree_sum(graph, graph.cast(graph.cast(scaled, "float"), "double"), trees)
        # trees of one row have paths of length 0 and no usual length: scikit-learn's exponent is then 1
        divided = (
            ("Div", path_sum, graph.constant(-usual)) if usual else ("Sub", path_sum, graph.constant(1.0))
        )
        exponent = graph.add(*divided)
        score = graph.add("Neg", graph.add("Pow", graph.constant(2.0), exponent))
        return graph.vector(score if self.box_ is None else self._add_beyond(graph, scaled, score))

    def _add_beyond(self, graph: ScoreGraph, scaled: str, score: str) -> str:
        """Add the score (rows, 1) less what lies beyond the training rows."""
        add, number = graph.add, graph.constant
        box: Any = self.box_
        low, high = number(box[0]), number(box[1])
        outside = add("Max", add("Max", add("Sub", low, scaled), add("Sub", scaled, high)), number(0.0))
        grown = add("Log", add("Add", add("Div", outside, number(_ranges(box))), number(1.0)))
        mean = add("ReduceMean", grown, number(np.array([1])), keepdims=1)
        return add("Sub", score, add("Mul", mean, number(_BEYOND)))

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values, arrays = super()._state()
        box = {} if self.box_ is None else {"box": self.box_}
        return values, arrays | box | {"forest": sklearn_array(self.forest_)}

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        if "column_mean" not in arrays:  # a file of askew 0.1, whose forests saw columns as they were
            self.scale = None
            arrays = arrays | ColumnScaling.learn(np.empty((0, self.n_features_in_)), None).state()
        super()._set_state(values, arrays)
        self.box_ = arrays.get("box")
        self.forest_ = forest = sklearn_object(arrays["forest"], SklearnIsolationForest)
        trees = [each.tree_ for each in forest.estimators_]
        check_forest(trees, self.n_numbers_)
        for lengths in (forest._decision_path_lengths, forest._average_path_length_per_tree):
            if [np.shape(each) for each in lengths] != [(tree.node_count,) for tree in trees]:
                raise ValueError("its trees have no length of path for each node")


def _scores(forest: SklearnIsolationForest, x: Scores) -> Scores:
    """Return what the forest's own `score_samples` returns; that takes ten times as long for a row or two."""
    with np.errstate(over="ignore"):
        rows = x.astype(np.float32, order="C")
    depths = np.zeros(len(rows))
    trees = zip(
        forest.estimators_, forest._decision_path_lengths, forest._average_path_length_per_tree, strict=True
    )
    for tree, path, beyond in trees:
        leaves = tree.tree_.apply(rows)
        depths += path[leaves] + beyond[leaves] - 1.0
    usual = len(forest.estimators_) * _average_path_length([forest._max_samples])[0]
    # the trees of one row have no usual length: scikit-learn's exponent is then 1
    return np.asarray(-(2.0 ** -(depths / usual if usual else np.ones_like(depths))))


def _ranges(box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the range of each column, 1 where it is constant."""
    ranges: NDArray[np.float64] = box[1] - box[0]
    return np.where(ranges > 0.0, ranges, 1.0)
