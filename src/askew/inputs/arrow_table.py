"""Tables whose columns have types: what a parquet file, an Arrow file and the answer to a query have in common."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from askew.errors import DataFileError
from askew.inputs.address import Data
from askew.inputs.column_names import refuse_duplicates
from askew.inputs.kinds import kind_of
from askew.inputs.table_file import Batch, NoRowsError, RowName, Rows, TableFile
from askew.inputs.table_place import TablePlace
from askew.inputs.text_columns import Reading, cleaned
from askew.inputs.text_format import TextFormat
from askew.inputs.text_tables import read_column, without

ROWS = 1 << 16
"""Rows per batch: 10 MB for twenty columns."""


class ArrowTable(TableFile):
    """A table that says the types of its columns, `types`; its raw rows have them."""

    types: pa.Schema

    def describe(self, types: pa.Schema) -> None:
        """Take the types of the columns and, from them, their names; refuse two of one name."""
        self.types, self.names = types, tuple(types.names)
        self.index_names = _pandas_index(types, self.path)
        refuse_duplicates(self.names, str(self.path))

    def take_format(self, text_format: TextFormat) -> None:
        """Take what a person says of how text is written; refuse what a table with types says itself."""
        text_format.refuse(self.path, "encoding", "separator")
        self.text_format = text_format

    def refuse_no_rows(self) -> None:
        """Raise NoRowsError for a table without rows."""
        text = f"table {self.path} must have data rows; got none. Check how it was written."
        raise NoRowsError(text, self if hasattr(self, "types") else None)

    def batches(self, features: Sequence[str], keep: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield the rows in order; kept columns have the type that :meth:`kept_type` gives."""
        for name in features:
            self._refuse_not_numeric(name)
        done = 0
        for batch, fraction in self.raw_batches(list(dict.fromkeys([*features, *keep]))):
            values = self._to_values(_as_float(batch, features), features, first_row=done + 1)
            done += batch.num_rows
            yield Batch(values, {name: self._kept(batch, name) for name in keep}, fraction)

    def refuse_unusable(self, columns: Sequence[str]) -> None:
        """Raise DataFileError for a column of lists, bytes or whatever else has no kind."""
        for name in columns:
            if kind_of(self.types.field(name).type) == "":
                raise DataFileError(
                    f"column {name!r} of {self.path} must be numbers, truth values, words or dates; got "
                    f"{self.types.field(name).type}. Leave the column out (--drop {shlex.quote(name)})."
                )

    def interpret(
        self, raw: pa.Table, kinds: Mapping[str, str] | None = None, row_name: RowName | None = None
    ) -> pa.Table:
        """Return the columns in the types of the table, but its text as that of a CSV file."""
        self.refuse_unusable(raw.column_names)
        return self._read_text(raw, kinds, row_name)

    def mixed_batches(self, readings: Mapping[str, Reading], keep: Sequence[str] = ()) -> Iterator[Rows]:
        """Yield the rows in order, in the types of the table."""
        done = 0
        features = list(readings)
        for batch, fraction in self.raw_batches(list(dict.fromkeys([*features, *keep]))):
            table = self._read_as(batch.select(features), readings, first_row=done + 1)
            self._refuse_infinite(table, first_row=done + 1)
            done += batch.num_rows
            yield Rows(table, {name: self._kept(batch, name) for name in keep}, fraction)

    def _read_as(self, batch: pa.RecordBatch, readings: Mapping[str, Reading], first_row: int) -> pa.Table:
        """Return rows whose text is read as the readings say that it is written."""
        place, missing, columns = TablePlace(str(self.path), self.row_name), self.text_format.missing, {}
        for name, reading in readings.items():
            column = batch.column(name)
            if self._spells(column.type, reading):
                words = cleaned(column.cast(pa.string()), (*reading.missing, *missing))
                column = read_column(name, words, reading, place, first_row)
            columns[name] = without(column, missing) if missing else column
        return pa.table(columns)

    def _spells(self, type_: pa.DataType, reading: Reading) -> bool:
        """Return whether a column of a type spells the values that a reading is of, rather than having them."""
        return bool(reading.form) and kind_of(type_) == "category"

    def schema(self, readings: Mapping[str, Reading]) -> pa.Schema:
        """Return the types of the table as it is read, but for the columns that were a pandas index."""
        fields = []
        for field in self.types:
            reading = readings.get(field.name, Reading(""))
            fields.append(pa.field(field.name, reading.type) if self._spells(field.type, reading) else field)
        return pa.schema([field for field in fields if field.name not in self.index_names])

    def kept_type(self, name: str) -> pa.DataType:
        """Return the column's own type; a dictionary-encoded column has the type of its values."""
        kind = self.types.field(name).type
        return kind.value_type if pa.types.is_dictionary(kind) else kind

    def row_name(self, row: int) -> str:
        """Return for example ``row 2``."""
        return f"row {row}"

    def _kept(self, batch: pa.RecordBatch, name: str) -> Any:
        return batch.column(name).cast(self.kept_type(name))

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
        for batch, _ in self.raw_batches([name]):
            for row, value in enumerate(batch.column(name).to_pylist(), done + 1):
                if value is not None:
                    return row, value
            done += batch.num_rows
        return 1, None


def _as_float(batch: pa.RecordBatch, features: Sequence[str]) -> pa.RecordBatch:
    """Return the columns as numpy makes float64 of them; fractions as they are, which it does at once."""
    columns = [batch.column(name) for name in features]
    floats = [
        each if pa.types.is_floating(each.type) else each.cast(pa.float64(), safe=False) for each in columns
    ]
    return pa.RecordBatch.from_arrays(floats, names=list(features))


def _pandas_index(schema: pa.Schema, path: Data) -> tuple[str, ...]:
    """Return the columns in which pandas keeps a frame's index, as its own reader finds them."""
    try:
        about = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
        return tuple(name for name in about.get("index_columns", []) if name in schema.names)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise DataFileError(
            f"table {path} must have metadata of pandas that can be read, or none; got {type(error).__name__}. "
            "Write it again."
        ) from error
