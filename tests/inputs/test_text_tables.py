"""Columns of text in a table: read together, with what is to be said and what is refused."""

import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import TextFormat, open_table
from askew.inputs.mixed_tables import TablePreparation
from askew.inputs.table_place import TablePlace
from askew.inputs.text_columns import Reading
from askew.inputs.text_tables import read_column, read_text


def read(columns, separator=",", kinds=None, **said):
    place = TablePlace("t.csv", "row {}".format, separator=separator)
    return read_text(pa.table(columns), kinds or {}, TextFormat(**said), place)


def values(columns, separator=",", kinds=None, **said):
    return read(columns, separator, kinds, **said).table.to_pydict()


class TestNumbers:
    @pytest.mark.parametrize(
        ("columns", "separator", "expected"),
        [
            ({"a": ["0,84", "1,5"], "b": ["1.234", "12.345"]}, ";", [1234, 12345]),
            ({"a": ["0,84", "1,5"], "b": ["1,234", "12,345"]}, ";", [1.234, 12.345]),
            ({"a": ["0.84", "1.5"], "b": ["1.234", "12.345"]}, ";", [1.234, 12.345]),
            ({"a": ["0.84", "1.5"], "b": ["1,234", "12"]}, ",", [1234, 12]),
            ({"a": ["x", "y"], "b": ["1.234", "12.345"]}, ",", [1.234, 12.345]),
            ({"a": ["0,84", "1.234,5"], "b": ["12", "13"]}, ";", [12, 13]),
        ],
    )
    def test_other_columns_tell_what_one_does_not(self, columns, separator, expected):
        assert values(columns, separator)["b"] == expected

    @pytest.mark.parametrize(
        ("columns", "separator", "cell"),
        [
            ({"b": ["12", "1,234"]}, ",", "'1,234' in row 2, where the comma may be decimal"),
            ({"b": ["12", "1.234"]}, ";", "'1.234' in row 2, where the point may be decimal"),
            ({"a": ["0,84"], "b": ["1.234"]}, ",", "'1.234' in row 1"),
            ({"a": ["0,84"], "c": ["0.84"], "b": ["1,234"]}, ";", "'1,234' in row 1"),
        ],
    )
    def test_refused_where_none_tells(self, columns, separator, cell):
        with pytest.raises(
            DataFileError, match=rf"column 'b' of t.csv must be numbers with one meaning; got {cell}"
        ):
            values(columns, separator)

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ({"decimal": ","}, 1.234),
            ({"decimal": "."}, 1234),
            ({"thousands": ","}, 1234),
            ({"thousands": " "}, 1.234),
        ],
    )
    def test_a_person_says_it(self, said, expected):
        columns = {"b": ["1,234", "12"]} | ({"a": ["0,5", "1"]} if said.get("thousands") == " " else {})
        assert values(columns, **said)["b"] == [expected, 12]

    def test_two_ways_in_one_column_are_refused_with_both_cells(self):
        with pytest.raises(DataFileError, match=r"got '1\.5' in row 1 and '2,5' in row 3"):
            values({"a": ["1.5", "2.5", "2,5"]})

    def test_what_was_done_is_said(self):
        columns = {"a": ["1.234,5 €", "3 €"], "b": ["2,5 €", "1 €"], "c": ["-", "7,5"], "d": ["7,5", "?"]}
        assert read(columns, ";").notes == [
            "numbers written like '1.234,5 €' are read as 1234.5: 'a', 'b'.",
            "numbers written like '7,5' are read as 7.5: 'c', 'd'.",
            "'-' is taken as missing in 1 cell of 'c'.",
            "'?' is taken as missing in 1 cell of 'd'.",
        ]

    def test_plain_numbers_need_no_word(self):
        found = read({"a": ["1.5", "2"], "b": ["Oslo", "Rome"]})
        assert found.notes == []
        assert found.table.schema.field("a").metadata == {b"read": b"yes"}

    def test_a_typing_error_is_refused_with_its_cell(self):
        with pytest.raises(
            DataFileError, match=r"must be a number \(like 1234,5\) .* got 'x' in row 21\. .*--na"
        ):
            values({"a": ["1,5"] * 20 + ["x"]})

    def test_words_of_which_many_are_numbers_are_said(self):
        (line,) = read({"a": ["1.5", "2.5", "<0.1"]}).notes
        assert line.startswith(
            "column 'a' is taken as words: 67% of its cells are numbers ('1.5'), others are not ('<0.1')"
        )

    def test_a_number_that_may_stand_for_a_missing_one_is_said(self):
        cells = ["12.5", "-999", "30.25", "-999", "18", "-999"]
        assert read({"a": cells}).notes == [
            "column 'a': -999 in 3 cells is learned from like any number; if it stands for a missing value: --na=-999."
        ]
        assert read({"a": cells}, missing=("-999",)).notes == []

    def test_values_that_stand_for_missing_ones(self):
        table = pa.table({"a": ["1", "-999.0", "-999"], "w": ["x", "none", "-999"], "n": [1.0, -999.0, 2.0]})
        found = read_text(table, {}, TextFormat(missing=("-999", "none")), TablePlace("t", str))
        assert found.table.to_pydict() == {
            "a": [1.0, None, None],
            "w": ["x", None, None],
            "n": [1.0, None, 2.0],
        }


