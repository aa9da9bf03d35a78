"""Extra trees of known anomalies against everything else, with cuts drawn among quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.ensemble import ExtraTreesClassifier

from askew.base import ScoreGraph, Scores, Y
from askew.families.tabular import TabularDetector
from askew.families.trees import Tree, add_tree_sum, check_forest
from askew.files import sklearn_array, sklearn_object

LEVELS = norm.cdf(np.linspace(-3.2, 3.2, 129))  # of the quantiles between which columns are cut
LARGEST = 3e38  # rows are compared in float32
LEAST = 1e-3  # added to both shares, so that their ratio is finite


@final
@dataclass(eq=False, repr=False)
class ExtraTrees(TabularDetector):
    r"""Extremely randomised trees: known anomalies against all other rows, whether unlabelled or known normal.

    Score :math:`-\log\frac{p(x)+\varepsilon}{1-p(x)+\varepsilon}` with p the mean share of known anomalies, over
    trees, in the leaf that x falls into, both classes weighing the same; ε = 0.001. Cuts are drawn at random among
    a column's quantiles, so that heavy tails and units don't matter. Columns are scaled so
    that a large offset costs no digits: trees compare in float32.

    Reference: Geurts, Ernst and Wehenkel (2006), Extremely Randomized Trees. Departure from it: columns are first
    put into 128 bins, bounded by quantiles that are equally spaced in standard deviations of a normal distribution.
    Not in the papers: large leaves of many random trees follow a handful of labels less closely than boosting.

    Anomalies unlike the known ones lie anywhere on this scale.

    Parameters
    ----------
    n_estimators : int
        Trees; at least 1.
    min_samples_leaf : int
        Fewest rows in a leaf; at least 1. Smaller leaves single out the few known anomalies and miss others like
        them; of fewer rows than twice as many, all scores are equal.
    random_state : int, RandomState or None
        An integer gives the same result again.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> X[:6] += 3.0
    >>> detector = ExtraTrees(n_estimators=20, random_state=0).fit(X, np.r_[-np.ones(6), np.zeros(74)])
    >>> bool(detector.score_samples(X)[:6].max() < np.median(detector.score_samples(X)))
    True
    """

    name: ClassVar[str] = "extra_trees"
    known_anomalies: ClassVar[str] = "separates them from all other rows"
    uses_labels: ClassVar[bool] = True
    needs_anomalies: ClassVar[bool] = True
    random_training: ClassVar[bool] = True

    n_estimators: int = 100
    min_samples_leaf: int = 10

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name, usual in (("n_estimators", 100), ("min_samples_leaf", 10)):
            self._require_whole(name, 1, f"The default is {usual}.")

    def _fit_scaled(self, x: Scores, y: Y) -> None:
        edges = [_edges(column) for column in x.T]
        bins = [np.searchsorted(*each) for each in zip(edges, x.T, strict=True)]
        self.forest_ = ExtraTreesClassifier(
            n_estimators=int(self.n_estimators),
            min_samples_leaf=int(self.min_samples_leaf),
            class_weight="balanced",
            random_state=int(self._generator().integers(2**31 - 1)),
        ).fit(np.stack(bins, axis=1).astype(np.float32), y < 0)
        for estimator in self.forest_.estimators_:
            tree = estimator.tree_
            for node in np.flatnonzero(tree.children_left >= 0):
                # a bin of at most t holds values up to the edge of number ⌊t⌋
                tree.threshold[node] = edges[tree.feature[node]][int(tree.threshold[node])]

    def _score_scaled(self, x: Scores) -> Scores:
        rows = np.clip(x, -LARGEST, LARGEST).astype(np.float32, order="C")
        # the forest's own predict_proba takes many times as long for a row or two
        known = np.zeros(len(rows))
        for tree in self.forest_.estimators_:  # in one order, whatever the number of rows
            known += tree.tree_.predict(rows)[:, 1]
        known /= len(self.forest_.estimators_)
        return np.asarray(np.log((1.0 - known + LEAST) / (known + LEAST)))

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        trees = []
        for estimator in self.forest_.estimators_:
            tree = estimator.tree_
            share = tree.value[:, 0, 1] / tree.value[:, 0].sum(axis=1)
            columns = np.maximum(tree.feature, 0)
            trees.append(Tree(tree.children_left, tree.children_right, columns, tree.threshold, share))
        add, number = graph.add, graph.constant
        # rows are compared in float32, as scikit-learn does
        rows = add("Clip", self._add_scaled(graph, rows), number(-LARGEST), number(LARGEST))
        total = add_tree_sum(graph, graph.cast(graph.cast(rows, "float"), "double"), trees)
        known = add("Mul", graph.vector(total), number(1.0 / len(trees)))
        other = add("Sub", number(1.0 + LEAST), known)
        return add("Log", add("Div", other, add("Add", known, number(LEAST))))

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values, arrays = super()._state()
        return values, arrays | {"forest": sklearn_array(self.forest_)}

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        super()._set_state(values, arrays)
        self.forest_ = sklearn_object(arrays["forest"], ExtraTreesClassifier)
        check_forest([each.tree_ for each in self.forest_.estimators_], self.n_numbers_)


def _edges(column: Scores) -> Scores:
    """Return where a column's bins meet: half-way between its quantiles, which differ.

    >>> _edges(np.array([0.0, 1.0, 1.0, 4.0]))
    array([0.5, 2.5])
    """
    values = np.unique(np.quantile(np.clip(column, -LARGEST, LARGEST), LEVELS, method="nearest"))
    return np.asarray(values[:-1] / 2 + values[1:] / 2)
