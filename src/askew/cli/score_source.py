"""The rows of a table file as the model wants them: numbers alone, or columns of any kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from askew.errors import InvalidInputError
from askew.inputs.columns import match_columns
from askew.inputs.mixed import refuse_extra
from askew.inputs.words import Reading

if TYPE_CHECKING:
    from askew.base import Detector
    from askew.base.prepared import Prepared
    from askew.inputs import TableFile

Part: TypeAlias = "tuple[Any, dict[str, Any], float]"
"""Rows for the model, columns that were kept, and how much of the file is done (0 to 1)."""


def source_of(
    model: Any, table: TableFile, id_column: str | None, ignore_extra: bool
) -> NumbersSource | MixedSource:
    """Return where the rows come from.

    Raises
    ------
    InvalidInputError
        If a column is missing, of another kind, or not in the training file (unless `ignore_extra`); or if the
        model takes images.
    """
    from askew.base.persistence import unwrap
    from askew.base.prepared import prepared_in

    if (shape := getattr(unwrap(model), "image_shape_", None)) is not None:
        raise InvalidInputError(
            f"DATA must be a folder of images, like those of {shape} that the model was fitted on; "
            f"got the table {str(table.path)!r}. Name the folder, or fit a model on a table."
        )
    # an ONNX model is no wrapper, and knows its columns itself
    prepared: Any = model if hasattr(model, "preparation_") else prepared_in(model)
    if prepared is not None:
        return MixedSource(prepared, table, id_column, ignore_extra)
    return NumbersSource(unwrap(model), table, id_column, ignore_extra)


class NumbersSource:
    """Numbers for a detector that takes nothing else."""

    novelties: None = None

    def __init__(
        self, detector: Detector, table: TableFile, id_column: str | None, ignore_extra: bool
    ) -> None:
        self._table = table
        names = getattr(detector, "feature_names_in_", None)
        self._named = names is not None
        self.features, extra = _numbered(detector, table, id_column)
        others = getattr(detector, "other_columns_", None)
        known = {id_column, *table.index_names, *(others or ())}
        self.extra = tuple(name for name in extra if name not in known)
        if self.extra and others is not None and not ignore_extra:
            refuse_extra(self.extra, str(table.path))

    def batches(self, keep: Sequence[str]) -> Iterator[Part]:
        """Yield the rows in order."""
        import pandas as pd

        for batch in self._table.batches(self.features, keep):
            named = pd.DataFrame(batch.values, columns=list(self.features)) if self._named else batch.values
            yield named, batch.kept, batch.fraction


class MixedSource:
    """Columns of any kind for a model with a preparation; it counts what the training rows had not."""

    def __init__(
        self, prepared: Prepared, table: TableFile, id_column: str | None, ignore_extra: bool
    ) -> None:
        from askew.inputs.mixed_columns import Novelties

        self._prepared, self._table = prepared, table
        columns = prepared.preparation_.columns
        self._readings = {c.name: Reading(c.kind, c.date_format or _iso(c.zone)) for c in columns}
        self.features = tuple(self._readings)
        self.novelties = Novelties()
        extra = "ignore" if ignore_extra else prepared.extra
        known = [*prepared.other_columns, *([id_column] if id_column else [])]
        schema = table.schema({n: r for n, r in self._readings.items() if n in table.names})
        self.extra = prepared.preparation_.match(schema, str(table.path), extra, known)

    def batches(self, keep: Sequence[str]) -> Iterator[Part]:
        """Yield the rows in order."""
        for rows in self._table.mixed_batches(self._readings, keep):
            self.novelties += self._prepared.novelties(rows.table)
            yield rows.table, rows.kept, rows.fraction


def _iso(zone: str | None) -> str:
    return "iso" if zone is None else "iso zone"


def _numbered(
    detector: Detector, table: TableFile, id_column: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = getattr(detector, "feature_names_in_", None)
    if names is not None:
        return match_columns([str(name) for name in names], table.names, str(table.path))
    columns = tuple(name for name in table.names if name not in (id_column, *table.index_names))
    if len(columns) != detector.n_features_in_:
        raise InvalidInputError(
            f"columns of {table.path} must be the {detector.n_features_in_} the model was fitted on (it has "
            f"no names); got {len(columns)}. Leave out the others, or fit the model on a table with names."
        )
    return columns, ()
