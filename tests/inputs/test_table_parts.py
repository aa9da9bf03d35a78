"""Tables in several files: which files, in what order, from which a row came, and the same columns in each."""

import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import open_table
from askew.inputs.table_opening import finds, table_files
from askew.inputs.text_columns import Reading


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(**files):
    """Write files such as ``a_csv="x\\n1\\n"``; two underscores are a folder."""
    for name, content in files.items():
        path = Path("data", name.replace("__", "/").replace("_", ".", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            pq.write_table(pa.table(content), path)
        else:
            path.write_text(content)
    return "data"


class TestFiles:
    def test_of_a_folder_all_tables_therein_sorted_by_path(self):
        put(b_csv="", a_csv="", inner__c_csv="", notes_txt="", x_PARQUET="")
        Path("data/_old").mkdir()
        for hidden in (".b.csv", "_b.csv", "_old/a.csv"):
            Path("data", hidden).touch()
        assert [str(path) for path in table_files(Path("data"))] == [
            "data/a.csv",
            "data/b.csv",
            "data/inner/c.csv",
            "data/x.PARQUET",
        ]

    def test_of_a_pattern_what_it_finds_sorted(self):
        put(b1_csv="", a1_csv="", inner__c1_csv="", a2_csv="", **{"a[1]_csv": ""})
        assert [path.name for path in table_files(Path("data/?1.csv"))] == ["a1.csv", "b1.csv"]
        assert [path.name for path in table_files(Path("data/**/*1.csv"))] == ["a1.csv", "b1.csv", "c1.csv"]
        assert table_files(Path("data/a[1].csv")) is None  # there is a file of that very name

    def test_a_pattern_and_a_path_of_other_lengths(self):
        for path in ("/d", "/d/a.csv/b", "/d/a/b"):
            assert not finds(Path("/d/*.csv"), Path(path))
        assert not finds(Path("/d/**/*.csv"), Path("/d")) and finds(Path("/d/**"), Path("/d"))

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ("data/*.tsv", "table data/.*.tsv must have files that the pattern finds; there are none"),
            ("data/empty", r"must have files that end in .csv, .*\.xlsm; there are none"),
            ("data", "got a folder called 'year=2024', whose value would be lost. .*'data/.*/.*.csv'"),
        ],
    )
    def test_no_files_and_lost_values_are_refused(self, folder, data, message):
        put(**{"year=2024__a_csv": "x\n1\n"})
        (folder / "data/empty").mkdir()
        with pytest.raises(DataFileError, match=message):
            open_table(data)


def test_rows_file_after_file_with_their_origin():
    table = open_table(put(b_csv="id,x\nB,2\n", a_csv="x;id\n1;A\n1.5;A2\n", c_tsv="id\tx\nC\t3\n"))
    assert table.names == ("x", "id") and table.parts == 3
    found = [
        (batch.part, batch.values[:, 0].tolist(), batch.kept["id"].to_pylist())
        for batch in table.batches(["x"], keep=["id"])
    ]
    assert found == [("a.csv", [1, 1.5], ["A", "A2"]), ("b.csv", [2], ["B"]), ("c.tsv", [3], ["C"])]
    assert table.read(["x"]).values[:, 0].tolist() == [1, 1.5, 2, 3]
    assert table.schema({"x": Reading("number")}).names == ["x", "id"]


def test_the_first_file_says_what_separates_cells():
    """In a file of semicolons the point may be one of thousands."""
    with pytest.raises(
        DataFileError, match=r"column 'x' of data must be numbers with one meaning; got '1.234'"
    ):
        open_table(put(a_csv="x;y\n1.234;a\n", b_csv="x,y\n1.234,a\n")).read_mixed(["x"])
    table = open_table(put(a_csv="x,y\n1.234,a\n", b_csv="x;y\n1.234;a\n"))
    assert table.read_mixed(["x"]).table["x"].to_pylist() == [1.234, 1.234]


