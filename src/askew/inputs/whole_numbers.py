"""Whole numbers and decimals whose differences float64 does not hold: subtracted before they become floats."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import InvalidInputError

EXACT = 2**53
"""Whole numbers up to here are exact in float64."""

_DIGITS = 64.0
"""Steps between neighbouring floats that a column's spread must have, so that rounding is under a percent of it."""

_FAR = 2.0**62
"""Distance from which differences are taken in floats: those of 64 bits could turn over."""


def loses_differences(values: Any) -> bool:
    """Return whether whole numbers or decimals, without gaps, lose what tells them apart when they become float64.

    >>> loses_differences([1_580_000_000_000_000_001, 1_580_000_000_000_000_003])
    True
    >>> loses_differences([1_580_000_000_000_000_001, 1_590_000_000_000_000_003])
    False
    """
    array = np.asarray(values)
    if array.dtype.kind not in "iuO" or array.dtype.itemsize < 8 or not len(array):
        return False
    if array.dtype.kind == "O" and not all(isinstance(value, int | Decimal) for value in array):
        return False
    low, high = array.min(), array.max()
    largest = max(abs(int(low)), abs(int(high)))
    if largest <= EXACT or largest > sys.float_info.max:  # these are refused for themselves
        return False
    seen = array.astype(np.float64) - float(low)
    exact = differences(array, int(low)) - float(low - int(low))
    apart = np.abs(exact - np.median(exact))
    spread = float(np.quantile(apart, 0.9)) or float(apart.max())
    return bool(spread < _DIGITS * np.spacing(float(largest)) and (seen != exact).any())


def refuse_rounded(values: Any, place: str, owner: str) -> None:
    """Raise InvalidInputError for whole numbers or decimals of a column that float64 cannot tell apart."""
    if loses_differences(values):
        step = int(np.spacing(float(np.abs(np.asarray(values).astype(np.float64)).max())))
        raise InvalidInputError(
            f"X of {owner} must be numbers that float64 can tell apart; {place} has {values[0]}, where its steps are "
            f"{step}. Subtract the column's smallest value, leave the column out, or wrap the detector: "
            "askew.Prepared(detector) subtracts whole numbers."
        )


def differences(array: NDArray[Any], origin: int) -> NDArray[np.float64]:
    """Return whole numbers or decimals (n,) less `origin`, subtracted before they become floats.

    >>> differences(np.array([2**63 + 5, 2**63 + 9], dtype=np.uint64), 2**63)
    array([5., 9.])
    """
    if array.dtype.kind == "O":
        return np.array([float(value - origin) for value in array], dtype=np.float64)
    if array.dtype.kind not in "iu":
        return np.asarray(array.astype(np.float64) - float(origin))
    near = (array.astype(np.uint64) - np.uint64(origin % 2**64)).astype(np.int64)  # modulo 2^64
    rough = array.astype(np.float64) - float(origin)
    return np.where(np.abs(rough) < _FAR, near.astype(np.float64), rough)


def origin_of(column: Any) -> int:
    """Return what to subtract from an Arrow column of any type before it becomes floats: 0 if floats lose nothing."""
    if not _is_exact(column.type):
        return 0
    known = column.drop_null()
    values = _array(known)
    return int(values.min()) if loses_differences(values) else 0


def less(column: Any, origin: int) -> pa.Array:
    """Return an Arrow column of numbers less `origin` as float64, with its gaps."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    gaps = column.is_null().to_numpy(zero_copy_only=False)
    result = np.full(len(column), np.nan)
    result[~gaps] = differences(_array(column.drop_null()), origin)
    return pa.array(result, mask=gaps)


def _is_exact(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _array(column: Any) -> NDArray[Any]:
    if pa.types.is_decimal(column.type):
        return np.array(column.to_pylist(), dtype=object)
    return np.asarray(column.to_numpy())
