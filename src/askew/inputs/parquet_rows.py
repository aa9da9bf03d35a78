"""Consecutive rows of a parquet file as a table: large files are worked through in such parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import final

import pyarrow as pa

from askew.inputs.arrow_table import ROWS, ArrowTable
from askew.inputs.parquet_table import ParquetTable, group_ends, row_batches
from askew.inputs.text_format import NOTHING_SAID, TextFormat


@final
class ParquetRows(ArrowTable):
    """Rows `start` to `stop` (not included, from 0) of a parquet file, in the batches of the whole file.

    `start` is a multiple of :data:`~askew.inputs.arrow_table.ROWS`; only the row groups that have such rows are read.
    Messages and results number the rows as the whole file does. Errors are those of the whole file.
    """

    def __init__(self, file: Path, start: int, stop: int, text_format: TextFormat = NOTHING_SAID) -> None:
        self._whole = ParquetTable(file, None, text_format)
        self.path, self.rows_before, self._stop = self._whole.path, start, stop
        self.take_format(text_format)
        self.describe(self._whole.types)

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows of the columns in order."""
        done, count = 0, self._stop - self.rows_before
        with self._whole.opened() as file:
            for batch in row_batches(file, self.rows_before, count, columns):
                done += batch.num_rows
                yield batch, done / count

    def row_name(self, row: int) -> str:
        """Return for example ``row 70000``, as it is in the file."""
        return self._whole.row_name(self.rows_before + row)


def row_parts(file: Path, at_least: int) -> list[tuple[int, int]]:
    """Return the parts (start, stop) in which a parquet file is best read, of at least so many rows but the last.

    A part begins where a row group does, or with the next batch of the whole file: rows before it are not read for it.

    >>> import pyarrow.parquet as pq, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> pq.write_table(pa.table({"x": range(200_000)}), path, row_group_size=50_000)
    >>> row_parts(path, 70_000)
    [(0, 131072), (131072, 200000)]
    """
    with ParquetTable(file).opened() as opened:
        ends = group_ends(opened)
    parts, start = [], 0
    for end in ends[:-1]:
        cut = -(-end // ROWS) * ROWS
        if cut - start >= at_least and cut < ends[-1]:
            parts.append((start, cut))
            start = cut
    return [*parts, (start, ends[-1])]
