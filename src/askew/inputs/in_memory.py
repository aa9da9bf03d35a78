"""Frames and arrays in memory -> a matrix of numbers, an Arrow table of any columns, or flat rows of pixels."""

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import InvalidInputError, must
from askew.inputs.arrays import array_of_numbers, is_missing
from askew.inputs.column_names import refuse_duplicates
from askew.inputs.frames import (
    arrow_table,
    floats_of,
    frame_of,
    holds_numbers_alone,
    is_number,
    refuse_odd_names,
)
from askew.inputs.spec import ImageSpec, spec_of
from askew.inputs.whole_numbers import refuse_rounded


class Matrix(NamedTuple):
    """Numbers of a table: ``values`` float64 (n, d), and ``names`` of the d columns (None: no names)."""

    values: NDArray[np.float64]
    names: tuple[str, ...] | None


def to_matrix(X: Any, owner: str = "to_matrix") -> Matrix:
    """Return the numbers of a frame of any library or an array (n, d) as a fresh float64 matrix, with its column names.

    `owner` is what to call the caller in an error. A lazy frame, a sparse matrix, a wrong number of axes, no rows, no
    columns, duplicate column names, and a cell that is not a finite number raise InvalidInputError; the message names
    row (counted from 0), column and value.

    >>> import pandas as pd
    >>> to_matrix(pd.DataFrame({"a": [1, 2], "b": [0.5, 0.25]})).names
    ('a', 'b')
    >>> to_matrix(pd.DataFrame({"a": [1, None]}))
    Traceback (most recent call last):
    askew.errors.InvalidInputError: X of to_matrix must be finite; got NaN in row 1, column 'a' (1 such cells). \
Drop those rows, fill them, or wrap the detector: askew.Prepared(detector) takes gaps.
    """
    frame = frame_of(X, owner)
    if frame is None:
        matrix = Matrix(array_of_numbers(X, owner).astype(np.float64), None)
    else:
        matrix = _matrix_of_frame(frame, owner)
    _refuse_empty(matrix.values.shape, owner)
    refuse_not_finite(matrix, owner)
    return matrix


def _matrix_of_frame(frame: nw.DataFrame[Any], owner: str) -> Matrix:
    names: tuple[Any, ...] = tuple(frame.columns)
    refuse_duplicates([str(name) for name in names], f"X of {owner}")
    numbered = all(isinstance(name, int | np.integer) and not isinstance(name, bool) for name in names)
    if not numbered:
        refuse_odd_names(list(names), owner)
    if all(dtype == nw.Float64 for dtype in frame.schema.values()) and frame.implementation.is_pandas():
        values: NDArray[np.float64] = np.array(
            frame.to_native(), dtype=np.float64
        )  # at once: ten times as fast
        return Matrix(values, None if numbered else names)
    values = np.empty(frame.shape, dtype=np.float64)
    for place, column in enumerate(frame.iter_columns()):
        values[:, place] = _column(column, names[place], owner)
    # whole numbers as names carry no meaning: scikit-learn ignores them too
    return Matrix(values, None if numbered else names)


def _column(column: nw.Series[Any], name: str, owner: str) -> NDArray[np.float64]:
    if column.dtype.is_integer() or column.dtype.is_decimal():
        known = column.drop_nulls()
        refuse_rounded(
            known.to_numpy() if known.dtype.is_integer() else known.to_list(), f"column {name!r}", owner
        )
    if column.dtype.is_numeric() or column.dtype == nw.Boolean:
        if column.implementation.is_pyarrow() and not column.null_count():
            return column.to_numpy().astype(np.float64)  # Arrow's cast refuses whole numbers beyond 2^53
        return column.cast(nw.Float64).to_numpy().astype(np.float64)
    cells = column.to_list()
    for row, cell in enumerate(cells):
        if not (is_number(cell) or is_missing(cell)):
            raise InvalidInputError(
                f"X of {owner} must be numbers; got {cell!r} in row {row}, column {name!r}. "
                "Turn the column into numbers, leave it out, or wrap the detector: askew.Prepared(detector) takes "
                "words, dates and gaps."
            )
    return floats_of(cells, name, owner)


