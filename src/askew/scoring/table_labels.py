"""The labels of a table file, by the column that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from askew.errors import InvalidInputError
from askew.inputs import Meaning, TableFile, read_labels
from askew.inputs.columns import require_column

if TYPE_CHECKING:
    from askew.labels import Labels


def check_label_column(table: TableFile, column: str | None, meaning: Meaning) -> None:
    """Raise InvalidInputError if there is no such column, or meanings are given without one."""
    if column is not None:
        require_column(column, table.names, str(table.path), "label column")
    elif meaning != Meaning():
        raise InvalidInputError("--label-column must be given with --anomaly, --normal or --unlabelled.")


def read_table_labels(table: TableFile, column: str | None, meaning: Meaning) -> Labels | None:
    """Return the labels of a table, None without a column of them.

    Raises
    ------
    InvalidInputError
        If meanings are given without a column, there is no such column, or it holds values without a meaning.
    """
    check_label_column(table, column, meaning)
    if column is None:
        return None
    values = table.read([], keep=[column]).kept[column].to_pylist()
    return read_labels(values, meaning, f"label column {column!r} of {table.path}", table.row_name)
