"""Parts of a parquet file: together the batches of the whole, and rows called as there."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from askew.errors import DataFileError
from askew.inputs import parquet_rows, parquet_table
from askew.inputs.parquet_rows import ParquetRows, row_parts
from askew.inputs.parquet_table import ParquetTable


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write 100 rows in row groups of a size; a batch has 8."""
    for module in (parquet_rows, parquet_table):
        monkeypatch.setattr(module, "ROWS", 8)

    def write(group, last=99.0):
        x = np.arange(100.0)
        x[-1] = last
        words = pa.array([f"w{n % 7}" for n in range(100)]).dictionary_encode()
        pq.write_table(pa.table({"x": x, "w": words}), tmp_path / "a.parquet", row_group_size=group)
        return tmp_path / "a.parquet"

    return write


@pytest.mark.parametrize(
    ("group", "at_least", "starts"),
    [
        (
            5,
            16,
            [0, 16, 32, 48, 64, 80, 96],
        ),  # 5 groups of 5 end at 25; 16 is the first multiple of 8 beyond 15
        (24, 1, [0, 24, 48, 72, 96]),
        (30, 33, [0, 64]),
        (100, 1, [0]),  # one group would be read again for every part
        (7, 200, [0]),
    ],
)
def test_the_parts_have_the_batches_of_the_whole(written, group, at_least, starts):
    file = written(group)
    parts = row_parts(file, at_least)
    assert [start for start, _ in parts] == starts
    assert [stop for _, stop in parts] == [*starts[1:], 100]
    whole = [batch for batch, _ in ParquetTable(file).raw_batches(["w", "x"])]
    found = [list(ParquetRows(file, *part).raw_batches(["w", "x"])) for part in parts]
    assert [batch for part in found for batch, _ in part] == whole
    assert all(part[-1][1] == 1.0 for part in found)
    assert [batch for batch, _ in ParquetRows(file, 16, 40).raw_batches(["x"])] == [
        batch.select(["x"]) for batch in whole[2:5]
    ]


def test_rows_are_numbered_as_in_the_whole(written):
    rows = ParquetRows(written(24, last=np.nan), 72, 100)
    assert rows.rows_before == 72
    with pytest.raises(DataFileError, match=r"got a missing value in row 100\."):
        list(rows.batches(["x"]))
