"""CSV and parquet files: what is read, and the one-line refusal of everything that cannot be."""

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import TextFormat, csv_table, open_table, parquet_table


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    return write


def read(path, *features):
    return open_table(path).read(features).values.tolist()


class TestCsv:
    @pytest.mark.parametrize(
        "content",
        [
            "a,b\n1,2.5\n3,4\n",
            "a,b\n1,2.5\n3,4",
            "a,b\r\n1,2.5\r\n3,4\r\n",
            '"a","b"\n"1","2.5"\n"3","4"\n',
            "\ufeffa,b\n1,2.5\n3,4\n",
            "a;b\n1;2.5\n3;4\n",
            "a\tb\n1\t2.5\n3\t4\n",
            "a,b\n 1 , 2.5\n\n+3,4e0\n\n",
            "a|b\n1|2.5\n3|4\n",
            "Report\n\na,b\n1,2.5\n3,4\n",
            "# Report\na,b\n1,2.5\n3,4\n",
            "a,b,, \n1,2.5,,\n3,4,,\n",
            "a,b\r1,2.5\r3,4\r",
            "a,b\n1,2.5\n3,4\n".encode("utf-16"),
        ],
        ids=[
            *["plain", "no last newline", "windows", "quoted", "excel", "semicolons", "tabs", "blanks"],
            *["bars", "title", "comment", "unnamed", "old Mac", "UTF-16"],
        ],
    )
    def test_dialects(self, write, content):
        table = open_table(write(content))
        assert table.names == ("a", "b")
        assert table.read(["b", "a"]).values.tolist() == [[2.5, 1.0], [4.0, 3.0]]

    def test_gzip(self, write):
        assert read(write(gzip.compress(b"a,b\n1,2\n", mtime=0), "t.csv.gz"), "a", "b") == [[1.0, 2.0]]

    def test_kept_columns_are_the_text_of_the_file(self, write):
        table = open_table(write('id,a\n007,1\n"x, y",2\nNA,3\n,4\n'))
        assert table.read(["a"], keep=["id"]).kept["id"].to_pylist() == ["007", "x, y", "NA", ""]

    @pytest.mark.parametrize(
        ("ids", "kind"),
        [
            (["1", "-20", "0"], pa.int64()),
            (["1", "007"], pa.string()),
            (["1", "x"], pa.string()),
            (["1", ""], pa.string()),
            (["1", "1.0"], pa.string()),
            (["9" * 19], pa.string()),
        ],
    )
    def test_type_of_kept_columns(self, write, ids, kind):
        table = open_table(write("id,a\n" + "".join(f"{each},1\n" for each in ids)))
        assert table.kept_type("id") == kind

    def test_batches_make_up_the_file(self, write, monkeypatch):
        monkeypatch.setattr(csv_table, "_BLOCK", 512)
        monkeypatch.setattr(csv_table, "_TOGETHER", 2)
        values = np.random.default_rng(0).normal(size=(500, 2))
        lines = "".join(f"{i},{a!r},{b!r}\n" for i, (a, b) in enumerate(values.tolist()))
        batches = list(open_table(write("id,a,b\n" + lines)).batches(["a", "b"], keep=["id"]))
        assert len(batches) > 10
        assert max(len(batch.values) for batch in batches) < 100
        np.testing.assert_array_equal(np.concatenate([batch.values for batch in batches]), values)
        ids = [each for batch in batches for each in batch.kept["id"].to_pylist()]
        assert ids == [str(i) for i in range(500)]
        fractions = [batch.fraction for batch in batches]
        assert fractions == sorted(fractions) and 0 < fractions[0] < 1 and fractions[-1] == 1

    def test_line_breaks_in_quotes_across_blocks(self, write, monkeypatch):
        monkeypatch.setattr(csv_table, "_BLOCK", 512)
        content = "id,a\n" + "".join(f'"x\ny\n\n{row}",{row}\n' for row in range(300))
        batch = open_table(write(content)).read(["a"], keep=["id"])
        assert batch.values[:, 0].tolist() == list(range(300))
        assert batch.kept["id"].to_pylist()[299] == "x\ny\n\n299"

    @pytest.mark.parametrize(
        ("cell", "got"),
        [
            ("abc", "'abc'"),
            ("", "a missing value"),
            ("NaN", "a missing value"),
            ("NA", "a missing value"),
            ("-inf", "-inf"),
            ("1e999", "inf"),
            ("1_000", "'1_000'"),
            ("0x10", "'0x10'"),
            ('"1,5"', "'1,5'"),
            ("12%", "'12%'"),
        ],
    )
    def test_bad_cells(self, write, cell, got):
        path = write(f"id,a\nx,1\ny,{cell}\nz,3\n")
        with pytest.raises(DataFileError) as caught:
            read(path, "a")
        assert (
            f"column 'a' of t.csv must be a finite number in every row; got {got} in row 2 (line 3)."
            in str(caught.value)
        )
        assert "(--drop a)" in str(caught.value)

    def test_numbers_written_otherwise_get_their_own_remedy(self, write):
        with pytest.raises(DataFileError, match=r"'1,5' in row 1 .*Write it as 1234.5, or say .*--decimal"):
            read(write("a;b\n1,5;2\n"), "a", "b")

    def test_names_with_blanks_are_quoted_for_the_shell(self, write):
        with pytest.raises(DataFileError, match="--drop 'my col'"):
            read(write("my col\nx\n"), "my col")

    @pytest.mark.parametrize("cell", ["bad", "nan"])
    def test_row_and_line_far_into_the_file(self, write, monkeypatch, cell):
        monkeypatch.setattr(csv_table, "_BLOCK", 512)
        monkeypatch.setattr(csv_table, "_TOGETHER", 2)
        lines = [f"{i},1.5" for i in range(1000)]
        lines[3] = '"two\nlines",1.5'  # from here on a row's line is one further
        lines[5:5] = ["", ""]
        lines[800] = f"798,{cell}"
        with pytest.raises(DataFileError, match=r"in row 799 \(line 803\)"):
            read(write("id,a\n" + "\n".join(lines)), "a")

    def test_what_was_passed_over_is_said(self, write):
        assert open_table(write("Report\n\na,b\n1,2\n")).notes == (
            "t.csv: 2 lines before the header left out ('Report').",
        )
        assert open_table(write("a,b,\n1,2,\n")).notes == (
            "t.csv: the last column, without a name or a value, is left out.",
        )

    def test_rows_are_named_by_their_lines_below_a_title(self, write):
        with pytest.raises(DataFileError, match=r"'x' in row 2 \(line 5\)"):
            read(write("Report\n\na,b\n1,2\nx,2\n"), "a")

    @pytest.mark.parametrize(
        ("content", "said", "expected"),
        [
            ("a;b\n0,5;1.234\n", {}, "'0,5' in row 1"),  # plain numbers, as the model knows them
            ("a;b\n0,5;1.234\n", {"decimal": ","}, [0.5, 1234.0]),
            ("a;b\n1,234;12\n", {"thousands": ","}, [1234.0, 12.0]),
            ("a;b\n0,5;-9\n", {"decimal": ",", "missing": ("-9",)}, "a missing value in row 1"),
            ("a:b,c\n1:2\n", {"separator": ":"}, [1.0, 2.0]),
            ("a;é\n1;2\n".encode("latin-1"), {"encoding": "latin-1"}, [1.0, 2.0]),
        ],
    )
    def test_what_a_person_says_of_a_file(self, write, content, said, expected):
        table = open_table(write(content), TextFormat(**said))
        if isinstance(expected, str):
            with pytest.raises(DataFileError, match=expected):
                table.read(table.names)
        else:
            assert table.read(table.names).values.tolist() == [expected]

    @pytest.mark.parametrize("row", ["1", "1,2,3", "1,2,"])
    def test_rows_of_another_length(self, write, row):
        with pytest.raises(
            DataFileError, match=r"must have 2 cells like its header; got [13] in row 2 \(line 3\)"
        ):
            read(write(f"a,b\n5,6\n{row}\n"), "a")

    @pytest.mark.parametrize(
        ("content", "fragment"),
        [
            ("", "got an empty file"),
            ("a,b\n", "got the header line only"),
            ("a,b\n\n\n", "got the header line only"),
            ("0.5,12\n1.5,13\n", "must name the columns; got numbers alone, such as '0.5'"),
            ("a,b,a\n1,2,3\n", "got 'a' for columns 1 and 3"),
            (",a\n0,1\n", "got no name for column 1. Name it, or write the table without its row numbers"),
            ("\xe9,b\n1,2\n".encode("latin-1"), "must be text in UTF-8; got other bytes in its header"),
        ],
    )
    def test_refused_when_opened(self, write, content, fragment):
        with pytest.raises(InvalidInputError, match=fragment):
            open_table(write(content))

    def test_text_of_another_encoding_in_a_column_that_is_used(self, write):
        table = open_table(write("id,a\nx,1\n\xe9,2\n".encode("latin-1")))
        assert table.read(["a"]).values.tolist() == [[1.0], [2.0]]  # not used: no harm
        with pytest.raises(DataFileError, match=r"other bytes in column 'id', row 2 \(line 3\)"):
            table.read(["a"], keep=["id"])

    def test_fault_in_another_column_is_named_beside_text_of_another_encoding(self, write):
        path = write("id,a\n\xe9,1\ny,\n".encode("latin-1"))
        with pytest.raises(DataFileError, match=r"got a missing value in row 2 \(line 3\)"):
            read(path, "a")

    @pytest.mark.parametrize("cut", [5, 30, -5])
    def test_damaged_gzip(self, write, cut):
        whole = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(2000)), mtime=0)
        with pytest.raises(DataFileError, match="must be a CSV file that is whole"):
            read(write(whole[:cut], "t.csv.gz"), "a", "b")

    @pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc")
    def test_too_little_memory_for_arrow_is_said_before_it_waits_for_ever(self, write):
        import resource

        table, limits = open_table(write("a,b\n1,2\n")), resource.getrlimit(resource.RLIMIT_AS)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + csv_table._ROOM // 2, limits[1]))
        try:
            with pytest.raises(MemoryError, match="to read CSV"):
                table.read(["a", "b"])
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limits)
        assert table.read(["a", "b"]).values.tolist() == [[1.0, 2.0]]