class TestDates:
    @pytest.mark.parametrize(
        ("cells", "fragment"),
        [
            (
                ["2024-03-05", "Mar 05, 2024"],
                "'2024-03-05' in row 1, like 2024-12-31 .* and 'Mar 05, 2024' in row 2",
            ),
            (["2024-03-05 10:00", "2024-03-05 10:00Z"], "without a time zone, and .* with a time zone"),
            (["2024-03-05", "20240305"], "and '20240305' in row 2, like 20241231"),
            (["2024-03-05", "1709600000"], "and '1709600000' in row 2, like seconds since 1970"),
            (["1709600000", "1709600000000"], "like seconds since 1970 and like milliseconds since 1970"),
            (["20240305", "1709600000"], "like 20241231 and like seconds since 1970"),
        ],
    )
    def test_half_of_them_in_another_form_is_refused(self, cells, fragment):
        with pytest.raises(
            DataFileError, match=f"column 'a' of t.csv must be dates written one way; got .*{fragment}"
        ):
            values({"a": cells})

    @pytest.mark.parametrize(
        ("cell", "form"),
        [("20240305", "20241231"), ("1709596800", "seconds since 1970"), (1709596800, "seconds")],
    )
    def test_whole_numbers_that_look_like_dates(self, cell, form):
        found = read({"a": [cell]})
        assert found.table.to_pydict() == {"a": [float(cell)]}
        assert form in found.notes[0] and "--column-kind a=date reads them as dates" in found.notes[0]
        assert values({"a": [cell]}, kinds={"a": "date"}) == {"a": [datetime.datetime(2024, 3, 5)]}
        assert read({"a": [cell]}, kinds={"a": "number"}).notes == []

    @pytest.mark.parametrize("days", [["20240305", "20240306", "20240307"], [20240305, 20240306, 20240307]])
    def test_digits_that_can_be_nothing_but_dates_are_read(self, days):
        found = read({"a": days})
        assert found.table.to_pydict() == {"a": [datetime.datetime(2024, 3, day) for day in (5, 6, 7)]}
        assert found.notes == [
            "column 'a': its whole numbers are read as dates (20241231); --column-kind a=number keeps them numbers."
        ]
        assert values({"a": days}, kinds={"a": "number"})["a"] == [float(day) for day in days]


class TestTimes:
    def test_times_are_numbers(self):
        found = read({"a": ["14:05", "9:30", "-"]})
        assert found.table.to_pydict() == {"a": [845.0, 570.0, None]}
        assert found.notes == [
            "column 'a': times such as '14:05' are read as 845 minutes.",
            "'-' is taken as missing in 1 cell of 'a'.",
        ]

    def test_two_ways_are_refused(self):
        with pytest.raises(
            DataFileError, match="times written one way; got '1:30' in row 1 and '1:30:15' in row 2"
        ):
            read({"a": ["1:30", "1:30:15"]})

    def test_the_model_knows_how_they_are_written(self, tmp_path):
        frame = pd.DataFrame({"t": [f"{hour}:30" for hour in range(24)]})
        frame.to_csv(tmp_path / "t.csv", index=False)
        table = open_table(tmp_path / "t.csv", TextFormat(decimal="."))
        preparation = TablePreparation().fit(table.read_mixed(["t"]).table)
        assert preparation.transform(frame).ravel().tolist() == [hour * 60 + 30 for hour in range(24)]
        (rows,) = table.mixed_batches({"t": preparation.columns[0].reading})
        assert rows.table.column("t")[1].as_py() == 90


class TestFrames:
    def test_text_is_read_as_from_a_file(self, tmp_path):
        frame = pd.DataFrame({"a": ["0,84", "1,5"] * 5, "b": ["3 kg", "12 kg"] * 5, "w": ["x", "y"] * 5})
        frame.to_csv(tmp_path / "t.csv", index=False, sep=";")
        from_file = open_table(tmp_path / "t.csv").read_mixed(["a", "b", "w"]).table
        expected = TablePreparation().fit(from_file)
        with pytest.warns(UserWarning, match="numbers written like"):
            found = TablePreparation().fit(frame)
        assert found.columns == expected.columns
        assert found.transform(frame).tolist() == expected.transform(from_file).tolist()
        assert found.summary()[1] == "b: number (written 1234,5 kg)"
        with pytest.raises(
            InvalidInputError, match=r"'a' of X .* must be numbers .*; got words, for example '0\.84'"
        ):
            found.transform(frame.assign(a="0.84"))

    def test_plain_text_and_categories(self):
        frame = pd.DataFrame(
            {"a": ["1.5", "2"] * 5, "c": pd.Categorical(["1", "2"] * 5), "z": ["01", "02"] * 5}
        )
        with pytest.warns(UserWarning, match="1.5"):
            kinds = {column.name: column.kind for column in TablePreparation().fit(frame).columns}
        assert kinds == {"a": "number", "c": "category", "z": "category"}

    def test_a_doubtful_column_names_what_to_do_in_python(self):
        with pytest.raises(
            InvalidInputError, match=r"'1,234' in row 0, .* turn it into numbers \(pandas: pd.to_numeric"
        ):
            TablePreparation().fit(pd.DataFrame({"a": ["1,234", "5"]}))


def test_text_in_parquet_is_read_as_in_csv(tmp_path):
    pq.write_table(pa.table({"a": ["0,84", "1,5", "-"], "n": [1.0, 2.0, -1.0]}), tmp_path / "t.parquet")
    table = open_table(tmp_path / "t.parquet", TextFormat(missing=("-1",)))
    rows = table.read_mixed(["a", "n"])
    assert rows.table.to_pydict() == {"a": [0.84, 1.5, None], "n": [1.0, 2.0, None]}
    assert len(table.notes) == 2


def test_a_column_without_a_value_stays_so():
    place = TablePlace("t.csv", "row {}".format, separator=",")
    assert read_column("a", pa.array(["x", None]), Reading(""), place).to_pylist() == [None, None]
