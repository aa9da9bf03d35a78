"""Workbooks: which sheet, what a cell means, and the refusal of what would be lost."""

import datetime
import re
import zipfile

import pytest

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import TextFormat, open_table
from askew.inputs.address import data_at

openpyxl = pytest.importorskip("openpyxl", reason="needs the extra askew[excel]")

DAY = datetime.datetime(2024, 5, 1)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def put(rows, merge="", **others):
    """Write a workbook with a sheet of the rows, called First, and others."""
    book = openpyxl.Workbook()
    book.active.title = "First"
    for name, content in {"First": rows, **others}.items():
        sheet = book["First"] if name == "First" else book.create_sheet(name)
        for row in content:
            sheet.append(row)
    if merge:
        book["First"].merge_cells(merge)
    book.save("t.xlsx")
    return "t.xlsx"


def change(pattern, new):
    """Change the first sheet's file inside the workbook."""
    with zipfile.ZipFile("t.xlsx") as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = re.sub(pattern, new, parts["xl/worksheets/sheet1.xml"])
    with zipfile.ZipFile("t.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def column(*values):
    table = open_table(put([["x", "a"], *([row, value] for row, value in enumerate(values))]))
    return table.read_mixed(["a"]).table["a"].to_pylist()


def test_rows_below_the_first_that_has_cells():
    table = open_table(put([[None], ["id", 2024, None, DAY], ["007", 1, None, 0.5], [], ["x", 2, None, 1.5]]))
    assert table.names == ("id", "2024", "2024-05-01")
    batch = table.read(["2024-05-01", "2024"], keep=["id"])
    assert batch.values.tolist() == [[0.5, 1.0], [1.5, 2.0]] and batch.kept["id"].to_pylist() == ["007", "x"]
    assert [table.row_name(row) for row in (1, 2)] == ["row 1 (3 in the sheet)", "row 2 (5 in the sheet)"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, 2.5, None), [1.0, 2.5, None]),
        ((DAY, DAY.replace(hour=6), None), [DAY, DAY.replace(hour=6), None]),
        ((DAY, "2024-05-02", "-"), [DAY, DAY.replace(day=2), None]),
        ((True, False), [True, False]),
        (("1,5", 2, "n/a"), [1.5, 2.0, None]),
        (("#DIV/0!", 2), [None, 2.0]),
        (("12,30 €", "1.200,00 €"), [12.3, 1200.0]),
        (("a", 1), ["a", "1"]),
        ((datetime.timedelta(hours=30),), [datetime.timedelta(hours=30)]),
    ],
)
def test_what_cells_mean(values, expected):
    assert column(*values) == expected


def test_what_a_person_says_of_numbers_counts():
    path = put([["a"], ["1,234"], ["12"]])
    for mark, expected in ((",", [1.234, 12.0]), (".", [1234.0, 12.0])):
        table = open_table(path, TextFormat(decimal=mark))
        assert table.read_mixed(["a"]).table["a"].to_pylist() == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((DAY, 45000), r"got dates in row 1 \(2 in the sheet\) and whole numbers in row 2"),
        (
            (DAY, "02.05.2024"),
            "dates written one way; got '2024-05-01' in row 1 .* and '02.05.2024' in row 2",
        ),
        ((datetime.time(10, 30),), "got a time of day in row 1"),
    ],
)
def test_columns_that_could_mean_two_things_are_refused(values, message):
    with pytest.raises(DataFileError, match=f"column 'a' of t.xlsx must .*{message}"):
        column(*values)


