"""``askew threshold``: a model file and held-out rows -> a model file with another threshold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli.console import JsonOption, note, print_json

if TYPE_CHECKING:
    from askew.inputs import Meaning, TableFile
    from askew.labels import Labels


def threshold(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model file that `askew fit` wrote.")],
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="Table of rows that the model was not fitted on: .csv or .parquet."
        ),
    ],
    rule: Annotated[
        str,
        typer.Option(
            "--rule",
            metavar="RULE",
            help="Which rows to flag: quantile:0.05, fdr:0.1, budget:20/1000 (alerts per rows) or cost:50 (a miss in "
            "false alarms).",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Model file to write.")],
    label_column: Annotated[
        str | None,
        typer.Option(help="Column of labels: +1 known normal, 0 or empty unlabelled, -1 known anomaly."),
    ] = None,
    anomaly: Annotated[
        list[str] | None, typer.Option(help="Value that marks a known anomaly, if not -1. Repeatable.")
    ] = None,
    normal: Annotated[
        list[str] | None, typer.Option(help="Value that marks a known normal row, if not +1. Repeatable.")
    ] = None,
    unlabelled: Annotated[
        list[str] | None, typer.Option(help="Value that marks an unlabelled row. Repeatable.")
    ] = None,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Accept columns that the training table did not have.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Put a threshold on a model, from held-out rows, and say what to expect of it.

    The rows must be new to the model and like those it will judge. A threshold that the model had is replaced.
    """
    from askew.calibration import Threshold, from_rule
    from askew.cli.model_file import load_model, refuse_onnx
    from askew.cli.thresholds import described, report
    from askew.inputs import Meaning, check_writable, open_table

    refuse_onnx(model, "threshold")
    check_writable(output, sources=[data])
    wanted = from_rule(rule)
    table = open_table(data)
    meaning = Meaning(tuple(anomaly or ()), tuple(normal or ()), tuple(unlabelled or ()))
    y = read_column_of_labels(table, label_column, meaning)
    loaded: Any = load_model(model)
    inner = loaded.model if isinstance(loaded, Threshold) else loaded
    wanted.set_params(model=inner).fit_scores(_scores(inner, table, ignore_extra), y)
    wanted.save(output)
    report(wanted)
    note(f"Wrote {output}.")
    if json:
        print_json({"model": str(output), "data": str(data), "threshold": described(wanted)})


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


def _scores(model: Any, table: TableFile, ignore_extra: bool) -> Any:
    import numpy as np

    from askew.cli.console import fraction_bar
    from askew.cli.scoring import Scoring

    parts = []
    with fraction_bar("scoring") as show:
        for rows, fraction in Scoring(model, table, None, ignore_extra).batches():
            parts.append(rows.column("score").to_numpy(zero_copy_only=False))
            show(fraction)
    return np.concatenate(parts)
