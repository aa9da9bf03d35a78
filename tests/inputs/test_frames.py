"""Columns of frames in memory: each type is taken with the right values, or refused by name with a remedy."""

import datetime as dt
import enum
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import askew
from askew.errors import InvalidInputError
from askew.inputs.frames import frame_of, holds_numbers_alone
from askew.inputs.in_memory import to_arrow, to_matrix
from askew.inputs.mixed_tables import TablePreparation

MAY, JUNE = dt.datetime(2024, 5, 1), dt.datetime(2024, 6, 1)
Size = enum.Enum("Size", "S M")
NAN = float("nan")


def objects(*cells):
    return pd.Series(list(cells), dtype=object)


def arrow(cells, kind):
    return pd.Series(cells, dtype=pd.ArrowDtype(kind))


INTERVALS = pd.Series(pd.IntervalIndex.from_tuples([(0, 1), (1, 2)]))
TAKEN = {
    "objects with NA": (objects(1.5, pd.NA, 2), "number", [1.5, NAN, 2.0]),
    "objects with None and NaN": (objects(1, None, NAN), "number", [1.0, NAN, NAN]),
    "words with NA": (objects("x", pd.NA), "category", ["x", None]),
    "decimals": (objects(Decimal("1.5"), 2.5, Decimal("NaN")), "number", [1.5, 2.5, NAN]),
    "fractions": (objects(Fraction(1, 2), 3), "number", [0.5, 3.0]),
    "whole numbers of any size": (objects(10**30, 3), "number", [1e30, 3.0]),
    "truth values and numbers": (objects(True, 2, None), "number", [1.0, 2.0, NAN]),
    "truth values with None": (objects(True, None, False), "boolean", [1.0, NAN, 0.0]),
    "numpy's numbers": (objects(np.float32(1.5), np.int64(3)), "number", [1.5, 3.0]),
    "dates and times": (objects(MAY.date(), JUNE), "date", [MAY, JUNE]),
    "time deltas": (objects(dt.timedelta(minutes=1), None), "number", [60.0, NAN]),
    "Int64": (pd.Series([1, pd.NA], dtype="Int64"), "number", [1.0, NAN]),
    "Float64": (pd.Series([1.5, pd.NA], dtype="Float64"), "number", [1.5, NAN]),
    "boolean": (pd.Series([True, pd.NA], dtype="boolean"), "boolean", [1.0, NAN]),
    "string": (pd.Series(["x", pd.NA], dtype="string"), "category", ["x", None]),
    "string[pyarrow]": (pd.Series(["x", pd.NA], dtype="string[pyarrow]"), "category", ["x", None]),
    "Arrow decimals": (arrow([Decimal("1.5"), None], pa.decimal128(5, 2)), "number", [1.5, NAN]),
    "Arrow dates": (arrow([MAY, None], pa.timestamp("us")), "date", [MAY, None]),
    "category": (pd.Series(["x", None, "y"], dtype="category"), "category", ["x", None, "y"]),
    "category of codes": (pd.Series([1, 20, None], dtype="category"), "category", ["1", "20", None]),
    "category of numbers": (pd.Series([1.5, 2.0], dtype="category"), "category", ["1.5", "2"]),
    "category of truth values": (pd.Series([True, False], dtype="category"), "boolean", [1.0, 0.0]),
    "category of dates": (pd.Series([MAY, JUNE], dtype="category"), "date", [MAY, JUNE]),
    "intervals": (INTERVALS, "category", ["(0, 1]", "(1, 2]"]),
    "bins": (pd.cut(pd.Series([0.5, 1.5, NAN]), [0, 1, 2]), "category", ["(0, 1]", "(1, 2]", None]),
    "periods": (pd.Series(pd.PeriodIndex(["2024-05", "2024-06", None], freq="M")), "date", [MAY, JUNE, None]),
    "deltas": (pd.Series(pd.to_timedelta([1, None], unit="h")), "number", [3600.0, NAN]),
    "dates": (pd.Series(pd.to_datetime(["2024-05-01", None])), "date", [MAY, None]),
    "zoned dates": (pd.Series(pd.to_datetime(["2024-05-01"])).dt.tz_localize("Europe/Oslo"), "date", [MAY]),
    "sparse": (pd.Series(pd.arrays.SparseArray([0.0, NAN, 2.0])), "number", [0.0, NAN, 2.0]),
    "polars Categorical": (pl.Series(["x", None], dtype=pl.Categorical), "category", ["x", None]),
    "polars Enum": (pl.Series(["x", "y"], dtype=pl.Enum(["x", "y"])), "category", ["x", "y"]),
    "polars Decimal": (pl.Series([Decimal("1.5"), None]), "number", [1.5, NAN]),
    "polars NaN and null": (pl.Series([1.5, NAN, None]), "number", [1.5, NAN, NAN]),
    "polars Duration": (pl.Series([dt.timedelta(minutes=1)]), "number", [60.0]),
    "polars Int128": (pl.Series([2**70, 3], dtype=pl.Int128), "number", [2.0**70, 3.0]),
    "Arrow uint64": (pa.array([2**63, 3], pa.uint64()), "number", [2.0**63, 3.0]),
    "Arrow dictionary": (pa.array(["x", None]).dictionary_encode(), "category", ["x", None]),
    "Arrow runs": (pa.RunEndEncodedArray.from_arrays([1, 3], [1.5, 2.5]), "number", [1.5, 2.5, 2.5]),
}


