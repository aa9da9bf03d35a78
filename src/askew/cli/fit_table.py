"""A table with a label column, for ``askew fit``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from askew.cli.console import note
from askew.cli.label_words import counted

if TYPE_CHECKING:
    from askew.inputs import Meaning, TableFile
    from askew.labels import Labels

_LABEL_LIKE = {"label", "labels", "y", "target", "class", "anomaly", "outlier", "is_anomaly", "is_outlier"}


class TableToFit:
    """The rows of a table file, to learn from; made before the long work, so that what is wrong is said at once.

    Parameters
    ----------
    data
        The file.
    label
        Its column of labels, if it has one.
    meaning
        What the values of that column mean.
    left_out
        Columns that are no features.
    column_kind
        Texts such as ``zip=category``.

    Raises
    ------
    InvalidInputError
        If a column is not there, or none is left.
    """

    default_detector = "auto"

    def __init__(
        self, data: Path, label: str | None, meaning: Meaning, left_out: list[str], column_kind: list[str]
    ) -> None:
        from askew.cli.mixed import parse_kinds
        from askew.inputs import open_table

        self._table, self._label, self._meaning = open_table(data), label, meaning
        self._features = _features(self._table, label, meaning, left_out)
        self._kinds = parse_kinds(column_kind, self._features, str(data))

    def read(self) -> tuple[Any, Labels | None]:
        """Return the rows and their labels."""
        return _read(self._table, self._features, self._label, self._meaning, self._kinds)

    def describe(self, X: Any, y: Labels | None) -> None:
        """Say in a line what is learned from."""
        columns = f"{len(self._features)} column{'s' if len(self._features) > 1 else ''}"
        labels = counted(
            y, "no labels (--label-column gives them)", f"every row is unlabelled in {self._label!r}"
        )
        note(f"{self._table.path}: {len(X):,} rows, {columns}; {labels}.")

    def refuse(self, model: Any, name: str) -> None:
        """Refuse a detector, called `name`, that takes no tables."""
        from askew.base.persistence import require_table

        require_table(model, "--detector")

    def fitting(self, model: Any, X: Any) -> Any:
        """Return the model as it is to be fitted: behind a preparation if X holds more than numbers."""
        from askew.cli.mixed import for_table

        others = [name for name in self._table.names if name not in self._features]
        return for_table(model, X, self._kinds, others)

    def about(self, X: Any) -> dict[str, Any]:
        """Return what a JSON summary says of the data."""
        return {"n_rows": len(X), "features": list(self._features)}


def _features(table: TableFile, label: str | None, meaning: Meaning, left_out: list[str]) -> list[str]:
    """Return the columns to learn from; refuse names that the table does not have."""
    from askew.errors import InvalidInputError
    from askew.inputs.columns import require_column

    where = str(table.path)
    if label is not None:
        left_out = [require_column(label, table.names, where, "label column"), *left_out]
    elif meaning != type(meaning)():
        raise InvalidInputError("--label-column must be given with --anomaly, --normal or --unlabelled.")
    for name in left_out:
        require_column(name, table.names, where, "column to leave out")
    features = [name for name in table.names if name not in {*left_out, *table.index_names}]
    if not features:
        raise InvalidInputError(f"columns of {where} must include one to learn from; all are left out.")
    suspects = [name for name in features if name.strip().casefold() in _LABEL_LIKE]
    if label is None and suspects:
        note(
            f"note: {suspects[0]!r} is learned from like any column; if it holds labels, use --label-column."
        )
    return features


def _read(
    table: TableFile, features: list[str], label: str | None, meaning: Meaning, kinds: dict[str, str]
) -> tuple[Any, Labels | None]:
    """Return the rows as a frame, whose names the model keeps, and the labels."""
    from askew.cli.mixed import plain_frame
    from askew.errors import DataFileError
    from askew.inputs import read_labels

    rows = table.read_mixed(features, keep=[] if label is None else [label], kinds=kinds)
    if rows.table.num_rows < 2:
        raise DataFileError(f"table {table.path} must have at least 2 rows to learn from; got 1. Add rows.")
    X = rows.table if kinds else plain_frame(rows.table)
    if label is None:
        return X, None
    where = f"label column {label!r} of {table.path}"
    return X, read_labels(rows.kept[label].to_pylist(), meaning, where, table.row_name)
