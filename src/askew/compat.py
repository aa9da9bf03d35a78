"""Models as other libraries want them: PyOD's interface, 0 and 1, higher = more anomalous."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf
from scipy.stats import binom
from sklearn.base import BaseEstimator, clone

from askew import labels
from askew.base.fitted_parameters import remember_parameters, require_fitted
from askew.errors import InvalidInputError, must

Scores = NDArray[np.float64]

_OF_TRAINING = ("decision_scores_", "labels_")


class PyODView(BaseEstimator):  # type: ignore[misc]
    """A model behind PyOD's interface: :func:`as_pyod` makes one.

    Its parameters are `model` and, as ``model__...``, those of the model.

    Attributes
    ----------
    model_ : detector or wrapper
        The fitted model behind it.
    decision_scores_ : array of shape (n_rows,)
        Anomaly scores of the training rows; higher = more anomalous.
    labels_ : array of shape (n_rows,)
        1 for training rows above the threshold, else 0.
    threshold_ : float
        Rows that score above it are anomalies, ``-model_.offset_``.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    @property
    def contamination(self) -> float:
        """The model's share of training rows to flag; 0.1, PyOD's default, if it has none."""
        return float(getattr(self.model, "contamination", 0.1))

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit a copy of the model.

        Parameters
        ----------
        X : what the model takes, n_rows rows
        y : vector of n_rows, optional
            PyOD's labels: 1 is a known anomaly, 0 any other row.
        """
        self.model_ = clone(self.model).fit(X, None if y is None else labels.from_pyod(y))
        remember_parameters(self)
        return self._remember(X)

    def decision_function(self, X: Any) -> Scores:
        """Return how anomalous each row is, (n_rows,): higher = more anomalous."""
        require_fitted(self, "model_")
        return np.asarray(self.model_.anomaly_score(X), dtype=np.float64)

    def predict(self, X: Any, return_confidence: bool = False) -> Any:
        """Return 1 for anomalies and 0 for all other rows, (n_rows,), and if asked the confidence in that."""
        require_fitted(self, "model_")
        found = (np.asarray(self.model_.predict(X)) == -1).astype(int)
        return (found, self.predict_confidence(X)) if return_confidence else found

    def predict_proba(self, X: Any, method: str = "linear", return_confidence: bool = False) -> Any:
        """Return scores turned into (n_rows, 2) numbers from 0 to 1: normal, anomalous, as PyOD does.

        "linear" scales by the smallest and the largest training score; "unify" by their mean and standard
        deviation (Kriegel et al. 2011). They are no probabilities in the sense of frequencies.
        """
        scores, seen = self.decision_function(X), self.decision_scores_
        if method == "linear":
            spread = float(np.ptp(seen)) or 1.0
            odd = np.clip((scores - seen.min()) / spread, 0.0, 1.0)
        elif method == "unify":
            odd = np.clip(erf((scores - seen.mean()) / (float(seen.std()) or 1.0) / np.sqrt(2.0)), 0.0, 1.0)
        else:
            remedy = "PyOD has these two."
            raise InvalidInputError(must("method", "predict_proba", '"linear" or "unify"', method, remedy))
        both = np.stack([1.0 - odd, odd], axis=1)
        return (both, self.predict_confidence(X)) if return_confidence else both

    def predict_confidence(self, X: Any) -> Scores:
        """Return how likely each prediction is the same with other training rows, (n_rows,), as PyOD does.

        Reference: Perini, Vercruyssen and Davis (2020), Quantifying the Confidence of Anomaly Detectors in Their
        Example-Wise Predictions.
        """
        seen = np.sort(self.decision_scores_)
        n, scores = len(seen), self.decision_function(X)
        as_low = np.searchsorted(seen, scores, side="right")
        flagged = int(n * self.contamination)
        sure = 1.0 - binom.cdf(n - flagged, n, (1 + as_low) / (2 + n))
        return np.asarray(np.where(scores > self.threshold_, sure, 1.0 - sure))

    def fit_predict(self, X: Any, y: Any = None) -> NDArray[np.int64]:
        """Fit, and return the labels of the training rows."""
        return np.asarray(self.fit(X, y).labels_)

    def _remember(self, X: Any) -> Self:
        self.decision_scores_ = self.decision_function(X)
        self.labels_ = self.predict(X)
        return self

    @property
    def threshold_(self) -> float:
        """Rows that score above it are anomalies; there once the model is fitted."""
        return -float(self.model_.offset_)

    def __getattr__(self, name: str) -> Any:
        if name in ("model_", "threshold_"):
            raise AttributeError(f"{name} is there once the model is fitted. Call fit(X).")
        if name in _OF_TRAINING:
            raise AttributeError(
                f"{name} is about training rows, which a fitted model does not keep. "
                "Give them: askew.compat.as_pyod(model, X)."
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def as_pyod(model: Any, X: Any = None) -> PyODView:
    """Return a model behind PyOD's interface, for tools that expect one of PyOD's detectors.

    Labels are 1 for anomalies and 0 for all others, scores are higher for anomalies, the opposite of
    scikit-learn's and ours.

    Parameters
    ----------
    model : detector or wrapper
        Fitted, or not: then call ``fit``.
    X : what the model takes, optional
        The training rows, for ``decision_scores_`` and ``labels_``, which some tools read. The model must be
        fitted.

    Examples
    --------
    >>> from askew import IsolationForest
    >>> X = np.r_[np.random.default_rng(0).normal(size=(95, 2)), np.full((5, 2), 9.0)]
    >>> view = as_pyod(IsolationForest(random_state=0).fit(X), X)
    >>> view.predict([[0.0, 0.0], [9.0, 9.0]])
    array([0, 1])
    >>> bool((view.labels_ == (view.decision_scores_ > view.threshold_)).all())
    True
    """
    view = PyODView(model)
    if hasattr(model, "offset_"):
        view.model_ = model
    if X is None:
        return view
    require_fitted(view, "model_")
    return view._remember(X)
