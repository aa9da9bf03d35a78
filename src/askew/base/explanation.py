"""Explanation: contributions of features to scores, with observed and expected values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from askew.errors import require_whole


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why rows have their scores. ``base + contributions.sum(axis=1)`` is ``scores``.

    Attributes
    ----------
    rows : Index of length n
        What the rows are called: a frame's index, otherwise 0 to n - 1.
    features : tuple of d str
        The columns of the table that the model was fitted on.
    scores : array of shape (n,)
        The model's scores; higher = more normal.
    contributions : array of shape (n, d)
        What each feature adds to the score, in the score's unit: below 0 makes the row more anomalous.
    base : array of shape (n,)
        The part of the score that no feature is charged with; what it is depends on `method`.
    observed, expected : DataFrame of shape (n, d)
        The row's value of each feature, and the one to be expected given the row's other features, in the
        table's own units.
    method : "terms", "gradients" or "sampling"
        How the contributions were computed, see :func:`askew.explain.explain`.
    expected_by : "reconstruction", "neighbours" or "mean"
        Where the expected values come from.

    Examples
    --------
    >>> import askew
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> X[0, 2] = 9.0
    >>> why = askew.IsolationForest(random_state=0).fit(X).explain(X).top(1)
    >>> why.loc[0, "feature"], float(why.loc[0, "observed"])
    ('x2', 9.0)
    """

    rows: pd.Index
    features: tuple[str, ...]
    scores: NDArray[np.float64]
    contributions: NDArray[np.float64]
    base: NDArray[np.float64]
    observed: pd.DataFrame
    expected: pd.DataFrame
    method: str
    expected_by: str

    def shares(self) -> NDArray[np.float64]:
        """Return the share of each feature in what lowers the row's score, (n, d): 0 to 1, 0 if it raises it."""
        return shares_of_lowering(self.contributions)

    def top(self, k: int = 5) -> pd.DataFrame:
        """Return the `k` features that lower each row's score most, the worst first.

        One line per row and feature: ``row``, ``score``, ``feature``, ``observed``, ``expected``, ``contribution``
        and ``share``. A row whose score fewer features lower has fewer lines. Raises InvalidInputError unless `k` is a
        whole number of at least 1.
        """
        require_whole("k", "Explanation.top", k, 1, "5 features are a good start.")
        shares = self.shares()
        order = np.argsort(self.contributions, axis=1, kind="stable")[:, :k]
        places = [(i, j) for i, worst in enumerate(order) for j in worst if self.contributions[i, j] < 0]
        return pd.DataFrame(
            {
                "row": [self.rows[i] for i, _ in places],
                "score": [self.scores[i] for i, _ in places],
                "feature": [self.features[j] for _, j in places],
                "observed": _values(self.observed, places),
                "expected": _values(self.expected, places),
                "contribution": [self.contributions[i, j] for i, j in places],
                "share": [shares[i, j] for i, j in places],
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the contributions with the rows' names as index, one column per feature."""
        return pd.DataFrame(self.contributions, index=self.rows, columns=list(self.features))


def shares_of_lowering(contributions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each contribution (n, ...) in what lowers its score, 0 if it raises it."""
    lowering = np.maximum(-contributions, 0.0)
    total = lowering.sum(axis=tuple(range(1, lowering.ndim)), keepdims=True)
    return np.asarray(np.divide(lowering, total, out=np.zeros_like(lowering), where=total > 0))


def _values(table: pd.DataFrame, places: list[tuple[int, int]]) -> pd.Series:
    """Return the cells at the places, as numbers if all of them are."""
    cells = pd.Series([table.iat[i, j] for i, j in places], dtype=object)
    numbers = all(isinstance(cell, int | float | np.number) and not isinstance(cell, bool) for cell in cells)
    return cells.astype(float) if numbers else cells
