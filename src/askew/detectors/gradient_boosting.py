"""Gradient boosting of known anomalies against everything else, by scikit-learn or CatBoost."""

from __future__ import annotations

import tempfile
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from askew.base import ScoreGraph, Scores, Y
from askew.errors import ExportError, MissingDependencyError, ModelFileError
from askew.families.trees import Tree, add_tree_sum, check_tree
from askew.families.weighted import WeightedDetector
from askew.files import sklearn_array, sklearn_object


@final
@dataclass(eq=False, repr=False)
class GradientBoosting(WeightedDetector):
    r"""Gradient-boosted trees: known anomalies against all other rows, whether unlabelled or known normal.

    Score :math:`-\sum_k f_k(x)`, the log-odds of not being like the known anomalies, each tree :math:`f_k` fitted
    to the gradient of the logistic loss left by the ones before; both classes weigh the same.

    Reference: Friedman (2001), Greedy Function Approximation: A Gradient Boosting Machine, Algorithm 5; with
    ``library="catboost"`` Prokhorenkova et al. (2018), CatBoost: Unbiased Boosting with Categorical Features. Not in
    the papers: a baseline that honest tables of few-label results need.

    Trees give many rows the same score, so `predict` can flag fewer training rows than `contamination` says.
    Anomalies unlike the known ones lie anywhere on the scale.

    Parameters
    ----------
    library : "sklearn" or "catboost"
        CatBoost is the extra ``askew[boost]``.
    n_estimators : int
        Trees; at least 1.
    learning_rate : float in (0, 1]
        Share of each tree that counts.
    min_samples_leaf : int
        Fewest rows in a leaf; at least 1. Smaller leaves single out the few known anomalies and miss others like
        them; of fewer rows than twice as many, all scores are equal.
    random_state : int, RandomState or None
        Decides CatBoost's permutations, and scikit-learn's bins of tables beyond 200,000 rows.

    Raises
    ------
    LabelError
        By `fit`, if no row is labelled -1.
    MissingDependencyError
        By `fit`, if CatBoost is asked for and not installed.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(80, 3))
    >>> X[:6] += 3.0
    >>> detector = GradientBoosting(n_estimators=10).fit(X, np.r_[-np.ones(6), np.zeros(74)])
    >>> bool(detector.score_samples(X)[:6].max() < np.median(detector.score_samples(X)))
    True
    """

    name: ClassVar[str] = "gradient_boosting"
    known_anomalies: ClassVar[str] = "separates them from all other rows"
    uses_labels: ClassVar[bool] = True
    needs_anomalies: ClassVar[bool] = True

    library: str = "sklearn"
    n_estimators: int = 100
    learning_rate: float = 0.1
    min_samples_leaf: int = 20

    def _check_parameters(self) -> None:
        super()._check_parameters()
        remedy = '"sklearn" needs nothing to be installed.'
        self._require_one_of("library", ("sklearn", "catboost"), remedy)
        if self.library == "catboost":
            _catboost()
        for name, usual in (("n_estimators", 100), ("min_samples_leaf", 20)):
            self._require_whole(name, 1, f"The default is {usual}.")
        self._require_number("learning_rate", "in (0, 1]", lambda rate: 0 < rate <= 1, "0.1 is usual.")

    def _fit_scaled(self, x: Scores, y: Y) -> None:
        seed = int(self._generator().integers(2**31 - 1))
        if self.library == "catboost":
            self.model_ = _catboost().CatBoostClassifier(
                iterations=int(self.n_estimators),
                grow_policy="Depthwise",  # the symmetric default knows no smallest leaf
                min_data_in_leaf=int(self.min_samples_leaf),
                auto_class_weights="Balanced",
                random_seed=seed,
                thread_count=1,  # sums in another order give another model
                verbose=False,
                allow_writing_files=False,
                learning_rate=float(self.learning_rate),
            )
        else:
            self.model_ = HistGradientBoostingClassifier(
                max_iter=int(self.n_estimators),
                min_samples_leaf=int(self.min_samples_leaf),
                class_weight="balanced",
                early_stopping=False,  # it would set known anomalies aside, and there are few
                random_state=seed,
                learning_rate=float(self.learning_rate),
            )
        self.model_.fit(x, y < 0, sample_weight=self._weights)

    def _score_scaled(self, x: Scores) -> Scores:
        if self.library == "catboost":
            odds = self.model_.predict(x, prediction_type="RawFormulaVal", thread_count=1)
        else:
            odds = self.model_.decision_function(x)
        return -np.asarray(odds, dtype=np.float64)

    def _add_score(self, graph: ScoreGraph, rows: str) -> str:
        if self.library != "sklearn":
            raise ExportError(
                'GradientBoosting cannot be written as ONNX with library="catboost". '
                'Use library="sklearn", or deploy the file that save() writes.'
            )
        trees = []
        for (predictor,) in self.model_._predictors:
            nodes = predictor.nodes
            leaf = nodes["is_leaf"].astype(bool)
            left, right = (np.where(leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
            trees.append(Tree(left, right, nodes["feature_idx"], nodes["num_threshold"], nodes["value"]))
        total = add_tree_sum(graph, self._add_scaled(graph, rows), trees)
        start = graph.constant(float(self.model_._baseline_prediction.ravel()[0]))
        return graph.vector(graph.add("Neg", graph.add("Add", total, start)))

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values, arrays = super()._state()
        if self.library == "catboost":
            return values, arrays | {"model": _catboost_array(self.model_)}
        trees = copy(self.model_)
        trees._loss = (
            None  # no score needs it, and that of scikit-learn 1.6 names no module that can be loaded
        )
        return values, arrays | {"model": sklearn_array(trees)}

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        super()._set_state(values, arrays)
        packed, boosting = arrays["model"], HistGradientBoostingClassifier
        catboost = self.library == "catboost"
        self.model_ = _catboost_object(packed) if catboost else sklearn_object(packed, boosting)
        if not catboost:
            _check_trees(self.model_._predictors, self.n_numbers_)


def _check_trees(predictors: Any, n_columns: int) -> None:
    for (predictor,) in predictors:
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(bool)
        left, right = (np.where(leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
        check_tree(left, right, nodes["feature_idx"], n_columns)
        if nodes["is_categorical"].any():
            raise ValueError("its trees have nodes of words")


def _catboost() -> Any:
    try:
        import catboost
    except ImportError as error:
        raise MissingDependencyError(
            'library="catboost" of GradientBoosting must be installed; it is not. '
            "Run: python -m pip install 'askew[boost]', or use library=\"sklearn\"."
        ) from error
    return catboost


def _catboost_array(model: Any) -> NDArray[np.uint8]:
    """Return a model in CatBoost's own format, which holds trees and no code."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.cbm"
        model.save_model(str(path), format="cbm")
        return np.frombuffer(path.read_bytes(), dtype=np.uint8)


def _catboost_object(array: NDArray[np.uint8]) -> Any:
    catboost = _catboost()
    try:
        return catboost.CatBoostClassifier().load_model(blob=array.tobytes())
    except catboost.CatBoostError as error:
        raise ModelFileError(f"the model's trees cannot be read ({error}). Save it anew.") from error
