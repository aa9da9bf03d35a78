"""Parquet files: read by Arrow in batches of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import pyarrow as pa
import pyarrow.parquet as pq

from askew.errors import DataFileError
from askew.inputs.arrow_table import ROWS, ArrowTable
from askew.inputs.text_format import NOTHING_SAID, TextFormat
from askew.inputs.unpacking import refuse_bomb


@final
class ParquetTable(ArrowTable):
    """A parquet file, written by any library; messages call it `name`."""

    def __init__(self, file: Path, name: Any = None, text_format: TextFormat = NOTHING_SAID) -> None:
        self._file, self.path = file, name or file
        self.take_format(text_format)
        with self.opened() as opened:
            self._n_rows: int = opened.metadata.num_rows
            self.describe(opened.schema_arrow)
            self._refuse_bombs(opened.metadata)
        if self._n_rows == 0:
            self.refuse_no_rows()

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows of the columns in order; no others are read."""
        done = 0
        with self.opened() as file:
            for batch in row_batches(file, 0, self._n_rows, columns):
                done += batch.num_rows
                yield batch, done / self._n_rows

    def _refuse_bombs(self, about: Any) -> None:
        """Refuse words or bytes that are compressed beyond belief; numbers are unpacked page by page."""
        for group in range(about.num_row_groups):
            for place in range(about.num_columns):
                column = about.row_group(group).column(place)
                if column.physical_type == "BYTE_ARRAY":
                    packed = max(column.total_compressed_size, 1)
                    refuse_bomb(self.path, column.total_uncompressed_size, packed, "Write it uncompressed.")

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Give Arrow's reader of the file; whatever is wrong with it raises DataFileError."""
        try:
            with pq.ParquetFile(self._file, pre_buffer=False) as file:
                yield file
        except (pa.ArrowException, OSError) as error:
            text = " ".join(str(error).split())[:120].rstrip(".")
            raise DataFileError(
                f"table {self.path} must be a parquet file; it is damaged or of another kind ({text}). "
                "Write it again."
            ) from error


def group_ends(file: Any) -> list[int]:
    """Return the number of rows up to the end of each row group of a file, opened by Arrow."""
    ends, end = [], 0
    for group in range(file.metadata.num_row_groups):
        end += file.metadata.row_group(group).num_rows
        ends.append(end)
    return ends


def row_batches(file: Any, start: int, count: int, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield so many rows from `start` on, from 0, in batches of ROWS whatever the row groups and the types are.

    So the batches of a part of a file are those of the whole, if it starts with one of them: scores are the same to the
    last bit.
    """
    ends = group_ends(file)
    starts = [0, *ends[:-1]]
    groups = [place for place, end in enumerate(ends) if end > start and starts[place] < start + count]
    skip = start - starts[groups[0]]
    waiting: list[pa.RecordBatch] = []
    for read in file.iter_batches(ROWS, row_groups=groups, columns=list(columns), use_threads=False):
        batch = read.slice(skip)
        skip -= read.num_rows - batch.num_rows
        while batch.num_rows and count:
            room = min(ROWS, count) - sum(part.num_rows for part in waiting)
            waiting.append(batch.slice(0, room))
            batch = batch.slice(room)
            if waiting[-1].num_rows == room:
                whole = _joined(waiting)
                count -= whole.num_rows
                waiting = []
                yield whole


def _joined(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    (joined,) = pa.Table.from_batches(batches).combine_chunks().to_batches()
    return joined