class TestSheets:
    def test_the_only_one_with_cells_needs_no_name(self):
        assert open_table(put([], Other=[["a"], [1]])).names == ("a",)

    def test_one_of_several_is_named(self):
        path = put([["a"], [1]], Other=[["b"], [2]], Empty=[])
        with pytest.raises(DataFileError, match=r"the workbook has 'First', 'Other'\. Name one with --sheet"):
            open_table(path)
        assert open_table(data_at(path, sheet="Other")).read(["b"]).values.tolist() == [[2.0]]
        with pytest.raises(
            InvalidInputError, match=r"--sheet must name a sheet of t.xlsx; got 'other'\. Did you"
        ):
            open_table(data_at(path, sheet="other"))
        with pytest.raises(DataFileError, match=r"t.xlsx, sheet 'Empty' must have data rows"):
            open_table(data_at(path, sheet="Empty"))

    def test_in_several_workbooks_it_is_the_same(self, tmp_path):
        for name in ("a", "b"):
            put([["a"], [1]], Other=[["b"], [2]])
            (tmp_path / "t.xlsx").rename(tmp_path / f"{name}.xlsx")
        assert open_table(data_at("*.xlsx", sheet="Other")).read(["b"]).values.tolist() == [[2.0], [2.0]]

    def test_of_another_file_none_can_be_named(self, tmp_path):
        (tmp_path / "t.csv").write_text("a\n1\n")
        with pytest.raises(
            InvalidInputError, match=r"--sheet must be given with a workbook, .*; got 't.csv'"
        ):
            open_table(data_at("t.csv", sheet="Other"))


class TestLoss:
    ROWS = (["a", "b"], [1, 2], [3, 4])

    @pytest.mark.parametrize(
        ("cells", "message"),
        [
            ("A1:B1", "header of t.xlsx .* cells A1:B1 are merged"),
            ("A2:A3", "table of .* cells A2:A3"),
            ("B2:B3", "table of .* cells B2:B3"),
        ],
    )
    def test_merged_cells_are_refused(self, cells, message):
        with pytest.raises(DataFileError, match=message):
            open_table(put(self.ROWS, cells))

    def test_merged_cells_beside_the_table_are_not(self):
        assert open_table(put(self.ROWS, "D1:E2")).names == ("a", "b")

    def test_formulas_count_with_their_values_and_need_some(self):
        put([["a", "b"], [1, "=A2*2"], [3, "=A3*2"]])
        with pytest.raises(DataFileError, match=r"must have values for its formulas; cell B2 has none"):
            open_table("t.xlsx")
        change(rb"<v ?/>|<v></v>", b"<v>7</v>")
        assert open_table("t.xlsx").read(["b"]).values.tolist() == [[7.0], [7.0]]

    def test_hidden_rows_and_columns_are_read_and_noted(self):
        assert open_table(put(self.ROWS)).notes == ()
        for tag in ("row", "col"):
            book = openpyxl.load_workbook("t.xlsx")
            where = book.active.row_dimensions[3] if tag == "row" else book.active.column_dimensions["B"]
            where.hidden = True
            book.save(f"{tag}.xlsx")
            table = open_table(f"{tag}.xlsx")
            assert table.read(["b"]).values.tolist() == [[2.0], [4.0]]
            assert table.notes == (
                f"note: {tag}.xlsx has hidden rows or columns, which are read like the others.",
            )

    def test_cells_under_no_name_are_refused(self):
        with pytest.raises(DataFileError, match=r"row 1 has no name over cell B2"):
            open_table(put([["a title"], ["a", "b"], [1, 2]]))

    def test_a_size_that_is_too_small_loses_nothing(self):
        put(self.ROWS)
        change(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"')
        assert open_table("t.xlsx").read(["b"]).values.tolist() == [[2.0], [4.0]]

    def test_two_columns_of_one_name_are_refused(self):
        with pytest.raises(InvalidInputError, match=r"got 'a' for columns 1 and 2"):
            open_table(put([["a", "a"], [1, 2]]))

    @pytest.mark.parametrize("content", [b"a,b\n", b"PK\3\4no", b"\xd0\xcf\x11\xe0" * 99])
    def test_another_kind_of_file_is_refused(self, tmp_path, content):
        (tmp_path / "t.xlsx").write_bytes(content)
        with pytest.raises(
            DataFileError, match=r"must be an .xlsx file without a password; it is damaged or"
        ):
            open_table("t.xlsx")

    def test_a_damaged_sheet_is_refused(self):
        put(self.ROWS)
        change(rb"</row>.*", b"</row><row>")
        with pytest.raises(DataFileError, match=r"it is damaged or of another kind \("):
            open_table("t.xlsx")
