"""Where a table comes from, in messages."""

import pyarrow as pa

from askew.errors import DataFileError, InvalidInputError
from askew.inputs.table_place import TablePlace

FILE = TablePlace("t.csv", "row {}".format)
FRAME = TablePlace("X", lambda row: f"row {row - 1}", is_file=False)


def test_files_and_frames():
    assert type(FILE.error("no")) is DataFileError and type(FRAME.error("no")) is InvalidInputError
    assert FILE.as_kind("my col") == "--column-kind 'my col=category'"
    assert FRAME.as_kind("a", "date") == "kinds={'a': 'date'}"


def test_cells():
    words = pa.array(["x", "y"])
    assert (FILE.cell(words, "y"), FRAME.cell(words, "y")) == ("'y' in row 2", "'y' in row 1")
    assert FILE.cell(words, "z") == "'z'"
