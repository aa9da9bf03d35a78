"""Frames and arrays in memory -> a float64 matrix and its column names."""

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError, must
from askew.inputs.column_names import refuse_duplicates


class Matrix(NamedTuple):
    """Numbers of a table: ``values`` float64 (n, d), and ``names`` of the d columns (None: no names)."""

    values: NDArray[np.float64]
    names: tuple[str, ...] | None


def to_matrix(X: Any, owner: str = "to_matrix") -> Matrix:
    """Return the numbers of `X` as a fresh float64 matrix, with its column names.

    Parameters
    ----------
    X
        A pandas or polars DataFrame, a pyarrow Table, or an array of shape (n, d). Whole numbers and truth values
        become floats.
    owner
        What to call the caller in an error.

    Raises
    ------
    InvalidInputError
        For a lazy frame, a sparse matrix, a wrong number of axes, no rows, no columns, duplicate column names, and a
        cell that is not a finite number; the message names row (counted from 0), column and value.

    Examples
    --------
    >>> import pandas as pd
    >>> to_matrix(pd.DataFrame({"a": [1, 2], "b": [0.5, 0.25]})).names
    ('a', 'b')
    >>> to_matrix(pd.DataFrame({"a": [1, None]}))
    Traceback (most recent call last):
    askew.errors.InvalidInputError: X of to_matrix must be finite; got NaN in row 1, column 'a' (1 such cells). \
Drop those rows, fill them, or wrap the detector: askew.Prepared(detector) takes gaps.
    """
    try:
        frame = nw.from_native(X, pass_through=True)
    except nw.exceptions.DuplicateError as error:
        refuse_duplicates([str(name) for name in X.columns], f"X of {owner}")
        raise InvalidInputError(f"column names of X of {owner} must be different. Rename some.") from error
    if isinstance(frame, nw.LazyFrame):
        raise InvalidInputError(must("X", owner, "a frame in memory", type(X).__name__, "Use X.collect()."))
    matrix = _from_frame(frame, owner) if isinstance(frame, nw.DataFrame) else _from_array(X, owner)
    rows, columns = matrix.values.shape
    if rows == 0 or columns == 0:
        rule, remedy = "a table with at least one row and one column", "Check how it was selected."
        raise InvalidInputError(must("X", owner, rule, matrix.values.shape, remedy))
    refuse_not_finite(matrix, owner)
    return matrix


def _from_frame(frame: nw.DataFrame[Any], owner: str) -> Matrix:
    names = tuple(frame.columns)
    refuse_duplicates([str(name) for name in names], f"X of {owner}")
    values = np.empty(frame.shape, dtype=np.float64)
    for place, column in enumerate(frame.iter_columns()):
        values[:, place] = _column(column, names[place], owner)
    # whole numbers as names carry no meaning: scikit-learn ignores them too
    return Matrix(values, names if all(isinstance(name, str) for name in names) else None)


def _column(column: nw.Series[Any], name: str, owner: str) -> NDArray[np.float64]:
    if column.dtype.is_numeric() or column.dtype == nw.Boolean:
        return column.cast(nw.Float64).to_numpy().astype(np.float64)
    for row, value in enumerate(column.to_list()):
        _refuse_text(value, f"row {row}, column {name!r}", owner)
    return np.array([np.nan if value is None else float(value) for value in column.to_list()])


def _from_array(X: Any, owner: str) -> Matrix:
    if hasattr(X, "toarray"):
        raise InvalidInputError(must("X", owner, "a dense array", type(X).__name__, "Use X.toarray()."))
    array = np.asarray(X)
    if array.ndim != 2:
        remedy = "Use X.reshape(-1, 1) for one column." if array.ndim == 1 else "Give one sample per row."
        raise InvalidInputError(must("X", owner, "of shape (n, d)", array.shape, remedy))
    if array.dtype.kind not in "biuf":
        array = array.astype(object)
        for (row, column), value in np.ndenumerate(array):
            _refuse_text(value, f"row {row}, column {column}", owner)
        array = np.array([[np.nan if value is None else value for value in row] for row in array])
    return Matrix(array.astype(np.float64), None)


def _refuse_text(value: object, place: str, owner: str) -> None:
    number = value is None or isinstance(value, (bool, int, float, np.integer, np.floating, np.bool_))
    if not number:
        raise InvalidInputError(
            f"X of {owner} must be numbers; got {value!r} in {place}. "
            "Turn the column into numbers, leave it out, or wrap the detector: askew.Prepared(detector) takes "
            "words, dates and gaps."
        )


def refuse_not_finite(matrix: Matrix, owner: str) -> None:
    """Raise InvalidInputError if a cell is NaN or infinite; the message names the first one and counts them."""
    finite = np.isfinite(matrix.values)
    if finite.all():
        return
    row, column = (int(place) for place in np.argwhere(~finite)[0])
    seen = "NaN" if np.isnan(matrix.values[row, column]) else "inf"
    name = repr(matrix.names[column]) if matrix.names else column
    raise InvalidInputError(
        f"X of {owner} must be finite; got {seen} in row {row}, column {name} "
        f"({np.count_nonzero(~finite)} such cells). Drop those rows, fill them, or wrap the detector: "
        "askew.Prepared(detector) takes gaps."
    )
