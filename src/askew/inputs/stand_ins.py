"""Numbers that may stand for missing values, such as -999."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NINES = tuple(float("9" * digits) for digits in range(2, 8))
_USUAL = (*(-value for value in _NINES), *_NINES, -999.25, -32768.0, -2147483648.0)
_SEVERAL = 3  # cells from which a value is no accident
_OFTENER = 5.0  # than any other value, inside the range of the others


class StandIn(NamedTuple):
    """A number that may stand for missing values, and how many cells have it."""

    value: float
    cells: int


def stand_in(array: Any) -> StandIn | None:
    """Return the number of a column that may stand for missing values, None without one.

    It is a usual one, in several cells, and it lies outside all other values; or, if it is negative, it is inside their
    range but far more frequent than any of them.

    >>> stand_in(pa.array([12.5, -999, 30.1, -999, 18.2, -999]))
    StandIn(value=-999.0, cells=3)
    """
    values = np.asarray(pc.drop_null(array).cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    values = values[np.isfinite(values)]
    usual = np.isin(values, _USUAL)
    if np.count_nonzero(usual) < _SEVERAL:
        return None
    found, counts = np.unique(values[usual], return_counts=True)
    value, cells = float(found[counts.argmax()]), int(counts.max())
    others = values[values != value]
    if cells < _SEVERAL or not len(others):
        return None
    if value < others.min() or value > others.max():
        span = float(others.max() - others.min())
        return StandIn(value, cells) if min(abs(others - value)) > max(0.05 * span, 1.0) else None
    next_ = np.unique(others, return_counts=True)[1].max()
    return StandIn(value, cells) if value < 0 and cells >= _OFTENER * next_ else None
