"""Methods whose training rows may count more or less."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from askew.base import Scores, Y
from askew.errors import InvalidInputError, must
from askew.families.tabular import TabularDetector


class WeightedDetector(TabularDetector):
    """Base of methods that take ``sample_weight``; one of 0 leaves a row out.

    Weights count in what the method learns, not in how columns are scaled and how many rows are flagged.
    """

    _given: Any = None

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, **unknown: Any) -> Self:
        """Fit as :meth:`askew.base.Detector.fit` does, with a weight of at least 0 for each row, (n_rows,).

        Raises
        ------
        InvalidInputError
            If weights are not finite numbers of at least 0, one per row, or all rows of a kind weigh nothing.
        """
        self._given = sample_weight
        try:
            return super().fit(X, y, **unknown)
        finally:
            self.__dict__.pop("_given", None)
            self.__dict__.pop("_weights", None)

    def _fit_rows(self, x: Scores, y: Y) -> None:
        if self._given is None:
            self._weights: Scores | None = None
            return super()._fit_rows(x, y)
        weights = self._checked_weights(len(y))
        counts = weights > 0
        if (y < 0).any() and self.needs_anomalies and not (y[counts] < 0).any():
            rule, remedy = "above 0 for a known anomaly", "It learns the difference between the two kinds."
            raise InvalidInputError(must("sample_weight", type(self).__name__, rule, 0, remedy))
        self._weights = weights[counts]
        return super()._fit_rows(x[counts], y[counts])

    def _checked_weights(self, n_rows: int) -> Scores:
        owner, rule = type(self).__name__, "one finite number of at least 0 per row of X"
        try:
            weights = np.asarray(self._given, dtype=np.float64)
        except (TypeError, ValueError) as error:
            got = type(self._given).__name__
            raise InvalidInputError(must("sample_weight", owner, rule, got, "Give numbers.")) from error
        if weights.shape != (n_rows,):
            got, remedy = f"shape {weights.shape}", f"Give {n_rows} numbers."
            raise InvalidInputError(must("sample_weight", owner, rule, got, remedy))
        odd = ~(np.isfinite(weights) & (weights >= 0))
        if odd.any():
            row = int(odd.argmax())
            got = f"{weights[row]} in row {row}"
            raise InvalidInputError(must("sample_weight", owner, rule, got, "0 leaves a row out."))
        return weights
