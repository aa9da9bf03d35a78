"""Frames of pandas, polars and Arrow in memory -> Arrow tables whose columns have one type each."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeGuard

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from narwhals.dependencies import is_pandas_dataframe, is_pandas_series
from numpy.typing import NDArray

from askew.errors import InvalidInputError, must
from askew.inputs.arrays import is_missing
from askew.inputs.column_names import refuse_duplicates
from askew.inputs.whole_numbers import refuse_rounded

if TYPE_CHECKING:
    import pandas as pd

_NO_ARROW = (pa.ArrowException, TypeError, ValueError, OverflowError, NotImplementedError)
"""What pyarrow and pandas raise for values that Arrow has no type for."""

_WIDE = (nw.Int128, nw.UInt128)
"""Whole numbers that Arrow has not."""


def frame_of(X: Any, owner: str) -> nw.DataFrame[Any] | None:
    """Return a frame of any library, None for an array; refuse lazy frames and duplicate names."""
    if isinstance(X, pa.RecordBatch):
        X = pa.Table.from_batches([X])
    if isinstance(X, pa.Table):
        refuse_duplicates(X.column_names, f"X of {owner}")
    try:
        frame = nw.from_native(X, pass_through=True)
    except nw.exceptions.DuplicateError as error:
        refuse_duplicates([str(name) for name in X.columns], f"X of {owner}")
        raise InvalidInputError(f"column names of X of {owner} must be different. Rename some.") from error
    if isinstance(frame, nw.LazyFrame):
        raise InvalidInputError(must("X", owner, "a frame in memory", type(X).__name__, "Use X.collect()."))
    return frame if isinstance(frame, nw.DataFrame) else None


def refuse_other_order(X: Any, y: Any, owner: str) -> None:
    """Raise InvalidInputError if the rows of two objects of pandas have the same index in another order.

    Rows are taken by place, so that the labels would be those of other rows.

    >>> import pandas as pd
    >>> refuse_other_order(pd.DataFrame({"a": [1, 2]}, index=[1, 0]), pd.Series([0, -1]), "KDE")
    Traceback (most recent call last):
    askew.errors.InvalidInputError: y of KDE must have its rows in the order of X; got the same index in another \
