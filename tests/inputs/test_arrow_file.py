"""Arrow files: with a footer or as a stream, read as parquet is."""

import pyarrow as pa
import pyarrow.feather as feather
import pytest

from askew.errors import DataFileError
from askew.inputs import arrow_file, open_table

TABLE = pa.table({"id": ["x", "y", "z"], "a": [1, 2, 3], "b": [0.5, 1.5, None]})


def write(path, table=TABLE, *, stream=False, rows=2):
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with new(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=rows)
    return path


@pytest.mark.parametrize("stream", [False, True], ids=["file", "stream"])
def test_rows_in_order_with_what_is_kept(tmp_path, monkeypatch, stream):
    monkeypatch.setattr(arrow_file, "ROWS", 1)
    table = open_table(write(tmp_path / "t.arrow", stream=stream))
    assert table.names == ("id", "a", "b")
    batches = list(table.batches(["a"], keep=["id"]))
    assert [batch.values.tolist() for batch in batches] == [[[1.0]], [[2.0]], [[3.0]]]
    assert [batch.kept["id"].to_pylist() for batch in batches] == [["x"], ["y"], ["z"]]
    assert 0 < batches[0].fraction <= batches[-1].fraction <= 1
    assert table.read_mixed(["b", "a"]).table.to_pydict() == {"b": [0.5, 1.5, None], "a": [1, 2, 3]}


def test_feather_with_compression_and_an_index_of_pandas(tmp_path):
    feather.write_feather(TABLE.to_pandas().set_index("id"), tmp_path / "t.feather", compression="zstd")
    table = open_table(tmp_path / "t.feather")
    assert table.index_names == ("id",) and table.read(["a"]).values.tolist() == [[1.0], [2.0], [3.0]]


def test_a_gap_is_named_by_its_row(tmp_path):
    with pytest.raises(DataFileError, match=r"column 'b' of .*t.ipc must be a finite number .* row 3\."):
        open_table(write(tmp_path / "t.ipc")).read(["b"])


@pytest.mark.parametrize("stream", [False, True])
def test_no_rows_are_refused(tmp_path, stream):
    with pytest.raises(DataFileError, match="must have data rows; got none"):
        open_table(write(tmp_path / "t.arrow", TABLE.slice(0, 0), stream=stream))


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"ARROW1", b"FEA1" + bytes(40)])
def test_another_kind_of_file_is_refused(tmp_path, content):
    (tmp_path / "t.arrow").write_bytes(content)
    with pytest.raises(DataFileError, match=r"t.arrow must be an Arrow or Feather file; it is damaged or of"):
        open_table(tmp_path / "t.arrow")


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = write(tmp_path / "t.arrow")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataFileError, match="damaged"):
        open_table(path)
    path = write(tmp_path / "s.arrow", stream=True, rows=1)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataFileError, match="damaged"):
        open_table(path).read(["a"])
