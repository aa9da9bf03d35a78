"""Parquet files: read by Arrow in batches of rows."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import pyarrow as pa
import pyarrow.parquet as pq

from askew.errors import DataFileError
from askew.inputs.column_names import refuse_duplicates
from askew.inputs.kinds import kind_of
from askew.inputs.table_file import Batch, Rows, TableFile
from askew.inputs.text_columns import Reading

_ROWS = 1 << 16  # rows per batch: 10 MB for twenty columns


@final
class ParquetTable(TableFile):
    """A parquet file, written by any library."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as file:
            self._schema: pa.Schema = file.schema_arrow
            self._n_rows: int = file.metadata.num_rows
        self.names = tuple(self._schema.names)
        self.index_names = _pandas_index(self._schema)
        refuse_duplicates(self.names, str(path))
        if self._n_rows == 0:
            raise DataFileError(f"table {path} must have data rows; got none. Check how it was written.")

    def batches(self, features: Sequence[str], keep: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield the rows in order; kept columns have the type that :meth:`kept_type` gives."""
        for name in features:
            self._refuse_not_numeric(name)
        done = 0
        with self._open() as file:
            for batch in file.iter_batches(_ROWS, columns=[*features, *keep], use_threads=False):
                values = self._to_values(_as_float(batch, features), features, first_row=done + 1)
                done += batch.num_rows
                yield Batch(values, {name: self._kept(batch, name) for name in keep}, done / self._n_rows)

    def read_mixed(
        self, features: Sequence[str], keep: Sequence[str] = (), kinds: Mapping[str, str] | None = None
    ) -> Rows:
        """Return all rows in the types of the file; `kinds` play no part, since parquet says its types."""
        for name in features:
            if kind_of(self._schema.field(name).type) == "":
                raise DataFileError(
                    f"column {name!r} of {self.path} must be numbers, truth values, words or dates; got "
                    f"{self._schema.field(name).type}. Leave the column out (--drop {shlex.quote(name)})."
                )
        parts = list(self.mixed_batches(dict.fromkeys(features, Reading("")), keep))
        kept = {name: pa.chunked_array([part.kept[name] for part in parts]) for name in keep}
        return Rows(pa.concat_tables([part.table for part in parts]), kept, 1.0)

    def mixed_batches(self, readings: Mapping[str, Reading], keep: Sequence[str] = ()) -> Iterator[Rows]:
        """Yield the rows in order, in the types of the file."""
        done = 0
        features = list(readings)
        with self._open() as file:
            for batch in file.iter_batches(_ROWS, columns=[*features, *keep], use_threads=False):
                table = pa.Table.from_batches([batch.select(features)])
                self._refuse_infinite(table, first_row=done + 1)
                done += batch.num_rows
                yield Rows(table, {name: self._kept(batch, name) for name in keep}, done / self._n_rows)

    def schema(self, readings: Mapping[str, Reading]) -> pa.Schema:
        """Return the types of the file, but for the columns that were a pandas index."""
        return pa.schema([field for field in self._schema if field.name not in self.index_names])

    def kept_type(self, name: str) -> pa.DataType:
        """Return the column's own type; a dictionary-encoded column has the type of its values."""
        kind = self._schema.field(name).type
        return kind.value_type if pa.types.is_dictionary(kind) else kind

    def row_name(self, row: int) -> str:
        """Return for example ``row 2``."""
        return f"row {row}"

    def _kept(self, batch: pa.RecordBatch, name: str) -> Any:
        return batch.column(name).cast(self.kept_type(name))

    @contextmanager
    def _open(self) -> Iterator[Any]:
        try:
            with pq.ParquetFile(self.path, pre_buffer=False) as file:
                yield file
        except (pa.ArrowException, OSError) as error:
            text = " ".join(str(error).split())[:120].rstrip(".")
            raise DataFileError(
                f"table {self.path} must be a parquet file; it is damaged or of another kind ({text}). "
                "Write it again."
            ) from error

    def _refuse_not_numeric(self, name: str) -> None:
        kind = self.kept_type(name)
        types = pa.types
        if any(
            fits(kind) for fits in (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal)
        ):
            return
        if types.is_null(kind):
            raise self._bad_cell(name, 1, "a missing value", "Fill the column in")
        row, value = self._first_value(name)
        raise DataFileError(
            f"column {name!r} of {self.path} must be numbers; got {kind}, for example {value!r} in row {row}"
            f". Turn it into numbers, or leave the column out (--drop {shlex.quote(name)})."
        )

    def _first_value(self, name: str) -> tuple[int, object]:
        done = 0
        with self._open() as file:
            for batch in file.iter_batches(_ROWS, columns=[name]):
                for row, value in enumerate(batch.column(name).to_pylist(), done + 1):
                    if value is not None:
                        return row, value
                done += batch.num_rows
        return 1, None


def _as_float(batch: pa.RecordBatch, features: Sequence[str]) -> pa.RecordBatch:
    columns = [batch.column(name).cast(pa.float64(), safe=False) for name in features]
    return pa.RecordBatch.from_arrays(columns, names=list(features))


def _pandas_index(schema: pa.Schema) -> tuple[str, ...]:
    """Return the columns in which pandas keeps a frame's index, as its own reader finds them."""
    about = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    return tuple(name for name in about.get("index_columns", []) if name in schema.names)
