"""Logistic regression of known anomalies against everything else: the plainest use of labels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression as SklearnLogisticRegression

from askew.base import ScoreGraph, Scores, Y
from askew.families.kernels import auroc, labelled_folds
from askew.families.weighted import WeightedDetector

STRENGTHS = tuple(10.0**power for power in range(-3, 3))  # what ``C="search"`` tries


@final
@dataclass(eq=False, repr=False)
class LogisticRegression(WeightedDetector):
    r"""Logistic regression: known anomalies against all other rows, whether unlabelled or known normal.

    Score :math:`-(w^\top x+b)`, the log-odds of not being like the known anomalies; w and b minimise
    :math:`\frac12\|w\|^2+C\sum_i v_i\log(1+e^{-t_i(w^\top x_i+b)})` with t = 1 for known anomalies, −1 otherwise,
    and weights v with which both classes count the same.

    Anomalies unlike the known ones lie anywhere on this scale.

    Reference: scikit-learn's LogisticRegression with ``class_weight="balanced"``. It is not in the papers: a
    baseline that honest tables of few-label results need.

    Parameters
    ----------
    C : float above 0 or "search"
        Inverse strength of the penalty. "search" takes that of 0.001, 0.01, ..., 100 with the highest mean AUROC
        over three folds that spread the known anomalies (fewer with fewer of them); 1 with a single one.

    Attributes
    ----------
    coef_ : array of shape (n_features,)
        w, of the scaled columns.
    intercept_, C_ : float
        b, and the C that was used.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> X[:4] += 3.0
    >>> detector = LogisticRegression().fit(X, np.r_[-np.ones(4), np.zeros(76)])
    >>> bool(detector.score_samples(X)[:4].max() < np.median(detector.score_samples(X)))
    True
    """

    name: ClassVar[str] = "logistic_regression"
    known_anomalies: ClassVar[str] = "separates them from all other rows"
    uses_labels: ClassVar[bool] = True
    needs_anomalies: ClassVar[bool] = True
    fitted_values: ClassVar[tuple[str, ...]] = ("intercept_", "C_")
    fitted_arrays: ClassVar[tuple[str, ...]] = ("coef",)

    C: str | float = 1.0

    def _check_parameters(self) -> None:
        super()._check_parameters()
        rule, remedy = 'a number above 0 or "search"', "1 is scikit-learn's; less is a stronger penalty."
        self._require_choice("C", rule, lambda C: 0 < C < np.inf, ("search",), remedy)

    def _fit_scaled(self, x: Scores, y: Y) -> None:
        self.C_ = self._search_strength(x, y) if self.C == "search" else float(self.C)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            model = _fit_model(x, y, self.C_, self._weights)
        if any(issubclass(each.category, ConvergenceWarning) for each in caught):
            self._warn(
                "the solver stopped before the weights had settled, which cells far from all others can do; "
                "look at the columns' extremes, or use a smaller C"
            )
        self.coef_, self.intercept_ = model.coef_[0], float(model.intercept_[0])

    def _search_strength(self, x: Scores, y: Y) -> float:
        if (y < 0).sum() < 2:
            return 1.0
        aurocs = []
        for train, held_out in labelled_folds(y, int(self._generator().integers(2**31 - 1))):
            weights = None if self._weights is None else self._weights[train]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # said of the strength that is taken
                models = [_fit_model(x[train], y[train], C, weights) for C in STRENGTHS]
            known = y[held_out] < 0
            aurocs.append([auroc(-model.decision_function(x[held_out]), known) for model in models])
        return STRENGTHS[int(np.mean(aurocs, axis=0).argmax())]

    def _score_scaled(self, x: Scores) -> Scores:
        return np.asarray(-(x @ self.coef_ + self.intercept_))

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        odds = graph.add("MatMul", self._add_scaled(graph, rows), graph.constant(self.coef_[:, None]))
        return graph.vector(graph.add("Neg", graph.add("Add", odds, graph.constant(self.intercept_))))


def _fit_model(x: Scores, y: Y, C: float, weights: Scores | None) -> SklearnLogisticRegression:
    model = SklearnLogisticRegression(C=C, class_weight="balanced", max_iter=5000)
    return model.fit(x, y < 0, sample_weight=weights)
