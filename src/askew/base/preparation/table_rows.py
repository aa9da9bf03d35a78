"""Tables as rows of numbers, and columns standardised."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import validate_data
from torch import Tensor

from askew.base.preparation.image_rows import checked_images, refuse_images
from askew.base.preparation.interface import NumberPreparation, RowInput, Rows, Y
from askew.errors import InvalidInputError, must
from askew.inputs.arrays import array_of_numbers
from askew.inputs.frames import frame_of
from askew.inputs.in_memory import Matrix, is_images, refuse_not_finite, to_matrix
from askew.inputs.spec import TableSpec

Floats = NDArray[np.float64]


@final
class ColumnPreparation(NumberPreparation):
    """The columns of a table, standardised on the training rows that are not known anomalies."""

    def learn(self, x: Rows, y: Y) -> Tensor:
        """Return standardised rows, float32: float64 is for scores."""
        self.mean, self.scale = column_statistics(x[y >= 0], self._scaling)
        return torch.from_numpy(standardised(x, self.mean, self.scale)).float()

    def tensor(self, x: Rows, device: str) -> Tensor:
        """Return standardised rows, float64."""
        return torch.from_numpy(standardised(x, self.mean, self.scale)).to(device)


@final
class TableInput(RowInput):
    """Rows of numbers: finite float64 (n, n_features)."""

    def __init__(self, n_features: int = 1) -> None:
        self.spec = TableSpec(n_features)

    def learn(self, detector: Any, X: Any, y: Any) -> Rows:
        """Return the rows of a table, two or more."""
        if not detector.takes_tables:
            remedy = "Flat rows of pixels become images by X.reshape(-1, channels, height, width)."
            rule = "images (n, channels, height, width)"
            raise InvalidInputError(must("X", type(detector).__name__, rule, np.shape(X), remedy))
        rows = _table_rows(detector, X, learning=True)
        self.spec = TableSpec(rows.shape[1])
        return rows

    def rows(self, detector: Any, X: Any) -> Rows:
        """Return rows with the columns of training."""
        if is_images(X):
            learned = f"a table of {detector.n_features_in_} columns"
            refuse_images(detector, *checked_images(detector, X), learned)
        return _table_rows(detector, X, learning=False)

    def preparation(self, scaling: str | None) -> ColumnPreparation:
        """Return what standardises the columns."""
        return ColumnPreparation(scaling)


def _table_rows(detector: Any, X: Any, *, learning: bool) -> Rows:
    """Return X as finite float64 (n, d), or raise an error that names what is wrong and where."""
    owner = type(detector).__name__
    if frame_of(X, owner) is not None:
        # pandas, polars or Arrow, all through one path; scikit-learn checks the names
        matrix = to_matrix(X, owner)
        X = pd.DataFrame(matrix.values, columns=matrix.names, copy=False)
    else:
        X = array_of_numbers(X, owner)
    rules = {"dtype": np.float64, "ensure_min_samples": 2 if learning else 1, "ensure_all_finite": False}
    rows: Rows = validate_data(detector, X, reset=learning, **rules)
    refuse_not_finite(Matrix(rows, None), owner)
    return rows


def check_scale(scale: Any, owner: str) -> None:
    """Raise InvalidInputError unless `scale` is "standard" or None."""
    if scale not in ("standard", None):
        remedy = 'Use "standard", or None if the columns are scaled already.'
        raise InvalidInputError(must("scale", owner, '"standard" or None', scale, remedy))


def check_two_rows(y: NDArray[np.int8], owner: str) -> None:
    """Raise InvalidInputError unless the labels leave two rows to learn from that are not known anomalies."""
    left = int((y >= 0).sum())
    if left < 2:
        rule = "labels that leave at least two rows that are not known anomalies"
        raise InvalidInputError(must("y", owner, rule, left, "Add normal or unlabelled rows."))


def column_statistics(x: Floats, scale: str | None) -> tuple[Floats, Floats]:
    """Return what to subtract from each column and what to divide it by, each (n_features,).

    Mean and standard deviation (1 for constant columns), or 0 and 1 if `scale` is None.

    >>> column_statistics(np.array([[0.0, 5.0], [2.0, 5.0]]), "standard")
    (array([1., 5.]), array([1., 1.]))
    """
    if scale is None:
        return np.zeros(x.shape[1]), np.ones(x.shape[1])
    scaler = StandardScaler().fit(x)
    return np.asarray(scaler.mean_), np.asarray(scaler.scale_)


def standardised(x: Floats, mean: Floats, scale: Floats) -> Floats:
    """Return ``(x - mean) / scale``, row by row in memory, so that sums run in one order whatever that of `x` was.

    >>> standardised(np.asfortranarray([[0.0, 5.0], [2.0, 9.0]]), np.array([1.0, 5.0]), np.array([1.0, 2.0]))
    array([[-1.,  0.],
           [ 1.,  2.]])
    """
    centred: Floats = np.subtract(x, mean, order="C")
    centred /= scale
    return centred
