"""A table file to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from askew.errors import DataFileError, InvalidInputError
from askew.fitting.column_choice import numbers_alone, parse_kinds
from askew.fitting.training_rows import TrainingOptions
from askew.inputs import open_table
from askew.inputs.column_names import require_column
from askew.scoring import Listener
from askew.scoring.label_counts import counts_in_words

if TYPE_CHECKING:
    from askew.labels import Labels

_LABEL_LIKE = {"label", "labels", "y", "target", "class", "anomaly", "outlier", "is_anomaly", "is_outlier"}


class TrainingTable:
    """The rows of a table file, with a column of labels if there is one; missing columns are refused at once."""

    default_detector = "auto"

    def __init__(self, data: Path, options: TrainingOptions, listener: Listener) -> None:
        self._table, self._labelling = open_table(data), options.labelling
        self._features = self._choose_features(options, listener)
        self._kinds = parse_kinds(options.column_kinds, self._features, str(data))

    def refuse(self, model: Any) -> None:
        """Refuse a detector that takes no tables."""
        from askew.base.persistence import require_table

        require_table(model, "--detector")

    def read(self, listener: Listener) -> tuple[Any, Labels | None]:
        """Return the rows, as a frame if they are numbers alone, else as an Arrow table; and their labels."""
        label = self._labelling.column
        rows = self._table.read_mixed(self._features, [] if label is None else [label], self._kinds)
        if rows.table.num_rows < 2:
            raise DataFileError(
                f"table {self._table.path} must have at least 2 rows to learn from; got 1. Add rows."
            )
        frame = None if self._kinds else numbers_alone(rows.table)
        X = rows.table if frame is None else frame
        return X, None if label is None else self._labelling.labels(self._table, rows.kept[label].to_pylist())

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        """Return in a line what is learned from."""
        columns = f"{len(self._features)} column{'s' if len(self._features) > 1 else ''}"
        unlabelled = f"every row is unlabelled in {self._labelling.column!r}"
        counts = counts_in_words(y, "no labels (--label-column gives them)", unlabelled)
        return [f"{self._table.path}: {len(X):,} rows, {columns}; {counts}."]

    def prepared(self, model: Any, X: Any) -> Any:
        """Return the model, behind a preparation if X holds more than numbers; it knows the file's other columns."""
        from askew.base.prepared import Prepared

        others = tuple(name for name in self._table.names if name not in self._features)
        if isinstance(X, pd.DataFrame):
            model.other_columns_ = others
            return model
        return Prepared(model, kinds=self._kinds or None, other_columns=others)

    def about(self, X: Any) -> dict[str, Any]:
        """Return what a JSON summary says of the rows."""
        return {"n_rows": len(X), "features": list(self._features)}

    def _choose_features(self, options: TrainingOptions, listener: Listener) -> list[str]:
        """Return the columns to learn from; refuse names that the table does not have."""
        names, where = self._table.names, str(self._table.path)
        label = options.labelling.column
        options.labelling.check(self._table)
        no_features = [name for name in (label, options.id_column) if name is not None] + list(options.drop)
        for name in no_features:
            require_column(name, names, where, "column to leave out")
        features = [name for name in names if name not in {*no_features, *self._table.index_names}]
        if not features:
            raise InvalidInputError(f"columns of {where} must include one to learn from; all are left out.")
        suspects = [name for name in features if name.strip().casefold() in _LABEL_LIKE]
        if label is None and suspects:
            listener.note(
                f"note: {suspects[0]!r} is learned from like any column; if it holds labels, use --label-column."
            )
        return features
