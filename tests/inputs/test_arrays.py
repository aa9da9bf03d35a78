"""Arrays in memory: cells that are numbers or missing are taken, others refused in one line with row and column."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from askew.errors import InvalidInputError
from askew.inputs.arrays import array_of_numbers

NAN = np.nan


def objects(*cells):
    return np.array([[1.0, cell] for cell in cells], dtype=object)


@pytest.mark.parametrize(
    ("X", "values"),
    [
        ([[1, 2.5], [True, None]], [[1.0, 2.5], [1.0, NAN]]),
        (objects(pd.NA, pd.NaT, NAN), [[1.0, NAN]] * 3),
        (objects(Decimal("1.5"), 10**30, np.float32(2)), [[1.0, 1.5], [1.0, 1e30], [1.0, 2.0]]),
        (np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]]), [[1.0, NAN], [3.0, 4.0]]),
        (np.ma.array(objects(Decimal(2), 3), mask=[[0, 0], [0, 1]]), [[1.0, 2.0], [1.0, NAN]]),
    ],
    ids=["list", "missing", "numbers", "masked", "masked objects"],
)
def test_numbers_and_gaps_are_taken(X, values):
    np.testing.assert_array_equal(array_of_numbers(X, "KDE").astype(float), values)


def test_numbers_are_not_copied():
    X = np.ones((2, 2), dtype=np.float32)
    assert array_of_numbers(X, "KDE") is X


REFUSED = {
    "words": (objects(1, "x"), "numbers; got 'x' in row 1, column 1. Give a frame"),
    "words behind spelt numbers": (objects("1.5", "x"), "got 'x' in row 1, column 1. Give a frame"),
    "masked words": (np.ma.array(objects(1, "x")), "got 'x' in row 1, column 1. Give a frame"),
    "spelt numbers": (np.array([["1", "2"]]), r"got '1' in row 0, column 0. Use X.astype\(float\)"),
    "bytes": (np.array([[b"x", b"2"]]), "got b'x' in row 0, column 0. Give a frame"),
    "dates": (
        objects(dt.datetime(2024, 5, 1)),
        r"got datetime.datetime\(.* in row 0, column 1.*Give a frame",
    ),
    "a column of dates": (np.array([["2024-05-01"]], dtype="M8[D]"), r"got 'datetime64\[D\]'. Give a frame"),
    "time deltas": (np.array([[1]], dtype="m8[s]"), r"got 'timedelta64\[s\]'. Give a frame"),
    "lists": (objects([1]), r"got \[1\] in row 0, column 1"),
    "huge": (objects(10**400), "up to 1e308; got 1000.* Divide the column"),
    "complex": (np.array([[1j]]), "real numbers; got 'complex128'. .*X.real"),
    "complex objects": (objects(1j), "got 1j in row 0, column 1"),
    "mappings": ([{"a": 1}, {"a": 2}], r"a frame or .*; got 'list'. Use pandas.DataFrame\(X\)"),
    "a mapping": ({"a": [1, 2]}, r"got 'dict'. Use pandas.DataFrame\(X\)"),
    "records": (np.array([(1, 2.0)], dtype="i8,f8"), r"Use pandas.DataFrame\(X\)"),
    "sparse": (sparse.csr_array(np.eye(2)), r"a dense array, .*got 'csr_array'. Use X.toarray\(\)"),
    "one axis": (np.ones(3), r"got \(3,\). Reshape your data: X.reshape\(-1, 1\) for one column"),
    "a column": (pd.Series([1.0, 2.0]), r"got \(2,\). Reshape your data: X.to_frame\(\)"),
    "three axes": (np.ones((2, 2, 2)), r"got \(2, 2, 2\). Give one sample per row"),
    "rows of two lengths": ([[1, 2], [3]], "rows of one length; got list .*Fill the short ones"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_others_are_refused_in_one_line(case):
    X, message = REFUSED[case]
    with pytest.raises(InvalidInputError, match=f"^X of KDE must be .*{message}") as caught:
        array_of_numbers(X, "KDE")
    assert "\n" not in str(caught.value)
