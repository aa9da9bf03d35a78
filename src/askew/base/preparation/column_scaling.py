"""Columns of numbers brought to one scale that a few extreme cells cannot flatten."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self, final

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from askew.errors import InvalidInputError, must

Floats = NDArray[np.float64]

SCALES = ("robust", "standard", None)

TRIM = 20.0
"""Cells further from a column's median than so many robust spreads do not count for its mean and deviation."""

KNEE = 10.0
"""Standard deviations from the mean beyond which a distance counts by its logarithm."""

_SHARE = 0.9
"""Share of a column's cells that its robust spread is told by: a tenth may lie anywhere."""

_NORMAL = 1.645
"""Standard deviations from the mean within which that share of a normal distribution lies."""

_ROUNDING = 16 * np.finfo(np.float64).eps
"""Spread, relative to a column's middle, under which differences are rounding alone."""

_WHOLE = 2.0**53
"""Whole numbers up to here are exact in float64."""

LARGEST = float(np.finfo(np.float64).max)
"""The largest float64, at which distances are cut off."""


class ExtremeCells(NamedTuple):
    """The cells of one column that its scale was learned without: place or name of the column, how many, the furthest.

    `row` of the training rows counts from 0; `value` is the cell's, in the column's own unit.
    """

    column: Any
    n_cells: int
    row: int
    value: float

    def in_words(self) -> str:
        """Return a sentence for a person; rows count from 1 there, as in all output.

        >>> ExtremeCells("a", 2, 16, 1e9).in_words()
        "column 'a': 2 extreme cells, the furthest 1e+09 in row 17, count by their logarithm and not for its scale."
        """
        if self.n_cells == 1:
            return (
                f"column {self.column!r}: one extreme cell, {self.value:.6g} in row {self.row + 1:,}, counts by its "
                "logarithm and not for the column's scale."
            )
        return (
            f"column {self.column!r}: {self.n_cells:,} extreme cells, the furthest {self.value:.6g} in row "
            f"{self.row + 1:,}, count by their logarithm and not for its scale."
        )


