"""What every kind of table file offers: its column names, and its rows in batches or as a whole."""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from askew.errors import DataFileError
from askew.inputs.address import Data
from askew.inputs.table_place import TablePlace
from askew.inputs.text_columns import Reading
from askew.inputs.text_format import NOTHING_SAID, TextFormat
from askew.inputs.text_tables import read_text

RowName: TypeAlias = Callable[[int], str]
"""What to call a row, counted from 1, in a message."""


@dataclass(frozen=True)
class Batch:
    """Consecutive rows of numbers of a table file: finite `values`, float64 (rows, features), in any order in memory.

    `kept` has Arrow arrays of the other columns asked for, by name; `fraction` is how much of the file has been
    read, 0 to 1. Of a table in several files, `part` is the name of the one that the rows are from.
    """

    values: NDArray[np.float64]
    kept: dict[str, Any]
    fraction: float
    part: str | None = None


@dataclass(frozen=True)
class Rows:
    """Consecutive rows of a table file in their own types: an Arrow table of numbers, words, dates, and gaps.

    A field says in its metadata how the file writes it; the others are as in :class:`Batch`.
    """

    table: pa.Table
    kept: dict[str, Any]
    fraction: float
    part: str | None = None


class NoRowsError(DataFileError):
    """A table that has columns and no rows: `table`, None where not even its columns are known."""

    def __init__(self, text: str, table: TableFile | None = None) -> None:
        super().__init__(text)
        self.table = table


class TableFile(ABC):
    """A table in a file whose header has been checked; rows are read when asked for.

    `path` is what messages call it. `names` are its columns, all different; `index_names` are those of them that were
    the index of a pandas frame: there to be asked for, but no features. A new kind of file says how its rows are read
    by :meth:`raw_batches`, and what becomes of them by :meth:`interpret`.
    """

    path: Data
    names: tuple[str, ...]
    index_names: tuple[str, ...] = ()
    parts: int | None = None
    """How many files the rows come from, which the results name; None for a table that is one thing."""
    rows_before: int = 0
    """How many rows of the file come before the first, of a part of one."""
    text_format: TextFormat = NOTHING_SAID
    """What a person says of how text is written."""
    notes: tuple[str, ...] = ()
    """What was passed over to find the header and, once rows are interpreted, how their text was read; lines."""

    @abstractmethod
    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows of the columns as they stand, in order, and how much has been read, 0 to 1.

        Batches fit in memory whatever the size of the table. A text file gives texts, which :meth:`interpret` reads.
        """

    @abstractmethod
    def refuse_unusable(self, columns: Sequence[str]) -> None:
        """Raise DataFileError for columns that can be told to hold nothing to learn from before any row is read."""

    @abstractmethod
    def interpret(
        self, raw: pa.Table, kinds: Mapping[str, str] | None = None, row_name: RowName | None = None
    ) -> pa.Table:
        """Return raw columns as features, each in the type that its values have or of the kind `kinds` names for it.

        `row_name` says what to call the rows of `raw`, counted from 1, if they are not the first of the table. An
        infinite number, a cell unlike nearly all others of its column, and what could mean two things raise
        DataFileError.
        """

    @abstractmethod
    def batches(self, features: Sequence[str], keep: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield the rows in order, in batches that fit in memory whatever the size of the file.

        `features` must hold finite numbers and come in the order wanted; columns to `keep` are passed on as they are.
        The first cell that is not a finite number raises DataFileError, which names it.
        """

    def read_mixed(
        self, features: Sequence[str], keep: Sequence[str] = (), kinds: Mapping[str, str] | None = None
    ) -> Rows:
        """Return all rows, every feature as :meth:`interpret` reads it."""
        raw = pa.Table.from_batches(
            [batch for batch, _ in self.raw_batches(list(dict.fromkeys([*features, *keep])))]
        )
        kept = {name: raw.column(name) for name in keep}
        return Rows(self.interpret(raw.select(list(features)), kinds), kept, 1.0)

    @abstractmethod
    def mixed_batches(self, readings: Mapping[str, Reading], keep: Sequence[str] = ()) -> Iterator[Rows]:
        """Yield the rows of :meth:`read_mixed` in batches; of a text file as `readings` say columns are read."""

    @abstractmethod
    def schema(self, readings: Mapping[str, Reading]) -> pa.Schema:
        """Return the Arrow types of all columns as :meth:`mixed_batches` would give them."""

    @abstractmethod
    def kept_type(self, name: str) -> pa.DataType:
        """Return the one Arrow type that holds every value of a kept column."""

    @abstractmethod
    def row_name(self, row: int) -> str:
        """Return how to call a data row (counted from 1) in a message."""

    def read(self, features: Sequence[str], keep: Sequence[str] = ()) -> Batch:
        """Return all rows as one batch; the arguments and errors are those of :meth:`batches`."""
        parts = list(self.batches(features, keep))
        kept = {name: pa.chunked_array([part.kept[name] for part in parts]) for name in keep}
        return Batch(np.ascontiguousarray(np.concatenate([part.values for part in parts])), kept, 1.0)

    def _read_text(
        self, raw: pa.Table, kinds: Mapping[str, str] | None, row_name: RowName | None, separator: str = ""
    ) -> pa.Table:
        """Return raw columns with their text read; the notes tell how."""
        place = TablePlace(str(self.path), row_name or self.row_name, separator=separator)
        read = read_text(raw, kinds or {}, self.text_format, place)
        self._refuse_infinite(read.table, first_row=1, row_name=row_name)
        self.notes += tuple(line for line in read.notes if line not in self.notes)
        return read.table

    def _to_values(
        self, batch: pa.RecordBatch, features: Sequence[str], first_row: int
    ) -> NDArray[np.float64]:
        columns = np.empty((len(features), batch.num_rows))  # one after the other in memory, as they come
        for place, name in enumerate(features):
            columns[place] = batch.column(name).to_numpy(zero_copy_only=False)  # a missing cell becomes NaN
        values = columns.T
        finite = np.isfinite(values)
        if not finite.all():
            row, column = (int(place) for place in np.argwhere(~finite)[0])
            value = values[row, column]
            missing = bool(np.isnan(value))
            name = features[column]
            fill = f"Fill it in, or fit anew with --column-kind {shlex.quote(f'{name}=number')}, which fills gaps"
            got, hint = ("a missing value", fill) if missing else (f"{value}", "")
            raise self._bad_cell(name, first_row + row, got, hint)
        return values

    def _refuse_infinite(self, table: pa.Table, first_row: int, row_name: RowName | None = None) -> None:
        """Raise DataFileError for an infinite number; gaps may be."""
        for field in table.schema:
            if pa.types.is_floating(field.type):
                place = pc.index(pc.is_inf(table.column(field.name)), True).as_py()
                if place >= 0:
                    got = f"{table.column(field.name)[place].as_py()}"
                    remedy = "Empty the cell or remove the row"
                    raise self._bad_cell(field.name, first_row + place, got, remedy, row_name)

    def _bad_cell(
        self, name: str, row: int, got: str, hint: str = "", row_name: RowName | None = None
    ) -> DataFileError:
        place = (row_name or self.row_name)(row)
        return DataFileError(
            f"column {name!r} of {self.path} must be a finite number in every row; got {got} in {place}. "
            f"{hint or 'Correct the cell or remove the row'}, or leave the column out "
            f"(--drop {shlex.quote(name)})."
        )
