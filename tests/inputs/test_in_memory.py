"""Frames and arrays -> a float64 matrix and names."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from askew.errors import InvalidInputError
from askew.inputs import to_matrix
from askew.inputs.in_memory import image_rows

DATA = {"a": [1, 2, 3], "b": [0.5, -1.0, 2.0], "c": [True, False, True]}
VALUES = [[1.0, 0.5, 1.0], [2.0, -1.0, 0.0], [3.0, 2.0, 1.0]]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_frames(make):
    matrix = to_matrix(make(DATA))
    assert matrix.names == ("a", "b", "c")
    assert matrix.values.dtype == np.float64
    assert matrix.values.tolist() == VALUES


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int8, np.uint16, object])
def test_arrays(kind):
    matrix = to_matrix(np.array([[1, 2], [3, 4]], dtype=kind))
    assert matrix.names is None
    assert matrix.values.dtype == np.float64
    assert matrix.values.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_lists_work_like_arrays():
    assert to_matrix([[1, 2.5]]).values.tolist() == [[1.0, 2.5]]


def test_result_is_a_copy():
    X = np.ones((2, 2))
    to_matrix(X).values[0, 0] = 5
    frame = pd.DataFrame({"a": [1.0, 1.0]})
    to_matrix(frame).values[0, 0] = 5
    assert X[0, 0] == 1 and frame["a"][0] == 1


def test_names_that_are_numbers_are_no_names():
    assert to_matrix(pd.DataFrame([[1, 2]])).names is None


def test_index_of_pandas_plays_no_part():
    frame = pd.DataFrame({"a": [1, 2]}, index=[7, 7])
    assert to_matrix(frame).values.tolist() == [[1.0], [2.0]]


def test_numbers_of_object_columns():
    frame = pd.DataFrame({"a": pd.Series([1, 2.5], dtype=object)})
    assert to_matrix(frame).values.tolist() == [[1.0], [2.5]]


def with_cell(value):
    return {"a": [1.0, 2.0], "b": [0.5, value]}


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
@pytest.mark.parametrize(
    ("value", "fragment"),
    [
        (None, "got NaN in row 1, column 'b'"),
        (float("nan"), "got NaN in row 1, column 'b'"),
        (float("inf"), "got inf in row 1, column 'b'"),
        (float("-inf"), "got inf in row 1, column 'b'"),
    ],
)
def test_cells_that_are_not_finite(make, value, fragment):
    with pytest.raises(InvalidInputError, match=fragment):
        to_matrix(make(with_cell(value)))


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_words_are_refused(make):
    with pytest.raises(
        InvalidInputError, match="X of VAE must be numbers; got 'Oslo' in row 0, column 'city'"
    ):
        to_matrix(make({"city": ["Oslo", "Bergen"]}), "VAE")


@pytest.mark.parametrize(
    ("X", "fragment"),
    [
        (pl.LazyFrame(DATA), r"Use X.collect\(\)"),
        (sparse.csr_matrix(np.eye(2)), r"Use X.toarray\(\)"),
        (np.ones(3), r"X.reshape\(-1, 1\)"),
        (pd.Series([1.0, 2.0]), r"X.to_frame\(\)"),
        (np.ones((2, 2, 2)), "one sample per row"),
        (np.ones((0, 2)), "at least one row"),
        (np.ones((2, 0)), "at least one row and one column"),
        (pd.DataFrame({"a": []}), "at least one row"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "got 'a' for columns 1 and 2"),
        (np.array([[1, "x"]], dtype=object), "got 'x' in row 0, column 1"),
        (np.array([["1", "2"]]), "got '1' in row 0, column 0"),
        (np.array([[1, 2j]]), "must be real numbers"),
        (np.array([[1, None]], dtype=object), "got NaN in row 0, column 1"),
        (np.array([[1.0, np.nan]]), "got NaN in row 0, column 1"),
        (pd.DataFrame({"a": pd.to_datetime(["2020-01-01"])}), "in row 0, column 'a'"),
        (pd.DataFrame({"a": pd.Categorical(["x"])}), "got 'x' in row 0, column 'a'"),
        ("word", "of shape"),
        (None, "of shape"),
    ],
)
def test_refusals(X, fragment):
    with pytest.raises(InvalidInputError, match=fragment):
        to_matrix(X)


def test_images_are_rows_of_their_pixels():
    images = np.linspace(0.0, 1.0, 32, dtype=np.float32).reshape(2, 1, 4, 4)
    rows, spec = image_rows(images)
    assert rows.shape == (2, 16) and rows.dtype == np.float32 and np.shares_memory(rows, images)
    assert (spec.channels, spec.height, spec.width) == (1, 4, 4)
    images[1, 0, 2, 3] = np.inf
    with pytest.raises(InvalidInputError, match=r"finite; got 'inf in image 1 at \(0, 2, 3\)'"):
        image_rows(images)