def frame(column):
    """Return a frame with the column ``b`` in the library that the column is of."""
    if isinstance(column, pl.Series):
        return pl.DataFrame({"b": column})
    return pd.DataFrame({"b": column}) if isinstance(column, pd.Series) else pa.table({"b": column})


@pytest.mark.parametrize("case", TAKEN)
def test_a_column_is_taken_with_its_values(case):
    column, kind, values = TAKEN[case]
    preparation = TablePreparation().fit(frame(column))
    assert [each.kind for each in preparation.columns] == [kind]
    found = preparation.columns[0].brought(to_arrow(frame(column)).column("b"), "X").to_pylist()
    if kind in ("number", "boolean"):
        np.testing.assert_array_equal(np.array(found, dtype=float), values)
    else:
        assert [
            cell.replace(tzinfo=None) if isinstance(cell, dt.datetime) else cell for cell in found
        ] == values


@pytest.mark.parametrize(
    ("column", "alone"),
    [
        (objects(1, Decimal("2.5"), True), True),
        (pd.Series([1, 2], dtype="Int64"), True),
        (pd.Series([1, 2], dtype="category"), False),
        (objects(1, None), False),
        (pl.Series([1.5, NAN]), False),
    ],
)
def test_numbers_alone(column, alone):
    assert holds_numbers_alone(frame_of(frame(column), "VAE")) is alone
    if alone:
        assert to_matrix(frame(column)).values[:, 0].tolist() == [float(cell) for cell in column]


