"""Arrays in memory -> numbers (n, d), or the refusal of the first cell that is none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError, must
from askew.inputs.whole_numbers import refuse_rounded

_AS_FRAME = "Give a frame, whose words and dates are taken: pandas.DataFrame(X, columns=[...])."


class _CellTypeError(InvalidInputError, TypeError):
    """A cell of a type that no number has, which scikit-learn's contract calls a TypeError."""


def array_of_numbers(X: Any, owner: str) -> NDArray[Any]:
    """Return an array-like (n, d) as an array of real numbers, a view where possible; a missing cell is NaN.

    Decimals, truth values and Python's whole numbers of any size become float64. Everything else raises
    InvalidInputError, which names `owner`, and row (from 0) and column of a cell.

    >>> array_of_numbers([[1, None], [True, 2.5]], "KDE").tolist()
    [[1.0, nan], [1.0, 2.5]]
    >>> array_of_numbers([[1, "2"]], "KDE")
    Traceback (most recent call last):
    askew.errors.InvalidInputError: X of KDE must be numbers; got '2' in row 0, column 1. Use X.astype(float).
    """
    array = _array(X, owner)
    if array.ndim != 2:
        raise InvalidInputError(must("X", owner, "of shape (n, d)", array.shape, _reshaping(X, array)))
    kind = array.dtype.kind
    if kind in "iuO":
        for place, column in enumerate(array.T):
            refuse_rounded(column, f"column {place}", owner)
    if kind == "c":
        remedy = "Complex data not supported: use X.real, X.imag or abs(X)."
        raise InvalidInputError(must("X", owner, "real numbers", str(array.dtype), remedy))
    if kind in "Mm":
        raise InvalidInputError(must("X", owner, "numbers", str(array.dtype), _AS_FRAME))
    if kind in "biuf":
        return array
    # numpy makes words of numbers that stand beside words in a list
    cells = np.array(X, dtype=object) if isinstance(X, list) else array.astype(object)
    _refuse_text(cells, owner)
    numbers = [
        [_number(cell, row, column, owner) for column, cell in enumerate(line)]
        for row, line in enumerate(cells)
    ]
    return np.array(numbers, dtype=np.float64).reshape(array.shape)


def is_missing(cell: object) -> bool:
    """Return whether a cell stands for no value: None, NaN, pandas' NA or NaT."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, float | np.floating) and bool(np.isnan(cell))


def _array(X: Any, owner: str) -> NDArray[Any]:
    if hasattr(X, "toarray"):
        rule = "a dense array, not a sparse one"
        raise InvalidInputError(must("X", owner, rule, type(X).__name__, "Use X.toarray()."))
    if isinstance(X, np.ma.MaskedArray):
        mask, X = np.ma.getmaskarray(X), X.data.astype(np.float64 if X.dtype.kind in "biuf" else object)
        X[mask] = np.nan
    try:
        array = np.asarray(X)
    except ValueError as error:
        rule, got = "rows of one length", f"{type(X).__name__} ({str(error).partition('.')[0]})"
        raise InvalidInputError(f"X of {owner} must be {rule}; got {got}. Fill the short ones.") from error
    if array.dtype.names is not None or isinstance(X, dict) or (array.ndim == 1 and _holds_dicts(array)):
        raise InvalidInputError(
            must("X", owner, "a frame or of shape (n, d)", type(X).__name__, "Use pandas.DataFrame(X).")
        )
    return array


def _holds_dicts(array: NDArray[Any]) -> bool:
    return array.dtype == object and any(isinstance(cell, dict) for cell in array)


def _reshaping(X: Any, array: NDArray[Any]) -> str:
    if hasattr(X, "to_frame"):
        return "Reshape your data: X.to_frame() for one column."
    if array.ndim == 1:
        return "Reshape your data: X.reshape(-1, 1) for one column, X.reshape(1, -1) for one row."
    return "Give one sample per row: X.reshape(len(X), -1)."


def _number(cell: Any, row: int, column: int, owner: str) -> float:
    if is_missing(cell):
        return float("nan")
    got = f"got {cell!r} in row {row}, column {column}"
    try:
        return float(cell)
    except OverflowError as error:
        raise InvalidInputError(
            f"X of {owner} must be numbers up to 1e308; {got[:60]}... Divide the column by a power of ten."
        ) from error
    except (TypeError, ValueError) as error:
        raise _CellTypeError(f"X of {owner} must be numbers; {got}: {error}. {_AS_FRAME}") from error


def _refuse_text(cells: NDArray[Any], owner: str) -> None:
    """Refuse words, first those that spell no number."""
    words = [(place, cell) for place, cell in np.ndenumerate(cells) if isinstance(cell, str | bytes)]
    others = [(place, cell) for place, cell in words if not _spells_a_number(cell)]
    for (row, column), cell in (others or words)[:1]:
        remedy = _AS_FRAME if others else "Use X.astype(float)."
        raise InvalidInputError(
            f"X of {owner} must be numbers; got {cell!r} in row {row}, column {column}. {remedy}"
        )


def _spells_a_number(cell: str | bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