def test_what_a_column_holds_is_told_by_all_files_together():
    """Either file alone could mean January the second, or the first of February."""
    put(a_csv="day\n01/02/2024\n", b_csv="day\n25/02/2024\n")
    days = open_table("data").read_mixed(["day"]).table["day"].to_pylist()
    assert days == [datetime.datetime(2024, 2, 1), datetime.datetime(2024, 2, 25)]


def test_the_file_and_the_line_of_a_wrong_cell_are_named():
    put(a_csv="x\n" + "1\n" * 20, b_csv="x\n2\noops\n")
    with pytest.raises(
        DataFileError, match=r"column 'x' of data must be a number .*'oops' in row 2 \(line 3\) of b.csv"
    ):
        open_table("data").read_mixed(["x"])
    with pytest.raises(
        DataFileError, match=r"column 'x' of data/b.csv must be .*'oops' in row 2 \(line 3\)\."
    ):
        open_table("data").read(["x"])
    put(b_csv="x\n2\n3\n")
    table = open_table("data/*.csv")
    table.read(["x"])
    assert [table.row_name(row) for row in (1, 20, 21, 22)] == [
        "row 1 (line 2) of a.csv",
        "row 20 (line 21) of a.csv",
        "row 1 (line 2) of b.csv",
        "row 2 (line 3) of b.csv",
    ]


class TestTypes:
    def test_numbers_become_the_wider_and_gaps_fit_all(self):
        put(
            a_parquet={"x": pa.array([1, 2], pa.int32()), "w": pa.nulls(2)},
            b_parquet={"w": ["a"], "x": [2.5]},
        )
        table = open_table("data")
        assert table.read_mixed(["x", "w"]).table.to_pydict() == {
            "x": [1.0, 2.0, 2.5],
            "w": [None, None, "a"],
        }
        assert table.schema({}).field("x").type == pa.float64()
        assert [rows.part for rows in table.mixed_batches({"x": Reading("number")})] == [
            "a.parquet",
            "b.parquet",
        ]

    @pytest.mark.parametrize(
        ("first", "second", "common"),
        [
            (pa.array([2**63], pa.uint64()), pa.array([-1], pa.int8()), pa.float64()),
            (pa.array(["a"]).dictionary_encode(), pa.array(["b"]), pa.string()),
            (
                pa.array([datetime.datetime(1500, 1, 1)], pa.timestamp("us")),
                pa.array([datetime.datetime(2000, 1, 1)], pa.timestamp("ns")),
                pa.timestamp("us"),
            ),
        ],
    )
    def test_no_value_is_lost(self, first, second, common):
        put(a_parquet={"x": first}, b_parquet={"x": second})
        column = open_table("data").read_mixed(["x"]).table["x"]
        assert column.type == common and column.to_pylist() == [first[0].as_py(), second[0].as_py()]

    def test_one_column_of_two_kinds_is_refused(self):
        put(a_parquet={"x": [1]}, b_parquet={"x": ["one"]})
        with pytest.raises(
            InvalidInputError, match=r"column 'x' .* got int64 in data/a.* and string in data/b"
        ):
            open_table("data")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("x,y\n1,2\n", r"must have the same columns; data/b.csv lacks 'id', other than data/a.csv"),
        ("x,z,id,y\n1,2,3,4\n", "data/b.csv has also 'z'"),
        ("x,z\n1,2\n", "lacks 'y', 'id' and has also 'z'"),
    ],
)
def test_other_columns_are_refused(other, message):
    put(a_csv="x,y,id\n1,2,3\n", b_csv=other)
    with pytest.raises(InvalidInputError, match=message):
        open_table("data")


def test_two_kinds_of_files_are_refused():
    put(a_csv="x\n1\n", b_parquet={"x": [1]})
    with pytest.raises(DataFileError, match=r"of one kind; got data/a.csv and data/b.parquet\. .*'folder/"):
        open_table("data")


def test_ids_are_text_unless_they_are_whole_numbers_in_all_files():
    put(a_csv="id,x\n1,1\n", b_csv="id,x\n2,1\n")
    assert open_table("data").kept_type("id") == pa.int64()
    put(b_csv="id,x\nB2,1\n")
    assert open_table("data").kept_type("id") == pa.string()
