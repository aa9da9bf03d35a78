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


@final
class ParquetTable(ArrowTable):
    """A parquet file, written by any library; messages call it `name`."""

    def __init__(self, file: Path, name: Any = None, text_format: TextFormat = NOTHING_SAID) -> None:
        self._file, self.path = file, name or file
        self.take_format(text_format)
        with self.opened() as opened:
            self._n_rows: int = opened.metadata.num_rows
            self.describe(opened.schema_arrow)
        if self._n_rows == 0:
            self.refuse_no_rows()

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows of the columns in order; no others are read."""
        done = 0
        with self.opened() as file:
            for batch in file.iter_batches(ROWS, columns=list(columns), use_threads=False):
                done += batch.num_rows
                yield batch, done / self._n_rows

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
