"""``askew explain``: a model file and a table -> the features that drove the most anomalous rows' scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli.console import JsonOption, note, print_json, print_table

if TYPE_CHECKING:
    import pandas as pd

    from askew.cli.explaining import Reasons


def explain(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model file that `askew fit` wrote.")],
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Table to explain: .csv or .parquet, of any length.")
    ],
    top: Annotated[int, typer.Option(min=1, help="How many rows, the most anomalous first.")] = 20,
    features: Annotated[int, typer.Option(min=1, help="How many features of each row, at most.")] = 5,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Reasons file: .parquet, .csv or .json.")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column that names the rows; else they are numbered.")
    ] = None,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Accept columns that the training table did not have.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of what is drawn.")] = 0,
    json: JsonOption = False,
) -> None:
    """Say why rows are flagged: which features lowered their scores, by how much, and what was to be expected.

    One line per row and feature: the id or row number; score; feature; observed; expected, given the row's
    other features; share, of all that lowered the score. Rows of the table that pass stand for what is usual.
    """
    from askew.cli.model_file import refuse_onnx
    from askew.cli.score_files import check_output

    refuse_onnx(model, "explain")
    if output is not None:
        check_output(output, sources=[model, data])
    reasons = _reasons(model, data, top, id_column, ignore_extra, seed)
    lines = reasons.lines(features)
    note(f"{data}: {reasons.n_rows:,} rows, {reasons.n_anomalies:,} flagged as anomalies.")
    note(f"Contributions by {reasons.why.method}, expected values by {reasons.why.expected_by}.")
    if output is not None:
        _write(lines, output)
        note(f"Wrote {output}.")
    if json:
        about = {"model": str(model), "data": str(data), "output": output and str(output)}
        print_json(about | reasons.as_dict(features))
    elif output is None:
        _print(lines)


def _reasons(
    model: Path, data: Path, top: int, id_column: str | None, ignore_extra: bool, seed: int
) -> Reasons:
    from askew.cli.explaining import reasons
    from askew.cli.model_file import load_model
    from askew.inputs import open_table
    from askew.inputs.columns import require_column

    table = open_table(data)  # before the model: it takes seconds to load, this does not
    if id_column is not None:
        require_column(id_column, table.names, str(data), "id column")
    return reasons(load_model(model), table, top, id_column, ignore_extra, seed)


def _write(lines: pd.DataFrame, output: Path) -> None:
    import pyarrow as pa

    from askew.cli.score_files import writing
    from askew.inputs import atomic_path

    words = {name: lines[name].map(_word) for name in ("observed", "expected") if lines[name].dtype == object}
    rows = pa.RecordBatch.from_pandas(lines.assign(**words), preserve_index=False)
    with atomic_path(output) as path, writing(path, output.suffix.lower(), rows.schema) as write:
        write(rows)


def _print(lines: pd.DataFrame) -> None:
    from rich.table import Table

    table = Table(*lines.columns, box=None)
    before: Any = object()
    for line in lines.itertuples(index=False):
        row, score, *rest, share = line
        named = ("", "") if row == before else (str(row), _word(score))
        table.add_row(*named, *(_word(value) for value in rest), f"{share:.0%}")
        before = row
    print_table(table)


def _word(value: Any) -> str:
    if value is None or value != value:
        return "missing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
