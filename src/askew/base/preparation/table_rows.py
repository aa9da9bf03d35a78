"""Tables as rows of numbers, and columns scaled."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data
from torch import Tensor

from askew.base.preparation.column_scaling import ColumnScaling, Floats
from askew.base.preparation.image_rows import checked_images, refuse_images
from askew.base.preparation.interface import Arrays, NumberPreparation, RowInput, Rows, Y
from askew.errors import InvalidInputError, must
from askew.inputs.arrays import array_of_numbers
from askew.inputs.frames import frame_of
from askew.inputs.in_memory import Matrix, is_images, refuse_not_finite, to_matrix
from askew.inputs.spec import TableSpec

_LARGEST = {"standard": 1e150, None: 1e38}
"""Numbers beyond these have infinite squares, or are none in float32, by how columns are scaled."""


@final
class ColumnPreparation(NumberPreparation):
    """The columns of a table, scaled by the training rows that are not known anomalies."""

    columns: ColumnScaling

    def learn(self, x: Rows, y: Y) -> Tensor:
        """Return scaled rows, float32."""
        self._know(ColumnScaling.learn(x[y >= 0], self._scaling))
        return self.training_tensor(x)

    def training_tensor(self, x: Rows) -> Tensor:
        """Return scaled rows, float32: float64 is for scores."""
        return torch.from_numpy(self.columns(x)).float()

    def tensor(self, x: Rows, device: str) -> Tensor:
        """Return scaled rows, float64."""
        return torch.from_numpy(self.columns(x)).to(device)

    def restored(self, prepared: Floats) -> Floats:
        """Return the cells that become `prepared` ones."""
        return self.columns.restored(prepared)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return what the columns taught."""
        return {}, self.columns.state()

    def set_state(self, values: dict[str, Any], arrays: Arrays) -> None:
        """Take back what the columns taught."""
        self._know(ColumnScaling.from_state(arrays))

    def _know(self, columns: ColumnScaling) -> None:
        self.columns, self.mean, self.scale = columns, columns.centre, columns.scale


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
        """Return what scales the columns."""
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
    if learning and getattr(detector, "scale", "robust") != "robust":
        _refuse_giants(detector, rows)
    return rows


def _refuse_giants(detector: Any, rows: Rows) -> None:
    """Raise InvalidInputError for a training cell so large that unscaled or standardised columns overflow."""
    largest = _LARGEST[detector.scale]
    giants = np.argwhere(np.abs(rows) > largest)
    if not len(giants):
        return
    (row, column), names = giants[0], getattr(detector, "feature_names_in_", None)
    name = int(column) if names is None else repr(str(names[column]))
    raise InvalidInputError(
        f"X of {type(detector).__name__} must be within ±{largest:.0e} with scale={detector.scale!r}; got "
        f"{rows[row, column]:g} in row {row}, column {name} ({len(giants)} such cells). "
        'Mend the cell, or use scale="robust", the default, which tames it.'
    )


def check_two_rows(y: NDArray[np.int8], owner: str) -> None:
    """Raise InvalidInputError unless the labels leave two rows to learn from that are not known anomalies."""
    left = int((y >= 0).sum())
    if left < 2:
        rule = "labels that leave at least two rows that are not known anomalies"
        raise InvalidInputError(must("y", owner, rule, left, "Add normal or unlabelled rows."))
