"""Frames of any library -> Arrow tables, which keep numbers, words, dates and gaps apart."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from askew.errors import InvalidInputError, must
from askew.inputs.column_names import refuse_duplicates


def to_arrow(X: Any, owner: str = "to_arrow") -> pa.Table:
    """Return a table in memory as an Arrow table whose column names are different texts.

    Parameters
    ----------
    X
        A pandas or polars DataFrame, a pyarrow Table or RecordBatch, or a 2-d array of numbers, whose columns
        are called ``x0``, ``x1``, ...; the index of a pandas frame plays no part.
    owner
        What to call the caller in an error.

    Raises
    ------
    InvalidInputError
        For a lazy frame, names that are no text or occur twice, no rows, no columns, or a column that holds
        values of several kinds; the message names the column.

    Examples
    --------
    >>> import pandas as pd
    >>> to_arrow(pd.DataFrame({"a": [1, 2], "b": ["x", None]})).column_names
    ['a', 'b']
    >>> to_arrow(pd.DataFrame({"a": [1, "x"]}))
    Traceback (most recent call last):
    askew.errors.InvalidInputError: column 'a' of X of to_arrow must hold values of one kind; got int and str. \
Make them all text (pandas: .astype(str)) or all numbers (pandas: pd.to_numeric).
    """
    if isinstance(X, pa.RecordBatch):
        X = pa.Table.from_batches([X])
    table = _from_frame(X, owner)
    if table is None:
        table = _from_array(X, owner)
    refuse_duplicates(table.column_names, f"X of {owner}")
    if not table.num_rows or not table.num_columns:
        rule, remedy = "a table with at least one row and one column", "Check how it was selected."
        raise InvalidInputError(must("X", owner, rule, table.shape, remedy))
    return table


def _from_frame(X: Any, owner: str) -> pa.Table | None:
    try:
        frame = nw.from_native(X, pass_through=True)
    except nw.exceptions.DuplicateError as error:
        refuse_duplicates([str(name) for name in X.columns], f"X of {owner}")
        raise InvalidInputError(f"column names of X of {owner} must be different. Rename some.") from error
    if isinstance(frame, nw.LazyFrame):
        raise InvalidInputError(must("X", owner, "a frame in memory", type(X).__name__, "Use X.collect()."))
    if not isinstance(frame, nw.DataFrame):
        return None
    names = list(frame.columns)
    if odd := [name for name in names if not isinstance(name, str)]:
        remedy = "Name the columns (pandas: X.columns = X.columns.astype(str))."
        raise InvalidInputError(must("column names of X", owner, "text", odd[0], remedy))
    try:
        return frame.to_arrow().select(names)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise _mixed_column(frame, owner) or error from error


def _mixed_column(frame: Any, owner: str) -> InvalidInputError | None:
    """Return the refusal of the first column whose values are of several types."""
    for name in frame.columns:
        kinds = sorted({type(value).__name__ for value in frame[name].to_list() if value is not None})
        if len(kinds) > 1:
            return InvalidInputError(
                f"column {name!r} of X of {owner} must hold values of one kind; got {' and '.join(kinds)}. "
                "Make them all text (pandas: .astype(str)) or all numbers (pandas: pd.to_numeric)."
            )
    return None


def _from_array(X: Any, owner: str) -> pa.Table:
    array = np.asarray(X)
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        got = f"{type(X).__name__} of shape {array.shape}"
        remedy = "Make it a frame: pandas.DataFrame(X, columns=[...])."
        raise InvalidInputError(must("X", owner, "a frame, or a 2-d array of numbers", got, remedy))
    return pa.table({f"x{place}": array[:, place] for place in range(array.shape[1])})
