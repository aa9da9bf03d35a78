"""Standardised columns: what detectors with networks and without do alike before they train."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from askew.errors import InvalidInputError, must


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


def column_statistics(
    x: NDArray[np.float64], scale: str | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what to subtract from each column and what to divide it by, each (n_features,).

    Mean and standard deviation (1 for constant columns), or 0 and 1 if `scale` is None.

    Examples
    --------
    >>> column_statistics(np.array([[0.0, 5.0], [2.0, 5.0]]), "standard")
    (array([1., 5.]), array([1., 1.]))
    """
    if scale is None:
        return np.zeros(x.shape[1]), np.ones(x.shape[1])
    scaler = StandardScaler().fit(x)
    return np.asarray(scaler.mean_), np.asarray(scaler.scale_)


def standardised(
    x: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return ``(x - mean) / scale``, row by row in memory, so that sums run in one order whatever that of `x` was.

    Examples
    --------
    >>> standardised(np.asfortranarray([[0.0, 5.0], [2.0, 9.0]]), np.array([1.0, 5.0]), np.array([1.0, 2.0]))
    array([[-1.,  0.],
           [ 1.,  2.]])
    """
    centred: NDArray[np.float64] = np.subtract(x, mean, order="C")
    centred /= scale
    return centred
