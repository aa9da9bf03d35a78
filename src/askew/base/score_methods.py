"""What follows from the scores of rows and the score under which one is flagged."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray


class ScoreMethods:
    """Methods of a model that gives scores, higher = more normal, and flags the rows below ``offset_``."""

    if TYPE_CHECKING:

        @property
        def offset_(self) -> float:
            """The score under which a row is flagged."""

    @abstractmethod
    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the model."""

    @abstractmethod
    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Return how normal each row is: (n_rows,) float64, higher = more normal."""

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return ``score_samples(X) - offset_``: (n_rows,) float64, negative = flagged."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return +1 for rows that pass and -1 for rows that are flagged, (n_rows,)."""
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def anomaly_score(self, X: Any) -> NDArray[np.float64]:
        """Return how anomalous each row is: ``-score_samples(X)``, PyOD's direction."""
        return -self.score_samples(X)

    def fit_predict(self, X: Any, y: Any = None, **kwargs: Any) -> NDArray[np.int64]:
        """Fit on X with the labels y and return ``predict(X)`` (scikit-learn's own version drops y)."""
        return self.fit(X, y, **kwargs).predict(X)
