"""What every kind of table file offers: its column names, and its rows in batches or as a whole."""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from askew.errors import DataFileError
from askew.inputs.text_columns import Reading


@dataclass(frozen=True)
class Batch:
    """Consecutive rows of numbers of a table file: finite `values`, float64 (rows, features).

    `kept` has Arrow arrays of the other columns asked for, by name; `fraction` is how much of the file has been
    read, 0 to 1.
    """

    values: NDArray[np.float64]
    kept: dict[str, Any]
    fraction: float


@dataclass(frozen=True)
class Rows:
    """Consecutive rows of a table file in their own types: an Arrow table of numbers, words, dates, and gaps.

    A date's field says in its metadata how the file spells it; `kept` and `fraction` are as in :class:`Batch`.
    """

    table: pa.Table
    kept: dict[str, Any]
    fraction: float


class TableFile(ABC):
    """A table in a file whose header has been checked; rows are read when asked for.

    `names` are its columns, all different; `index_names` are those of them that were the index of a pandas frame:
    there to be asked for, but no features.
    """

    path: Path
    names: tuple[str, ...]
    index_names: tuple[str, ...] = ()

    @abstractmethod
    def batches(self, features: Sequence[str], keep: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield the rows in order, in batches that fit in memory whatever the size of the file.

        `features` must hold finite numbers and come in the order wanted; columns to `keep` are passed on as they are.
        The first cell that is not a finite number raises DataFileError, which names it.
        """

    @abstractmethod
    def read_mixed(
        self, features: Sequence[str], keep: Sequence[str] = (), kinds: Mapping[str, str] | None = None
    ) -> Rows:
        """Return all rows, every feature in the type that its values have, or of the kind that `kinds` names for it.

        An infinite number, and a cell unlike nearly all others of its column, raise DataFileError.
        """

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
        return Batch(np.concatenate([part.values for part in parts]), kept, 1.0)

    def _to_values(
        self, batch: pa.RecordBatch, features: Sequence[str], first_row: int
    ) -> NDArray[np.float64]:
        values = np.empty((batch.num_rows, len(features)), dtype=np.float64)
        for place, name in enumerate(features):
            values[:, place] = batch.column(name).to_numpy(zero_copy_only=False)  # a missing cell becomes NaN
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

    def _refuse_infinite(self, table: pa.Table, first_row: int) -> None:
        """Raise DataFileError for an infinite number; gaps may be."""
        for field in table.schema:
            if pa.types.is_floating(field.type):
                place = pc.index(pc.is_inf(table.column(field.name)), True).as_py()
                if place >= 0:
                    got = f"{table.column(field.name)[place].as_py()}"
                    raise self._bad_cell(
                        field.name, first_row + place, got, "Empty the cell or remove the row"
                    )

    def _bad_cell(self, name: str, row: int, got: str, hint: str = "") -> DataFileError:
        return DataFileError(
            f"column {name!r} of {self.path} must be a finite number in every row; got {got} in "
            f"{self.row_name(row)}. {hint or 'Correct the cell or remove the row'}, or leave the column out "
            f"(--drop {shlex.quote(name)})."
        )
