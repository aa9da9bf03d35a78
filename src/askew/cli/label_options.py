"""The options that say which column holds labels and what its values mean, alike in every command that reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from askew.inputs import Meaning, TableFile
    from askew.labels import Labels

LabelColumnOption: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Column of labels: +1 known normal, 0 or empty unlabelled, -1 known anomaly."),
]

AnomalyOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="Value that marks a known anomaly, if not -1; of images, a folder of them. Repeatable."
    ),
]

NormalOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="Value that marks a known normal row, if not +1; of images, a folder of them. Repeatable."
    ),
]

UnlabelledOption: TypeAlias = Annotated[
    list[str] | None, typer.Option(help="Value that marks an unlabelled row. Repeatable.")
]


def meaning_of(anomaly: list[str] | None, normal: list[str] | None, unlabelled: list[str] | None) -> Meaning:
    """Return what the values of a label column mean by these options."""
    from askew.inputs import Meaning

    return Meaning(tuple(anomaly or ()), tuple(normal or ()), tuple(unlabelled or ()))


def read_column_of_labels(table: TableFile, column: str | None, meaning: Meaning) -> Labels | None:
    """Return the labels of a table, None without a column of them.

    Raises
    ------
    InvalidInputError
        If meanings are given without a column, or there is no such column.
    """
    from askew.errors import InvalidInputError
    from askew.inputs import read_labels
    from askew.inputs.columns import require_column

    if column is None:
        if meaning != type(meaning)():
            raise InvalidInputError("--label-column must be given with --anomaly, --normal or --unlabelled.")
        return None
    require_column(column, table.names, str(table.path), "label column")
    values = table.read([], keep=[column]).kept[column].to_pylist()
    return read_labels(values, meaning, f"label column {column!r} of {table.path}", table.row_name)
