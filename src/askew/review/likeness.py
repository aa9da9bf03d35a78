"""Rows like other rows: for answers in bulk, for known cases beside a row, and for what nobody has looked at yet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from askew.base.preparation.column_scaling import ColumnScaling

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

_MOST = 200
"""Rows that tell what a usual distance is."""

_AT_ONCE = 10_000  # rows whose distances to those are in memory together


def scaled(X: Floats) -> Floats:
    """Return the columns on one scale that a few extreme cells cannot flatten, (n_rows, n_features).

    The functions here take rows so scaled, or codes of images, and mean Euclidean distances.
    """
    values = np.asarray(X, dtype=np.float64).reshape(len(X), -1)
    return ColumnScaling.learn(values, "robust")(values)


def distances(z: Floats, row: int) -> Floats:
    """Return the distance of each row, (n_rows,), to one of them."""
    return np.asarray(np.linalg.norm(z - z[row], axis=1))


def nearest(z: Floats, row: int, among: Mask, n: int = 3) -> Places:
    """Return the places of up to `n` rows of `among` that are nearest to a row, itself left out, the nearest first.

    >>> nearest(np.array([[0.0], [1.0], [5.0], [2.0]]), 0, np.array([True, True, True, False]), n=2).tolist()
    [1, 2]
    """
    wanted = np.array(among, dtype=bool)
    wanted[row] = False
    places = np.flatnonzero(wanted)
    apart = np.linalg.norm(z[places] - z[row], axis=1)
    return places[np.argsort(apart, kind="stable")[:n]]


def unlikeness(z: Floats, answered: Mask) -> Floats:
    """Return each row's distance to the nearest row with an answer, (n_rows,); equal for all if there is none.

    >>> unlikeness(np.array([[0.0], [1.0], [5.0]]), np.array([True, False, False])).tolist()
    [0.0, 1.0, 5.0]
    """
    found = np.full(len(z), np.inf)
    for place in np.flatnonzero(answered):
        np.minimum(found, distances(z, int(place)), out=found)
    return found if np.isfinite(found).any() else np.zeros(len(z))


def alike(
    z: Floats, row: int, candidates: Mask, differing: Mask, most: int = 50, usual: float | None = None
) -> Places:
    """Return the places of rows so like a row that one answer may do for all of them, the nearest first.

    A row is alike if it is one of `candidates`, nearer to the row than twice the usual distance between neighbours
    (the median over rows, each to its nearest), and nearer to it than to any row of `differing`, whose answer
    is another. Equal rows are always alike.

    Parameters
    ----------
    z : (n_rows, n_features) float
        Scaled rows (:func:`scaled`) or codes.
    row : int
        The row that has an answer, or is about to get one.
    candidates : (n_rows,) bool
        Rows that may get the answer too: without one, and on the same side of the threshold.
    differing : (n_rows,) bool
        Rows that got another answer.
    most : int
        Rows returned at most.
    usual : float, optional
        The usual distance, if it is known (:func:`usual_distance`).

    Examples
    --------
    >>> z = np.array([[0.0], [0.1], [0.2], [0.9], [5.0], [5.1]])
    >>> everything, none = np.ones(6, bool), np.zeros(6, bool)
    >>> alike(z, 0, everything, none).tolist()
    [1, 2]
    >>> alike(z, 0, everything, np.arange(6) == 2).tolist()
    [1]
    """
    own, differing = distances(z, row), np.asarray(differing, dtype=bool)
    reach = 2 * (usual_distance(z) if usual is None else usual)
    wanted = np.array(candidates, dtype=bool) & (own <= reach) & ~differing
    wanted[row] = False
    places = np.flatnonzero(wanted)
    if len(places) and differing.any():
        other = cdist(z[places], z[differing]).min(axis=1)
        places = places[(own[places] <= other) | (own[places] == 0)]
    return places[np.argsort(own[places], kind="stable")[:most]]


def usual_distance(z: Floats) -> float:
    """Return the median distance of rows, equally spaced ones at most, to the nearest that is not equal to them."""
    rows = np.unique(np.linspace(0, len(z) - 1, min(_MOST, len(z))).astype(int))
    found = np.full(len(rows), np.inf)
    for start in range(0, len(z), _AT_ONCE):
        apart = cdist(z[rows], z[start : start + _AT_ONCE])
        apart[apart == 0] = np.inf
        np.minimum(found, apart.min(axis=1), out=found)
    found = found[np.isfinite(found)]
    return float(np.median(found)) if len(found) else 0.0