order. Use y.loc[X.index], or y.to_numpy() if its rows are those of X by place.
    """
    if not (is_pandas_dataframe(X) and is_pandas_series(y)) or X.index.equals(y.index):
        return
    if len(X) == len(y) and X.index.is_unique and y.index.is_unique and y.index.isin(X.index).all():
        raise InvalidInputError(
            f"y of {owner} must have its rows in the order of X; got the same index in another order. "
            "Use y.loc[X.index], or y.to_numpy() if its rows are those of X by place."
        )


def holds_numbers_alone(frame: nw.DataFrame[Any]) -> bool:
    """Return whether all columns are numbers or truth values without a gap; categories of numbers are none."""
    return all(_all_numbers(column) for column in frame.iter_columns())


def _all_numbers(column: nw.Series[Any]) -> bool:
    if column.dtype.is_numeric() or column.dtype == nw.Boolean:
        return not (column.null_count() or (column.dtype.is_float() and column.is_nan().any()))
    if not isinstance(column.dtype, nw.Object | nw.Unknown):
        return False
    return all(is_number(value) and not is_missing(value) for value in column.to_list())


def is_number(value: object) -> TypeGuard[Any]:
    """Return whether a cell is a real number or a truth value."""
    return isinstance(value, Real | Decimal | np.bool_)


def refuse_odd_names(names: list[Any], owner: str) -> None:
    """Raise InvalidInputError for the first name that is no text."""
    if odd := [name for name in names if not isinstance(name, str)]:
        remedy = "Name the columns (pandas: X.columns = X.columns.astype(str))."
        if isinstance(odd[0], tuple):
            remedy = "Join the levels (pandas: X.columns = ['_'.join(map(str, name)) for name in X.columns])."
        raise InvalidInputError(must("column names of X", owner, "text", odd[0], remedy))


def arrow_table(frame: nw.DataFrame[Any], owner: str) -> pa.Table:
    """Return a frame as an Arrow table; a column that Arrow has no type for is refused by its name."""
    names = list(frame.columns)
    refuse_odd_names(names, owner)
    native = frame.to_native()
    if nw.dependencies.is_pandas_dataframe(native):
        columns = [_of_pandas(native[name], name, owner) for name in names]
        return pa.Table.from_arrays(columns, names=names)
    wide = [nw.col(name).cast(nw.Float64) for name, dtype in frame.schema.items() if dtype in _WIDE]
    table = frame.with_columns(*wide).to_arrow().select(names)
    for place, field in enumerate(table.schema):
        if pa.types.is_run_end_encoded(field.type):
            table = table.set_column(place, field.name, _decoded(table.column(place)))
    return table


def _decoded(runs: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([pc.run_end_decode(chunk) for chunk in runs.chunks])


def _of_pandas(series: pd.Series[Any], name: str, owner: str) -> pa.Array:
    """Return a column of pandas, whose own types become those that they stand for.

    A sparse column is its values, a period the time that it begins, an interval or a category of these its text.
    """
    import pandas as pd

    dtype: Any = series.dtype
    if isinstance(dtype, pd.SparseDtype):
        series = series.astype(dtype.subtype)
    elif isinstance(dtype, pd.PeriodDtype):
        series = series.dt.to_timestamp()
    elif isinstance(dtype, pd.IntervalDtype):
        series = series.astype("string")
    elif isinstance(dtype, pd.CategoricalDtype):
        if isinstance(dtype.categories.dtype, pd.IntervalDtype | pd.PeriodDtype):
            series = series.cat.rename_categories([str(category) for category in dtype.categories])
    elif isinstance(dtype, np.dtype) and dtype.kind == "c":
        raise _refusal(name, owner, str(dtype), "Give its real and imaginary parts, or abs() of it.")
    elif isinstance(dtype, np.dtype) and dtype.kind == "O":
        return _of_objects(series, name, owner)
    try:
        return pa.array(series, from_pandas=True)
    except _NO_ARROW as error:
        raise _refusal(name, owner, str(series.dtype)) from error


def _of_objects(series: pd.Series[Any], name: str, owner: str) -> pa.Array:
    """Return Python's objects as values of one kind: numbers of several types as float64, None for what is missing."""
    cells = [None if is_missing(cell) else cell for cell in series]
    known = [cell for cell in cells if cell is not None]
    truths = all(isinstance(cell, bool | np.bool_) for cell in known)
    if not truths and all(is_number(cell) for cell in known):
        return pa.array(floats_of(cells, name, owner), from_pandas=True)
    zoned = {cell.tzinfo is not None for cell in known if hasattr(cell, "tzinfo")}
    if len(zoned) > 1:
        raise InvalidInputError(
            f"column {name!r} of X of {owner} must hold dates with or without a time zone; got both. Give all of "
            "them one (pandas: pd.to_datetime(column, utc=True))."
        )
    kinds = sorted({type(cell).__name__ for cell in known})
    try:
        return pa.array(cells, from_pandas=True)
    except _NO_ARROW as error:
        if len(kinds) == 1:
            raise _refusal(name, owner, kinds[0]) from error
        raise InvalidInputError(
            f"column {name!r} of X of {owner} must hold values of one kind; got {' and '.join(kinds)}. "
            "Make them all text (pandas: .astype(str)) or all numbers (pandas: pd.to_numeric)."
        ) from error


def floats_of(cells: list[Any], name: str, owner: str) -> NDArray[np.float64]:
    """Return numbers of any types as float64, NaN where one is missing."""
    refuse_rounded([cell for cell in cells if not is_missing(cell)], f"column {name!r}", owner)
    try:
        return np.array([np.nan if is_missing(cell) else float(cell) for cell in cells])
    except OverflowError as error:
        remedy = "Divide the column by a power of ten."
        raise _refusal(name, owner, "a number beyond 1e308", remedy) from error


def _refusal(
    name: str, owner: str, got: str, remedy: str = "Turn it into one of these, or leave the column out."
) -> InvalidInputError:
    return InvalidInputError(
        f"column {name!r} of X of {owner} must be numbers, truth values, words or dates; got {got}. {remedy}"
    )
