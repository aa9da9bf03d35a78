"""Model selection that knows about labels: a splitter for folds and a scorer for grids.

scikit-learn's plain ``KFold`` can leave a fold without a single known anomaly; with three labels it usually
does. And its scorers read y as classes, which ours are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.base import is_classifier, is_outlier_detector
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.model_selection._split import BaseCrossValidator
from sklearn.utils.validation import _num_samples

from askew import labels
from askew.errors import InvalidInputError, must


class LabelledKFold(BaseCrossValidator):  # type: ignore[misc]
    """Shuffled folds in which known anomalies, unlabelled and known normal rows are spread evenly.

    Parameters
    ----------
    n_splits : int
        Folds; at most as many as there are known anomalies.
    random_state : int, optional
        Seed of the shuffle.

    Examples
    --------
    >>> y = np.array([0] * 8 + [-1, -1])
    >>> [int((y[test] == -1).sum()) for _, test in LabelledKFold(2).split(np.zeros((10, 1)), y)]
    [1, 1]
    """

    def __init__(self, n_splits: int = 3, random_state: int | None = 0) -> None:
        self.n_splits = n_splits
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds."""
        return self.n_splits

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield (train rows, test rows) of each fold.

        Raises
        ------
        InvalidInputError
            If there are fewer known anomalies, or fewer other rows, than folds.
        """
        checked = np.asarray(labels.check(y, _num_samples(X), owner="LabelledKFold"))
        fewest = int(min((checked < 0).sum(), (checked >= 0).sum()))
        if not 2 <= self.n_splits <= fewest:
            rule = f"between 2 and the number of known anomalies, {fewest}"
            remedy = "Use fewer folds or label more anomalies."
            raise InvalidInputError(must("n_splits", "LabelledKFold", rule, self.n_splits, remedy))
        # a class with fewer rows than folds (say one known normal row) is spread as far as it goes
        few = any(0 < (checked == label).sum() < self.n_splits for label in (0, 1))
        strata = np.where(checked < 0, -1, 0) if few else checked
        folds = StratifiedKFold(self.n_splits, shuffle=True, random_state=self.random_state)
        yield from folds.split(np.zeros(len(checked)), strata)


def labelled_auroc(model: Any, X: Any, y: Any) -> float:
    """Return the AUROC of the known anomalies against all other rows; use it as ``scoring=`` of a grid.

    Unlabelled rows count as normal, so with polluted data it is a lower estimate. It takes detectors of askew,
    outlier detectors and densities of scikit-learn, classifiers with a class -1, PyOD's detectors, and pipelines
    and grids of these, each with the direction that its scores have.

    Raises
    ------
    InvalidInputError
        If `y` has no known anomaly, or nothing else; or the model does not say how anomalous new rows are.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from askew import IsolationForest
    >>> X = np.r_[np.random.default_rng(0).normal(size=(60, 2)), np.full((3, 2), 7.0)]
    >>> y = np.r_[np.zeros(60), -np.ones(3)]
    >>> grid = GridSearchCV(IsolationForest(random_state=0), {"max_samples": [16, 32]},
    ...                     scoring=labelled_auroc, cv=LabelledKFold(3))
    >>> float(grid.fit(X, y).best_score_)
    1.0
    """
    known = np.asarray(labels.check(y, _num_samples(X), owner="labelled_auroc")) < 0
    if known.all() or not known.any():
        raise InvalidInputError(
            "y of labelled_auroc must hold known anomalies (-1) and other rows; got only one of the two. "
            "Use cv=LabelledKFold(...), which spreads known anomalies over the folds."
        )
    scores = np.asarray(_anomaly_scores(model, X), dtype=np.float64).reshape(-1)
    if np.isnan(scores).any():
        got = f"{np.isnan(scores).sum()} NaN"
        raise InvalidInputError(
            must("scores", "labelled_auroc", "numbers", got, "Look at what the model does.")
        )
    return float(roc_auc_score(known, rankdata(scores)))  # ranks: a score may be infinite


def _anomaly_scores(model: Any, X: Any) -> Any:
    """Return how anomalous each row is by the model's own convention."""
    last = _last_step(model)
    if hasattr(model, "anomaly_score"):
        return model.anomaly_score(X)
    if hasattr(type(last), "predict_confidence"):  # PyOD's interface: higher = more anomalous
        return model.decision_function(X)
    if _is(model, is_classifier):
        return _share_of_anomalies(model, X)
    if hasattr(model, "score_samples"):  # scikit-learn: higher = more normal, more likely
        return -np.asarray(model.score_samples(X))
    if _is(model, is_outlier_detector):
        for method in ("decision_function", "predict"):
            if hasattr(model, method):
                return -np.asarray(getattr(model, method)(X))
    remedy = "Give a detector, an outlier detector that scores new rows (LocalOutlierFactor: novelty=True), or PyOD's."
    rule = "a model that says how anomalous new rows are"
    raise InvalidInputError(must("model", "labelled_auroc", rule, type(last).__name__, remedy))


def _is(model: Any, kind: Callable[[Any], bool]) -> bool:
    """Return what scikit-learn says of a model, False of one without its tags."""
    return hasattr(model, "__sklearn_tags__") and kind(model)


def _last_step(model: Any) -> Any:
    """Return the model inside pipelines and grids."""
    while True:
        inner = getattr(model, "best_estimator_", None)
        if inner is None and isinstance(getattr(model, "steps", None), list):
            inner = model.steps[-1][1]
        if inner is None:
            return model
        model = inner


def _share_of_anomalies(classifier: Any, X: Any) -> Any:
    classes = list(classifier.classes_)
    if -1 not in classes:
        rule, remedy = "fitted on labels with a -1 (known anomaly)", "Fit it on labels of askew's convention."
        raise InvalidInputError(must("classifier", "labelled_auroc", rule, classes, remedy))
    place = classes.index(-1)
    if hasattr(classifier, "predict_proba"):
        return classifier.predict_proba(X)[:, place]
    if hasattr(classifier, "decision_function"):
        values = np.asarray(classifier.decision_function(X))
        return -values if values.ndim == 1 else values[:, place]  # of two classes that of the second
    return classifier.predict(X) == -1