def refuse_not_finite(matrix: Matrix, owner: str) -> None:
    """Raise InvalidInputError if a cell is NaN or infinite; the message names the first one and counts them."""
    finite = np.isfinite(matrix.values)
    if finite.all():
        return
    row, column = (int(place) for place in np.argwhere(~finite)[0])
    value = "NaN" if np.isnan(matrix.values[row, column]) else "inf"
    name = repr(matrix.names[column]) if matrix.names else column
    raise InvalidInputError(
        f"X of {owner} must be finite; got {value} in row {row}, column {name} "
        f"({np.count_nonzero(~finite)} such cells). Drop those rows, fill them, or wrap the detector: "
        "askew.Prepared(detector) takes gaps."
    )


def holds_more_than_numbers(X: Any, owner: str = "holds_more_than_numbers") -> bool:
    """Return whether X is a frame of any library with a column that is not all numbers or truth values, or has gaps.

    >>> import pandas as pd
    >>> [holds_more_than_numbers(pd.DataFrame({"a": cells})) for cells in ([1, 2], [1, None], ["x", "y"])]
    [False, True, True]
    """
    frame = frame_of(X, owner)
    return frame is not None and not holds_numbers_alone(frame)


def to_arrow(X: Any, owner: str = "to_arrow") -> pa.Table:
    """Return a table in memory as an Arrow table whose column names are different texts.

    `X` is a frame of pandas (without its index), polars or Arrow, or an array of numbers (n, d), whose columns are
    called ``x0``, ``x1``, ...; `owner` is what to call the caller in an error.

    >>> import pandas as pd
    >>> to_arrow(pd.DataFrame({"a": [1, 2], "b": ["x", None]})).column_names
    ['a', 'b']
    >>> to_arrow(pd.DataFrame({"a": [1, "x"]}))
    Traceback (most recent call last):
    askew.errors.InvalidInputError: column 'a' of X of to_arrow must hold values of one kind; got int and str. \
Make them all text (pandas: .astype(str)) or all numbers (pandas: pd.to_numeric).
    """
    frame = frame_of(X, owner)
    table = _table_of_array(X, owner) if frame is None else arrow_table(frame, owner)
    refuse_duplicates(table.column_names, f"X of {owner}")
    _refuse_empty(table.shape, owner)
    return table


def _refuse_empty(shape: tuple[int, ...], owner: str) -> None:
    if 0 in shape:
        rule, remedy = "a table with at least one row and one column", "Check how it was selected."
        raise InvalidInputError(must("X", owner, rule, shape, remedy))


def _table_of_array(X: Any, owner: str) -> pa.Table:
    array = array_of_numbers(X, owner)
    return pa.table({f"x{place}": array[:, place] for place in range(array.shape[1])})


class ImageRows(NamedTuple):
    """Pixels of images: ``values`` (n, channels * height * width), uint8 or a float type, and their spec."""

    values: NDArray[Any]
    spec: ImageSpec


def is_images(X: Any) -> bool:
    """Return whether ``X`` is an array with the axes of images, (n, channels, height, width)."""
    return len(getattr(X, "shape", ())) == 4


def image_rows(X: Any, owner: str = "image_rows") -> ImageRows:
    """Return images `X`, uint8 (0 to 255) or floats (n, channels, height, width), as flat rows, a view where possible.

    >>> image_rows(np.zeros((5, 1, 28, 28), np.uint8)).spec
    ImageSpec(channels=1, height=28, width=28)
    """
    spec = spec_of(X)
    if not isinstance(spec, ImageSpec):
        raise InvalidInputError(
            must("X", owner, "images (n, channels, height, width)", X.shape, "Add axes with X[:, None].")
        )
    array = np.asarray(X)
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        remedy = "Use X.astype(np.uint8) for pixels from 0 to 255, or X.astype(np.float32)."
        raise InvalidInputError(must("X", owner, "of uint8 or floating-point pixels", array.dtype, remedy))
    if not len(array):
        raise InvalidInputError(
            must("X", owner, "at least one image", array.shape, "Check how it was selected.")
        )
    rows = array.reshape(len(array), -1)
    if rows.dtype.kind == "f" and not np.isfinite(rows).all():
        image, pixel = (int(place) for place in np.argwhere(~np.isfinite(rows))[0])
        where = tuple(int(i) for i in np.unravel_index(pixel, array.shape[1:]))
        remedy = "Leave the image out, or fill the pixel."
        raise InvalidInputError(
            must("X", owner, "finite", f"{rows[image, pixel]} in image {image} at {where}", remedy)
        )
    return ImageRows(rows, spec)