def frame():
    return pd.DataFrame(
        {"id": ["x", "y", "z"], "a": [1, 2, 3], "b": [0.5, 1.5, 2.5], "c": [True, False, True]}
    )


class TestParquet:
    def test_read(self, tmp_path):
        frame().to_parquet(tmp_path / "t.parquet")
        table = open_table(tmp_path / "t.parquet")
        assert table.names == ("id", "a", "b", "c")
        batch = table.read(["c", "a", "b"], keep=["id"])
        assert batch.values.tolist() == [[1.0, 1.0, 0.5], [0.0, 2.0, 1.5], [1.0, 3.0, 2.5]]
        assert batch.kept["id"].to_pylist() == ["x", "y", "z"]

    def test_words_that_unpack_beyond_belief_are_refused(self, tmp_path, monkeypatch):
        monkeypatch.setattr("askew.inputs.unpacking.SPARE", 1 << 16)
        for name, column in (
            ("words", pa.array(["x" * 1000] * 1000)),
            ("numbers", pa.array(np.zeros(10**6))),
        ):
            pq.write_table(
                pa.table({"a": column}),
                tmp_path / f"{name}.parquet",
                use_dictionary=False,
                compression="zstd",
            )
        assert open_table(tmp_path / "numbers.parquet").names == ("a",)
        with pytest.raises(
            DataFileError, match=r"not unpack to more than 100 times .* Write it uncompressed"
        ):
            open_table(tmp_path / "words.parquet")

    def test_kept_columns_keep_their_type(self, tmp_path):
        data = frame().assign(id=pd.Categorical(["x", "y", "x"]), n=pd.Series([7, 8, 9], dtype="int16"))
        data.to_parquet(tmp_path / "t.parquet")
        table = open_table(tmp_path / "t.parquet")
        assert pa.types.is_integer(table.kept_type("n")) and table.kept_type("n").bit_width == 16
        assert not pa.types.is_dictionary(table.kept_type("id"))
        assert table.read(["a"], keep=["id"]).kept["id"].to_pylist() == ["x", "y", "x"]

    def test_index_of_pandas_is_no_feature_but_can_be_asked_for(self, tmp_path):
        frame().set_index("id").to_parquet(tmp_path / "t.parquet")
        table = open_table(tmp_path / "t.parquet")
        assert table.index_names == ("id",)
        assert table.read(["a"], keep=["id"]).kept["id"].to_pylist() == ["x", "y", "z"]

    def test_decimals_and_null_free_integers(self, tmp_path):
        from decimal import Decimal

        pq.write_table(
            pa.table({"d": pa.array([Decimal("1.25")]), "i": pa.array([2**60])}), tmp_path / "t.parquet"
        )
        assert read(tmp_path / "t.parquet", "d", "i") == [[1.25, float(2**60)]]

    def test_batches_make_up_the_file(self, tmp_path, monkeypatch):
        monkeypatch.setattr(parquet_table, "ROWS", 100)
        values = np.arange(1050.0).reshape(-1, 2)
        pq.write_table(
            pa.table({"a": values[:, 0], "b": values[:, 1]}), tmp_path / "t.parquet", row_group_size=300
        )
        batches = list(open_table(tmp_path / "t.parquet").batches(["a", "b"]))
        assert max(len(batch.values) for batch in batches) <= 100
        np.testing.assert_array_equal(np.concatenate([batch.values for batch in batches]), values)
        assert batches[-1].fraction == 1

    @pytest.mark.parametrize(
        ("value", "got"), [(None, "a missing value"), (np.nan, "a missing value"), (np.inf, "inf")]
    )
    def test_bad_cells(self, tmp_path, monkeypatch, value, got):
        monkeypatch.setattr(parquet_table, "ROWS", 10)
        column = pa.array([1.0] * 57 + [value] + [1.0] * 20, from_pandas=False)
        pq.write_table(pa.table({"a": column}), tmp_path / "t.parquet")
        with pytest.raises(DataFileError, match=rf"column 'a' of .*t.parquet .* got {got} in row 58\."):
            read(tmp_path / "t.parquet", "a")

    @pytest.mark.parametrize(
        ("column", "fragment"),
        [
            (pa.array([None, "Oslo"]), "must be numbers; got string, for example 'Oslo' in row 2"),
            (pa.array(["x"]).dictionary_encode(), "got string, for example 'x' in row 1"),
            (pa.array([0], pa.timestamp("s")), "must be numbers; got timestamp"),
            (pa.array([[1.0]]), "must be numbers; got list"),
            (pa.nulls(2), "got a missing value in row 1. Fill the column in"),
        ],
    )
    def test_columns_that_are_no_numbers(self, tmp_path, column, fragment):
        pq.write_table(pa.table({"a": column}), tmp_path / "t.parquet")
        with pytest.raises(DataFileError, match=fragment):
            read(tmp_path / "t.parquet", "a")

    def test_no_rows(self, tmp_path):
        frame().head(0).to_parquet(tmp_path / "t.parquet")
        with pytest.raises(DataFileError, match="must have data rows; got none"):
            open_table(tmp_path / "t.parquet")

    def test_duplicate_names(self, tmp_path):
        table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
        pq.write_table(table, tmp_path / "t.parquet")
        with pytest.raises(InvalidInputError, match="got 'a' for columns 1 and 2"):
            open_table(tmp_path / "t.parquet")

    @pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"PAR1", b"PAR1" + bytes(100) + b"PAR1"])
    def test_another_kind_of_file(self, write, content):
        with pytest.raises(
            DataFileError, match=r"t.parquet must be a parquet file; it is damaged or of another kind"
        ):
            open_table(write(content, "t.parquet"))

    def test_damaged_pages(self, tmp_path):
        path = tmp_path / "t.parquet"
        values = np.random.default_rng(0).normal(size=5000)
        pq.write_table(pa.table({"a": values}), path, use_dictionary=False)
        content = bytearray(path.read_bytes())
        content[40:4000] = bytes(3960)
        path.write_bytes(content)
        with pytest.raises(DataFileError, match="damaged"):
            read(path, "a")

    def test_cut_short(self, tmp_path):
        path = tmp_path / "t.parquet"
        frame().to_parquet(path)
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(DataFileError, match="damaged"):
            open_table(path)


class TestPaths:
    @pytest.mark.parametrize(
        ("path", "fragment"),
        [
            ("speeds.parquet", "there is none. Did you mean speeds.csv?"),
            ("spedes.csv", "Did you mean speeds.csv?"),
            ("other.csv", "Check the path and the folder you are in"),
            ("no/speeds.csv", "There is no folder no either"),
            ("book.xls", "got '.xls'"),
            ("noending", "got 'no extension'"),
        ],
    )
    def test_refused(self, write, path, fragment):
        write("a\n1\n", "speeds.csv")
        write("a\n1\n", "book.xls")
        write("a\n1\n", "noending")
        with pytest.raises(DataFileError, match=fragment) as caught:
            open_table(path)
        assert "\n" not in str(caught.value)

    def test_capital_extension(self, write):
        assert read(write("a\n1\n", "T.CSV"), "a") == [[1.0]]
