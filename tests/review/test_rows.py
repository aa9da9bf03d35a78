"""Rows of a session: names, cells as a person reads them, digests that tell rows apart."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from askew.errors import InvalidInputError, LabelError
from askew.review.rows import ReviewRows, rows_in_memory

FRAME = pd.DataFrame(
    {"a": [1.0, 2.0, 2.0], "b": ["x", "y", "y"]}, index=pd.Index(["p", "q", "r"], name="key")
)


@pytest.mark.parametrize(
    ("X", "ids", "id_name", "cells"),
    [
        (np.array([[1, 2], [3, 4]]), [0, 1], "index", {"x0": 3, "x1": 4}),
        ([[1.0], [3.5]], [0, 1], "index", {"x0": 3.5}),
        (FRAME, ["p", "q", "r"], "key", {"a": 2.0, "b": "y"}),
        (FRAME.set_axis([1.5, 2.5, 3.5]), [0, 1, 2], "index", {"a": 2.0, "b": "y"}),
        (pl.DataFrame({"a": [1, None]}), [0, 1], "index", {"a": None}),
        (pa.table({"a": ["x", "y"]}), [0, 1], "index", {"a": "y"}),
        (np.zeros((2, 1, 4, 4), np.uint8), [0, 1], "index", {}),
    ],
)
def test_rows_in_memory_have_names_and_cells(X, ids, id_name, cells):
    rows = rows_in_memory(X)
    assert list(rows.ids) == ids and rows.id_name == id_name
    assert rows.cells(1) == cells
    assert tuple(rows.columns) == tuple(cells)
    assert rows.of_images == (not cells)
    assert rows.row_of(ids[1]) == 1


def test_a_digest_is_of_the_cells_alone():
    rows, other = rows_in_memory(FRAME), rows_in_memory(FRAME[["b", "a"]], ids=[4, 5, 6])
    assert rows.digest(0) != rows.digest(1) == rows.digest(2) == other.digest(1)
    assert rows_in_memory(FRAME.astype({"a": int})).digest(0) == rows.digest(0)
    whole = np.arange(4).reshape(2, 2)
    assert rows_in_memory(whole).digest(0) == rows_in_memory(whole.astype(float)).digest(0)
    images = rows_in_memory(np.arange(32, dtype=np.uint8).reshape(2, 1, 4, 4))
    assert images.digest(0) != images.digest(1)


def test_what_names_no_row_is_refused():
    rows = rows_in_memory(FRAME)
    for id, match in (("rr", "Did you mean 'r'"), (0, "got 0. They are 'p', 'q', 'r'"), (None, "got None")):
        with pytest.raises(InvalidInputError, match=match):
            rows.row_of(id)
    with pytest.raises(InvalidInputError, match=r"ids .* name each row once; got 7 for rows 1 and 3"):
        rows_in_memory(FRAME, ids=[7, 8, 7])
    with pytest.raises(InvalidInputError, match="ids of ReviewSession must be 3 names; got 1"):
        rows_in_memory(FRAME, ids=[7])
    with pytest.raises(InvalidInputError, match=r"whole numbers or texts; got 1\.5"):
        rows_in_memory(FRAME, ids=[1.5, 2, 3])
    with pytest.raises(LabelError, match="y of ReviewSession"):
        rows_in_memory(FRAME, y=[0, 1, 1])


def test_raw_cells_are_shown_instead_of_those_of_the_model():
    raw = pa.table({"id": ["1", "2"], "a": ["1,5", "2,5"]})
    rows = ReviewRows(np.array([[1.5], [2.5]]), [1, 2], "row", np.zeros(2, np.int8), raw=raw)
    assert rows.cells(0) == {"id": "1", "a": "1,5"} and rows.columns == ("id", "a")
    np.testing.assert_array_equal(rows.take([1]), [[2.5]])