@final
@dataclass(frozen=True)
class ColumnScaling:
    r"""What brings the columns of a table to one scale, by number z and, if there is a `knee` k, beyond it by g(z).

    .. math:: z=\frac{(x-o)-m}{s},\qquad
        g(z)=\operatorname{sign}(z)\,k\,\bigl(1+\log\bigl(1+\tfrac1k\log(1+|z|-k)\bigr)\bigr)\ \text{where}\ |z|>k

    "standard" has mean and standard deviation of all cells, o = 0, and no knee. "robust" has them of the cells within
    20 robust spreads of the median (that of nine in ten cells, or the median distance of the cells that differ from
    the median where more are equal to it), o is the cell in the middle, so that a large offset costs no digits, and
    k = 10: g keeps the order of cells and has no corner at the knee. Constant columns are divided by 1, and so are
    columns whose differences are rounding.

    Attributes
    ----------
    mean, scale : arrays of shape (n_features,)
        m and s.
    origin : array of shape (n_features,), optional
        o; None is 0.
    knee : float, optional
        k, in standard deviations.

    Examples
    --------
    >>> x = np.array([[0.0], [2.0], [0.0], [2.0], [1e9]])
    >>> scaling = ColumnScaling.learn(x, "robust")
    >>> scaling(x).round(1).ravel().tolist()
    [-1.0, 1.0, -1.0, 1.0, 21.2]
    >>> scaling.restored(scaling(x)).round(3).ravel().tolist()
    [0.0, 2.0, 0.0, 2.0, 1000000000.0]
    """

    mean: Floats
    scale: Floats
    origin: Floats | None = None
    knee: float | None = None

    @classmethod
    def learn(cls, x: Floats, scale: str | None) -> Self:
        """Learn from rows (n, d), by "robust", "standard", "minmax" (0 to 1) or None: columns stay as they are."""
        if scale is None:
            return cls(np.zeros(x.shape[1]), np.ones(x.shape[1]))
        if scale == "minmax":
            low = x.min(axis=0)
            with np.errstate(over="ignore"):
                width = np.minimum(x.max(axis=0) - low, LARGEST)
            return cls(low, np.where(width > 0.0, width, 1.0))
        if scale == "standard":
            scaler = StandardScaler().fit(x)
            return cls(np.asarray(scaler.mean_), np.asarray(scaler.scale_))
        origin, apart, spread = _around_the_middle(x)
        with np.errstate(over="ignore"):
            apart /= spread  # squares neither overflow nor vanish
        kept = np.abs(apart) <= TRIM
        apart[~kept] = 0.0
        counts = kept.sum(axis=0)
        mean = apart.sum(axis=0) / counts
        apart -= mean
        apart[~kept] = 0.0
        deviation = np.sqrt(np.square(apart).sum(axis=0) / counts)
        deviation[deviation == 0.0] = 1.0
        return cls(mean * spread, deviation * spread, origin, KNEE)

    @cached_property
    def changes_nothing(self) -> bool:
        """Whether rows stay as they are."""
        return self.origin is None and not self.mean.any() and bool((self.scale == 1.0).all())

    @property
    def centre(self) -> Floats:
        """What becomes 0, (n_features,)."""
        return self.mean if self.origin is None else self.origin + self.mean

    def __call__(self, x: Floats) -> Floats:
        """Return scaled rows, row by row in memory, so that sums run in one order whatever that of `x` was."""
        if self.changes_nothing:
            return np.ascontiguousarray(x)
        with np.errstate(over="ignore"):
            z: Floats = np.subtract(x, self.mean if self.origin is None else self.origin, order="C")
            if self.origin is not None:
                z -= self.mean
            z /= self.scale
        if self.knee is None:
            return z
        far = np.abs(z) > self.knee
        if far.any():
            beyond = np.minimum(np.abs(z[far]), LARGEST)
            drawn_in = self.knee * np.log1p(np.log1p(beyond - self.knee) / self.knee)
            z[far] = np.copysign(self.knee + drawn_in, z[far])
        return z

    def scale_columns(self, columns: Floats, out: Floats) -> None:
        """Write rows that stand by column, (n_features, n), scaled to `out`, as if there were no knee."""
        with np.errstate(over="ignore"):
            np.subtract(columns, (self.mean if self.origin is None else self.origin)[:, None], out=out)
            if self.origin is not None:
                out -= self.mean[:, None]
            out /= self.scale[:, None]

    def restored(self, z: Floats) -> Floats:
        """Return the cells that are scaled to z."""
        if self.knee is not None:
            most = self.knee * np.log1p(np.log(LARGEST) / self.knee)
            logarithm = self.knee * np.expm1(np.clip(np.abs(z) - self.knee, 0.0, most) / self.knee)
            far = np.copysign(self.knee + np.expm1(np.minimum(logarithm, np.log(LARGEST))), z)
            z = np.where(np.abs(z) > self.knee, far, z)
        with np.errstate(over="ignore"):
            x: Floats = np.asarray(z * self.scale + self.mean)
            return x if self.origin is None else x + self.origin

    def state(self) -> dict[str, NDArray[Any]]:
        """Return arrays that :meth:`from_state` takes back."""
        arrays: dict[str, NDArray[Any]] = {"column_mean": self.mean, "column_scale": self.scale}
        if self.origin is not None:
            arrays |= {"column_origin": self.origin, "column_knee": np.array([self.knee])}
        return arrays

    @classmethod
    def from_state(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """Return what :meth:`state` took apart, among others; files of askew 0.1 have mean and scale alone."""
        mean, scale, origin = (arrays.get(f"column_{part}") for part in ("mean", "scale", "origin"))
        if mean is None or scale is None:
            raise KeyError("column_mean")
        check_scaling(mean, scale)
        if origin is None:
            return cls(mean, scale)
        check_scaling(origin, scale)
        knee = float(arrays["column_knee"][0])
        if not 0.0 < knee < math.inf:
            raise ValueError(f"its knee is {knee}")
        return cls(mean, scale, origin, knee)


def check_scaling(mean: NDArray[Any], scale: NDArray[Any]) -> None:
    """Raise ValueError unless these are numbers that can be subtracted, and divided by: (n,) each."""
    if mean.ndim != 1 or mean.shape != scale.shape:
        raise ValueError(f"its columns' means are of shape {mean.shape} and their scales of {scale.shape}")
    if not (np.isfinite(mean).all() and np.isfinite(scale).all() and (scale > 0).all()):
        raise ValueError("its columns' scales are no numbers above 0")


def extreme_cells(x: Floats, rows: NDArray[np.bool_]) -> tuple[ExtremeCells, ...]:
    """Return by column the cells of the `rows` (n,) of x that a robust scale is learned without, if there are any.

    >>> extreme_cells(np.array([[0.0], [2.0], [1.0], [2.0], [1e9]]), np.ones(5, dtype=bool))
    (ExtremeCells(column=0, n_cells=1, row=4, value=1000000000.0),)
    """
    _, apart, spread = _around_the_middle(x[rows])
    with np.errstate(over="ignore"):
        apart = np.abs(apart) / spread
    counts, places = (apart > TRIM).sum(axis=0), np.flatnonzero(rows)
    found = []
    for column in np.flatnonzero(counts):
        row = int(places[apart[:, column].argmax()])
        found.append(ExtremeCells(int(column), int(counts[column]), row, float(x[row, column])))
    return tuple(found)


def _around_the_middle(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Return a cell in the middle of each column, the cells less that, and their robust spread, which is above 0."""
    place = (len(x) - 1) // 2
    origin: Floats = np.partition(x, place, axis=0)[place]
    with np.errstate(over="ignore"):
        apart: Floats = np.clip(x - origin, -LARGEST, LARGEST)
    size = np.abs(apart)
    place = int(_SHARE * (len(x) - 1))
    spread: Floats = np.partition(size, place, axis=0)[place] / _NORMAL
    for column in np.flatnonzero(spread == 0.0):
        others = size[size[:, column] > 0.0, column]
        spread[column] = np.median(others) if len(others) else 1.0
    for column in np.flatnonzero(spread <= _ROUNDING * np.abs(origin)):
        if abs(origin[column]) > _WHOLE or (x[:, column] != np.rint(x[:, column])).any():
            apart[:, column], spread[column] = 0.0, 1.0
    return origin, apart, spread


def check_scale(scale: Any, owner: str) -> None:
    """Raise InvalidInputError unless `scale` is "robust", "standard" or None."""
    if scale not in SCALES:
        remedy = 'Use "robust", or None if the columns are scaled already.'
        raise InvalidInputError(must("scale", owner, '"robust", "standard" or None', scale, remedy))