OTHER = "must be numbers, truth values, words or dates; got "
REFUSED = {
    "words and numbers": (
        objects(1, "x"),
        "must hold values of one kind; got int and str. Make them all text",
    ),
    "dates with and without zone": (
        objects(pd.Timestamp(MAY, tz="UTC"), MAY),
        "must hold dates with or without a time zone; got both. Give all of them one",
    ),
    "numbers beyond float64": (objects(10**400, 1), OTHER + "a number beyond 1e308. Divide the column"),
    "complex": (pd.Series([1j, 2]), OTHER + "complex128. Give its real and imaginary parts"),
    "complex objects": (objects(1j, 2j), OTHER + "complex. Turn it into one of these"),
    "enumeration": (objects(Size.S, Size.M), OTHER + "Size. Turn it into one of these"),
    "lists": (objects([1], [2, 3]), OTHER + "list.* Give each entry a column of its own"),
    "mappings": (
        objects({"x": 1}, {"x": 2}),
        OTHER + "struct.*a column of its own .pandas: pd.json_normalize",
    ),
    "bytes": (objects(b"x", b"y"), OTHER + "binary. Turn bytes into words"),
    "times of day": (objects(dt.time(1), dt.time(2)), OTHER + "time64.* Turn it into hours"),
    "Arrow maps": (
        pa.array([[("x", 1)], []], pa.map_(pa.string(), pa.int64())),
        OTHER + "map.* Give each entry",
    ),
    "Arrow structs": (pa.array([{"x": 1}] * 2), OTHER + "struct<.* Give each field a column"),
    "Arrow lists": (pa.array([[1], [2]]), OTHER + "list<.* Give each entry"),
    "Arrow maps in pandas": (
        arrow([[("x", 1)], []], pa.map_(pa.string(), pa.int64())),
        OTHER + "map.* Give each",
    ),
    "polars List": (pl.Series([[1], [2]]), OTHER + "large_list<.* Give each entry"),
    "polars Struct": (pl.Series([{"x": 1}] * 2), OTHER + "struct<.* Give each field"),
    "polars Binary": (pl.Series([b"x", b"y"]), OTHER + "large_binary. Turn bytes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_column_is_refused_by_its_name_with_the_remedy(case):
    column, message = REFUSED[case]
    with pytest.raises(InvalidInputError, match=f"^column 'b' of X of KDE {message}") as caught:
        askew.KDE().fit(frame(column))
    assert "\n" not in str(caught.value)


X = np.array([[1.0, 2.0], [3.0, 5.0], [2.0, 2.0]])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", "a"], "must be different; got 'a' for columns 1 and 2. Rename one"),
        (["a", 1], "must be text; got 1. Name the columns"),
        (["a", None], "must be text; got .*Name the columns"),
        (pd.date_range("2024-05-01", periods=2), "must be text; got Timestamp"),
        (
            pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]),
            r"must be text; got \('a', 'x'\). Join the levels",
        ),
    ],
    ids=["duplicate", "mixed", "none", "dates", "levels"],
)
@pytest.mark.parametrize("gap", [2.0, NAN], ids=["numbers", "gap"])
def test_names_that_are_no_text_or_twice_are_refused(names, message, gap):
    with pytest.raises(InvalidInputError, match=f"column names of X of KDE {message}"):
        askew.KDE().fit(pd.DataFrame(np.r_[X[:2], [[gap, 3.0]]], columns=names))


def test_duplicate_names_of_arrow():
    with pytest.raises(InvalidInputError, match="got 'a' for columns 1 and 2"):
        askew.KDE().fit(pa.table([pa.array([1.0]), pa.array([2.0])], names=["a", "a"]))


def test_columns_by_number_are_taken_by_place_unless_they_hold_gaps():
    assert askew.KDE(bandwidth=1.0).fit(pd.DataFrame(X)).n_features_in_ == 2
    with pytest.raises(
        InvalidInputError, match=r"column names of X of KDE must be text; got 0\. Name the columns"
    ):
        askew.KDE().fit(pd.DataFrame(X).mask(X == 5.0))


def test_a_record_batch_is_a_frame():
    batch = pa.RecordBatch.from_pydict({"a": X[:, 0], "b": X[:, 1]})
    detector = askew.KDE(bandwidth=1.0).fit(batch)
    assert detector.feature_names_in_.tolist() == ["a", "b"]
    words = pa.RecordBatch.from_pydict({"a": X[:, 0], "b": ["x", "y", "x"]})
    assert askew.KDE(bandwidth=1.0).fit(words).score_samples(words).shape == (3,)


def test_gaps_of_objects_are_nulls():
    assert to_arrow(pd.DataFrame({"a": objects(1.5, None, NAN)}))["a"].null_count == 2
