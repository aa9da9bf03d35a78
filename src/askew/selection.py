"""Model selection that knows about labels: a splitter for folds and a scorer for grids.

scikit-learn's plain ``KFold`` can leave a fold without a single known anomaly; with three labels it usually
does. And its scorers read y as classes, which ours are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.model_selection._split import BaseCrossValidator

from askew import labels
from askew.errors import InvalidInputError, must

if TYPE_CHECKING:
    from askew.base import Detector


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
        checked = np.asarray(labels.check(y, len(X), owner="LabelledKFold"))
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


def labelled_auroc(detector: Detector, X: Any, y: Any) -> float:
    """Return the AUROC of the known anomalies against all other rows; use it as ``scoring=`` of a grid.

    Unlabelled rows count as normal, so with polluted data it is a lower estimate.

    Raises
    ------
    InvalidInputError
        If `y` has no known anomaly, or nothing else.

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
    known = np.asarray(labels.check(y, len(X), owner="labelled_auroc")) < 0
    if known.all() or not known.any():
        raise InvalidInputError(
            "y of labelled_auroc must hold known anomalies (-1) and other rows; got only one of the two. "
            "Use cv=LabelledKFold(...), which spreads known anomalies over the folds."
        )
    return float(roc_auc_score(known, detector.anomaly_score(X)))
