"""Tables in several files: a folder of them, or those that a pattern finds, one after the other."""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any, final

import pyarrow as pa

from askew.errors import DataFileError, InvalidInputError
from askew.inputs.address import Data
from askew.inputs.arrow_table import ArrowTable
from askew.inputs.column_names import listed
from askew.inputs.table_file import Batch, RowName, Rows, TableFile
from askew.inputs.text_columns import Reading


@final
class TableParts(TableFile):
    """Files of one kind with the same columns, read in the order given; `names` are what the results call them.

    The columns of the first say the order. Numbers of several widths become the wider; a column that a file lacks or
    has beside the others, and one of two kinds, raise InvalidInputError.
    """

    def __init__(self, path: Data, names: Sequence[str], tables: Sequence[TableFile]) -> None:
        first = tables[0]
        for table in tables[1:]:
            _refuse_other_columns(first, table)
        self.path, self.names, self.parts = path, first.names, len(tables)
        self.index_names = first.index_names
        self._called, self._tables = names, _of_one_type(tables)
        self._n_rows = [0] * len(tables)  # of each file, as far as the last reading came
        self._spokesman = copy.copy(self._tables[0])  # who refuses in the name of all
        self._spokesman.path = path
        self.notes = tuple(line for table in tables for line in table.notes)

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows as they stand, file after file."""
        for place, table in enumerate(self._tables):
            self._n_rows[place] = 0
            for batch, fraction in table.raw_batches(columns):
                self._n_rows[place] += batch.num_rows
                yield batch, (place + fraction) / len(self._tables)

    def refuse_unusable(self, columns: Sequence[str]) -> None:
        """Raise DataFileError for a column that holds nothing to learn from in one of the files."""
        for table in self._tables:
            table.refuse_unusable(columns)

    def interpret(
        self, raw: pa.Table, kinds: Mapping[str, str] | None = None, row_name: RowName | None = None
    ) -> pa.Table:
        """Return what the rows of all files together mean."""
        result = self._spokesman.interpret(raw, kinds, row_name or self.row_name)
        self.notes += tuple(line for line in self._spokesman.notes if line not in self.notes)
        return result

    def batches(self, features: Sequence[str], keep: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield the rows, file after file; a batch is of one file."""
        for place, table in enumerate(self._tables):
            self._n_rows[place] = 0
            for batch in table.batches(features, keep):
                self._n_rows[place] += len(batch.values)
                yield replace(batch, fraction=self._fraction(place, batch), part=self._called[place])

    def mixed_batches(self, readings: Mapping[str, Reading], keep: Sequence[str] = ()) -> Iterator[Rows]:
        """Yield the rows in their own types, file after file; a batch is of one file."""
        for place, table in enumerate(self._tables):
            for rows in table.mixed_batches(readings, keep):
                yield replace(rows, fraction=self._fraction(place, rows), part=self._called[place])

    def schema(self, readings: Mapping[str, Reading]) -> pa.Schema:
        """Return the types of the columns, which all files share."""
        return self._tables[0].schema(readings)

    def kept_type(self, name: str) -> pa.DataType:
        """Return the one type that holds every value of a kept column: text, if the files differ."""
        found = {table.kept_type(name) for table in self._tables}
        return found.pop() if len(found) == 1 else pa.string()

    def row_name(self, row: int) -> str:
        """Return for example ``row 2 (line 3) of b.csv``, for rows counted from 1 over all files that were read."""
        ends = list(accumulate(self._n_rows))
        place = bisect_right(ends, row - 1)
        before = ends[place - 1] if place else 0
        return f"{self._tables[place].row_name(row - before)} of {self._called[place]}"

    def _fraction(self, place: int, rows: Batch | Rows) -> float:
        return (place + rows.fraction) / len(self._tables)


def _refuse_other_columns(first: TableFile, other: TableFile) -> None:
    if type(first) is not type(other):
        raise DataFileError(
            f"files of one table must be of one kind; got {first.path} and {other.path}. Name those of one kind "
            "by a pattern such as 'folder/*.csv', or write all in the same way."
        )
    lacks = [name for name in first.names if name not in other.names]
    more = [name for name in other.names if name not in first.names]
    if lacks or more:
        differences = [f"lacks {listed(lacks)}"] * bool(lacks) + [f"has also {listed(more)}"] * bool(more)
        raise InvalidInputError(
            f"files of one table must have the same columns; {other.path} {' and '.join(differences)}, other than "
            f"{first.path}. Leave it out by a pattern, or give it the same columns."
        )


def _of_one_type(tables: Sequence[TableFile]) -> Sequence[TableFile]:
    """Return the tables with the same types of columns; texts have none yet."""
    typed = [table for table in tables if isinstance(table, ArrowTable)]
    if not typed or all(table.types.equals(typed[0].types) for table in typed):
        return tables
    fields = [pa.field(name, _common(name, typed)) for name in typed[0].names]
    return [_Retyped(table, pa.schema(fields, typed[0].types.metadata)) for table in typed]


def _common(name: str, tables: Sequence[ArrowTable]) -> pa.DataType:
    """Return the type that holds the values of a column in all tables."""
    types = [table.kept_type(name) for table in tables]  # without dictionaries, which differ in their words
    result = types[0]
    if len(set(types)) > 1 and pa.uint64() in types:
        result = pa.float64()  # Arrow's choice, int64, has no room for the largest
    for type_, table in zip(types, tables, strict=True):
        try:
            both = [pa.schema([pa.field(name, each)]) for each in (result, type_)]
            result = pa.unify_schemas(both, promote_options="permissive").field(name).type
        except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
            raise InvalidInputError(
                f"column {name!r} of files of one table must be of one type; got {types[0]} in {tables[0].path} "
                f"and {type_} in {table.path}. Write it in the same way, or leave a file out by a pattern."
            ) from error
    # nanoseconds have no room for all dates
    return pa.timestamp("us", result.tz) if pa.types.is_timestamp(result) else result


class _Retyped(ArrowTable):
    """A table in the types that it shares with others."""

    def __init__(self, table: ArrowTable, types: pa.Schema) -> None:
        self._table, self.path, self.text_format = table, table.path, table.text_format
        self.describe(types)

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows of the table, each column cast; whole numbers beyond 2^53 may lose digits to fractions."""
        for batch, fraction in self._table.raw_batches(columns):
            arrays: list[Any] = [
                batch.column(name).cast(self.types.field(name).type, safe=False) for name in columns
            ]
            yield pa.RecordBatch.from_arrays(arrays, names=list(columns)), fraction
