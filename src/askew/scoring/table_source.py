"""The rows of a table file as a model takes them: numbers alone, or columns of any kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from askew.errors import InvalidInputError
from askew.inputs import TableFile, match_columns
from askew.inputs.mixed_columns import Column, Novelties
from askew.inputs.mixed_tables import refuse_extra
from askew.inputs.table_file import Batch, Rows
from askew.inputs.text_columns import Reading
from askew.inputs.written_dates import ISO_ZONE
from askew.scoring.row_source import RowBatch, RowSource

if TYPE_CHECKING:
    from askew.base.prepared import RawColumns

SCORES = ("score", "anomaly_score", "prediction")
"""Columns of the result, beside the id."""

FILE = "file"
"""Column of the result that names the file of a row, where there are several."""


def table_source(model: Any, table: TableFile, id_column: str | None, ignore_extra: bool) -> RowSource:
    """Return the rows of a table, read as `model` takes them; refuse a table that does not fit it."""
    from askew.base.prepared import raw_columns
    from askew.base.wrapper import unwrap

    if (shape := getattr(unwrap(model), "image_shape_", None)) is not None:
        raise InvalidInputError(
            f"DATA must be a folder of images, like those of {shape} that the model was fitted on; "
            f"got the table {str(table.path)!r}. Name the folder, or fit a model on a table."
        )
    if (raw := raw_columns(model)) is not None:
        return _MixedRows(model, raw, table, id_column, ignore_extra)
    return _NumberRows(model, table, id_column, ignore_extra)


class _TableRows(ABC):
    """What the rows of all tables have in common: an id column, or else numbers from 1."""

    unit = "rows"
    features: tuple[str, ...]
    extra: tuple[str, ...]

    def __init__(self, model: Any, table: TableFile, id_column: str | None) -> None:
        self.model, self._table, self._id = model, table, id_column
        self.id_name, self.in_parts = id_column or "row", table.parts is not None
        self._keep = [] if id_column is None else [id_column]

    def id_field(self) -> pa.Field:
        kind = pa.int64() if self._id is None else self._table.kept_type(self._id)
        taken = (*SCORES, *[FILE] * self.in_parts)
        if self._id in (*taken, *self.features) or pa.types.is_nested(kind):
            raise InvalidInputError(
                f"id column must be one of words or numbers that is no feature of the model and not called "
                f"{', '.join(taken)}; got {self._id!r}. Fit with --id-column too, or rename it."
            )
        return pa.field(self.id_name, kind)

    def batches(self) -> Iterator[RowBatch]:
        done, before = self._table.rows_before, None
        for X, rows in self._read():
            done, before = 0 if rows.part != before else done, rows.part  # rows are numbered in their file
            ids = np.arange(done + 1, done + 1 + len(X)) if self._id is None else rows.kept[self._id]
            yield RowBatch(X, ids, rows.fraction, rows.part)
            done += len(X)

    def notes(self) -> list[str]:
        return list(self._table.notes)

    @abstractmethod
    def _read(self) -> Iterator[tuple[Any, Batch | Rows]]:
        """Yield rows for the model, and as they were read."""


class _NumberRows(_TableRows):
    """Numbers for a detector that takes nothing else."""

    def __init__(self, model: Any, table: TableFile, id_column: str | None, ignore_extra: bool) -> None:
        from askew.base.wrapper import unwrap

        super().__init__(model, table, id_column)
        detector: Any = unwrap(model)
        self._named = getattr(detector, "feature_names_in_", None) is not None
        self.features, extra = number_columns(
            detector, table.names, table.path, self._keep, table.index_names
        )
        others = getattr(detector, "other_columns_", None)
        known = {id_column, *table.index_names, *(others or ())}
        self.extra = tuple(name for name in extra if name not in known)
        if self.extra and others is not None and not ignore_extra:
            refuse_extra(self.extra, str(table.path))

    def _read(self) -> Iterator[tuple[Any, Batch | Rows]]:
        import pandas as pd

        for batch in self._table.batches(self.features, self._keep):
            rows = batch.values
            yield pd.DataFrame(rows, columns=list(self.features), copy=False) if self._named else rows, batch


class _MixedRows(_TableRows):
    """Columns of any kind for a model with a preparation; it counts what the training rows had not."""

    def __init__(
        self, model: Any, raw: RawColumns, table: TableFile, id_column: str | None, ignore_extra: bool
    ) -> None:
        super().__init__(model, table, id_column)
        self._preparation, self._novelties = raw.preparation, Novelties()
        self._readings = {column.name: _reading(column) for column in raw.preparation.columns}
        self.features = tuple(self._readings)
        extra = "ignore" if ignore_extra else raw.extra
        schema = table.schema({n: r for n, r in self._readings.items() if n in table.names})
        known = [*raw.other_columns, *self._keep]
        self.extra = raw.preparation.match(schema, str(table.path), extra, known)
        self._zones: dict[str, str] = {}
        self._zoned = [
            name
            for name, reading in self._readings.items()
            if reading.form == ISO_ZONE and _is_text(table.kept_type(name))
        ]

    def notes(self) -> list[str]:
        return [*self._table.notes, *self._novelties.lines()]

    def _read(self) -> Iterator[tuple[Any, Batch | Rows]]:
        self._novelties = Novelties()  # the rows may be read again
        for rows in self._table.mixed_batches(self._readings, [*self._keep, *self._zoned]):
            self._novelties += self._preparation.novelties(rows.table)
            yield self._in_own_zone(rows), rows

    def _in_own_zone(self, rows: Rows) -> pa.Table:
        """Return the rows with the dates of a text file in the zone that its first one is written in, to be shown."""
        table = rows.table
        for name in self._zoned:
            zone = self._zones.setdefault(name, _zone_of(rows.kept[name]))
            place, kind = table.column_names.index(name), pa.timestamp("us", zone)
            table = table.set_column(place, pa.field(name, kind), table.column(name).cast(kind))
        return table


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _zone_of(words: Any) -> str:
    """Return the zone that the first of the words with one is written in, such as ``"+02:00"``."""
    ends = pc.drop_null(
        pc.extract_regex(words, r"(?P<hours>[-+]\d{2}):?(?P<minutes>\d{2})\s*$|(?P<utc>Z|UTC|GMT)\s*$")
    )
    first = ends[0].as_py() if len(ends) else {"utc": "Z"}
    return "UTC" if first["utc"] else f"{first['hours']}:{first['minutes']}"


def _reading(column: Column) -> Reading:
    """Return how a column's text is read; dates of a file without text are ISO's where they are text."""
    if column.kind != "date" or column.date_format:
        return column.reading
    return column.reading._replace(form="iso" if column.zone is None else "iso zone")


def number_columns(
    detector: Any, names: Sequence[str], where: object, ids: Sequence[str], index: Sequence[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns that a detector of numbers takes, in its order, and those it does not know."""
    known = getattr(detector, "feature_names_in_", None)
    if known is not None:
        return match_columns([str(name) for name in known], names, str(where))
    columns = tuple(name for name in names if name not in (*ids, *index))
    if len(columns) != detector.n_features_in_:
        raise InvalidInputError(
            f"columns of {where} must be the {detector.n_features_in_} the model was fitted on (it has "
            f"no names); got {len(columns)}. Leave out the others, or fit the model on a table with names."
        )
    return columns, ()
